/* Recovery from outside: a key made by two for three, the third from its escrows alone. */
#include "hall.h"

#include <string.h>

static csig_identity *third;
static csig_recovery *key;
static uint8_t pub[CSIG_RECOVERY_KEY_BYTES];

static int setup(void **state)
{
    if (hall_open(state) != 0) return -1;
    if (csig_identity_new(&third) != CSIG_OK || csig_recovery_new(&key) != CSIG_OK) return -1;
    csig_recovery_public(key, pub);
    return 0;
}

static int teardown(void **state)
{
    csig_identity_free(third);
    csig_recovery_free(key);
    return hall_close(state);
}

static csig_keygen_params params(const hall *h, int device)
{
    static uint8_t identities[3][CSIG_IDENTITY_BYTES];
    static const uint16_t online[] = {1, 2}, index = 3;
    csig_keygen_params p = hall_keygen(h, device, 77);

    for (int i = 0; i < 2; i++)
        csig_identity_public(h->id[i], identities[i]);
    csig_identity_public(third, identities[2]);
    p.parties = 3;
    p.identities = identities[0];
    p.indices = online;
    p.count = 2;
    p.recovery = (csig_recovery_keys){&index, pub, 1};
    return p;
}

static void two_make_a_key_for_three(void **state)
{
    static uint8_t escrows[2][CSIG_ESCROW_BYTES], epoch[CSIG_EPOCH_BYTES];
    csig_recovery_case asked = {epoch, 3, pub, escrows[0], 2};
    uint8_t commit[64], id[CSIG_IDENTITY_BYTES], own[CSIG_IDENTITY_BYTES];
    csig_share *first, *recovered;
    csig_share_info info;
    csig_escrow_info escrow;
    csig_session *s[2];
    uint16_t culprit;

    for (int i = 0; i < 2; i++) {
        const csig_keygen_params p = params(*state, i);

        assert_int_equal(csig_keygen_session(&s[i], &p), CSIG_OK);
    }
    hall_run(s[0], s[1]);
    assert_int_equal(csig_keygen_share(s[0], &first), CSIG_OK);
    assert_int_equal(csig_keygen_commit(s[0], commit), CSIG_OK);
    assert_int_equal(csig_share_epoch(first, epoch), CSIG_OK);
    for (uint16_t k = 0; k < 2; k++)
        assert_int_equal(csig_keygen_escrow(s[k], (uint16_t)(k + 1), 3, escrows[k]), CSIG_OK);
    assert_int_equal(csig_epoch_commit_verify(epoch, 2, commit), CSIG_OK);
    assert_int_equal(csig_escrow_describe(escrows[1], &escrow), CSIG_OK);
    assert_true(escrow.dealer == 2 && escrow.index == 3);
    assert_int_equal(csig_recovery_verify(&asked, &culprit), CSIG_OK);
    assert_int_equal(csig_recovery_share(key, &asked, &recovered, &culprit), CSIG_OK);
    csig_share_describe(recovered, &info);
    assert_int_equal(info.self, 3);
    assert_int_equal(csig_epoch_member(epoch, 3, id, NULL), CSIG_OK);
    csig_identity_public(third, own);
    assert_memory_equal(id, own, sizeof id);
    /* and one octet of the second dealer's escrow */
    escrows[1][2035] ^= 1; /* in a ciphertext */
    assert_int_equal(csig_recovery_share(key, &asked, &recovered, &culprit), CSIG_E_PROOF);
    assert_int_equal(culprit, 2);
    assert_null(recovered);
    csig_share_free(first);
    csig_session_free(s[0]), csig_session_free(s[1]);
}

static void a_key_is_needed_and_one_of_its_own(void **state)
{
    static const uint16_t both[] = {1, 2};
    uint8_t keys[2][CSIG_RECOVERY_KEY_BYTES], print[CSIG_FINGERPRINT_BYTES];
    csig_keygen_params p = params(*state, 0);
    csig_session *s;

    p.recovery.count = 0;
    assert_int_equal(csig_keygen_session(&s, &p), CSIG_E_PARTIES);
    p = hall_keygen(*state, 0, 78);
    memcpy(keys[0], pub, sizeof pub), memcpy(keys[1], pub, sizeof pub);
    p.recovery = (csig_recovery_keys){both, keys[0], 2};
    assert_int_equal(csig_keygen_session(&s, &p), CSIG_E_PARTIES);
    memset(keys[1], 0, sizeof pub);
    assert_int_equal(csig_keygen_session(&s, &p), CSIG_E_POINT);
    assert_int_equal(csig_recovery_fingerprint(keys[1], print), CSIG_E_POINT);
    assert_int_equal(csig_recovery_fingerprint(pub, print), CSIG_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_make_a_key_for_three),
        cmocka_unit_test(a_key_is_needed_and_one_of_its_own),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
