/* One prime p of a modulus N = p q of our own: what is computed modulo p and p^2. Everything here
 * is secret and constant time. */
#ifndef CSIG_NUM_HALF_H
#define CSIG_NUM_HALF_H

#include "num/power.h"
#include "num/sec.h"

typedef struct csig_half {
    csig_pair p;                         /* arithmetic mod p and mod p^2 */
    csig_mont order;                     /* (p - 1) / 2, odd */
    mp_limb_t q[CSIG_P_LIMBS];           /* q mod p - 1 */
    mp_limb_t nth_root[CSIG_P_LIMBS];    /* 1/N mod p - 1 */
    mp_limb_t fourth_root[CSIG_P_LIMBS]; /* ((p + 1) / 4)^2 mod p - 1 */
    mp_limb_t less_one[CSIG_P_LIMBS];    /* p - 1 */
    mp_limb_t decrypt[CSIG_P_LIMBS];     /* -1/q mod p, Montgomery form */
    mp_limb_t blind[2 * CSIG_P_LIMBS];   /* 2^N mod p^2, pair, Montgomery form */
} csig_half;

/* p, q as for csig_factors_init. */
void csig_half_init(csig_half *h, const mp_limb_t *p, const mp_limb_t *q);

/* r = (-1)^neg e mod p - 1, in [0, p - 1]: as an exponent of a unit mod p, no other is needed. */
void csig_half_exponent(mp_limb_t *r, const csig_half *h, const mp_limb_t *e, uint32_t limbs,
                        mp_limb_t neg);
/* r = 1/a mod m's modulus, a of any size and coprime to it. */
void csig_half_invert(mp_limb_t *r, const csig_mont *m, const mp_limb_t *a, uint32_t limbs);

#endif
