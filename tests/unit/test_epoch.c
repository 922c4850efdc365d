/* The public state of an epoch: the same from every share, nothing secret in it, read strictly, and
 * enough to check a commit. */
#include "countersign/epoch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/deal.h"

#define T 3
#define N 5

static csig_identity *id[N];
static csig_share *share[N];
static uint8_t epoch[CSIG_EPOCH_BYTES];

static int setup(void **state)
{
    (void)state;
    deal_identities(id, N);
    deal_shares(share, id, T, N);
    return csig_share_epoch(share[0], epoch) == CSIG_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < N; i++)
        csig_share_free(share[i]), csig_identity_free(id[i]);
    return 0;
}

static bool has(const uint8_t *octets, size_t len, const uint8_t secret[32])
{
    for (size_t at = 0; at + 32 <= len; at++)
        if (memcmp(octets + at, secret, 32) == 0) return true;
    return false;
}

static void the_same_from_every_share(void **state)
{
    uint8_t other[CSIG_EPOCH_BYTES];

    (void)state;
    assert_int_equal(csig_wire_size(csig_share_public_wire), CSIG_EPOCH_BYTES);
    for (int i = 0; i < N; i++) {
        assert_int_equal(csig_share_epoch(share[i], other), CSIG_OK);
        assert_memory_equal(other, epoch, sizeof epoch);
        assert_false(has(epoch, sizeof epoch, share[i]->x.b));
    }
    assert_false(has(epoch, sizeof epoch, share[0]->cc));
    assert_true(has(epoch, sizeof epoch, share[0]->cc_hash));
}

static void what_it_says(void **state)
{
    uint8_t octets[CSIG_PUBKEY_BYTES], other[CSIG_PUBKEY_BYTES], identity[32], own[32];
    csig_share_info info, from_share;

    (void)state;
    csig_share_describe(share[0], &from_share);
    from_share.self = 0;
    memset(&info, 0, sizeof info);
    assert_int_equal(csig_epoch_describe(epoch, &info), CSIG_OK);
    assert_memory_equal(info.key_id, from_share.key_id, sizeof info.key_id);
    assert_memory_equal(info.public_key, from_share.public_key, sizeof info.public_key);
    assert_memory_equal(info.epoch_state, from_share.epoch_state, sizeof info.epoch_state);
    assert_true(info.signers_required == T && info.parties == N && info.self == 0);
    for (uint16_t i = 1; i <= N; i++) {
        assert_int_equal(csig_epoch_member(epoch, i, identity, octets), CSIG_OK);
        assert_int_equal(csig_share_public(share[0], i, other), CSIG_OK);
        assert_memory_equal(octets, other, sizeof octets);
        csig_identity_public(id[i - 1], own);
        assert_memory_equal(identity, own, sizeof own);
    }
    assert_int_equal(csig_epoch_member(epoch, 2, identity, NULL), CSIG_OK);
    assert_int_equal(csig_epoch_member(epoch, 0, identity, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_epoch_member(epoch, N + 1, identity, NULL), CSIG_E_ARGUMENT);
}

/* Whatever octet is another: no epoch; but the hash of the chain code and rid, which only the
 * commit covers. */
static void other_octets(void **state)
{
    static const csig_err front[] = {CSIG_E_KIND, CSIG_E_VERSION, CSIG_E_LEVEL};
    const size_t rid = 3 + 4 + 16 + 32, free_octets = 64;
    csig_share_info info;

    (void)state;
    for (size_t at = 0; at < sizeof epoch; at++) {
        uint8_t other[CSIG_EPOCH_BYTES];
        csig_err err = CSIG_E_FORMAT;

        if (at >= 100 && at % 7 != 0) continue;
        memcpy(other, epoch, sizeof other);
        other[at] ^= 4;
        if (at < 3) err = front[at];
        if (at >= rid && at < rid + free_octets) err = CSIG_OK;
        assert_int_equal(csig_epoch_describe(other, &info), err);
    }
}

static void commits(void **state)
{
    uint8_t signature[64], output[CSIG_HASH_BYTES], other[CSIG_EPOCH_BYTES];
    csig_transcript t;

    (void)state;
    csig_share_public_hash(share[0], output);
    csig_share_commit_transcript(&t, share[0], 2, output);
    csig_ed_sign(signature, &id[1]->key, &t);
    assert_int_equal(csig_epoch_commit_verify(epoch, 2, signature), CSIG_OK);
    for (uint16_t i = 0; i <= N + 1; i++)
        if (i != 2)
            assert_int_equal(csig_epoch_commit_verify(epoch, i, signature), CSIG_E_SIGNATURE);
    for (size_t at = 3 + 4 + 16 + 32; at < 3 + 4 + 16 + 96; at += 5) {
        memcpy(other, epoch, sizeof other);
        other[at] ^= 1;
        assert_int_equal(csig_epoch_commit_verify(other, 2, signature), CSIG_E_SIGNATURE);
    }
    other[0] ^= 1;
    assert_int_equal(csig_epoch_commit_verify(other, 2, signature), CSIG_E_KIND);
}

static void missing_pointers(void **state)
{
    uint8_t octets[64];
    csig_share_info info;

    (void)state;
    assert_int_equal(csig_share_epoch(NULL, epoch), CSIG_E_ARGUMENT);
    assert_int_equal(csig_share_epoch(share[0], NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_epoch_describe(NULL, &info), CSIG_E_ARGUMENT);
    assert_int_equal(csig_epoch_describe(epoch, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_epoch_member(NULL, 1, octets, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_epoch_member(epoch, 1, NULL, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_epoch_commit_verify(NULL, 1, octets), CSIG_E_ARGUMENT);
    assert_int_equal(csig_epoch_commit_verify(epoch, 1, NULL), CSIG_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_from_every_share),
        cmocka_unit_test(what_it_says),
        cmocka_unit_test(other_octets),
        cmocka_unit_test(commits),
        cmocka_unit_test(missing_pointers),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
