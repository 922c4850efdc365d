#include "num/mont.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/oracle.h"
#include "support/primes.h"

#define K CSIG_MONT_LIMBS

typedef struct fixture {
    csig_mont m;
    mpz_t n, a, b, e, want, got;
    mp_limb_t x[K], y[K], z[K], exp[CSIG_INT_LIMBS];
} fixture;

static fixture f;

static void set_modulus(const mpz_t n)
{
    mpz_set(f.n, n);
    oracle_to_limbs(f.z, K, n);
    csig_mont_init(&f.m, f.z, (uint32_t)mpz_size(n));
}

static void enter(mp_limb_t *r, const mpz_t a)
{
    mp_limb_t limbs[2 * CSIG_INT_LIMBS];

    oracle_to_limbs(limbs, CSIG_ARRAY_LEN(limbs), a);
    csig_mont_enter(r, &f.m, limbs, (uint32_t)mpz_size(a));
}

static void check(const mp_limb_t *r)
{
    mp_limb_t plain[K];

    csig_mont_leave(plain, &f.m, r);
    oracle_from_limbs(f.got, plain, f.m.limbs);
    mpz_mod(f.want, f.want, f.n);
    assert_int_equal(mpz_cmp(f.got, f.want), 0);
}

static void check_operations(void)
{
    enter(f.x, f.a);
    enter(f.y, f.b);
    mpz_set(f.want, f.a);
    check(f.x);
    csig_mont_mul(f.z, &f.m, f.x, f.y);
    mpz_mul(f.want, f.a, f.b);
    check(f.z);
    csig_mont_sqr(f.z, &f.m, f.x);
    mpz_mul(f.want, f.a, f.a);
    check(f.z);
    csig_mont_add(f.z, &f.m, f.x, f.y);
    mpz_add(f.want, f.a, f.b);
    check(f.z);
    csig_mont_sub(f.z, &f.m, f.x, f.y);
    mpz_sub(f.want, f.a, f.b);
    check(f.z);
    memcpy(f.z, f.x, sizeof f.z);
    csig_mont_mul(f.z, &f.m, f.z, f.z);
    mpz_mul(f.want, f.a, f.a);
    check(f.z);
}

static void check_pow(uint32_t bits)
{
    oracle_to_limbs(f.exp, CSIG_INT_LIMBS, f.e);
    enter(f.x, f.a);
    csig_mont_pow(f.z, &f.m, f.x, f.exp, bits);
    mpz_powm(f.want, f.a, f.e, f.n);
    check(f.z);
}

/* 0, 1, n-1 and their neighbours beyond n, each against each */
static void check_edges(void)
{
    for (int i = 0; i < 25; i++) {
        const int edge[5] = {-1, 0, 1, 2, -2};

        mpz_set_si(f.a, edge[i / 5]);
        mpz_set_si(f.b, edge[i % 5]);
        mpz_mod(f.a, f.a, f.n);
        mpz_mod(f.b, f.b, f.n);
        check_operations();
    }
}

static void check_random(int times)
{
    for (int i = 0; i < times; i++) {
        oracle_below(f.a, f.n);
        oracle_below(f.b, f.n);
        check_operations();
    }
}

static void every_size_agrees_with_mpz(void **state)
{
    (void)state;
    oracle_seed(1);
    for (uint32_t bits = 2; bits <= CSIG_N_BITS; bits += bits < 200 ? 1 : 181) {
        oracle_bits(f.a, bits);
        mpz_setbit(f.a, 0);
        set_modulus(f.a);
        check_edges();
        check_random(3);
    }
}

static void products_of_primes_agree_with_mpz(void **state)
{
    (void)state;
    oracle_seed(2);
    oracle_prime(f.a, 0);
    oracle_prime(f.b, 1);
    mpz_mul(f.b, f.a, f.b);
    mpz_set(f.e, f.b);
    set_modulus(f.a);
    check_edges();
    check_random(50);
    set_modulus(f.e);
    check_edges();
    check_random(50);
}

/* every carry there is */
static void largest_modulus_agrees_with_mpz(void **state)
{
    (void)state;
    oracle_seed(3);
    mpz_set_ui(f.a, 1);
    mpz_mul_2exp(f.a, f.a, CSIG_N_BITS);
    mpz_sub_ui(f.a, f.a, 1);
    set_modulus(f.a);
    check_edges();
    check_random(20);
}

static void check_product(uint32_t limbs)
{
    mp_limb_t t[2 * K];

    oracle_to_limbs(f.x, limbs, f.a);
    oracle_to_limbs(f.y, limbs, f.b);
    csig_mont_product(t, f.x, f.y, limbs);
    oracle_from_limbs(f.got, t, 2 * limbs);
    mpz_mul(f.want, f.a, f.b);
    assert_int_equal(mpz_cmp(f.got, f.want), 0);
}

/* random ones, and halves of ones and zeros, which make every carry and every sign */
static void products_of_any_size(void **state)
{
    (void)state;
    oracle_seed(7);
    for (uint32_t limbs = 1; limbs <= K; limbs++) {
        const uint32_t bits = limbs * GMP_NUMB_BITS;

        for (int i = 0; i < 20; i++) {
            oracle_bits(f.a, bits);
            oracle_bits(f.b, bits);
            check_product(limbs);
        }
        for (int i = 0; i < 256; i++) {
            mpz_set_ui(f.a, 0);
            mpz_set_ui(f.b, 0);
            for (uint32_t j = 0; j < bits; j++) {
                if (i >> (j * 4 / bits) & 1) mpz_setbit(f.a, j);
                if (i >> (4 + j * 4 / bits) & 1) mpz_setbit(f.b, j);
            }
            check_product(limbs);
        }
    }
}

static void numbers_longer_than_the_modulus_are_reduced(void **state)
{
    (void)state;
    oracle_seed(4);
    oracle_prime(f.a, 2);
    set_modulus(f.a);
    for (uint32_t bits = 0; bits <= 2 * CSIG_NN_BITS; bits += CSIG_P_BITS / 2) {
        oracle_bits(f.a, bits);
        enter(f.x, f.a);
        mpz_set(f.want, f.a);
        check(f.x);
    }
}

static void powers_agree_with_mpz(void **state)
{
    const uint32_t bits[] = {0, 1, 4, 5, 6, 63, 64, 65, 256, CSIG_P_BITS, CSIG_INT_BITS};

    (void)state;
    oracle_seed(5);
    oracle_prime(f.a, 3);
    set_modulus(f.a);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(bits); i++) {
        oracle_below(f.a, f.n);
        oracle_bits(f.e, bits[i]);
        check_pow(bits[i]);
        mpz_set_ui(f.e, 1); /* all ones */
        mpz_mul_2exp(f.e, f.e, bits[i]);
        mpz_sub_ui(f.e, f.e, 1);
        check_pow(bits[i]);
        mpz_set_ui(f.e, bits[i] > 0); /* upper limbs zero */
        check_pow(bits[i]);
        mpz_set_ui(f.e, 0);
        check_pow(bits[i]);
        mpz_set_ui(f.a, 0);
        check_pow(bits[i]);
        mpz_sub_ui(f.a, f.n, 1);
        check_pow(bits[i]);
    }
}

static bool is_fermat2(const mpz_t n)
{
    mp_limb_t d[K];

    oracle_to_limbs(d, K, n);
    return csig_mont_is_fermat2(d, (uint32_t)mpz_size(n));
}

static bool is_fermat2_by_mpz(const mpz_t n)
{
    mpz_sub_ui(f.e, n, 1);
    mpz_set_ui(f.want, 2);
    mpz_powm(f.want, f.want, f.e, n);
    return mpz_cmp_ui(f.want, 1) == 0;
}

static void fermat_test_knows_primes(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        oracle_prime(f.a, i);
        assert_true(is_fermat2(f.a));
        mpz_tdiv_q_2exp(f.b, f.a, 1); /* the Sophie Germain prime, one bit shorter */
        assert_true(is_fermat2(f.b));
        mpz_add_ui(f.b, f.a, 2);
        assert_int_equal(is_fermat2(f.b), is_fermat2_by_mpz(f.b));
    }
}

static void fermat_test_agrees_on_small_numbers(void **state)
{
    (void)state;
    for (unsigned long n = 3; n < 2000; n += 2) {
        mpz_set_ui(f.n, n);
        assert_int_equal(is_fermat2(f.n), is_fermat2_by_mpz(f.n));
    }
}

static void windows_read_across_limbs(void **state)
{
    (void)state;
    oracle_seed(6);
    oracle_bits(f.a, 4 * GMP_NUMB_BITS);
    oracle_to_limbs(f.x, K, f.a);
    for (uint32_t at = 0; at < 5 * GMP_NUMB_BITS; at++) {
        for (uint32_t width = 1; width <= 8; width++) {
            mpz_tdiv_q_2exp(f.b, f.a, at);
            mpz_tdiv_r_2exp(f.b, f.b, width);
            assert_int_equal(csig_mont_window(f.x, 4, at, width), mpz_get_ui(f.b));
        }
    }
}

static void sameness_sees_every_bit(void **state)
{
    (void)state;
    memset(f.x, 0, sizeof f.x);
    memset(f.y, 0, sizeof f.y);
    assert_true(csig_mont_same(f.x, f.y, K) == ~(mp_limb_t)0);
    for (uint32_t i = 0; i < K * GMP_NUMB_BITS; i++) {
        f.y[i / GMP_NUMB_BITS] = (mp_limb_t)1 << i % GMP_NUMB_BITS;
        assert_true(csig_mont_same(f.x, f.y, K) == 0);
        f.y[i / GMP_NUMB_BITS] = 0;
    }
}

static void wiping_leaves_nothing(void **state)
{
    const csig_mont zero = {0};

    (void)state;
    oracle_prime(f.a, 0);
    set_modulus(f.a);
    csig_mont_wipe(&f.m);
    assert_memory_equal(&f.m, &zero, sizeof zero);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_agrees_with_mpz),
        cmocka_unit_test(products_of_primes_agree_with_mpz),
        cmocka_unit_test(largest_modulus_agrees_with_mpz),
        cmocka_unit_test(products_of_any_size),
        cmocka_unit_test(numbers_longer_than_the_modulus_are_reduced),
        cmocka_unit_test(powers_agree_with_mpz),
        cmocka_unit_test(fermat_test_knows_primes),
        cmocka_unit_test(fermat_test_agrees_on_small_numbers),
        cmocka_unit_test(windows_read_across_limbs),
        cmocka_unit_test(sameness_sees_every_bit),
        cmocka_unit_test(wiping_leaves_nothing),
    };

    mpz_inits(f.n, f.a, f.b, f.e, f.want, f.got, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
