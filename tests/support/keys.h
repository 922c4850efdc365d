/* Keys from fixed primes, as their owner and as a peer sees them. Primes and lambda are marked as
 * the secrets they are, for constant-time runs. */
#ifndef TESTS_SUPPORT_KEYS_H
#define TESTS_SUPPORT_KEYS_H

#include "crypto/paillier.h"
#include "crypto/pedersen.h"

/* N from the primes number i and i + 1 of support/primes.h. Must not move. */
typedef struct test_paillier {
    csig_factors factors;
    csig_paillier own, peer;
} test_paillier;

void test_paillier_init(test_paillier *k, int i);

/* The same for N^, with random t a square and s = t^lambda; peer has no tables. */
typedef struct test_pedersen {
    csig_factors factors;
    csig_sec lambda;
    csig_pedersen own, peer;
} test_pedersen;

void test_pedersen_init(test_pedersen *k, int i);

#endif
