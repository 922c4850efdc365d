/* The limits that api/README.md states and the protocol asks for (protocol.md 7.1, 7.2, Decided 6),
 * written out: nobody changes one alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/json.h"
#include "http/router.h"
#include "service/presigs.h"
#include "service/session.h"
#include "store/store.h"

static void limits_are_those_that_are_said(void **state)
{
    (void)state;
    assert_int_equal(CSIGD_SESSIONS_PER_INPUT, 8);
    assert_int_equal(CSIGD_UNFINISHED_MAX, 64);
    assert_int_equal(CSIGD_SUSPICIONS_MAX, 3);
    assert_int_equal(CSIGD_STOCK_MAX, 32);
    assert_int_equal(CSIGD_BATCH_MAX, 16);
    assert_int_equal(CSIGD_STOCK_AGE_SECONDS, 24 * 60 * 60);
    assert_int_equal(CSIGD_LIVE_PER_WALLET, 16);
    assert_int_equal(CSIGD_LIVE_PER_DEVICE, 16);
    assert_int_equal(CSIGD_JSON_MAX, 64 * 1024);
    assert_int_equal(CSIGD_JSON_DEPTH, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_those_that_are_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
