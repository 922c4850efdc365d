/* What refresh and resharing hash, item by item: the session id with everything of both epochs, the
 * pad of the chain code, what the staged shares must sign. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "keygen/refresh.h"
#include "support/deal.h"

#define N 3

static csig_identity *id[N], *next;
static csig_share *share[N];
static uint8_t ids[2][CSIG_ID_BYTES], ek[32];

static int setup(void **state)
{
    const uint8_t dk[32] = {5};

    (void)state;
    deal_identities(id, N);
    deal_shares(share, id, 2, N);
    csig_escrow_key_public(ek, dk);
    return csig_identity_new(&next) == CSIG_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < N; i++)
        csig_share_free(share[i]), csig_identity_free(id[i]);
    csig_identity_free(next);
    return 0;
}

static void add_current(csig_ssid *ssid, const csig_share *now)
{
    uint8_t pk[33], all[N][CSIG_ID_BYTES];

    csig_point_to_bytes(pk, &now->pk);
    for (int i = 0; i < N; i++)
        csig_identity_public(id[i], all[i]);
    csig_ssid_begin(ssid, CSIG_LABEL_SSID_REFRESH);
    csig_ssid_add(ssid, "purpose", "ecdsa-secp256k1", 15);
    csig_ssid_add(ssid, "key_id", now->key_id, 32);
    csig_ssid_add(ssid, "public_key", pk, sizeof pk);
    csig_ssid_add_u64(ssid, "signers_required", 2);
    csig_ssid_add_u64(ssid, "parties", N);
    csig_ssid_add(ssid, "identities", all, sizeof all);
    csig_ssid_add(ssid, "chain_code", now->cc_hash, 32);
    csig_ssid_add_u64(ssid, "epoch", now->epoch);
    csig_ssid_add_u64(ssid, "epoch_attempt", now->attempt);
    csig_ssid_add(ssid, "epoch_state", now->epoch_state, 32);
}

static void expect_id(csig_session *s, const csig_ssid *ssid)
{
    uint8_t got[32];

    csig_session_id(s, got);
    assert_memory_equal(got, ssid->id, sizeof got);
    csig_session_free(s);
}

static void the_session_of_a_refresh(void **state)
{
    static const uint16_t online[] = {1, 3}, two = 2;
    static const uint8_t members[] = {1, 1, 1, 3, 3, 3};
    uint8_t nonces[64], keys[34] = {0, 2}, all[N][CSIG_ID_BYTES];
    csig_session *s;
    csig_ssid ssid;

    (void)state;
    memset(nonces, 9, sizeof nonces), memcpy(keys + 2, ek, 32);
    for (int i = 0; i < N; i++)
        csig_identity_public(id[i], all[i]);
    const csig_refresh_params p = {.identity = id[0],
                                   .share = share[0],
                                   .indices = online,
                                   .count = 2,
                                   .nonces = nonces,
                                   .recovery = {&two, ek, 1},
                                   .attempt = 4,
                                   .commits = 3};

    assert_int_equal(csig_refresh_session(&s, &p), CSIG_OK);
    add_current(&ssid, share[0]);
    csig_ssid_add_u64(&ssid, "attempt", 4);
    csig_ssid_add(&ssid, "members", members, sizeof members);
    csig_ssid_add_u64(&ssid, "next_signers_required", 2);
    csig_ssid_add_u64(&ssid, "next_parties", N);
    csig_ssid_add(&ssid, "next_identities", all, sizeof all);
    csig_ssid_add(&ssid, "recovery_keys", keys, sizeof keys);
    csig_ssid_add_u64(&ssid, "committer", 3);
    csig_ssid_add(&ssid, "nonces", nonces, sizeof nonces);
    csig_ssid_end(&ssid);
    expect_id(s, &ssid);
}

/* Who joins makes the same from the public state alone. */
static void the_session_of_a_resharing(void **state)
{
    static const uint8_t members[] = {1, 1, 0, 2, 3, 2, 3, 0, 1};
    csig_reshare_member member[] = {{1, 0, {1}}, {3, 2, {2}}, {0, 1, {3}}};
    uint8_t nonces[96] = {1, [32] = 2, [64] = 3}, epoch[CSIG_EPOCH_BYTES];
    csig_session *s;
    csig_ssid ssid;

    (void)state;
    csig_identity_public(next, ids[0]), csig_identity_public(id[2], ids[1]);
    assert_int_equal(csig_share_epoch(share[1], epoch), CSIG_OK);
    add_current(&ssid, share[0]);
    csig_ssid_add_u64(&ssid, "attempt", 7);
    csig_ssid_add(&ssid, "members", members, sizeof members);
    csig_ssid_add_u64(&ssid, "next_signers_required", 2);
    csig_ssid_add_u64(&ssid, "next_parties", 2);
    csig_ssid_add(&ssid, "next_identities", ids, sizeof ids);
    csig_ssid_add(&ssid, "recovery_keys", NULL, 0);
    csig_ssid_add_u64(&ssid, "committer", 2);
    csig_ssid_add(&ssid, "nonces", nonces, sizeof nonces);
    csig_ssid_end(&ssid);
    for (uint16_t self = 1; self <= 3; self++) {
        const csig_identity *own[] = {id[0], id[2], next};
        const csig_share *shares[] = {share[0], share[2], NULL};
        const csig_reshare_params p = {.identity = own[self - 1],
                                       .share = shares[self - 1],
                                       .epoch = epoch,
                                       .members = member,
                                       .count = 3,
                                       .self = self,
                                       .signers_required = 2,
                                       .parties = 2,
                                       .identities = ids[0],
                                       .attempt = 7,
                                       .commits = 2};

        assert_int_equal(csig_reshare_session(&s, &p), CSIG_OK);
        expect_id(s, &ssid);
    }
}

static void the_pad_of_the_chain_code(void **state)
{
    static const csig_run run = {.n = 3, .index = {1, 4, 6}, .ssid = {7}};
    const uint8_t dh[64] = {9};
    uint8_t pad[32], expected[32];
    csig_transcript t;

    (void)state;
    csig_refresh_pad(pad, &run, 2, 1, dh);
    csig_transcript_init(&t, CSIG_LABEL_REFRESH_CC);
    csig_transcript_bytes(&t, run.ssid, CSIG_SSID_BYTES);
    csig_transcript_party(&t, 6), csig_transcript_party(&t, 4);
    csig_transcript_bytes(&t, dh, sizeof dh);
    csig_transcript_hash32(&t, expected);
    assert_memory_equal(pad, expected, sizeof pad);
}

static void what_the_staged_shares_sign(void **state)
{
    static csig_refresh_open open = {.output = {3}};
    static csig_run run = {.ssid = {7}, .open = &open};
    uint8_t digest[32], expected[32];
    csig_transcript t;

    (void)state;
    csig_refresh_digest(digest, &run);
    csig_transcript_init(&t, CSIG_LABEL_REFRESH_TEST);
    csig_transcript_bytes(&t, run.ssid, CSIG_SSID_BYTES);
    csig_transcript_bytes(&t, open.output, CSIG_HASH_BYTES);
    csig_transcript_hash32(&t, expected);
    assert_memory_equal(digest, expected, sizeof digest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_session_of_a_refresh),
        cmocka_unit_test(the_session_of_a_resharing),
        cmocka_unit_test(the_pad_of_the_chain_code),
        cmocka_unit_test(what_the_staged_shares_sign),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
