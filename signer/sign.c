/* Full signing and presigning: the table, and the functions of the door that open sessions and read
 * their results. */
#include "signer/sign.h"

#include <string.h>

#include "base/mem.h"
#include "share/share.h"
#include "signer/online.h"
#include "signer/record.h"

void csig_sign_r4_wire(csig_wire *w, void *msg)
{
    csig_sign_r4 *m = msg;

    csig_scalar_wire(w, &m->sigma);
}

void csig_sign_r5_wire(csig_wire *w, void *msg)
{
    csig_sign_r5 *m = msg;

    csig_ecdsa_wire(w, &m->signature);
}

static size_t open_bytes(uint16_t n)
{
    (void)n;
    return sizeof(csig_sign_open);
}

static const csig_round *const rounds[] = {
    &csig_sign_round_1, &csig_presign_round_2, &csig_presign_round_3,
    &csig_sign_round_4, &csig_sign_round_5,
};

const csig_protocol csig_sign_protocol = {
    .id = CSIG_PROTOCOL_SIGN,
    .name = "sign",
    .rounds = rounds,
    .count = CSIG_ARRAY_LEN(rounds),
    .secret_bytes = csig_presign_secret_bytes,
    .open_bytes = open_bytes,
    .error = &csig_presign_error_round,
    .watch = csig_sign_watch,
    .about = csig_sign_about,
};

/* --- sessions --- */

/* Fill and start; on failure nothing is left. */
static csig_err start(csig_session **s, csig_err filled)
{
    csig_err err = filled;

    if (err == CSIG_OK) err = csig_session_start(*s);
    if (err == CSIG_OK) return CSIG_OK;
    csig_session_free(*s);
    *s = NULL;
    return err;
}

/* With more than two signers the id binds the key that signs: third parties do not have the chain
 * code by which the path leads to it. */
static void bind_child(csig_ssid *ssid, const csig_signers *q, const csig_point *child)
{
    uint8_t point[CSIG_POINT_BYTES];

    if (q->count <= 2) return;
    csig_point_to_bytes(point, child);
    csig_ssid_add(ssid, "signing key", point, sizeof point);
}

csig_err csig_sign_fill_session(csig_session **s, const csig_protocol *protocol,
                                const csig_signers *signers, uint16_t self,
                                const csig_intent *intent, uint16_t collects,
                                const csig_point *child)
{
    const uint16_t collector = signers->indices[collects];
    csig_target target = {.pk = *child};
    csig_sign_open *open;
    csig_ssid ssid;

    csig_signers_begin_ssid(&ssid, signers, "full", "collector", collector);
    csig_signers_bind_aux(&ssid, signers);
    csig_signers_bind_intent(&ssid, intent);
    bind_child(&ssid, signers, child);
    csig_ssid_end(&ssid);

    memcpy(target.digest, intent->digest, sizeof target.digest);
    CSIG_TRY(csig_ecdsa_digest(&target.m, intent->digest));
    CSIG_TRY(csig_signers_session(s, signers, self, protocol, &ssid, signers->moves_last != 0));
    open = csig_session_run(*s)->open;
    open->collector = collects;
    open->target = target;
    return csig_signers_fill(csig_session_run(*s), signers, child);
}

csig_err csig_sign_open_session(csig_session **s, const csig_protocol *protocol,
                                const csig_signers *signers, const csig_intent *intent,
                                uint16_t collector)
{
    csig_target target = {0};
    uint16_t self = 0, collects = 0;
    csig_err err;

    CSIG_REQUIRE(s != NULL, CSIG_E_ARGUMENT);
    *s = NULL;
    CSIG_TRY(csig_signers_check(&self, signers));
    CSIG_TRY(csig_signers_position(&collects, signers, collector));
    CSIG_TRY(csig_signers_check_aux(signers, self));
    CSIG_TRY(csig_intent_check(&target, signers->share, intent));

    err = csig_sign_fill_session(s, protocol, signers, self, intent, collects, &target.pk);
    if (err == CSIG_OK) csig_signers_shift(csig_session_run(*s), &target.shift);
    if (err == CSIG_OK) err = csig_sign_record_keep(*s, signers, intent, collector, 0, &target.pk);
    return start(s, err);
}

csig_err csig_sign_session(csig_session **s, const csig_signers *signers, const csig_intent *intent,
                           uint16_t collector)
{
    return csig_sign_open_session(s, &csig_sign_protocol, signers, intent, collector);
}

csig_err csig_presign_fill_session(csig_session **s, const csig_protocol *protocol,
                                   const csig_signers *signers, uint16_t self, uint16_t assigns,
                                   uint32_t number)
{
    csig_presign_open *open;
    csig_ssid ssid;

    csig_signers_begin_ssid(&ssid, signers, "presign", "assigner", signers->indices[assigns]);
    csig_signers_bind_aux(&ssid, signers);
    csig_signers_bind_intent(&ssid, NULL);
    csig_ssid_add_u64(&ssid, "number", number);
    csig_ssid_end(&ssid);

    CSIG_TRY(csig_signers_session(s, signers, self, protocol, &ssid, signers->moves_last != 0));
    open = csig_session_run(*s)->open;
    open->assigner = assigns;
    return csig_signers_fill(csig_session_run(*s), signers, &signers->share->pk);
}

csig_err csig_presign_open_session(csig_session **s, const csig_protocol *protocol,
                                   const csig_signers *signers, uint16_t assigner, uint32_t number)
{
    uint16_t self = 0, assigns = 0;
    csig_err err;

    CSIG_REQUIRE(s != NULL, CSIG_E_ARGUMENT);
    *s = NULL;
    CSIG_TRY(csig_signers_check(&self, signers));
    CSIG_TRY(csig_signers_position(&assigns, signers, assigner));
    CSIG_TRY(csig_signers_check_aux(signers, self));

    err = csig_presign_fill_session(s, protocol, signers, self, assigns, number);
    if (err == CSIG_OK)
        err = csig_sign_record_keep(*s, signers, NULL, assigner, number, &signers->share->pk);
    return start(s, err);
}

csig_err csig_presign_session(csig_session **s, const csig_signers *signers, uint16_t assigner,
                              uint32_t number)
{
    return csig_presign_open_session(s, &csig_presign_protocol, signers, assigner, number);
}

/* --- results --- */

csig_err csig_presign_result(csig_session *s, csig_presig **presig)
{
    csig_presign_secret *secret;
    csig_presig *half;

    CSIG_REQUIRE(s != NULL && presig != NULL, CSIG_E_ARGUMENT);
    *presig = NULL;
    CSIG_TRY(csig_session_output(s, &csig_presign_protocol));
    secret = csig_session_run(s)->secret;
    CSIG_REQUIRE(secret->half.magic == CSIG_PRESIG_MAGIC, CSIG_E_USED);
    half = csig_secret_alloc(sizeof *half);
    CSIG_REQUIRE(half != NULL, CSIG_E_MEMORY);
    /* Moved: there is only ever one. */
    *half = secret->half;
    csig_presig_wipe(&secret->half);
    *presig = half;
    return CSIG_OK;
}

static void describe(csig_signature *signature, const csig_ecdsa *sig, const csig_point *pk)
{
    memcpy(signature->r, sig->r, sizeof signature->r);
    memcpy(signature->s, sig->s, sizeof signature->s);
    signature->recovery_id = sig->recid;
    csig_point_to_bytes(signature->public_key, pk);
}

csig_err csig_sign_signature(csig_session *s, csig_signature *signature)
{
    CSIG_REQUIRE(s != NULL && signature != NULL, CSIG_E_ARGUMENT);
    memset(signature, 0, sizeof *signature);
    CSIG_REQUIRE(csig_session_phase(s) == CSIG_DONE, CSIG_E_STATE);
    if (csig_session_output(s, &csig_sign_protocol) == CSIG_OK) {
        const csig_sign_open *full = csig_session_run(s)->open;

        describe(signature, &full->signature, &full->target.pk);
        return CSIG_OK;
    }
    CSIG_TRY(csig_session_output(s, &csig_online_protocol));
    const csig_online_open *online = csig_session_run(s)->open;

    describe(signature, &online->signature, &online->target.pk);
    return CSIG_OK;
}

/* --- finished signatures --- */

static csig_ecdsa inside(const csig_signature *signature)
{
    csig_ecdsa sig = {.recid = signature->recovery_id};

    memcpy(sig.r, signature->r, sizeof sig.r);
    memcpy(sig.s, signature->s, sizeof sig.s);
    return sig;
}

csig_err csig_signature_verify(const csig_signature *signature,
                               const uint8_t digest[CSIG_DIGEST_BYTES])
{
    csig_ecdsa sig;
    csig_point pk;

    CSIG_REQUIRE(signature != NULL && digest != NULL, CSIG_E_ARGUMENT);
    sig = inside(signature);
    CSIG_REQUIRE(csig_point_from_bytes(&pk, signature->public_key) == CSIG_OK, CSIG_E_OUTPUT);
    return csig_ecdsa_verify(&sig, &pk, digest);
}

csig_err csig_signature_der(const csig_signature *signature, uint8_t out[72], size_t *len)
{
    csig_ecdsa sig;

    CSIG_REQUIRE(signature != NULL && out != NULL && len != NULL, CSIG_E_ARGUMENT);
    sig = inside(signature);
    *len = csig_ecdsa_der(out, &sig);
    CSIG_REQUIRE(*len > 0, CSIG_E_OUTPUT);
    return CSIG_OK;
}
