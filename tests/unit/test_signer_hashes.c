/* What signing hashes, item by item: the ids of its three kinds of sessions (protocol.md 7.1), a
 * presignature's name and commitment, and what the nonce point depends on (7.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "signer/online.h"
#include "signer/sign.h"
#include "support/dealer.h"
#include "support/halves.h"
#include "support/random.h"

static const uint16_t indices[] = {1, 3};
static const uint32_t path[] = {44, 7};
static const uint8_t path_octets[] = {0, 0, 0, 44, 0, 0, 0, 7};

/* The signers {1, 3} of three, seen by 1. */
static dealer *d;
static const csig_peer *peers[2];
static uint8_t nonces[2 * CSIG_NONCE_BYTES];
static csig_signers q;
static csig_intent intent;

static int setup(void **state)
{
    (void)state;
    random_seed(38);
    d = dealer_new(2, 3, false);
    peers[1] = d->peer[0][2];
    randombytes_buf(nonces, sizeof nonces);
    q = (csig_signers){.identity = d->id[0],
                       .share = d->share[0],
                       .aux = d->aux[0],
                       .indices = indices,
                       .peers = peers,
                       .nonces = nonces,
                       .count = 2,
                       .moves_last = 1}; /* nothing is made yet */
    intent = (csig_intent){.type = "digest", .input = 9, .path = path, .depth = 2};
    memset(intent.digest, 3, sizeof intent.digest);
    memset(intent.request_id, 4, sizeof intent.request_id);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dealer_free(d);
    return 0;
}

static void text(csig_ssid *ssid, const char *name, const char *value)
{
    csig_ssid_add(ssid, name, value, strlen(value));
}

static void u64(uint8_t out[8], uint64_t v)
{
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(v >> (56 - 8 * i));
}

/* version, level and curve, then these */
static void common(csig_ssid *ssid, const char *mode, const char *leader, uint64_t index)
{
    const csig_share *share = d->share[0];
    uint8_t epoch[48], point[33], X[3][33], signers[2][34] = {{0, 1}, {0, 3}};

    u64(epoch, share->epoch);
    u64(epoch + 8, share->attempt);
    memcpy(epoch + 16, share->epoch_state, 32);
    csig_point_to_bytes(point, &share->pk);
    for (int i = 0; i < 3; i++)
        csig_point_to_bytes(X[i], &share->X[i]);
    memcpy(signers[0] + 2, share->identity[0], 32);
    memcpy(signers[1] + 2, share->identity[2], 32);
    csig_ssid_begin(ssid, CSIG_LABEL_SSID_SIGN);
    text(ssid, "purpose", "ecdsa-secp256k1");
    text(ssid, "mode", mode);
    csig_ssid_add_u64(ssid, leader, index);
    csig_ssid_add(ssid, "key", share->key_id, 32);
    csig_ssid_add_u64(ssid, "signers required", 2);
    csig_ssid_add_u64(ssid, "parties", 3);
    csig_ssid_add(ssid, "epoch", epoch, sizeof epoch);
    csig_ssid_add(ssid, "public key", point, sizeof point);
    csig_ssid_add(ssid, "public shares", X, sizeof X);
    csig_ssid_add(ssid, "chain code", share->cc_hash, 32);
    csig_ssid_add(ssid, "signers", signers, sizeof signers);
}

static void with_aux(csig_ssid *ssid)
{
    uint8_t ids[2][CSIG_AUX_ID_BYTES];

    memcpy(ids[0], d->aux[0]->pub.id, sizeof ids[0]);
    memcpy(ids[1], peers[1]->pub.id, sizeof ids[1]);
    csig_ssid_add(ssid, "auxiliary info", ids, sizeof ids);
    csig_ssid_add(ssid, "nonces", nonces, sizeof nonces);
}

static void with_intent(csig_ssid *ssid)
{
    csig_ssid_add(ssid, "path", path_octets, sizeof path_octets);
    text(ssid, "type", "digest");
    csig_ssid_add(ssid, "digest", intent.digest, 32);
    csig_ssid_add(ssid, "request", intent.request_id, 32);
    csig_ssid_add_u64(ssid, "input", 9);
}

static void expect_id(csig_session *s, csig_ssid *ssid)
{
    uint8_t id[32];

    csig_session_id(s, id);
    csig_ssid_end(ssid);
    assert_memory_equal(id, ssid->id, sizeof id);
}

static void a_session_of_full_signing(void **state)
{
    csig_session *s;
    csig_ssid ssid;

    (void)state;
    assert_int_equal(csig_sign_session(&s, &q, &intent, 3), CSIG_OK);
    common(&ssid, "full", "collector", 3);
    with_aux(&ssid);
    with_intent(&ssid);
    expect_id(s, &ssid);
    csig_session_free(s);
}

static void a_session_of_presigning(void **state)
{
    csig_session *s;
    csig_ssid ssid;

    (void)state;
    assert_int_equal(csig_presign_session(&s, &q, 3, 12), CSIG_OK);
    common(&ssid, "presign", "assigner", 3);
    with_aux(&ssid);
    text(&ssid, "path", "unbound");
    text(&ssid, "type", "unbound");
    text(&ssid, "digest", "unbound");
    csig_ssid_add_u64(&ssid, "number", 12);
    expect_id(s, &ssid);
    csig_session_free(s);
}

/* A half for the signers of q, as presigning would leave it. */
static csig_presig *half_of(const halves *h)
{
    csig_presig *half = NULL;
    uint8_t octets[8192];
    const csig_sealer sealer = csig_sealer_from_key(nonces);
    csig_presig made = h->half[0];
    size_t len = sizeof octets;

    made.index[0] = 1, made.index[1] = 3;
    made.assigner = 1;
    memcpy(made.key_id, d->share[0]->key_id, sizeof made.key_id);
    made.epoch = d->share[0]->epoch;
    made.attempt = d->share[0]->attempt;
    memcpy(made.epoch_state, d->share[0]->epoch_state, sizeof made.epoch_state);
    csig_presig_name(&made);
    made.magic = CSIG_PRESIG_MAGIC;
    assert_int_equal(csig_presig_export(&made, &sealer, octets, &len), CSIG_OK);
    assert_int_equal(csig_presig_import(&half, &sealer, octets, len), CSIG_OK);
    return half;
}

static void public_part(csig_transcript *t, const csig_presig *half)
{
    csig_transcript_bytes(t, half->key_id, 32);
    csig_transcript_u64(t, half->epoch);
    csig_transcript_u64(t, half->attempt);
    csig_transcript_bytes(t, half->epoch_state, 32);
}

static void a_presignature(void **state)
{
    uint8_t hash[CSIG_HASH_BYTES], com[CSIG_HASH_BYTES];
    const uint8_t nonce[CSIG_NONCE_BYTES] = {6};
    csig_presig *half;
    csig_transcript t;
    csig_rng rng;
    halves h;

    (void)state;
    csig_rng_init(&rng, NULL, NULL);
    halves_deal(&h, 2, &rng);
    half = half_of(&h);
    csig_transcript_init(&t, CSIG_LABEL_PRESIG_ID);
    csig_transcript_bytes(&t, half->ssid, sizeof half->ssid);
    public_part(&t, half);
    csig_transcript_party(&t, 3); /* the assigner */
    csig_transcript_point(&t, &half->Gamma);
    csig_transcript_list(&t, 2);
    for (int j = 0; j < 2; j++) {
        csig_transcript_party(&t, indices[j]);
        csig_transcript_point(&t, &half->Delta[j]);
        csig_transcript_point(&t, &half->S[j]);
        csig_transcript_bytes(&t, half->com[j], CSIG_HASH_BYTES);
    }
    csig_transcript_hash(&t, hash);
    assert_memory_equal(half->id, hash, sizeof half->id);

    csig_presig_commit(com, half->ssid, 3, nonce);
    csig_transcript_init(&t, CSIG_LABEL_PRESIG_COM);
    csig_transcript_bytes(&t, half->ssid, sizeof half->ssid);
    csig_transcript_party(&t, 3);
    csig_transcript_bytes(&t, nonce, sizeof nonce);
    csig_transcript_hash(&t, hash);
    assert_memory_equal(com, hash, sizeof com);
    csig_presig_free(half);
}

/* rho but for the nonces, which the rounds add in order of position. */
static void the_use_of_a_presignature(void **state)
{
    uint8_t got[CSIG_HASH_BYTES], hash[CSIG_HASH_BYTES], child[33];
    csig_presig *half, seen;
    csig_transcript t;
    csig_session *s;
    csig_ssid ssid;
    csig_point pk;
    csig_rng rng;
    halves h;

    (void)state;
    csig_rng_init(&rng, NULL, NULL);
    halves_deal(&h, 2, &rng);
    half = half_of(&h);
    seen = *half;
    assert_int_equal(csig_online_session(&s, &q, &half, &intent), CSIG_OK);
    common(&ssid, "online", "assigner", 3);
    csig_ssid_add(&ssid, "presignature", seen.id, sizeof seen.id);
    with_intent(&ssid);
    expect_id(s, &ssid);

    assert_int_equal(csig_share_child(q.share, path, 2, child, NULL), CSIG_OK);
    assert_int_equal(csig_point_from_bytes(&pk, child), CSIG_OK);
    csig_transcript_init(&t, CSIG_LABEL_PRESIG_RERAND);
    csig_transcript_bytes(&t, seen.ssid, sizeof seen.ssid);
    csig_transcript_bytes(&t, seen.id, sizeof seen.id);
    public_part(&t, &seen);
    csig_transcript_point(&t, &seen.Gamma);
    csig_transcript_list(&t, 2);
    for (int j = 0; j < 2; j++) {
        csig_transcript_party(&t, indices[j]);
        csig_transcript_point(&t, &seen.Delta[j]);
        csig_transcript_point(&t, &seen.S[j]);
    }
    csig_transcript_point(&t, &pk);
    csig_transcript_list(&t, 2);
    csig_transcript_u32(&t, 44);
    csig_transcript_u32(&t, 7);
    csig_transcript_bytes(&t, "digest", 6);
    csig_transcript_bytes(&t, intent.digest, 32);
    csig_transcript_bytes(&t, intent.request_id, 32);
    csig_transcript_u32(&t, 9);
    csig_transcript_hash(&t, hash);
    csig_transcript_hash(&((const csig_online_open *)csig_session_run(s)->open)->intent, got);
    assert_memory_equal(got, hash, sizeof got);
    csig_session_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_of_full_signing),
        cmocka_unit_test(a_session_of_presigning),
        cmocka_unit_test(a_presignature),
        cmocka_unit_test(the_use_of_a_presignature),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
