/* Identities: made, sealed, opened, and used to sign statements of the application. */
#include "share/device.h"

#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "crypto/sealed.h"

#define USE_CHARACTERS 32

static void identity_wire(csig_wire *w, void *msg)
{
    csig_identity *id = msg;

    /* libsodium's secret key is the seed and the public key */
    csig_bytes_wire(w, id->key.secret, 32);
    csig_bytes_wire(w, id->key.id, sizeof id->key.id);
    if (w->op == CSIG_WIRE_READ) csig_ct_public(id->key.id, sizeof id->key.id); /* a public key */
}

csig_err csig_identity_new(csig_identity **id)
{
    csig_rng rng;

    CSIG_REQUIRE(id != NULL, CSIG_E_ARGUMENT);
    *id = csig_secret_alloc(sizeof **id);
    CSIG_REQUIRE(*id != NULL, CSIG_E_MEMORY);
    csig_rng_init(&rng, NULL, NULL);
    csig_ed_key_random(&(*id)->key, &rng);
    csig_rng_wipe(&rng);
    return CSIG_OK;
}

void csig_identity_public(const csig_identity *id, uint8_t pub[CSIG_IDENTITY_BYTES])
{
    memcpy(pub, id->key.id, CSIG_IDENTITY_BYTES);
}

void csig_identity_seed(const csig_identity *id, uint8_t seed[32])
{
    CSIG_AUTO(csig_transcript) t;

    csig_transcript_init(&t, CSIG_LABEL_SEAL_KEY);
    csig_transcript_bytes(&t, "device", 6);
    csig_transcript_bytes(&t, id->key.secret, sizeof id->key.secret);
    csig_transcript_hash32(&t, seed);
}

csig_err csig_identity_export(const csig_identity *id, const csig_sealer *sealer, uint8_t *out,
                              size_t *len)
{
    csig_object what = {.kind = CSIG_KIND_IDENTITY};

    CSIG_REQUIRE(id != NULL && sealer != NULL && len != NULL, CSIG_E_ARGUMENT);
    memcpy(what.id, id->key.id, sizeof what.id);
    return csig_sealed_write(sealer, &what, identity_wire, id, out, len);
}

static csig_err import(csig_identity *id, const csig_sealer *sealer, const uint8_t *in, size_t len)
{
    csig_object said = {.kind = CSIG_KIND_IDENTITY};
    uint8_t pub[CSIG_ID_BYTES];
    uint8_t seed[32];

    CSIG_TRY(csig_sealed_read(sealer, &said, identity_wire, id, in, len));
    CSIG_REQUIRE(csig_is_same(said.id, id->key.id, sizeof said.id), CSIG_E_FORMAT);
    CSIG_REQUIRE(said.epoch == 0, CSIG_E_FORMAT);
    memcpy(pub, id->key.id, sizeof pub);
    memcpy(seed, id->key.secret, sizeof seed);
    csig_ed_key_from_seed(&id->key, seed);
    csig_wipe(seed, sizeof seed);
    CSIG_REQUIRE(csig_is_same(pub, id->key.id, sizeof pub), CSIG_E_FORMAT);
    return CSIG_OK;
}

csig_err csig_identity_import(csig_identity **id, const csig_sealer *sealer, const uint8_t *in,
                              size_t len)
{
    csig_identity *made;
    csig_err err;

    CSIG_REQUIRE(id != NULL, CSIG_E_ARGUMENT);
    *id = NULL;
    CSIG_REQUIRE(sealer != NULL && in != NULL, CSIG_E_ARGUMENT);
    made = csig_secret_alloc(sizeof *made);
    CSIG_REQUIRE(made != NULL, CSIG_E_MEMORY);
    err = import(made, sealer, in, len);
    if (err == CSIG_OK) {
        *id = made;
    } else {
        csig_identity_free(made);
    }
    return err;
}

void csig_identity_free(csig_identity *id)
{
    csig_secret_free(id);
}

/* The label keeps statements apart from envelopes, `use` from each other. */
static csig_err statement(csig_transcript *t, const char *use, const uint8_t *msg, size_t len)
{
    const size_t use_len = use == NULL ? 0 : strnlen(use, USE_CHARACTERS + 1);

    CSIG_REQUIRE(msg != NULL || len == 0, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(use_len >= 1 && use_len <= USE_CHARACTERS, CSIG_E_ARGUMENT);
    csig_transcript_init(t, CSIG_LABEL_STATEMENT);
    csig_transcript_bytes(t, use, use_len);
    csig_transcript_bytes(t, msg, len);
    return CSIG_OK;
}

csig_err csig_identity_sign(const csig_identity *id, const char *use, const uint8_t *msg,
                            size_t len, uint8_t signature[64])
{
    csig_transcript t;

    CSIG_REQUIRE(id != NULL && signature != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(statement(&t, use, msg, len));
    csig_ed_sign(signature, &id->key, &t);
    return CSIG_OK;
}

csig_err csig_identity_verify(const uint8_t pub[CSIG_IDENTITY_BYTES], const char *use,
                              const uint8_t *msg, size_t len, const uint8_t signature[64])
{
    csig_transcript t;

    CSIG_REQUIRE(pub != NULL && signature != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(statement(&t, use, msg, len));
    return csig_ed_verify(signature, pub, &t);
}
