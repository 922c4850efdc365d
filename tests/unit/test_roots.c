#include "num/exp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/engine.h"
#include "support/oracle.h"
#include "support/random.h"

typedef struct fixture {
    csig_factors own;
    csig_ring ring;
    csig_rng rng;
    test_engine e;
    mpz_t p, q, n, nn, a, b, want, got;
} fixture;

static fixture f;

static void set_primes(int i, int j)
{
    csig_sec p, q;
    csig_int n;

    oracle_prime(f.p, i);
    oracle_prime(f.q, j);
    mpz_mul(f.n, f.p, f.q);
    mpz_mul(f.nn, f.n, f.n);
    oracle_to_sec(&p, f.p, CSIG_P_BITS);
    oracle_to_sec(&q, f.q, CSIG_P_BITS);
    csig_factors_init(&f.own, &p, &q);
    csig_factors_product(&n, &f.own);
    CSIG_ASSERT(csig_ring_has_init(&f.ring, &n));
}

/* c = (1 + m N) r^N mod N^2 */
static void encrypt(csig_int *c, const mpz_t m, unsigned long r)
{
    mpz_set_ui(f.b, r);
    mpz_powm(f.b, f.b, f.n, f.nn);
    mpz_mul(f.a, m, f.n);
    mpz_add_ui(f.a, f.a, 1);
    mpz_mul(f.a, f.a, f.b);
    mpz_mod(f.a, f.a, f.nn);
    oracle_to_int(c, f.a);
}

static void check_decryption(const mpz_t m, const csig_engine *engine)
{
    csig_int c;
    csig_sec got;

    encrypt(&c, m, 12345);
    assert_int_equal(csig_factors_decrypt(&got, engine, &f.ring, &f.own, &c, &f.rng), CSIG_OK);
    assert_int_equal(got.bits, CSIG_N_BITS - 1);
    oracle_from_sec(f.got, &got);
    assert_int_equal(mpz_cmp(f.got, m), 0);
}

static void plaintexts_come_back_centred(void **state)
{
    (void)state;
    oracle_seed(1);
    for (int i = 0; i < 3; i++) {
        set_primes(i, i + 1);
        for (unsigned long j = 0; j < 3; j++) {
            const csig_engine *engine = j == 1 ? &f.e.engine : NULL;

            mpz_set_ui(f.want, j);
            check_decryption(f.want, engine);
            mpz_set_si(f.want, -(long)j);
            check_decryption(f.want, engine);
            mpz_tdiv_q_2exp(f.want, f.n, 1); /* (N - 1) / 2, and down */
            mpz_sub_ui(f.want, f.want, j);
            check_decryption(f.want, engine);
            mpz_neg(f.want, f.want);
            check_decryption(f.want, engine);
        }
    }
    oracle_below(f.want, f.n);
    mpz_tdiv_q_2exp(f.want, f.want, 1);
    check_decryption(f.want, NULL);
}

static void nth_roots(void **state)
{
    csig_int y, z;

    (void)state;
    oracle_seed(2);
    for (int i = 0; i < 6; i++) {
        set_primes(i, i ^ 1);
        oracle_below(f.a, f.n);
        if (i == 4) mpz_set_ui(f.a, 1);
        if (i == 5) mpz_sub_ui(f.a, f.n, 1);
        oracle_to_int(&y, f.a);
        assert_int_equal(csig_factors_nth_root(&z, i & 1 ? &f.e.engine : NULL, &f.ring, &f.own, &y),
                         CSIG_OK);
        oracle_from_int(f.got, &z);
        assert_true(mpz_cmp(f.got, f.n) < 0);
        mpz_powm(f.got, f.got, f.n, f.n);
        assert_int_equal(mpz_cmp(f.got, f.a), 0);
    }
}

/* x^4 = (-1)^a w^b y, and x is a square modulo both primes */
static void check_fourth_root(const mpz_t w, const mpz_t y, const csig_engine *engine,
                              uint32_t *seen)
{
    csig_int wi, yi, xi;
    uint8_t a = 9, b = 9;

    oracle_to_int(&wi, w);
    oracle_to_int(&yi, y);
    assert_int_equal(csig_factors_fourth_root(&xi, &a, &b, engine, &f.ring, &f.own, &wi, &yi),
                     CSIG_OK);
    assert_true(a <= 1 && b <= 1);
    *seen |= 1u << (2 * a + b);
    oracle_from_int(f.got, &xi);
    assert_int_equal(mpz_legendre(f.got, f.p), 1);
    assert_int_equal(mpz_legendre(f.got, f.q), 1);
    mpz_powm_ui(f.got, f.got, 4, f.n);
    mpz_set(f.want, y);
    if (b) mpz_mul(f.want, f.want, w);
    if (a) mpz_neg(f.want, f.want);
    mpz_mod(f.want, f.want, f.n);
    assert_int_equal(mpz_cmp(f.got, f.want), 0);
}

static void random_w(mpz_t w)
{
    do
        oracle_below(w, f.n);
    while (mpz_jacobi(w, f.n) != -1);
}

/* p + 1 divided by 4 is even for some primes and odd for others: the sign of a root hangs on it */
static void fourth_roots_of_all_classes(void **state)
{
    mpz_t w, y;
    uint32_t parities = 0;

    (void)state;
    mpz_inits(w, y, NULL);
    oracle_seed(3);
    for (int i = 0; i < 12; i++) {
        uint32_t seen = 0;

        set_primes(i, (i * 5 + 7) % 12);
        parities |= 1u << (2 * (mpz_tstbit(f.p, 2) ^ 1) + (mpz_tstbit(f.q, 2) ^ 1));
        random_w(w);
        for (int j = 0; j < 40 && seen != 15; j++) {
            oracle_below(y, f.n);
            check_fourth_root(w, y, j % 5 == 4 ? &f.e.engine : NULL, &seen);
        }
        assert_int_equal(seen, 15);
        mpz_set_ui(y, 1);
        check_fourth_root(w, y, NULL, &seen);
        mpz_sub_ui(y, f.n, 1);
        check_fourth_root(w, y, NULL, &seen);
        check_fourth_root(w, w, NULL, &seen);
    }
    assert_int_equal(parities, 15);
    mpz_clears(w, y, NULL);
}

static void failing_engines_are_reported(void **state)
{
    csig_int y, z;
    csig_sec m;
    uint8_t a, b;

    (void)state;
    set_primes(0, 1);
    csig_int_set_u64(&y, 17);
    test_engine_init(&f.e);
    f.e.fail_at = 1;
    assert_int_equal(csig_factors_nth_root(&z, &f.e.engine, &f.ring, &f.own, &y), CSIG_E_ENGINE);
    f.e.fail_at = 2;
    assert_int_equal(csig_factors_fourth_root(&z, &a, &b, &f.e.engine, &f.ring, &f.own, &y, &y),
                     CSIG_E_ENGINE);
    f.e.fail_at = 3;
    assert_int_equal(csig_factors_decrypt(&m, &f.e.engine, &f.ring, &f.own, &y, &f.rng),
                     CSIG_E_ENGINE);
    assert_int_equal(f.e.calls, 3);
    assert_int_equal(f.e.jobs, 6);
    test_engine_init(&f.e);
}

/* A secret's N-th root is the public one's. */
static void secret_roots_are_roots(void **state)
{
    csig_int y, want, got;
    csig_sec ys, z;

    (void)state;
    set_primes(2, 3);
    for (int i = 0; i < 4; i++) {
        const csig_engine *engine = i == 1 ? &f.e.engine : NULL;

        oracle_below(f.a, f.n);
        if (i == 2) mpz_set_ui(f.a, 1);
        if (i == 3) mpz_sub_ui(f.a, f.n, 1);
        oracle_to_int(&y, f.a);
        oracle_to_sec(&ys, f.a, CSIG_N_BITS);
        assert_int_equal(csig_factors_nth_root(&want, NULL, &f.ring, &f.own, &y), CSIG_OK);
        assert_int_equal(csig_factors_secret_root(&z, engine, &f.own, &ys), CSIG_OK);
        assert_int_equal(z.bits, CSIG_N_BITS);
        csig_sec_reveal(&got, &z);
        assert_true(csig_int_is_eq(&got, &want));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plaintexts_come_back_centred),
        cmocka_unit_test(nth_roots),
        cmocka_unit_test(fourth_roots_of_all_classes),
        cmocka_unit_test(failing_engines_are_reported),
        cmocka_unit_test(secret_roots_are_roots),
    };

    random_seed(1);
    csig_rng_init(&f.rng, NULL, NULL);
    test_engine_init(&f.e);
    mpz_inits(f.p, f.q, f.n, f.nn, f.a, f.b, f.want, f.got, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
