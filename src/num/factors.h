/* Inside csig_factors: from residues mod p and q to one mod N. Constant time. */
#ifndef CSIG_NUM_FACTORS_H
#define CSIG_NUM_FACTORS_H

#include "num/exp.h"

/* x mod N from x mod p and x mod q, 2 * CSIG_P_LIMBS limbs; plain. */
void csig_factors_join(mp_limb_t *x, const csig_factors *f, const mp_limb_t *xp,
                       const mp_limb_t *xq);
/* x mod N^2 from x mod p^2 and x mod q^2, 4 * CSIG_P_LIMBS limbs; plain. */
void csig_factors_join2(mp_limb_t *x, const csig_factors *f, const mp_limb_t *xp,
                        const mp_limb_t *xq);

#endif
