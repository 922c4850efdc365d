/* Points of secp256k1 by the public interface of libsecp256k1. A secret scalar meets a point only
 * in secp256k1_ecdh and the generator only in secp256k1_ec_pubkey_create, which are constant time.
 * Its functions say 1 for success; that stops here. */
#include "num/point.h"

#include <secp256k1_ecdh.h>
#include <secp256k1_preallocated.h>
#include <string.h>

#include "base/ct.h"
#include "base/mem.h"

#define UNCOMPRESSED_BYTES 65
#define SUM_TERMS          8 /* of a zero sum */
#define SUM_CHUNK          16

/* SEC 2, section 2.4.1: G, not compressed, so that reading it takes no square root. */
static const uint8_t generator[UNCOMPRESSED_BYTES] = {
    0x04, 0x79, 0xbe, 0x66, 0x7e, 0xf9, 0xdc, 0xbb, 0xac, 0x55, 0xa0, 0x62, 0x95,
    0xce, 0x87, 0x0b, 0x07, 0x02, 0x9b, 0xfc, 0xdb, 0x2d, 0xce, 0x28, 0xd9, 0x59,
    0xf2, 0x81, 0x5b, 0x16, 0xf8, 0x17, 0x98, 0x48, 0x3a, 0xda, 0x77, 0x26, 0xa3,
    0xc4, 0x65, 0x5d, 0xa4, 0xfb, 0xfc, 0x0e, 0x11, 0x08, 0xa8, 0xfd, 0x17, 0xb4,
    0x48, 0xa6, 0x85, 0x54, 0x19, 0x9c, 0x47, 0xd0, 0x8f, 0xfb, 0x10, 0xd4, 0xb8,
};

csig_err csig_curve_init(csig_curve *c, csig_rng *rng)
{
    uint8_t seed[32];
    int ok;

    CSIG_REQUIRE(secp256k1_context_preallocated_size(SECP256K1_CONTEXT_NONE) <= sizeof c->mem,
                 CSIG_E_MEMORY);
    c->ctx = secp256k1_context_preallocated_create(c->mem, SECP256K1_CONTEXT_NONE);
    csig_rng_bytes(rng, "curve blinding", seed, sizeof seed);
    ok = secp256k1_context_randomize(c->ctx, seed);
    csig_wipe(seed, sizeof seed);
    CSIG_ASSERT(ok == 1); /* "error" is reserved by its contract and never happens */
    return CSIG_OK;
}

void csig_curve_wipe(csig_curve *c)
{
    csig_wipe(c, sizeof *c);
}

/* --- secret scalars --- */

csig_err csig_point_mul_g(csig_point *R, const csig_curve *c, const csig_scalar *k)
{
    int ok = secp256k1_ec_pubkey_create(c->ctx, &R->k, k->b);

    csig_ct_public(&ok, sizeof ok);     /* k = 0 is a public failure by contract */
    csig_ct_public(&R->k, sizeof R->k); /* a point is public: k is hidden by the logarithm */
    CSIG_REQUIRE(ok == 1, CSIG_E_RANGE);
    return CSIG_OK;
}

/* For secp256k1_ecdh: both coordinates as they are. */
static int both_coordinates(unsigned char *out, const unsigned char *x32, const unsigned char *y32,
                            void *data)
{
    (void)data;
    memcpy(out, x32, 32);
    memcpy(out + 32, y32, 32);
    return 1;
}

csig_err csig_point_dh(uint8_t xy[64], const csig_scalar *k, const csig_point *P)
{
    int ok = secp256k1_ecdh(secp256k1_context_static, xy, &P->k, k->b, both_coordinates, NULL);

    csig_ct_public(&ok, sizeof ok); /* k = 0 is a public failure by contract */
    if (ok != 1) csig_wipe(xy, 64);
    CSIG_REQUIRE(ok == 1, CSIG_E_RANGE);
    return CSIG_OK;
}

csig_err csig_point_mul(csig_point *R, const csig_scalar *k, const csig_point *P)
{
    uint8_t sec1[UNCOMPRESSED_BYTES] = {0x04};
    int ok;

    CSIG_TRY(csig_point_dh(sec1 + 1, k, P));
    csig_ct_public(sec1, sizeof sec1); /* a point is public: k is hidden by the logarithm */
    ok = secp256k1_ec_pubkey_parse(secp256k1_context_static, &R->k, sec1, sizeof sec1);
    CSIG_ASSERT(ok == 1);
    return CSIG_OK;
}

/* --- public arguments --- */

void csig_point_generator(csig_point *G)
{
    const int ok =
        secp256k1_ec_pubkey_parse(secp256k1_context_static, &G->k, generator, sizeof generator);

    CSIG_ASSERT(ok == 1);
}

bool csig_point_has_mul_var(csig_point *R, const csig_scalar *k, const csig_point *P)
{
    *R = *P;
    return secp256k1_ec_pubkey_tweak_mul(secp256k1_context_static, &R->k, k->b) == 1;
}

/* kG = G + (k - 1)G: the one multiple of G that libsecp256k1 offers in variable time. */
bool csig_point_has_mul_g_var(csig_point *R, const csig_scalar *k)
{
    csig_scalar one, tweak;

    csig_scalar_set_u32(&one, 1);
    csig_scalar_sub(&tweak, k, &one);
    csig_point_generator(R);
    return secp256k1_ec_pubkey_tweak_add(secp256k1_context_static, &R->k, tweak.b) == 1;
}

/* In chunks; what came before is the first term of the next, unless it is infinity, which a partial
 * sum may well be. */
bool csig_point_has_sum(csig_point *R, const csig_point *const *P, size_t n)
{
    const secp256k1_pubkey *term[1 + SUM_CHUNK];
    csig_point sum, next;
    bool found = false;

    for (size_t from = 0; from < n; from += SUM_CHUNK) {
        size_t terms = 0;

        if (found) term[terms++] = &sum.k;
        for (size_t i = from; i < n && i < from + SUM_CHUNK; i++)
            term[terms++] = &P[i]->k;
        found = secp256k1_ec_pubkey_combine(secp256k1_context_static, &next.k, term, terms) == 1;
        sum = next;
    }
    if (found) *R = sum;
    return found;
}

bool csig_point_has_add(csig_point *R, const csig_point *A, const csig_point *B)
{
    const csig_point *const both[] = {A, B};

    return csig_point_has_sum(R, both, CSIG_ARRAY_LEN(both));
}

void csig_point_neg(csig_point *R, const csig_point *P)
{
    int ok;

    *R = *P;
    ok = secp256k1_ec_pubkey_negate(secp256k1_context_static, &R->k);
    CSIG_ASSERT(ok == 1);
}

/* T = kP for k != 0; the coefficients 1 and -1 of the equations cost nothing. */
static void term_var(csig_point *T, const csig_scalar *k, const csig_point *P)
{
    csig_scalar one, minus_one;
    bool there = true;

    csig_scalar_set_u32(&one, 1);
    csig_scalar_neg(&minus_one, &one);
    if (P == NULL)
        there = csig_point_has_mul_g_var(T, k);
    else if (csig_scalar_is_eq(k, &one))
        *T = *P;
    else if (csig_scalar_is_eq(k, &minus_one))
        csig_point_neg(T, P);
    else
        there = csig_point_has_mul_var(T, k, P);
    CSIG_ASSERT(there);
}

bool csig_point_is_zero_sum_var(const csig_scalar *const *k, const csig_point *const *P, size_t n)
{
    csig_point T[SUM_TERMS], sum;
    const csig_point *term[SUM_TERMS];
    size_t terms = 0;

    CSIG_ASSERT(n <= SUM_TERMS);
    for (size_t i = 0; i < n; i++) {
        if (csig_scalar_is_zero(k[i])) continue;
        term_var(&T[terms], k[i], P[i]);
        term[terms] = &T[terms];
        terms++;
    }
    return !csig_point_has_sum(&sum, term, terms);
}

bool csig_point_is_eq(const csig_point *A, const csig_point *B)
{
    return secp256k1_ec_pubkey_cmp(secp256k1_context_static, &A->k, &B->k) == 0;
}

/* --- octets --- */

void csig_point_x(uint8_t x[32], const csig_point *P)
{
    uint8_t sec1[CSIG_POINT_BYTES];

    csig_point_to_bytes(sec1, P);
    memcpy(x, sec1 + 1, 32);
}

void csig_point_xy(uint8_t xy[64], const csig_point *P)
{
    uint8_t sec1[65];
    size_t len = sizeof sec1;

    CSIG_ASSERT(secp256k1_ec_pubkey_serialize(secp256k1_context_static, sec1, &len, &P->k,
                                              SECP256K1_EC_UNCOMPRESSED) == 1);
    memcpy(xy, sec1 + 1, 64);
}

bool csig_point_is_odd(const csig_point *P)
{
    uint8_t sec1[CSIG_POINT_BYTES];

    csig_point_to_bytes(sec1, P);
    return sec1[0] == SECP256K1_TAG_PUBKEY_ODD;
}

void csig_point_to_bytes(uint8_t out[CSIG_POINT_BYTES], const csig_point *P)
{
    size_t len = CSIG_POINT_BYTES;
    const int ok = secp256k1_ec_pubkey_serialize(secp256k1_context_static, out, &len, &P->k,
                                                 SECP256K1_EC_COMPRESSED);

    CSIG_ASSERT(ok == 1 && len == CSIG_POINT_BYTES);
}

csig_err csig_point_from_bytes(csig_point *P, const uint8_t in[CSIG_POINT_BYTES])
{
    CSIG_REQUIRE(secp256k1_ec_pubkey_parse(secp256k1_context_static, &P->k, in, CSIG_POINT_BYTES) ==
                     1,
                 CSIG_E_POINT);
    return CSIG_OK;
}

void csig_point_wire(csig_wire *w, csig_point *P)
{
    if (w->op == CSIG_WIRE_READ) {
        const uint8_t *in = csig_wire_get(w, CSIG_FIELD_POINT, CSIG_POINT_BYTES);

        if (in != NULL && csig_point_from_bytes(P, in) != CSIG_OK) w->bad = true;
    } else {
        uint8_t *out = csig_wire_put(w, CSIG_FIELD_POINT, CSIG_POINT_BYTES);

        if (out != NULL) csig_point_to_bytes(out, P);
    }
}
