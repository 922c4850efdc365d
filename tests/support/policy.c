#include "support/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "policy/amount.h"
#include "policy/parts.h"

csig_policy *policy_of(const char *rules)
{
    static char text[CSIG_POLICY_MAX];
    char why[CSIG_WHY_BYTES] = "";
    csig_policy *p = NULL;

    (void)snprintf(text, sizeof text, "{\"version\":1,\"default\":\"deny\",\"rules\":[%s]}", rules);
    if (csig_policy_read(&p, text, strlen(text), why) != CSIG_OK) fail_msg("%s", why);
    return p;
}

void policy_expect_refused(const char *text, const char *why)
{
    char said[CSIG_WHY_BYTES] = "";
    csig_policy *p = NULL;

    assert_int_equal(csig_policy_read(&p, text, strlen(text), said), CSIG_E_POLICY);
    assert_null(p);
    if (strcmp(said, why) != 0) fail_msg("%s\n  not: %s", said, why);
    assert_int_equal(csig_policy_read(&p, text, strlen(text), NULL), CSIG_E_POLICY);
}

static csig_err sum(void *ctx, const char *asset, int64_t after, uint8_t total[CSIG_AMOUNT_BYTES])
{
    const policy_past *past = ctx;
    uint8_t amount[CSIG_AMOUNT_BYTES];

    memset(total, 0, CSIG_AMOUNT_BYTES);
    for (size_t i = 0; i < past->n; i++) {
        if (past->of[i].when <= after || !csig_name_is_same(past->of[i].asset, asset)) continue;
        assert_true(csig_amount_is_read(amount, past->of[i].amount));
        csig_amount_add(total, amount);
    }
    return past->fails ? CSIG_E_HOST : CSIG_OK;
}

static csig_err count(void *ctx, int64_t after, uint64_t *n)
{
    const policy_past *past = ctx;

    *n = 0;
    for (size_t i = 0; i < past->n; i++)
        *n += past->of[i].when > after;
    return past->fails ? CSIG_E_MEMORY : CSIG_OK;
}

csig_decision policy_judged(const char *rules, const csig_facts *facts, const policy_past *past,
                            int64_t now, char rule[CSIG_RULE_BYTES])
{
    policy_past mine = *past;
    const csig_history history = {.ctx = &mine, .sum = sum, .count = count};
    csig_policy *p = policy_of(rules);
    csig_judgement j;

    assert_int_equal(csig_policy_judge(p, facts, &history, NULL, now, &j),
                     past->fails ? CSIG_E_HOST : CSIG_OK);
    memcpy(rule, j.rule, CSIG_RULE_BYTES);
    assert_true(j.because[0] != '\0');
    csig_policy_free(p);
    return j.decision;
}

void policy_expect(const char *rules, const csig_facts *facts, csig_decision decision,
                   const char *rule)
{
    const policy_past none = {.n = 0};
    char by[CSIG_RULE_BYTES];

    assert_int_equal(policy_judged(rules, facts, &none, POLICY_NOON, by), decision);
    assert_string_equal(by, rule);
}

/* --- facts --- */

void policy_transfer(csig_facts *f, const char *asset, const char *to, const char *amount)
{
    csig_transfer *t = &f->transfers[f->n_transfers++];

    (void)snprintf(t->asset, sizeof t->asset, "%s", asset);
    (void)snprintf(t->to, sizeof t->to, "%s", to);
    assert_true(csig_amount_is_read(t->amount, amount));
}

static csig_facts transaction(void)
{
    csig_facts f = {.has_fee = 1, .has_fee_rate = 1};

    (void)snprintf(f.type, sizeof f.type, "eth_tx");
    (void)snprintf(f.chain, sizeof f.chain, "eip155:1");
    (void)snprintf(f.fee_asset, sizeof f.fee_asset, "%s", POLICY_ETHER);
    assert_true(csig_amount_is_read(f.fee, "1000"));
    assert_true(csig_amount_is_read(f.fee_rate, "10"));
    return f;
}

csig_facts policy_ether(const char *to, const char *amount)
{
    csig_facts f = transaction();

    policy_transfer(&f, POLICY_ETHER, to, amount);
    return f;
}

csig_facts policy_call(const char *contract, const char *method)
{
    csig_facts f = transaction();
    csig_call *call = &f.calls[f.n_calls++];

    (void)snprintf(call->contract, sizeof call->contract, "%s", contract);
    (void)snprintf(call->method, sizeof call->method, "%s", method);
    memcpy(call->selector, "\xa9\x05\x9c\xbb", 4);
    call->has_selector = 1;
    return f;
}

csig_facts policy_tokens(const char *to, const char *amount)
{
    csig_facts f = policy_call(POLICY_TOKEN, "transfer(address,uint256)");

    policy_transfer(&f, POLICY_USDC, to, amount);
    return f;
}

csig_facts policy_message(const char *type)
{
    csig_facts f = {.n_calls = 0};

    (void)snprintf(f.type, sizeof f.type, "%s", type);
    return f;
}
