/* Presigning, round 4: kept. The host has stored its half; all hold halves of the same presignature
 * or somebody lies. */
#include <string.h>

#include "base/mem.h"
#include "share/share.h"
#include "signer/presign.h"

/* What a stored half says of itself. In place before the host may take it. */
static void complete(const csig_run *run)
{
    const csig_presign_open *open = run->open;
    csig_presign_secret *s = run->secret;
    csig_presig *half = &s->half;

    half->assigner = open->assigner;
    memcpy(half->key_id, open->share->key_id, sizeof half->key_id);
    half->epoch = open->share->epoch;
    half->attempt = open->share->attempt;
    memcpy(half->epoch_state, open->share->epoch_state, sizeof half->epoch_state);
    memcpy(half->ssid, run->ssid, sizeof half->ssid);
    csig_presig_name(half);
    half->magic = CSIG_PRESIG_MAGIC;
}

static csig_err make(csig_run *run, csig_out *out)
{
    csig_presign_open *open = run->open;
    csig_presign_secret *s = run->secret;
    csig_presign_r4 *msg = out->bcast;

    complete(run);
    csig_presig_public_hash(&s->half, msg->hash);
    memcpy(open->kept, msg->hash, sizeof msg->hash);
    return CSIG_OK;
}

static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    const csig_presign_open *open = run->open;
    csig_presign_secret *s = run->secret;
    const csig_presign_r4 *msg = in->bcast;
    uint8_t kept[CSIG_HASH_BYTES];

    (void)from;
    memcpy(kept, open->kept, sizeof kept);
    if (run->watching) { /* it has made no message: the public part of a half is all it has */
        complete(run);
        csig_presig_public_hash(&s->half, kept);
    }
    CSIG_REQUIRE(csig_is_same(msg->hash, kept, sizeof kept), CSIG_E_ACK);
    return CSIG_OK;
}

const csig_round csig_presign_round_4 = {
    .name = "presign/4 kept",
    .bcast = csig_presign_r4_wire,
    .bcast_size = sizeof(csig_presign_r4),
    .hold = true,
    .make = make,
    .check = check,
};
