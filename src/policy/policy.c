/* A policy from its text: the document, its rules, who approves. */
#include "countersign/policy.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "policy/read.h"

/* --- quorums --- */

static csig_err approver_read(csig_reader *r, void *into, const csig_json *value)
{
    csig_quorum *q = into;
    const char *text;

    CSIG_TRY(csig_plain_text_read(r, &text, CSIG_APPROVER_BYTES - 1, value));
    if (strlen(text) != CSIG_APPROVER_BYTES - 1 || text[strspn(text, "0123456789abcdef")] != '\0')
        return csig_reader_says(r, "the id of a key is 64 lower-case hexadecimal digits");
    for (size_t i = 0; i < q->n; i++) {
        if (strcmp(q->of[i], text) == 0) return csig_reader_says(r, "it is there twice");
    }
    memcpy(q->of[q->n++], text, CSIG_APPROVER_BYTES);
    return CSIG_OK;
}

static csig_err approvers_read(csig_reader *r, void *into, const csig_json *value)
{
    return csig_entries_read(r, into, CSIG_APPROVERS_MAX, approver_read, value);
}

static csig_err needed_read(csig_reader *r, void *into, const csig_json *value)
{
    int64_t n;

    CSIG_TRY(csig_number_read(r, &n, 1, CSIG_APPROVERS_MAX, value));
    *(uint32_t *)into = (uint32_t)n;
    return CSIG_OK;
}

static csig_err within_read(csig_reader *r, void *into, const csig_json *value)
{
    int64_t n;

    CSIG_TRY(csig_seconds_read(r, &n, value));
    *(uint32_t *)into = (uint32_t)n;
    return CSIG_OK;
}

static csig_err by_creator_read(csig_reader *r, void *into, const csig_json *value)
{
    if (csig_json_kind_of(value) != CSIG_JSON_BOOLEAN)
        return csig_reader_says(r, "true or false is wanted");
    *(uint8_t *)into = csig_json_integer_of(value) != 0;
    return CSIG_OK;
}

static csig_err quorum_read(csig_reader *r, void *into, const csig_json *value)
{
    static const csig_member members[] = {
        {"quorum", needed_read, offsetof(csig_quorum, needed), true},
        {"of", approvers_read, 0, true},
        {"seconds", within_read, offsetof(csig_quorum, seconds), false},
        {"by_creator", by_creator_read, offsetof(csig_quorum, by_creator), false},
    };
    csig_quorum *q = into;

    CSIG_TRY(csig_members_read(r, q, members, CSIG_ARRAY_LEN(members), value));
    return q->needed <= q->n ? CSIG_OK : csig_reader_says(r, "more are needed than there are");
}

/* --- rules --- */

static csig_err id_read(csig_reader *r, void *into, const csig_json *value)
{
    const char *text;

    CSIG_TRY(csig_plain_text_read(r, &text, CSIG_RULE_BYTES - 1, value));
    if (text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-_")] != '\0')
        return csig_reader_says(r, "a-z, 0-9, '.', '-' and '_' are wanted");
    if (strcmp(text, "default") == 0) return csig_reader_says(r, "this is what no rule is");
    for (size_t i = 0; i + 1 < r->policy->n_rules; i++) {
        if (strcmp(r->policy->rules[i].id, text) == 0)
            return csig_reader_says(r, "two rules have this id");
    }
    memcpy(into, text, strlen(text) + 1);
    return CSIG_OK;
}

static csig_err because_read(csig_reader *r, void *into, const csig_json *value)
{
    const char *text;

    CSIG_TRY(csig_plain_text_read(r, &text, CSIG_BECAUSE_BYTES - 1, value));
    memcpy(into, text, strlen(text) + 1);
    return CSIG_OK;
}

static csig_err then_read(csig_reader *r, void *into, const csig_json *value)
{
    static const struct {
        const char *name;
        csig_decision decision;
    } decisions[] = {{"allow", CSIG_ALLOW}, {"deny", CSIG_DENY}, {"hook", CSIG_HOOK}};
    static const csig_member members[] = {{"approve", quorum_read, 0, true}};
    csig_rule *rule = into;
    const char *text = csig_json_text_of(value, NULL);

    for (size_t i = 0; text != NULL && i < CSIG_ARRAY_LEN(decisions); i++) {
        if (strcmp(decisions[i].name, text) == 0) rule->then = decisions[i].decision;
    }
    if (text != NULL && rule->then == 0)
        return csig_reader_says(r, "allow, deny, hook or {\"approve\": ...} is wanted");
    if (text != NULL) return CSIG_OK;
    rule->then = CSIG_APPROVE;
    return csig_members_read(r, &rule->quorum, members, CSIG_ARRAY_LEN(members), value);
}

static csig_err rule_read(csig_reader *r, void *into, const csig_json *value)
{
    static const csig_member members[] = {
        {"id", id_read, offsetof(csig_rule, id), true},
        {"if", csig_conditions_read, 0, true},
        {"then", then_read, 0, true},
        {"because", because_read, offsetof(csig_rule, because), false},
    };
    csig_policy *p = into;

    return csig_members_read(r, &p->rules[p->n_rules++], members, CSIG_ARRAY_LEN(members), value);
}

/* --- the document --- */

static csig_err version_read(csig_reader *r, void *into, const csig_json *value)
{
    int64_t n;

    (void)into;
    return csig_number_read(r, &n, 1, 1, value);
}

static csig_err default_read(csig_reader *r, void *into, const csig_json *value)
{
    const char *text = csig_json_text_of(value, NULL);

    (void)into;
    return text != NULL && strcmp(text, "deny") == 0 ? CSIG_OK
                                                     : csig_reader_says(r, "it can only be deny");
}

static csig_err rules_read(csig_reader *r, void *into, const csig_json *value)
{
    return csig_entries_read(r, into, CSIG_RULES_MAX, rule_read, value);
}

static csig_err changes_read(csig_reader *r, void *into, const csig_json *value)
{
    csig_policy *p = into;

    p->has_changes = 1;
    return quorum_read(r, &p->changes, value);
}

static csig_err document_read(csig_policy *p, char *why)
{
    static const csig_member members[] = {
        {"version", version_read, 0, true},
        {"default", default_read, 0, true},
        {"rules", rules_read, 0, true},
        {"changes", changes_read, 0, false},
    };
    csig_reader r = {.policy = p, .why = why};

    if (csig_json_kind_of(p->json) != CSIG_JSON_OBJECT) {
        (void)snprintf(r.place, sizeof r.place, "policy");
        return csig_reader_says(&r, "an object is wanted");
    }
    return csig_members_read(&r, p, members, CSIG_ARRAY_LEN(members), p->json);
}

csig_err csig_policy_read(csig_policy **out, const char *json, size_t len, char why[CSIG_WHY_BYTES])
{
    csig_policy *p;
    csig_err err;

    *out = NULL;
    if (len > CSIG_POLICY_MAX) {
        if (why != NULL) (void)snprintf(why, CSIG_WHY_BYTES, "the policy is too long");
        return CSIG_E_POLICY;
    }
    p = csig_public_alloc(sizeof *p);
    CSIG_REQUIRE(p != NULL, CSIG_E_MEMORY);
    err = csig_json_read(&p->json, json, len, why);
    if (err == CSIG_E_PAYLOAD) err = CSIG_E_POLICY;
    if (err == CSIG_OK) err = document_read(p, why);
    if (err == CSIG_OK)
        *out = p;
    else
        csig_policy_free(p);
    return err;
}

void csig_policy_free(csig_policy *p)
{
    if (p != NULL) csig_json_free(p->json);
    csig_public_free(p);
}

csig_err csig_policy_text(const csig_policy *p, char *json, size_t *len)
{
    return csig_json_write(p->json, json, len);
}

int csig_policy_has_decision(const csig_policy *p, csig_decision decision)
{
    for (size_t i = 0; i < p->n_rules; i++) {
        if (p->rules[i].then == decision) return 1;
    }
    return 0;
}

const csig_quorum *csig_policy_changes(const csig_policy *p)
{
    return p->has_changes != 0 ? &p->changes : NULL;
}
