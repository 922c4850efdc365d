/* Random secret integers: their ranges, and that they are uniform. */
#include "num/sec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/oracle.h"
#include "support/random.h"

/* |counts - draws/n| at most 6 standard deviations in each of n cells. */
static void expect_uniform(const uint32_t *counts, size_t n, uint32_t draws)
{
    const double mean = (double)draws / (double)n;

    for (size_t i = 0; i < n; i++) {
        const double d = (double)counts[i] - mean;

        assert_true(d * d <= 36 * mean);
    }
}

#define DRAWS 4000

static void small_ranges_are_uniform(void **state)
{
    csig_rng rng;

    (void)state;
    random_seed(1);
    csig_rng_init(&rng, NULL, NULL);
    for (uint32_t bits = 0; bits < 4; bits++) {
        for (uint32_t m = 1; m < 4; m++) {
            const uint32_t most = m << bits;
            uint32_t counts[2 * (3 << 3) + 1] = {0};
            csig_int mi, x;
            csig_sec s;

            csig_int_set_u64(&mi, m);
            for (int i = 0; i < DRAWS; i++) {
                if (m == 1 && i % 2 == 0)
                    csig_sec_random_pm(&s, &rng, bits);
                else
                    csig_sec_random_pm_times(&s, &rng, bits, &mi);
                csig_sec_reveal(&x, &s);
                assert_int_equal(s.bits, bits + csig_int_bits(&mi));
                assert_true(csig_int_is_within_times(&x, bits, &mi));
                counts[x.neg ? most - (uint32_t)x.d[0]
                             : most + (x.limbs == 0 ? 0 : (uint32_t)x.d[0])]++;
            }
            expect_uniform(counts, 2 * most + 1, DRAWS);
        }
    }
}

static void small_residues_are_uniform(void **state)
{
    csig_rng rng;

    (void)state;
    random_seed(1);
    csig_rng_init(&rng, NULL, NULL);
    for (uint32_t n = 2; n < 36; n += 3) {
        uint32_t below[36] = {0}, units[36] = {0}, unit_counts[36] = {0};
        csig_int ni, x;
        csig_sec s;
        size_t phi = 0;

        csig_int_set_u64(&ni, n);
        for (int i = 0; i < DRAWS; i++) {
            csig_sec_random_below(&s, &rng, &ni);
            csig_sec_reveal(&x, &s);
            assert_true(csig_int_cmp(&x, &ni) < 0 && !x.neg);
            below[csig_int_mod_u32(&x, n)]++;
            csig_sec_random_unit(&s, &rng, &ni);
            csig_sec_reveal(&x, &s);
            assert_true(csig_int_is_unit(&x, &ni));
            units[csig_int_mod_u32(&x, n)]++;
        }
        expect_uniform(below, n, DRAWS);
        for (uint32_t i = 0; i < n; i++) {
            csig_int_set_u64(&x, i);
            if (csig_int_is_unit(&x, &ni)) unit_counts[phi++] = units[i];
        }
        expect_uniform(unit_counts, phi, DRAWS);
    }
}

/* The largest ranges of the protocols; the leading bits are used. */
static void large_ranges(void **state)
{
    bool is_long = false, is_neg = false, is_pos = false;
    mpz_t p, q, nz, nh;
    csig_int n, nn, x;
    csig_rng rng;
    csig_sec s;

    (void)state;
    random_seed(1);
    csig_rng_init(&rng, NULL, NULL);
    mpz_inits(p, q, nz, nh, NULL);
    oracle_prime(p, 0), oracle_prime(q, 1), mpz_mul(nz, p, q);
    oracle_prime(p, 2), oracle_prime(q, 3), mpz_mul(nh, p, q);
    oracle_to_int(&n, nz);
    mpz_mul(nz, nz, nh);
    oracle_to_int(&nn, nz);
    for (int i = 0; i < 64; i++) {
        csig_sec_random_pm_times(&s, &rng, CSIG_ELL + CSIG_EPS, &nn);
        assert_int_equal(s.bits, CSIG_ELL + CSIG_EPS + csig_int_bits(&nn));
        csig_sec_reveal(&x, &s);
        assert_true(csig_int_is_within_times(&x, CSIG_ELL + CSIG_EPS, &nn));
        is_long |= csig_int_bits(&x) >= s.bits - 1;
        is_neg |= x.neg == 1;
        is_pos |= x.neg == 0;
        csig_sec_random_pm(&s, &rng, CSIG_ELL_P + CSIG_EPS);
        csig_sec_reveal(&x, &s);
        assert_true(csig_int_is_within(&x, CSIG_ELL_P + CSIG_EPS));
        csig_sec_random_unit(&s, &rng, &n);
        csig_sec_reveal(&x, &s);
        assert_true(csig_int_is_unit(&x, &n));
        assert_true(csig_int_bits(&x) > CSIG_N_BITS - 64);
    }
    assert_true(is_long && is_neg && is_pos);
    mpz_clears(p, q, nz, nh, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_ranges_are_uniform),
        cmocka_unit_test(small_residues_are_uniform),
        cmocka_unit_test(large_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
