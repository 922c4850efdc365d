/* Scalars mod q against mpz. */
#include "num/scalar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/oracle.h"
#include "support/trap.h"

#define ROUNDS 300

static mpz_t q;

static void to_mpz(mpz_t z, const csig_scalar *a)
{
    mpz_import(z, sizeof a->b, 1, 1, 1, 0, a->b);
}

static void to_bytes(uint8_t *be, size_t len, const mpz_t z)
{
    const size_t used = mpz_sgn(z) == 0 ? 0 : (mpz_sizeinbase(z, 2) + 7) / 8;

    assert_true(used <= len);
    memset(be, 0, len);
    if (used > 0) mpz_export(be + len - used, NULL, 1, 1, 1, 0, z);
}

static void expect(const csig_scalar *a, const mpz_t want)
{
    mpz_t z;

    mpz_init(z);
    to_mpz(z, a);
    assert_int_equal(mpz_cmp(z, want), 0);
    mpz_clear(z);
}

/* 0, 1, 2, q - 2, q - 1 and long runs of ones and zeros */
static void edge_or_random(mpz_t z, int i)
{
    if (i < 3) {
        mpz_set_ui(z, (unsigned long)i);
    } else if (i < 5) {
        mpz_sub_ui(z, q, (unsigned long)(5 - i));
    } else {
        oracle_runs(z, 256);
        mpz_mod(z, z, q);
    }
}

static void arithmetic(void **state)
{
    mpz_t a, b, e, z;

    (void)state;
    oracle_seed(1);
    mpz_inits(a, b, e, z, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        csig_scalar x, y, w, r;

        edge_or_random(a, i < 25 ? i / 5 : 99);
        edge_or_random(b, i < 25 ? i % 5 : 99);
        edge_or_random(e, 99);
        to_bytes(x.b, sizeof x.b, a);
        to_bytes(y.b, sizeof y.b, b);
        to_bytes(w.b, sizeof w.b, e);

        mpz_add(z, a, b), mpz_mod(z, z, q);
        csig_scalar_add(&r, &x, &y);
        expect(&r, z);
        mpz_sub(z, a, b), mpz_mod(z, z, q);
        csig_scalar_sub(&r, &x, &y);
        expect(&r, z);
        mpz_neg(z, a), mpz_mod(z, z, q);
        csig_scalar_neg(&r, &x);
        expect(&r, z);
        mpz_mul(z, a, b), mpz_mod(z, z, q);
        csig_scalar_mul(&r, &x, &y);
        expect(&r, z);
        mpz_mul(z, e, b), mpz_add(z, z, a), mpz_mod(z, z, q);
        csig_scalar_response(&r, &x, &w, &y);
        expect(&r, z);
        if (!mpz_invert(z, a, q)) mpz_set_ui(z, 0);
        csig_scalar_inv(&r, &x);
        expect(&r, z);
        csig_scalar_inv_var(&r, &x);
        expect(&r, z);

        r = x;
        csig_scalar_add(&r, &r, &r);
        csig_scalar_mul(&r, &r, &r);
        mpz_mul(z, a, a), mpz_mul_ui(z, z, 4), mpz_mod(z, z, q);
        expect(&r, z);

        assert_int_equal(csig_scalar_is_zero(&x), mpz_sgn(a) == 0);
        assert_int_equal(csig_scalar_is_eq(&x, &y), mpz_cmp(a, b) == 0);
        mpz_mul_ui(z, a, 2);
        assert_int_equal(csig_scalar_is_high(&x), mpz_cmp(z, q) > 0);
    }
    mpz_clears(a, b, e, z, NULL);
}

static void reductions(void **state)
{
    uint8_t be[128];
    mpz_t z;

    (void)state;
    oracle_seed(2);
    mpz_init(z);
    for (int i = 0; i < ROUNDS; i++) {
        const size_t len = i < 2 * 129 ? (size_t)(i / 2) : sizeof be;
        csig_scalar r;
        csig_int a;

        oracle_runs(z, (uint32_t)(8 * len)), mpz_abs(z, z);
        if (i % 2 == 1) mpz_ui_pow_ui(z, 2, 8 * len), mpz_sub_ui(z, z, 1); /* all ones */
        to_bytes(be, len, z);
        csig_int_from_bytes(&a, be, len);
        mpz_mod(z, z, q);
        csig_scalar_from_bytes(&r, be, len);
        expect(&r, z);
        csig_scalar_from_int(&r, &a);
        expect(&r, z);
        csig_scalar_from_limbs(&r, a.d, a.limbs);
        expect(&r, z);
        csig_int_neg(&a, &a);
        mpz_neg(z, z), mpz_mod(z, z, q);
        csig_scalar_from_int(&r, &a);
        expect(&r, z);
        csig_scalar_to_int(&a, &r);
        csig_scalar_from_int(&r, &a);
        expect(&r, z);
    }
    mpz_clear(z);
}

/* Just below, at and above the multiples of q. */
static void reduction_edges(void **state)
{
    mpz_t z, want;

    (void)state;
    mpz_inits(z, want, NULL);
    for (unsigned long k = 0; k < 4; k++) {
        for (unsigned long d = 0; d < 3; d++) {
            uint8_t be[33];
            csig_scalar r;

            mpz_mul_ui(z, q, k);
            mpz_add_ui(z, z, d);
            if (mpz_sgn(z) > 0) mpz_sub_ui(z, z, 1);
            to_bytes(be, sizeof be, z);
            csig_scalar_from_bytes(&r, be, sizeof be);
            mpz_mod(want, z, q);
            expect(&r, want);
        }
    }
    mpz_clears(z, want, NULL);
}

static void small_values(void **state)
{
    csig_scalar a;
    csig_int n;
    mpz_t z;

    (void)state;
    mpz_init_set_ui(z, 0xfedcba98);
    csig_scalar_set_u32(&a, 0xfedcba98);
    expect(&a, z);
    csig_scalar_to_int(&n, &a);
    assert_int_equal(csig_int_mod_u32(&n, 0xffffffff), 0xfedcba98);
    csig_scalar_set_u32(&a, 0);
    assert_true(csig_scalar_is_zero(&a));
    for (size_t i = 0; i < sizeof a.b; i++) { /* no octet is overlooked */
        csig_scalar b = a;

        b.b[i] = 0x80;
        assert_false(csig_scalar_is_zero(&b));
        assert_false(csig_scalar_is_eq(&a, &b));
    }
    memset(a.b, 0xff, sizeof a.b);
    csig_scalar_wipe(&a);
    assert_true(csig_scalar_is_zero(&a));
    mpz_clear(z);
}

static void is_high_is_strict(void **state)
{
    csig_scalar a;
    mpz_t z;

    (void)state;
    mpz_init(z);
    mpz_fdiv_q_2exp(z, q, 1);
    to_bytes(a.b, sizeof a.b, z);
    assert_false(csig_scalar_is_high(&a));
    mpz_add_ui(z, z, 1);
    to_bytes(a.b, sizeof a.b, z);
    assert_true(csig_scalar_is_high(&a));
    mpz_clear(z);
}

static void random_is_in_range(void **state)
{
    csig_scalar last = {{0}};
    csig_rng rng;
    mpz_t z;

    (void)state;
    mpz_init(z);
    csig_rng_init(&rng, NULL, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        csig_scalar a;

        csig_scalar_random(&a, &rng, "test");
        to_mpz(z, &a);
        assert_true(mpz_sgn(z) > 0 && mpz_cmp(z, q) < 0);
        assert_false(csig_scalar_is_eq(&a, &last));
        last = a;
    }
    mpz_clear(z);
}

static void walk(csig_wire *w, void *msg)
{
    csig_scalar *a = msg;

    csig_scalar_wire(w, a);
}

static void wire(void **state)
{
    uint8_t be[32], again[32];
    csig_scalar a;
    mpz_t z;

    (void)state;
    mpz_init(z);
    assert_int_equal(csig_wire_size(walk), 32);
    for (int i = 0; i < 8; i++) {
        mpz_sub_ui(z, q, (unsigned long)i);
        mpz_add_ui(z, z, 3); /* from q + 3 to q - 4 */
        to_bytes(be, sizeof be, z);
        assert_int_equal(csig_wire_read(walk, &a, be, sizeof be),
                         mpz_cmp(z, q) < 0 ? CSIG_OK : CSIG_E_FORMAT);
        if (mpz_cmp(z, q) >= 0) continue;
        expect(&a, z);
        csig_wire_write(walk, &a, again, sizeof again);
        assert_memory_equal(be, again, sizeof be);
    }
    memset(be, 0xff, sizeof be);
    assert_int_equal(csig_wire_read(walk, &a, be, sizeof be), CSIG_E_FORMAT);
    memset(be, 0, sizeof be);
    assert_int_equal(csig_wire_read(walk, &a, be, sizeof be), CSIG_OK);
    assert_true(csig_scalar_is_zero(&a));
    mpz_clear(z);
}

static void reduce_too_many_octets(void *arg)
{
    static const uint8_t be[129];

    csig_scalar_from_bytes(arg, be, sizeof be);
}

static void reduce_too_many_limbs(void *arg)
{
    static const mp_limb_t d[CSIG_INT_LIMBS + 1];

    csig_scalar_from_limbs(arg, d, CSIG_INT_LIMBS + 1);
}

static void broken_promises_trap(void **state)
{
    csig_scalar r;

    (void)state;
    assert_true(trap_is_hit(reduce_too_many_octets, &r));
    assert_true(trap_is_hit(reduce_too_many_limbs, &r));
}

static int setup(void **state)
{
    (void)state;
    mpz_init_set_str(q, "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    mpz_clear(q);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic),
        cmocka_unit_test(reductions),
        cmocka_unit_test(reduction_edges),
        cmocka_unit_test(small_values),
        cmocka_unit_test(is_high_is_strict),
        cmocka_unit_test(random_is_in_range),
        cmocka_unit_test(wire),
        cmocka_unit_test(broken_promises_trap),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
