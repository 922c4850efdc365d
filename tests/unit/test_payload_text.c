/* Text for people: numbers, hexadecimal digits, and that nothing in a quotation can look like
 * something else. */
#include "payload/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "countersign/payload.h"
#include "support/hex.h"
#include "support/trap.h"

static const struct {
    const char *hex;
    unsigned decimals;
    const char *text;
} numbers[] = {
    {"00", 0, "0"},
    {"00", 18, "0"},
    {"0a", 0, "10"},
    {"0a", 1, "1"},
    {"0b", 1, "1.1"},
    {"01", 18, "0.000000000000000001"},
    {"0de0b6b3a7640000", 18, "1"},
    {"14d1120d7b160000", 18, "1.5"},
    {"0de0b6b3a7640001", 18, "1.000000000000000001"},
    {"016345785d8a0000", 18, "0.1"},
    {"64", 1, "10"},
    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 0,
     "115792089237316195423570985008687907853269984665640564039457584007913129639935"},
    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 18,
     "115792089237316195423570985008687907853269984665640564039457.584007913129639935"},
};

static void decimal_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(numbers); i++) {
        const size_t n = strlen(numbers[i].hex) / 2;
        uint8_t octets[32];
        char out[100];
        csig_text t = {.out = out, .room = sizeof out};
        size_t len;

        hex_read(octets, n, numbers[i].hex);
        csig_text_decimal(&t, octets, n, numbers[i].decimals);
        assert_int_equal(csig_text_end(&t, &len), CSIG_OK);
        assert_string_equal(out, numbers[i].text);
    }
    {
        char none[CSIG_DECIMAL_BYTES];

        csig_decimal(none, NULL, 0);
        assert_string_equal(none, "0");
    }
}

static const struct {
    const char *text, *quoted;
} quotes[] = {
    {"", "\"\""},
    {"plain, text; \xc3\xa9 \xe2\x82\xac \xf0\x9f\x99\x83",
     "\"plain, text; \xc3\xa9 \xe2\x82\xac \xf0\x9f\x99\x83\""},
    {"a\"b\\c", "\"a\\\"b\\\\c\""},
    {"a\nSends 1 ETH", "\"a\\nSends 1 ETH\""},
    {"\r\t\x1b[31m\x7f", "\"\\u{d}\\u{9}\\u{1b}[31m\\u{7f}\""},
    {"\xc2\x85\xc2\xa0\xc2\xad", "\"\\u{85}\\u{a0}\\u{ad}\""},
    {"abc\xe2\x80\xae"
     "def",
     "\"abc\\u{202e}def\""},
    {"\xe2\x81\xa6\xe2\x80\x8b\xef\xbb\xbf\xe2\x80\xa8",
     "\"\\u{2066}\\u{200b}\\u{feff}\\u{2028}\""},
    {"\xf3\xa0\x81\x81", "\"\\u{e0041}\""},
    {"\xef\xb8\x8f\xe3\x85\xa4", "\"\\u{fe0f}\\u{3164}\""},
};

static void quotations(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(quotes); i++) {
        char out[200];
        csig_text t = {.out = out, .room = sizeof out};
        size_t len;

        assert_true(csig_utf8_is_valid((const uint8_t *)quotes[i].text, strlen(quotes[i].text)));
        csig_text_quote(&t, quotes[i].text, strlen(quotes[i].text));
        assert_int_equal(csig_text_end(&t, &len), CSIG_OK);
        assert_string_equal(out, quotes[i].quoted);
        assert_int_equal(len, strlen(out) + 1);
    }
}

static void what_does_not_fit_is_counted(void **state)
{
    char out[8];
    csig_text t = {.out = out, .room = sizeof out};
    size_t len;

    (void)state;
    csig_text_add(&t, "12345");
    csig_text_0x(&t, (const uint8_t *)"\xab", 1);
    assert_int_equal(csig_text_end(&t, &len), CSIG_E_BUFFER);
    assert_int_equal(len, 10);
    t = (csig_text){.out = out, .room = sizeof out};
    csig_text_add(&t, "%d", 1234567);
    assert_int_equal(csig_text_end(&t, &len), CSIG_OK);
    assert_int_equal(len, 8);
}

static const char *const no_utf8[] = {
    "\x80",     "\xc3",          "\xc0\x80",         "\xc1\xbf",         "\xe0\x80\x80",
    "\xe2\x82", "\xed\xa0\x80",  "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80",
    "\xff",     "a\xe2\x28\xa1",
};

static void utf8(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(no_utf8); i++)
        assert_false(csig_utf8_is_valid((const uint8_t *)no_utf8[i], strlen(no_utf8[i])));
    assert_false(csig_utf8_is_valid((const uint8_t *)"a\0b", 3));
    assert_true(csig_utf8_is_valid((const uint8_t *)"", 0));
    assert_true(
        csig_utf8_is_valid((const uint8_t *)"\xf4\x8f\xbf\xbf\xed\x9f\xbf\xee\x80\x80", 10));
}

static void digits(void **state)
{
    uint8_t out[4];
    size_t len;

    (void)state;
    assert_true(csig_hex_is_read(out, 2, "aB01", 4));
    assert_memory_equal(out, "\xab\x01", 2);
    assert_false(csig_hex_is_read(out, 2, "aB0", 3));
    assert_false(csig_hex_is_read(out, 2, "aB0g", 4));
    assert_true(csig_0x_is_read(out, 4, &len, "0x", 2));
    assert_int_equal(len, 0);
    assert_true(csig_0x_is_read(out, 4, &len, "0xffFF0001", 10));
    assert_int_equal(len, 4);
    assert_false(csig_0x_is_read(out, 3, &len, "0xffFF0001", 10));
    assert_false(csig_0x_is_read(out, 4, &len, "0xfff", 5));
    assert_false(csig_0x_is_read(out, 4, &len, "0Xffff", 6));
    assert_false(csig_0x_is_read(out, 4, &len, "ffff", 4));
    assert_false(csig_0x_is_read(out, 4, &len, "", 0));
}

static void reasons(void **state)
{
    char why[CSIG_WHY_BYTES], name[CSIG_PRINTABLE_BYTES];
    char longer[300];

    (void)state;
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_int_equal(csig_why(why, "%s", longer), CSIG_E_PAYLOAD);
    assert_int_equal(strlen(why), CSIG_WHY_BYTES - 1);
    assert_int_equal(csig_why(NULL, "%s", longer), CSIG_E_PAYLOAD);
    csig_printable(name, longer);
    assert_int_equal(strlen(name), CSIG_PRINTABLE_BYTES - 1);
    csig_printable(name, "ab\ncd");
    assert_string_equal(name, "ab");
    csig_printable(name, "a\"b");
    assert_string_equal(name, "a");
}

static void too_long_a_line(void *arg)
{
    char longer[600];
    csig_text t = {0};

    (void)arg;
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    csig_text_add(&t, "%s", longer);
}

static void broken_promises(void **state)
{
    (void)state;
    assert_true(trap_is_hit(too_long_a_line, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimal_numbers),
        cmocka_unit_test(quotations),
        cmocka_unit_test(what_does_not_fit_is_counted),
        cmocka_unit_test(utf8),
        cmocka_unit_test(digits),
        cmocka_unit_test(reasons),
        cmocka_unit_test(broken_promises),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
