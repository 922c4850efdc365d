/* csig_int modulo n, primes and factors, against mpz. */
#include "num/int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/oracle.h"

#define ROUNDS 400

static void expect(const csig_int *a, const mpz_t want)
{
    assert_true(oracle_is_int(a, want));
}

static void expect_small(const csig_int *a, uint64_t want)
{
    mpz_t z;

    mpz_init(z);
    mpz_import(z, 1, 1, sizeof want, 0, 0, &want);
    expect(a, z);
    mpz_clear(z);
}

static void modular(void **state)
{
    mpz_t a, b, n, z;

    (void)state;
    oracle_seed(2);
    mpz_inits(a, b, n, z, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        csig_int x, y, m, r;
        int unit;

        oracle_runs(a, CSIG_INT_BITS);
        oracle_runs(b, CSIG_INT_BITS);
        do {
            oracle_runs(n, CSIG_NN_BITS);
            mpz_abs(n, n);
        } while (mpz_sgn(n) == 0);
        oracle_to_int(&x, a);
        oracle_to_int(&y, b);
        oracle_to_int(&m, n);

        mpz_mod(z, a, n);
        csig_int_mod(&r, &x, &m);
        expect(&r, z);
        assert_int_equal(csig_int_is_unit(&x, &m), 0 < mpz_sgn(a) && mpz_cmp(a, n) < 0 &&
                                                       (mpz_gcd(b, a, n), mpz_cmp_ui(b, 1) == 0));
        assert_int_equal(csig_int_is_unit(&r, &m),
                         mpz_sgn(z) != 0 && (mpz_gcd(b, z, n), mpz_cmp_ui(b, 1) == 0));
        oracle_from_int(b, &y);
        mpz_mul(z, a, b);
        mpz_mod(z, z, n);
        csig_int_mulm(&r, &x, &y, &m);
        expect(&r, z);
        unit = mpz_invert(z, a, n);
        assert_int_equal(csig_int_has_inverse(&r, &x, &m), unit != 0);
        if (unit) expect(&r, z);
        if (mpz_odd_p(n)) assert_int_equal(csig_int_jacobi(&x, &m), mpz_jacobi(a, n));
        assert_int_equal(csig_int_mod_u32(&x, 0xfffffffb),
                         (mpz_abs(b, a), mpz_fdiv_ui(b, 0xfffffffb)));
    }
    mpz_clears(a, b, n, z, NULL);
}

/* Every output may be any of its inputs. */
static void aliases(void **state)
{
    csig_int a, b, n, r, want;
    mpz_t z;

    (void)state;
    oracle_seed(4);
    mpz_init(z);
    for (int i = 0; i < 50; i++) {
        oracle_runs(z, CSIG_N_BITS), oracle_to_int(&a, z);
        oracle_runs(z, CSIG_N_BITS), oracle_to_int(&b, z);
        oracle_bits(z, CSIG_N_BITS / 2), mpz_setbit(z, 0), oracle_to_int(&n, z);
#define ALIAS(call_want, call_first, call_second)                                                  \
    do {                                                                                           \
        call_want;                                                                                 \
        r = a;                                                                                     \
        call_first;                                                                                \
        assert_true(csig_int_is_eq(&r, &want));                                                    \
        r = b;                                                                                     \
        call_second;                                                                               \
        assert_true(csig_int_is_eq(&r, &want));                                                    \
    } while (0)
        ALIAS(csig_int_add(&want, &a, &b), csig_int_add(&r, &r, &b), csig_int_add(&r, &a, &r));
        ALIAS(csig_int_sub(&want, &a, &b), csig_int_sub(&r, &r, &b), csig_int_sub(&r, &a, &r));
        ALIAS(csig_int_mul(&want, &a, &b), csig_int_mul(&r, &r, &b), csig_int_mul(&r, &a, &r));
        ALIAS(csig_int_mulm(&want, &a, &b, &n), csig_int_mulm(&r, &r, &b, &n),
              csig_int_mulm(&r, &a, &r, &n));
#undef ALIAS
        csig_int_mod(&want, &a, &n);
        r = a;
        csig_int_mod(&r, &r, &n);
        assert_true(csig_int_is_eq(&r, &want));
        r = n;
        csig_int_mod(&r, &a, &r);
        assert_true(csig_int_is_eq(&r, &want));
        r = n;
        csig_int_mulm(&want, &a, &b, &n);
        csig_int_mulm(&r, &a, &b, &r);
        assert_true(csig_int_is_eq(&r, &want));
        csig_int_sub(&r, &a, &a);
        expect_small(&r, 0);
        r = a;
        csig_int_sub(&r, &r, &r);
        expect_small(&r, 0);
        if (!csig_int_has_inverse(&want, &a, &n)) continue;
        r = a;
        assert_true(csig_int_has_inverse(&r, &r, &n));
        assert_true(csig_int_is_eq(&r, &want));
        r = n;
        assert_true(csig_int_has_inverse(&r, &a, &r));
        assert_true(csig_int_is_eq(&r, &want));
    }
    mpz_clear(z);
}

static void inverses_of_edges(void **state)
{
    csig_int a, n, r;

    (void)state;
    for (unsigned long m = 1; m < 40; m++) {
        for (unsigned long v = 0; v < 80; v++) {
            mpz_t za, zn, z;
            int there;

            mpz_init_set_ui(za, v), mpz_init_set_ui(zn, m), mpz_init(z);
            csig_int_set_u64(&a, v);
            csig_int_set_u64(&n, m);
            there = mpz_invert(z, za, zn);
            assert_int_equal(csig_int_has_inverse(&r, &a, &n), there != 0);
            if (there) expect(&r, z);
            mpz_gcd(z, za, zn);
            assert_int_equal(csig_int_is_coprime(&a, &n), mpz_cmp_ui(z, 1) == 0);
            assert_int_equal(csig_int_is_unit(&a, &n), v > 0 && v < m && mpz_cmp_ui(z, 1) == 0);
            csig_int_neg(&a, &a);
            assert_false(csig_int_is_unit(&a, &n));
            mpz_clears(za, zn, z, NULL);
        }
    }
    csig_int_set_u64(&a, 0);
    assert_false(csig_int_is_coprime(&a, &a));
}

/* Multiples of n of either sign are 0 mod n. */
static void multiples(void **state)
{
    csig_int n, a, r;

    (void)state;
    csig_int_set_u64(&n, 0xfedcba9876543211);
    csig_int_set_u64(&a, 0);
    for (int i = 0; i < 5; i++) {
        csig_int_mod(&r, &a, &n);
        expect_small(&r, 0);
        csig_int_neg(&a, &a);
        csig_int_mod(&r, &a, &n);
        expect_small(&r, 0);
        csig_int_mulm(&r, &a, &a, &n);
        expect_small(&r, 0);
        csig_int_neg(&a, &a);
        csig_int_add(&a, &a, &n);
    }
}

static void powers(void **state)
{
    csig_int a, e, n, r;
    mpz_t za, ze, zn, z;

    (void)state;
    oracle_seed(5);
    mpz_inits(za, ze, zn, z, NULL);
    for (int i = 0; i < 40; i++) {
        oracle_runs(za, 500);
        oracle_runs(ze, i < 3 ? 1 : 200), mpz_abs(ze, ze);
        do
            oracle_runs(zn, 400), mpz_abs(zn, zn);
        while (mpz_cmp_ui(zn, 1) <= 0);
        oracle_to_int(&a, za), oracle_to_int(&e, ze), oracle_to_int(&n, zn);
        mpz_powm(z, za, ze, zn);
        csig_int_powm_var(&r, &a, &e, &n);
        expect(&r, z);
        csig_int_powm_var(&a, &a, &e, &n);
        expect(&a, z);
    }
    mpz_clears(za, ze, zn, z, NULL);
}

/* Is there a prime factor below 2^16? All small numbers, and the products around the bound. */
static void small_factors(void **state)
{
    csig_int a, b;
    mpz_t z;

    (void)state;
    mpz_init(z);
    csig_int_set_u64(&a, 1);
    assert_false(csig_int_has_factor_below_2_16(&a));
    for (uint64_t v = 2; v < 100; v++) {
        csig_int_set_u64(&a, v);
        assert_true(csig_int_has_factor_below_2_16(&a));
    }
    csig_int_set_u64(&a, 65521); /* the largest prime below 2^16 */
    assert_true(csig_int_has_factor_below_2_16(&a));
    csig_int_set_u64(&b, 65537); /* the smallest above */
    assert_false(csig_int_has_factor_below_2_16(&b));
    csig_int_mul(&a, &a, &b);
    assert_true(csig_int_has_factor_below_2_16(&a));
    csig_int_mul(&b, &b, &b);
    assert_false(csig_int_has_factor_below_2_16(&b));
    oracle_prime(z, 0);
    oracle_to_int(&b, z);
    assert_false(csig_int_has_factor_below_2_16(&b));
    for (uint32_t r = 2; r < 65536; r += r < 1000 ? 1 : 97) { /* times every kind of prime */
        mpz_set_ui(z, r);
        if (mpz_probab_prime_p(z, 20) == 0) continue;
        csig_int_set_u64(&a, r);
        csig_int_mul(&a, &a, &b);
        assert_true(csig_int_has_factor_below_2_16(&a));
    }
    mpz_clear(z);
}

static void primes_and_powers(void **state)
{
    csig_int a, b, c;
    mpz_t z;

    (void)state;
    mpz_init(z);
    for (unsigned long v = 0; v < 300; v++) {
        csig_int_set_u64(&a, v);
        mpz_set_ui(z, v);
        assert_int_equal(csig_int_is_prime(&a), mpz_probab_prime_p(z, 30) != 0);
        assert_int_equal(csig_int_is_power(&a), mpz_perfect_power_p(z) != 0);
    }
    csig_int_set_u64(&a, 7);
    csig_int_neg(&a, &a);
    assert_false(csig_int_is_prime(&a));
    csig_int_set_u64(&a, 561); /* the least Carmichael number */
    assert_false(csig_int_is_prime(&a));
    oracle_prime(z, 0), oracle_to_int(&a, z);
    oracle_prime(z, 1), oracle_to_int(&b, z);
    assert_true(csig_int_is_prime(&a));
    assert_false(csig_int_is_power(&a));
    csig_int_mul(&c, &a, &b);
    assert_false(csig_int_is_prime(&c));
    assert_false(csig_int_is_power(&c));
    csig_int_mul(&c, &a, &a);
    assert_false(csig_int_is_prime(&c));
    assert_true(csig_int_is_power(&c));
    csig_int_mul(&c, &c, &a);
    assert_true(csig_int_is_power(&c));
    mpz_clear(z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modular),
        cmocka_unit_test(aliases),
        cmocka_unit_test(inverses_of_edges),
        cmocka_unit_test(multiples),
        cmocka_unit_test(powers),
        cmocka_unit_test(small_factors),
        cmocka_unit_test(primes_and_powers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
