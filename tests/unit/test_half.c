#include "num/half.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/oracle.h"
#include "support/trap.h"

#define K CSIG_P_LIMBS

typedef struct fixture {
    csig_half h;
    mpz_t p, q, less_one, want, got, t;
} fixture;

static fixture f;

static void check_same(const mp_limb_t *r, uint32_t limbs)
{
    oracle_from_limbs(f.got, r, limbs);
    assert_int_equal(mpz_cmp(f.got, f.want), 0);
}

static void set_primes(int i, int j)
{
    mp_limb_t p[K], q[K];

    oracle_prime(f.p, i);
    oracle_prime(f.q, j);
    mpz_sub_ui(f.less_one, f.p, 1);
    oracle_to_limbs(p, K, f.p);
    oracle_to_limbs(q, K, f.q);
    csig_half_init(&f.h, p, q);
}

static void constants_are_what_they_are_called(void **state)
{
    mp_limb_t plain[2 * K];

    (void)state;
    for (int i = 0; i < 12; i++) {
        set_primes(i, i ^ 1);
        mpz_set(f.want, f.less_one);
        check_same(f.h.less_one, K);
        mpz_tdiv_q_2exp(f.want, f.less_one, 1);
        check_same(f.h.order.n, K);
        mpz_mod(f.want, f.q, f.less_one);
        check_same(f.h.q, K);
        assert_true(mpz_invert(f.want, f.q, f.less_one) != 0);
        check_same(f.h.nth_root, K);
        mpz_add_ui(f.t, f.p, 1);
        mpz_tdiv_q_2exp(f.t, f.t, 2);
        mpz_mul(f.t, f.t, f.t);
        mpz_mod(f.want, f.t, f.less_one);
        check_same(f.h.fourth_root, K);
        mpz_invert(f.t, f.q, f.p);
        mpz_sub(f.want, f.p, f.t);
        csig_mont_leave(plain, &f.h.p.m, f.h.decrypt);
        check_same(plain, K);
        mpz_mul(f.t, f.p, f.p);
        mpz_set_ui(f.want, 2);
        mpz_powm(f.want, f.want, f.p, f.t);
        mpz_powm(f.want, f.want, f.q, f.t);
        csig_residues_leave(plain, &(csig_residues){.n = &f.h.p, .is_squared = true}, f.h.blind);
        check_same(plain, 2 * K);
    }
}

static void check_exponent(const mpz_t e)
{
    mp_limb_t d[CSIG_INT_LIMBS], r[K];

    oracle_to_limbs(d, CSIG_INT_LIMBS, e);
    csig_half_exponent(r, &f.h, d, mpz_size(e) == 0 ? 1 : (uint32_t)mpz_size(e), mpz_sgn(e) < 0);
    oracle_from_limbs(f.got, r, K);
    assert_true(mpz_cmp(f.got, f.less_one) <= 0);
    mpz_sub(f.got, f.got, e);
    assert_true(mpz_divisible_p(f.got, f.less_one));
}

static void exponents_are_reduced(void **state)
{
    (void)state;
    oracle_seed(1);
    set_primes(2, 3);
    for (uint32_t bits = 0; bits <= CSIG_INT_BITS; bits += 61) {
        oracle_bits(f.t, bits);
        check_exponent(f.t);
        mpz_neg(f.t, f.t);
        check_exponent(f.t);
    }
    for (long i = -6; i < 36; i++) { /* about the multiples of (p - 1) / 2 */
        mpz_tdiv_q_2exp(f.t, f.less_one, 1);
        mpz_mul_si(f.t, f.t, i / 6);
        if (i % 6 >= 3)
            mpz_add_ui(f.t, f.t, (unsigned long)(i % 6 - 3));
        else
            mpz_sub_ui(f.t, f.t, (unsigned long)(3 - i % 6));
        check_exponent(f.t);
        mpz_neg(f.t, f.t);
        check_exponent(f.t);
    }
}

static void inverses(void **state)
{
    mp_limb_t d[2 * K], r[K];

    (void)state;
    oracle_seed(2);
    set_primes(2, 3);
    for (uint32_t bits = 1; bits < 2 * CSIG_P_BITS; bits += 100) {
        oracle_bits(f.t, bits);
        oracle_to_limbs(d, 2 * K, f.t);
        csig_half_invert(r, &f.h.p.m, d, 2 * K);
        assert_true(mpz_invert(f.want, f.t, f.p) != 0);
        check_same(r, K);
    }
}

static void invert_the_prime(void *arg)
{
    mp_limb_t d[K], r[K];

    (void)arg;
    oracle_to_limbs(d, K, f.p);
    csig_half_invert(r, &f.h.p.m, d, K);
}

static void what_has_no_inverse_traps(void **state)
{
    (void)state;
    set_primes(2, 3);
    assert_true(trap_is_hit(invert_the_prime, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constants_are_what_they_are_called),
        cmocka_unit_test(exponents_are_reduced),
        cmocka_unit_test(inverses),
        cmocka_unit_test(what_has_no_inverse_traps),
    };

    mpz_inits(f.p, f.q, f.less_one, f.want, f.got, f.t, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
