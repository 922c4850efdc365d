/* Idempotency-Key as it comes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/idempotency.h"

static void names_are_read(void **state)
{
    static const char *const good[][2] = {
        {"\"order-1\"", "order-1"},
        {"order-1", "order-1"},
        {"\"order 1, part 2; b\"", "order 1, part 2; b"},
        {"8e03978e-40d5-43e8-bc93-6894a57f9324", "8e03978e-40d5-43e8-bc93-6894a57f9324"},
        {"a", "a"},
        {"\"~!\"", "~!"},
    };
    char out[CSIGD_IDEMPOTENCY_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(csigd_idempotency_is_read(out, good[i][0]));
        assert_string_equal(out, good[i][1]);
    }
}

static void others_are_refused(void **state)
{
    static const char *const bad[] = {"",       "\"\"", "\"",          "\"a",   "a\"",
                                      "a b",    "a,b",  "\"a\"b\"",    "a;b=1", "\"a\\\"",
                                      "\"\t\"", "\x7f", "\"\xc3\xa9\""};
    char out[CSIGD_IDEMPOTENCY_BYTES], text[CSIGD_IDEMPOTENCY_BYTES + 2];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        out[0] = '\0';
        if (csigd_idempotency_is_read(out, bad[i])) fail_msg("taken: %s", bad[i]);
        assert_string_equal(out, "");
    }
    memset(text, 'a', sizeof text);
    text[CSIGD_IDEMPOTENCY_BYTES] = '\0';
    assert_false(csigd_idempotency_is_read(out, text));
    text[CSIGD_IDEMPOTENCY_BYTES - 1] = '\0';
    assert_true(csigd_idempotency_is_read(out, text));
    assert_int_equal(strlen(out), CSIGD_IDEMPOTENCY_BYTES - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read),
        cmocka_unit_test(others_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
