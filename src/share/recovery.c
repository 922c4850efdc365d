/* Recovery keys: made, sealed, opened, named by their fingerprint. */
#include <string.h>

#include "base/mem.h"
#include "crypto/sealed.h"
#include "share/parcel.h"

static void recovery_wire(csig_wire *w, void *msg)
{
    csig_recovery *key = msg;

    csig_bytes_wire(w, key->dk, sizeof key->dk);
}

csig_err csig_recovery_new(csig_recovery **key)
{
    csig_rng rng;

    CSIG_REQUIRE(key != NULL, CSIG_E_ARGUMENT);
    *key = csig_secret_alloc(sizeof **key);
    CSIG_REQUIRE(*key != NULL, CSIG_E_MEMORY);
    csig_rng_init(&rng, NULL, NULL);
    csig_rng_bytes(&rng, "recovery key", (*key)->dk, sizeof(*key)->dk);
    csig_rng_wipe(&rng);
    csig_escrow_key_public((*key)->ek, (*key)->dk);
    return CSIG_OK;
}

void csig_recovery_public(const csig_recovery *key, uint8_t pub[CSIG_RECOVERY_KEY_BYTES])
{
    memcpy(pub, key->ek, CSIG_RECOVERY_KEY_BYTES);
}

csig_err csig_recovery_export(const csig_recovery *key, const csig_sealer *sealer, uint8_t *out,
                              size_t *len)
{
    csig_object what = {.kind = CSIG_KIND_RECOVERY};

    CSIG_REQUIRE(key != NULL && sealer != NULL && len != NULL, CSIG_E_ARGUMENT);
    memcpy(what.id, key->ek, sizeof what.id);
    return csig_sealed_write(sealer, &what, recovery_wire, key, out, len);
}

static csig_err import(csig_recovery *key, const csig_sealer *sealer, const uint8_t *in, size_t len)
{
    csig_object said = {.kind = CSIG_KIND_RECOVERY};

    CSIG_TRY(csig_sealed_read(sealer, &said, recovery_wire, key, in, len));
    csig_escrow_key_public(key->ek, key->dk);
    CSIG_REQUIRE(csig_is_same(said.id, key->ek, sizeof said.id), CSIG_E_FORMAT);
    CSIG_REQUIRE(said.epoch == 0, CSIG_E_FORMAT);
    return CSIG_OK;
}

csig_err csig_recovery_import(csig_recovery **key, const csig_sealer *sealer, const uint8_t *in,
                              size_t len)
{
    csig_recovery *made;
    csig_err err;

    CSIG_REQUIRE(key != NULL, CSIG_E_ARGUMENT);
    *key = NULL;
    CSIG_REQUIRE(sealer != NULL && in != NULL, CSIG_E_ARGUMENT);
    made = csig_secret_alloc(sizeof *made);
    CSIG_REQUIRE(made != NULL, CSIG_E_MEMORY);
    err = import(made, sealer, in, len);
    if (err == CSIG_OK) {
        *key = made;
    } else {
        csig_recovery_free(made);
    }
    return err;
}

void csig_recovery_free(csig_recovery *key)
{
    csig_secret_free(key);
}

csig_err csig_recovery_fingerprint(const uint8_t pub[CSIG_RECOVERY_KEY_BYTES],
                                   uint8_t fingerprint[CSIG_FINGERPRINT_BYTES])
{
    csig_transcript t;

    CSIG_REQUIRE(pub != NULL && fingerprint != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(csig_escrow_key_check(pub));
    csig_transcript_init(&t, CSIG_LABEL_RECOVERY_FP);
    csig_transcript_bytes(&t, pub, CSIG_RECOVERY_KEY_BYTES);
    csig_transcript_hash32(&t, fingerprint);
    return CSIG_OK;
}
