/* The key sealer: opens what was made elsewhere, refuses every change, never repeats a nonce. */
#include "countersign/sealer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/hex.h"
#include "support/random.h"

#define NONCE    24
#define TEXT     "a share"
#define TEXT_LEN 7
#define OVERHEAD 40
#define LEN      (TEXT_LEN + OVERHEAD)

static uint8_t key[32];
static const uint8_t *const text = (const uint8_t *)TEXT;
static const uint8_t *const ad = (const uint8_t *)"kind, id";

static int setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)(64 + i);
    return 0;
}

static void opens_a_known_answer(void **state)
{
    const csig_sealer s = csig_sealer_from_key(key);
    uint8_t sealed[LEN], out[LEN];
    size_t len = 0;

    (void)state;
    hex_read(sealed, LEN,
             "0a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021dccd125aeb4ac3"
             "e3a9b8f4e9a093690d74536d3a2b25ba");
    assert_int_equal(s.open(s.ctx, ad, 8, sealed, LEN, out, &len), 0);
    assert_int_equal(len, TEXT_LEN);
    assert_memory_equal(out, text, TEXT_LEN);
}

static void opens_what_it_sealed(void **state)
{
    const csig_sealer s = csig_sealer_from_key(key);
    uint8_t plain[300], sealed[300 + CSIG_SEAL_OVERHEAD], out[sizeof sealed];

    (void)state;
    memset(plain, 0x5a, sizeof plain);
    for (size_t n = 0; n <= sizeof plain; n += 50) {
        size_t len = 0, back = 0;

        assert_int_equal(s.seal(s.ctx, ad, 8, plain, n, sealed, &len), 0);
        assert_int_equal(len, n + OVERHEAD);
        assert_int_equal(s.open(s.ctx, ad, 8, sealed, len, out, &back), 0);
        assert_int_equal(back, n);
        assert_memory_equal(out, plain, n);
    }
}

static void every_change_is_refused(void **state)
{
    uint8_t other[32], sealed[LEN], changed_ad[8], out[LEN];
    const csig_sealer s = csig_sealer_from_key(key), o = csig_sealer_from_key(other);
    size_t len = 0;

    (void)state;
    memcpy(other, key, sizeof other);
    memcpy(changed_ad, ad, 8);
    other[31] ^= 1;
    assert_int_equal(s.seal(s.ctx, ad, 8, text, TEXT_LEN, sealed, &len), 0);
    for (size_t i = 0; i < LEN; i++) {
        sealed[i] ^= 0x80;
        assert_int_not_equal(s.open(s.ctx, ad, 8, sealed, LEN, out, &len), 0);
        sealed[i] ^= 0x80;
        assert_int_not_equal(s.open(s.ctx, ad, 8, sealed, i, out, &len), 0);
    }
    for (size_t i = 0; i < 8; i++) {
        changed_ad[i] ^= 1;
        assert_int_not_equal(s.open(s.ctx, changed_ad, 8, sealed, LEN, out, &len), 0);
        changed_ad[i] ^= 1;
        assert_int_not_equal(s.open(s.ctx, ad, i, sealed, LEN, out, &len), 0);
    }
    assert_int_not_equal(o.open(o.ctx, ad, 8, sealed, LEN, out, &len), 0);
    assert_int_equal(s.open(s.ctx, ad, 8, sealed, LEN, out, &len), 0);
}

static void the_same_twice_looks_different(void **state)
{
    const csig_sealer s = csig_sealer_from_key(key);
    uint8_t a[LEN], b[LEN];
    size_t len = 0;

    (void)state;
    assert_int_equal(s.seal(s.ctx, ad, 8, text, TEXT_LEN, a, &len), 0);
    assert_int_equal(s.seal(s.ctx, ad, 8, text, TEXT_LEN, b, &len), 0);
    assert_memory_not_equal(a, b, NONCE);
    assert_memory_not_equal(a + NONCE, b + NONCE, LEN - NONCE);
}

/* Last: the system's bytes stay constant for the rest of the process. */
static void a_broken_system_repeats_no_nonce_for_another_secret(void **state)
{
    const csig_sealer s = csig_sealer_from_key(key);
    uint8_t a[LEN], b[LEN];
    size_t len = 0;

    (void)state;
    random_constant(0);
    assert_int_equal(s.seal(s.ctx, ad, 8, text, TEXT_LEN, a, &len), 0);
    assert_true(random_taken() >= 32);
    assert_int_equal(s.seal(s.ctx, ad, 8, text, TEXT_LEN, b, &len), 0);
    assert_memory_equal(a, b, LEN);
    assert_int_equal(s.seal(s.ctx, ad, 8, (const uint8_t *)"a shard", TEXT_LEN, b, &len), 0);
    assert_memory_not_equal(a, b, NONCE);
    assert_int_equal(s.seal(s.ctx, ad, 7, text, TEXT_LEN, b, &len), 0);
    assert_memory_not_equal(a, b, NONCE);
    key[0] ^= 1;
    assert_int_equal(s.seal(s.ctx, ad, 8, text, TEXT_LEN, b, &len), 0);
    assert_memory_not_equal(a, b, NONCE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_a_known_answer),
        cmocka_unit_test(opens_what_it_sealed),
        cmocka_unit_test(every_change_is_refused),
        cmocka_unit_test(the_same_twice_looks_different),
        cmocka_unit_test(a_broken_system_repeats_no_nonce_for_another_secret),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
