/* Sharing over Z_q and Feldman's commitments. Indices are 1 .. CSIG_MAX_PARTIES. */
#ifndef CSIG_CRYPTO_SHAMIR_H
#define CSIG_CRYPTO_SHAMIR_H

#include "crypto/env.h"

/* f(x) = a[0] + a[1] x + ... + a[t-1] x^(t-1) */
typedef struct csig_poly {
    uint16_t t;
    csig_scalar a[CSIG_MAX_PARTIES];
} csig_poly;

/* S[k] = a[k] G */
typedef struct csig_poly_commit {
    uint16_t t;
    csig_point S[CSIG_MAX_PARTIES];
} csig_poly_commit;

void csig_poly_wipe(csig_poly *f);
/* a[0] and a[t-1] are not zero; a0 NULL: random. */
void csig_poly_random(csig_poly *f, uint16_t t, const csig_scalar *a0, csig_rng *rng);
void csig_poly_eval(csig_scalar *y, const csig_poly *f, uint16_t x);
CSIG_MUST csig_err csig_poly_commit_to(csig_poly_commit *c, const csig_poly *f,
                                       const csig_curve *curve);
/* f(x) G from the commitments; false: infinity. */
bool csig_poly_commit_has_eval(csig_point *Y, const csig_poly_commit *c, uint16_t x);
/* The sum of n commitments of one length; false: a coefficient sums to infinity. */
bool csig_poly_commit_has_sum(csig_poly_commit *r, const csig_poly_commit *const *c, size_t n);
/* The weight of index i among the n indices of set, at 0. Indices distinct. Public. */
void csig_lagrange(csig_scalar *l, uint16_t i, const uint16_t *set, size_t n);

#endif
