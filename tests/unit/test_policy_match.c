/* Every matcher of a policy, both ways: what it touches and what it covers, and what it does not. A
 * rule `no` denies what it touches; a rule `yes` allows what it covers. */
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

static void expect_touch(const char *condition, const csig_facts *facts, bool touches)
{
    const policy_past none = {.n = 0};
    char rules[2048], by[CSIG_RULE_BYTES];

    (void)snprintf(rules, sizeof rules, "{\"id\":\"no\",\"if\":{%s},\"then\":\"deny\"}", condition);
    assert_int_equal(policy_judged(rules, facts, &none, POLICY_NOON, by), CSIG_DENY);
    assert_string_equal(by, touches ? "no" : "default");
}

static void expect_cover(const char *condition, const csig_facts *facts, bool covers)
{
    char rules[2048];

    (void)snprintf(rules, sizeof rules, "{\"id\":\"yes\",\"if\":{%s},\"then\":\"allow\"}",
                   condition);
    policy_expect(rules, facts, covers ? CSIG_ALLOW : CSIG_DENY, covers ? "yes" : "default");
}

/* The same for both. */
static void expect_match(const char *condition, const csig_facts *facts, bool matches)
{
    expect_touch(condition, facts, matches);
    expect_cover(condition, facts, matches);
}

static void no_condition_is_every_transfer(void **state)
{
    const csig_facts ether = policy_ether(POLICY_ALICE, "1"),
                     tokens = policy_tokens(POLICY_ALICE, "1");

    (void)state;
    expect_match("", &ether, true);
    expect_match("", &tokens, true);
}

static void types_and_chains(void **state)
{
    csig_facts f = policy_ether(POLICY_ALICE, "1");

    (void)state;
    expect_match("\"types\":[\"psbt\",\"eth_tx\"]", &f, true);
    expect_match("\"types\":[\"psbt\"]", &f, false);
    expect_match("\"types_other_than\":[\"psbt\"]", &f, true);
    expect_match("\"types_other_than\":[\"psbt\",\"eth_tx\"]", &f, false);
    expect_match("\"chains\":[\"eip155:1\"]", &f, true);
    expect_match("\"chains\":[\"eip155:11155111\"]", &f, false);
    expect_match("\"chains_other_than\":[\"eip155:11155111\"]", &f, true);
    expect_match("\"chains_other_than\":[\"eip155:1\"]", &f, false);
    f.chain[0] = '\0';
    expect_match("\"chains\":[\"eip155:1\"]", &f, false);
    expect_match("\"chains_other_than\":[\"eip155:1\"]", &f, true);
}

static void destinations(void **state)
{
    csig_facts f = policy_ether(POLICY_ALICE, "1");

    (void)state;
    expect_match("\"to\":[\"" POLICY_ALICE "\"]", &f, true);
    expect_match("\"to\":[\"0x00000000000000000000000000000000000a11ce\"]", &f, true);
    expect_match("\"to\":[\"" POLICY_BOB "\"]", &f, false);
    expect_match("\"to_other_than\":[\"" POLICY_BOB "\"]", &f, true);
    expect_match("\"to_other_than\":[\"" POLICY_ALICE "\"]", &f, false);

    /* of two, one is touched, and both must be covered */
    policy_transfer(&f, POLICY_ETHER, POLICY_BOB, "1");
    expect_touch("\"to\":[\"" POLICY_BOB "\"]", &f, true);
    expect_cover("\"to\":[\"" POLICY_BOB "\"]", &f, false);
    expect_cover("\"to\":[\"" POLICY_BOB "\",\"" POLICY_ALICE "\"]", &f, true);
    expect_touch("\"to_other_than\":[\"" POLICY_BOB "\"]", &f, true);
    expect_cover("\"to_other_than\":[\"" POLICY_BOB "\"]", &f, false);

    /* change counts nowhere */
    f.transfers[0].to_self = 1;
    expect_touch("\"to\":[\"" POLICY_ALICE "\"]", &f, false);
    expect_cover("\"to\":[\"" POLICY_BOB "\"]", &f, true);
}

static void addresses_of_bitcoin_have_case(void **state)
{
    csig_facts f = policy_ether("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "1");

    (void)state;
    expect_match("\"to\":[\"1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2\"]", &f, true);
    expect_match("\"to\":[\"1bvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2\"]", &f, false);
    /* but those of Bech32, of which codes to be scanned are made in upper case */
    f = policy_ether("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "1");
    expect_match("\"to\":[\"BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4\"]", &f, true);
    expect_match("\"to\":[\"BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T5\"]", &f, false);
}

static void assets(void **state)
{
    csig_facts f = policy_tokens(POLICY_ALICE, "5");

    (void)state;
    expect_match("\"assets\":[\"" POLICY_USDC "\"]", &f, true);
    expect_match("\"assets\":[\"eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48\"]", &f,
                 true);
    expect_match("\"assets\":[\"" POLICY_ETHER "\"]", &f, false);
    expect_match("\"assets_other_than\":[\"" POLICY_ETHER "\"]", &f, true);
    expect_match("\"assets_other_than\":[\"" POLICY_USDC "\"]", &f, false);
    /* asset and destination are of the same part */
    policy_transfer(&f, POLICY_ETHER, POLICY_BOB, "1");
    expect_touch("\"assets\":[\"" POLICY_ETHER "\"],\"to\":[\"" POLICY_ALICE "\"]", &f, false);
    expect_touch("\"assets\":[\"" POLICY_ETHER "\"],\"to\":[\"" POLICY_BOB "\"]", &f, true);
}

static void calls_need_their_permission(void **state)
{
    csig_facts f = policy_call(POLICY_BOB, "");

    (void)state;
    expect_cover("\"types\":[\"eth_tx\"]", &f, false);
    expect_cover("\"types\":[\"eth_tx\"],\"to\":[\"" POLICY_BOB "\"]", &f, false);
    expect_touch("\"to\":[\"" POLICY_BOB "\"]", &f, true);
    expect_touch("\"to_other_than\":[\"" POLICY_ALICE "\"]", &f, true);
    expect_match("\"calls\":[{\"contract\":\"" POLICY_BOB "\"}]", &f, true);
    expect_match("\"calls\":[{\"contract\":\"" POLICY_ALICE "\"}]", &f, false);
    expect_match("\"calls\":[{\"method\":\"0xa9059cbb\"}]", &f, true);
    expect_match("\"calls\":[{\"method\":\"0xa9059cbc\"}]", &f, false);
    expect_match("\"calls\":[{\"contract\":\"" POLICY_ALICE "\"},{\"contract\":\"" POLICY_BOB
                 "\",\"method\":\"0xa9059cbb\"}]",
                 &f, true);
    expect_match("\"calls_other_than\":[{\"contract\":\"" POLICY_BOB "\"}]", &f, false);
    expect_match("\"calls_other_than\":[{\"contract\":\"" POLICY_ALICE "\"}]", &f, true);

    /* what goes along is a transfer like every other */
    policy_transfer(&f, POLICY_ETHER, POLICY_BOB, "7");
    expect_cover("\"calls\":[{\"contract\":\"" POLICY_BOB "\"}]", &f, true);
    expect_cover("\"calls\":[{\"contract\":\"" POLICY_BOB "\"}],\"to\":[\"" POLICY_ALICE "\"]", &f,
                 false);
}

static void methods_by_name(void **state)
{
    csig_facts f = policy_tokens(POLICY_ALICE, "5");

    (void)state;
    expect_match("\"calls\":[{\"method\":\"transfer(address,uint256)\"}]", &f, true);
    expect_match("\"calls\":[{\"method\":\"mint(address,uint256)\"}]", &f, false);
    /* a signature stands for its selector, also where the method's name is not known */
    memcpy(f.calls[0].selector, "\x40\xc1\x0f\x19", 4);
    f.calls[0].method[0] = '\0';
    expect_match("\"calls\":[{\"method\":\"mint(address,uint256)\"}]", &f, true);
    expect_match("\"calls\":[{\"method\":\"transfer(address,uint256)\"}]", &f, false);
    f = policy_tokens(POLICY_ALICE, "5");
    f.calls[0].has_selector = 0;
    expect_match("\"calls\":[{\"method\":\"0xa9059cbb\"}]", &f, false);
    /* a plain transfer calls nothing */
    f = policy_ether(POLICY_ALICE, "1");
    expect_match("\"calls\":[{\"method\":\"transfer(address,uint256)\"}]", &f, false);
    expect_match("\"calls_other_than\":[{\"method\":\"transfer(address,uint256)\"}]", &f, false);
}

static void what_is_named_like_a_transfer_is_none(void **state)
{
    /* the asset that moves is not the contract's own */
    csig_facts f = policy_call(POLICY_BOB, "transfer(address,uint256)");

    (void)state;
    policy_transfer(&f, POLICY_USDC, POLICY_ALICE, "1");
    expect_cover("\"assets\":[\"" POLICY_USDC "\"]", &f, false);
    /* nor is one that is not named: it does this, and what else is not known */
    f = policy_tokens(POLICY_ALICE, "5");
    expect_cover("\"assets\":[\"" POLICY_USDC "\"]", &f, true);
    f.calls[0].method[0] = '\0';
    expect_cover("\"assets\":[\"" POLICY_USDC "\"]", &f, false);
    expect_touch("\"amount\":[" LIMIT_USDC "\"above\":\"4\"}]", &f, true);
    expect_cover("\"calls\":[{\"method\":\"0xa9059cbb\"}],\"amount\":[" LIMIT_USDC
                 "\"up_to\":\"4\"}]",
                 &f, false);
    expect_cover("\"calls\":[{\"method\":\"0xa9059cbb\"}],\"amount\":[" LIMIT_USDC
                 "\"up_to\":\"5\"}]",
                 &f, true);
}

static void powers(void **state)
{
    csig_facts f = policy_call(POLICY_TOKEN, "approve(address,uint256)");
    csig_approval *power = &f.approvals[f.n_approvals++];

    (void)state;
    (void)snprintf(power->asset, sizeof power->asset, "%s", POLICY_USDC);
    (void)snprintf(power->spender, sizeof power->spender, "%s", POLICY_BOB);
    power->amount[31] = 9;
    f.delegates = 1;
    expect_cover("\"to\":[\"" POLICY_BOB "\"]", &f, false);
    expect_cover("\"to\":[\"" POLICY_BOB "\"],\"delegates\":true", &f, true);
    expect_cover("\"to\":[\"" POLICY_ALICE "\"],\"delegates\":true", &f, false);
    expect_touch("\"to\":[\"" POLICY_BOB "\"]", &f, true);
    expect_touch("\"delegates\":true", &f, true);
    expect_touch("\"delegates\":false", &f, false);
    /* a power counts like what it gives */
    expect_touch("\"amount\":[" LIMIT_USDC "\"above\":\"8\"}]", &f, true);
    expect_touch("\"amount\":[" LIMIT_USDC "\"above\":\"9\"}]", &f, false);
    expect_cover("\"delegates\":true,\"amount\":[" LIMIT_USDC "\"up_to\":\"8\"}]", &f, false);
    expect_touch("\"sum\":[" LIMIT_USDC "\"seconds\":60,\"above\":\"8\"}]", &f, true);
    expect_cover("\"delegates\":true,\"sum\":[" LIMIT_USDC "\"seconds\":60,\"up_to\":\"8\"}]", &f,
                 false);
    expect_cover("\"delegates\":true,\"sum\":[" LIMIT_USDC "\"seconds\":60,\"up_to\":\"9\"}]", &f,
                 true);
}

/* An approval that may be given does not carry code for an account along. */
static void authorizations(void **state)
{
    csig_facts f = policy_ether(POLICY_ALICE, "1");

    (void)state;
    f.delegates = f.authorizes = 1;
    expect_cover("\"to\":[\"" POLICY_ALICE "\"],\"delegates\":true", &f, false);
    expect_match("\"delegates\":true,\"authorizes\":true", &f, true);
    expect_touch("\"authorizes\":true", &f, true);
    f.authorizes = 0;
    expect_touch("\"authorizes\":true", &f, false);
}

static void flags(void **state)
{
    csig_facts f = policy_ether(POLICY_ALICE, "1");

    (void)state;
    f.sighash_flags = CSIG_ANYONECANPAY;
    expect_cover("", &f, false);
    expect_cover("\"anyonecanpay\":false", &f, false);
    expect_match("\"anyonecanpay\":true", &f, true);
    f.sighash_flags = 0x01;
    expect_match("\"anyonecanpay\":true", &f, false);
    expect_match("\"anyonecanpay\":false", &f, true);

    f = policy_message("digest");
    f.blind = 1;
    expect_cover("\"types\":[\"digest\"]", &f, false);
    expect_cover("\"types\":[\"digest\"],\"blind\":true", &f, true);
    f = policy_call("", "");
    f.calls[0].creates = 1;
    expect_cover("\"types\":[\"eth_tx\"]", &f, false);
    expect_cover("\"creates\":true", &f, true);
}

static void messages_are_covered_by_their_type(void **state)
{
    const csig_facts f = policy_message("eip191");

    (void)state;
    expect_cover("", &f, false);
    expect_cover("\"types_other_than\":[\"digest\"]", &f, false);
    expect_cover("\"to\":[\"" POLICY_ALICE "\"]", &f, false);
    expect_cover("\"types\":[\"eip191\"],\"to\":[\"" POLICY_ALICE "\"]", &f, false);
    expect_cover("\"types\":[\"eip191\"]", &f, true);
    expect_cover("\"types\":[\"eip191\"],\"fee\":{\"up_to\":\"0\"}", &f, true);
}

static void only_change_moves_nothing(void **state)
{
    csig_facts f = policy_ether(POLICY_ALICE, "1");

    (void)state;
    f.transfers[0].to_self = 1;
    expect_cover("", &f, false);
    expect_cover("\"types\":[\"eth_tx\"]", &f, true);
    expect_cover("\"types\":[\"eth_tx\"],\"to_other_than\":[\"" POLICY_BOB "\"]", &f, false);
    expect_touch("\"amount\":[" LIMIT_ETHER "\"up_to\":\"9\"}]", &f, false);
}

static void fees(void **state)
{
    csig_facts f = policy_ether(POLICY_ALICE, "1");

    (void)state;
    expect_match("\"fee\":{\"above\":\"999\"}", &f, true);
    expect_match("\"fee\":{\"above\":\"1000\"}", &f, false);
    expect_match("\"fee\":{\"up_to\":\"1000\"}", &f, true);
    expect_match("\"fee\":{\"up_to\":\"999\"}", &f, false);
    expect_match("\"fee_rate\":{\"above\":\"9\"}", &f, true);
    expect_match("\"fee_rate\":{\"up_to\":\"9\"}", &f, false);
    /* a transfer whose fee is not known may cost everything */
    f.has_fee = 0;
    expect_match("\"fee\":{\"above\":\"999999\"}", &f, true);
    expect_match("\"fee\":{\"up_to\":\"999999\"}", &f, false);
    /* so may one that is not proven */
    f.has_fee = f.fee_unproven = 1;
    expect_match("\"fee\":{\"up_to\":\"999999\"}", &f, false);
    expect_match("\"fee_rate\":{\"up_to\":\"999999\"}", &f, false);
    expect_match("\"fee_rate\":{\"above\":\"999999\"}", &f, true);
    expect_match("", &f, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_condition_is_every_transfer),
        cmocka_unit_test(types_and_chains),
        cmocka_unit_test(destinations),
        cmocka_unit_test(addresses_of_bitcoin_have_case),
        cmocka_unit_test(assets),
        cmocka_unit_test(calls_need_their_permission),
        cmocka_unit_test(methods_by_name),
        cmocka_unit_test(what_is_named_like_a_transfer_is_none),
        cmocka_unit_test(powers),
        cmocka_unit_test(authorizations),
        cmocka_unit_test(flags),
        cmocka_unit_test(messages_are_covered_by_their_type),
        cmocka_unit_test(only_change_moves_nothing),
        cmocka_unit_test(fees),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
