/* Secret integers against mpz; the ranges of the random ones, and that they are uniform. */
#include "num/sec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/oracle.h"
#include "support/random.h"

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
        cmocka_unit_test(arithmetic),
        cmocka_unit_test(responses),
        cmocka_unit_test(mod_q_edges),
        cmocka_unit_test(octets),
        cmocka_unit_test(small_ranges_are_uniform),
        cmocka_unit_test(small_residues_are_uniform),
        cmocka_unit_test(large_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
