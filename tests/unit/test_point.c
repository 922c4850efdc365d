/* Points against known multiples of G, and their octets. */
#include "num/point.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

typedef struct fixture {
    csig_rng rng;
    csig_curve curve;
} fixture;

/* Multiples of G: SEC 2 for 1; 2, 3 and 7 are published test vectors of secp256k1. */
static const struct {
    uint32_t k;
    uint8_t sec1[CSIG_POINT_BYTES + 1];
} multiples[] = {
    {1, "\x02\x79\xbe\x66\x7e\xf9\xdc\xbb\xac\x55\xa0\x62\x95\xce\x87\x0b\x07"
        "\x02\x9b\xfc\xdb\x2d\xce\x28\xd9\x59\xf2\x81\x5b\x16\xf8\x17\x98"},
    {2, "\x02\xc6\x04\x7f\x94\x41\xed\x7d\x6d\x30\x45\x40\x6e\x95\xc0\x7c\xd8"
        "\x5c\x77\x8e\x4b\x8c\xef\x3c\xa7\xab\xac\x09\xb9\x5c\x70\x9e\xe5"},
    {3, "\x02\xf9\x30\x8a\x01\x92\x58\xc3\x10\x49\x34\x4f\x85\xf8\x9d\x52\x29"
        "\xb5\x31\xc8\x45\x83\x6f\x99\xb0\x86\x01\xf1\x13\xbc\xe0\x36\xf9"},
    {7, "\x02\x5c\xbd\xf0\x64\x6e\x5d\xb4\xea\xa3\x98\xf3\x65\xf2\xea\x7a\x0e"
        "\x3d\x41\x9b\x7e\x03\x30\xe3\x9c\xe9\x2b\xdd\xed\xca\xc4\xf9\xbc"},
};

static void small(csig_point *R, int32_t k)
{
    csig_scalar s;

    csig_scalar_set_u32(&s, (uint32_t)(k < 0 ? -k : k));
    if (k < 0) csig_scalar_neg(&s, &s);
    assert_true(csig_point_has_mul_g_var(R, &s));
}

static void expect(const csig_point *A, const csig_point *B)
{
    uint8_t a[CSIG_POINT_BYTES], b[CSIG_POINT_BYTES];

    csig_point_to_bytes(a, A);
    csig_point_to_bytes(b, B);
    assert_memory_equal(a, b, sizeof a);
    assert_true(csig_point_is_eq(A, B));
}

static void known_multiples(void **state)
{
    const fixture *f = *state;

    for (size_t i = 0; i < CSIG_ARRAY_LEN(multiples); i++) {
        uint8_t out[CSIG_POINT_BYTES], x[32];
        csig_point G, R, want;
        csig_scalar k;

        csig_scalar_set_u32(&k, multiples[i].k);
        csig_point_generator(&G);
        assert_int_equal(csig_point_from_bytes(&want, multiples[i].sec1), CSIG_OK);
        csig_point_to_bytes(out, &want);
        assert_memory_equal(out, multiples[i].sec1, sizeof out);
        csig_point_x(x, &want);
        assert_memory_equal(x, multiples[i].sec1 + 1, sizeof x);

        assert_int_equal(csig_point_mul_g(&R, &f->curve, &k), CSIG_OK);
        expect(&R, &want);
        assert_int_equal(csig_point_mul(&R, &k, &G), CSIG_OK);
        expect(&R, &want);
        assert_true(csig_point_has_mul_var(&R, &k, &G));
        expect(&R, &want);
        assert_true(csig_point_has_mul_g_var(&R, &k));
        expect(&R, &want);
    }
}

/* All four multiplications agree, for random and extreme scalars. */
static void multiplications_agree(void **state)
{
    fixture *f = *state;
    csig_point G;

    csig_point_generator(&G);
    for (int i = 0; i < 20; i++) {
        csig_point P, A, B;
        csig_scalar j, k, jk;

        csig_scalar_random(&j, &f->rng, "test");
        csig_scalar_random(&k, &f->rng, "test");
        if (i < 4) csig_scalar_set_u32(&k, (uint32_t)(i / 2 + 1));
        if (i < 4 && i % 2 == 1) csig_scalar_neg(&k, &k); /* 1, q - 1, 2, q - 2 */
        csig_scalar_mul(&jk, &j, &k);
        assert_int_equal(csig_point_mul_g(&P, &f->curve, &j), CSIG_OK);
        assert_int_equal(csig_point_mul_g(&A, &f->curve, &jk), CSIG_OK);
        assert_int_equal(csig_point_mul(&B, &k, &P), CSIG_OK);
        expect(&A, &B);
        assert_true(csig_point_has_mul_var(&B, &k, &P));
        expect(&A, &B);
        assert_true(csig_point_has_mul_g_var(&B, &jk));
        expect(&A, &B);
        assert_int_equal(csig_point_mul(&A, &k, &G), CSIG_OK);
        assert_int_equal(csig_point_mul_g(&B, &f->curve, &k), CSIG_OK);
        expect(&A, &B);
    }
}

static void zero_scalar_is_refused(void **state)
{
    const fixture *f = *state;
    const csig_scalar zero = {{0}};
    const uint8_t nothing[64] = {0};
    uint8_t xy[64];
    csig_point G, R;

    csig_point_generator(&G);
    assert_int_equal(csig_point_mul_g(&R, &f->curve, &zero), CSIG_E_RANGE);
    assert_int_equal(csig_point_mul(&R, &zero, &G), CSIG_E_RANGE);
    memset(xy, 0xff, sizeof xy);
    assert_int_equal(csig_point_dh(xy, &zero, &G), CSIG_E_RANGE);
    assert_memory_equal(xy, nothing, sizeof xy);
    assert_false(csig_point_has_mul_var(&R, &zero, &G));
    assert_false(csig_point_has_mul_g_var(&R, &zero));
}

static void dh_gives_both_coordinates(void **state)
{
    fixture *f = *state;
    uint8_t ab[64], ba[64], sec1[CSIG_POINT_BYTES];
    csig_scalar a, b, c;
    csig_point A, B, C;

    csig_scalar_random(&a, &f->rng, "test");
    csig_scalar_random(&b, &f->rng, "test");
    csig_scalar_mul(&c, &a, &b);
    assert_int_equal(csig_point_mul_g(&A, &f->curve, &a), CSIG_OK);
    assert_int_equal(csig_point_mul_g(&B, &f->curve, &b), CSIG_OK);
    assert_int_equal(csig_point_mul_g(&C, &f->curve, &c), CSIG_OK);
    assert_int_equal(csig_point_dh(ab, &a, &B), CSIG_OK);
    assert_int_equal(csig_point_dh(ba, &b, &A), CSIG_OK);
    assert_memory_equal(ab, ba, sizeof ab);
    csig_point_to_bytes(sec1, &C);
    assert_memory_equal(ab, sec1 + 1, 32);
    assert_int_equal(ab[63] & 1, csig_point_is_odd(&C));
}

static void parity_and_negation(void **state)
{
    csig_point P, N;

    (void)state;
    for (int32_t k = 1; k < 20; k++) {
        uint8_t sec1[CSIG_POINT_BYTES], x[32], nx[32];

        small(&P, k);
        csig_point_neg(&N, &P);
        csig_point_to_bytes(sec1, &P);
        assert_int_equal(csig_point_is_odd(&P), sec1[0] == 3);
        assert_int_not_equal(csig_point_is_odd(&P), csig_point_is_odd(&N));
        csig_point_x(x, &P);
        csig_point_x(nx, &N);
        assert_memory_equal(x, nx, sizeof x);
        assert_false(csig_point_is_eq(&P, &N));
        csig_point_neg(&N, &N);
        expect(&N, &P);
    }
}

static void walk(csig_wire *w, void *msg)
{
    csig_point *P = msg;

    csig_point_wire(w, P);
}

static void refuses(const uint8_t *in)
{
    csig_point P;

    assert_int_equal(csig_point_from_bytes(&P, in), CSIG_E_POINT);
    assert_int_equal(csig_wire_read(walk, &P, in, CSIG_POINT_BYTES), CSIG_E_FORMAT);
}

static void octets(void **state)
{
    uint8_t in[CSIG_POINT_BYTES], out[CSIG_POINT_BYTES];
    csig_point P;

    (void)state;
    assert_int_equal(csig_wire_size(walk), CSIG_POINT_BYTES);
    memcpy(in, multiples[2].sec1, sizeof in);
    assert_int_equal(csig_wire_read(walk, &P, in, sizeof in), CSIG_OK);
    csig_wire_write(walk, &P, out, sizeof out);
    assert_memory_equal(in, out, sizeof in);

    for (int tag = 0; tag < 256; tag++) { /* infinity, uncompressed and hybrid tags among them */
        in[0] = (uint8_t)tag;
        if (tag != 2 && tag != 3) refuses(in);
    }
    memset(in, 0, sizeof in);
    refuses(in);
    in[0] = 2; /* x = 0: 7 is not a square */
    refuses(in);
    in[32] = 5; /* x = 5 is not on the curve */
    refuses(in);
    /* x = 1 is; the same x written as p + 1 is not an encoding */
    in[32] = 1;
    assert_int_equal(csig_point_from_bytes(&P, in), CSIG_OK);
    memset(in + 1, 0xff, 32);
    in[28] = 0xfe;
    in[31] = 0xfc;
    in[32] = 0x30;
    refuses(in);
    memset(in + 1, 0xff, 32);
    refuses(in);
}

static void curve_is_wiped(void **state)
{
    fixture *f = *state;
    static csig_curve c;
    const csig_curve none = {0};

    assert_int_equal(csig_curve_init(&c, &f->rng), CSIG_OK);
    assert_non_null(c.ctx);
    csig_curve_wipe(&c);
    assert_memory_equal(&c, &none, sizeof c);
}

static int setup(void **state)
{
    static fixture f;

    csig_rng_init(&f.rng, NULL, NULL);
    if (csig_curve_init(&f.curve, &f.rng) != CSIG_OK) return -1;
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;

    csig_curve_wipe(&f->curve);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_multiples),        cmocka_unit_test(multiplications_agree),
        cmocka_unit_test(zero_scalar_is_refused), cmocka_unit_test(dh_gives_both_coordinates),
        cmocka_unit_test(parity_and_negation),    cmocka_unit_test(octets),
        cmocka_unit_test(curve_is_wiped),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
