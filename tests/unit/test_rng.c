/* Hedged randomness: known answers, and that every ingredient counts. */
#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/random.h"

#define LEN 32

static const uint8_t seed_a[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                   16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
static const uint8_t context_a[32] = {32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42,
                                      43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53,
                                      54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

static csig_rng fresh_rng(void)
{
    csig_rng rng;

    csig_rng_init(&rng, seed_a, context_a);
    return rng;
}

/* Made with Python's hashlib from the definition: key = SHA-512(prefix, 64 octets of the system,
 * seed, context, heard, counter, purpose), block i = SHA-512(prefix, key, i). */
static void known_answers(void **state)
{
    static const uint8_t first[] =
        "\x46\x33\xc0\x4b\xe1\xfc\x59\xa4\xe2\xfd\xac\x7d\x42\x7f\xa5\xf0";
    static const uint8_t second[] =
        "\x3b\x6f\xcf\x90\x76\x21\x22\x0a\x49\xab\x9d\x85\xda\xb3\xa1\x67";
    static const uint8_t third[] =
        "\x4e\x46\x26\x5e\x59\x1b\x8f\x80\xc9\x71\x52\x75\xe8\x46\x58\x04";
    csig_rng rng = fresh_rng();
    uint8_t out[130];

    (void)state;
    random_constant(0x42);
    csig_rng_bytes(&rng, "first", out, 16);
    assert_memory_equal(out, first, 16);
    csig_rng_bytes(&rng, "second", out, sizeof out);
    assert_memory_equal(out + sizeof out - 16, second, 16);
    csig_rng_hear(&rng, "hello", 5);
    csig_rng_hear(&rng, "", 0);
    csig_rng_bytes(&rng, "third", out, 16);
    assert_memory_equal(out, third, 16);
}

static void every_draw_takes_fresh_bytes(void **state)
{
    csig_rng rng = fresh_rng();
    uint8_t out[2][LEN];

    (void)state;
    random_constant(0);
    for (size_t i = 1; i <= 5; i++) {
        csig_rng_bytes(&rng, "test", out[0], LEN);
        assert_int_equal(random_taken(), 64 * i);
    }
    /* one and the same state, other bytes of the system */
    for (int i = 0; i < 2; i++) {
        rng = fresh_rng();
        random_constant((uint8_t)i);
        csig_rng_bytes(&rng, "test", out[i], LEN);
    }
    assert_memory_not_equal(out[0], out[1], LEN);
}

/* With the system's bytes repeated, as on a cloned machine. */
static void every_ingredient_counts(void **state)
{
    uint8_t out[9][LEN];
    csig_rng rng[9];

    (void)state;
    random_constant(0x42);
    for (int i = 0; i < 9; i++)
        rng[i] = fresh_rng();
    rng[1].seed[31] ^= 1;
    rng[2].context[0] ^= 1;
    rng[3].counter++;
    csig_rng_hear(&rng[4], "a", 1);
    csig_rng_hear(&rng[5], "b", 1);
    csig_rng_hear(&rng[6], "a", 1);
    csig_rng_hear(&rng[6], "b", 1);
    csig_rng_hear(&rng[7], "ab", 2);
    for (int i = 0; i < 9; i++)
        csig_rng_bytes(&rng[i], i == 8 ? "other" : "test", out[i], LEN);
    for (int i = 0; i < 9; i++)
        for (int j = 0; j < i; j++)
            assert_memory_not_equal(out[i], out[j], LEN);

    rng[0] = fresh_rng(); /* and nothing else does */
    csig_rng_bytes(&rng[0], "test", out[1], LEN);
    assert_memory_equal(out[0], out[1], LEN);
    csig_rng_bytes(&rng[0], "test", out[1], LEN);
    assert_memory_not_equal(out[0], out[1], LEN);
}

static void exact_lengths(void **state)
{
    uint8_t longest[300], out[302];

    (void)state;
    random_constant(7);
    {
        csig_rng rng = fresh_rng();

        csig_rng_bytes(&rng, "test", longest, sizeof longest);
    }
    for (size_t len = 0; len <= sizeof longest; len++) {
        csig_rng rng = fresh_rng();

        memset(out, 0xee, sizeof out);
        csig_rng_bytes(&rng, "test", out + 1, len);
        assert_memory_equal(out + 1, longest, len);
        assert_int_equal(out[0], 0xee);
        assert_int_equal(out[len + 1], 0xee);
    }
    for (size_t i = 0; i + 64 < sizeof longest; i++) /* blocks differ */
        assert_memory_not_equal(longest, longest + i + 1, 64);
}

static void missing_parts_are_zeros(void **state)
{
    static const uint8_t zeros[64];
    csig_rng rng;

    (void)state;
    memset(&rng, 0xff, sizeof rng);
    csig_rng_init(&rng, NULL, NULL);
    assert_memory_equal(rng.seed, zeros, sizeof rng.seed);
    assert_memory_equal(rng.context, zeros, sizeof rng.context);
    assert_memory_equal(rng.heard, zeros, sizeof rng.heard);
    assert_int_equal(rng.counter, 0);
    rng = fresh_rng();
    assert_memory_equal(rng.seed, seed_a, sizeof rng.seed);
    assert_memory_equal(rng.context, context_a, sizeof rng.context);
    csig_rng_hear(&rng, "x", 1);
    csig_rng_wipe(&rng);
    assert_memory_equal(rng.seed, zeros, sizeof rng.seed);
    assert_memory_equal(rng.heard, zeros, sizeof rng.heard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),           cmocka_unit_test(every_draw_takes_fresh_bytes),
        cmocka_unit_test(every_ingredient_counts), cmocka_unit_test(exact_lengths),
        cmocka_unit_test(missing_parts_are_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
