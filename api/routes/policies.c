/* GET, PUT /v1/wallets/{w}/policy, GET, PUT /v1/policies, GET /v1/policy-changes/{c},
 * POST /v1/policy-changes/{c}/approvals, POST /v1/requests/{r}/approvals */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "routes/routes.h"
#include "service/keys.h"
#include "service/policy.h"

/* --- what is in force --- */

static csigd_json *policy_value(const csigd_policy_row *row)
{
    csigd_json *body = csigd_json_object();

    csigd_json_text(body, "subject", row->subject);
    csigd_json_uint(body, "version", row->version);
    csigd_json_time(body, "created", row->created);
    return body;
}

/* Or there is no such wallet. */
static csigd_reply none_in_force(const csigd_call *call)
{
    csigd_store *s = call->service->store;
    char label[CSIGD_LABEL_MAX + 1];
    const csigd_stored stored = s->label_get(s, call->id, label);
    csigd_json *body;

    if (stored != CSIGD_STORED) return csigd_reply_code(csigd_code_of_store(stored));
    body = csigd_json_object();
    csigd_json_null(body, "policy");
    return csigd_reply_value(200, body);
}

csigd_reply csigd_policy_show(const csigd_call *call)
{
    csigd_store *s = call->service->store;
    csigd_json *body;
    csigd_policy_row row;
    const csigd_stored stored = s->policies.of_wallet(s, call->id, &row);

    if (stored == CSIGD_STORE_NONE) return none_in_force(call);
    if (stored != CSIGD_STORED) return csigd_reply_code(csigd_code_of_store(stored));
    body = policy_value(&row);
    csigd_json_raw_put(body, "policy", (const char *)row.text.p, row.text.len);
    csigd_policy_row_clear(&row);
    return csigd_reply_value(200, body);
}

static void add_policy(void *ctx, const csigd_policy_row *row)
{
    csigd_json *body = policy_value(row);

    csigd_json_raw_put(body, "policy", (const char *)row->text.p, row->text.len);
    csigd_json_append(ctx, body);
}

csigd_reply csigd_policy_list(const csigd_call *call)
{
    csigd_store *s = call->service->store;
    csigd_json *body = csigd_json_object(), *list = csigd_json_list();
    const csigd_stored stored = s->policies.list(s, add_policy, list);

    csigd_json_put(body, "policies", list);
    if (stored == CSIGD_STORED) return csigd_reply_value(200, body);
    csigd_json_free(body);
    return csigd_reply_code(csigd_code_of_store(stored));
}

/* --- changes --- */

typedef struct policy_wish {
    csigd_json_raw policy;
    char label[CSIGD_LABEL_MAX + 1];
} policy_wish;

static const char *change_state(csigd_change_state state)
{
    switch (state) {
    case CSIGD_CHANGE_PENDING:
        return "pending";
    case CSIGD_CHANGE_DONE:
        return "done";
    case CSIGD_CHANGE_REJECTED:
        return "rejected";
    }
    return "";
}

static csigd_json *change_value(const csigd_change *c)
{
    csigd_json *body = csigd_json_object();

    csigd_json_hex(body, "change", c->id, sizeof c->id);
    csigd_json_text(body, "subject", c->subject);
    csigd_json_text(body, "state", change_state(c->state));
    csigd_json_time(body, "created", c->created);
    csigd_json_time(body, "expires", c->expires);
    if (c->has_creator) csigd_json_hex(body, "creator", c->creator, sizeof c->creator);
    if (c->over_version == 0) return body;
    csigd_json_text(body, "over", c->over);
    csigd_json_uint(body, "over_version", c->over_version);
    return body;
}

static csigd_reply wish_for(const csigd_call *call, const char *subject, const policy_wish *wish)
{
    char text[CSIG_POLICY_MAX + 1];
    csigd_change_wish change_wish = {
        .text = text, .by_operator = call->caller == NULL, .has_creator = call->caller != NULL};
    csigd_problem why;
    csigd_change change;
    size_t len = sizeof text;
    csig_policy *policy = csigd_policy_take(wish->policy.text, wish->policy.len, &why);
    csig_err err;

    if (policy == NULL) return csigd_reply_problem(&why);
    err = csig_policy_text(policy, text, &len);
    csig_policy_free(policy);
    if (err != CSIG_OK) return csigd_reply_code(csigd_code_of(err));
    change_wish.len = len - 1;
    (void)snprintf(change_wish.subject, sizeof change_wish.subject, "%s", subject);
    if (call->caller != NULL)
        memcpy(change_wish.creator, call->caller->key.id, sizeof change_wish.creator);
    if (csigd_policy_change(call->service, &change_wish, &change, &why) != CSIGD_OK)
        return csigd_reply_problem(&why);
    return csigd_reply_value(change.state == CSIGD_CHANGE_DONE ? 200 : 201, change_value(&change));
}

static const csigd_json_field wish_fields[] = {
    {"policy", CSIGD_JSON_VALUE, .at = offsetof(policy_wish, policy)},
    {"label", CSIGD_JSON_TEXT, .optional = true, CSIGD_AT(policy_wish, label), .min = 1},
};

csigd_reply csigd_policy_put(const csigd_call *call)
{
    policy_wish wish = {.policy = {NULL, 0}};
    char label[CSIGD_LABEL_MAX + 1], subject[CSIGD_SUBJECT_BYTES];
    csigd_problem why;
    csigd_reply reply;
    csigd_code code = csigd_json_parse(&wish, wish_fields, 1, call->body, call->len, &why);

    /* There must be such a wallet. */
    if (code == CSIGD_OK) {
        csigd_store *s = call->service->store;

        code = csigd_problem_set(&why, csigd_code_of_store(s->label_get(s, call->id, label)));
    }
    csigd_subject_of_wallet(subject, call->id);
    reply = code == CSIGD_OK ? wish_for(call, subject, &wish) : csigd_reply_problem(&why);
    free(wish.policy.text);
    return reply;
}

csigd_reply csigd_policies_put(const csigd_call *call)
{
    policy_wish wish = {.policy = {NULL, 0}};
    char subject[CSIGD_SUBJECT_BYTES] = "all";
    csigd_problem why;
    csigd_reply reply;
    csigd_code code =
        csigd_json_parse(&wish, CSIGD_TABLE(wish_fields), call->body, call->len, &why);

    if (code == CSIGD_OK && wish.label[0] != '\0' && !csigd_label_is_fine(wish.label))
        code = csigd_problem_field(&why, CSIGD_BAD_REQUEST, "label");
    if (wish.label[0] != '\0') (void)snprintf(subject, sizeof subject, "label/%s", wish.label);
    reply = code == CSIGD_OK ? wish_for(call, subject, &wish) : csigd_reply_problem(&why);
    free(wish.policy.text);
    return reply;
}

/* --- what is said --- */

static void add_approval(void *ctx, const csigd_approval *a)
{
    csigd_json *body = csigd_json_object();

    csigd_json_hex(body, "key", a->key, sizeof a->key);
    csigd_json_text(body, "decision", a->approves ? "approve" : "reject");
    csigd_json_hex(body, "signature", a->signature, sizeof a->signature);
    csigd_json_time(body, "said", a->said);
    csigd_json_append(ctx, body);
}

csigd_stored csigd_approvals_put(csigd_json *to, csigd_store *s, const uint8_t *about)
{
    csigd_json *list = csigd_json_list();
    const csigd_stored stored = s->policies.said(s, about, add_approval, list);

    csigd_json_put(to, "approvals", list);
    return stored;
}

csigd_reply csigd_change_show(const csigd_call *call)
{
    csigd_store *s = call->service->store;
    csigd_change change;
    csigd_json *body;
    csigd_stored stored = s->policies.change_get(s, call->id, &change);

    if (stored != CSIGD_STORED) return csigd_reply_code(csigd_code_of_store(stored));
    body = change_value(&change);
    csigd_json_raw_put(body, "policy", (const char *)change.text.p, change.text.len);
    csigd_change_clear(&change);
    stored = csigd_approvals_put(body, s, call->id);
    if (stored == CSIGD_STORED) return csigd_reply_value(200, body);
    csigd_json_free(body);
    return csigd_reply_code(csigd_code_of_store(stored));
}

typedef struct word_wish {
    char decision[8];
    uint8_t signature[64];
    uint8_t key[32];
} word_wish;

static const csigd_json_field word_fields[] = {
    {"decision", CSIGD_JSON_TEXT, CSIGD_AT(word_wish, decision), .min = 1},
    {"signature", CSIGD_JSON_HEX, CSIGD_AT(word_wish, signature)},
    {"key", CSIGD_JSON_HEX, CSIGD_AT(word_wish, key)},
};

/* Over TCP everybody speaks for himself. */
static csigd_code read_word(const csigd_call *call, csigd_word *word, csigd_problem *why)
{
    word_wish wish;
    const csigd_code code =
        csigd_json_parse(&wish, CSIGD_TABLE(word_fields), call->body, call->len, why);

    if (code != CSIGD_OK) return code;
    if (call->caller != NULL && memcmp(call->caller->key.id, wish.key, sizeof wish.key) != 0)
        return csigd_problem_field(why, CSIGD_FORBIDDEN, "key");
    word->approves = strcmp(wish.decision, "approve") == 0;
    if (!word->approves && strcmp(wish.decision, "reject") != 0)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "decision");
    memcpy(word->key, wish.key, sizeof word->key);
    memcpy(word->signature, wish.signature, sizeof word->signature);
    return CSIGD_OK;
}

csigd_reply csigd_change_approve(const csigd_call *call)
{
    csigd_problem why;
    csigd_word word;
    csigd_code code = read_word(call, &word, &why);

    if (code == CSIGD_OK) code = csigd_change_say(call->service, call->id, &word, &why);
    return code == CSIGD_OK ? csigd_change_show(call) : csigd_reply_problem(&why);
}

csigd_reply csigd_request_approve(const csigd_call *call)
{
    csigd_problem why;
    csigd_word word;
    csigd_code code = read_word(call, &word, &why);

    if (code == CSIGD_OK) code = csigd_request_say(call->service, call->id, &word, &why);
    return code == CSIGD_OK ? csigd_request_show(call) : csigd_reply_problem(&why);
}
