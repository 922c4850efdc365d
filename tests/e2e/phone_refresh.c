/* The client's side of a refresh. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e/phone.h"

#define SERVER 2

static bool index_is_held(const wallet *w, uint16_t index)
{
    for (size_t i = 0; i < w->n; i++) {
        if (w->index[i] == index) return true;
    }
    return index == SERVER;
}

/* All that are online, ascending, and of these the ones that sign the test: the first. */
static void list_parties(run *r, const wallet *w, json_t *all, json_t *test, json_t *nonces)
{
    size_t client = 0;

    for (uint16_t index = 1; index <= w->parties; index++) {
        const size_t clients = r->n_test - (index > SERVER && r->n_test > 0);
        const bool tests = index == SERVER || clients + 1 < w->signers;
        uint8_t nonce[CSIG_NONCE_BYTES];

        if (!index_is_held(w, index)) continue;
        r->online[r->n_online++] = index;
        json_array_append_new(all, json_integer(index));
        if (tests) {
            json_array_append_new(test, json_integer(index));
            r->test_index[r->n_test++] = index;
        }
        if (index == SERVER) continue;
        r->tests[client++] = tests;
        random_octets(nonce, sizeof nonce);
        json_array_append_new(nonces, json_hex(nonce, sizeof nonce));
    }
}

static void start_parties(run *r, const wallet *w, const uint8_t *nonces)
{
    csig_refresh_params params = {
        .indices = r->online,
        .count = (uint16_t)r->n_online,
        .nonces = nonces,
        .recovery = {w->plan.index, w->plan.key[0], (uint16_t)w->plan.n},
        .attempt = r->attempt,
        .commits = SERVER,
    };

    for (size_t i = 0; i < w->n; i++) {
        params.identity = w->owner[i]->identity;
        params.share = w->share[i];
        r->index[i] = w->index[i];
        assert_int_equal(csig_refresh_session(&r->s[i], &params), CSIG_OK);
    }
    r->n = w->n;
}

/* The nonces of the test's signers, out of those of all online. */
static void pick_test_nonces(run *r)
{
    size_t n = 0;

    for (size_t i = 0; i < r->n_online && n < r->n_test; i++) {
        if (r->online[i] == r->test_index[n])
            memcpy(r->test_nonces[n++], r->nonces[i], CSIG_NONCE_BYTES);
    }
    assert_int_equal(n, r->n_test);
}

http_reply run_refresh_ask(const daemon_process *d, const wallet *w, run *lists)
{
    json_t *all = json_array(), *test = json_array(), *nonces = json_array(), *wish;
    char path[128], *text;
    http_reply r;

    memset(lists, 0, sizeof *lists);
    list_parties(lists, w, all, test, nonces);
    wish = json_pack("{s:s,s:o,s:o,s:o}", "kind", "refresh", "signers", all, "nonces", nonces,
                     "test_signers", test);
    if (w->campaign[0] != '\0') json_object_set_new(wish, "campaign", json_string(w->campaign));
    text = json_dumps(wish, JSON_COMPACT);
    snprintf(path, sizeof path, "/v1/wallets/%s/sessions", w->id);
    r = http_call(d, "POST", path, "application/json", text, strlen(text));
    free(text);
    json_decref(wish);
    return r;
}

run run_refresh_begin(const wallet *w, const run *lists, http_reply *reply)
{
    json_t *session = json_loadb((const char *)reply->body, reply->len, 0, NULL);
    run r;

    if (reply->status != 201)
        fail_msg("a refresh: %ld %s", reply->status,
                 reply->body != NULL ? (const char *)reply->body : "");
    http_free(reply);
    run_start(&r, RUN_REFRESH, session);
    assert_string_equal(text_of(session, "kind"), "refresh");
    run_read_nonces(session, r.nonces, lists->n_online);
    r.attempt = (uint64_t)json_integer_value(json_object_get(session, "attempt"));
    json_decref(session);
    r.of = w;
    memcpy(r.tests, lists->tests, sizeof r.tests);
    memcpy(r.test_index, lists->test_index, sizeof r.test_index);
    r.n_test = lists->n_test;
    memcpy(r.online, lists->online, sizeof r.online);
    r.n_online = lists->n_online;
    pick_test_nonces(&r);
    start_parties(&r, w, r.nonces[0]);
    return r;
}

run run_refresh(const daemon_process *d, const wallet *w)
{
    run lists;
    http_reply reply = run_refresh_ask(d, w, &lists);

    return run_refresh_begin(w, &lists, &reply);
}

static void start_test(run *r, size_t i)
{
    const wallet *w = r->of;
    const csig_peer *peers[CSIG_PARTIES_MAX];
    const csig_signers signers = {
        .identity = w->owner[i]->identity,
        .share = r->staged[i],
        .aux = w->owner[i]->aux,
        .indices = r->test_index,
        .peers = peers,
        .nonces = r->test_nonces[0],
        .count = (uint16_t)r->n_test,
    };
    csig_intent intent = {.type = "refresh-test"};

    for (size_t j = 0; j < r->n_test; j++)
        peers[j] = r->test_index[j] == SERVER        ? w->owner[i]->server
                   : r->test_index[j] == w->index[i] ? NULL
                                                     : w->owner[i]->fellow;
    assert_int_equal(csig_refresh_test_digest(r->s[i], intent.digest), CSIG_OK);
    memcpy(intent.request_id, intent.digest, sizeof intent.request_id);
    r->index[r->n] = r->index[i];
    assert_int_equal(csig_sign_session(&r->s[r->n], &signers, &intent, SERVER), CSIG_OK);
    r->n++;
}

void backup_make(uint8_t backup[CSIG_BACKUP_BYTES], const wallet *w, size_t i,
                 const csig_share *share)
{
    const csig_backup_params params = {
        .share = share,
        .identity = w->owner[i]->identity,
        .generation = 1,
        .label = w->id,
        .passphrase = (const uint8_t *)"backup",
        .passphrase_len = 6,
        .ops = 1,
        .memory = CSIG_BACKUP_MEMORY_LEAST,
    };

    assert_int_equal(csig_backup_make(backup, &params), CSIG_OK);
}

void run_refresh_stage(run *r, size_t i)
{
    uint8_t hash[CSIG_BACKUP_HASH_BYTES];

    assert_true(i < r->of->n);
    csig_share_free(r->staged[i]);
    assert_int_equal(csig_refresh_share(r->s[i], &r->staged[i]), CSIG_OK);
    backup_make(r->backup[i], r->of, i, r->stale ? r->of->share[i] : r->staged[i]);
    assert_int_equal(csig_backup_hash(r->backup[i], CSIG_BACKUP_BYTES, hash), CSIG_OK);
    assert_int_equal(csig_refresh_backup(r->s[i], hash), CSIG_OK);
    if (r->tests[i]) start_test(r, i);
}

void run_refresh_adopt(run *r, wallet *w)
{
    uint8_t commit[64];

    for (size_t i = 0; i < w->n; i++) {
        assert_int_equal(csig_session_phase(r->s[i]), CSIG_DONE);
        assert_int_equal(csig_refresh_commit(r->s[i], commit), CSIG_OK);
        assert_int_equal(csig_refresh_commit_verify(r->staged[i], SERVER, commit), CSIG_OK);
    }
    /* The test's sessions borrow the staged shares. */
    for (size_t i = w->n; i < r->n; i++)
        csig_session_free(r->s[i]);
    r->n = w->n;
    for (size_t i = 0; i < w->n; i++) {
        csig_share_free(w->share[i]);
        w->share[i] = r->staged[i];
        r->staged[i] = NULL;
    }
}

/* --- what the daemon says --- */

static void check_dead(const daemon_process *d, const wallet *w, const uint8_t state[32],
                       const json_t *reply)
{
    json_t *health = call_json(d, 200, "GET", "/healthz", NULL), *id = json_string(w->id);
    uint8_t server[CSIG_IDENTITY_BYTES], statement[48], signature[64];

    hex_of(json_object_get(health, "server_identity"), server, sizeof server);
    hex_of(id, statement, 16);
    memcpy(statement + 16, state, 32);
    hex_of(json_object_get(reply, "signature"), signature, sizeof signature);
    assert_int_equal(
        csig_identity_verify(server, "epoch-dead", statement, sizeof statement, signature),
        CSIG_OK);
    json_decref(id);
    json_decref(health);
}

static epoch_fate judge(const daemon_process *d, const wallet *w, const csig_share *share,
                        const csig_share_info *info, const json_t *reply)
{
    const char *state = text_of(reply, "state");
    uint8_t commit[64], session[16];

    if (strcmp(state, "undecided") == 0) {
        hex_of(json_object_get(reply, "session"), session, sizeof session);
        return EPOCH_UNDECIDED;
    }
    if (strcmp(state, "dead") == 0) {
        check_dead(d, w, info->epoch_state, reply);
        return EPOCH_DEAD;
    }
    assert_string_equal(state, "current");
    assert_int_equal(json_integer_value(json_object_get(reply, "epoch")), info->epoch);
    assert_int_equal(json_integer_value(json_object_get(reply, "attempt")), info->epoch_attempt);
    hex_of(json_object_get(reply, "commit"), commit, sizeof commit);
    assert_int_equal(info->epoch == 0 ? csig_keygen_commit_verify(share, SERVER, commit)
                                      : csig_refresh_commit_verify(share, SERVER, commit),
                     CSIG_OK);
    return EPOCH_CURRENT;
}

epoch_fate epoch_ask(const daemon_process *d, const wallet *w, const csig_share *share)
{
    csig_share_info info;
    char path[160];
    json_t *state, *reply;
    epoch_fate fate;

    csig_share_describe(share, &info);
    state = json_hex(info.epoch_state, sizeof info.epoch_state);
    snprintf(path, sizeof path, "/v1/wallets/%s/epochs/%s", w->id, json_string_value(state));
    json_decref(state);
    reply = call_json(d, 200, "GET", path, NULL);
    assert_string_equal(text_of(reply, "wallet"), w->id);
    fate = judge(d, w, share, &info, reply);
    json_decref(reply);
    return fate;
}

uint64_t wallet_epoch(const daemon_process *d, const wallet *w)
{
    char path[64];
    json_t *shown;
    uint64_t epoch;

    snprintf(path, sizeof path, "/v1/wallets/%s", w->id);
    shown = call_json(d, 200, "GET", path, NULL);
    epoch = (uint64_t)json_integer_value(json_object_get(shown, "epoch"));
    json_decref(shown);
    return epoch;
}
