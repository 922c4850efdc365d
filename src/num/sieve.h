/* Small primes by Eratosthenes, and what they strike out of a row of candidates for safe primes. */
#ifndef CSIG_NUM_SIEVE_H
#define CSIG_NUM_SIEVE_H

#include <gmp.h>

#include "base/base.h"

/* Small primes come in pieces of 2^16 numbers. */
#define CSIG_SIEVE_PIECE 65536
#define CSIG_SIEVE_LIMIT (1 << 26) /* of the small primes */

/* composite[i] = 1 when from + 2i + 1 is not prime, else 0; from is a multiple of CSIG_SIEVE_PIECE
 * below CSIG_SIEVE_LIMIT. */
void csig_sieve_odds(uint8_t composite[CSIG_SIEVE_PIECE / 2], uint32_t from);

/* A row of candidates p' = base + 6k with base = 5 mod 6, k below `row`: set bit k of struck (bit
 * k % 8 of octet k / 8) for which p' or p = 2p' + 1 is divisible by a prime in
 * [from, from + CSIG_SIEVE_PIECE) other than 2 and 3, which divide none. */
void csig_sieve_strike(uint8_t *struck, uint32_t row, const mp_limb_t *base, uint32_t limbs,
                       uint32_t from);

#endif
