/* 256-bit amounts: read, added, compared; at the top they stay. */
#include "policy/amount.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void amounts(void **state)
{
    static const char most[] =
        "115792089237316195423570985008687907853269984665640564039457584007913129639935";
    static const char more[] =
        "115792089237316195423570985008687907853269984665640564039457584007913129639936";
    static const char *const bad[] = {"", "01", "00", "+1", "-1", "1 ", "0x1", "1e3", more};
    uint8_t a[CSIG_AMOUNT_BYTES], b[CSIG_AMOUNT_BYTES] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(csig_amount_is_read(a, bad[i]));
    assert_true(csig_amount_is_read(a, "0"));
    assert_memory_equal(a, b, sizeof a);
    assert_true(csig_amount_is_read(a, "65536"));
    assert_int_equal(a[29], 1);
    csig_amount_add(a, a);
    assert_int_equal(a[29], 2);
    b[31] = 1;
    assert_true(csig_amount_is_above(a, b));
    assert_false(csig_amount_is_above(b, a));
    assert_false(csig_amount_is_above(a, a));
    assert_true(csig_amount_is_read(a, most));
    assert_int_equal(a[0], 0xff);
    csig_amount_add(a, b);
    assert_int_equal(a[31], 0xff);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(amounts)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
