/* The search gives safe primes, whatever the steps; the confirmation tells them from all else. */
#include "num/prime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "num/mont.h"
#include "support/oracle.h"
#include "support/random.h"
#include "support/special.h"
#include "support/trap.h"

/* Makes a search short at level 128, and one that takes a second row at 112. */
#if CSIG_LEVEL == 128
#define SEARCH_SEED 47
#else
#define SEARCH_SEED 30
#endif

static csig_rng rng;

static bool confirmed(const mpz_t p, uint32_t bits)
{
    csig_sec s;

    oracle_to_sec(&s, p, bits);
    return csig_sec_is_safe_prime(&s, &rng);
}

static void safe_primes_are_confirmed(void **state)
{
    mpz_t p;

    (void)state;
    mpz_init(p);
    for (int i = 0; i < 4; i++) {
        oracle_prime(p, i);
        assert_true(confirmed(p, CSIG_P_BITS));
    }
    assert_true(confirmed(p, CSIG_INT_BITS)); /* the bound says nothing about the value */
    mpz_clear(p);
}

/* One property is missing at a time. */
static void other_forms_are_refused(void **state)
{
    csig_sec s;
    mpz_t p, z;

    (void)state;
    mpz_inits(p, z, NULL);
    oracle_prime(p, 0);
    mpz_neg(z, p);
    assert_false(confirmed(z, CSIG_P_BITS));
    mpz_set_ui(z, 0);
    assert_false(confirmed(z, CSIG_P_BITS));
    mpz_set_ui(z, 23); /* safe, but small */
    assert_false(confirmed(z, CSIG_P_BITS));
    mpz_add_ui(z, p, 1); /* even */
    assert_false(confirmed(z, CSIG_P_BITS));
    mpz_set_str(z, special_top_10, 16); /* safe primes with only one of the two top bits */
    assert_int_equal(mpz_sizeinbase(z, 2), CSIG_P_BITS);
    assert_false(confirmed(z, CSIG_P_BITS));
    mpz_set_str(z, special_top_01, 16);
    assert_int_equal(mpz_sizeinbase(z, 2), CSIG_P_BITS - 1);
    assert_false(confirmed(z, CSIG_P_BITS));
    mpz_set(z, p);
    mpz_setbit(z, CSIG_P_BITS); /* too long, by one bit and by limbs */
    assert_false(confirmed(z, CSIG_P_BITS + 1));
    mpz_set(z, p);
    mpz_setbit(z, CSIG_INT_BITS - 1);
    assert_false(confirmed(z, CSIG_INT_BITS));
    oracle_to_sec(&s, p, CSIG_P_BITS);
    assert_true(csig_sec_is_safe_prime(&s, &rng));
    for (uint32_t bit = 0; bit < 4; bit++) { /* neighbours */
        mpz_set(z, p);
        mpz_combit(z, bit);
        assert_false(confirmed(z, CSIG_P_BITS));
    }
    mpz_clears(p, z, NULL);
}

/* A number that is 3 mod 4 with the top two bits set, at random. */
static void random_candidate(mpz_t p)
{
    oracle_bits(p, CSIG_P_BITS);
    mpz_setbit(p, CSIG_P_BITS - 2);
    mpz_setbit(p, 0);
    mpz_setbit(p, 1);
}

static void primes_that_are_not_safe_are_refused(void **state)
{
    mpz_t p, half;

    (void)state;
    oracle_seed(1);
    mpz_inits(p, half, NULL);
    random_candidate(p);
    while (mpz_probab_prime_p(p, 25) == 0)
        mpz_add_ui(p, p, 4);
    assert_false(confirmed(p, CSIG_P_BITS)); /* p is prime, p' is not */

    mpz_clrbit(p, 1);
    mpz_tdiv_q_2exp(half, p, 1);
    mpz_setbit(half, 0);
    while (mpz_probab_prime_p(half, 25) == 0)
        mpz_add_ui(half, half, 2);
    mpz_mul_2exp(p, half, 1);
    mpz_add_ui(p, p, 1);
    assert_int_equal(mpz_probab_prime_p(p, 25), 0);
    assert_false(confirmed(p, CSIG_P_BITS)); /* p' is prime, p is not */
    mpz_clears(p, half, NULL);
}

/* Only Miller-Rabin sees that p' is composite. */
static void a_pseudoprime_is_refused(void **state)
{
    mp_limb_t limbs[CSIG_P_LIMBS];
    mpz_t a, half, p;

    (void)state;
    mpz_inits(a, half, p, NULL);
    mpz_set_str(a, special_pseudoprime_a, 16);
    mpz_mul_ui(half, a, 3);
    mpz_sub_ui(half, half, 2);
    mpz_mul(half, half, a);
    mpz_mul_2exp(p, half, 1);
    mpz_setbit(p, 0);
    assert_int_equal(mpz_sizeinbase(p, 2), CSIG_P_BITS);
    oracle_to_limbs(limbs, CSIG_P_LIMBS, half);
    assert_true(csig_mont_is_fermat2(limbs, CSIG_P_LIMBS));
    oracle_to_limbs(limbs, CSIG_P_LIMBS, p);
    assert_true(csig_mont_is_fermat2(limbs, CSIG_P_LIMBS));
    assert_true(csig_limbs_is_prime(limbs, &rng));
    assert_false(confirmed(p, CSIG_P_BITS));
    mpz_clears(a, half, p, NULL);
}

/* Only the strong part of Miller-Rabin sees it. */
static void a_carmichael_number_is_refused(void **state)
{
    mp_limb_t limbs[CSIG_P_LIMBS];
    mpz_t m, f, n;

    (void)state;
    mpz_inits(m, f, n, NULL);
    mpz_set_str(m, special_chernick_m, 16);
    mpz_set_ui(n, 1);
    for (unsigned long i = 6; i <= 18; i += 6) {
        mpz_mul_ui(f, m, i);
        mpz_add_ui(f, f, 1);
        mpz_mul(n, n, f);
    }
    oracle_to_limbs(limbs, CSIG_P_LIMBS, n);
    assert_true(csig_mont_is_fermat2(limbs, CSIG_P_LIMBS));
    assert_false(csig_limbs_is_prime(limbs, &rng));
    mpz_clears(m, f, n, NULL);
}

/* Primes n = 1 mod 2^k, not mod 2^(k + 1): every path of the strong test around the limb's size. */
static void powers_of_two_in_n_minus_1(void **state)
{
    mp_limb_t limbs[CSIG_P_LIMBS];
    mpz_t n;

    (void)state;
    mpz_init(n);
    for (size_t i = 0; i < SPECIAL_PROTHS; i++) {
        const uint32_t k = special_proths[i].k;

        mpz_set_ui(n, 3);
        mpz_mul_2exp(n, n, CSIG_P_BITS - 2 - k);
        mpz_add_ui(n, n, special_proths[i].j);
        mpz_mul_2exp(n, n, k);
        mpz_add_ui(n, n, 1);
        oracle_to_limbs(limbs, CSIG_P_LIMBS, n);
        assert_true(csig_limbs_is_prime(limbs, &rng));
        mpz_add_ui(n, n, 4); /* and a composite of nearly the same form */
        oracle_to_limbs(limbs, CSIG_P_LIMBS, n);
        assert_int_equal(csig_limbs_is_prime(limbs, &rng), mpz_probab_prime_p(n, 20) != 0);
    }
    mpz_clear(n);
}

static void a_search_finds(void **state)
{
    csig_prime_search *s = csig_prime_search_new();
    uint64_t last = 0;
    bool found = true;
    csig_sec p, again;
    mpz_t z;

    (void)state;
    random_seed(SEARCH_SEED);
    csig_rng_init(&rng, NULL, NULL);
    assert_non_null(s);
    assert_int_equal(csig_prime_search_done(s), 0);
    assert_int_equal(csig_prime_search_step(s, &rng, 0, &found), CSIG_OK);
    assert_false(found);
    for (uint32_t tests = 1; !found; tests = tests % 50 + 1) {
        assert_int_equal(csig_prime_search_step(s, &rng, tests, &found), CSIG_OK);
        assert_true(csig_prime_search_done(s) >= last);
        assert_true(csig_prime_search_done(s) <= last + 2 * tests);
        last = csig_prime_search_done(s);
    }
    csig_prime_search_result(s, &p);
    assert_int_equal(csig_prime_search_step(s, &rng, 100, &found), CSIG_OK);
    assert_true(found); /* and stays so */
    assert_int_equal(csig_prime_search_done(s), last);
    csig_prime_search_result(s, &again);
    assert_memory_equal(p.d, again.d, sizeof p.d);
    csig_prime_search_free(s);

    mpz_init(z);
    assert_int_equal(p.bits, CSIG_P_BITS);
    oracle_from_sec(z, &p);
    assert_int_equal(mpz_sizeinbase(z, 2), CSIG_P_BITS);
    assert_int_equal(mpz_tstbit(z, CSIG_P_BITS - 2), 1);
    assert_int_not_equal(mpz_probab_prime_p(z, 30), 0);
    mpz_tdiv_q_2exp(z, z, 1);
    assert_int_not_equal(mpz_probab_prime_p(z, 30), 0);
    mpz_clear(z);
}

static void result_of(void *search)
{
    csig_sec p;

    csig_prime_search_result(search, &p);
}

static void no_result_before_it_is_found(void **state)
{
    csig_prime_search *s = csig_prime_search_new();
    bool found = true;

    (void)state;
    assert_non_null(s);
    assert_true(trap_is_hit(result_of, s));
    assert_int_equal(csig_prime_search_step(s, &rng, 1, &found), CSIG_OK);
    assert_false(found);
    assert_true(trap_is_hit(result_of, s));
    csig_prime_search_free(s);
    csig_prime_search_free(NULL);
}

/* The published estimates: 1289 + 36 candidates and primes p' at level 128, 682 + 26 at 112. */
static void expected_number(void **state)
{
    const uint64_t n = csig_prime_search_expected();

    (void)state;
    assert_in_range(n, CSIG_LEVEL == 128 ? 1300 : 690, CSIG_LEVEL == 128 ? 1350 : 720);
}

static int setup(void **state)
{
    (void)state;
    random_seed(1);
    csig_rng_init(&rng, NULL, NULL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(safe_primes_are_confirmed),
        cmocka_unit_test(other_forms_are_refused),
        cmocka_unit_test(primes_that_are_not_safe_are_refused),
        cmocka_unit_test(a_pseudoprime_is_refused),
        cmocka_unit_test(a_carmichael_number_is_refused),
        cmocka_unit_test(powers_of_two_in_n_minus_1),
        cmocka_unit_test(a_search_finds),
        cmocka_unit_test(no_result_before_it_is_found),
        cmocka_unit_test(expected_number),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
