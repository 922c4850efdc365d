/* Which rule decides: denials first, then approvals, then the hook, then what allows; default deny.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/policy.h"

#define DENY_BOB  "{\"id\":\"no-bob\",\"if\":{\"to\":[\"" POLICY_BOB "\"]},\"then\":\"deny\"}"
#define ALLOW_ALL "{\"id\":\"all\",\"if\":{},\"then\":\"allow\"}"
#define HOOK_ALL  "{\"id\":\"hook\",\"if\":{},\"then\":\"hook\",\"because\":\"Ask risk.\"}"
#define TWO_OF                                                                                     \
    "{\"approve\":{\"quorum\":2,\"of\":[\"" POLICY_KEY_A "\",\"" POLICY_KEY_B "\"],\"seconds\":"   \
    "60}}"
#define BIG                                                                                        \
    "{\"id\":\"big\",\"if\":{\"amount\":[{\"asset\":\"" POLICY_ETHER                               \
    "\",\"above\":\"10\"}]},\"then\":" TWO_OF "}"
#define APPROVE_USDC                                                                               \
    "{\"id\":\"usdc\",\"if\":{\"assets\":[\"" POLICY_USDC "\"]},\"then\":" TWO_OF "}"

static csig_err nothing_sum(void *ctx, const char *asset, int64_t after,
                            uint8_t sum[CSIG_AMOUNT_BYTES])
{
    (void)ctx, (void)asset, (void)after;
    memset(sum, 0, CSIG_AMOUNT_BYTES);
    return CSIG_OK;
}

static csig_err nothing_count(void *ctx, int64_t after, uint64_t *count)
{
    (void)ctx, (void)after;
    *count = 0;
    return CSIG_OK;
}

static csig_judgement judge(const char *rules, const csig_facts *f, const csig_settled *settled)
{
    const csig_history past = {.sum = nothing_sum, .count = nothing_count};
    csig_policy *p = policy_of(rules);
    csig_judgement j;

    assert_int_equal(csig_policy_judge(p, f, &past, settled, POLICY_NOON, &j), CSIG_OK);
    csig_policy_free(p);
    return j;
}

static void expect(const csig_judgement *j, csig_decision decision, const char *rule)
{
    assert_int_equal(j->decision, decision);
    assert_string_equal(j->rule, rule);
}

static void no_rule_is_no(void **state)
{
    const csig_facts f = policy_ether(POLICY_ALICE, "1");
    const csig_judgement j = judge(DENY_BOB, &f, NULL);

    (void)state;
    expect(&j, CSIG_DENY, "default");
    assert_string_equal(j.because, "No rule allows this.");
}

static void denials_come_first(void **state)
{
    const csig_facts f = policy_ether(POLICY_BOB, "1"), g = policy_ether(POLICY_ALICE, "1");
    csig_judgement j = judge(ALLOW_ALL "," DENY_BOB, &f, NULL);

    (void)state;
    expect(&j, CSIG_DENY, "no-bob");
    assert_string_equal(j.because, "The rule no-bob denies this.");
    j = judge(ALLOW_ALL "," DENY_BOB, &g, NULL);
    expect(&j, CSIG_ALLOW, "all");
}

static void the_first_of_the_denials_is_named(void **state)
{
    const csig_facts f = policy_ether(POLICY_BOB, "1");
    const csig_judgement j =
        judge("{\"id\":\"one\",\"if\":{},\"then\":\"deny\"}," DENY_BOB, &f, NULL);

    (void)state;
    expect(&j, CSIG_DENY, "one");
}

static void approvals_come_before_what_allows(void **state)
{
    const csig_facts f = policy_ether(POLICY_ALICE, "11"), g = policy_ether(POLICY_ALICE, "10");
    csig_settled settled = {.n = 1, .rules = {"big"}};
    csig_judgement j = judge(ALLOW_ALL "," BIG, &f, NULL);

    (void)state;
    expect(&j, CSIG_APPROVE, "big");
    assert_int_equal(j.quorum.needed, 2);
    assert_int_equal(j.quorum.n, 2);
    assert_int_equal(j.quorum.seconds, 60);
    assert_int_equal(j.quorum.by_creator, 0);
    assert_string_equal(j.quorum.of[1], POLICY_KEY_B);
    j = judge(ALLOW_ALL "," BIG, &g, NULL);
    expect(&j, CSIG_ALLOW, "all");
    j = judge(ALLOW_ALL "," BIG, &f, &settled);
    expect(&j, CSIG_ALLOW, "all");
    /* by itself it allows, once it has them */
    j = judge(BIG, &f, &settled);
    expect(&j, CSIG_ALLOW, "big");
    assert_string_equal(j.because, "The rule big allows this.");
}

static void all_approvals_are_needed(void **state)
{
    csig_facts f = policy_tokens(POLICY_ALICE, "1");
    csig_settled settled = {.n = 1, .rules = {"usdc"}};
    csig_judgement j;

    (void)state;
    policy_transfer(&f, POLICY_ETHER, POLICY_TOKEN, "11");
    j = judge(APPROVE_USDC "," BIG "," ALLOW_ALL, &f, NULL);
    expect(&j, CSIG_APPROVE, "usdc");
    j = judge(APPROVE_USDC "," BIG "," ALLOW_ALL, &f, &settled);
    expect(&j, CSIG_APPROVE, "big");
}

/* Nobody is asked for what no rule would allow in the end. */
static void what_nothing_covers_is_not_asked_for(void **state)
{
    csig_facts f = policy_tokens(POLICY_ALICE, "1");
    csig_judgement j;

    (void)state;
    policy_transfer(&f, POLICY_ETHER, POLICY_TOKEN, "11");
    j = judge(APPROVE_USDC "," BIG, &f, NULL);
    expect(&j, CSIG_DENY, "default");
}

/* A rule that covers without touching is asked all the same. */
static void what_covers_and_asks_is_asked(void **state)
{
    static const char rule[] =
        "{\"id\":\"x\",\"if\":{\"assets\":[\"" POLICY_USDC
        "\"],\"amount\":[{\"asset\":\"" POLICY_ETHER "\",\"up_to\":\"5\"}]},\"then\":" TWO_OF "}";
    const csig_facts f = policy_tokens(POLICY_ALICE, "1");
    const csig_settled settled = {.n = 1, .rules = {"x"}};
    csig_judgement j = judge(rule, &f, NULL);

    (void)state;
    expect(&j, CSIG_APPROVE, "x");
    j = judge(rule, &f, &settled);
    expect(&j, CSIG_ALLOW, "x");
}

static void the_hook_comes_after_approvals(void **state)
{
    const csig_facts f = policy_ether(POLICY_ALICE, "11");
    csig_settled settled = {.n = 1, .rules = {"big"}};
    csig_judgement j = judge(HOOK_ALL "," BIG, &f, NULL);

    (void)state;
    expect(&j, CSIG_APPROVE, "big");
    j = judge(HOOK_ALL "," BIG, &f, &settled);
    expect(&j, CSIG_HOOK, "hook");
    assert_string_equal(j.because, "Ask risk.");
    memcpy(settled.rules[settled.n++], "hook", sizeof "hook");
    j = judge(HOOK_ALL "," BIG, &f, &settled);
    expect(&j, CSIG_ALLOW, "hook");
}

/* The shape of the README's policy: small at once, large with a word, no fee without a bound. */
static void a_small_payment_waits_for_nobody(void **state)
{
    static const char rules[] =
        "{\"id\":\"small\",\"if\":{\"amount\":[{\"asset\":\"" POLICY_ETHER
        "\",\"up_to\":\"10\"}],\"fee\":{\"up_to\":\"1000\"}},\"then\":\"allow\"}," BIG;
    const csig_facts large = policy_ether(POLICY_ALICE, "11");
    csig_facts small = policy_ether(POLICY_ALICE, "10");
    csig_judgement j = judge(rules, &large, NULL);

    (void)state;
    expect(&j, CSIG_APPROVE, "big");
    j = judge(rules, &small, NULL);
    expect(&j, CSIG_ALLOW, "small");
    small.fee[CSIG_AMOUNT_BYTES - 1]++;
    j = judge(rules, &small, NULL);
    expect(&j, CSIG_DENY, "default");
}

/* It asks no more and permits nothing: what no other rule covers is a no. */
static void what_the_hook_passes_over_the_others_decide(void **state)
{
    const csig_facts f = policy_ether(POLICY_ALICE, "11"), bob = policy_ether(POLICY_BOB, "11");
    csig_settled settled = {.n_passed = 1, .passed = {"hook"}};
    csig_judgement j = judge(HOOK_ALL, &f, &settled);

    (void)state;
    expect(&j, CSIG_DENY, "default");
    j = judge(HOOK_ALL "," ALLOW_ALL, &f, NULL);
    expect(&j, CSIG_HOOK, "hook");
    j = judge(HOOK_ALL "," ALLOW_ALL, &f, &settled);
    expect(&j, CSIG_ALLOW, "all");
    j = judge(HOOK_ALL "," BIG, &f, &settled);
    expect(&j, CSIG_APPROVE, "big");
    j = judge(HOOK_ALL "," DENY_BOB "," ALLOW_ALL, &bob, &settled);
    expect(&j, CSIG_DENY, "no-bob");
    /* the hook alone passes over, and its own rules alone */
    settled = (csig_settled){.n_passed = 3, .passed = {"big", "no-bob", "all"}};
    j = judge(BIG "," ALLOW_ALL, &f, &settled);
    expect(&j, CSIG_APPROVE, "big");
    j = judge(DENY_BOB "," ALLOW_ALL, &bob, &settled);
    expect(&j, CSIG_DENY, "no-bob");
}

/* What was settled for a rule that is not there any more settles nothing. */
static void denials_are_not_settled(void **state)
{
    const csig_facts f = policy_ether(POLICY_BOB, "1");
    const csig_settled settled = {.n = 2, .rules = {"no-bob", "default"}};
    csig_judgement j = judge(DENY_BOB "," ALLOW_ALL, &f, &settled);

    (void)state;
    expect(&j, CSIG_DENY, "no-bob");
}

static void before_1970_nothing_is_judged(void **state)
{
    const csig_history past = {.sum = nothing_sum, .count = nothing_count};
    const csig_facts f = policy_ether(POLICY_ALICE, "1");
    csig_policy *p = policy_of(ALLOW_ALL);
    csig_judgement j;

    (void)state;
    assert_int_equal(csig_policy_judge(p, &f, &past, NULL, -1, &j), CSIG_E_ARGUMENT);
    expect(&j, CSIG_DENY, "default");
    csig_policy_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_rule_is_no),
        cmocka_unit_test(denials_come_first),
        cmocka_unit_test(the_first_of_the_denials_is_named),
        cmocka_unit_test(approvals_come_before_what_allows),
        cmocka_unit_test(all_approvals_are_needed),
        cmocka_unit_test(what_nothing_covers_is_not_asked_for),
        cmocka_unit_test(what_covers_and_asks_is_asked),
        cmocka_unit_test(the_hook_comes_after_approvals),
        cmocka_unit_test(a_small_payment_waits_for_nobody),
        cmocka_unit_test(what_the_hook_passes_over_the_others_decide),
        cmocka_unit_test(denials_are_not_settled),
        cmocka_unit_test(before_1970_nothing_is_judged)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
