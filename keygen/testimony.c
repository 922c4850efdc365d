/* What a party opens when it complains, and how others take it: of a dealer in round 2 of key
 * generation, and of refresh and resharing; of what is bound to the chain code in key generation.
 */
#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "keygen/refresh.h"

/* --- key generation --- */

/* One point for the mask of the sub-share and the pad of the chain code: whatever it is about, what
 * it shows is of a key that will not be. */
static csig_err open_mask(const csig_run *run, uint16_t accused, csig_err err, uint8_t *out)
{
    CSIG_REQUIRE(err == CSIG_E_SHARE || err == CSIG_E_COMMIT, CSIG_E_EVIDENCE);
    return csig_complaint_make(out, run, &csig_keygen_open_of(run)->keys,
                               &csig_keygen_secret_of(run)->y[accused], accused);
}

static csig_err take_mask(csig_run *run, uint16_t accused, csig_err err, const uint8_t *in)
{
    csig_keygen_secret *st = csig_keygen_secret_of(run);
    csig_mask_keys *keys = &csig_keygen_open_of(run)->keys;
    uint8_t dh[64];

    CSIG_REQUIRE(err == CSIG_E_SHARE || err == CSIG_E_COMMIT, CSIG_E_EVIDENCE);
    CSIG_TRY(csig_complaint_take(dh, run, keys, accused, in));
    csig_keygen_mask(&st->mask_in[accused], run, accused, run->self, dh);
    csig_keygen_pad(st->pad_in.at[accused], run, accused, run->self, dh);
    keys->opened[accused] = true;
    return CSIG_OK;
}

const csig_testimony csig_keygen_opens = {
    .bytes = CSIG_COMPLAINT_BYTES, .make = open_mask, .take = take_mask};

/* Every part of the chain code, zeros behind them. Each has been committed to, so that nobody can
 * choose what comes of them: what the accused is bound to is what it must be bound to. It is the
 * chain code of a key that its honest parties do not acknowledge any more. */
static csig_err open_parts(const csig_run *run, uint16_t accused, csig_err err, uint8_t *out)
{
    const csig_keygen_secret *st = csig_keygen_secret_of(run);

    (void)accused;
    (void)err;
    memcpy(out, st->parts.at, sizeof st->parts.at);
    csig_ct_public(out, sizeof st->parts.at); /* opened */
    return CSIG_OK;
}

static csig_err take_parts(csig_run *run, uint16_t accused, csig_err err, const uint8_t *in)
{
    static const uint8_t none[32];
    csig_share *share = &csig_keygen_secret_of(run)->share;
    csig_keygen_open *open = csig_keygen_open_of(run);
    uint8_t hash[32], cc[32] = {0};

    (void)accused;
    (void)err;
    for (uint16_t j = 0; j < CSIG_MAX_PARTIES; j++) {
        const uint8_t *part = in + (size_t)j * 32;

        if (j < run->n) csig_keygen_cc_hash(hash, run, j, part);
        if (j < run->n)
            CSIG_REQUIRE(csig_is_same(hash, open->cc_hash[j], sizeof hash), CSIG_E_EVIDENCE);
        else
            CSIG_REQUIRE(csig_is_same(part, none, sizeof none), CSIG_E_EVIDENCE);
        for (size_t k = 0; k < 32; k++)
            cc[k] ^= part[k];
    }
    csig_chain_code_hash(share->cc_hash, share->key_id, cc);
    csig_share_derive_public(share);
    csig_share_public_hash(share, open->output);
    open->no_cc = false;
    return CSIG_OK;
}

const csig_testimony csig_keygen_opens_parts = {
    .bytes = sizeof(csig_pads), .make = open_parts, .take = take_parts};

/* --- refresh and resharing --- */

/* Opened by who deals, a pad would show what it has sent itself: the chain code. */
static csig_err check_pad(const csig_run *run, csig_err err)
{
    CSIG_REQUIRE(err == CSIG_E_COMMIT && !csig_refresh_has_dealt(run, run->self), CSIG_E_EVIDENCE);
    return CSIG_OK;
}

/* One of the two alone: the mask of the sub-share, or, by who joins, the pad of the chain code. */
static csig_err open_one(const csig_run *run, uint16_t accused, csig_err err, uint8_t *out)
{
    const csig_refresh_secret *st = csig_refresh_secret_of(run);
    const csig_refresh_open *open = csig_refresh_open_of(run);

    if (err == CSIG_E_SHARE)
        return csig_complaint_make(out, run, &open->keys, &st->y[accused], accused);
    CSIG_TRY(check_pad(run, err));
    return csig_complaint_make(out, run, &open->pads, &st->z[accused], accused);
}

static csig_err take_one(csig_run *run, uint16_t accused, csig_err err, const uint8_t *in)
{
    csig_refresh_secret *st = csig_refresh_secret_of(run);
    csig_refresh_open *open = csig_refresh_open_of(run);
    csig_mask_keys *keys = err == CSIG_E_SHARE ? &open->keys : &open->pads;
    uint8_t dh[64];

    if (err != CSIG_E_SHARE) CSIG_TRY(check_pad(run, err));
    CSIG_TRY(csig_complaint_take(dh, run, keys, accused, in));
    if (err == CSIG_E_SHARE)
        csig_keygen_mask(&st->mask_in[accused], run, accused, run->self, dh);
    else
        csig_refresh_pad(st->pad_in.at[accused], run, accused, run->self, dh);
    keys->opened[accused] = true;
    return CSIG_OK;
}

const csig_testimony csig_refresh_opens = {
    .bytes = CSIG_COMPLAINT_BYTES, .make = open_one, .take = take_one};
