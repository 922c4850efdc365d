/* An escrow and an epoch's public state, some octets of both altered: what is another than the true
 * ones is never accepted for them, and what is read is written again as the same octets. The input
 * is a list of [place u24][octets u8][value ...]: places below CSIG_ESCROW_BYTES are the escrow's.
 */
#include <string.h>

#include "base/mem.h"
#include "fuzz.h"
#include "support/deal.h"
#include "support/parcels.h"
#include "support/random.h"

static uint8_t escrow[2][CSIG_ESCROW_BYTES], epoch[2][CSIG_EPOCH_BYTES];
static uint8_t recovery_key[CSIG_RECOVERY_KEY_BYTES];
static uint16_t index_asked;

static void start(void)
{
    static csig_parcel parcel[PARCELS];
    csig_identity *id[2];
    csig_share *share[2];
    csig_recovery *key;

    if (index_asked != 0) return;
    FUZZ_REQUIRE(csig_init() == CSIG_OK);
    random_seed(1);
    deal_identities(id, 2);
    deal_shares(share, id, 2, 2);
    FUZZ_REQUIRE(csig_recovery_new(&key) == CSIG_OK);
    csig_recovery_public(key, recovery_key);
    parcels_make(parcel, share[1], key);
    parcels_write(escrow[0], parcel, 1);
    FUZZ_REQUIRE(csig_share_epoch(share[1], epoch[0]) == CSIG_OK);
    index_asked = 2;
    csig_recovery_free(key);
    for (int i = 0; i < 2; i++)
        csig_share_free(share[i]), csig_identity_free(id[i]);
}

static void put(size_t at, uint8_t value)
{
    at %= CSIG_ESCROW_BYTES + CSIG_EPOCH_BYTES;
    if (at < CSIG_ESCROW_BYTES)
        escrow[1][at] = value;
    else
        epoch[1][at - CSIG_ESCROW_BYTES] = value;
}

static void alter(const uint8_t *data, size_t len)
{
    memcpy(escrow[1], escrow[0], sizeof escrow[0]);
    memcpy(epoch[1], epoch[0], sizeof epoch[0]);
    while (len >= 4) {
        const size_t at = (size_t)data[0] << 16 | (size_t)data[1] << 8 | data[2];
        const size_t count = data[3] < len - 4 ? data[3] : len - 4;

        for (size_t i = 0; i < count; i++)
            put(at + i, data[4 + i]);
        data += 4 + count;
        len -= 4 + count;
    }
}

/* The chain code's box is nobody's proof, and rid is not of what an escrow is bound to. */
static bool is_the_same(void)
{
    const size_t proven = CSIG_ESCROW_BYTES - CSIG_ESCROW_BOX_BYTES, rid = 3 + 4 + 16 + 32;

    memcpy(epoch[1] + rid, epoch[0] + rid, 32);
    return memcmp(escrow[0], escrow[1], proven) == 0 &&
           memcmp(epoch[0], epoch[1], sizeof epoch[0]) == 0;
}

static void check_written_again(void)
{
    static uint8_t again[CSIG_ESCROW_BYTES];
    static csig_parcel p;
    csig_escrow_info info;

    if (csig_escrow_describe(escrow[1], &info) != CSIG_OK) return;
    FUZZ_REQUIRE(csig_wire_read(csig_parcel_wire, &p, escrow[1], sizeof again) == CSIG_OK);
    csig_wire_write(csig_parcel_wire, &p, again, sizeof again);
    FUZZ_REQUIRE(memcmp(again, escrow[1], sizeof again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const csig_recovery_case asked = {epoch[1], 2, recovery_key, NULL, 0};
    csig_err err;

    start();
    alter(data, len);
    check_written_again();
    err = csig_recovery_verify_one(&asked, escrow[1]);
    FUZZ_REQUIRE((err == CSIG_OK) == is_the_same());
    FUZZ_REQUIRE(err == CSIG_OK || err == CSIG_E_PROOF || err == CSIG_E_EPOCH ||
                 csig_err_class(err) == CSIG_CLASS_INPUT || err == CSIG_E_ARGUMENT);
    return 0;
}
