/* Limits of a policy: amounts of one payload, sums and counts within a time, windows of time; with
 * 256-bit overflow and the moments at which they change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/policy.h"

#define LIMIT_ETHER "{\"asset\":\"" POLICY_ETHER "\","
#define LIMIT_USDC  "{\"asset\":\"" POLICY_USDC "\","
#define ALL_ONES    "115792089237316195423570985008687907853269984665640564039457584007913129639935"

static void rules_of(char *rules, size_t room, const char *condition, const char *then)
{
    (void)snprintf(rules, room, "{\"id\":\"x\",\"if\":{%s},\"then\":\"%s\"}", condition, then);
}

/* Does a rule that allows under this condition cover it? */
static bool covers(const char *condition, const csig_facts *f, const policy_past *past, int64_t now)
{
    char rules[1024], by[CSIG_RULE_BYTES];

    rules_of(rules, sizeof rules, condition, "allow");
    return policy_judged(rules, f, past, now, by) == CSIG_ALLOW;
}

static bool touches(const char *condition, const csig_facts *f, const policy_past *past,
                    int64_t now)
{
    char rules[1024], by[CSIG_RULE_BYTES];

    rules_of(rules, sizeof rules, condition, "deny");
    (void)policy_judged(rules, f, past, now, by);
    return strcmp(by, "x") == 0;
}

static void expect_at_noon(const char *condition, const csig_facts *f, bool touch, bool cover)
{
    const policy_past none = {.n = 0};

    assert_int_equal(touches(condition, f, &none, POLICY_NOON), touch);
    assert_int_equal(covers(condition, f, &none, POLICY_NOON), cover);
}

static void amounts_of_one_payload(void **state)
{
    csig_facts f = policy_ether(POLICY_ALICE, "10");

    (void)state;
    expect_at_noon("\"amount\":[" LIMIT_ETHER "\"above\":\"9\"}]", &f, true, true);
    expect_at_noon("\"amount\":[" LIMIT_ETHER "\"above\":\"10\"}]", &f, false, false);
    expect_at_noon("\"amount\":[" LIMIT_ETHER "\"up_to\":\"10\"}]", &f, true, true);
    expect_at_noon("\"amount\":[" LIMIT_ETHER "\"up_to\":\"9\"}]", &f, false, false);
    /* a limit for another asset neither touches nor covers */
    expect_at_noon("\"amount\":[" LIMIT_USDC "\"up_to\":\"99\"}]", &f, false, false);
    /* all its parts together: splitting helps nobody */
    policy_transfer(&f, POLICY_ETHER, POLICY_BOB, "1");
    expect_at_noon("\"amount\":[" LIMIT_ETHER "\"up_to\":\"10\"}]", &f, false, false);
    expect_at_noon("\"amount\":[" LIMIT_ETHER "\"above\":\"10\"}]", &f, true, true);
}

static void several_limits(void **state)
{
    csig_facts f = policy_tokens(POLICY_ALICE, "100");

    (void)state;
    expect_at_noon("\"amount\":[" LIMIT_ETHER "\"above\":\"10\"}," LIMIT_USDC "\"above\":\"99\"}]",
                   &f, true, true);
    expect_at_noon("\"amount\":[" LIMIT_ETHER "\"up_to\":\"10\"}," LIMIT_USDC "\"up_to\":\"100\"}]",
                   &f, true, true);
    expect_at_noon("\"amount\":[" LIMIT_ETHER "\"up_to\":\"10\"}," LIMIT_USDC "\"up_to\":\"99\"}]",
                   &f, false, false);
    /* from 50 up to 100 */
    expect_at_noon("\"amount\":[" LIMIT_USDC "\"above\":\"50\"}," LIMIT_USDC "\"up_to\":\"100\"}]",
                   &f, true, true);
    /* an asset that no limit names is not covered, unless `assets` does */
    policy_transfer(&f, POLICY_ETHER, POLICY_BOB, "1");
    expect_at_noon("\"amount\":[" LIMIT_USDC "\"up_to\":\"100\"}]", &f, true, false);
    expect_at_noon("\"assets\":[\"" POLICY_USDC "\",\"" POLICY_ETHER "\"],\"amount\":[" LIMIT_USDC
                   "\"up_to\":\"100\"}]",
                   &f, true, true);
}

static void amounts_do_not_wrap(void **state)
{
    csig_facts f = policy_ether(POLICY_ALICE, ALL_ONES);

    (void)state;
    expect_at_noon("\"amount\":[" LIMIT_ETHER "\"up_to\":\"" ALL_ONES "\"}]", &f, true, true);
    policy_transfer(&f, POLICY_ETHER, POLICY_BOB, "1");
    expect_at_noon("\"amount\":[" LIMIT_ETHER "\"up_to\":\"1\"}]", &f, false, false);
    expect_at_noon("\"amount\":[" LIMIT_ETHER "\"above\":\"1\"}]", &f, true, true);
}

static void sums_within_a_time(void **state)
{
    static const char up_to[] = "\"sum\":[" LIMIT_ETHER "\"seconds\":3600,\"up_to\":\"100\"}]";
    static const char above[] = "\"sum\":[" LIMIT_ETHER "\"seconds\":3600,\"above\":\"100\"}]";
    const csig_facts forty = policy_ether(POLICY_ALICE, "40"),
                     more = policy_ether(POLICY_ALICE, "41");
    const policy_past past = {
        .n = 2, .of = {{POLICY_ETHER, "60", POLICY_NOON}, {POLICY_USDC, "500", POLICY_NOON}}};

    (void)state;
    assert_true(covers(up_to, &forty, &past, POLICY_NOON));
    assert_false(touches(above, &forty, &past, POLICY_NOON));
    assert_false(covers(up_to, &more, &past, POLICY_NOON));
    assert_true(touches(above, &more, &past, POLICY_NOON));
    /* the last second it counts in, and the one after */
    assert_false(covers(up_to, &more, &past, POLICY_NOON + 3599));
    assert_true(covers(up_to, &more, &past, POLICY_NOON + 3600));
    assert_true(touches(above, &more, &past, POLICY_NOON + 3599));
    assert_false(touches(above, &more, &past, POLICY_NOON + 3600));
}

static void sums_do_not_wrap(void **state)
{
    const csig_facts f = policy_ether(POLICY_ALICE, "2");
    const policy_past past = {.n = 1, .of = {{POLICY_ETHER, ALL_ONES, POLICY_NOON}}};
    const policy_past two = {
        .n = 2,
        .of = {{POLICY_ETHER, ALL_ONES, POLICY_NOON}, {POLICY_ETHER, ALL_ONES, POLICY_NOON}}};

    (void)state;
    assert_false(
        covers("\"sum\":[" LIMIT_ETHER "\"seconds\":60,\"up_to\":\"5\"}]", &f, &past, POLICY_NOON));
    assert_true(
        touches("\"sum\":[" LIMIT_ETHER "\"seconds\":60,\"above\":\"5\"}]", &f, &two, POLICY_NOON));
}

static void counts(void **state)
{
    const csig_facts f = policy_ether(POLICY_ALICE, "1");
    const policy_past past = {
        .n = 2,
        .of = {{POLICY_ETHER, "1", POLICY_NOON - 59}, {POLICY_ETHER, "1", POLICY_NOON - 60}}};

    (void)state;
    /* one within the last minute, and this one */
    assert_true(covers("\"count\":{\"seconds\":60,\"up_to\":2}", &f, &past, POLICY_NOON));
    assert_false(covers("\"count\":{\"seconds\":60,\"up_to\":1}", &f, &past, POLICY_NOON));
    assert_true(touches("\"count\":{\"seconds\":60,\"above\":1}", &f, &past, POLICY_NOON));
    assert_false(touches("\"count\":{\"seconds\":60,\"above\":2}", &f, &past, POLICY_NOON));
    assert_true(touches("\"count\":{\"seconds\":61,\"above\":2}", &f, &past, POLICY_NOON));
}

static void windows(void **state)
{
    static const char office[] =
        "\"during\":[{\"days\":[\"mon\",\"fri\"],\"from\":\"09:00\",\"to\":\"17:00\"}]";
    static const char not_office[] =
        "\"not_during\":[{\"days\":[\"mon\",\"fri\"],\"from\":\"09:00\",\"to\":\"17:00\"}]";
    static const struct {
        int64_t when;
        bool office;
    } moments[] = {
        {POLICY_NOON, true},
        {POLICY_NOON - 3 * 3600, true},      /* 09:00:00 */
        {POLICY_NOON - 3 * 3600 - 1, false}, /* 08:59:59 */
        {POLICY_NOON + 5 * 3600 - 1, true},  /* 16:59:59 */
        {POLICY_NOON + 5 * 3600, false},     /* 17:00:00 */
        {POLICY_NOON + 86400, false},        /* Saturday */
        {POLICY_NOON + 2 * 86400, false},
        {POLICY_NOON + 3 * 86400, true}, /* Monday */
    };
    const csig_facts f = policy_ether(POLICY_ALICE, "1");
    const policy_past none = {.n = 0};

    (void)state;
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
        assert_int_equal(covers(office, &f, &none, moments[i].when), moments[i].office);
        assert_int_equal(touches(office, &f, &none, moments[i].when), moments[i].office);
        assert_int_equal(covers(not_office, &f, &none, moments[i].when), !moments[i].office);
        assert_int_equal(touches(not_office, &f, &none, moments[i].when), !moments[i].office);
    }
    /* the first moment there is: a Thursday */
    assert_true(covers("\"during\":[{\"days\":[\"thu\"],\"to\":\"00:01\"}]", &f, &none, 0));
    assert_false(covers("\"during\":[{\"days\":[\"thu\"],\"to\":\"00:01\"}]", &f, &none, 60));
    assert_true(covers("\"during\":[{\"from\":\"23:59\",\"to\":\"24:00\"}]", &f, &none, 86399));
}

static void a_past_that_fails_denies(void **state)
{
    const csig_facts f = policy_ether(POLICY_ALICE, "1");
    const policy_past broken = {.fails = 1};
    char by[CSIG_RULE_BYTES];

    (void)state;
    assert_int_equal(policy_judged("{\"id\":\"x\",\"if\":{\"sum\":[" LIMIT_ETHER
                                   "\"seconds\":60,\"up_to\":\"5\"}]},\"then\":\"allow\"}",
                                   &f, &broken, POLICY_NOON, by),
                     CSIG_DENY);
    assert_string_equal(by, "default");
    assert_int_equal(policy_judged("{\"id\":\"x\",\"if\":{\"count\":{\"seconds\":60,\"up_to\":5}},"
                                   "\"then\":\"allow\"}",
                                   &f, &broken, POLICY_NOON, by),
                     CSIG_DENY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_of_one_payload),
        cmocka_unit_test(several_limits),
        cmocka_unit_test(amounts_do_not_wrap),
        cmocka_unit_test(sums_within_a_time),
        cmocka_unit_test(sums_do_not_wrap),
        cmocka_unit_test(counts),
        cmocka_unit_test(windows),
        cmocka_unit_test(a_past_that_fails_denies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
