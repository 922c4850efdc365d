/* Secret integers against mpz. */
#include "num/sec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/oracle.h"
#include "support/trap.h"

#define ROUNDS 300

static void expect(const csig_sec *x, const mpz_t want, uint32_t bits)
{
    mpz_t z;

    mpz_init(z);
    assert_int_equal(x->bits, bits);
    assert_true(x->neg <= 1);
    for (size_t i = CSIG_LIMBS(bits) + (bits == 0); i < CSIG_INT_LIMBS; i++)
        assert_int_equal(x->d[i], 0);
    oracle_from_limbs(z, x->d, CSIG_INT_LIMBS);
    assert_true(mpz_sgn(z) == 0 || mpz_sizeinbase(z, 2) <= bits);
    if (x->neg == 1) mpz_neg(z, z);
    assert_int_equal(mpz_cmp(z, want), 0);
    mpz_clear(z);
}

static void expect_int(const csig_int *a, const mpz_t want)
{
    csig_int w;

    oracle_to_int(&w, want);
    assert_true(csig_int_is_eq(a, &w));
}

static void arithmetic(void **state)
{
    const uint32_t most = CSIG_INT_BITS / 2;
    mpz_t a, b, z;

    (void)state;
    oracle_seed(1);
    mpz_inits(a, b, z, NULL);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        const uint32_t abits = i < 4 ? i : i * 97 % most, bbits = i < 8 ? i / 2 : i * 61 % most;
        const uint32_t sum_bits = (abits > bbits ? abits : bbits) + 1;
        csig_sec x, y, r;
        csig_int n;

        oracle_runs(a, abits);
        oracle_runs(b, bbits);
        if (i % 8 == 7 && bbits >= abits) mpz_neg(b, a);
        oracle_to_sec(&x, a, abits);
        oracle_to_sec(&y, b, bbits);

        mpz_add(z, a, b);
        csig_sec_add(&r, &x, &y);
        expect(&r, z, sum_bits);
        csig_sec_reveal(&n, &r);
        expect_int(&n, z);
        mpz_mul(z, a, b);
        csig_sec_mul(&r, &x, &y);
        expect(&r, z, abits + bbits);
        csig_sec_reveal(&n, &r);
        expect_int(&n, z);
        mpz_neg(z, a);
        csig_sec_neg(&r, &x);
        expect(&r, z, abits);
        csig_sec_reveal(&n, &r); /* minus zero becomes zero */
        expect_int(&n, z);

        oracle_to_int(&n, a);
        csig_sec_from_int(&r, &n, abits + 70);
        expect(&r, a, abits + 70);

        mpz_mul(z, a, a), mpz_mul_ui(z, z, 2);
        csig_sec_mul(&x, &x, &x);
        csig_sec_add(&x, &x, &x);
        expect(&x, z, 2 * abits + 1);
    }
    mpz_clears(a, b, z, NULL);
}

static void responses(void **state)
{
    mpz_t a, e, x, z, q;

    (void)state;
    oracle_seed(2);
    mpz_inits(a, e, x, z, NULL);
    mpz_init_set_str(q, "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
    for (int i = 0; i < ROUNDS; i++) {
        const uint32_t xbits = CSIG_ELL_P, abits = CSIG_ELL_P + CSIG_EPS + 1;
        csig_sec as, xs;
        csig_scalar s;
        csig_int ei, zi;
        mpz_t m;

        oracle_runs(a, abits);
        oracle_runs(x, xbits);
        oracle_runs(e, CSIG_Q_BITS);
        mpz_abs(e, e);
        oracle_to_sec(&as, a, abits);
        oracle_to_sec(&xs, x, xbits);
        oracle_to_int(&ei, e);
        mpz_mul(z, e, x);
        mpz_add(z, z, a);
        csig_sec_response(&zi, &as, &ei, &xs);
        expect_int(&zi, z);

        mpz_init(m);
        csig_sec_mod_q(&s, &as);
        mpz_mod(z, a, q);
        mpz_import(m, sizeof s.b, 1, 1, 1, 0, s.b);
        assert_int_equal(mpz_cmp(m, z), 0);
        mpz_clear(m);
    }
    mpz_clears(a, e, x, z, q, NULL);
}

/* q, 2q, -q and 0 of both signs are 0 mod q; -1 is q - 1. */
static void mod_q_edges(void **state)
{
    csig_scalar minus_one, r;
    csig_sec x, zero;
    csig_int q, n;

    (void)state;
    csig_scalar_set_u32(&r, 1);
    csig_scalar_neg(&minus_one, &r);
    csig_scalar_to_int(&q, &minus_one);
    csig_int_set_u64(&n, 1);
    csig_int_add(&q, &q, &n);
    for (uint64_t k = 0; k < 4; k++) {
        for (int neg = 0; neg < 2; neg++) {
            csig_int_set_u64(&n, k);
            csig_int_mul(&n, &n, &q);
            csig_sec_from_int(&x, &n, 260);
            if (neg == 1) csig_sec_neg(&x, &x);
            csig_sec_mod_q(&r, &x);
            assert_true(csig_scalar_is_zero(&r));
        }
    }
    csig_int_set_u64(&n, 0);
    csig_sec_from_int(&zero, &n, 0);
    csig_sec_mod_q(&r, &zero);
    assert_true(csig_scalar_is_zero(&r));
    csig_int_set_u64(&n, 1);
    csig_int_neg(&n, &n);
    csig_sec_from_int(&x, &n, 1);
    csig_sec_mod_q(&r, &x);
    assert_true(csig_scalar_is_eq(&r, &minus_one));
    csig_sec_from_scalar(&x, &minus_one);
    assert_int_equal(x.bits, 256);
    csig_sec_mod_q(&r, &x);
    assert_true(csig_scalar_is_eq(&r, &minus_one));
}

static void octets(void **state)
{
    uint8_t be[200], out[208], padded[208] = {0};
    csig_sec x;
    mpz_t z;

    (void)state;
    mpz_init(z);
    for (size_t len = 0; len <= sizeof be; len++) {
        for (size_t i = 0; i < len; i++)
            be[i] = (uint8_t)(255 - i);
        mpz_import(z, len, 1, 1, 1, 0, be);
        csig_sec_from_bytes(&x, be, len);
        expect(&x, z, (uint32_t)(8 * len));
        csig_sec_to_bytes(out, len, &x);
        assert_memory_equal(out, be, len);
        csig_sec_to_bytes(out, len + 8, &x); /* padded left */
        assert_memory_equal(out, padded, 8);
        assert_memory_equal(out + 8, be, len);
    }
    csig_sec_wipe(&x);
    assert_int_equal(x.bits, 0);
    for (size_t i = 0; i < CSIG_INT_LIMBS; i++)
        assert_int_equal(x.d[i], 0);
    mpz_clear(z);
}

/* Our own mistakes stop the process. */
static csig_sec widest;
static csig_int minus_one, zero, one;
static csig_rng trap_rng;

static void value_above_its_bound(void *arg)
{
    csig_int three;

    csig_int_set_u64(&three, 3);
    csig_sec_from_int(arg, &three, 1);
}

static void octets_too_few(void *arg)
{
    uint8_t be[sizeof widest.d - 1];

    (void)arg;
    csig_sec_to_bytes(be, sizeof be, &widest);
}

static void octets_too_many(void *arg)
{
    static const uint8_t be[sizeof widest.d + 1];

    csig_sec_from_bytes(arg, be, sizeof be);
}

static void sum_too_wide(void *arg)
{
    csig_sec_add(arg, &widest, &widest);
}

static void product_too_wide(void *arg)
{
    csig_sec_mul(arg, &widest, &widest);
}

static void negative_challenge(void *arg)
{
    csig_int z;

    csig_sec_response(&z, arg, &minus_one, arg);
}

static void range_of_zero(void *arg)
{
    csig_sec_random_pm_times(arg, &trap_rng, 3, &zero);
}

static void range_of_negative(void *arg)
{
    csig_sec_random_pm_times(arg, &trap_rng, 3, &minus_one);
}

static void below_one(void *arg)
{
    csig_sec_random_below(arg, &trap_rng, &one);
}

static void below_zero(void *arg)
{
    csig_sec_random_below(arg, &trap_rng, &minus_one);
}

static void broken_promises_trap(void **state)
{
    static void (*const fn[])(void *) = {
        value_above_its_bound, octets_too_few, octets_too_many,   sum_too_wide, product_too_wide,
        negative_challenge,    range_of_zero,  range_of_negative, below_one,    below_zero,
    };
    csig_sec x;

    (void)state;
    csig_int_set_u64(&zero, 0);
    csig_int_set_u64(&one, 1);
    csig_int_neg(&minus_one, &one);
    csig_sec_from_int(&widest, &one, CSIG_INT_LIMBS * GMP_NUMB_BITS);
    csig_sec_from_int(&x, &one, 1);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(fn); i++)
        assert_true(trap_is_hit(fn[i], &x));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic),           cmocka_unit_test(responses),
        cmocka_unit_test(mod_q_edges),          cmocka_unit_test(octets),
        cmocka_unit_test(broken_promises_trap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
