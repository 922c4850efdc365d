/* Arithmetic with the own factors p and q of N: Chinese remainders, the order of the group. */
#include "num/factors.h"

#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "num/limbs.h"

#define K CSIG_P_LIMBS
_Static_assert(2 * CSIG_P_LIMBS == CSIG_N_LIMBS, "products of two primes fill N's limbs");

/* 1/p^2 mod q^2: Newton's step x (2 - p x) lifts 1/p mod q, then the square. */
static void init_lift2(csig_factors *f)
{
    const csig_mont *qq = &f->qq;
    mp_limb_t x[2 * K], t[2 * K], two[2 * K];

    csig_mont_enter(x, qq, f->lift, K);
    csig_mont_enter(t, qq, f->p.d, K);
    csig_mont_mul(t, qq, t, x);
    csig_mont_add(two, qq, qq->one, qq->one);
    csig_mont_sub(t, qq, two, t);
    csig_mont_mul(x, qq, x, t);
    csig_mont_sqr(x, qq, x);
    csig_mont_leave(f->lift2, qq, x);
    csig_wipe(x, sizeof x);
    csig_wipe(t, sizeof t);
}

static void copy_prime(csig_sec *r, const csig_sec *p)
{
    memset(r, 0, sizeof *r);
    r->bits = CSIG_P_BITS;
    memcpy(r->d, p->d, K * sizeof *r->d);
}

void csig_factors_init(csig_factors *f, const csig_sec *p, const csig_sec *q)
{
    mp_limb_t square[2 * K];

    CSIG_ASSERT(p->bits >= CSIG_P_BITS && q->bits >= CSIG_P_BITS);
    memset(f, 0, sizeof *f);
    copy_prime(&f->p, p);
    copy_prime(&f->q, q);
    csig_half_init(&f->half[0], p->d, q->d);
    csig_half_init(&f->half[1], q->d, p->d);
    mpn_sec_sqr(square, q->d, K, NULL);
    csig_mont_init(&f->qq, square, 2 * K);
    csig_half_invert(f->lift, &f->half[1].p.m, p->d, K);
    init_lift2(f);
    csig_wipe(square, sizeof square);
    csig_mont_forget();
}

void csig_factors_wipe(csig_factors *f)
{
    csig_wipe(f, sizeof *f);
}

/* x = xp + p ((xq - xp) / p mod q) */
static void join(mp_limb_t *x, const csig_mont *q, const mp_limb_t *lift, const mp_limb_t *p,
                 const mp_limb_t *xp, const mp_limb_t *xq)
{
    const uint32_t k = q->limbs;
    mp_limb_t t[CSIG_MONT_LIMBS], padded[2 * CSIG_MONT_LIMBS] = {0};

    memcpy(padded, xp, k * sizeof *xp);
    csig_mont_enter(x, q, xp, k);
    csig_mont_enter(t, q, xq, k);
    csig_mont_sub(t, q, t, x);
    csig_mont_mul(t, q, t, lift);
    mpn_sec_mul(x, p, k, t, k, NULL);
    mpn_add_n(x, x, padded, 2 * k);
    csig_wipe(t, sizeof t);
    csig_wipe(padded, sizeof padded);
}

void csig_factors_join(mp_limb_t *x, const csig_factors *f, const mp_limb_t *xp,
                       const mp_limb_t *xq)
{
    join(x, &f->half[1].p.m, f->lift, f->p.d, xp, xq);
}

void csig_factors_join2(mp_limb_t *x, const csig_factors *f, const mp_limb_t *xp,
                        const mp_limb_t *xq)
{
    mp_limb_t pp[2 * K];

    mpn_sec_sqr(pp, f->p.d, K, NULL);
    join(x, &f->qq, f->lift2, pp, xp, xq);
    csig_wipe(pp, sizeof pp);
}

void csig_factors_product(csig_int *n, const csig_factors *f)
{
    mp_limb_t t[2 * K];

    mpn_sec_mul(t, f->p.d, K, f->q.d, K, NULL);
    /* N is published */
    csig_residues_reveal(n, t, 2 * K);
}

/* phi(N) = (p - 1) (q - 1) */
static void totient(mp_limb_t phi[2 * K], const csig_factors *f)
{
    mpn_sec_mul(phi, f->half[0].less_one, K, f->half[1].less_one, K, NULL);
}

void csig_factors_random_exponent(csig_sec *x, const csig_factors *f, csig_rng *rng)
{
    mp_limb_t phi[2 * K], less[2 * K];
    mp_limb_t is_below;

    totient(phi, f);
    memset(x, 0, sizeof *x);
    x->bits = CSIG_N_BITS;
    do {
        csig_limbs_random(x->d, 2 * K, rng, "exponent below phi");
        is_below = mpn_sub_n(less, x->d, phi, 2 * K);
        /* how often a draw fails says nothing about the one that is kept */
        csig_ct_public(&is_below, sizeof is_below);
    } while (is_below == 0);
    csig_wipe(phi, sizeof phi);
    csig_wipe(less, sizeof less);
    csig_mont_forget();
}

void csig_factors_response(csig_int *z, const csig_factors *f, const csig_sec *a, uint32_t e,
                           const csig_sec *x)
{
    mp_limb_t phi[2 * K], sum[2 * K], less[2 * K];
    mp_limb_t carry;

    CSIG_ASSERT(e <= 1 && a->bits == CSIG_N_BITS && x->bits == CSIG_N_BITS);
    totient(phi, f);
    carry = mpn_cnd_add_n(e, sum, a->d, x->d, 2 * K);
    carry -= mpn_sub_n(less, sum, phi, 2 * K);
    csig_mont_select(sum, carry, sum, less, 2 * K);
    /* a response: a is uniform below phi(N) and hides x */
    csig_residues_reveal(z, sum, 2 * K);
    csig_wipe(sum, sizeof sum);
    csig_wipe(phi, sizeof phi);
    csig_wipe(less, sizeof less);
    csig_mont_forget();
}
