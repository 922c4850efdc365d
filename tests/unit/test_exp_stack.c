/* Nothing secret is left on the stack: every secret path runs in a thread whose stack is searched
 * afterwards for the limbs and digits of the secrets that went in. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "num/comb.h"
#include "num/exp.h"
#include "support/oracle.h"

/* A sanitizer's frames hold copies of everything. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define IS_INSTRUMENTED true
#else
#define IS_INSTRUMENTED false
#endif

#define STACK_BYTES ((size_t)1 << 20)
#define MAX_WORDS   4096

typedef struct fixture {
    csig_ring ring;
    csig_factors own;
    csig_comb *comb;
    csig_rng rng;
    csig_int base, c, w, e, out;
    csig_sec p, q, unit, exponent, result;
    mpz_t n, t;
    uint64_t word[MAX_WORDS]; /* what must not be found, as it lies in memory */
    size_t words;
    uint8_t *stack;
} fixture;

static fixture f;

static uint64_t load(const void *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof word);
    return word;
}

/* Limbs, two neighbours where they are short, and the 52-bit digits that fast products work on. */
static void forbid(const csig_sec *x)
{
    const uint32_t limbs = CSIG_LIMBS(x->bits);

    for (uint32_t i = 0; i + 64 / GMP_NUMB_BITS < limbs; i++)
        f.word[f.words++] = load(&x->d[i]);
#if GMP_NUMB_BITS == 64
    for (uint32_t i = 0; 52 * (i + 2) < x->bits; i++) {
        const uint32_t j = 52 * i / 64, low = 52 * i % 64;
        const uint64_t high = low == 0 ? 0 : (uint64_t)x->d[j + 1] << (64 - low);

        f.word[f.words++] = ((uint64_t)x->d[j] >> low | high) & (((uint64_t)1 << 52) - 1);
    }
#endif
    CSIG_ASSERT(f.words <= MAX_WORDS);
}

/* The same for x mod m, and for 1/x. */
static void forbid_residue(const mpz_t x, const csig_sec *modulus)
{
    csig_sec r;
    mpz_t m, y;

    mpz_inits(m, y, NULL);
    oracle_from_sec(m, modulus);
    mpz_mod(y, x, m);
    oracle_to_sec(&r, y, modulus->bits);
    forbid(&r);
    CSIG_ASSERT(mpz_invert(y, y, m) != 0);
    oracle_to_sec(&r, y, modulus->bits);
    forbid(&r);
    mpz_clears(m, y, NULL);
}

static int compare(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static size_t count_found(void)
{
    size_t found = 0;

    for (size_t i = 0; i + sizeof(uint64_t) <= STACK_BYTES; i += sizeof(mp_limb_t)) {
        const uint64_t word = load(f.stack + i);

        found += bsearch(&word, f.word, f.words, sizeof *f.word, compare) != NULL;
    }
    return found;
}

/* Run fn on the stack that is searched; returns the number of words found. */
static size_t left_by(void *(*fn)(void *))
{
    pthread_attr_t attr;
    pthread_t thread;

    memset(f.stack, 0, STACK_BYTES);
    assert_int_equal(pthread_attr_init(&attr), 0);
    assert_int_equal(pthread_attr_setstack(&attr, f.stack, STACK_BYTES), 0);
    assert_int_equal(pthread_create(&thread, &attr, fn, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(pthread_attr_destroy(&attr), 0);
    return count_found();
}

/* The search works: a function that wipes nothing is noticed. */
static void *leave_something(void *arg)
{
    volatile mp_limb_t d[8192]; /* deep enough for what ends a thread */

    for (size_t i = 0; i < CSIG_ARRAY_LEN(d); i++)
        d[i] = f.unit.d[i % 8];
    (void)d[0];
    return arg;
}

static void the_search_finds(void **state)
{
    (void)state;
    assert_true(left_by(leave_something) >= 8);
}

static void run(csig_job *job)
{
    job->ring = &f.ring;
    job->secret_out = &f.result;
    CSIG_ASSERT(csig_exp_run(NULL, job, 1) == CSIG_OK);
}

static void *encrypt_own(void *arg)
{
    csig_job job = {.own = &f.own,
                    .squared = true,
                    .term = {{.secret_base = &f.unit, .exp = &f.ring.n}},
                    .terms = 1,
                    .secret_plain = &f.exponent};

    run(&job);
    return arg;
}

static void *encrypt_peer(void *arg)
{
    csig_job job = {
        .squared = true,
        .term = {{.secret_base = &f.unit, .exp = &f.e}, {.base = &f.c, .secret_exp = &f.exponent}},
        .terms = 2,
        .secret_plain = &f.exponent};

    run(&job);
    return arg;
}

static void *power_own(void *arg)
{
    csig_job job = {.own = &f.own, .term = {{.base = &f.base, .secret_exp = &f.unit}}, .terms = 1};

    run(&job);
    return arg;
}

static void *power_comb(void *arg)
{
    csig_job job = {.term = {{.base = &f.base, .secret_exp = &f.exponent, .comb = f.comb}},
                    .terms = 1};

    run(&job);
    return arg;
}

static void jobs_leave_nothing(void **state)
{
    (void)state;
    if (IS_INSTRUMENTED) skip();
    assert_int_equal(left_by(encrypt_own), 0);
    assert_int_equal(left_by(encrypt_peer), 0);
    assert_int_equal(left_by(power_own), 0);
    assert_int_equal(left_by(power_comb), 0);
}

static void *prepare(void *arg)
{
    csig_factors_init(&f.own, &f.p, &f.q);
    return arg;
}

static void *respond(void *arg)
{
    csig_factors_response(&f.out, &f.own, &f.unit, 1, &f.unit);
    return arg;
}

static void *decrypt(void *arg)
{
    CSIG_ASSERT(csig_factors_decrypt(&f.result, NULL, &f.ring, &f.own, &f.c, &f.rng) == CSIG_OK);
    return arg;
}

static void *roots(void *arg)
{
    uint8_t a, b;

    CSIG_ASSERT(csig_factors_nth_root(&f.out, NULL, &f.ring, &f.own, &f.base) == CSIG_OK);
    CSIG_ASSERT(csig_factors_fourth_root(&f.out, &a, &b, NULL, &f.ring, &f.own, &f.w, &f.base) ==
                CSIG_OK);
    return arg;
}

static void *test_prime(void *arg)
{
    CSIG_ASSERT(csig_mont_is_fermat2(f.p.d, CSIG_P_LIMBS));
    return arg;
}

static void factors_leave_nothing(void **state)
{
    (void)state;
    if (IS_INSTRUMENTED) skip();
    assert_int_equal(left_by(prepare), 0);
    assert_int_equal(left_by(respond), 0);
    assert_int_equal(left_by(decrypt), 0);
    assert_int_equal(left_by(roots), 0);
    assert_int_equal(left_by(test_prime), 0);
}

/* c = 1 + m N, the plaintext at its simplest; m is a secret then */
static void encrypt(mpz_t m)
{
    csig_sec sec;

    mpz_tdiv_q_2exp(m, m, 8);
    oracle_to_sec(&sec, m, CSIG_N_BITS);
    forbid(&sec);
    forbid_residue(m, &f.p);
    forbid_residue(m, &f.q);
    mpz_mul(m, m, f.n);
    mpz_add_ui(m, m, 1);
    oracle_to_int(&f.c, m);
}

static void set_up(void)
{
    csig_int n;

    mpz_inits(f.n, f.t, NULL);
    oracle_seed(1);
    oracle_prime(f.n, 0);
    oracle_to_sec(&f.p, f.n, CSIG_P_BITS);
    oracle_prime(f.t, 1);
    oracle_to_sec(&f.q, f.t, CSIG_P_BITS);
    mpz_mul(f.n, f.n, f.t);
    csig_factors_init(&f.own, &f.p, &f.q);
    oracle_to_int(&n, f.n);
    CSIG_ASSERT(csig_ring_has_init(&f.ring, &n));
    do
        oracle_below(f.t, f.n);
    while (mpz_jacobi(f.t, f.n) != -1);
    oracle_to_int(&f.w, f.t);
    oracle_below(f.t, f.n);
    oracle_to_int(&f.base, f.t);
    encrypt(f.t);
    oracle_bits(f.t, 256);
    oracle_to_int(&f.e, f.t);
    oracle_below(f.t, f.n);
    oracle_to_sec(&f.unit, f.t, CSIG_N_BITS);
    oracle_bits(f.t, 768);
    oracle_to_sec(&f.exponent, f.t, 768);
    f.comb = csig_comb_new(&f.ring, &f.base, 768);
    csig_rng_init(&f.rng, NULL, NULL);
    forbid(&f.p);
    forbid(&f.q);
    forbid(&f.unit);
    forbid(&f.exponent);
    oracle_from_sec(f.t, &f.unit);
    forbid_residue(f.t, &f.p);
    forbid_residue(f.t, &f.q);
    oracle_from_sec(f.t, &f.p);
    forbid_residue(f.t, &f.q);
    oracle_from_sec(f.t, &f.q);
    forbid_residue(f.t, &f.p);
    qsort(f.word, f.words, sizeof *f.word, compare);
    CSIG_ASSERT(posix_memalign((void **)&f.stack, 4096, STACK_BYTES) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_search_finds),
        cmocka_unit_test(jobs_leave_nothing),
        cmocka_unit_test(factors_leave_nothing),
    };
    int failed;

    set_up();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    csig_comb_free(f.comb);
    free(f.stack);
    return failed;
}
