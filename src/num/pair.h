/* Z/n^2 as pairs a + b n with a, b < n: N-adic Montgomery arithmetic (performance.md, section 2).
 * With a c = u R - q n from the reduction of a c,
 *
 *   (a + b n)(c + d n) / R = u + n (a d + b c - q) / R   mod n^2
 *
 * takes five products of the size of n instead of the eight of a modulus of twice the size, a
 * square 3.5 instead of six. Time depends on sizes alone. A pair is a, then b: 2 * limbs limbs;
 * "Montgomery form" of x is x R mod n^2 with R = 2^(limbs * GMP_NUMB_BITS), not its square. Results
 * may alias operands. */
#ifndef CSIG_NUM_PAIR_H
#define CSIG_NUM_PAIR_H

#include "num/mont.h"

#define CSIG_PAIR_LIMBS (2 * CSIG_MONT_LIMBS)

typedef struct csig_pair {
    csig_mont m;                    /* n */
    mp_limb_t one[CSIG_PAIR_LIMBS]; /* R mod n^2 */
    mp_limb_t rr[CSIG_PAIR_LIMBS];  /* R^2 mod n^2 */
} csig_pair;

/* n odd, > 1, its top limb not zero. */
void csig_pair_init(csig_pair *p, const mp_limb_t *n, uint32_t limbs);
void csig_pair_wipe(csig_pair *p);

void csig_pair_mul(mp_limb_t *r, const csig_pair *p, const mp_limb_t *x, const mp_limb_t *y);
void csig_pair_sqr(mp_limb_t *r, const csig_pair *p, const mp_limb_t *x);
void csig_pair_add(mp_limb_t *r, const csig_pair *p, const mp_limb_t *x, const mp_limb_t *y);
/* The Montgomery form of a mod n^2, a of any size; and back, to a pair in plain form. */
void csig_pair_enter(mp_limb_t *r, const csig_pair *p, const mp_limb_t *a, uint32_t limbs);
void csig_pair_leave(mp_limb_t *r, const csig_pair *p, const mp_limb_t *x);
/* r = a + b n, 2 * limbs limbs; r must not be x. */
void csig_pair_join(mp_limb_t *r, const csig_pair *p, const mp_limb_t *x);

#endif
