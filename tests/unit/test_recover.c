/* The escrows of one index: verified by anybody and opened by the recovery key, all or nothing;
 * what is of another wallet, epoch, index, key or dealer is refused by its name. */
#include "countersign/recovery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "share/device.h"
#include "support/deal.h"
#include "support/parcels.h"

#define T  2
#define N  3
#define AT 2 /* position of the share */

typedef struct fixture {
    csig_identity *id[N];
    csig_share *share[N];
    csig_recovery *key, *other;
    csig_parcel parcel[PARCELS];
    uint8_t epoch[CSIG_EPOCH_BYTES], octets[3 * CSIG_ESCROW_BYTES], pub[32];
    csig_recovery_case asked;
} fixture;

static fixture f;

/* Shares of this epoch, and their escrows. */
static void make(uint64_t epoch)
{
    csig_share *share = f.share[AT];

    for (int i = 0; i < N; i++) {
        f.share[i]->epoch = epoch;
        f.share[i]->attempt = epoch > 0 ? 2 : 0;
        csig_share_derive(f.share[i]);
    }
    parcels_make(f.parcel, share, f.key);
    parcels_write(f.octets, f.parcel, PARCELS);
    assert_int_equal(csig_share_epoch(share, f.epoch), CSIG_OK);
    csig_recovery_public(f.key, f.pub);
    f.asked = (csig_recovery_case){f.epoch, AT + 1, f.pub, f.octets, PARCELS};
}

static int setup(void **state)
{
    (void)state;
    deal_identities(f.id, N);
    deal_shares(f.share, f.id, T, N);
    if (csig_recovery_new(&f.key) != CSIG_OK || csig_recovery_new(&f.other) != CSIG_OK) return -1;
    make(1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < N; i++)
        csig_share_free(f.share[i]), csig_identity_free(f.id[i]);
    csig_recovery_free(f.key), csig_recovery_free(f.other);
    return 0;
}

/* Everything that is there is refused for this, whoever asks. */
static void refused(csig_err err, uint16_t dealer)
{
    csig_share *share = f.share[0];
    uint16_t culprit = 9;

    assert_int_equal(csig_recovery_verify(&f.asked, &culprit), err);
    assert_int_equal(culprit, dealer);
    culprit = 9;
    assert_int_equal(csig_recovery_share(f.key, &f.asked, &share, &culprit), err);
    assert_int_equal(culprit, dealer);
    assert_null(share);
    assert_int_equal(csig_recovery_verify(&f.asked, NULL), err);
}

static void one_refused(csig_err err)
{
    assert_int_equal(csig_recovery_verify_one(&f.asked, f.octets), err);
    refused(err, f.parcel[0].stmt.dealer);
}

static void the_share_comes_back(void **state)
{
    (void)state;
    for (uint64_t epoch = 0; epoch < 3; epoch++) {
        csig_share *share;
        uint16_t culprit = 9;

        make(epoch);
        for (int k = 0; k < PARCELS; k++)
            assert_int_equal(csig_recovery_verify_one(&f.asked, f.octets + k * CSIG_ESCROW_BYTES),
                             CSIG_OK);
        assert_int_equal(csig_recovery_verify(&f.asked, &culprit), CSIG_OK);
        assert_int_equal(culprit, 0);
        assert_int_equal(csig_recovery_share(f.key, &f.asked, &share, &culprit), CSIG_OK);
        assert_memory_equal(&share->x, &f.share[AT]->x, sizeof share->x);
        assert_memory_equal(share->cc, f.share[AT]->cc, sizeof share->cc);
        assert_memory_equal(share->epoch_state, f.share[AT]->epoch_state, 32);
        assert_int_equal(share->self, AT + 1);
        csig_share_free(share);
    }
    make(1);
}

static void what_it_says(void **state)
{
    csig_escrow_info info;

    (void)state;
    assert_int_equal(csig_escrow_describe(f.octets, &info), CSIG_OK);
    assert_memory_equal(info.key_id, f.share[0]->key_id, sizeof info.key_id);
    assert_memory_equal(info.recovery_key, f.pub, sizeof info.recovery_key);
    assert_true(info.dealer == 1 && info.index == AT + 1 && info.epoch == 1);
    assert_true(info.epoch_attempt == 2 && info.signers_required == T && info.parties == N);
    assert_int_equal(info.state_before[0], 0x77);
    assert_int_equal(csig_escrow_describe(NULL, &info), CSIG_E_ARGUMENT);
    assert_int_equal(csig_escrow_describe(f.octets, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_wire_size(csig_parcel_wire), CSIG_ESCROW_BYTES);
}

/* Each field of the label, proven anew for the lie: refused by what was asked for. */
static void other_labels(void **state)
{
    csig_scalar x;
    csig_parcel good;

    (void)state;
    make(1);
    good = f.parcel[0];
    csig_scalar_set_u32(&x, 1234);
#define OTHER(change, err)                                                                         \
    f.parcel[0] = good, f.parcel[0].stmt.change;                                                   \
    parcels_prove(&f.parcel[0], &x, f.share[AT]->cc);                                              \
    parcels_write(f.octets, f.parcel, PARCELS);                                                    \
    one_refused(err)
    OTHER(key_id[3] ^= 1, CSIG_E_SESSION);
    OTHER(cc_hash[3] ^= 1, CSIG_E_SESSION);
    OTHER(pk = f.share[0]->X[0], CSIG_E_SESSION);
    OTHER(epoch++, CSIG_E_EPOCH);
    OTHER(epoch = 0, CSIG_E_EPOCH);
    OTHER(attempt++, CSIG_E_EPOCH);
    OTHER(t++, CSIG_E_EPOCH);
    OTHER(n++, CSIG_E_EPOCH);
    OTHER(index = 1, CSIG_E_SENDER);
    OTHER(ek[0] ^= 1, CSIG_E_SEAL);
#undef OTHER
    /* The label was changed, the proof was not. */
    f.parcel[0] = good, f.parcel[0].stmt.dealer = 2;
    parcels_write(f.octets, f.parcel, PARCELS);
    one_refused(CSIG_E_PROOF);
    f.parcel[0] = good, f.parcel[0].escrow.row[9].seed[0] ^= 1;
    parcels_write(f.octets, f.parcel, PARCELS);
    one_refused(CSIG_E_PROOF);
    f.parcel[0] = good;
}

/* A true escrow of something else, a dealer twice, too few, in another order, of two epochs. */
static void not_the_share_together(void **state)
{
    csig_scalar x;
    csig_parcel good[PARCELS];

    (void)state;
    make(1);
    memcpy(good, f.parcel, sizeof good);
    csig_scalar_set_u32(&x, 1234);
    parcels_prove(&f.parcel[0], &x, f.share[AT]->cc);
    parcels_write(f.octets, f.parcel, PARCELS);
    assert_int_equal(csig_recovery_verify_one(&f.asked, f.octets), CSIG_OK);
    refused(CSIG_E_SHARE, 0);
    f.parcel[0] = good[0], f.parcel[0].stmt.state[0] ^= 1;
    parcels_prove(&f.parcel[0], &x, f.share[AT]->cc);
    parcels_write(f.octets, f.parcel, PARCELS);
    refused(CSIG_E_EPOCH, good[1].stmt.dealer);
    parcels_write(f.octets, &good[0], 1);
    parcels_write(f.octets + CSIG_ESCROW_BYTES, &good[0], 1);
    refused(CSIG_E_PARTIES, good[0].stmt.dealer);
    parcels_write(f.octets, &good[1], 1);
    refused(CSIG_E_PARTIES, good[0].stmt.dealer);
    f.asked.count = 1;
    refused(CSIG_E_PARTIES, 0);
    f.asked.count = 17;
    refused(CSIG_E_PARTIES, 0);
    /* a third dealer, whose escrow is as good as any */
    f.asked.count = 3;
    f.parcel[0] = good[0], f.parcel[0].stmt.dealer = 4;
    parcels_prove(&f.parcel[0], &x, f.share[AT]->cc);
    parcels_write(f.octets, good, PARCELS);
    parcels_write(f.octets + 2 * CSIG_ESCROW_BYTES, f.parcel, 1);
    refused(CSIG_E_SHARE, 0);
    f.parcel[0].stmt.dealer = 17;
    parcels_prove(&f.parcel[0], &x, f.share[AT]->cc);
    parcels_write(f.octets + 2 * CSIG_ESCROW_BYTES, f.parcel, 1);
    refused(CSIG_E_PARTIES, 17);
}

/* One dealer who seals the right chain code is enough; none is not. */
static void one_honest_dealer_gives_the_chain_code(void **state)
{
    csig_share *share;
    csig_parcel good[PARCELS];
    uint16_t culprit;

    (void)state;
    make(1);
    memcpy(good, f.parcel, sizeof good);
    for (int honest = 0; honest <= PARCELS; honest++) {
        memcpy(f.parcel, good, sizeof good);
        for (int k = 0; k < PARCELS; k++)
            if (k != honest) f.parcel[k].cc[40] ^= 1;
        /* and one that opens to another chain code */
        if (honest == 1) memcpy(f.parcel[0].cc, good[1].cc, sizeof good[1].cc);
        parcels_write(f.octets, f.parcel, PARCELS);
        assert_int_equal(csig_recovery_verify(&f.asked, NULL), CSIG_OK);
        assert_int_equal(csig_recovery_share(f.key, &f.asked, &share, &culprit),
                         honest < PARCELS ? CSIG_OK : CSIG_E_SEAL);
        if (honest < PARCELS) assert_memory_equal(share->cc, f.share[AT]->cc, 32);
        csig_share_free(share);
    }
}

static void nothing_else_is_opened(void **state)
{
    csig_share *share = f.share[0];

    (void)state;
    make(1);
    assert_int_equal(csig_recovery_share(f.other, &f.asked, &share, NULL), CSIG_E_SEAL);
    assert_null(share);
    f.asked.index = 1;
    one_refused(CSIG_E_SENDER);
    f.asked.index = 0;
    refused(CSIG_E_ARGUMENT, 0);
    f.asked.index = N + 1;
    refused(CSIG_E_ARGUMENT, 0);
    f.asked.index = AT + 1;
    f.epoch[20] ^= 1;
    refused(CSIG_E_FORMAT, 0);
    f.epoch[20] ^= 1;
    f.octets[0] ^= 1;
    assert_int_equal(csig_recovery_verify_one(&f.asked, f.octets), CSIG_E_KIND);
    refused(CSIG_E_KIND, 0);
}

static void missing_pointers(void **state)
{
    csig_share *share;

    (void)state;
    make(1);
    assert_int_equal(csig_recovery_verify(NULL, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_recovery_verify_one(NULL, f.octets), CSIG_E_ARGUMENT);
    assert_int_equal(csig_recovery_verify_one(&f.asked, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_recovery_share(NULL, &f.asked, &share, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_recovery_share(f.key, NULL, &share, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_recovery_share(f.key, &f.asked, NULL, NULL), CSIG_E_ARGUMENT);
    f.asked.escrows = NULL;
    refused(CSIG_E_ARGUMENT, 0);
    f.asked.escrows = f.octets, f.asked.epoch = NULL;
    refused(CSIG_E_ARGUMENT, 0);
    f.asked.epoch = f.epoch, f.asked.recovery_key = NULL;
    refused(CSIG_E_ARGUMENT, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_share_comes_back),
        cmocka_unit_test(what_it_says),
        cmocka_unit_test(other_labels),
        cmocka_unit_test(not_the_share_together),
        cmocka_unit_test(one_honest_dealer_gives_the_chain_code),
        cmocka_unit_test(nothing_else_is_opened),
        cmocka_unit_test(missing_pointers),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
