/* The client's side of presigning and signing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e/phone.h"

#define SERVER 2

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
        const bool first = i == mine && (mine == t->mine || w->index[mine] > SERVER);

        t->index[i] = first ? SERVER : w->index[mine++];
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
        peers[j] = t->index[j] == SERVER        ? own->server
                   : t->index[j] == w->index[i] ? NULL
                                                : own->fellow;
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
    run_start(&r, RUN_PRESIGN, session);
    run_read_nonces(session, t.nonces, t.n);
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

static csig_session *sign_party(const team *t, const wallet *w, size_t i, const char *request,
                                const uint8_t digest[32], const char *path, const char *mode)
{
    const csig_peer *peers[CSIG_PARTIES_MAX];
    const csig_signers signers = signers_of(t, w, i, peers);
    uint32_t indices[CSIG_PATH_MAX];
    const csig_intent intent = intent_of(request, digest, path, indices);
    csig_session *s;

    assert_int_equal(csig_sign_session(&s, &signers, &intent,
                                       strcmp(mode, "server") == 0 ? SERVER : w->index[0]),
                     CSIG_OK);
    return s;
}

run run_sign(const daemon_process *d, const wallet *w, const char *request,
             const uint8_t digest[32], const char *path, const char *mode)
{
    json_t *session;
    char where[128];
    team t;
    run r;

    team_make(&t, w);
    snprintf(where, sizeof where, "/v1/requests/%s/sessions", request);
    session = call_json(d, 201, "POST", where, "{s:o,s:o}", "signers", t.list, "nonces", t.own);
    run_start(&r, RUN_SIGN, session);
    run_read_nonces(session, t.nonces, t.n);
    json_decref(session);
    r.of = w;
    memcpy(r.nonces, t.nonces, sizeof r.nonces);
    snprintf(r.request, sizeof r.request, "%s", request);
    snprintf(r.mode, sizeof r.mode, "%s", mode != NULL ? mode : "phone");
    for (size_t i = 0; i < t.mine; i++) {
        r.index[r.n] = w->index[i];
        r.s[r.n++] = sign_party(&t, w, i, request, digest, path, r.mode);
    }
    return r;
}

csig_session *run_sign_again(const run *r, const uint8_t digest[32], const char *path)
{
    csig_session *s;
    team t;

    team_make(&t, r->of);
    json_decref(t.list);
    json_decref(t.own);
    memcpy(t.nonces, r->nonces, sizeof t.nonces);
    s = sign_party(&t, r->of, 0, r->request, digest, path, r->mode);
    return s;
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
    run_start(&r, RUN_ONLINE, session);
    run_read_nonces(session, t.nonces, t.n);
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
