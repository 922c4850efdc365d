/* Numbers in JSON: what is one, its range, and its word. */
#include "payload/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/hex.h"
#include "support/typed.h"

#define F62   "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define ZEROS "00000000000000000000000000000000000000000000000000000000000000"

static const struct {
    const char *json, *word; /* NULL: no number */
} cases[] = {
    {"[0]", ZEROS "00"},
    {"['0']", ZEROS "00"},
    {"['0x0']", ZEROS "00"},
    {"['0x000']", ZEROS "00"},
    {"[255]", ZEROS "ff"},
    {"['255']", ZEROS "ff"},
    {"['0xfF']", ZEROS "ff"},
    {"[-1]", F62 "ff"},
    {"['-256']", F62 "00"},
    {"[9007199254740991]", "000000000000000000000000000000000000000000000000001fffffffffffff"},
    {"[-9007199254740991]", "ffffffffffffffffffffffffffffffffffffffffffffffffffe0000000000001"},
    {"['115792089237316195423570985008687907853269984665640564039457584007913129639935']",
     F62 "ff"},
    {"['0x" F62 "ff']", F62 "ff"},
    {"['115792089237316195423570985008687907853269984665640564039457584007913129639936']", NULL},
    {"['0x1" F62 "ff']", NULL},
    {"[9007199254740992]", NULL},
    {"[-9007199254740992]", NULL},
    {"['']", NULL},
    {"['-']", NULL},
    {"['-0']", NULL},
    {"['00']", NULL},
    {"['01']", NULL},
    {"['-01']", NULL},
    {"['+1']", NULL},
    {"['1 ']", NULL},
    {"[' 1']", NULL},
    {"['1e3']", NULL},
    {"['1.0']", NULL},
    {"['0x']", NULL},
    {"['0X1']", NULL},
    {"['-0x1']", NULL},
    {"['0x-1']", NULL},
    {"['0xg']", NULL},
    {"['a']", NULL},
    {"[null]", NULL},
    {"[true]", NULL},
    {"[[]]", NULL},
    {"[{}]", NULL},
};

static void what_is_a_number(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(cases); i++) {
        csig_json *list = typed_json(cases[i].json);
        csig_number n;
        uint8_t word[32];
        const bool is = csig_number_is_of(&n, csig_json_at(list, 0));

        if (is != (cases[i].word != NULL)) fail_msg("%s", cases[i].json);
        if (is) {
            csig_number_word(word, &n);
            hex_expect(word, sizeof word, cases[i].word);
        }
        csig_json_free(list);
    }
}

static const struct {
    const char *text;
    unsigned bits;
    bool is_signed, is_within;
} ranges[] = {
    {"0", 8, false, true},
    {"255", 8, false, true},
    {"256", 8, false, false},
    {"-1", 8, false, false},
    {"127", 8, true, true},
    {"128", 8, true, false},
    {"-128", 8, true, true},
    {"-129", 8, true, false},
    {"-1", 8, true, true},
    {"0", 8, true, true},
    {"65535", 16, false, true},
    {"65536", 16, false, false},
    {"-32768", 16, true, true},
    {"-32769", 16, true, false},
    {"0x" F62 "ff", 256, false, true},
    {"0x7f" F62, 256, true, true},
    {"0x80" ZEROS, 256, true, false},
    {"-57896044618658097711785492504343953926634992332820282019728792003956564819968", 256, true,
     true},
    {"-57896044618658097711785492504343953926634992332820282019728792003956564819969", 256, true,
     false},
};

static void ranges_of_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(ranges); i++) {
        csig_number n;

        assert_true(csig_number_is_read(&n, ranges[i].text, strlen(ranges[i].text)));
        if (csig_number_is_within(&n, ranges[i].bits, ranges[i].is_signed) != ranges[i].is_within)
            fail_msg("%s in %u bits", ranges[i].text, ranges[i].bits);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_a_number),
        cmocka_unit_test(ranges_of_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
