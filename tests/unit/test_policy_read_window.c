/* What is no window of time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/policy.h"

#define IF(conditions)                                                                             \
    "{\"version\":1,\"default\":\"deny\",\"rules\":[{\"id\":\"a\",\"if\":{" conditions             \
    "},\"then\":\"allow\"}]}"

static void windows(void **state)
{
    (void)state;
    policy_expect_refused(
        IF("\"during\":[{\"days\":[\"day\"]}]"),
        "rules[0].if.during[0].days[0]: mon, tue, wed, thu, fri, sat or sun is wanted");
    policy_expect_refused(IF("\"during\":[{\"from\":\"9:00\"}]"),
                          "rules[0].if.during[0].from: a time like 09:30 is wanted");
    policy_expect_refused(IF("\"during\":[{\"from\":\"09-00\"}]"),
                          "rules[0].if.during[0].from: a time like 09:30 is wanted");
    policy_expect_refused(IF("\"during\":[{\"to\":\"24:01\"}]"),
                          "rules[0].if.during[0].to: there is no such time of the day");
    policy_expect_refused(IF("\"during\":[{\"to\":\"12:60\"}]"),
                          "rules[0].if.during[0].to: there is no such time of the day");
    policy_expect_refused(
        IF("\"not_during\":[{\"from\":\"22:00\",\"to\":\"06:00\"}]"),
        "rules[0].if.not_during[0]: it ends before it begins; write one for each day");
    policy_expect_refused(
        IF("\"during\":[{\"from\":\"09:00\",\"to\":\"09:00\"}]"),
        "rules[0].if.during[0]: it ends before it begins; write one for each day");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(windows)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
