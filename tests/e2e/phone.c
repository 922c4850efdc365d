#include "e2e/phone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVER 2

static void random_octets(uint8_t *out, size_t len)
{
    FILE *f = fopen("/dev/urandom", "rb");

    assert_non_null(f);
    assert_int_equal(fread(out, 1, len, f), len);
    fclose(f);
}

void octets_free(octets *o)
{
    free(o->p);
    memset(o, 0, sizeof *o);
}

/* --- devices --- */

void device_make(device *dev, bool aux)
{
    csig_primes *primes;
    int done = 0;

    memset(dev, 0, sizeof *dev);
    assert_int_equal(csig_identity_new(&dev->identity), CSIG_OK);
    csig_identity_public(dev->identity, dev->id);
    for (size_t i = 0; i < sizeof dev->id; i++)
        snprintf(dev->hex + 2 * i, 3, "%02x", dev->id[i]);
    if (!aux) return;
    assert_int_equal(csig_primes_new(&primes), CSIG_OK);
    while (!done)
        assert_int_equal(csig_primes_step(primes, 1000, NULL, NULL, &done), CSIG_OK);
    assert_int_equal(csig_aux_new(&dev->aux, primes, dev->identity, 1, NULL), CSIG_OK);
}

void device_free(device *dev)
{
    csig_peer_free(dev->server);
    csig_aux_free(dev->aux);
    csig_identity_free(dev->identity);
    memset(dev, 0, sizeof *dev);
}

void device_enrol(const daemon_process *d, const device *dev)
{
    uint8_t statement[CSIG_IDENTITY_BYTES + 5], signature[64], both[64], server[32];
    json_t *reply;
    http_reply again;
    char *text;

    memcpy(statement, dev->id, CSIG_IDENTITY_BYTES);
    memcpy(statement + CSIG_IDENTITY_BYTES, "phone", 5);
    assert_int_equal(
        csig_identity_sign(dev->identity, "enrol", statement, sizeof statement, signature),
        CSIG_OK);
    reply = json_pack("{s:s,s:o,s:s}", "identity", dev->hex, "signature",
                      json_hex(signature, sizeof signature), "name", "phone");
    text = json_dumps(reply, 0);
    json_decref(reply);
    again = http_call(d, "POST", "/v1/devices", "application/json", text, strlen(text));
    assert_true(again.status == 201 || again.status == 200);
    reply = json_loadb((const char *)again.body, again.len, 0, NULL);
    http_free(&again);
    free(text);
    hex_of(json_object_get(reply, "server_identity"), server, sizeof server);
    hex_of(json_object_get(reply, "signature"), signature, sizeof signature);
    memcpy(both, dev->id, 32);
    memcpy(both + 32, server, 32);
    assert_int_equal(csig_identity_verify(server, "enrolled", both, sizeof both, signature),
                     CSIG_OK);
    json_decref(reply);
}

static void server_identity(const daemon_process *d, uint8_t id[CSIG_IDENTITY_BYTES])
{
    json_t *health = call_json(d, 200, "GET", "/healthz", NULL);

    hex_of(json_object_get(health, "server_identity"), id, CSIG_IDENTITY_BYTES);
    json_decref(health);
}

static void start(run *r, run_kind kind, const json_t *session)
{
    memset(r, 0, sizeof *r);
    r->kind = kind;
    r->next = 1;
    snprintf(r->session, sizeof r->session, "%s", text_of(session, "session"));
    assert_string_equal(text_of(session, "state"), "running");
}

static void read_nonces(const json_t *session, uint8_t (*nonces)[CSIG_NONCE_BYTES], size_t n)
{
    const json_t *list = json_object_get(session, "nonces");

    assert_int_equal(json_array_size(list), n);
    for (size_t i = 0; i < n; i++)
        hex_of(json_array_get(list, i), nonces[i], CSIG_NONCE_BYTES);
}

run run_aux(const daemon_process *d, device *dev)
{
    csig_aux_params params = {.identity = dev->identity, .aux = dev->aux};
    uint8_t nonces[2][CSIG_NONCE_BYTES];
    char path[128];
    json_t *session;
    run r;

    random_octets(nonces[0], CSIG_NONCE_BYTES);
    snprintf(path, sizeof path, "/v1/devices/%s/sessions", dev->hex);
    session = call_json(d, 201, "POST", path, "{s:o}", "nonce", json_hex(nonces[0], 32));
    start(&r, RUN_AUX, session);
    read_nonces(session, nonces, 2);
    json_decref(session);
    server_identity(d, params.peer);
    memcpy(params.nonce_first, nonces[0], CSIG_NONCE_BYTES);
    memcpy(params.nonce_second, nonces[1], CSIG_NONCE_BYTES);
    assert_int_equal(csig_aux_session(&r.s[0], &params), CSIG_OK);
    r.index[0] = 1;
    r.n = 1;
    r.owner = dev;
    return r;
}

void device_pair(const daemon_process *d, device *dev)
{
    run r = run_aux(d, dev);

    run_finish(d, &r);
    run_free(&r);
    assert_non_null(dev->server);
}

/* --- wallets --- */

run wallet_begin(const daemon_process *d, wallet *w, uint16_t signers, device **devices, size_t n)
{
    json_t *list = json_array(), *mine = json_array(), *reply;
    uint8_t nonces[CSIG_PARTIES_MAX][CSIG_NONCE_BYTES], ids[CSIG_PARTIES_MAX][CSIG_IDENTITY_BYTES];
    csig_keygen_params params = {.signers_required = signers,
                                 .parties = (uint16_t)(n + 1),
                                 .commits = SERVER,
                                 .identities = ids[0],
                                 .nonces = nonces[0]};
    run r;

    memset(w, 0, sizeof *w);
    w->signers = signers;
    w->parties = (uint16_t)(n + 1);
    w->n = n;
    server_identity(d, ids[SERVER - 1]);
    for (size_t i = 0; i < n; i++) {
        w->owner[i] = devices[i];
        w->index[i] = (uint16_t)(i == 0 ? 1 : i + 2);
        memcpy(ids[w->index[i] - 1], devices[i]->id, CSIG_IDENTITY_BYTES);
        random_octets(nonces[0], CSIG_NONCE_BYTES);
        json_array_append_new(list, json_string(devices[i]->hex));
        json_array_append_new(mine, json_hex(nonces[0], CSIG_NONCE_BYTES));
    }
    reply = call_json(d, 201, "POST", "/v1/wallets", "{s:i,s:i,s:o,s:o,s:[s]}", "signers_required",
                      (int)signers, "parties", (int)(n + 1), "devices", list, "nonces", mine,
                      "allow", "digest");
    snprintf(w->id, sizeof w->id, "%s", text_of(json_object_get(reply, "wallet"), "wallet"));
    start(&r, RUN_KEYGEN, json_object_get(reply, "session"));
    read_nonces(json_object_get(reply, "session"), nonces, n + 1);
    json_decref(reply);
    for (size_t i = 0; i < n; i++) {
        params.identity = devices[i]->identity;
        params.self = r.index[i] = w->index[i];
        assert_int_equal(csig_keygen_session(&r.s[i], &params), CSIG_OK);
    }
    r.n = n;
    r.to = w;
    return r;
}

void wallet_make(const daemon_process *d, wallet *w, uint16_t signers, device **devices, size_t n)
{
    run r = wallet_begin(d, w, signers, devices, n);
    csig_share_info info;
    uint8_t commit[64];
    char path[64];
    json_t *shown;

    run_finish(d, &r);
    snprintf(path, sizeof path, "/v1/wallets/%s", w->id);
    shown = call_json(d, 200, "GET", path, NULL);
    assert_string_equal(text_of(shown, "state"), "active");
    hex_of(json_object_get(shown, "commit"), commit, sizeof commit);
    for (size_t i = 0; i < n; i++) {
        csig_share_describe(w->share[i], &info);
        assert_int_equal(csig_keygen_commit_verify(w->share[i], SERVER, commit), CSIG_OK);
        memcpy(w->public_key, info.public_key, sizeof w->public_key);
        hex_of(json_object_get(shown, "public_key"), info.public_key, sizeof info.public_key);
        assert_memory_equal(w->public_key, info.public_key, sizeof w->public_key);
    }
    json_decref(shown);
    run_free(&r);
}

void wallet_free(wallet *w)
{
    for (size_t i = 0; i < w->n; i++)
        csig_share_free(w->share[i]);
    memset(w, 0, sizeof *w);
}

/* --- signing --- */

/* The signers of a session: the wallet's first client parties and the server. */
typedef struct team {
    uint16_t index[CSIG_PARTIES_MAX];
    size_t n, mine; /* all, of the client */
    uint8_t nonces[CSIG_PARTIES_MAX][CSIG_NONCE_BYTES];
    json_t *list, *own; /* for the body */
} team;

static void team_make(team *t, const wallet *w)
{
    uint8_t nonce[CSIG_NONCE_BYTES];

    memset(t, 0, sizeof *t);
    t->n = w->signers;
    t->mine = w->signers - 1U;
    t->list = json_array();
    t->own = json_array();
    for (size_t i = 0, mine = 0; i < t->n; i++) {
        t->index[i] = i == 1 ? SERVER : w->index[mine++];
        json_array_append_new(t->list, json_integer(t->index[i]));
    }
    for (size_t i = 0; i < t->mine; i++) {
        random_octets(nonce, sizeof nonce);
        json_array_append_new(t->own, json_hex(nonce, sizeof nonce));
    }
}

/* What party i of the client gives to a session; peers must hold t->n pointers. */
static csig_signers signers_of(const team *t, const wallet *w, size_t i, const csig_peer **peers)
{
    const device *own = w->owner[i];

    for (size_t j = 0; j < t->n; j++)
        peers[j] = t->index[j] == SERVER ? own->server : NULL;
    return (csig_signers){
        .identity = own->identity,
        .share = w->share[i],
        .aux = own->aux,
        .indices = t->index,
        .peers = peers,
        .nonces = t->nonces[0],
        .count = (uint16_t)t->n,
    };
}

run run_presign(const daemon_process *d, const wallet *w, unsigned count)
{
    const csig_peer *peers[CSIG_PARTIES_MAX];
    uint32_t number;
    json_t *session;
    char path[128];
    team t;
    run r;

    team_make(&t, w);
    snprintf(path, sizeof path, "/v1/wallets/%s/sessions", w->id);
    session = call_json(d, 201, "POST", path, "{s:s,s:o,s:o,s:i}", "kind", "presign", "signers",
                        t.list, "nonces", t.own, "count", (int)count);
    start(&r, RUN_PRESIGN, session);
    read_nonces(session, t.nonces, t.n);
    number = (uint32_t)json_integer_value(json_object_get(session, "number"));
    assert_int_equal(json_integer_value(json_object_get(session, "count")), count);
    json_decref(session);
    for (unsigned b = 0; b < count; b++) {
        for (size_t i = 0; i < t.mine; i++) {
            const csig_signers signers = signers_of(&t, w, i, peers);

            r.index[r.n] = w->index[i];
            assert_int_equal(csig_presign_session(&r.s[r.n++], &signers, SERVER, number + b),
                             CSIG_OK);
        }
    }
    return r;
}

void request_make(const daemon_process *d, const wallet *w, const uint8_t digest[32],
                  const char *path, const char *mode, bool presigned, char id[65])
{
    char where[128];
    json_t *r;

    snprintf(where, sizeof where, "/v1/wallets/%s/requests", w->id);
    if (mode != NULL)
        r = call_json(d, 201, "POST", where, "{s:{s:s,s:o},s:s,s:b,s:s}", "payload", "type",
                      "digest", "digest", json_hex(digest, 32), "path", path, "presigned",
                      (int)presigned, "mode", mode);
    else
        r = call_json(d, 201, "POST", where, "{s:{s:s,s:o},s:s,s:b}", "payload", "type", "digest",
                      "digest", json_hex(digest, 32), "path", path, "presigned", (int)presigned);
    snprintf(id, 65, "%s", text_of(r, "request"));
    assert_string_equal(text_of(r, "state"), "approved");
    json_decref(r);
}

static size_t read_path(uint32_t *path, const char *text)
{
    size_t depth = 0;

    for (const char *p = strchr(text, '/'); p != NULL; p = strchr(p + 1, '/'))
        path[depth++] = (uint32_t)strtoul(p + 1, NULL, 10);
    return depth;
}

static csig_intent intent_of(const char *request, const uint8_t digest[32], const char *path,
                             uint32_t *indices)
{
    csig_intent intent = {.type = "digest", .path = indices, .depth = read_path(indices, path)};
    json_t *id = json_string(request);

    hex_of(id, intent.request_id, sizeof intent.request_id);
    json_decref(id);
    memcpy(intent.digest, digest, 32);
    return intent;
}

run run_sign(const daemon_process *d, const wallet *w, const char *request,
             const uint8_t digest[32], const char *path, const char *mode)
{
    const csig_peer *peers[CSIG_PARTIES_MAX];
    const bool server = mode != NULL && strcmp(mode, "server") == 0;
    uint32_t indices[CSIG_PATH_MAX];
    const csig_intent intent = intent_of(request, digest, path, indices);
    json_t *session;
    char where[128];
    team t;
    run r;

    team_make(&t, w);
    snprintf(where, sizeof where, "/v1/requests/%s/sessions", request);
    session = call_json(d, 201, "POST", where, "{s:o,s:o}", "signers", t.list, "nonces", t.own);
    start(&r, RUN_SIGN, session);
    read_nonces(session, t.nonces, t.n);
    json_decref(session);
    for (size_t i = 0; i < t.mine; i++) {
        const csig_signers signers = signers_of(&t, w, i, peers);

        r.index[r.n] = w->index[i];
        assert_int_equal(
            csig_sign_session(&r.s[r.n++], &signers, &intent, server ? SERVER : w->index[0]),
            CSIG_OK);
    }
    return r;
}

/* The halves with this id leave the presign run. */
static void take_halves(run *halves, const uint8_t *id, csig_presig **out, size_t n)
{
    size_t found = 0;

    for (size_t i = 0; i < halves->n; i++) {
        uint8_t own[CSIG_PRESIG_ID_BYTES];

        if (halves->half[i] == NULL) continue;
        csig_presig_id(halves->half[i], own);
        if (memcmp(own, id, sizeof own) != 0) continue;
        out[found++] = halves->half[i];
        halves->half[i] = NULL;
    }
    assert_int_equal(found, n);
}

static void take_envelopes(run *r, const json_t *hex)
{
    const size_t len = strlen(json_string_value(hex)) / 2;
    http_reply first = {.status = 200, .body = malloc(len + 1), .len = len};

    assert_non_null(first.body);
    hex_of(hex, first.body, len);
    run_take(r, &first);
    r->next = 1;
}

run run_online(const daemon_process *d, const wallet *w, const char *request,
               const uint8_t digest[32], const char *path, run *halves)
{
    const csig_peer *peers[CSIG_PARTIES_MAX];
    uint32_t indices[CSIG_PATH_MAX];
    const csig_intent intent = intent_of(request, digest, path, indices);
    csig_presig *half[4];
    uint8_t id[CSIG_PRESIG_ID_BYTES];
    json_t *session;
    char where[128];
    team t;
    run r;

    team_make(&t, w);
    snprintf(where, sizeof where, "/v1/requests/%s/sessions", request);
    session = call_json(d, 201, "POST", where, "{s:o,s:o}", "signers", t.list, "nonces", t.own);
    start(&r, RUN_ONLINE, session);
    read_nonces(session, t.nonces, t.n);
    hex_of(json_object_get(session, "presignature"), id, sizeof id);
    take_halves(halves, id, half, t.mine);
    for (size_t i = 0; i < t.mine; i++) {
        const csig_signers signers = signers_of(&t, w, i, peers);

        r.index[r.n] = w->index[i];
        assert_int_equal(csig_online_session(&r.s[r.n++], &signers, &half[i], &intent), CSIG_OK);
    }
    take_envelopes(&r, json_object_get(session, "envelopes"));
    json_decref(session);
    return r;
}
