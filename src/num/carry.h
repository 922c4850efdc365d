/* Carries of secrets are secret. Memcheck forgets the carry flag at `inc` and `dec` (it looks only
 * at the result of the two), and between the last addition of GMP's mpn_add_n and mpn_sub_n and the
 * carry they return there is one when the size is a multiple of four limbs, as all of ours are: a
 * branch on such a carry would not be reported. Constant-time builds give it back: a carry is as
 * undefined as the limbs it came from. Elsewhere nothing changes. */
#ifndef CSIG_NUM_CARRY_H
#define CSIG_NUM_CARRY_H

#include <gmp.h>

#include "base/ct.h"

#ifdef CSIG_CT

static inline mp_limb_t csig_carry_of(mp_limb_t carry, const mp_limb_t *r, mp_size_t n)
{
    for (mp_size_t i = 0; i < n; i++) {
        mp_limb_t bits = 0;

        if (VALGRIND_GET_VBITS(&r[i], &bits, sizeof bits) == 1 && bits != 0)
            csig_ct_secret(&carry, sizeof carry);
    }
    return carry;
}

static inline mp_limb_t csig_carry_add_n(mp_limb_t *r, const mp_limb_t *a, const mp_limb_t *b,
                                         mp_size_t n)
{
    return csig_carry_of(mpn_add_n(r, a, b, n), r, n);
}

static inline mp_limb_t csig_carry_sub_n(mp_limb_t *r, const mp_limb_t *a, const mp_limb_t *b,
                                         mp_size_t n)
{
    return csig_carry_of(mpn_sub_n(r, a, b, n), r, n);
}

#undef mpn_add_n
#undef mpn_sub_n
#define mpn_add_n csig_carry_add_n
#define mpn_sub_n csig_carry_sub_n

#endif
#endif
