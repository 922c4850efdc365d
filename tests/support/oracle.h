/* GMP's mpz as the oracle of arithmetic: conversions and repeatable random numbers. */
#ifndef TESTS_SUPPORT_ORACLE_H
#define TESTS_SUPPORT_ORACLE_H

#include "num/sec.h"

/* Start the random numbers again: each test function does, so that it is repeatable alone. */
void oracle_seed(unsigned long seed);
/* A random number of exactly `bits` bits; below n. */
void oracle_bits(mpz_t r, uint32_t bits);
void oracle_below(mpz_t r, const mpz_t n);
/* A random unit mod n. */
void oracle_unit(mpz_t r, const mpz_t n);
/* Of any size up to `bits` bits and either sign, with long runs of ones and zeros. */
void oracle_runs(mpz_t r, uint32_t bits);

/* Prime number i of support/primes.h. */
void oracle_prime(mpz_t p, int i);

/* Limbs, padded with zeros. */
void oracle_to_limbs(mp_limb_t *r, uint32_t limbs, const mpz_t a);
void oracle_from_limbs(mpz_t r, const mp_limb_t *a, uint32_t limbs);
void oracle_to_int(csig_int *r, const mpz_t a);
void oracle_from_int(mpz_t r, const csig_int *a);
/* The same value, in the one form a csig_int has? */
bool oracle_is_int(const csig_int *a, const mpz_t want);
void oracle_to_sec(csig_sec *r, const mpz_t a, uint32_t bits);
void oracle_from_sec(mpz_t r, const csig_sec *a);

#endif
