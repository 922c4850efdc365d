/* Arithmetic mod q = the order of secp256k1, on mpn functions whose time depends on sizes alone. */
#include "num/scalar.h"

#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "num/limbs.h"

#define Q_LIMBS   CSIG_LIMBS(CSIG_Q_BITS)
#define MAX_BYTES 128 /* what csig_scalar_from_bytes reduces */

/* SEC 2, section 2.4.1: n. */
static const uint8_t order[CSIG_SCALAR_BYTES] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
    0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
};

/* (q - 1) / 2 */
static const uint8_t half_order[CSIG_SCALAR_BYTES] = {
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
};

/* A scalar opened for arithmetic. */
typedef struct limbs {
    mp_limb_t d[Q_LIMBS];
} limbs;

static void limbs_wipe(limbs *a)
{
    csig_wipe(a, sizeof *a);
}

static void load(limbs *r, const uint8_t b[CSIG_SCALAR_BYTES])
{
    csig_limbs_from_bytes(r->d, Q_LIMBS, b, CSIG_SCALAR_BYTES);
}

static void store(csig_scalar *r, const limbs *a)
{
    csig_limbs_to_bytes(r->b, CSIG_SCALAR_BYTES, a->d, Q_LIMBS);
}

static void order_limbs(limbs *q)
{
    load(q, order);
}

/* 1 when a < q, else 0. */
static mp_limb_t below_order(const limbs *a)
{
    CSIG_AUTO(limbs) t;
    limbs q;

    order_limbs(&q);
    return mpn_sub_n(t.d, a->d, q.d, Q_LIMBS);
}

/* 1 when any octet is set, else 0. */
static uint32_t any(const uint8_t b[CSIG_SCALAR_BYTES])
{
    uint32_t acc = 0;

    for (size_t i = 0; i < CSIG_SCALAR_BYTES; i++)
        acc |= b[i];
    return (0 - acc) >> 31;
}

void csig_scalar_wipe(csig_scalar *a)
{
    csig_wipe(a, sizeof *a);
}

void csig_scalar_set_u32(csig_scalar *r, uint32_t v)
{
    memset(r->b, 0, sizeof r->b);
    for (size_t i = 0; i < sizeof v; i++)
        r->b[CSIG_SCALAR_BYTES - 1 - i] = (uint8_t)(v >> (8 * i));
}

void csig_scalar_from_limbs(csig_scalar *r, const mp_limb_t *p, size_t n)
{
    mp_limb_t d[CSIG_INT_LIMBS], scratch[CSIG_INT_LIMBS + 2 * Q_LIMBS + 2];
    const size_t used = n < Q_LIMBS ? Q_LIMBS : n;
    limbs q;

    CSIG_ASSERT(used <= CSIG_INT_LIMBS);
    CSIG_ASSERT(mpn_sec_div_r_itch((mp_size_t)used, Q_LIMBS) <= (mp_size_t)CSIG_ARRAY_LEN(scratch));
    order_limbs(&q);
    mpn_zero(d, (mp_size_t)used);
    memcpy(d, p, n * CSIG_LIMB_BYTES);
    mpn_sec_div_r(d, (mp_size_t)used, q.d, Q_LIMBS, scratch);
    csig_limbs_to_bytes(r->b, CSIG_SCALAR_BYTES, d, Q_LIMBS);
    csig_wipe(d, sizeof d);
    csig_wipe(scratch, sizeof scratch);
}

void csig_scalar_from_bytes(csig_scalar *r, const uint8_t *be, size_t len)
{
    mp_limb_t d[CSIG_LIMBS(8 * MAX_BYTES)];

    CSIG_ASSERT(len <= MAX_BYTES);
    csig_limbs_from_bytes(d, CSIG_LIMBS(8 * len), be, len);
    csig_scalar_from_limbs(r, d, CSIG_LIMBS(8 * len));
    csig_wipe(d, sizeof d);
}

void csig_scalar_from_int(csig_scalar *r, const csig_int *a)
{
    csig_int q, m;

    csig_int_from_bytes(&q, order, sizeof order);
    csig_int_mod(&m, a, &q);
    csig_int_to_bytes(r->b, sizeof r->b, &m);
}

void csig_scalar_to_int(csig_int *r, const csig_scalar *a)
{
    csig_int_from_bytes(r, a->b, sizeof a->b);
}

void csig_scalar_random(csig_scalar *r, csig_rng *rng, const char *purpose)
{
    CSIG_AUTO(limbs) a;
    mp_limb_t good;

    do {
        csig_rng_bytes(rng, purpose, r->b, sizeof r->b);
        load(&a, r->b);
        good = below_order(&a) & any(r->b);
        /* A rejected draw is forgotten, and an accepted one is uniform among all that would be. */
        csig_ct_public(&good, sizeof good);
    } while (good == 0);
}

bool csig_scalar_is_zero(const csig_scalar *a)
{
    uint32_t bit = any(a->b);

    csig_ct_public(&bit, sizeof bit); /* the answer is public by contract */
    return bit == 0;
}

bool csig_scalar_is_eq(const csig_scalar *a, const csig_scalar *b)
{
    bool same = csig_is_same(a->b, b->b, sizeof a->b);

    csig_ct_public(&same, sizeof same); /* the answer is public by contract */
    return same;
}

bool csig_scalar_is_high(const csig_scalar *a)
{
    limbs x, half;

    load(&x, a->b);
    load(&half, half_order);
    return mpn_cmp(x.d, half.d, Q_LIMBS) > 0;
}

void csig_scalar_add(csig_scalar *r, const csig_scalar *a, const csig_scalar *b)
{
    CSIG_AUTO(limbs) x;
    CSIG_AUTO(limbs) y;
    limbs q;
    mp_limb_t carry, borrow;

    order_limbs(&q);
    load(&x, a->b);
    load(&y, b->b);
    carry = mpn_add_n(x.d, x.d, y.d, Q_LIMBS);
    borrow = mpn_sub_n(x.d, x.d, q.d, Q_LIMBS);
    /* a + b < q exactly when the borrow is not covered by the carry. */
    (void)mpn_cnd_add_n(borrow & (carry ^ 1), x.d, x.d, q.d, Q_LIMBS);
    store(r, &x);
}

void csig_scalar_sub(csig_scalar *r, const csig_scalar *a, const csig_scalar *b)
{
    CSIG_AUTO(limbs) x;
    CSIG_AUTO(limbs) y;
    limbs q;
    mp_limb_t borrow;

    order_limbs(&q);
    load(&x, a->b);
    load(&y, b->b);
    borrow = mpn_sub_n(x.d, x.d, y.d, Q_LIMBS);
    (void)mpn_cnd_add_n(borrow, x.d, x.d, q.d, Q_LIMBS);
    store(r, &x);
}

void csig_scalar_neg(csig_scalar *r, const csig_scalar *a)
{
    const csig_scalar zero = {{0}};

    csig_scalar_sub(r, &zero, a);
}

void csig_scalar_mul(csig_scalar *r, const csig_scalar *a, const csig_scalar *b)
{
    CSIG_AUTO(limbs) x;
    CSIG_AUTO(limbs) y;
    mp_limb_t d[2 * Q_LIMBS], scratch[2 * Q_LIMBS];

    CSIG_ASSERT(mpn_sec_mul_itch(Q_LIMBS, Q_LIMBS) <= (mp_size_t)CSIG_ARRAY_LEN(scratch));
    load(&x, a->b);
    load(&y, b->b);
    mpn_sec_mul(d, x.d, Q_LIMBS, y.d, Q_LIMBS, scratch);
    csig_scalar_from_limbs(r, d, CSIG_ARRAY_LEN(d));
    csig_wipe(d, sizeof d);
    csig_wipe(scratch, sizeof scratch);
}

void csig_scalar_inv(csig_scalar *r, const csig_scalar *a)
{
    CSIG_AUTO(limbs) x;
    CSIG_AUTO(limbs) y;
    limbs q;
    mp_limb_t scratch[4 * Q_LIMBS], mask;

    CSIG_ASSERT(mpn_sec_invert_itch(Q_LIMBS) <= (mp_size_t)CSIG_ARRAY_LEN(scratch));
    order_limbs(&q);
    load(&x, a->b);
    /* Zero has no inverse and gives zero: whether there was one is a mask, not a branch. */
    mask = (mp_limb_t)mpn_sec_invert(y.d, x.d, q.d, Q_LIMBS, 2 * CSIG_Q_BITS, scratch);
    mask = csig_limbs_mask(0 - mask);
    for (size_t i = 0; i < Q_LIMBS; i++)
        y.d[i] &= mask;
    store(r, &y);
    csig_wipe(scratch, sizeof scratch);
}

void csig_scalar_inv_var(csig_scalar *r, const csig_scalar *a)
{
    csig_int x, q;

    csig_scalar_to_int(&x, a);
    csig_int_from_bytes(&q, order, sizeof order);
    if (!csig_int_has_inverse(&x, &x, &q)) csig_int_set_u64(&x, 0);
    csig_scalar_from_int(r, &x);
}

void csig_scalar_response(csig_scalar *r, const csig_scalar *a, const csig_scalar *e,
                          const csig_scalar *x)
{
    CSIG_AUTO(csig_scalar) t;

    csig_scalar_mul(&t, e, x);
    csig_scalar_add(r, a, &t);
    csig_ct_public(r, sizeof *r); /* a is uniform and used once: it hides e * x */
}

void csig_scalar_wire(csig_wire *w, csig_scalar *a)
{
    if (w->op == CSIG_WIRE_READ) {
        const uint8_t *in = csig_wire_get(w, CSIG_FIELD_SCALAR, CSIG_SCALAR_BYTES);
        CSIG_AUTO(limbs) t;
        mp_limb_t good;

        if (in == NULL) return;
        load(&t, in);
        good = below_order(&t);
        csig_ct_public(&good, sizeof good); /* whether an encoding is canonical */
        if (good == 1)
            memcpy(a->b, in, sizeof a->b);
        else
            w->bad = true;
    } else {
        uint8_t *out = csig_wire_put(w, CSIG_FIELD_SCALAR, CSIG_SCALAR_BYTES);

        if (out != NULL) memcpy(out, a->b, sizeof a->b);
    }
}
