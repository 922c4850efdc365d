/* What key generation and the auxiliary session hash, item by item: session, party and everything
 * else that protocol.md 2.1, 4.2 and 7.5 bind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "keygen/auxinfo.h"
#include "keygen/keygen.h"
#include "share/device.h"
#include "support/dealer.h"

static csig_keygen_secret secret;
static csig_run run = {.n = 3, .self = 0, .index = {1, 2, 3}, .secret = &secret};

static int setup(void **state)
{
    (void)state;
    memset(run.ssid, 0x5a, sizeof run.ssid);
    return 0;
}

static void expect_hash(const csig_transcript *t, const uint8_t *got, size_t len)
{
    uint8_t hash[CSIG_HASH_BYTES];

    csig_transcript_hash(t, hash);
    assert_memory_equal(got, hash, len);
}

static void begin(csig_transcript *t, csig_label label)
{
    csig_transcript_init(t, label);
    csig_transcript_bytes(t, run.ssid, CSIG_SSID_BYTES);
}

static void a_part_of_the_chain_code(void **state)
{
    const uint8_t cc[32] = {7};
    csig_transcript t;
    uint8_t hash[32];

    (void)state;
    csig_keygen_cc_hash(hash, &run, 1, cc);
    begin(&t, CSIG_LABEL_CHAIN_CODE_SHARE);
    csig_transcript_party(&t, 2);
    csig_transcript_bytes(&t, cc, sizeof cc);
    expect_hash(&t, hash, sizeof hash);
}

static void the_mask_of_a_sub_share(void **state)
{
    const uint8_t dh[64] = {9};
    uint8_t hash[CSIG_HASH_BYTES];
    csig_scalar mask, expected;
    csig_transcript t;

    (void)state;
    csig_keygen_mask(&mask, &run, 2, 0, dh);
    begin(&t, CSIG_LABEL_KG_MASK);
    csig_transcript_party(&t, 3); /* from, to */
    csig_transcript_party(&t, 1);
    csig_transcript_bytes(&t, dh, sizeof dh);
    csig_transcript_hash(&t, hash);
    csig_scalar_from_bytes(&expected, hash, sizeof hash);
    assert_true(csig_scalar_is_eq(&mask, &expected));
}

static void the_pad_of_a_part_of_the_chain_code(void **state)
{
    const uint8_t dh[64] = {9};
    csig_transcript t;
    uint8_t pad[32];

    (void)state;
    csig_keygen_pad(pad, &run, 2, 0, dh);
    begin(&t, CSIG_LABEL_KG_CC);
    csig_transcript_party(&t, 3); /* from, to */
    csig_transcript_party(&t, 1);
    csig_transcript_bytes(&t, dh, sizeof dh);
    expect_hash(&t, pad, sizeof pad);
}

/* (ssid, i, rid, PK, all X), then the statement. */
static void the_proof_of_a_share(void **state)
{
    dealer *d = dealer_new(2, 3, false);
    uint8_t hash[CSIG_HASH_BYTES];
    csig_transcript t, got;

    (void)state;
    secret.share = *d->share[0];
    memset(secret.share.rid, 3, sizeof secret.share.rid);
    csig_keygen_sch_transcript(&got, &run, 1);
    begin(&t, CSIG_LABEL_ZK_SCH_SHARE);
    csig_transcript_party(&t, 2);
    csig_transcript_party(&t, CSIG_TO_ALL);
    csig_transcript_bytes(&t, secret.share.rid, 32);
    csig_transcript_point(&t, &secret.share.pk);
    csig_transcript_list(&t, 3);
    for (int j = 0; j < 3; j++)
        csig_transcript_point(&t, &secret.share.X[j]);
    csig_transcript_hash(&got, hash);
    expect_hash(&t, hash, sizeof hash);
    dealer_free(d);
}

static void the_birth(void **state)
{
    const uint8_t output[CSIG_HASH_BYTES] = {4};
    uint8_t hash[CSIG_HASH_BYTES];
    csig_transcript t, got;

    (void)state;
    memset(secret.share.key_id, 8, sizeof secret.share.key_id);
    csig_share_commit_transcript(&got, &secret.share, 2, output);
    csig_transcript_init(&t, CSIG_LABEL_COMMIT);
    csig_transcript_bytes(&t, secret.share.key_id, CSIG_KEY_ID_BYTES);
    csig_transcript_bytes(&t, output, sizeof output);
    csig_transcript_party(&t, 2);
    csig_transcript_hash(&got, hash);
    expect_hash(&t, hash, sizeof hash);
}

static void the_session_of_key_generation(void **state)
{
    uint8_t ids[2 * CSIG_ID_BYTES], parties[2 * (2 + CSIG_ID_BYTES)] = {0}, nonces[64], id[32];
    csig_identity *identity;
    csig_session *s;
    csig_ssid ssid;

    (void)state;
    assert_int_equal(csig_identity_new(&identity), CSIG_OK);
    csig_identity_public(identity, ids);
    memset(ids + CSIG_ID_BYTES, 6, CSIG_ID_BYTES);
    memset(nonces, 5, sizeof nonces);
    const csig_keygen_params p = {.identity = identity,
                                  .signers_required = 2,
                                  .parties = 2,
                                  .self = 1,
                                  .commits = 2,
                                  .identities = ids,
                                  .nonces = nonces};

    assert_int_equal(csig_keygen_session(&s, &p), CSIG_OK);
    csig_session_id(s, id);
    for (size_t i = 0; i < 2; i++) {
        parties[i * (2 + CSIG_ID_BYTES) + 1] = (uint8_t)(i + 1);
        memcpy(parties + i * (2 + CSIG_ID_BYTES) + 2, ids + i * CSIG_ID_BYTES, CSIG_ID_BYTES);
    }
    csig_ssid_begin(&ssid, CSIG_LABEL_SSID_KEYGEN);
    csig_ssid_add(&ssid, "purpose", "ecdsa-secp256k1", 15);
    csig_ssid_add_u64(&ssid, "signers_required", 2);
    csig_ssid_add_u64(&ssid, "parties", 2);
    csig_ssid_add(&ssid, "identities", parties, sizeof parties);
    csig_ssid_add_u64(&ssid, "committer", 2);
    csig_ssid_add(&ssid, "nonces", nonces, sizeof nonces);
    csig_ssid_end(&ssid);
    assert_memory_equal(id, ssid.id, sizeof id);
    csig_session_free(s);
    csig_identity_free(identity);
}

static void the_session_of_two_devices(void **state)
{
    dealer *d = dealer_new(2, 2, false);
    csig_aux_params p = {.identity = d->id[1], .aux = d->aux[1], .moves_last = 1};
    uint8_t second[CSIG_ID_BYTES], id[32];
    csig_session *s;
    csig_ssid ssid;

    (void)state;
    csig_identity_public(d->id[0], p.peer);
    csig_identity_public(d->id[1], second);
    memset(p.nonce_first, 1, sizeof p.nonce_first);
    memset(p.nonce_second, 2, sizeof p.nonce_second);
    assert_int_equal(csig_aux_session(&s, &p), CSIG_OK);
    csig_session_id(s, id);
    csig_ssid_begin(&ssid, CSIG_LABEL_SSID_AUX);
    csig_ssid_add(&ssid, "first", p.peer, sizeof p.peer);
    csig_ssid_add(&ssid, "second", second, sizeof second);
    csig_ssid_add(&ssid, "nonce_first", p.nonce_first, sizeof p.nonce_first);
    csig_ssid_add(&ssid, "nonce_second", p.nonce_second, sizeof p.nonce_second);
    csig_ssid_end(&ssid);
    assert_memory_equal(id, ssid.id, sizeof id);
    csig_session_free(s);
    dealer_free(d);
}

static void the_pair(void **state)
{
    static csig_auxinfo st;
    static csig_aux ours;
    csig_run pair = {.n = 2, .self = 1, .index = {1, 2}, .open = &st};
    uint8_t hash[CSIG_HASH_BYTES], ssid[CSIG_SSID_BYTES], same[CSIG_SSID_BYTES];
    csig_transcript t, got;

    (void)state;
    st.ours = &ours;
    memset(pair.ssid, 0x5a, sizeof pair.ssid);
    memset(ours.pub.id, 1, sizeof ours.pub.id);
    memset(ours.pub.owner, 2, sizeof ours.pub.owner);
    memset(st.peer.pub.id, 3, sizeof st.peer.pub.id);
    memset(st.peer.pub.owner, 4, sizeof st.peer.pub.owner);

    csig_auxinfo_pair_hash(hash, &pair);
    begin(&t, CSIG_LABEL_ACK);
    csig_transcript_bytes(&t, st.peer.pub.id, CSIG_AUX_ID_BYTES); /* position 0 */
    csig_transcript_bytes(&t, ours.pub.id, CSIG_AUX_ID_BYTES);
    expect_hash(&t, hash, sizeof hash);

    /* Pi-fac: the prover first, in the ssid too */
    csig_transcript_init(&t, CSIG_LABEL_AUX_PAIR);
    csig_transcript_bytes(&t, ours.pub.id, CSIG_AUX_ID_BYTES);
    csig_transcript_bytes(&t, st.peer.pub.id, CSIG_AUX_ID_BYTES);
    csig_transcript_hash32(&t, same);
    csig_aux_pair_ssid(ssid, ours.pub.id, st.peer.pub.id);
    assert_memory_equal(ssid, same, sizeof ssid);
    csig_auxinfo_fac_transcript(&got, &ours.pub, &st.peer.pub);
    csig_transcript_init(&t, CSIG_LABEL_ZK_FAC);
    csig_transcript_bytes(&t, ssid, sizeof ssid);
    csig_transcript_bytes(&t, ours.pub.owner, CSIG_ID_BYTES);
    csig_transcript_bytes(&t, st.peer.pub.owner, CSIG_ID_BYTES);
    csig_transcript_hash(&got, hash);
    expect_hash(&t, hash, sizeof hash);
}

static void a_device_generation(void **state)
{
    dealer *d = dealer_new(2, 2, false);
    csig_aux_pub pub = d->aux[0]->pub;
    csig_transcript t;

    (void)state;
    csig_aux_pub_id(&pub);
    csig_transcript_init(&t, CSIG_LABEL_AUX_ID);
    csig_transcript_u32(&t, CSIG_FORMAT_VERSION);
    csig_transcript_u32(&t, CSIG_LEVEL);
    csig_transcript_bytes(&t, pub.owner, sizeof pub.owner);
    csig_transcript_u64(&t, pub.generation);
    csig_transcript_nat(&t, &pub.n, CSIG_N_BYTES);
    csig_transcript_nat(&t, &pub.n_hat, CSIG_N_BYTES);
    csig_transcript_nat(&t, &pub.s, CSIG_N_BYTES);
    csig_transcript_nat(&t, &pub.t, CSIG_N_BYTES);
    expect_hash(&t, pub.id, sizeof pub.id);
    dealer_free(d);
}

/* Whoever signs a birth has an index that the key has. */
static void births_by_nobody_are_refused(void **state)
{
    dealer *d = dealer_new(2, 3, false);
    csig_share *share = d->share[0];
    uint8_t output[CSIG_HASH_BYTES], signature[CSIG_ED_SIG_BYTES];
    csig_transcript t;

    (void)state;
    /* behind the last: a key, and its good signature */
    memcpy(share->identity[3], d->id[2]->key.id, CSIG_ID_BYTES);
    csig_share_public_hash(share, output);
    for (uint16_t commits = 3; commits <= 4; commits++) {
        csig_share_commit_transcript(&t, share, commits, output);
        csig_ed_sign(signature, &d->id[2]->key, &t);
        assert_int_equal(csig_keygen_commit_verify(share, commits, signature),
                         commits == 3 ? CSIG_OK : CSIG_E_SIGNATURE);
    }
    assert_int_equal(csig_keygen_commit_verify(share, 0, signature), CSIG_E_SIGNATURE);
    dealer_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_of_the_chain_code),
        cmocka_unit_test(the_mask_of_a_sub_share),
        cmocka_unit_test(the_pad_of_a_part_of_the_chain_code),
        cmocka_unit_test(the_proof_of_a_share),
        cmocka_unit_test(the_birth),
        cmocka_unit_test(births_by_nobody_are_refused),
        cmocka_unit_test(the_session_of_key_generation),
        cmocka_unit_test(the_session_of_two_devices),
        cmocka_unit_test(the_pair),
        cmocka_unit_test(a_device_generation),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
