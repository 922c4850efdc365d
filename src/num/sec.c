/* Secret integers over mpn_sec_*, mpn_cnd_* and the mpn functions that GMP documents as equally
 * silent (add_n, sub_n, copyi, zero). Sizes come from `bits`; limbs above CSIG_LIMBS(bits) are
 * zero. The sign of a zero may be either. */
#include "num/sec.h"

#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "num/limbs.h"

#define WIDE_LIMBS (2 * CSIG_INT_LIMBS)

/* A value with room for a product or a sign. */
typedef struct wide {
    mp_limb_t d[WIDE_LIMBS + 2];
} wide;

static void wide_wipe(wide *t)
{
    csig_wipe(t, sizeof *t);
}

void csig_sec_wipe(csig_sec *x)
{
    csig_wipe(x, sizeof *x);
}

/* Limbs of a value below 2^bits; never none, as mpn_sec_mul wants one. */
static mp_size_t limbs(uint32_t bits)
{
    CSIG_ASSERT(bits <= CSIG_INT_LIMBS * GMP_NUMB_BITS);
    return bits == 0 ? 1 : (mp_size_t)CSIG_LIMBS(bits);
}

static void set(csig_sec *r, const mp_limb_t *d, mp_limb_t neg, uint32_t bits)
{
    const mp_size_t n = limbs(bits);

    mpn_copyi(r->d, d, n);
    mpn_zero(r->d + n, CSIG_INT_LIMBS - n);
    r->neg = neg;
    r->bits = bits;
}

/* {d, n} = -{d, n} mod 2^(n * GMP_NUMB_BITS) when cnd is 1: d - 2d. */
static void negate_if(mp_limb_t cnd, mp_limb_t *d, mp_size_t n)
{
    CSIG_AUTO(wide) twice;

    CSIG_ASSERT(n <= WIDE_LIMBS);
    (void)mpn_add_n(twice.d, d, d, n);
    (void)mpn_cnd_sub_n(cnd, d, d, twice.d, n);
}

void csig_sec_from_int(csig_sec *x, const csig_int *a, uint32_t bits)
{
    mp_limb_t d[CSIG_INT_LIMBS] = {0};

    CSIG_ASSERT(csig_int_bits(a) <= bits);
    memcpy(d, a->d, a->limbs * CSIG_LIMB_BYTES);
    set(x, d, a->neg, bits);
    csig_wipe(d, sizeof d);
}

void csig_sec_from_scalar(csig_sec *x, const csig_scalar *a)
{
    csig_sec_from_bytes(x, a->b, sizeof a->b);
}

void csig_sec_from_bytes(csig_sec *x, const uint8_t *be, size_t len)
{
    csig_limbs_from_bytes(x->d, CSIG_INT_LIMBS, be, len);
    x->neg = 0;
    x->bits = (uint32_t)(8 * len);
}

void csig_sec_to_bytes(uint8_t *be, size_t len, const csig_sec *x)
{
    CSIG_ASSERT(x->bits <= 8 * len);
    csig_limbs_to_bytes(be, len, x->d, CSIG_INT_LIMBS);
}

/* r = a mod {n}, both non-negative; the size of a is that of its limbs. */
static void reduce(csig_sec *r, wide *a, mp_size_t an, const csig_int *n)
{
    mp_limb_t scratch[WIDE_LIMBS + 2 * CSIG_INT_LIMBS + 2];

    CSIG_ASSERT(mpn_sec_div_r_itch(an, n->limbs) <= (mp_size_t)CSIG_ARRAY_LEN(scratch));
    mpn_sec_div_r(a->d, an, n->d, n->limbs, scratch);
    set(r, a->d, 0, csig_int_bits(n));
    csig_wipe(scratch, sizeof scratch);
}

/* x uniform in [0, most] by rejection: at least every second draw is good. */
static void random_upto(csig_sec *x, csig_rng *rng, const csig_int *most)
{
    const uint32_t bits = csig_int_bits(most);
    const size_t len = (bits + 7) / 8;
    uint8_t be[CSIG_INT_LIMBS * CSIG_LIMB_BYTES];
    CSIG_AUTO(wide) t;
    mp_limb_t above;

    CSIG_ASSERT(bits > 0);
    do {
        csig_rng_bytes(rng, "integer", be, len);
        be[0] &= (uint8_t)(0xff >> (8 * len - bits));
        csig_sec_from_bytes(x, be, len);
        above = mpn_sub_n(t.d, most->d, x->d, most->limbs);
        /* A rejected draw is forgotten, and an accepted one is uniform among all that would be. */
        csig_ct_public(&above, sizeof above);
    } while (above != 0);
    x->bits = bits;
    csig_wipe(be, sizeof be);
}

/* x = u - middle with u uniform in [0, 2 * middle]. */
static void random_around_zero(csig_sec *x, csig_rng *rng, const csig_int *middle)
{
    mp_limb_t m[CSIG_INT_LIMBS] = {0}; /* middle, as long as u */
    csig_int most;
    mp_size_t n;

    memcpy(m, middle->d, middle->limbs * CSIG_LIMB_BYTES);
    csig_int_add(&most, middle, middle);
    random_upto(x, rng, &most);
    n = limbs(x->bits);
    x->neg = mpn_sub_n(x->d, x->d, m, n);
    negate_if(x->neg, x->d, n);
    x->bits = csig_int_bits(middle);
}

void csig_sec_random_pm(csig_sec *x, csig_rng *rng, uint32_t bits)
{
    csig_int middle;

    csig_int_pow2(&middle, bits);
    random_around_zero(x, rng, &middle);
}

void csig_sec_random_pm_times(csig_sec *x, csig_rng *rng, uint32_t bits, const csig_int *m)
{
    csig_int middle;

    CSIG_ASSERT(!m->neg && !csig_int_is_zero(m));
    csig_int_pow2(&middle, bits);
    csig_int_mul(&middle, &middle, m);
    random_around_zero(x, rng, &middle);
}

void csig_sec_random_below(csig_sec *x, csig_rng *rng, const csig_int *n)
{
    csig_int one, most;

    csig_int_set_u64(&one, 1);
    csig_int_sub(&most, n, &one);
    CSIG_ASSERT(!most.neg && !csig_int_is_zero(&most));
    random_upto(x, rng, &most);
}

/* A gcd with a secret is not to be had in constant time, but one with a blinded secret is public:
 * with b uniform below n and independent of x, x * b is a unit exactly when both are, and is then
 * uniform in Z*_n whatever x is. */
void csig_sec_random_unit(csig_sec *x, csig_rng *rng, const csig_int *n)
{
    CSIG_AUTO(csig_sec) b;
    CSIG_AUTO(csig_sec) xb;
    CSIG_AUTO(wide) t;
    csig_int blinded;

    do {
        mp_limb_t scratch[2 * CSIG_INT_LIMBS];

        csig_sec_random_below(x, rng, n);
        csig_sec_random_below(&b, rng, n);
        CSIG_ASSERT(mpn_sec_mul_itch(n->limbs, n->limbs) <= (mp_size_t)CSIG_ARRAY_LEN(scratch));
        mpn_sec_mul(t.d, x->d, n->limbs, b.d, n->limbs, scratch);
        csig_wipe(scratch, sizeof scratch);
        reduce(&xb, &t, 2 * (mp_size_t)n->limbs, n);
        csig_sec_reveal(&blinded, &xb); /* uniform, as said above; a rejected x is forgotten */
    } while (!csig_int_is_unit(&blinded, n));
}

void csig_sec_neg(csig_sec *r, const csig_sec *x)
{
    set(r, x->d, x->neg ^ 1, x->bits);
}

void csig_sec_add(csig_sec *r, const csig_sec *a, const csig_sec *b)
{
    const uint32_t bits = (a->bits > b->bits ? a->bits : b->bits) + 1;
    const mp_size_t n = limbs(bits) + 1; /* one limb more for the sign */
    CSIG_AUTO(wide) x;
    CSIG_AUTO(wide) y;
    mp_limb_t neg;

    mpn_zero(x.d, n);
    mpn_zero(y.d, n);
    mpn_copyi(x.d, a->d, n - 1);
    mpn_copyi(y.d, b->d, n - 1);
    negate_if(a->neg, x.d, n);
    negate_if(b->neg, y.d, n);
    (void)mpn_add_n(x.d, x.d, y.d, n);
    neg = x.d[n - 1] >> (GMP_NUMB_BITS - 1);
    negate_if(neg, x.d, n);
    set(r, x.d, neg, bits);
}

void csig_sec_mul(csig_sec *r, const csig_sec *a, const csig_sec *b)
{
    const csig_sec *x = a->bits >= b->bits ? a : b, *y = a->bits >= b->bits ? b : a;
    const mp_size_t xn = limbs(x->bits), yn = limbs(y->bits);
    mp_limb_t scratch[WIDE_LIMBS];
    CSIG_AUTO(wide) t;

    CSIG_ASSERT(mpn_sec_mul_itch(xn, yn) <= (mp_size_t)CSIG_ARRAY_LEN(scratch));
    mpn_sec_mul(t.d, x->d, xn, y->d, yn, scratch);
    set(r, t.d, a->neg ^ b->neg, a->bits + b->bits);
    csig_wipe(scratch, sizeof scratch);
}

void csig_sec_mod_q(csig_scalar *r, const csig_sec *x)
{
    const uint8_t mask = (uint8_t)csig_limbs_mask(0 - x->neg);
    CSIG_AUTO(csig_scalar) plus;
    CSIG_AUTO(csig_scalar) minus;

    csig_scalar_from_limbs(&plus, x->d, (size_t)limbs(x->bits));
    csig_scalar_neg(&minus, &plus);
    for (size_t i = 0; i < CSIG_SCALAR_BYTES; i++)
        r->b[i] = (uint8_t)(plus.b[i] ^ (mask & (plus.b[i] ^ minus.b[i])));
}

void csig_sec_response(csig_int *z, const csig_sec *a, const csig_int *e, const csig_sec *x)
{
    CSIG_AUTO(csig_sec) t;

    CSIG_ASSERT(!e->neg);
    csig_sec_from_int(&t, e, csig_int_bits(e));
    csig_sec_mul(&t, &t, x);
    csig_sec_add(&t, a, &t);
    csig_sec_reveal(z, &t); /* a is uniform in a range 2^eps wider than e * x, and used once */
}

void csig_sec_reveal(csig_int *r, const csig_sec *x)
{
    size_t n = (size_t)limbs(x->bits);
    mp_limb_t neg = x->neg;

    memcpy(r->d, x->d, n * CSIG_LIMB_BYTES);
    csig_ct_public(r->d, sizeof r->d); /* the caller's promise */
    csig_ct_public(&neg, sizeof neg);
    while (n > 0 && r->d[n - 1] == 0)
        n--;
    r->limbs = (uint32_t)n;
    r->neg = n > 0 ? (uint32_t)neg : 0;
}
