/* Safe primes p = 2p' + 1 of CSIG_P_BITS bits by a combined sieve of p' and p (performance.md,
 * section 5), as a resumable step. The two top bits are set, so that a product of two has exactly
 * CSIG_N_BITS bits. The incremental search favours primes after long gaps slightly; harmless, as
 * for every sieving generator. Constant time is not asked of a search: the addresses its sieve
 * touches follow the residues of the row in which the prime is found, once, so primes are not made
 * beside a stranger who can trace single accesses to a cache. Everything after that is: the tests,
 * the confirmation and the prime, which is kept in secret memory. */
#ifndef CSIG_NUM_PRIME_H
#define CSIG_NUM_PRIME_H

#include "num/sec.h"

typedef struct csig_prime_search csig_prime_search; /* one prime; secret memory */

csig_prime_search *csig_prime_search_new(void);
void csig_prime_search_free(csig_prime_search *s);

/* Work until the prime is found or `tests` pieces of work were done: a Fermat test, about
 * a millisecond at level 128, or a piece of sieving, less than that. *found is true when the prime
 * is there; a search that has found stays so. The last piece also confirms: about 80 tests more. */
CSIG_MUST csig_err csig_prime_search_step(csig_prime_search *s, csig_rng *rng, uint32_t tests,
                                          bool *found);
/* Fermat tests so far, and their expected number for one prime. */
uint64_t csig_prime_search_done(const csig_prime_search *s);
uint64_t csig_prime_search_expected(void);
/* The prime; only after found. */
void csig_prime_search_result(const csig_prime_search *s, csig_sec *p);

/* Is p a safe prime of CSIG_P_BITS bits with the two top bits set? For imported primes: a composite
 * passes with probability at most 2^-128, whoever made it. Constant time but for the answer. */
bool csig_sec_is_safe_prime(const csig_sec *p, csig_rng *rng);

/* Miller-Rabin for one odd n whose top limb is not zero, as above. */
bool csig_limbs_is_prime(const mp_limb_t n[CSIG_P_LIMBS], csig_rng *rng);

#endif
