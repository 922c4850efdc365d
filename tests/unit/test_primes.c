/* The search for four primes: in steps, interrupted, at rest, to its end. */
#include "share/primes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/header.h"
#include "support/devices.h"
#include "support/open_sealer.h"
#include "support/random.h"

#define ROOM  2048
#define LUCKY 47 /* a seed for which both levels find soon */

static const uint8_t key[32] = {3};

static int after(void *ctx)
{
    unsigned *asked = ctx;

    return ++*asked == 3;
}

static void steps_and_progress(void **state)
{
    uint64_t made = 1, expected = 0, more = 0;
    unsigned found = 9, asked = 0;
    csig_primes *p;
    int done = 1;

    (void)state;
    random_seed(1);
    assert_int_equal(csig_primes_new(&p), CSIG_OK);
    csig_primes_progress(p, &made, &expected, &found);
    assert_true(made == 0 && found == 0);
    assert_int_equal(expected, 4 * csig_prime_search_expected());
    assert_int_equal(csig_primes_step(p, 0, NULL, NULL, &done), CSIG_OK);
    assert_int_equal(done, 0);
    /* sieving comes first, so not every step is a test */
    for (int i = 0; i < 100 && made == 0; i++) {
        assert_int_equal(csig_primes_step(p, 20, NULL, NULL, &done), CSIG_OK);
        csig_primes_progress(p, &made, NULL, NULL);
    }
    assert_true(made > 0 && done == 0);
    /* the host's clock ends a step */
    assert_int_equal(csig_primes_step(p, 1000000, after, &asked, &done), CSIG_OK);
    assert_int_equal(asked, 3);
    csig_primes_progress(p, &more, NULL, NULL);
    assert_true(more <= made + 6);
    csig_primes_progress(p, NULL, NULL, NULL);
    csig_primes_free(p);
    csig_primes_free(NULL);
}

static size_t exported(const csig_primes *p, uint8_t out[ROOM])
{
    const csig_sealer sealer = csig_sealer_from_key(key);
    size_t len = 0;

    assert_int_equal(csig_primes_export(p, &sealer, NULL, &len), CSIG_E_BUFFER);
    assert_true(len <= ROOM);
    assert_int_equal(csig_primes_export(p, &sealer, out, &len), CSIG_OK);
    return len;
}

static csig_err imported(csig_primes **p, const uint8_t *in, size_t len)
{
    const csig_sealer sealer = csig_sealer_from_key(key);

    return csig_primes_import(p, &sealer, in, len);
}

static void an_interrupted_search_goes_on(void **state)
{
    static uint8_t out[ROOM];
    csig_primes *p = devices_primes(0), *back;
    uint64_t made;
    unsigned found;
    size_t len;
    int done;

    (void)state;
    p->found = 2;
    p->tests = 1234;
    len = exported(p, out);
    assert_int_equal(imported(&back, out, len), CSIG_OK);
    csig_primes_progress(back, &made, NULL, &found);
    assert_true(made == 1234 && found == 2);
    for (unsigned i = 0; i < 2; i++)
        assert_memory_equal(back->prime[i].d, p->prime[i].d, sizeof p->prime[i].d);
    assert_int_equal(csig_primes_step(back, 1, NULL, NULL, &done), CSIG_OK);
    assert_int_equal(done, 0);
    csig_primes_free(back);

    p->found = CSIG_DEVICE_PRIMES;
    len = exported(p, out);
    assert_int_equal(imported(&back, out, len), CSIG_OK);
    assert_int_equal(csig_primes_step(back, 1, NULL, NULL, &done), CSIG_OK);
    assert_int_equal(done, 1);
    csig_primes_progress(back, &made, NULL, &found);
    assert_true(made == 1234 && found == 4);
    csig_primes_free(back);
    csig_primes_free(p);
}

static void what_is_no_safe_prime_is_refused(void **state)
{
    static uint8_t out[ROOM];
    csig_primes *p = devices_primes(1), *back;

    (void)state;
    p->found = 1;
    p->prime[0].d[0] ^= 4;
    assert_int_equal(imported(&back, out, exported(p, out)), CSIG_E_FORMAT);
    assert_null(back);
    p->prime[0].d[0] ^= 4;
    p->found = 2;
    p->prime[1] = p->prime[0]; /* twice the same */
    assert_int_equal(imported(&back, out, exported(p, out)), CSIG_E_FORMAT);
    csig_primes_free(p);
}

static void more_than_four_are_refused(void **state)
{
    const csig_sealer sealer = open_sealer();
    static uint8_t out[ROOM];
    size_t len = sizeof out;
    csig_primes *p, *back;

    (void)state;
    assert_int_equal(csig_primes_new(&p), CSIG_OK);
    assert_int_equal(csig_primes_export(p, &sealer, out, &len), CSIG_OK);
    csig_primes_free(p);
    for (int found = 5; found < 256; found += 50) {
        out[CSIG_OBJECT_CLEAR_BYTES] = (uint8_t)found;
        assert_int_equal(csig_primes_import(&back, &sealer, out, len), CSIG_E_FORMAT);
        assert_null(back);
    }
}

/* One encoding for each search: what says nothing is zero. */
static void what_says_nothing_is_zero(void **state)
{
    const csig_sealer sealer = open_sealer();
    /* the id and the epoch in clear, the places of the primes that are missing */
    static const size_t at[] = {CSIG_KIND_BYTES, CSIG_OBJECT_CLEAR_BYTES - 1,
                                CSIG_OBJECT_CLEAR_BYTES + 9,
                                CSIG_OBJECT_CLEAR_BYTES + 9 + 4 * CSIG_P_BYTES - 1};
    static uint8_t out[ROOM];
    size_t len = sizeof out;
    csig_primes *p, *back;

    (void)state;
    assert_int_equal(csig_primes_new(&p), CSIG_OK);
    assert_int_equal(csig_primes_export(p, &sealer, out, &len), CSIG_OK);
    csig_primes_free(p);
    assert_int_equal(csig_primes_import(&back, &sealer, out, len), CSIG_OK);
    csig_primes_free(back);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(at); i++) {
        out[at[i]] = 1;
        assert_int_equal(csig_primes_import(&back, &sealer, out, len), CSIG_E_FORMAT);
        assert_null(back);
        out[at[i]] = 0;
    }
}

static void other_objects_are_refused(void **state)
{
    const uint8_t other[32] = {4};
    const csig_sealer wrong = csig_sealer_from_key(other);
    static uint8_t out[ROOM];
    csig_primes *p, *back;
    size_t len;

    (void)state;
    assert_int_equal(csig_primes_new(&p), CSIG_OK);
    len = exported(p, out);
    csig_primes_free(p);
    assert_int_equal(csig_primes_import(&back, &wrong, out, len), CSIG_E_SEAL);
    assert_null(back);
    assert_int_equal(imported(&back, out, len - 1), CSIG_E_SEAL);
    assert_int_equal(imported(&back, out, 0), CSIG_E_LENGTH);
    out[2] ^= 128 ^ 112;
    assert_int_equal(imported(&back, out, len), CSIG_E_LEVEL);
    out[2] ^= 128 ^ 112;
    out[1]++;
    assert_int_equal(imported(&back, out, len), CSIG_E_VERSION);
    out[1]--;
    out[0] = CSIG_KIND_PEER;
    assert_int_equal(imported(&back, out, len), CSIG_E_KIND);
}

/* The last of four: a search that ends, with random numbers for which it ends soon. */
static void a_search_ends(void **state)
{
    csig_primes *p = devices_primes(0);
    csig_err err = CSIG_OK;
    csig_rng rng;
    uint64_t made;
    int done = 0;

    (void)state;
    p->found = 3;
    random_seed(LUCKY);
    csig_rng_init(&rng, NULL, NULL);
    for (int i = 0; i < 1000 && done == 0; i++)
        assert_int_equal(csig_primes_step(p, 100, NULL, NULL, &done), CSIG_OK);
    assert_int_equal(done, 1);
    assert_int_equal(p->found, 4);
    assert_null(p->search);
    csig_primes_progress(p, &made, NULL, NULL);
    assert_true(made > 0);
    assert_true(csig_sec_is_safe_prime(&p->prime[3], &rng));

    /* a random source that repeats itself finds it again */
    p->prime[0] = p->prime[3];
    p->found = 3;
    random_seed(LUCKY);
    csig_rng_init(&p->rng, NULL, NULL);
    while (err == CSIG_OK)
        err = csig_primes_step(p, 100, NULL, NULL, &done);
    assert_int_equal(err, CSIG_E_RANDOM);
    csig_primes_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_and_progress),
        cmocka_unit_test(an_interrupted_search_goes_on),
        cmocka_unit_test(what_is_no_safe_prime_is_refused),
        cmocka_unit_test(more_than_four_are_refused),
        cmocka_unit_test(what_says_nothing_is_zero),
        cmocka_unit_test(other_objects_are_refused),
        cmocka_unit_test(a_search_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
