#include "num/pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/oracle.h"

#define K2 CSIG_PAIR_LIMBS

typedef struct fixture {
    csig_pair p;
    mpz_t n, nn, a, b, want, got;
    mp_limb_t x[K2], y[K2], z[K2];
} fixture;

static fixture f;

static void set_modulus(const mpz_t n)
{
    mpz_set(f.n, n);
    mpz_mul(f.nn, n, n);
    oracle_to_limbs(f.z, CSIG_MONT_LIMBS, n);
    csig_pair_init(&f.p, f.z, (uint32_t)mpz_size(n));
}

static void enter(mp_limb_t *r, const mpz_t a)
{
    mp_limb_t limbs[2 * K2];

    oracle_to_limbs(limbs, 2 * K2, a);
    csig_pair_enter(r, &f.p, limbs, (uint32_t)mpz_size(a));
}

static void check_below(const mp_limb_t *r)
{
    oracle_from_limbs(f.got, r, f.p.m.limbs);
    assert_true(mpz_cmp(f.got, f.n) < 0);
}

/* both components are reduced, and it is the number wanted */
static void check(const mp_limb_t *r)
{
    mp_limb_t plain[K2], joined[K2];

    check_below(r);
    check_below(r + f.p.m.limbs);
    csig_pair_leave(plain, &f.p, r);
    csig_pair_join(joined, &f.p, plain);
    oracle_from_limbs(f.got, joined, 2 * f.p.m.limbs);
    mpz_mod(f.want, f.want, f.nn);
    assert_int_equal(mpz_cmp(f.got, f.want), 0);
}

static void check_operations(void)
{
    enter(f.x, f.a);
    enter(f.y, f.b);
    mpz_set(f.want, f.a);
    check(f.x);
    csig_pair_mul(f.z, &f.p, f.x, f.y);
    mpz_mul(f.want, f.a, f.b);
    check(f.z);
    csig_pair_sqr(f.z, &f.p, f.x);
    mpz_mul(f.want, f.a, f.a);
    check(f.z);
    csig_pair_add(f.z, &f.p, f.x, f.y);
    mpz_add(f.want, f.a, f.b);
    check(f.z);
    csig_pair_sqr(f.x, &f.p, f.x);
    csig_pair_mul(f.x, &f.p, f.x, f.x);
    mpz_powm_ui(f.want, f.a, 4, f.nn);
    check(f.x);
}

/* -1, n - 1, n, n + 1, n^2 - n and so on: each component at either end, each against each */
static void check_edges(void)
{
    for (int i = 0; i < 81; i++) {
        const int edge[9][2] = {{0, 0},  {1, 0},  {-1, 0}, {0, 1}, {1, 1},
                                {-1, 1}, {0, -1}, {1, -1}, {2, -2}};

        mpz_mul_si(f.a, f.n, edge[i / 9][1]);
        mpz_mul_si(f.b, f.n, edge[i % 9][1]);
        if (edge[i / 9][0] >= 0)
            mpz_add_ui(f.a, f.a, (unsigned long)edge[i / 9][0]);
        else
            mpz_sub_ui(f.a, f.a, 1);
        if (edge[i % 9][0] >= 0)
            mpz_add_ui(f.b, f.b, (unsigned long)edge[i % 9][0]);
        else
            mpz_sub_ui(f.b, f.b, 1);
        mpz_mod(f.a, f.a, f.nn);
        mpz_mod(f.b, f.b, f.nn);
        check_operations();
    }
}

static void check_random(int times)
{
    for (int i = 0; i < times; i++) {
        oracle_below(f.a, f.nn);
        oracle_below(f.b, f.nn);
        check_operations();
    }
}

static void every_size_agrees_with_mpz(void **state)
{
    (void)state;
    oracle_seed(1);
    for (uint32_t bits = 2; bits <= CSIG_N_BITS; bits += bits < 140 ? 3 : 317) {
        oracle_bits(f.a, bits);
        mpz_setbit(f.a, 0);
        set_modulus(f.a);
        check_edges();
        check_random(5);
    }
}

/* every pair of Montgomery forms of a small modulus: no carry is left out */
static void tiny_modulus_is_exhausted(void **state)
{
    (void)state;
    mpz_set_ui(f.a, 5);
    set_modulus(f.a);
    for (unsigned long a = 0; a < 25; a++) {
        for (unsigned long b = 0; b < 25; b++) {
            mpz_set_ui(f.a, a);
            mpz_set_ui(f.b, b);
            check_operations();
        }
    }
}

static void own_and_product_moduli_agree_with_mpz(void **state)
{
    (void)state;
    oracle_seed(2);
    oracle_prime(f.a, 4);
    set_modulus(f.a);
    check_edges();
    check_random(30);
    oracle_prime(f.a, 4);
    oracle_prime(f.b, 5);
    mpz_mul(f.a, f.a, f.b);
    set_modulus(f.a);
    check_edges();
    check_random(30);
}

/* R - 1 and numbers near it, whose products come closest to every bound */
static void largest_moduli_agree_with_mpz(void **state)
{
    (void)state;
    oracle_seed(3);
    for (unsigned long less = 1; less < 8; less += 2) {
        mpz_set_ui(f.a, 1);
        mpz_mul_2exp(f.a, f.a, CSIG_N_BITS);
        mpz_sub_ui(f.a, f.a, less);
        set_modulus(f.a);
        check_edges();
        check_random(10);
    }
}

/* raw operands at the very ends: forms that no small number has */
static void raw_extremes_agree_with_mpz(void **state)
{
    (void)state;
    oracle_prime(f.a, 6);
    set_modulus(f.a);
    for (int i = 0; i < 256; i++) {
        const uint32_t k = f.p.m.limbs;
        mpz_t r;

        mpz_init(r);
        for (int part = 0; part < 4; part++) {
            const int kind = i >> (2 * part) & 3;

            mpz_set_ui(f.want, (unsigned long)kind);
            if (kind >= 2) mpz_sub_ui(f.want, f.n, (unsigned long)kind - 1);
            oracle_to_limbs((part < 2 ? f.x : f.y) + (part & 1 ? k : 0), k, f.want);
        }
        oracle_from_limbs(f.a, f.x + k, k);
        mpz_mul(f.a, f.a, f.n);
        oracle_from_limbs(f.b, f.x, k);
        mpz_add(f.a, f.a, f.b);
        oracle_from_limbs(f.b, f.y + k, k);
        mpz_mul(f.b, f.b, f.n);
        oracle_from_limbs(r, f.y, k);
        mpz_add(f.b, f.b, r);
        csig_pair_mul(f.z, &f.p, f.x, f.y);
        /* x y / R in Montgomery form is x y / R^2 out of it */
        mpz_set_ui(r, 1);
        mpz_mul_2exp(r, r, 2 * k * GMP_NUMB_BITS);
        mpz_invert(r, r, f.nn);
        mpz_mul(f.want, f.a, f.b);
        mpz_mul(f.want, f.want, r);
        check(f.z);
        csig_pair_sqr(f.z, &f.p, f.x);
        mpz_mul(f.want, f.a, f.a);
        mpz_mul(f.want, f.want, r);
        check(f.z);
        mpz_clear(r);
    }
}

static void numbers_of_any_size_enter(void **state)
{
    (void)state;
    oracle_seed(4);
    oracle_prime(f.a, 7);
    set_modulus(f.a);
    for (uint32_t bits = 0; bits <= 2 * CSIG_NN_BITS; bits += CSIG_P_BITS / 2) {
        oracle_bits(f.a, bits);
        enter(f.x, f.a);
        mpz_set(f.want, f.a);
        check(f.x);
    }
}

static void wiping_leaves_nothing(void **state)
{
    const csig_pair zero = {0};

    (void)state;
    oracle_prime(f.a, 0);
    set_modulus(f.a);
    csig_pair_wipe(&f.p);
    assert_memory_equal(&f.p, &zero, sizeof zero);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_agrees_with_mpz),
        cmocka_unit_test(tiny_modulus_is_exhausted),
        cmocka_unit_test(own_and_product_moduli_agree_with_mpz),
        cmocka_unit_test(largest_moduli_agree_with_mpz),
        cmocka_unit_test(raw_extremes_agree_with_mpz),
        cmocka_unit_test(numbers_of_any_size_enter),
        cmocka_unit_test(wiping_leaves_nothing),
    };

    mpz_inits(f.n, f.nn, f.a, f.b, f.want, f.got, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
