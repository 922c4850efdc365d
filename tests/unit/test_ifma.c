/* The two ways of one product against each other; that either is right is shown against mpz by the
 * tests of mont.c and pair.c, which take the fast way where there is one. */
#include "num/ifma.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/oracle.h"

#if CSIG_HAS_IFMA
#define EDGES 6

typedef struct fixture {
    csig_pair fast, slow;
    mpz_t n, t;
    mp_limb_t edge[EDGES][CSIG_MONT_LIMBS];
} fixture;

static fixture f;

/* n, and numbers with the longest carries below it */
static void set_modulus(const mpz_t n)
{
    const uint32_t limbs = (uint32_t)mpz_size(n);
    mp_limb_t d[CSIG_MONT_LIMBS];

    mpz_set(f.n, n);
    oracle_to_limbs(d, limbs, n);
    csig_pair_init(&f.fast, d, limbs);
    assert_true(f.fast.m.is_fast);
    f.slow = f.fast;
    f.slow.m.is_fast = false;
    for (uint32_t i = 0; i < EDGES; i++) {
        mpz_set_ui(f.t, i & 1);
        if (i == 2 || i == 3) mpz_sub_ui(f.t, n, i - 1);
        if (i == 4) mpz_tdiv_q_2exp(f.t, n, 1);
        if (i == 5) {
            mpz_set_ui(f.t, 0);
            mpz_setbit(f.t, mpz_sizeinbase(n, 2) - 1);
            mpz_sub_ui(f.t, f.t, 1);
        }
        oracle_to_limbs(f.edge[i], limbs, f.t);
    }
}

static void compare(const mp_limb_t *x, const mp_limb_t *y)
{
    const size_t one = f.fast.m.limbs * sizeof *x;
    mp_limb_t a[CSIG_PAIR_LIMBS], b[CSIG_PAIR_LIMBS];

    csig_mont_mul(a, &f.fast.m, x, y);
    csig_mont_mul(b, &f.slow.m, x, y);
    assert_memory_equal(a, b, one);
    csig_mont_sqr(a, &f.fast.m, x);
    csig_mont_sqr(b, &f.slow.m, x);
    assert_memory_equal(a, b, one);
    csig_pair_mul(a, &f.fast, x, y);
    csig_pair_mul(b, &f.slow, x, y);
    assert_memory_equal(a, b, 2 * one);
    csig_pair_sqr(a, &f.fast, x);
    csig_pair_sqr(b, &f.slow, x);
    assert_memory_equal(a, b, 2 * one);
}

static void compare_all(int random)
{
    const uint32_t k = f.fast.m.limbs;
    mp_limb_t x[CSIG_PAIR_LIMBS], y[CSIG_PAIR_LIMBS];

    for (int i = 0; i < EDGES * EDGES * EDGES * EDGES; i++) {
        memcpy(x, f.edge[i % EDGES], k * sizeof *x);
        memcpy(x + k, f.edge[i / EDGES % EDGES], k * sizeof *x);
        memcpy(y, f.edge[i / (EDGES * EDGES) % EDGES], k * sizeof *x);
        memcpy(y + k, f.edge[i / (EDGES * EDGES * EDGES)], k * sizeof *x);
        compare(x, y);
    }
    for (int i = 0; i < random; i++) {
        for (uint32_t j = 0; j < 4; j++) {
            oracle_below(f.t, f.n);
            oracle_to_limbs((j < 2 ? x : y) + (j & 1 ? k : 0), k, f.t);
        }
        compare(x, y);
    }
}

/* primes and their products, the largest and the smallest number of each size */
static void every_modulus(bool product)
{
    const uint32_t bits = product ? CSIG_N_BITS : CSIG_P_BITS;
    mpz_t n;

    mpz_init(n);
    for (int i = 0; i < 6; i++) {
        oracle_prime(n, i);
        oracle_prime(f.t, i + 1);
        if (product) mpz_mul(n, n, f.t);
        if (i >= 3) {
            mpz_set_ui(n, 0);
            mpz_setbit(n, (i == 3 ? bits - GMP_NUMB_BITS : i == 4 ? bits - 1 : bits));
            if (i == 5)
                mpz_sub_ui(n, n, 1);
            else
                mpz_add_ui(n, n, 1);
        }
        set_modulus(n);
        compare_all(200);
    }
    mpz_clear(n);
}

static void agrees_modulo_primes(void **state)
{
    (void)state;
    if (!csig_ifma_is_for(CSIG_P_LIMBS)) skip();
    oracle_seed(1);
    every_modulus(false);
}

static void agrees_modulo_products(void **state)
{
    (void)state;
    if (!csig_ifma_is_for(CSIG_N_LIMBS)) skip();
    oracle_seed(2);
    every_modulus(true);
}

static void other_sizes_are_left_alone(void **state)
{
    (void)state;
    for (uint32_t limbs = 1; limbs <= CSIG_MONT_LIMBS; limbs++)
        assert_true(!csig_ifma_is_for(limbs) || limbs == CSIG_P_LIMBS || limbs == CSIG_N_LIMBS);
}
#endif

static void is_only_built_where_limbs_have_64_bits(void **state)
{
    (void)state;
    assert_true(CSIG_HAS_IFMA == 0 || GMP_NUMB_BITS == 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#if CSIG_HAS_IFMA
        cmocka_unit_test(agrees_modulo_primes),
        cmocka_unit_test(agrees_modulo_products),
        cmocka_unit_test(other_sizes_are_left_alone),
#endif
        cmocka_unit_test(is_only_built_where_limbs_have_64_bits),
    };

#if CSIG_HAS_IFMA
    mpz_inits(f.n, f.t, NULL);
#endif
    return cmocka_run_group_tests(tests, NULL, NULL);
}
