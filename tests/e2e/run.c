/* How a run goes on: envelopes among our own parties and to the daemon, outputs taken when asked.
 */
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e/phone.h"

#define SERVER 2
#define TO_ALL 65535

/* --- outputs --- */

static void take_output(run *r, size_t i)
{
    uint8_t reply[65536];
    size_t len = sizeof reply;

    switch (r->kind) {
    case RUN_AUX:
        csig_peer_free(r->owner->server);
        assert_int_equal(csig_aux_session_peer(r->s[i], &r->owner->server), CSIG_OK);
        break;
    case RUN_KEYGEN:
        csig_share_free(r->to->share[i]);
        assert_int_equal(csig_keygen_share(r->s[i], &r->to->share[i]), CSIG_OK);
        break;
    case RUN_PRESIGN:
        assert_int_equal(csig_presign_result(r->s[i], &r->half[i]), CSIG_OK);
        break;
    case RUN_ONLINE:
        assert_int_equal(csig_online_reply(r->s[i], reply, &len), CSIG_OK);
        break;
    case RUN_REFRESH:
        /* Who leaves in a resharing has nothing to store. */
        if (i < r->of->n) run_refresh_stage(r, i);
        break;
    case RUN_SIGN:
        fail_msg("signing stores nothing");
    }
    assert_int_equal(csig_session_confirm(r->s[i]), CSIG_OK);
}

static void settle(run *r)
{
    for (size_t i = 0; i < r->n; i++) {
        while (csig_session_phase(r->s[i]) == CSIG_STORE)
            take_output(r, i);
    }
}

/* --- envelopes --- */

void octets_free(octets *o)
{
    free(o->p);
    memset(o, 0, sizeof *o);
}

static void give(run *r, const uint8_t *envelope, size_t len, size_t not_to)
{
    uint8_t named[32], id[32];
    uint16_t from, to;

    assert_int_equal(csig_envelope_address(envelope, len, named, &from, &to), CSIG_OK);
    for (size_t i = 0; i < r->n; i++) {
        csig_session_id(r->s[i], id);
        if (i == not_to || memcmp(named, id, sizeof id) != 0) continue;
        if (to != TO_ALL && to != r->index[i]) continue;
        if (r->hears != NULL && !r->hears(r, i, envelope, len)) continue;
        assert_int_equal(csig_session_recv(r->s[i], envelope, len), CSIG_OK);
    }
    settle(r);
}

/* Before the receipt that names it. */
static void add_backup(run *r, size_t i, octets *body)
{
    if (r->staged[i] == NULL || r->backed_up[i]) return;
    body->p = realloc(body->p, body->len + CSIG_BACKUP_BYTES);
    assert_non_null(body->p);
    memcpy(body->p + body->len, r->backup[i], CSIG_BACKUP_BYTES);
    body->len += CSIG_BACKUP_BYTES;
    r->backed_up[i] = true;
}

static bool one_is_sent(run *r, size_t i, octets *body)
{
    const size_t need = csig_session_pending(r->s[i]);
    uint8_t id[32];
    uint16_t from, to;
    size_t len;

    if (need == 0) return false;
    if (r->kind == RUN_REFRESH && i < r->of->n) add_backup(r, i, body);
    body->p = realloc(body->p, body->len + need);
    assert_non_null(body->p);
    assert_int_equal(csig_session_send(r->s[i], body->p + body->len, need, &len), CSIG_OK);
    assert_int_equal(csig_envelope_address(body->p + body->len, len, id, &from, &to), CSIG_OK);
    if (r->lie != NULL) r->lie(r, i, body->p + body->len, len);
    give(r, body->p + body->len, len, i);
    if (to == TO_ALL || to == SERVER) body->len += len;
    return true;
}

octets run_collect(run *r)
{
    octets body = {NULL, 0};
    bool sent = true;

    settle(r);
    while (sent) {
        sent = false;
        for (size_t i = 0; i < r->n; i++)
            sent = one_is_sent(r, i, &body) || sent;
    }
    return body;
}

http_reply run_put_as(const daemon_process *d, const run *r, unsigned n, const octets *body)
{
    char path[128];

    snprintf(path, sizeof path, "/v1/sessions/%s/rounds/%u", r->session, n);
    return http_call(d, "PUT", path, "application/octet-stream", body->p, body->len);
}

http_reply run_put(const daemon_process *d, const run *r, const octets *body)
{
    return run_put_as(d, r, r->next, body);
}

void run_take(run *r, http_reply *reply)
{
    if (reply->status != 200)
        fail_msg("round %u: %ld %s", r->next, reply->status,
                 reply->body != NULL ? (const char *)reply->body : "");
    for (size_t at = 0; at < reply->len;) {
        size_t len;

        assert_int_equal(csig_envelope_length(reply->body + at, reply->len - at, &len), CSIG_OK);
        give(r, reply->body + at, len, SIZE_MAX);
        at += len;
    }
    r->done = strcmp(reply->session, "done") == 0;
    r->next++;
    http_free(reply);
}

void run_step(const daemon_process *d, run *r)
{
    octets body = run_collect(r);
    http_reply reply = run_put(d, r, &body);

    octets_free(&body);
    run_take(r, &reply);
}

void run_finish(const daemon_process *d, run *r)
{
    while (!r->done && r->next < 20)
        run_step(d, r);
    assert_true(r->done);
    for (size_t i = 0; i < r->n; i++)
        assert_int_equal(csig_session_phase(r->s[i]), CSIG_DONE);
}

void run_free(run *r)
{
    for (size_t i = 0; i < r->n; i++) {
        csig_session_free(r->s[i]);
        csig_presig_free(r->half[i]);
    }
    for (size_t i = 0; i < 4; i++)
        csig_share_free(r->staged[i]);
    memset(r, 0, sizeof *r);
}

/* --- signatures --- */

/* The deprecated calls of OpenSSL 3 are the short ones; they are not the code under test. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

void openssl_check(const csig_signature *signature, const uint8_t digest[32])
{
    EC_KEY *key = EC_KEY_new_by_curve_name(NID_secp256k1);
    EC_POINT *point = EC_POINT_new(EC_KEY_get0_group(key));
    ECDSA_SIG *sig = ECDSA_SIG_new();

    assert_int_equal(EC_POINT_oct2point(EC_KEY_get0_group(key), point, signature->public_key,
                                        CSIG_PUBKEY_BYTES, NULL),
                     1);
    assert_int_equal(EC_KEY_set_public_key(key, point), 1);
    assert_int_equal(
        ECDSA_SIG_set0(sig, BN_bin2bn(signature->r, 32, NULL), BN_bin2bn(signature->s, 32, NULL)),
        1);
    assert_int_equal(ECDSA_do_verify(digest, 32, sig, key), 1);
    assert_true(signature->s[0] < 0x80); /* low s */
    ECDSA_SIG_free(sig);
    EC_POINT_free(point);
    EC_KEY_free(key);
}

void run_check_signature(const run *r, const wallet *w, const char *path, const uint8_t digest[32])
{
    uint8_t child[CSIG_PUBKEY_BYTES];
    uint32_t indices[CSIG_PATH_MAX];
    size_t depth = 0;
    csig_signature sig;

    for (const char *p = strchr(path, '/'); p != NULL; p = strchr(p + 1, '/'))
        indices[depth++] = (uint32_t)strtoul(p + 1, NULL, 10);
    assert_int_equal(csig_share_child(w->share[0], indices, depth, child, NULL), CSIG_OK);
    assert_int_equal(csig_sign_signature(r->s[0], &sig), CSIG_OK);
    assert_memory_equal(sig.public_key, child, sizeof child);
    openssl_check(&sig, digest);
}

bool request_is_signed(const daemon_process *d, const char *request, const uint8_t digest[32],
                       csig_signature *signature)
{
    json_t *shown, *sig;
    char path[128];
    bool is_signed;

    snprintf(path, sizeof path, "/v1/requests/%s", request);
    shown = call_json(d, 200, "GET", path, NULL);
    is_signed = strcmp(text_of(shown, "state"), "signed") == 0;
    sig = json_object_get(shown, "signature");
    assert_int_equal(sig != NULL, is_signed);
    if (is_signed) {
        hex_of(json_object_get(sig, "r"), signature->r, 32);
        hex_of(json_object_get(sig, "s"), signature->s, 32);
        hex_of(json_object_get(sig, "public_key"), signature->public_key, CSIG_PUBKEY_BYTES);
        signature->recovery_id = (uint8_t)json_integer_value(json_object_get(sig, "recid"));
        openssl_check(signature, digest);
        assert_int_equal(csig_signature_verify(signature, digest), CSIG_OK);
    }
    json_decref(shown);
    return is_signed;
}
