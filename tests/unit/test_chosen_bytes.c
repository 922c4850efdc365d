/* What sampling makes of chosen bytes: this program brings its own csig_rng, so that each
 * rejection, which chance would never show, happens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "num/prime.h"
#include "num/scalar.h"
#include "num/sec.h"
#include "support/oracle.h"
#include "support/special.h"

/* The bytes to come, draw by draw; when they run out, ordinary ones come. */
#define SCRIPT 8
static uint8_t script[SCRIPT][sizeof(mp_limb_t) * CSIG_INT_LIMBS];
static size_t script_len, script_at, draws;

void csig_rng_init(csig_rng *rng, const uint8_t seed[32], const uint8_t context[32])
{
    (void)seed;
    (void)context;
    memset(rng, 0, sizeof *rng);
}

void csig_rng_hear(csig_rng *rng, const void *msg, size_t len)
{
    (void)rng;
    (void)msg;
    (void)len;
}

void csig_rng_bytes(csig_rng *rng, const char *purpose, void *out, size_t len)
{
    uint8_t *p = out;

    (void)purpose;
    draws++;
    if (script_at < script_len) {
        memcpy(p, script[script_at++], len);
        return;
    }
    for (size_t i = 0; i < len; i++) { /* Knuth's MMIX generator */
        rng->counter = rng->counter * 6364136223846793005u + 1442695040888963407u;
        p[i] = (uint8_t)(rng->counter >> 56);
    }
}

void csig_rng_wipe(csig_rng *rng)
{
    memset(rng, 0, sizeof *rng);
}

static csig_rng rng;

static void forget_script(void)
{
    script_len = script_at = draws = 0;
}

/* The next draw is z, big-endian in len octets. */
static void say(const mpz_t z, size_t len)
{
    const size_t used = mpz_sgn(z) == 0 ? 0 : (mpz_sizeinbase(z, 2) + 7) / 8;

    assert_true(script_len < SCRIPT && used <= len);
    memset(script[script_len], 0, sizeof script[0]);
    if (used > 0) mpz_export(script[script_len] + len - used, NULL, 1, 1, 1, 0, z);
    script_len++;
}

static void say_ui(unsigned long v, size_t len)
{
    mpz_t z;

    mpz_init_set_ui(z, v);
    say(z, len);
    mpz_clear(z);
}

static void scalars(void **state)
{
    csig_scalar r, want;
    mpz_t q, z;

    (void)state;
    forget_script();
    mpz_init_set_str(q, "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
    mpz_init(z);
    say(q, 32); /* 0, q and more are refused; q - 1 and 1 are taken */
    say_ui(0, 32);
    mpz_add_ui(z, q, 1);
    say(z, 32);
    mpz_ui_pow_ui(z, 2, 256);
    mpz_sub_ui(z, z, 1);
    say(z, 32);
    mpz_sub_ui(z, q, 1);
    say(z, 32);
    say_ui(1, 32);
    csig_scalar_random(&r, &rng, "test");
    assert_int_equal(script_at, 5);
    csig_scalar_set_u32(&want, 1);
    csig_scalar_neg(&want, &want);
    assert_true(csig_scalar_is_eq(&r, &want));
    csig_scalar_random(&r, &rng, "test");
    assert_int_equal(script_at, 6);
    csig_scalar_neg(&want, &want);
    assert_true(csig_scalar_is_eq(&r, &want));
    mpz_clears(q, z, NULL);
}

static void expect(const csig_sec *x, long want)
{
    csig_int r;
    mpz_t z;

    mpz_init_set_si(z, want);
    csig_sec_reveal(&r, x);
    assert_true(oracle_is_int(&r, z));
    mpz_clear(z);
}

/* u in [0, 2^(bits + 1)] becomes u - 2^bits; octets above the mask do not count. */
static void symmetric_ranges(void **state)
{
    static const long u[] = {0, 1, 15, 16, 17, 31, 32};
    csig_int three;
    csig_sec x;

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(u); i++) {
        forget_script();
        say_ui(33, 1);
        say_ui(63, 1);
        say_ui(0xc0 | (unsigned long)u[i], 1);
        csig_sec_random_pm(&x, &rng, 4);
        expect(&x, u[i] - 16);
        assert_int_equal(draws, 3);
    }
    csig_int_set_u64(&three, 3);
    for (long v = 0; v <= 12; v++) { /* 2 * 3: u in [0, 12] */
        forget_script();
        say_ui(13, 1);
        say_ui(15, 1);
        say_ui(0xf0 | (unsigned long)v, 1);
        csig_sec_random_pm_times(&x, &rng, 1, &three);
        expect(&x, v - 6);
        assert_int_equal(draws, 3);
    }
}

static void ranges_from_zero(void **state)
{
    csig_int n;
    csig_sec x;

    (void)state;
    csig_int_set_u64(&n, 300);
    forget_script();
    say_ui(300, 2);
    say_ui(511, 2);
    say_ui(0xfe00 | 299, 2);
    csig_sec_random_below(&x, &rng, &n);
    expect(&x, 299);
    assert_int_equal(draws, 3);
    say_ui(0, 2);
    csig_sec_random_below(&x, &rng, &n);
    expect(&x, 0);
    assert_int_equal(draws, 4);
}

/* x and its blinding b are drawn anew together when either is no unit. */
static void units(void **state)
{
    csig_int n;
    csig_sec x;

    (void)state;
    csig_int_set_u64(&n, 15);
    forget_script();
    say_ui(3, 1); /* x is no unit */
    say_ui(2, 1);
    say_ui(2, 1); /* b is no unit */
    say_ui(5, 1);
    say_ui(0, 1); /* x is zero */
    say_ui(1, 1);
    say_ui(7, 1);
    say_ui(13, 1); /* 7 * 13 = 1 mod 15 */
    csig_sec_random_unit(&x, &rng, &n);
    expect(&x, 7);
    assert_int_equal(draws, 8);
}

/* Step until the first Fermat test has been made. */
static bool first_candidate(csig_prime_search *s)
{
    bool found = false;

    while (csig_prime_search_done(s) == 0)
        assert_int_equal(csig_prime_search_step(s, &rng, 1, &found), CSIG_OK);
    return found;
}

/* A row that begins at a safe prime's p' finds it at once, whatever lies above the mask and however
 * far below the base is (up to what makes it 5 mod 6). */
static void a_search_begins_at_its_base(void **state)
{
    mpz_t p, half;

    (void)state;
    mpz_inits(p, half, NULL);
    oracle_prime(p, 0);
    for (unsigned long off = 0; off < 6; off++) {
        csig_prime_search *s = csig_prime_search_new();
        csig_sec found;
        mpz_t z;

        assert_non_null(s);
        mpz_tdiv_q_2exp(half, p, 1);
        mpz_sub_ui(half, half, off);
        mpz_setbit(half, CSIG_P_BITS - 1); /* forgotten by the mask */
        mpz_clrbit(half, CSIG_P_BITS - 2); /* set by it */
        mpz_clrbit(half, CSIG_P_BITS - 3);
        forget_script();
        say(half, CSIG_P_BYTES);
        /* p' - off for off > 0 is 4, 3, .. 0 mod 6 and becomes p' again */
        assert_true(first_candidate(s));
        assert_int_equal(csig_prime_search_done(s), 2);
        csig_prime_search_result(s, &found);
        mpz_init(z);
        oracle_from_sec(z, &found);
        assert_int_equal(mpz_cmp(z, p), 0);
        mpz_clear(z);
        csig_prime_search_free(s);
    }
    mpz_clears(p, half, NULL);
}

/* Fermat's tests are not taken for a confirmation. */
static void a_search_passes_over_a_pseudoprime(void **state)
{
    csig_prime_search *s = csig_prime_search_new();
    mpz_t a, half;

    (void)state;
    assert_non_null(s);
    mpz_inits(a, half, NULL);
    mpz_set_str(a, special_pseudoprime_a, 16);
    mpz_mul_ui(half, a, 3);
    mpz_sub_ui(half, half, 2);
    mpz_mul(half, half, a);
    forget_script();
    say(half, CSIG_P_BYTES);
    assert_false(first_candidate(s));
    assert_int_equal(csig_prime_search_done(s), 2); /* both were passed */
    csig_prime_search_free(s);
    mpz_clears(a, half, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars),
        cmocka_unit_test(symmetric_ranges),
        cmocka_unit_test(ranges_from_zero),
        cmocka_unit_test(units),
        cmocka_unit_test(a_search_begins_at_its_base),
        cmocka_unit_test(a_search_passes_over_a_pseudoprime),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
