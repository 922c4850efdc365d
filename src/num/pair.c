/* N-adic Montgomery arithmetic, see the header. */
#include "num/pair.h"

#include <string.h>

#include "base/mem.h"
#include "num/ifma.h"

/* Subtract q, and add R if the first component was reduced by n after all: a c = u R - q n holds
 * for the u before that. Then divide by R. In: t = a d + b c < 2 n R with its carry. As q < R, the
 * value before the last steps is above -1, hence in [0, 3n - 2]. */
static void finish_second(mp_limb_t *r, const csig_mont *m, mp_limb_t carry, mp_limb_t *t,
                          const mp_limb_t *q, mp_limb_t was_reduced)
{
    const uint32_t k = m->limbs;
    mp_limb_t other[2 * CSIG_MONT_LIMBS] = {0};
    mp_limb_t digits[CSIG_MONT_LIMBS];

    memcpy(other, q, k * sizeof *q);
    carry -= mpn_sub_n(t, t, other, 2 * k);
    other[0] = was_reduced;
    memset(other + 1, 0, (k - 1) * sizeof *other);
    carry += mpn_add_n(t + k, t + k, other, k);
    carry += csig_mont_fold(t, digits, m);
    csig_mont_subtract_once(t, &carry, t, m);
    csig_mont_subtract_once(r, &carry, t, m);
}

void csig_pair_mul(mp_limb_t *r, const csig_pair *p, const mp_limb_t *x, const mp_limb_t *y)
{
    const csig_mont *m = &p->m;
    const uint32_t k = m->limbs;
    mp_limb_t t[2 * CSIG_MONT_LIMBS], second[2 * CSIG_MONT_LIMBS], other[2 * CSIG_MONT_LIMBS];
    mp_limb_t q[CSIG_MONT_LIMBS];
    mp_limb_t carry, was_reduced;

#if CSIG_HAS_IFMA
    if (m->is_fast) {
        csig_ifma_pair_mul(r, m, x, y);
        return;
    }
#endif
    csig_mont_product(t, x, y, k);
    csig_mont_product(second, x, y + k, k);
    csig_mont_product(other, x + k, y, k);
    carry = csig_mont_fold(t, q, m);
    was_reduced = csig_mont_subtract_once(r, &carry, t, m);
    carry = mpn_add_n(second, second, other, 2 * k);
    finish_second(r + k, m, carry, second, q, was_reduced);
}

void csig_pair_sqr(mp_limb_t *r, const csig_pair *p, const mp_limb_t *x)
{
    const csig_mont *m = &p->m;
    const uint32_t k = m->limbs;
    mp_limb_t t[2 * CSIG_MONT_LIMBS], second[2 * CSIG_MONT_LIMBS];
    mp_limb_t q[CSIG_MONT_LIMBS];
    mp_limb_t carry, was_reduced;

#if CSIG_HAS_IFMA
    if (m->is_fast) {
        csig_ifma_pair_sqr(r, m, x);
        return;
    }
#endif
    mpn_sec_sqr(t, x, k, NULL);
    csig_mont_product(second, x, x + k, k);
    carry = csig_mont_fold(t, q, m);
    was_reduced = csig_mont_subtract_once(r, &carry, t, m);
    carry = mpn_lshift(second, second, 2 * k, 1);
    finish_second(r + k, m, carry, second, q, was_reduced);
}

void csig_pair_add(mp_limb_t *r, const csig_pair *p, const mp_limb_t *x, const mp_limb_t *y)
{
    const csig_mont *m = &p->m;
    const uint32_t k = m->limbs;
    mp_limb_t carried[CSIG_MONT_LIMBS] = {0};
    mp_limb_t t[CSIG_MONT_LIMBS];
    mp_limb_t carry = mpn_add_n(t, x, y, k);

    carried[0] = csig_mont_subtract_once(r, &carry, t, m);
    csig_mont_add(t, m, x + k, y + k);
    csig_mont_add(r + k, m, t, carried);
}

void csig_pair_init(csig_pair *p, const mp_limb_t *n, uint32_t limbs)
{
    memset(p, 0, sizeof *p);
    csig_mont_init(&p->m, n, limbs);
    /* as for csig_mont_init: R from a power of two below n, then R^2 from 2^limbs R */
    p->one[limbs - 1] = 1;
    for (int i = 0; i < GMP_NUMB_BITS; i++)
        csig_pair_add(p->one, p, p->one, p->one);
    memcpy(p->rr, p->one, sizeof p->rr);
    for (uint32_t i = 0; i < limbs; i++)
        csig_pair_add(p->rr, p, p->rr, p->rr);
    for (int i = 1; i < GMP_NUMB_BITS; i *= 2)
        csig_pair_sqr(p->rr, p, p->rr);
}

void csig_pair_wipe(csig_pair *p)
{
    csig_wipe(p, sizeof *p);
}

/* Horner over pieces of the size of R, as in csig_mont_enter: the pair (piece, 0) may exceed n, as
 * piece * rr is below n R in either component all the same. */
void csig_pair_enter(mp_limb_t *r, const csig_pair *p, const mp_limb_t *a, uint32_t limbs)
{
    const uint32_t k = p->m.limbs;
    mp_limb_t acc[CSIG_PAIR_LIMBS] = {0};
    mp_limb_t piece[CSIG_PAIR_LIMBS];

    for (uint32_t at = (limbs + k - 1) / k * k; at > 0; at -= k) {
        const uint32_t from = at - k;
        const uint32_t take = limbs - from < k ? limbs - from : k;

        memset(piece, 0, sizeof piece);
        memcpy(piece, a + from, take * sizeof *a);
        csig_pair_mul(piece, p, piece, p->rr);
        csig_pair_mul(acc, p, acc, p->rr);
        csig_pair_add(acc, p, acc, piece);
    }
    memcpy(r, acc, 2 * k * sizeof *r);
    csig_wipe(acc, sizeof acc);
    csig_wipe(piece, sizeof piece);
}

void csig_pair_leave(mp_limb_t *r, const csig_pair *p, const mp_limb_t *x)
{
    mp_limb_t one[CSIG_PAIR_LIMBS] = {1};

    csig_pair_mul(r, p, x, one);
}

void csig_pair_join(mp_limb_t *r, const csig_pair *p, const mp_limb_t *x)
{
    const uint32_t k = p->m.limbs;
    mp_limb_t low[2 * CSIG_MONT_LIMBS] = {0};

    mpn_sec_mul(r, x + k, k, p->m.n, k, NULL);
    memcpy(low, x, k * sizeof *x);
    mpn_add_n(r, r, low, 2 * k);
    csig_wipe(low, sizeof low);
}
