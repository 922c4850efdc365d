/* The constants of one secret prime. */
#include "num/half.h"

#include <string.h>

#include "base/ct.h"
#include "base/mem.h"

#define K CSIG_P_LIMBS

/* With p = 2 p' + 1: e mod p' by Montgomery, then the even or odd one of r, r + p'. */
void csig_half_exponent(mp_limb_t *r, const csig_half *h, const mp_limb_t *e, uint32_t limbs,
                        mp_limb_t neg)
{
    mp_limb_t t[K], other[K];

    csig_mont_enter(t, &h->order, e, limbs);
    csig_mont_leave(t, &h->order, t);
    mpn_cnd_add_n((t[0] ^ e[0]) & 1, t, t, h->order.n, K);
    mpn_sub_n(other, h->less_one, t, K);
    csig_mont_select(r, 0 - neg, other, t, K);
    csig_wipe(t, sizeof t);
    csig_wipe(other, sizeof other);
}

void csig_half_invert(mp_limb_t *r, const csig_mont *m, const mp_limb_t *a, uint32_t limbs)
{
    const uint32_t k = m->limbs;
    mp_limb_t t[CSIG_MONT_LIMBS], scratch[4 * CSIG_MONT_LIMBS];
    int found;

    CSIG_ASSERT(mpn_sec_invert_itch(k) <= (mp_size_t)CSIG_ARRAY_LEN(scratch));
    csig_mont_enter(t, m, a, limbs);
    csig_mont_leave(t, m, t);
    found = mpn_sec_invert(r, t, m->n, k, 2 * k * GMP_NUMB_BITS, scratch);
    /* always 1 for the primes promised */
    csig_ct_public(&found, sizeof found);
    CSIG_ASSERT(found == 1);
    csig_wipe(t, sizeof t);
    csig_wipe(scratch, sizeof scratch);
}

/* 1/N = 1/q mod p - 1: the inverse mod p', made odd, as every inverse modulo an even number is. */
static void init_nth_root(csig_half *h)
{
    csig_half_invert(h->nth_root, &h->order, h->q, K);
    mpn_cnd_add_n(~h->nth_root[0] & 1, h->nth_root, h->nth_root, h->order.n, K);
}

/* p = 3 mod 4, hence (p + 1) / 4 = (p >> 2) + 1 */
static void init_fourth_root(csig_half *h)
{
    const mp_limb_t one[K] = {1};
    mp_limb_t t[K], square[2 * K];

    mpn_rshift(t, h->p.m.n, K, 2);
    mpn_add_n(t, t, one, K);
    mpn_sec_sqr(square, t, K, NULL);
    csig_half_exponent(h->fourth_root, h, square, 2 * K, 0);
    csig_wipe(t, sizeof t);
    csig_wipe(square, sizeof square);
}

/* (1 + N)^(p - 1) = 1 - q p mod p^2, hence m = -1/q times the second component of c^(p - 1) */
static void init_decrypt(csig_half *h, const mp_limb_t *q)
{
    const mp_limb_t zero[K] = {0};

    csig_half_invert(h->decrypt, &h->p.m, q, K);
    csig_mont_enter(h->decrypt, &h->p.m, h->decrypt, K);
    csig_mont_sub(h->decrypt, &h->p.m, zero, h->decrypt);
}

/* 2^N by the lift: ((2^q mod p)^p mod p^2). Its order is that of 2 mod p, about p. */
static void init_blind(csig_half *h)
{
    const mp_limb_t two[1] = {2};
    const csig_residues z = {.n = &h->p}, zz = {.n = &h->p, .is_squared = true};
    mp_limb_t base[2 * K];
    csig_power power = {.base = base, .exp = h->q, .bits = CSIG_P_BITS, .is_secret = true};

    csig_residues_enter(base, &z, two, 1);
    csig_power_product(base, &z, &power, 1);
    csig_mont_leave(base, &h->p.m, base);
    csig_residues_enter(base, &zz, base, K);
    power.exp = h->p.m.n;
    csig_power_product(h->blind, &zz, &power, 1);
    csig_wipe(base, sizeof base);
}

void csig_half_init(csig_half *h, const mp_limb_t *p, const mp_limb_t *q)
{
    mp_limb_t order[K];

    memset(h, 0, sizeof *h);
    csig_pair_init(&h->p, p, K);
    mpn_rshift(order, p, K, 1);
    csig_mont_init(&h->order, order, K);
    csig_wipe(order, sizeof order);
    memcpy(h->less_one, p, sizeof h->less_one);
    h->less_one[0] ^= 1;
    csig_half_exponent(h->q, h, q, K, 0);
    init_nth_root(h);
    init_fourth_root(h);
    init_decrypt(h, q);
    init_blind(h);
}
