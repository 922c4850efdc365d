/* The session id: every input and its name counts, each has its own digest. */
#include "proto/ssid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/hex.h"
#include "support/trap.h"

/* computed by a program of its own from transcript.h's definition of H */
#if CSIG_LEVEL == 128
#define KNOWN_ID    "1cddc9b872203d76673d3cbb8d2933b10d0c335f486884ac6b570d4112641760"
#define KNOWN_LEVEL "6ea7e1438a3f02b7"
#else
#define KNOWN_ID    "1e6ca8e6aaa63523372f8064272be7bd5d46acf152cb81010e9131450bdee86e"
#define KNOWN_LEVEL "16686a78321219e0"
#endif

static void sample(csig_ssid *s)
{
    csig_ssid_begin(s, CSIG_LABEL_SSID_SIGN);
    csig_ssid_add(s, "nonce", "abc", 3);
    csig_ssid_add_u64(s, "count", UINT64_C(0x0102030405060708));
    csig_ssid_end(s);
}

static void known_answer(void **state)
{
    const char *names[] = {"version", "level", "curve", "nonce", "count"};
    csig_ssid s;

    (void)state;
    sample(&s);
    hex_expect(s.id, sizeof s.id, KNOWN_ID);
    assert_int_equal(s.count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(s.name[i], names[i]);
    hex_expect(s.digest[0], 8, "2be9b90663abf30d");
    hex_expect(s.digest[1], 8, KNOWN_LEVEL);
    hex_expect(s.digest[2], 8, "402e9ba7d06baf56");
    hex_expect(s.digest[3], 8, "c72ce5c06d7f078e");
    hex_expect(s.digest[4], 8, "1cf09477c257f6da");
}

static void unused_fields_are_zero(void **state)
{
    const uint8_t zero[CSIG_SSID_DIGEST_BYTES] = {0};
    csig_ssid s;

    (void)state;
    memset(&s, 0xaa, sizeof s);
    sample(&s);
    for (size_t i = s.count; i < CSIG_SSID_FIELDS; i++) {
        assert_null(s.name[i]);
        assert_memory_equal(s.digest[i], zero, sizeof zero);
    }
}

/* Another label, name, value, order or number of inputs is another session. */
static void everything_counts(void **state)
{
    csig_ssid s[6];

    (void)state;
    for (int i = 0; i < 6; i++) {
        csig_ssid_begin(&s[i], i == 1 ? CSIG_LABEL_SSID_AUX : CSIG_LABEL_SSID_SIGN);
        if (i != 4) csig_ssid_add(&s[i], i == 2 ? "nunce" : "nonce", i == 3 ? "abd" : "abc", 3);
        csig_ssid_add_u64(&s[i], "count", 1);
        if (i == 4) csig_ssid_add(&s[i], "nonce", "abc", 3);
        if (i == 5) csig_ssid_add(&s[i], "more", "", 0);
        csig_ssid_end(&s[i]);
        for (int j = 0; j < i; j++)
            assert_memory_not_equal(s[i].id, s[j].id, CSIG_SSID_BYTES);
    }
    /* only the input itself is in its digest */
    assert_memory_equal(s[0].digest[3], s[1].digest[3], CSIG_SSID_DIGEST_BYTES);
    assert_memory_not_equal(s[0].digest[3], s[2].digest[3], CSIG_SSID_DIGEST_BYTES);
    assert_memory_not_equal(s[0].digest[3], s[3].digest[3], CSIG_SSID_DIGEST_BYTES);
    assert_memory_equal(s[0].digest[3], s[4].digest[4], CSIG_SSID_DIGEST_BYTES);
}

static void one_input_too_many(void *arg)
{
    csig_ssid s;

    csig_ssid_begin(&s, CSIG_LABEL_SSID_SIGN);
    for (int i = *(int *)arg; i < CSIG_SSID_FIELDS; i++)
        csig_ssid_add_u64(&s, "x", 1);
}

static void more_inputs_than_fields_is_our_own_bug(void **state)
{
    int fits = 3, too_many = 2;

    (void)state;
    assert_false(trap_is_hit(one_input_too_many, &fits));
    assert_true(trap_is_hit(one_input_too_many, &too_many));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answer),
        cmocka_unit_test(unused_fields_are_zero),
        cmocka_unit_test(everything_counts),
        cmocka_unit_test(more_inputs_than_fields_is_our_own_bug),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
