/* Octets to limbs and back, for integers of both kinds: time depends on the lengths alone. */
#ifndef CSIG_NUM_LIMBS_H
#define CSIG_NUM_LIMBS_H

#include <gmp.h>

#include "base/rng.h"

#define CSIG_LIMB_BYTES sizeof(mp_limb_t)
_Static_assert(GMP_NAIL_BITS == 0 && GMP_NUMB_BITS == 8 * sizeof(mp_limb_t), "limbs without nails");

/* The same mask, of which the compiler no longer knows that it is all ones or zero. Without it
 * clang makes one load from a chosen address of a choice between two, and the address tells. */
static inline mp_limb_t csig_limbs_mask(mp_limb_t mask)
{
    __asm__("" : "+r"(mask));
    return mask;
}

/* n random limbs: the octets drawn are those of the number, the lowest first, on every machine. */
static inline void csig_limbs_random(mp_limb_t *d, size_t n, csig_rng *rng, const char *purpose)
{
    csig_rng_bytes(rng, purpose, d, n * CSIG_LIMB_BYTES);
    for (size_t i = 0; i < n; i++) {
        const uint8_t *le = (const uint8_t *)&d[i];
        mp_limb_t limb = 0;

        for (size_t j = 0; j < CSIG_LIMB_BYTES; j++)
            limb |= (mp_limb_t)le[j] << (8 * j);
        d[i] = limb;
    }
}

/* All n limbs from len big-endian octets; n * CSIG_LIMB_BYTES >= len. */
static inline void csig_limbs_from_bytes(mp_limb_t *d, size_t n, const uint8_t *be, size_t len)
{
    CSIG_ASSERT(len <= n * CSIG_LIMB_BYTES);
    for (size_t i = 0; i < n; i++) {
        d[i] = 0;
        for (size_t j = 0; j < CSIG_LIMB_BYTES && i * CSIG_LIMB_BYTES + j < len; j++)
            d[i] |= (mp_limb_t)be[len - 1 - i * CSIG_LIMB_BYTES - j] << (8 * j);
    }
}

/* The low len octets, padded left with zeros when there are fewer. */
static inline void csig_limbs_to_bytes(uint8_t *be, size_t len, const mp_limb_t *d, size_t n)
{
    for (size_t i = 0; i < len; i++) {
        const size_t j = i / CSIG_LIMB_BYTES;

        const mp_limb_t limb = j < n ? d[j] : 0;

        be[len - 1 - i] = (uint8_t)(limb >> (8 * (i % CSIG_LIMB_BYTES)));
    }
}

#endif
