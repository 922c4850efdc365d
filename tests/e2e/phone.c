#include "e2e/phone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVER 2

void random_octets(uint8_t *out, size_t len)
{
    FILE *f = fopen("/dev/urandom", "rb");

    assert_non_null(f);
    assert_int_equal(fread(out, 1, len, f), len);
    fclose(f);
}

/* --- devices --- */

csig_aux *device_rotate(device *dev, uint64_t generation)
{
    csig_aux *before = dev->aux;
    csig_primes *primes;
    int done = 0;

    assert_int_equal(csig_primes_new(&primes), CSIG_OK);
    while (!done)
        assert_int_equal(csig_primes_step(primes, 1000, NULL, NULL, &done), CSIG_OK);
    assert_int_equal(csig_aux_new(&dev->aux, primes, dev->identity, generation, NULL), CSIG_OK);
    return before;
}

void device_make(device *dev, bool aux)
{
    memset(dev, 0, sizeof *dev);
    assert_int_equal(csig_identity_new(&dev->identity), CSIG_OK);
    csig_identity_public(dev->identity, dev->id);
    for (size_t i = 0; i < sizeof dev->id; i++)
        snprintf(dev->hex + 2 * i, 3, "%02x", dev->id[i]);
    if (aux) (void)device_rotate(dev, 1);
}

void device_free(device *dev)
{
    csig_peer_free(dev->server);
    csig_peer_free(dev->fellow);
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

void run_start(run *r, run_kind kind, const json_t *session)
{
    memset(r, 0, sizeof *r);
    r->kind = kind;
    r->next = 1;
    snprintf(r->session, sizeof r->session, "%s", text_of(session, "session"));
    assert_string_equal(text_of(session, "state"), "running");
}

void run_read_nonces(const json_t *session, uint8_t (*nonces)[CSIG_NONCE_BYTES], size_t n)
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
    run_start(&r, RUN_AUX, session);
    run_read_nonces(session, nonces, 2);
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

static csig_session *fellow_session(const device *own, const device *other, int last,
                                    const uint8_t nonces[2][CSIG_NONCE_BYTES])
{
    csig_aux_params params = {.identity = own->identity, .aux = own->aux, .moves_last = last};
    csig_session *s;

    memcpy(params.peer, other->id, CSIG_IDENTITY_BYTES);
    memcpy(params.nonce_first, nonces[0], CSIG_NONCE_BYTES);
    memcpy(params.nonce_second, nonces[1], CSIG_NONCE_BYTES);
    assert_int_equal(csig_aux_session(&s, &params), CSIG_OK);
    return s;
}

static bool one_is_moved(csig_session *from, csig_session *to, csig_peer **peer)
{
    static uint8_t envelope[1 << 20];
    size_t len;

    if (csig_session_phase(from) == CSIG_STORE) {
        csig_peer_free(*peer);
        assert_int_equal(csig_aux_session_peer(from, peer), CSIG_OK);
        assert_int_equal(csig_session_confirm(from), CSIG_OK);
    }
    if (csig_session_pending(from) == 0) return false;
    assert_int_equal(csig_session_send(from, envelope, sizeof envelope, &len), CSIG_OK);
    assert_int_equal(csig_session_recv(to, envelope, len), CSIG_OK);
    return true;
}

void device_pair_fellows(device *a, device *b)
{
    uint8_t nonces[2][CSIG_NONCE_BYTES];
    csig_session *s[2];
    bool moved = true;

    random_octets(nonces[0], sizeof nonces);
    s[0] = fellow_session(a, b, 0, nonces);
    s[1] = fellow_session(b, a, 1, nonces);
    while (moved) {
        moved = one_is_moved(s[0], s[1], &a->fellow);
        moved = one_is_moved(s[1], s[0], &b->fellow) || moved;
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(csig_session_phase(s[i]), CSIG_DONE);
        csig_session_free(s[i]);
    }
}

/* --- wallets --- */

run wallet_begin(const daemon_process *d, wallet *w, uint16_t signers, device **devices, size_t n)
{
    return wallet_begin_as(d, w, signers, signers, devices, n);
}

/* One row of "recovery". */
static json_t *recovery_row(const recovery_plan *plan, size_t k)
{
    json_t *row = json_pack("{s:i,s:o}", "index", (int)plan->index[k], "key",
                            json_hex(plan->key[k], CSIG_RECOVERY_KEY_BYTES));

    if (plan->offline[k] != NULL)
        json_object_set_new(row, "identity", json_string(plan->offline[k]->hex));
    return row;
}

/* Who the parties are and who of them is online, in order of index. */
typedef struct roll {
    uint16_t online[CSIG_PARTIES_MAX];
    uint8_t ids[CSIG_PARTIES_MAX][CSIG_IDENTITY_BYTES];
    json_t *devices, *nonces, *recovery;
} roll;

static void call_roll(roll *l, const daemon_process *d, wallet *w, device **devices, size_t n)
{
    *l = (roll){.devices = json_array(), .nonces = json_array(), .recovery = json_array()};
    server_identity(d, l->ids[SERVER - 1]);
    for (size_t i = 0; i < n; i++) {
        uint8_t nonce[CSIG_NONCE_BYTES];

        w->owner[i] = devices[i];
        w->index[i] = (uint16_t)(i == 0 ? 1 : i + 2);
        memcpy(l->ids[w->index[i] - 1], devices[i]->id, CSIG_IDENTITY_BYTES);
        random_octets(nonce, sizeof nonce);
        json_array_append_new(l->devices, json_string(devices[i]->hex));
        json_array_append_new(l->nonces, json_hex(nonce, sizeof nonce));
    }
    for (uint16_t i = 0; i <= n; i++)
        l->online[i] = (uint16_t)(i + 1);
    w->parties = (uint16_t)(n + 1);
    for (size_t k = 0; k < w->plan.n; k++) {
        json_array_append_new(l->recovery, recovery_row(&w->plan, k));
        if (w->plan.offline[k] == NULL) continue;
        memcpy(l->ids[w->plan.index[k] - 1], w->plan.offline[k]->id, CSIG_IDENTITY_BYTES);
        w->parties++;
    }
}

static run begin(const daemon_process *d, wallet *w, uint16_t own_signers, device **devices,
                 size_t n)
{
    uint8_t nonces[CSIG_PARTIES_MAX][CSIG_NONCE_BYTES];
    csig_keygen_params params = {.signers_required = own_signers, .commits = SERVER};
    json_t *reply;
    roll l;
    run r;

    call_roll(&l, d, w, devices, n);
    reply = call_json(d, 201, "POST", "/v1/wallets", "{s:i,s:i,s:o,s:o,s:[s],s:o}",
                      "signers_required", (int)w->signers, "parties", (int)w->parties, "devices",
                      l.devices, "nonces", l.nonces, "allow", "digest", "recovery", l.recovery);
    snprintf(w->id, sizeof w->id, "%s", text_of(json_object_get(reply, "wallet"), "wallet"));
    run_start(&r, RUN_KEYGEN, json_object_get(reply, "session"));
    run_read_nonces(json_object_get(reply, "session"), nonces, n + 1);
    json_decref(reply);
    params.parties = w->parties;
    params.identities = l.ids[0];
    params.nonces = nonces[0];
    params.indices = l.online;
    params.count = (uint16_t)(n + 1);
    params.recovery = (csig_recovery_keys){w->plan.index, w->plan.key[0], (uint16_t)w->plan.n};
    for (size_t i = 0; i < n; i++) {
        params.identity = devices[i]->identity;
        params.self = r.index[i] = w->index[i];
        assert_int_equal(csig_keygen_session(&r.s[i], &params), CSIG_OK);
    }
    r.n = n;
    r.to = w;
    return r;
}

run wallet_begin_as(const daemon_process *d, wallet *w, uint16_t signers, uint16_t own_signers,
                    device **devices, size_t n)
{
    *w = (wallet){.signers = signers, .n = n};
    return begin(d, w, own_signers, devices, n);
}

run wallet_begin_planned(const daemon_process *d, wallet *w, uint16_t signers, device **devices,
                         size_t n, const recovery_plan *plan)
{
    *w = (wallet){.signers = signers, .n = n, .plan = *plan};
    return begin(d, w, signers, devices, n);
}

static void finish(const daemon_process *d, wallet *w, run *r)
{
    csig_share_info info;
    uint8_t commit[64];
    char path[64];
    json_t *shown;

    run_finish(d, r);
    snprintf(path, sizeof path, "/v1/wallets/%s", w->id);
    shown = call_json(d, 200, "GET", path, NULL);
    assert_string_equal(text_of(shown, "state"), "active");
    hex_of(json_object_get(shown, "commit"), commit, sizeof commit);
    for (size_t i = 0; i < w->n; i++) {
        csig_share_describe(w->share[i], &info);
        assert_int_equal(csig_keygen_commit_verify(w->share[i], SERVER, commit), CSIG_OK);
        memcpy(w->public_key, info.public_key, sizeof w->public_key);
        hex_of(json_object_get(shown, "public_key"), info.public_key, sizeof info.public_key);
        assert_memory_equal(w->public_key, info.public_key, sizeof w->public_key);
    }
    json_decref(shown);
    run_free(r);
}

void wallet_make(const daemon_process *d, wallet *w, uint16_t signers, device **devices, size_t n)
{
    run r = wallet_begin(d, w, signers, devices, n);

    finish(d, w, &r);
}

void wallet_make_planned(const daemon_process *d, wallet *w, uint16_t signers, device **devices,
                         size_t n, const recovery_plan *plan)
{
    run r = wallet_begin_planned(d, w, signers, devices, n, plan);

    finish(d, w, &r);
}

void wallet_free(wallet *w)
{
    for (size_t i = 0; i < w->n; i++)
        csig_share_free(w->share[i]);
    memset(w, 0, sizeof *w);
}
