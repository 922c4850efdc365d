/* csig_int against mpz, edges included. */
#include "num/int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "support/oracle.h"

#define ROUNDS 400

/* The same value, in the one form a csig_int has. */
static void expect(const csig_int *a, const mpz_t want)
{
    mpz_t z;

    assert_true(a->limbs == 0 || a->d[a->limbs - 1] != 0);
    assert_true(a->neg <= 1 && (a->limbs > 0 || a->neg == 0));
    mpz_init(z);
    oracle_from_int(z, a);
    assert_int_equal(mpz_cmp(z, want), 0);
    mpz_clear(z);
}

static void sums_and_products(void **state)
{
    const uint32_t half = CSIG_INT_BITS / 2;
    mpz_t a, b, z;

    (void)state;
    oracle_seed(1);
    mpz_inits(a, b, z, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        csig_int x, y, r;

        oracle_runs(a, half);
        if (i % 8 == 0)
            mpz_set(b, a);
        else if (i % 8 == 1)
            mpz_neg(b, a);
        else
            oracle_runs(b, half);
        oracle_to_int(&x, a);
        oracle_to_int(&y, b);
        expect(&x, a);

        mpz_add(z, a, b);
        csig_int_add(&r, &x, &y);
        expect(&r, z);
        mpz_sub(z, a, b);
        csig_int_sub(&r, &x, &y);
        expect(&r, z);
        mpz_mul(z, a, b);
        csig_int_mul(&r, &x, &y);
        expect(&r, z);
        mpz_neg(z, a);
        csig_int_neg(&r, &x);
        expect(&r, z);
        assert_int_equal(csig_int_cmp(&x, &y) < 0, mpz_cmp(a, b) < 0);
        assert_int_equal(csig_int_cmp(&x, &y) > 0, mpz_cmp(a, b) > 0);
        assert_int_equal(csig_int_is_eq(&x, &y), mpz_cmp(a, b) == 0);
        assert_int_equal(csig_int_is_coprime(&x, &y), (mpz_gcd(z, a, b), mpz_cmp_ui(z, 1) == 0));
    }
    mpz_clears(a, b, z, NULL);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_and_products),
        cmocka_unit_test(modular),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
