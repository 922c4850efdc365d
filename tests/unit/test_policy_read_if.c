/* What is no condition of a rule: each refusal with the member it names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/policy.h"

#define IF(conditions)                                                                             \
    "{\"version\":1,\"default\":\"deny\",\"rules\":[{\"id\":\"a\",\"if\":{" conditions             \
    "},\"then\":\"allow\"}]}"
#define ETHER "\"asset\":\"" POLICY_ETHER "\""

static void conditions(void **state)
{
    (void)state;
    policy_expect_refused(IF("\"too\":[]"), "rules[0].if.too: there is no such member");
    policy_expect_refused(IF("\"types\":[]"), "rules[0].if.types: the list is empty; leave it out");
    policy_expect_refused(IF("\"types\":[1]"), "rules[0].if.types[0]: text is wanted");
    policy_expect_refused(IF("\"types\":\"psbt\""), "rules[0].if.types: a list is wanted");
    /* what is misspelt would never match, and a rule that denies it never deny */
    policy_expect_refused(IF("\"types\":[\"eip-191\"]"),
                          "rules[0].if.types[0]: this is no type of payload");
    policy_expect_refused(IF("\"types_other_than\":[\"PSBT\"]"),
                          "rules[0].if.types_other_than[0]: this is no type of payload");
    policy_expect_refused(IF("\"chains\":[\"1\"]"),
                          "rules[0].if.chains[0]: a chain is wanted, like eip155:1");
    policy_expect_refused(IF("\"to\":[\"0X00000000000000000000000000000000000A11CE\"]"),
                          "rules[0].if.to[0]: 0x and 40 digits are wanted");
    policy_expect_refused(IF("\"to\":[\"0x12\"]"),
                          "rules[0].if.to[0]: 0x and 40 digits are wanted");
    policy_expect_refused(IF("\"to\":[\"bob\"]"), "rules[0].if.to[0]: this is no address");
    policy_expect_refused(IF("\"to\":[\"" POLICY_BOB "\",\"bc1q-w508d6qejxtdg4y5\"]"),
                          "rules[0].if.to[1]: this is no address");
    policy_expect_refused(IF("\"assets\":[\"ETH\"]"),
                          "rules[0].if.assets[0]: an asset is wanted, like eip155:1/slip44:60");
    policy_expect_refused(IF("\"calls\":[{}]"),
                          "rules[0].if.calls[0]: contract or method is wanted");
    policy_expect_refused(IF("\"calls\":[{\"contract\":\"0x1\"}]"),
                          "rules[0].if.calls[0].contract: 0x and 40 digits are wanted");
    policy_expect_refused(IF("\"calls\":[{\"method\":\"0xa9059c\"}]"),
                          "rules[0].if.calls[0].method: a selector has 8 digits");
    /* a signature that is not the one that is hashed would never match */
    policy_expect_refused(IF("\"calls\":[{\"method\":\"transfer(address, uint256)\"}]"),
                          "rules[0].if.calls[0].method: a signature like "
                          "transfer(address,uint256), or a selector, is wanted");
    policy_expect_refused(IF("\"calls\":[{\"method\":\"transfer(address,uint)\"}]"),
                          "rules[0].if.calls[0].method: a signature like "
                          "transfer(address,uint256), or a selector, is wanted");
    policy_expect_refused(IF("\"blind\":1"), "rules[0].if.blind: true or false is wanted");
}

static void limits(void **state)
{
    (void)state;
    policy_expect_refused(IF("\"amount\":[{" ETHER "}]"),
                          "rules[0].if.amount[0]: above or up_to is wanted");
    policy_expect_refused(IF("\"amount\":[{\"above\":\"1\"}]"),
                          "rules[0].if.amount[0].asset: it is missing");
    policy_expect_refused(IF("\"amount\":[{" ETHER ",\"above\":\"1\",\"up_to\":\"2\"}]"),
                          "rules[0].if.amount[0].up_to: above and up_to exclude each other");
    policy_expect_refused(IF("\"amount\":[{" ETHER ",\"above\":1}]"),
                          "rules[0].if.amount[0].above: text is wanted");
    policy_expect_refused(
        IF("\"amount\":[{" ETHER ",\"above\":\"1.5\"}]"),
        "rules[0].if.amount[0].above: a decimal number below 2^256 is wanted, as text");
    policy_expect_refused(IF("\"amount\":[{" ETHER ",\"seconds\":5}]"),
                          "rules[0].if.amount[0].seconds: there is no such member");
    policy_expect_refused(IF("\"sum\":[{" ETHER ",\"above\":\"1\"}]"),
                          "rules[0].if.sum[0].seconds: it is missing");
    policy_expect_refused(IF("\"sum\":[{" ETHER ",\"above\":\"1\",\"seconds\":7776001}]"),
                          "rules[0].if.sum[0].seconds: out of its range");
    policy_expect_refused(IF("\"count\":{\"seconds\":1}"),
                          "rules[0].if.count: above or up_to is wanted");
    policy_expect_refused(IF("\"count\":{\"seconds\":1,\"above\":\"1\"}"),
                          "rules[0].if.count.above: a number is wanted");
    policy_expect_refused(IF("\"count\":{\"seconds\":1,\"above\":1,\"up_to\":1}"),
                          "rules[0].if.count.up_to: above and up_to exclude each other");
    policy_expect_refused(IF("\"fee\":{}"), "rules[0].if.fee: above or up_to is wanted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(conditions), cmocka_unit_test(limits)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
