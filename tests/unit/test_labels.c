/* Labels are the wall between uses of one hash: all different, none empty. */
#include "crypto/labels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    csig_label label;
    const char *name, *text;
} table[] = {
#define ROW(name, text) {CSIG_LABEL_##name, #name, text},
    CSIG_LABELS(ROW)
#undef ROW
};

#define LABELS (sizeof table / sizeof table[0])

static void unique_and_not_empty(void **state)
{
    (void)state;
    for (size_t i = 0; i < LABELS; i++) {
        assert_true(strlen(table[i].text) > 0);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(table[i].text, table[j].text);
            assert_string_not_equal(table[i].name, table[j].name);
        }
    }
}

static void text_of_each(void **state)
{
    (void)state;
    for (size_t i = 0; i < LABELS; i++)
        assert_string_equal(csig_label_text(table[i].label), table[i].text);
}

static void no_text_outside(void **state)
{
    (void)state;
    assert_null(csig_label_text((csig_label)LABELS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unique_and_not_empty),
        cmocka_unit_test(text_of_each),
        cmocka_unit_test(no_text_outside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
