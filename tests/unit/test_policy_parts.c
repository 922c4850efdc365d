/* What of a payload rules look at, and how much of an asset it moves. */
#include "policy/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/policy.h"

static void names_with_and_without_case(void **state)
{
    (void)state;
    assert_true(csig_name_is_same("0xAb", "0xaB"));
    assert_true(csig_name_is_same(POLICY_USDC,
                                  "eip155:1/ERC20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"));
    assert_false(csig_name_is_same("1Ab", "1aB"));
    assert_true(csig_name_is_same("TB1QAB", "tb1qab"));
    assert_true(csig_name_is_same("bcrt1qab", "BCRT1QAB"));
    assert_false(csig_name_is_same("bC", "bc"));
    assert_false(csig_name_is_same("0xab", "0xabc"));
    assert_false(csig_name_is_same("0xabc", "0xab"));
    assert_true(csig_name_is_same("", ""));
}

static void parts_of_a_payload(void **state)
{
    csig_facts f = policy_tokens(POLICY_ALICE, "1");

    (void)state;
    assert_int_equal(csig_parts_count(&f), 2);
    assert_int_equal(csig_part_at(&f, 0).kind, CSIG_PART_TRANSFER);
    assert_string_equal(csig_part_at(&f, 0).to, POLICY_ALICE);
    assert_int_equal(csig_part_at(&f, 1).kind, CSIG_PART_NONE);
    f.transfers[0].to_self = 1;
    assert_int_equal(csig_part_at(&f, 0).kind, CSIG_PART_NONE);
    assert_false(csig_parts_have_asset(&f, POLICY_USDC));
    f.n_transfers = 0;
    assert_int_equal(csig_part_at(&f, 0).kind, CSIG_PART_CALL);
    assert_string_equal(csig_part_at(&f, 0).to, POLICY_TOKEN);
    f.calls[0].creates = 1;
    assert_int_equal(csig_part_at(&f, 0).kind, CSIG_PART_NONE);
    f.approvals[f.n_approvals++] = (csig_approval){.asset = POLICY_USDC, .spender = POLICY_BOB};
    assert_int_equal(csig_part_at(&f, 0).kind, CSIG_PART_APPROVAL);
    assert_true(csig_parts_have_asset(&f, POLICY_USDC));
}

static void amounts_of_facts(void **state)
{
    csig_facts f = policy_ether(POLICY_ALICE, "3");
    uint8_t amount[CSIG_AMOUNT_BYTES];

    (void)state;
    policy_transfer(&f, POLICY_ETHER, POLICY_BOB, "4");
    policy_transfer(&f, POLICY_ETHER, POLICY_BOB, "8");
    f.transfers[2].to_self = 1;
    csig_facts_amount(&f, POLICY_ETHER, amount);
    assert_int_equal(amount[31], 7);
    csig_facts_amount(&f, POLICY_USDC, amount);
    assert_int_equal(amount[31], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_with_and_without_case),
                                       cmocka_unit_test(parts_of_a_payload),
                                       cmocka_unit_test(amounts_of_facts)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
