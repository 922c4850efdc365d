/* Halves of a presignature from a dealer who knows the key and the nonce: for tests that need many.
 */
#ifndef TESTS_SUPPORT_HALVES_H
#define TESTS_SUPPORT_HALVES_H

#include "signer/presignature.h"

typedef struct halves {
    csig_scalar key, nonce; /* x, and gamma with Gamma = gamma G */
    csig_point pk;
    uint16_t n;
    csig_presig half[CSIG_MAX_PARTIES];
} halves;

/* A random key, and a presignature of it by n signers. */
void halves_deal(halves *h, uint16_t n, csig_rng *rng);
/* Another presignature of the same key. gamma NULL: random. */
void halves_again(halves *h, const csig_scalar *gamma, csig_rng *rng);

#endif
