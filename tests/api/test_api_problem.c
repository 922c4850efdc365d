/* The tables of errors are total, and say what they must. */
#include <stdlib.h>
#include <string.h>

#include "api/temp.h"
#include "http/problem.h"

static const csig_err errors[] = {
#define ERROR_ROW(name, ...) CSIG_##name,
    CSIG_ERRORS(ERROR_ROW)
#undef ERROR_ROW
};

#define COUNT (sizeof errors / sizeof errors[0])

static void every_error_has_a_code_and_a_status(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        const csigd_code code = csigd_code_of(errors[i]);
        const unsigned status = csigd_code_status(code);

        assert_true(code < CSIGD_CODE_COUNT);
        if (errors[i] == CSIG_OK)
            assert_int_equal(status, 200);
        else
            assert_true(status >= 400 && status < 600);
    }
}

static void classes_decide_the_kind_of_status(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        const csigd_code code = csigd_code_of(errors[i]);
        const unsigned status = csigd_code_status(code);

        switch (csig_err_class(errors[i])) {
        case CSIG_CLASS_NONE:
            assert_int_equal(code, CSIGD_OK);
            break;
        case CSIG_CLASS_CHEAT:
            /* One code for everything cryptographic; two messages for one round are no secret. */
            assert_true(code == CSIGD_PROOF_FAILED ||
                        (errors[i] == CSIG_E_EQUIVOCATE && code == CSIGD_ROUND_CONFLICT));
            break;
        case CSIG_CLASS_INPUT:
            assert_true(status < 500 || errors[i] == CSIG_E_SEAL);
            break;
        case CSIG_CLASS_BENIGN:
            assert_true(status == 409 || status == 410);
            break;
        case CSIG_CLASS_CALLER:
            assert_true(status == 500 || errors[i] == CSIG_E_USED);
            break;
        case CSIG_CLASS_LOCAL:
            assert_true(status >= 500);
            break;
        }
    }
}

static void exactly_cheating_locks(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        const csig_class class = csig_err_class(errors[i]);

        assert_int_equal(csigd_class_is_locking(class), class == CSIG_CLASS_CHEAT);
    }
}

static void numbers_nobody_gave_are_internal(void **state)
{
    (void)state;
    assert_int_equal(csigd_code_of((csig_err)9999), CSIGD_INTERNAL);
    assert_false(csigd_class_is_locking((csig_class)99));
}

static void codes_are_distinct_words(void **state)
{
    (void)state;
    for (int i = CSIGD_OK; i < CSIGD_CODE_COUNT; i++) {
        const char *name = csigd_code_name((csigd_code)i);

        assert_non_null(name);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
        for (int j = CSIGD_OK; j < i; j++)
            assert_string_not_equal(name, csigd_code_name((csigd_code)j));
    }
}

/* Which statuses are worth trying again with the same octets. */
static void retryable_ones_are_429_and_503(void **state)
{
    (void)state;
    for (int i = CSIGD_OK; i < CSIGD_CODE_COUNT; i++) {
        const unsigned status = csigd_code_status((csigd_code)i);

        assert_int_equal(csigd_code_is_retryable((csigd_code)i), status == 429 || status == 503);
    }
}

static char *text_of(const csigd_problem *p)
{
    size_t len;
    char *text = csigd_problem_json(p, &len);

    assert_non_null(text);
    assert_int_equal(strlen(text), len);
    return text;
}

static void a_body_has_its_members(void **state)
{
    csigd_problem p;
    char *text;

    (void)state;
    csigd_problem_set(&p, CSIGD_ROUND_OUT_OF_ORDER);
    p.expected_round = 3;
    strcpy(p.session, "00112233445566778899aabbccddeeff");
    text = text_of(&p);
    assert_non_null(strstr(text, "\"type\":\"urn:countersign:problem:round-out-of-order\""));
    assert_non_null(strstr(text, "\"status\":409"));
    assert_non_null(strstr(text, "\"code\":\"round-out-of-order\""));
    assert_non_null(strstr(text, "\"retryable\":false"));
    assert_non_null(strstr(text, "\"culprit\":\"client\""));
    assert_non_null(strstr(text, "\"expected_round\":3"));
    assert_non_null(strstr(text, "\"session\":\"00112233445566778899aabbccddeeff\""));
    assert_null(strstr(text, "\"error\""));
    assert_null(strstr(text, "\"field\""));
    free(text);
}

static void which_check_failed_is_not_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        csigd_problem p;
        char *text;

        csigd_problem_err(&p, errors[i]);
        text = text_of(&p);
        if (csig_err_class(errors[i]) == CSIG_CLASS_CHEAT || errors[i] == CSIG_OK)
            assert_null(strstr(text, "\"error\""));
        else
            assert_non_null(strstr(text, csig_err_name(errors[i])));
        free(text);
    }
}

static void what_our_own_store_holds_is_our_fault(void **state)
{
    (void)state;
    for (size_t i = 1; i < COUNT; i++) {
        csigd_problem p;
        const csigd_code code = csigd_problem_own(&p, errors[i]);

        assert_true(csigd_code_status(code) >= 500);
        assert_int_equal(code == CSIGD_OVERLOADED, errors[i] == CSIG_E_MEMORY);
    }
}

static void a_field_of_the_client_is_shown_harmlessly(void **state)
{
    csigd_problem p;
    char *text;

    (void)state;
    csigd_problem_field(&p, CSIGD_BAD_REQUEST, "na\"me");
    text = text_of(&p);
    assert_non_null(strstr(text, "\"field\":\"na\\\"me\""));
    free(text);
    /* Cut at what is not plain, and at 79 characters. */
    csigd_problem_field(&p, CSIGD_BAD_REQUEST, "na\xc3\xa4me");
    assert_string_equal(p.field, "na");
    csigd_problem_field(
        &p, CSIGD_BAD_REQUEST,
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaa");
    assert_int_equal(strlen(p.field), sizeof p.field - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_has_a_code_and_a_status),
        cmocka_unit_test(classes_decide_the_kind_of_status),
        cmocka_unit_test(exactly_cheating_locks),
        cmocka_unit_test(numbers_nobody_gave_are_internal),
        cmocka_unit_test(codes_are_distinct_words),
        cmocka_unit_test(retryable_ones_are_429_and_503),
        cmocka_unit_test(a_body_has_its_members),
        cmocka_unit_test(which_check_failed_is_not_told),
        cmocka_unit_test(what_our_own_store_holds_is_our_fault),
        cmocka_unit_test(a_field_of_the_client_is_shown_harmlessly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
