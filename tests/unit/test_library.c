/* What the library says of itself. */
#include "countersign/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/level.h"

static void level_is_that_of_the_build(void **state)
{
    (void)state;
    assert_int_equal(csig_level(), CSIG_LEVEL);
}

static void version_has_three_numbers(void **state)
{
    unsigned major, minor, patch;
    char rest;

    (void)state;
    assert_int_equal(sscanf(csig_version(), "%u.%u.%u%c", &major, &minor, &patch, &rest), 3);
}

static void init_may_be_called_again(void **state)
{
    (void)state;
    assert_int_equal(csig_init(), CSIG_OK);
    assert_int_equal(csig_init(), CSIG_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(level_is_that_of_the_build),
        cmocka_unit_test(version_has_three_numbers),
        cmocka_unit_test(init_may_be_called_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
