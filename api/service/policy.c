#include "service/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "service/audit.h"
#include "service/hook.h"
#include "service/payload.h"
#include "service/request.h"

/* --- what it does --- */

/* Each asset once. */
static void add_spending(csigd_spendings *all, const csig_facts *facts, const char *asset)
{
    csigd_spending *one = &all->of[all->n];

    for (size_t i = 0; i < all->n; i++) {
        if (strcmp(all->of[i].asset, asset) == 0) return;
    }
    (void)snprintf(one->asset, sizeof one->asset, "%s", asset);
    csig_facts_amount(facts, asset, one->amount);
    all->n++;
}

static csigd_stored judge_request(void *ctx, csigd_request_state *state, csigd_verdict *verdict);

void csigd_case_open(csigd_case *c, const csigd_service *service, const csigd_request *request,
                     const csig_payload *payload)
{
    *c = (csigd_case){.service = service, .request = request};
    c->facts = csig_payload_facts(payload);
    c->judge = (csigd_judge){.ctx = c, .judge = judge_request, .wallet = request->wallet};
    for (size_t i = 0; i < c->facts->n_transfers; i++) {
        const csig_transfer *t = &c->facts->transfers[i];

        if (t->to_self == 0) add_spending(&c->judge.spendings, c->facts, t->asset);
    }
}

/* --- its past --- */

static csig_err past_sum(void *ctx, const char *asset, int64_t after,
                         uint8_t sum[CSIG_AMOUNT_BYTES])
{
    const csigd_case *c = ctx;
    csigd_store *s = c->service->store;

    return s->policies.sum(s, c->request->wallet, c->request->id, asset, after, sum) == CSIGD_STORED
               ? CSIG_OK
               : CSIG_E_HOST;
}

static csig_err past_count(void *ctx, int64_t after, uint64_t *count)
{
    const csigd_case *c = ctx;
    csigd_store *s = c->service->store;

    return s->policies.spent(s, c->request->wallet, c->request->id, after, count) == CSIGD_STORED
               ? CSIG_OK
               : CSIG_E_HOST;
}

/* --- the verdict --- */

/* Approvals that are there settle their rule, and it goes on. */
static csigd_stored ask_people(csigd_case *c, csig_settled *settled, csigd_request_state *state,
                               csigd_verdict *verdict)
{
    const csig_quorum *q = &c->judgement.quorum;
    const csigd_creator creator = csigd_creator_of(c->request);
    csigd_votes votes;
    const csigd_stored stored = csigd_votes_count(c->service, &votes, q, c->request->id, &creator);

    if (stored != CSIGD_STORED) return stored;
    if (!votes.no && votes.yes >= q->needed) {
        memcpy(settled->rules[settled->n++], c->judgement.rule, CSIG_RULE_BYTES);
        return CSIGD_STORED;
    }
    *state = votes.no ? CSIGD_REQUEST_REJECTED : CSIGD_REQUEST_PENDING;
    if (!votes.no && q->seconds > 0) verdict->until = c->request->created + q->seconds;
    return CSIGD_STORED;
}

static void say(csig_judgement *j, const char *because)
{
    (void)snprintf(j->because, sizeof j->because, "%s", because);
}

/* It has no opinion: the rule is passed over, and the others decide. */
static csigd_stored pass_over(const csigd_case *c, csig_settled *settled)
{
    memcpy(settled->passed[settled->n_passed++], c->judgement.rule, CSIG_RULE_BYTES);
    return CSIGD_STORED;
}

/* What the hook has decided settles the rule, for this version of the policy. */
static csigd_stored ask_hook(csigd_case *c, csig_settled *settled, csigd_request_state *state,
                             csigd_verdict *verdict)
{
    const csigd_hook *hook = c->service->hook;
    csigd_store *s = c->service->store;
    csigd_hook_ask ask = {.version = c->version};
    csigd_hook_word word;
    csigd_stored stored;

    if (hook == NULL) {
        say(&c->judgement, "The rule has this decided by a hook, and there is none.");
        return CSIGD_STORE_DENIED;
    }
    memcpy(ask.request, c->request->id, sizeof ask.request);
    memcpy(ask.rule, c->judgement.rule, sizeof ask.rule);
    memcpy(ask.policy, c->policy, sizeof ask.policy);
    stored = s->hooks.said(s, &ask, csigd_hook_key(hook), &word);
    if (stored == CSIGD_STORED && word.verb == CSIGD_HOOK_APPROVE) {
        memcpy(settled->rules[settled->n++], c->judgement.rule, CSIG_RULE_BYTES);
        return CSIGD_STORED;
    }
    if (stored == CSIGD_STORED && word.verb == CSIGD_HOOK_IGNORE) return pass_over(c, settled);
    if (stored == CSIGD_STORED) {
        /* In its own words, if it has any. */
        say(&c->judgement, word.because[0] != '\0' ? word.because : "The hook has rejected this.");
        *state = CSIGD_REQUEST_REJECTED;
        return CSIGD_STORED;
    }
    if (stored != CSIGD_STORE_NONE) return stored;
    *state = CSIGD_REQUEST_PENDING;
    verdict->until = csigd_clock_now() + csigd_hook_seconds(hook);
    verdict->asks_hook = true;
    verdict->version = c->version;
    memcpy(verdict->policy, c->policy, sizeof verdict->policy);
    return CSIGD_STORED;
}

static csigd_stored judge_by(csigd_case *c, const csig_policy *policy, csigd_request_state *state,
                             csigd_verdict *verdict)
{
    const csig_history past = {.ctx = c, .sum = past_sum, .count = past_count};
    csig_settled settled = {.n = 0};

    *state = CSIGD_APPROVED;
    /* Every time one more rule is settled, or it ends. */
    do {
        const size_t before = settled.n + settled.n_passed;
        csigd_stored stored;

        if (csig_policy_judge(policy, c->facts, &past, &settled, csigd_clock_now(),
                              &c->judgement) != CSIG_OK)
            return CSIGD_STORE_FAILED;
        if (c->judgement.decision == CSIG_DENY) return CSIGD_STORE_DENIED;
        if (c->judgement.decision == CSIG_ALLOW) return CSIGD_STORED;
        stored = c->judgement.decision == CSIG_HOOK ? ask_hook(c, &settled, state, verdict)
                                                    : ask_people(c, &settled, state, verdict);
        if (stored != CSIGD_STORED || settled.n + settled.n_passed == before) return stored;
    } while (settled.n + settled.n_passed < CSIG_RULES_MAX);
    return CSIGD_STORE_DENIED;
}

static void say_by_default(csig_judgement *j, csig_decision decision, const char *because)
{
    *j = (csig_judgement){.decision = decision, .rule = "default"};
    say(j, because);
}

static csigd_stored judge_without(csigd_case *c, csigd_request_state *state)
{
    if (!c->service->development) {
        say_by_default(&c->judgement, CSIG_DENY, "No policy is in force for this wallet.");
        return CSIGD_STORE_DENIED;
    }
    say_by_default(&c->judgement, CSIG_ALLOW,
                   "For development: no policy is in force for this wallet.");
    *state = CSIGD_APPROVED;
    return CSIGD_STORED;
}

static csigd_stored judge_request(void *ctx, csigd_request_state *state, csigd_verdict *verdict)
{
    csigd_case *c = ctx;
    csigd_store *s = c->service->store;
    csigd_policy_row row;
    csig_policy *policy = NULL;
    csigd_stored stored = s->policies.of_wallet(s, c->request->wallet, &row);

    if (stored == CSIGD_STORE_NONE) {
        stored = judge_without(c, state);
    } else if (stored == CSIGD_STORED) {
        /* It was read before it was stored. */
        if (csig_policy_read(&policy, (const char *)row.text.p, row.text.len, NULL) != CSIG_OK)
            stored = CSIGD_STORE_FAILED;
        memcpy(c->policy, row.subject, sizeof c->policy);
        c->version = row.version;
        csigd_policy_row_clear(&row);
        if (stored == CSIGD_STORED) stored = judge_by(c, policy, state, verdict);
        csig_policy_free(policy);
    }
    memcpy(verdict->rule, c->judgement.rule, sizeof verdict->rule);
    memcpy(verdict->because, c->judgement.because, sizeof verdict->because);
    return stored;
}

csigd_code csigd_case_denied(const csigd_case *c, csigd_problem *why)
{
    const csigd_log_field fields[] = {
        CSIGD_HEX("digest", c->request->input.digest, CSIG_DIGEST_BYTES),
        CSIGD_TEXT("rule", c->judgement.rule)};
    csigd_store *store = c->service->store;

    csigd_problem_set(why, CSIGD_POLICY_DENIED);
    memcpy(why->rule, c->judgement.rule, sizeof c->judgement.rule);
    memcpy(why->detail, c->judgement.because, sizeof c->judgement.because);
    /* A request that is not made is in no other entry. */
    (void)store->events.deny(store, c->request->wallet, c->request->id, fields, 2);
    return why->code;
}

/* --- before something leaves --- */

csigd_code csigd_policy_release(const csigd_service *service, const csigd_wallet *wallet,
                                const csigd_request *request, const csig_payload *payload,
                                csigd_problem *why)
{
    csigd_case c;
    csigd_request_state state = CSIGD_REQUEST_PENDING;
    csigd_verdict verdict = {.until = 0};
    csigd_stored stored;

    if (!csigd_wallet_has_type(wallet, request->type) ||
        csigd_payload_type(csig_payload_type(payload)) != request->type)
        return csigd_problem_field(why, CSIGD_POLICY_DENIED, "type");
    csigd_case_open(&c, service, request, payload);
    stored = c.judge.judge(&c, &state, &verdict);
    if (stored == CSIGD_STORED && state == CSIGD_APPROVED) return CSIGD_OK;
    if (stored == CSIGD_STORED || stored == CSIGD_STORE_DENIED) return csigd_case_denied(&c, why);
    return csigd_problem_set(why, csigd_code_of_store(stored));
}

csigd_code csigd_policy_admit(const csigd_service *service, const csigd_wallet *wallet,
                              const csigd_request *request, csigd_problem *why)
{
    csig_payload *payload = NULL;
    csig_account account;
    csigd_code code = csigd_account_find(service, request->wallet, &account, why);

    if (code == CSIGD_OK) code = csigd_request_payload(service, request, &account, &payload, why);
    if (code == CSIGD_OK) code = csigd_policy_release(service, wallet, request, payload, why);
    csig_payload_free(payload);
    return code;
}
