/* The error table is total, its numbers are unique, and those once published stay. */
#include "countersign/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

#define ROW(name, number, class, text) {#name, number, CSIG_CLASS_##class, text},
static const struct row {
    const char *name;
    unsigned number;
    csig_class class;
    const char *text;
} table[] = {CSIG_ERRORS(ROW)};

/* Numbers and classes are part of the ABI: what was published once does not change. */
static const struct {
    csig_err err;
    unsigned number;
    csig_class class;
} published[] = {
    {CSIG_OK, 0, CSIG_CLASS_NONE},
    {CSIG_E_ARGUMENT, 1, CSIG_CLASS_CALLER},
    {CSIG_E_STATE, 2, CSIG_CLASS_CALLER},
    {CSIG_E_BUFFER, 3, CSIG_CLASS_CALLER},
    {CSIG_E_USED, 4, CSIG_CLASS_CALLER},
    {CSIG_E_FORMAT, 10, CSIG_CLASS_INPUT},
    {CSIG_E_KIND, 11, CSIG_CLASS_INPUT},
    {CSIG_E_VERSION, 12, CSIG_CLASS_INPUT},
    {CSIG_E_LEVEL, 13, CSIG_CLASS_INPUT},
    {CSIG_E_LENGTH, 14, CSIG_CLASS_INPUT},
    {CSIG_E_SEAL, 15, CSIG_CLASS_INPUT},
    {CSIG_E_PATH, 16, CSIG_CLASS_INPUT},
    {CSIG_E_DIGEST, 17, CSIG_CLASS_INPUT},
    {CSIG_E_PARTIES, 18, CSIG_CLASS_INPUT},
    {CSIG_E_SIGNATURE, 19, CSIG_CLASS_INPUT},
    {CSIG_E_SENDER, 20, CSIG_CLASS_INPUT},
    {CSIG_E_SESSION, 21, CSIG_CLASS_INPUT},
    {CSIG_E_ROUND, 22, CSIG_CLASS_INPUT},
    {CSIG_E_AUX, 23, CSIG_CLASS_INPUT},
    {CSIG_E_LOCKED, 24, CSIG_CLASS_INPUT},
    {CSIG_E_POINT, 25, CSIG_CLASS_INPUT},
    {CSIG_E_RANGE, 26, CSIG_CLASS_INPUT},
    {CSIG_E_EVIDENCE, 27, CSIG_CLASS_INPUT},
    {CSIG_E_PAYLOAD, 28, CSIG_CLASS_INPUT},
    {CSIG_E_MISMATCH, 29, CSIG_CLASS_INPUT},
    {CSIG_E_POLICY, 30, CSIG_CLASS_INPUT},
    {CSIG_E_SSID, 40, CSIG_CLASS_BENIGN},
    {CSIG_E_EPOCH, 41, CSIG_CLASS_BENIGN},
    {CSIG_E_ABORTED, 42, CSIG_CLASS_BENIGN},
    {CSIG_E_PROOF, 60, CSIG_CLASS_CHEAT},
    {CSIG_E_COMMIT, 61, CSIG_CLASS_CHEAT},
    {CSIG_E_SHARE, 62, CSIG_CLASS_CHEAT},
    {CSIG_E_MODULUS, 63, CSIG_CLASS_CHEAT},
    {CSIG_E_MESSAGE, 64, CSIG_CLASS_CHEAT},
    {CSIG_E_SUM, 65, CSIG_CLASS_CHEAT},
    {CSIG_E_PARTIAL, 66, CSIG_CLASS_CHEAT},
    {CSIG_E_OUTPUT, 67, CSIG_CLASS_CHEAT},
    {CSIG_E_EQUIVOCATE, 68, CSIG_CLASS_CHEAT},
    {CSIG_E_ECHO, 69, CSIG_CLASS_CHEAT},
    {CSIG_E_ACK, 70, CSIG_CLASS_CHEAT},
    {CSIG_E_MEMORY, 80, CSIG_CLASS_LOCAL},
    {CSIG_E_RANDOM, 81, CSIG_CLASS_LOCAL},
    {CSIG_E_ENGINE, 82, CSIG_CLASS_LOCAL},
    {CSIG_E_HOST, 83, CSIG_CLASS_LOCAL},
};

static void every_row_is_answered(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(table); i++) {
        const csig_err err = (csig_err)table[i].number;

        assert_int_equal(csig_err_class(err), table[i].class);
        assert_string_equal(csig_err_text(err), table[i].text);
        assert_string_equal(csig_err_name(err), table[i].name);
        assert_true(strlen(table[i].text) > 5);
        if (err != CSIG_OK) assert_int_equal(strncmp(table[i].name, "E_", 2), 0);
        assert_int_equal(table[i].class == CSIG_CLASS_NONE, err == CSIG_OK);
    }
}

static void rows_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(table); i++) {
        for (size_t j = 0; j < i; j++) {
            assert_int_not_equal(table[i].number, table[j].number);
            assert_string_not_equal(table[i].name, table[j].name);
            assert_string_not_equal(table[i].text, table[j].text);
        }
    }
}

static void published_numbers_stay(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(published); i++) {
        assert_int_equal((unsigned)published[i].err, published[i].number);
        assert_int_equal(csig_err_class(published[i].err), published[i].class);
    }
}

static void unknown_numbers_have_an_answer(void **state)
{
    static const unsigned unknown[] = {5, 9, 99, 254};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(unknown); i++) {
        const csig_err err = (csig_err)unknown[i];

        assert_int_equal(csig_err_class(err), CSIG_CLASS_CALLER);
        assert_string_equal(csig_err_name(err), "E_UNKNOWN");
        assert_non_null(csig_err_text(err));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_answered),
        cmocka_unit_test(rows_are_unique),
        cmocka_unit_test(published_numbers_stay),
        cmocka_unit_test(unknown_numbers_have_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
