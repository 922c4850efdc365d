#include "proto/signing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "countersign/evidence.h"
#include "proto/state.h"
#include "support/openssl.h"

void signing_refresh(signing *g)
{
    randombytes_buf(g->nonces, sizeof g->nonces);
}

void signing_init(signing *g, dealer *d, const uint16_t *index)
{
    memset(g, 0, sizeof *g);
    g->d = d;
    g->count = d->t;
    memcpy(g->index, index, d->t * sizeof index[0]);
    signing_refresh(g);
    for (uint16_t i = 0; i < g->count; i++) {
        const uint16_t me = (uint16_t)(index[i] - 1);

        for (uint16_t j = 0; j < g->count; j++)
            g->peers[i][j] = d->peer[me][index[j] - 1];
        g->signers[i] = (csig_signers){
            .identity = d->id[me],
            .share = d->share[me],
            .aux = d->aux[me],
            .indices = g->index,
            .peers = g->peers[i],
            .nonces = g->nonces[0],
            .count = g->count,
            .moves_last = i + 1 == g->count,
        };
    }
}

void signing_close(signing *g)
{
    for (uint16_t i = 0; i < g->count; i++) {
        csig_session_free(g->s[i]);
        g->s[i] = NULL;
    }
    net_free(g->net);
    g->net = NULL;
}

void signing_drop(signing *g)
{
    for (uint16_t i = 0; i < g->count; i++) {
        csig_presig_free(g->half[i]);
        g->half[i] = NULL;
    }
}

void signing_free(signing *g)
{
    signing_close(g);
    signing_drop(g);
}

csig_intent signing_intent(uint64_t number, const uint32_t *path, size_t depth)
{
    csig_intent intent = {.type = "digest", .path = path, .depth = depth};
    uint8_t hash[CSIG_HASH_BYTES], le[8];

    for (int i = 0; i < 8; i++)
        le[i] = (uint8_t)(number >> (8 * i));
    crypto_hash_sha512(hash, le, sizeof le);
    memcpy(intent.digest, hash, sizeof intent.digest);
    memcpy(intent.request_id, hash + 32, sizeof intent.request_id);
    return intent;
}

/* A cheating party's: the door would not know it. */
static bool is_own_table(const csig_protocol *p)
{
    return p != &csig_presign_protocol && p != &csig_online_protocol;
}

static csig_err store(void *ctx, uint16_t position, csig_session *s)
{
    signing *g = ctx;
    uint8_t reply[1024];
    size_t len = sizeof reply;

    if (g->never_stores >> position & 1) return CSIG_E_HOST;
    if (is_own_table(csig_session_run(s)->protocol)) return CSIG_OK;
    if (g->half[position] == NULL && csig_presign_result(s, &g->half[position]) == CSIG_OK) {
        csig_presig *again;

        assert_int_equal(csig_presign_result(s, &again), CSIG_E_USED);
        assert_null(again);
        return CSIG_OK;
    }
    assert_int_equal(csig_online_reply(s, reply, &len), CSIG_OK);
    assert_true(len > 0);
    g->replies[position]++;
    return CSIG_OK;
}

static void connect_all(signing *g)
{
    g->net = net_new(g->s, g->count, randombytes_random());
    g->net->store = store;
    g->net->store_ctx = g;
}

void signing_sign(signing *g, const csig_intent *intent, uint16_t collector,
                  const csig_protocol *const *protocol)
{
    for (uint16_t i = 0; i < g->count; i++) {
        const csig_protocol *p = protocol == NULL ? &csig_sign_protocol : protocol[i];

        assert_int_equal(csig_sign_open_session(&g->s[i], p, &g->signers[i], intent, collector),
                         CSIG_OK);
    }
    connect_all(g);
}

void signing_presign(signing *g, uint16_t assigner, uint32_t number,
                     const csig_protocol *const *protocol)
{
    for (uint16_t i = 0; i < g->count; i++) {
        const csig_protocol *p = protocol == NULL ? &csig_presign_protocol : protocol[i];

        assert_int_equal(csig_presign_open_session(&g->s[i], p, &g->signers[i], assigner, number),
                         CSIG_OK);
    }
    connect_all(g);
}

void signing_online(signing *g, const csig_intent *intent, const csig_protocol *const *protocol)
{
    for (uint16_t i = 0; i < g->count; i++) {
        const csig_protocol *p = protocol == NULL ? &csig_online_protocol : protocol[i];

        assert_int_equal(csig_online_open_session(&g->s[i], p, &g->signers[i], &g->half[i], intent),
                         CSIG_OK);
        assert_null(g->half[i]);
    }
    connect_all(g);
}

void signing_run(signing *g)
{
    net_run(g->net);
}

/* --- what came of it --- */

void signing_expect_signature(signing *g, const csig_intent *intent)
{
    signing_expect_signature_but(g, intent, g->count);
}

void signing_expect_signature_but(signing *g, const csig_intent *intent, uint16_t position)
{
    csig_signature first = {0};
    bool has_first = false;
    uint8_t child[CSIG_PUBKEY_BYTES];

    assert_int_equal(csig_share_child(g->d->share[0], intent->path, intent->depth, child, NULL),
                     CSIG_OK);
    for (uint16_t i = 0; i < g->count; i++) {
        csig_signature sig;
        uint8_t der[72];
        size_t len;

        if (i == position) continue;
        assert_int_equal(csig_session_phase(g->s[i]), CSIG_DONE);
        assert_int_equal(csig_sign_signature(g->s[i], &sig), CSIG_OK);
        assert_memory_equal(sig.public_key, child, sizeof child);
        assert_int_equal(csig_signature_verify(&sig, intent->digest), CSIG_OK);
        assert_int_equal(csig_signature_der(&sig, der, &len), CSIG_OK);
        assert_true(openssl_verifies(sig.public_key, intent->digest, der, len));
        if (!has_first) first = sig;
        has_first = true;
        assert_memory_equal(&sig, &first, sizeof sig);
    }
}

void signing_expect_none(signing *g)
{
    static const csig_signature none;

    for (uint16_t i = 0; i < g->count; i++) {
        csig_signature sig;

        memset(&sig, 0xff, sizeof sig);
        assert_int_equal(csig_sign_signature(g->s[i], &sig), CSIG_E_STATE);
        assert_memory_equal(&sig, &none, sizeof sig);
    }
}

void signing_expect_failed(signing *g, uint16_t position, csig_err err, uint16_t culprit)
{
    csig_session *s = g->s[position];
    csig_blame blame;

    csig_session_blame(s, &blame);
    assert_int_equal(blame.err, err);
    assert_int_equal(csig_session_phase(s), CSIG_FAILED);
    assert_int_equal(blame.culprit, culprit < g->count ? g->index[culprit] : 0);
    assert_int_equal(csig_session_pending(s), 0);
    /* With two there is nobody to tell. */
    assert_int_equal(csig_session_is_telling(s),
                     csig_session_has_log(s) && csig_err_class(err) == CSIG_CLASS_CHEAT);
    if (g->count == 2) assert_false(csig_session_is_telling(s));
    for (size_t i = 0; i < s->secrets_len; i++)
        assert_int_equal(((const uint8_t *)s->secrets)[i], 0);
}
