#include "num/factors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/oracle.h"
#include "support/random.h"
#include "support/trap.h"

#define K CSIG_P_LIMBS

typedef struct fixture {
    csig_factors own;
    csig_rng rng;
    mpz_t p, q, n, phi, a, b, want, got;
} fixture;

static fixture f;

static void set_primes(int i, int j)
{
    csig_sec p, q;

    oracle_prime(f.p, i);
    oracle_prime(f.q, j);
    mpz_mul(f.n, f.p, f.q);
    mpz_sub_ui(f.a, f.p, 1);
    mpz_sub_ui(f.b, f.q, 1);
    mpz_mul(f.phi, f.a, f.b);
    oracle_to_sec(&p, f.p, CSIG_P_BITS);
    oracle_to_sec(&q, f.q, CSIG_P_BITS);
    csig_factors_init(&f.own, &p, &q);
}

static void primes_stay_readable(void **state)
{
    (void)state;
    set_primes(0, 1);
    oracle_from_sec(f.got, &f.own.p);
    assert_int_equal(mpz_cmp(f.got, f.p), 0);
    oracle_from_sec(f.got, &f.own.q);
    assert_int_equal(mpz_cmp(f.got, f.q), 0);
}

static void product_is_n(void **state)
{
    csig_int n;

    (void)state;
    for (int i = 0; i < 8; i++) {
        set_primes(i, (i + 3) % 8);
        csig_factors_product(&n, &f.own);
        oracle_from_int(f.got, &n);
        assert_int_equal(mpz_cmp(f.got, f.n), 0);
    }
}

/* x mod N^level from x mod p^level and x mod q^level */
static void check_join(const mpz_t x, uint32_t level)
{
    mp_limb_t xp[2 * K], xq[2 * K], joined[4 * K];

    mpz_pow_ui(f.a, f.p, level);
    mpz_mod(f.a, x, f.a);
    oracle_to_limbs(xp, level * K, f.a);
    mpz_pow_ui(f.a, f.q, level);
    mpz_mod(f.a, x, f.a);
    oracle_to_limbs(xq, level * K, f.a);
    if (level == 1)
        csig_factors_join(joined, &f.own, xp, xq);
    else
        csig_factors_join2(joined, &f.own, xp, xq);
    oracle_from_limbs(f.got, joined, 2 * level * K);
    assert_int_equal(mpz_cmp(f.got, x), 0);
}

static void remainders_are_joined(void **state)
{
    (void)state;
    oracle_seed(1);
    for (int i = 0; i < 4; i++) {
        set_primes(i, i ^ 1); /* the larger one first and last */
        for (uint32_t level = 1; level <= 2; level++) {
            mpz_pow_ui(f.b, f.n, level);
            for (int j = 0; j < 20; j++) {
                oracle_below(f.want, f.b);
                check_join(f.want, level);
            }
            for (unsigned long j = 0; j < 3; j++) {
                mpz_set_ui(f.want, j);
                check_join(f.want, level);
                mpz_sub_ui(f.want, f.b, j + 1);
                check_join(f.want, level);
                mpz_mul_ui(f.want, f.p, j + 1);
                check_join(f.want, level);
                mpz_mul_ui(f.want, f.q, j + 1);
                check_join(f.want, level);
            }
        }
    }
}

static void random_exponents_are_below_phi(void **state)
{
    csig_sec x, y;

    (void)state;
    set_primes(0, 1);
    random_seed(1);
    csig_rng_init(&f.rng, NULL, NULL);
    for (int i = 0; i < 50; i++) {
        csig_factors_random_exponent(&x, &f.own, &f.rng);
        assert_int_equal(x.bits, CSIG_N_BITS);
        assert_int_equal(x.neg, 0);
        oracle_from_sec(f.got, &x);
        assert_true(mpz_cmp(f.got, f.phi) < 0);
        csig_factors_random_exponent(&y, &f.own, &f.rng);
        assert_memory_not_equal(&x, &y, sizeof x);
    }
}

static void check_response(uint32_t e)
{
    csig_sec a, x;
    csig_int z;

    oracle_to_sec(&a, f.a, CSIG_N_BITS);
    oracle_to_sec(&x, f.b, CSIG_N_BITS);
    csig_factors_response(&z, &f.own, &a, e, &x);
    mpz_mul_ui(f.want, f.b, e);
    mpz_add(f.want, f.want, f.a);
    mpz_mod(f.want, f.want, f.phi);
    oracle_from_int(f.got, &z);
    assert_int_equal(mpz_cmp(f.got, f.want), 0);
}

static void responses_are_reduced(void **state)
{
    (void)state;
    oracle_seed(2);
    set_primes(0, 1);
    for (uint32_t e = 0; e <= 1; e++) {
        for (int i = 0; i < 30; i++) {
            oracle_below(f.a, f.phi);
            oracle_below(f.b, f.phi);
            check_response(e);
        }
        mpz_sub_ui(f.a, f.phi, 1);
        mpz_set_ui(f.b, 1); /* the sum is phi itself */
        check_response(e);
        mpz_set(f.b, f.a);
        check_response(e);
        mpz_set_ui(f.a, 0);
        mpz_set_ui(f.b, 0);
        check_response(e);
    }
}

static void respond_to_two(void *arg)
{
    (void)arg;
    mpz_set_ui(f.a, 1);
    mpz_set_ui(f.b, 1);
    check_response(2);
}

static void only_bits_are_challenges(void **state)
{
    (void)state;
    set_primes(0, 1);
    assert_true(trap_is_hit(respond_to_two, NULL));
}

static void wiping_leaves_nothing(void **state)
{
    static const csig_factors zero;

    (void)state;
    set_primes(0, 1);
    csig_factors_wipe(&f.own);
    assert_memory_equal(&f.own, &zero, sizeof zero);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(primes_stay_readable),  cmocka_unit_test(product_is_n),
        cmocka_unit_test(remainders_are_joined), cmocka_unit_test(random_exponents_are_below_phi),
        cmocka_unit_test(responses_are_reduced), cmocka_unit_test(only_bits_are_challenges),
        cmocka_unit_test(wiping_leaves_nothing),
    };

    mpz_inits(f.p, f.q, f.n, f.phi, f.a, f.b, f.want, f.got, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
