/* What people say about requests and changes of policies: signed by their keys, counted, and late
 * when nobody says anything. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "http/json.h"
#include "service/hook.h"
#include "service/keys.h"
#include "service/payload.h"
#include "service/policy.h"
#include "service/primes.h"
#include "service/request.h"
#include "service/session.h"

/* --- what is signed --- */

static const char *decision_of(bool approves)
{
    return approves ? "approve" : "reject";
}

static void hash_of(char hex[2 * CSIGD_HASH_BYTES + 1], const uint8_t *p, size_t len)
{
    uint8_t hash[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(hash, p, len);
    csigd_hex_write(hex, hash, sizeof hash);
}

size_t csigd_word_about_request(char text[CSIGD_WORD_TEXT_BYTES], const csigd_request *r,
                                const uint8_t *payload, size_t len, bool approves)
{
    char id[65], wallet[33], hash[65];

    csigd_hex_write(id, r->id, sizeof r->id);
    csigd_hex_write(wallet, r->wallet, sizeof r->wallet);
    hash_of(hash, payload, len);
    return (size_t)snprintf(text, CSIGD_WORD_TEXT_BYTES,
                            "countersign-v1-approval\n%s\nrequest %s\nwallet %s\npath %s\n"
                            "payload %s",
                            decision_of(approves), id, wallet, r->path, hash);
}

size_t csigd_word_about_change(char text[CSIGD_WORD_TEXT_BYTES], const csigd_change *c,
                               bool approves)
{
    char id[65], hash[65];

    csigd_hex_write(id, c->id, sizeof c->id);
    hash_of(hash, c->text.p, c->text.len);
    return (size_t)snprintf(text, CSIGD_WORD_TEXT_BYTES,
                            "countersign-v1-policy-change\n%s\nchange %s\nsubject %s\nover %s %u\n"
                            "policy %s",
                            decision_of(approves), id, c->subject, c->over, c->over_version, hash);
}

/* By a key that is good now. */
static csigd_code check_word(const csigd_service *service, const csigd_word *word, const char *text,
                             size_t len, csigd_problem *why)
{
    char id[CSIGD_KEY_ID_BYTES];
    csigd_key_row row;

    csigd_hex_write(id, word->key, sizeof word->key);
    if (!csigd_keys_has_key(service->keys, id, &row))
        return csigd_problem_field(why, CSIGD_FORBIDDEN, "key");
    if ((row.roles & CSIGD_ROLE_BIT(CSIGD_ROLE_APPROVE)) == 0)
        return csigd_problem_field(why, CSIGD_FORBIDDEN, "key");
    if (csigd_key_verify(&row.key, (const uint8_t *)text, len, word->signature,
                         sizeof word->signature) != CSIGD_AUTH_OK)
        return csigd_problem_field(why, CSIGD_BAD_SIGNATURE, "signature");
    return CSIGD_OK;
}

static csigd_approval approval_of(const csigd_word *word)
{
    csigd_approval a = {.approves = word->approves, .said = csigd_clock_now()};

    memcpy(a.key, word->key, sizeof a.key);
    memcpy(a.signature, word->signature, sizeof a.signature);
    return a;
}

/* --- counted --- */

typedef struct counting {
    const csigd_service *service;
    const csig_quorum *quorum;
    const csigd_creator *creator; /* NULL: it counts */
    csigd_votes votes;
} counting;

static bool is_asked(const csig_quorum *q, const char *key)
{
    for (size_t i = 0; i < q->n; i++) {
        if (strcmp(q->of[i], key) == 0) return true;
    }
    return false;
}

csigd_creator csigd_creator_of(const csigd_request *r)
{
    return (csigd_creator){.key = r->has_creator ? r->creator : NULL,
                           .device = r->has_creator_device ? r->creator_device : NULL};
}

/* A device stays who it is when its key is replaced. */
bool csigd_creator_has_key(const csigd_creator *creator, const csigd_key_row *key)
{
    return (creator->key != NULL && memcmp(creator->key, key->id, sizeof key->id) == 0) ||
           (creator->device != NULL && key->has_device &&
            memcmp(creator->device, key->device, sizeof key->device) == 0);
}

/* A key that was revoked counts no more; one can always say no. */
static void count_one(void *ctx, const csigd_approval *a)
{
    counting *c = ctx;
    char key[CSIGD_KEY_ID_BYTES];
    csigd_key_row row;

    csigd_hex_write(key, a->key, sizeof a->key);
    if (!is_asked(c->quorum, key) || !csigd_keys_has_key(c->service->keys, key, &row)) return;
    if (!a->approves) {
        c->votes.no = true;
        return;
    }
    if (c->creator != NULL && csigd_creator_has_key(c->creator, &row)) return;
    c->votes.yes++;
}

csigd_stored csigd_votes_count(const csigd_service *service, csigd_votes *votes,
                               const csig_quorum *quorum, const uint8_t *about,
                               const csigd_creator *creator)
{
    counting c = {
        .service = service, .quorum = quorum, .creator = quorum->by_creator != 0 ? NULL : creator};
    const csigd_stored stored = service->store->policies.said(service->store, about, count_one, &c);

    *votes = c.votes;
    return stored;
}

/* --- a request --- */

static csigd_code not_waiting(csigd_problem *why)
{
    csigd_problem_set(why, CSIGD_STATE_CONFLICT);
    (void)snprintf(why->detail, sizeof why->detail,
                   "It waits for no approval any more, or this key has said something else.");
    return why->code;
}

/* Only who is asked by the rule that it waits for is heard. */
static csigd_code check_asked(csigd_case *c, const csigd_word *word, csigd_problem *why)
{
    csigd_request_state state = CSIGD_REQUEST_PENDING;
    csigd_verdict verdict = {.until = 0};
    char key[CSIGD_KEY_ID_BYTES];
    const csigd_creator creator = csigd_creator_of(c->request);
    const csigd_stored stored = c->judge.judge(c, &state, &verdict);
    csigd_key_row row;

    if (stored == CSIGD_STORE_DENIED) return csigd_case_denied(c, why);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    csigd_hex_write(key, word->key, sizeof word->key);
    if (state == CSIGD_REQUEST_PENDING && !is_asked(&c->judgement.quorum, key))
        return csigd_problem_field(why, CSIGD_FORBIDDEN, "key");
    if (state == CSIGD_REQUEST_PENDING && c->judgement.quorum.by_creator == 0 && word->approves &&
        csigd_keys_has_key(c->service->keys, key, &row) && csigd_creator_has_key(&creator, &row))
        return csigd_problem_field(why, CSIGD_FORBIDDEN, "creator");
    return CSIGD_OK;
}

static csigd_code say_with(const csigd_service *service, const csigd_request *r,
                           const csigd_word *word, const csig_payload *payload, csigd_problem *why)
{
    const csigd_approval approval = approval_of(word);
    csigd_wallet w;
    csigd_case c;
    csigd_stored stored = service->store->wallet_get(service->store, r->wallet,
                                                     csigd_primes_generation(service->primes), &w);
    csigd_code code = CSIGD_OK;

    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    csigd_case_open(&c, service, r, payload);
    if (r->state == CSIGD_REQUEST_PENDING) code = check_asked(&c, word, why);
    if (code != CSIGD_OK) return code;
    stored = service->store->policies.say(service->store, r->id, &approval, &c.judge);
    if (stored == CSIGD_STORE_DENIED) return csigd_case_denied(&c, why);
    if (stored == CSIGD_STORE_CONFLICT) return not_waiting(why);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    csigd_request_tell(service, &w);
    csigd_hook_wake(service->hook); /* which may be next */
    return CSIGD_OK;
}

/* The word is about the octets that are stored. */
static csigd_code check_text(const csigd_service *service, const csigd_request *r,
                             const csigd_word *word, csigd_problem *why)
{
    char text[CSIGD_WORD_TEXT_BYTES];
    csigd_blob payload;
    const csigd_stored stored = service->store->requests.payload(service->store, r->id, &payload);
    size_t n;

    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    n = csigd_word_about_request(text, r, payload.p, payload.len, word->approves);
    csigd_blob_free(&payload);
    return check_word(service, word, text, n, why);
}

csigd_code csigd_request_say(const csigd_service *service, const uint8_t *request,
                             const csigd_word *word, csigd_problem *why)
{
    csig_payload *payload = NULL;
    csig_account account;
    csigd_request r;
    const csigd_stored stored = service->store->requests.get(service->store, request, 0, &r);
    csigd_code code;

    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    code = check_text(service, &r, word, why);
    if (code == CSIGD_OK) code = csigd_account_find(service, r.wallet, &account, why);
    if (code == CSIGD_OK) code = csigd_request_payload(service, &r, &account, &payload, why);
    if (code == CSIGD_OK) code = say_with(service, &r, word, payload, why);
    csig_payload_free(payload);
    return code;
}

/* --- the hook --- */

/* Nobody else is asked any more: what is denied then is rejected. */
static csigd_stored judge_for_good(void *ctx, csigd_request_state *state, csigd_verdict *verdict)
{
    csigd_case *c = ctx;
    const csigd_stored stored = c->judge.judge(c, state, verdict);

    if (stored != CSIGD_STORE_DENIED) return stored;
    *state = CSIGD_REQUEST_REJECTED;
    return CSIGD_STORED;
}

static csigd_stored decide_with(const csigd_service *service, const csigd_request *r,
                                const csigd_hook_ask *ask, const csigd_hook_word *word,
                                const csig_payload *payload)
{
    csigd_store *s = service->store;
    csigd_wallet w;
    csigd_case c;
    csigd_judge judge;
    csigd_stored stored = s->wallet_get(s, r->wallet, csigd_primes_generation(service->primes), &w);

    if (stored != CSIGD_STORED) return stored;
    csigd_case_open(&c, service, r, payload);
    judge = c.judge;
    judge.judge = judge_for_good;
    stored = s->hooks.say(s, ask, word, &judge);
    if (stored == CSIGD_STORED) csigd_request_tell(service, &w);
    return stored;
}

csigd_stored csigd_request_decide(const csigd_service *service, const csigd_hook_ask *ask,
                                  const csigd_hook_word *word)
{
    csig_payload *payload = NULL;
    csig_account account;
    csigd_request r;
    csigd_problem why;
    csigd_stored stored = service->store->requests.get(service->store, ask->request, 0, &r);

    if (stored != CSIGD_STORED) return stored;
    if (csigd_account_find(service, r.wallet, &account, &why) != CSIGD_OK ||
        csigd_request_payload(service, &r, &account, &payload, &why) != CSIGD_OK)
        return CSIGD_STORE_FAILED;
    stored = decide_with(service, &r, ask, word, payload);
    csig_payload_free(payload);
    return stored;
}

/* --- a change --- */

typedef struct change_case {
    const csigd_service *service;
    const csigd_change *change;
    csig_quorum quorum;
} change_case;

static csigd_stored judge_change(void *ctx, csigd_change_state *state)
{
    const change_case *c = ctx;
    const csigd_creator creator = {.key = c->change->has_creator ? c->change->creator : NULL};
    csigd_votes votes;
    const csigd_stored stored =
        csigd_votes_count(c->service, &votes, &c->quorum, c->change->id, &creator);

    if (stored != CSIGD_STORED) return stored;
    if (votes.no)
        *state = CSIGD_CHANGE_REJECTED;
    else if (votes.yes >= c->quorum.needed)
        *state = CSIGD_CHANGE_DONE;
    return CSIGD_STORED;
}

/* Those of the policy that it was proposed over; another one in force by now is a conflict. */
static csigd_code find_quorum(change_case *c, csigd_problem *why)
{
    csigd_store *s = c->service->store;
    csigd_policy_row row;
    csig_policy *policy = NULL;
    const csigd_stored stored = s->policies.of_subject(s, c->change->subject, &row);
    bool found = false;

    if (stored == CSIGD_STORE_NONE) return not_waiting(why);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    if (csig_policy_read(&policy, (const char *)row.text.p, row.text.len, NULL) == CSIG_OK &&
        csig_policy_changes(policy) != NULL) {
        c->quorum = *csig_policy_changes(policy);
        found = strcmp(row.subject, c->change->over) == 0 && row.version == c->change->over_version;
    }
    csig_policy_free(policy);
    csigd_policy_row_clear(&row);
    return found ? CSIGD_OK : not_waiting(why);
}

static csigd_code say_about_change(const csigd_service *service, const csigd_change *change,
                                   const csigd_word *word, csigd_problem *why)
{
    const csigd_approval approval = approval_of(word);
    char text[CSIGD_WORD_TEXT_BYTES], key[CSIGD_KEY_ID_BYTES];
    const size_t n = csigd_word_about_change(text, change, word->approves);
    change_case c = {.service = service, .change = change};
    const csigd_change_judge judge = {.ctx = &c, .judge = judge_change};
    csigd_stored stored;
    csigd_code code = check_word(service, word, text, n, why);

    if (code == CSIGD_OK) code = find_quorum(&c, why);
    if (code != CSIGD_OK) return code;
    csigd_hex_write(key, word->key, sizeof word->key);
    if (!is_asked(&c.quorum, key)) return csigd_problem_field(why, CSIGD_FORBIDDEN, "key");
    if (c.quorum.by_creator == 0 && change->has_creator && word->approves &&
        memcmp(change->creator, word->key, sizeof word->key) == 0)
        return csigd_problem_field(why, CSIGD_FORBIDDEN, "creator");
    stored = service->store->policies.change_say(service->store, change->id, &approval, &judge);
    if (stored == CSIGD_STORE_CONFLICT) return not_waiting(why);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    csigd_log_line(
        CSIGD_AUDIT, word->approves ? "policy change approved" : "policy change rejected",
        CSIGD_HEX("change", change->id, sizeof change->id), CSIGD_TEXT("subject", change->subject),
        CSIGD_HEX("key", word->key, sizeof word->key));
    return CSIGD_OK;
}

csigd_code csigd_change_say(const csigd_service *service, const uint8_t *id, const csigd_word *word,
                            csigd_problem *why)
{
    csigd_change change;
    const csigd_stored stored = service->store->policies.change_get(service->store, id, &change);
    csigd_code code;

    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    code = say_about_change(service, &change, word, why);
    csigd_change_clear(&change);
    return code;
}

/* --- late --- */

void csigd_approvals_tick(const csigd_service *service)
{
    csigd_store *s = service->store;

    while (s->policies.reject_late(s, csigd_clock_now()) == CSIGD_STORED)
        continue;
    (void)s->policies.changes_expire(s, csigd_clock_now());
}
