/* Montgomery products by AVX-512 IFMA (52-bit products in eight lanes) on processors that have it;
 * the same functions with the same results as the portable ones of mont.c and pair.c, which stay
 * the reference and are all there is elsewhere. Straight-line code: no branch and no address
 * depends on an operand, and VPMADD52 is on Intel's list of instructions whose time does not depend
 * on data. valgrind neither knows these instructions nor announces them, so under it the portable
 * code runs. */
#ifndef CSIG_NUM_IFMA_H
#define CSIG_NUM_IFMA_H

#include "num/pair.h"

#if defined(__x86_64__) && GMP_NUMB_BITS == 64
#define CSIG_HAS_IFMA 1

/* Does this processor have it, and is there code for moduli of so many limbs? */
bool csig_ifma_is_for(uint32_t limbs);

void csig_ifma_mul(mp_limb_t *r, const csig_mont *m, const mp_limb_t *a, const mp_limb_t *b);
void csig_ifma_pair_mul(mp_limb_t *r, const csig_mont *m, const mp_limb_t *x, const mp_limb_t *y);
void csig_ifma_pair_sqr(mp_limb_t *r, const csig_mont *m, const mp_limb_t *x);
#else
#define CSIG_HAS_IFMA 0
#endif

#endif
