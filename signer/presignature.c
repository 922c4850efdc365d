/* A presignature's half at rest: its name, its walk, sealed export and import, wiping. */
#include "signer/presignature.h"

#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "crypto/sealed.h"

void csig_presig_wipe(csig_presig *half)
{
    csig_wipe(half, sizeof *half);
}

void csig_presig_commit(uint8_t com[CSIG_HASH_BYTES], const uint8_t ssid[CSIG_SSID_BYTES],
                        uint16_t index, const uint8_t nonce[CSIG_NONCE_BYTES])
{
    csig_transcript t;

    csig_transcript_init(&t, CSIG_LABEL_PRESIG_COM);
    csig_transcript_bytes(&t, ssid, CSIG_SSID_BYTES);
    csig_transcript_party(&t, index);
    csig_transcript_bytes(&t, nonce, CSIG_NONCE_BYTES);
    csig_transcript_hash(&t, com);
    csig_transcript_wipe(&t);
    csig_ct_public(com, CSIG_HASH_BYTES); /* made to be shown: nobody can guess n */
}

void csig_presig_public_hash(const csig_presig *half, uint8_t hash[CSIG_HASH_BYTES])
{
    csig_transcript t;

    csig_transcript_init(&t, CSIG_LABEL_PRESIG_ID);
    csig_transcript_bytes(&t, half->ssid, sizeof half->ssid);
    csig_transcript_bytes(&t, half->key_id, sizeof half->key_id);
    csig_transcript_u64(&t, half->epoch);
    csig_transcript_u64(&t, half->attempt);
    csig_transcript_bytes(&t, half->epoch_state, sizeof half->epoch_state);
    csig_transcript_party(&t, half->index[half->assigner]);
    csig_transcript_point(&t, &half->Gamma);
    csig_transcript_list(&t, half->count);
    for (uint16_t j = 0; j < half->count; j++) {
        csig_transcript_party(&t, half->index[j]);
        csig_transcript_point(&t, &half->Delta[j]);
        csig_transcript_point(&t, &half->S[j]);
        csig_transcript_bytes(&t, half->com[j], sizeof half->com[j]);
    }
    csig_transcript_hash(&t, hash);
}

void csig_presig_name(csig_presig *half)
{
    uint8_t hash[CSIG_HASH_BYTES];

    csig_presig_public_hash(half, hash);
    memcpy(half->id, hash, sizeof half->id);
}

/* A place for a point; one that is not used is zeros, so that the width does not depend on how many
 * sign. */
static void place_wire(csig_wire *w, bool used, csig_point *P)
{
    uint8_t none[CSIG_POINT_BYTES] = {0};
    uint8_t all = 0;

    if (used) {
        csig_point_wire(w, P);
        return;
    }
    csig_bytes_wire(w, none, sizeof none);
    for (size_t i = 0; i < sizeof none; i++)
        all |= none[i];
    if (all != 0) w->bad = true;
}

static void points_wire(csig_wire *w, csig_presig *half, csig_point *P)
{
    for (uint16_t j = 0; j < CSIG_MAX_PARTIES; j++)
        place_wire(w, w->op == CSIG_WIRE_MEASURE || j < half->count, &P[j]);
}

void csig_presig_wire(csig_wire *w, void *half)
{
    csig_presig *h = half;

    csig_scalar_wire(w, &h->k);
    csig_scalar_wire(w, &h->chi);
    csig_bytes_wire(w, h->nonce, sizeof h->nonce);
    /* From here on everything is public; it was sealed with the rest. */
    if (w->op == CSIG_WIRE_READ) csig_ct_public(w->in + w->at, w->len - w->at);
    csig_u16_wire(w, &h->count);
    csig_u16_wire(w, &h->self);
    csig_u16_wire(w, &h->assigner);
    for (uint16_t j = 0; j < CSIG_MAX_PARTIES; j++)
        csig_u16_wire(w, &h->index[j]);
    if (w->op == CSIG_WIRE_READ && h->count > CSIG_MAX_PARTIES) w->bad = true;
    csig_bytes_wire(w, h->key_id, sizeof h->key_id);
    csig_u64_wire(w, &h->epoch);
    csig_u64_wire(w, &h->attempt);
    csig_bytes_wire(w, h->epoch_state, sizeof h->epoch_state);
    csig_bytes_wire(w, h->ssid, sizeof h->ssid);
    csig_point_wire(w, &h->Gamma);
    points_wire(w, h, h->Delta);
    points_wire(w, h, h->S);
    csig_bytes_wire(w, h->com[0], sizeof h->com);
}

/* --- the door --- */

static void require_whole(const csig_presig *half)
{
    CSIG_ASSERT(half->magic == CSIG_PRESIG_MAGIC);
}

void csig_presig_id(const csig_presig *presig, uint8_t id[CSIG_PRESIG_ID_BYTES])
{
    require_whole(presig);
    memcpy(id, presig->id, CSIG_PRESIG_ID_BYTES);
}

void csig_presig_key(const csig_presig *presig, uint8_t key_id[CSIG_KEY_ID_BYTES], uint64_t *epoch)
{
    require_whole(presig);
    memcpy(key_id, presig->key_id, CSIG_KEY_ID_BYTES);
    *epoch = presig->epoch;
}

csig_err csig_presig_export(const csig_presig *presig, const csig_sealer *sealer, uint8_t *out,
                            size_t *len)
{
    csig_object what = {.kind = CSIG_KIND_PRESIG};

    CSIG_REQUIRE(presig != NULL && sealer != NULL && len != NULL, CSIG_E_ARGUMENT);
    require_whole(presig);
    memcpy(what.id, presig->id, sizeof what.id);
    what.epoch = presig->epoch;
    return csig_sealed_write(sealer, &what, csig_presig_wire, presig, out, len);
}

/* What a sealed half promises and the walk does not check. */
static bool half_is_consistent(const csig_presig *half)
{
    if (half->count < 2 || half->self >= half->count || half->assigner >= half->count) return false;
    for (uint16_t j = 0; j < half->count; j++) {
        const uint16_t above = j == 0 ? 0 : half->index[j - 1];

        if (half->index[j] <= above || half->index[j] > CSIG_MAX_PARTIES) return false;
    }
    for (uint16_t j = half->count; j < CSIG_MAX_PARTIES; j++) {
        static const uint8_t none[CSIG_HASH_BYTES];

        if (half->index[j] != 0 || !csig_is_same(half->com[j], none, sizeof none)) return false;
    }
    return true;
}

static csig_err read_half(csig_presig *half, const csig_sealer *sealer, const uint8_t *in,
                          size_t len)
{
    csig_object said = {.kind = CSIG_KIND_PRESIG};

    CSIG_TRY(csig_sealed_read(sealer, &said, csig_presig_wire, half, in, len));
    CSIG_REQUIRE(half_is_consistent(half), CSIG_E_FORMAT);
    csig_presig_name(half);
    CSIG_REQUIRE(csig_is_same(half->id, said.id, sizeof half->id), CSIG_E_FORMAT);
    CSIG_REQUIRE(half->epoch == said.epoch, CSIG_E_FORMAT);
    half->magic = CSIG_PRESIG_MAGIC;
    return CSIG_OK;
}

csig_err csig_presig_import(csig_presig **presig, const csig_sealer *sealer, const uint8_t *in,
                            size_t len)
{
    csig_presig *half;
    csig_err err;

    CSIG_REQUIRE(presig != NULL, CSIG_E_ARGUMENT);
    *presig = NULL;
    CSIG_REQUIRE(sealer != NULL && in != NULL, CSIG_E_ARGUMENT);
    half = csig_secret_alloc(sizeof *half);
    CSIG_REQUIRE(half != NULL, CSIG_E_MEMORY);
    err = read_half(half, sealer, in, len);
    if (err != CSIG_OK) {
        csig_presig_free(half);
        return err;
    }
    *presig = half;
    return CSIG_OK;
}

void csig_presig_free(csig_presig *presig)
{
    csig_secret_free(presig);
}
