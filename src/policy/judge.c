/* The verdict: which rule decides. In: a policy, facts, what was signed before, the time. Default
 * deny. */
#include <stdio.h>
#include <string.h>

#include "policy/rules.h"

static void settle(csig_judgement *j, const csig_rule *rule, csig_decision decision)
{
    static const char *const words[] = {[CSIG_DENY] = "denies this",
                                        [CSIG_APPROVE] = "wants approvals of this",
                                        [CSIG_HOOK] = "has this decided elsewhere",
                                        [CSIG_ALLOW] = "allows this"};

    memset(j, 0, sizeof *j);
    j->decision = decision;
    memcpy(j->rule, rule->id, sizeof j->rule);
    if (rule->because[0] != '\0')
        memcpy(j->because, rule->because, sizeof j->because);
    else
        (void)snprintf(j->because, sizeof j->because, "The rule %s %s.", rule->id, words[decision]);
    j->quorum = rule->quorum;
}

static void deny(csig_judgement *j, const char *because)
{
    memset(j, 0, sizeof *j);
    j->decision = CSIG_DENY;
    (void)snprintf(j->rule, sizeof j->rule, "default");
    (void)snprintf(j->because, sizeof j->because, "%s", because);
}

static bool is_listed(const char (*list)[CSIG_RULE_BYTES], size_t n, const char *rule)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i], rule) == 0) return true;
    }
    return false;
}

static bool is_settled(const csig_settled *settled, const char *rule)
{
    return settled != NULL && is_listed(settled->rules, settled->n, rule);
}

/* As if it were not there: it neither asks nor permits. */
static bool is_passed(const csig_settled *settled, const csig_rule *rule)
{
    return settled != NULL && rule->then == CSIG_HOOK &&
           is_listed(settled->passed, settled->n_passed, rule->id);
}

/* The first rule with this decision that touches the case and is not settled; NULL: none. */
static csig_err find(const csig_rule **rule, const csig_case *c, const csig_settled *settled,
                     csig_decision decision)
{
    *rule = NULL;
    for (size_t i = 0; i < c->policy->n_rules; i++) {
        const csig_rule *r = &c->policy->rules[i];
        bool touches = false;

        if (r->then != decision || is_settled(settled, r->id) || is_passed(settled, r)) continue;
        CSIG_TRY(csig_rule_touches(&touches, c, r));
        if (!touches) continue;
        *rule = r;
        return CSIG_OK;
    }
    return CSIG_OK;
}

/* The first rule that covers the case, one that allows by itself before one that asks. */
static csig_err find_cover(const csig_rule **rule, const csig_case *c, const csig_settled *settled)
{
    *rule = NULL;
    for (size_t i = 0; i < c->policy->n_rules; i++) {
        const csig_rule *r = &c->policy->rules[i];
        bool covers = false;

        if (r->then == CSIG_DENY || (*rule != NULL && r->then != CSIG_ALLOW)) continue;
        if (is_passed(settled, r)) continue;
        CSIG_TRY(csig_rule_covers(&covers, c, r));
        if (!covers) continue;
        *rule = r;
        if (r->then == CSIG_ALLOW) return CSIG_OK;
    }
    return CSIG_OK;
}

static csig_err judge(csig_judgement *j, const csig_case *c, const csig_settled *settled)
{
    const csig_rule *rule, *cover;

    CSIG_TRY(find(&rule, c, NULL, CSIG_DENY));
    if (rule != NULL) {
        settle(j, rule, CSIG_DENY);
        return CSIG_OK;
    }
    CSIG_TRY(find_cover(&cover, c, settled));
    if (cover == NULL) return CSIG_OK;
    CSIG_TRY(find(&rule, c, settled, CSIG_APPROVE));
    if (rule == NULL) CSIG_TRY(find(&rule, c, settled, CSIG_HOOK));
    if (rule == NULL && !is_settled(settled, cover->id)) rule = cover;
    settle(j, rule != NULL ? rule : cover, rule != NULL ? rule->then : CSIG_ALLOW);
    return CSIG_OK;
}

csig_err csig_policy_judge(const csig_policy *p, const csig_facts *facts,
                           const csig_history *history, const csig_settled *settled, int64_t now,
                           csig_judgement *judgement)
{
    const csig_case c = {.policy = p, .facts = facts, .history = history, .now = now};
    csig_err err;

    deny(judgement, "No rule allows this.");
    CSIG_REQUIRE(now >= 0, CSIG_E_ARGUMENT);
    err = judge(judgement, &c, settled);
    if (err != CSIG_OK) deny(judgement, "What was signed before cannot be looked up.");
    return err;
}
