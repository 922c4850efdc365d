/* The client's side of a resharing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e/phone.h"

#define SERVER 2

/* --- who takes part --- */

/* The party that a device is in a wallet, as a position; w->n: none. */
static size_t position_of(const wallet *w, const device *dev)
{
    size_t i = 0;

    while (i < w->n && w->owner[i] != dev)
        i++;
    return i;
}

static void add(reshare_members *m, const wallet *w, device *owner, uint16_t holds)
{
    const size_t at = owner != NULL ? position_of(w, owner) : w->n;

    m->list[m->n] = (csig_reshare_member){.holds = holds};
    if (owner == NULL) m->list[m->n].deals = SERVER;
    if (at < w->n) {
        m->list[m->n].deals = w->index[at];
        m->share[m->n] = w->share[at];
    }
    m->owner[m->n++] = owner;
}

static void list_members(reshare_members *m, const wallet *w, const wallet *next, bool leave)
{
    memset(m, 0, sizeof *m);
    for (size_t i = 0; i < next->n; i++) {
        if (m->n == SERVER - 1) add(m, w, NULL, SERVER);
        add(m, w, next->owner[i], next->index[i]);
    }
    if (m->n == SERVER - 1) add(m, w, NULL, SERVER);
    for (size_t i = 0; leave && i < w->n; i++) {
        if (position_of(next, w->owner[i]) == next->n) add(m, w, w->owner[i], 0);
    }
}

static json_t *wish_of(const wallet *next, reshare_members *m)
{
    json_t *members = json_array(), *nonces = json_array(), *devices = json_array();
    json_t *test = json_pack("[i,i]", next->index[0], SERVER);

    for (size_t i = 0; i < m->n; i++) {
        csig_reshare_member *one = &m->list[i];
        json_t *entry = json_object();

        if (one->deals > 0) json_object_set_new(entry, "deals", json_integer(one->deals));
        if (one->holds > 0) json_object_set_new(entry, "holds", json_integer(one->holds));
        json_array_append_new(members, entry);
        if (m->owner[i] == NULL) continue;
        random_octets(one->nonce, sizeof one->nonce);
        json_array_append_new(nonces, json_hex(one->nonce, sizeof one->nonce));
    }
    for (size_t i = 0; i < next->n; i++)
        json_array_append_new(devices, json_string(next->owner[i]->hex));
    return json_pack("{s:s,s:i,s:o,s:o,s:o,s:o}", "kind", "reshare", "signers_required",
                     next->signers, "members", members, "devices", devices, "nonces", nonces,
                     "test_signers", test);
}

http_reply run_reshare_ask(const daemon_process *d, const wallet *w, const wallet *next, bool leave,
                           reshare_members *members)
{
    char path[128], *text;
    json_t *wish;
    http_reply reply;

    list_members(members, w, next, leave);
    wish = wish_of(next, members);
    text = json_dumps(wish, JSON_COMPACT);
    snprintf(path, sizeof path, "/v1/wallets/%s/sessions", w->id);
    reply = http_call(d, "POST", path, "application/json", text, strlen(text));
    free(text);
    json_decref(wish);
    return reply;
}

/* --- the sessions --- */

static void start_one(run *r, const wallet *next, const reshare_members *m, size_t i,
                      csig_reshare_params *params)
{
    params->identity = m->owner[i]->identity;
    params->share = m->share[i];
    params->self = (uint16_t)(i + 1);
    r->index[r->n] = params->self;
    r->tests[r->n < next->n ? r->n : 3] = r->n == 0;
    assert_int_equal(csig_reshare_session(&r->s[r->n++], params), CSIG_OK);
}

static void start_parties(run *r, const wallet *w, const wallet *next, const reshare_members *m,
                          const uint8_t *server)
{
    uint8_t epoch[CSIG_EPOCH_BYTES], ids[CSIG_PARTIES_MAX][CSIG_IDENTITY_BYTES];
    csig_reshare_params params = {
        .epoch = epoch,
        .members = m->list,
        .count = (uint16_t)m->n,
        .signers_required = next->signers,
        .parties = next->parties,
        .identities = ids[0],
        .attempt = r->attempt,
        .commits = SERVER,
    };

    assert_int_equal(csig_share_epoch(w->share[0], epoch), CSIG_OK);
    memcpy(ids[SERVER - 1], server, CSIG_IDENTITY_BYTES);
    for (size_t i = 0; i < next->n; i++)
        memcpy(ids[next->index[i] - 1], next->owner[i]->id, CSIG_IDENTITY_BYTES);
    for (size_t i = 0; i < m->n; i++) {
        if (m->owner[i] != NULL) start_one(r, next, m, i, &params);
    }
}

run run_reshare_begin(const wallet *w, wallet *next, reshare_members *members, http_reply *reply)
{
    json_t *session = json_loadb((const char *)reply->body, reply->len, 0, NULL);
    uint8_t server[CSIG_IDENTITY_BYTES];
    run r;

    if (reply->status != 201)
        fail_msg("a resharing: %ld %s", reply->status,
                 reply->body != NULL ? (const char *)reply->body : "");
    http_free(reply);
    run_start(&r, RUN_REFRESH, session);
    assert_string_equal(text_of(session, "kind"), "reshare");
    run_read_nonces(session, r.nonces, members->n);
    r.attempt = (uint64_t)json_integer_value(json_object_get(session, "attempt"));
    json_decref(session);
    for (size_t i = 0; i < members->n; i++) {
        if (members->owner[i] == NULL)
            memcpy(members->list[i].nonce, r.nonces[i], CSIG_NONCE_BYTES);
        assert_memory_equal(members->list[i].nonce, r.nonces[i], CSIG_NONCE_BYTES);
    }
    memcpy(next->id, w->id, sizeof next->id);
    memcpy(next->public_key, w->public_key, sizeof next->public_key);
    r.of = next;
    r.n_test = 2;
    for (size_t i = 0; i < 2; i++) {
        r.test_index[i] = (uint16_t)(i + 1);
        memcpy(r.test_nonces[i], members->list[i].nonce, CSIG_NONCE_BYTES);
    }
    assert_int_equal(csig_share_identity(w->share[0], SERVER, server), CSIG_OK);
    start_parties(&r, w, next, members, server);
    return r;
}

run run_reshare(const daemon_process *d, const wallet *w, wallet *next, bool leave)
{
    reshare_members members;
    http_reply reply = run_reshare_ask(d, w, next, leave, &members);

    return run_reshare_begin(w, next, &members, &reply);
}
