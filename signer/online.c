/* Signing with a presignature: the table, and the functions of the door. */
#include "signer/online.h"

#include <string.h>

#include "base/mem.h"
#include "share/share.h"

void csig_online_r1_wire(csig_wire *w, void *msg)
{
    csig_online_r1 *m = msg;

    csig_bytes_wire(w, m->nonce, sizeof m->nonce);
}

void csig_online_r2_wire(csig_wire *w, void *msg)
{
    csig_online_r2 *m = msg;

    csig_bytes_wire(w, m->nonce, sizeof m->nonce);
}

void csig_online_r3_wire(csig_wire *w, void *msg)
{
    csig_online_r3 *m = msg;

    csig_scalar_wire(w, &m->sigma);
}

void csig_online_r4_wire(csig_wire *w, void *msg)
{
    csig_online_r4 *m = msg;

    csig_ecdsa_wire(w, &m->signature);
}

bool csig_online_is_assigner(const csig_run *run, uint16_t from)
{
    const csig_online_open *open = run->open;

    return from == open->assigner;
}

bool csig_online_is_other(const csig_run *run, uint16_t from)
{
    return !csig_online_is_assigner(run, from);
}

static size_t secret_bytes(uint16_t n)
{
    (void)n;
    return sizeof(csig_online_secret);
}

static size_t open_bytes(uint16_t n)
{
    (void)n;
    return sizeof(csig_online_open);
}

static const csig_round *const rounds[] = {
    &csig_online_round_1,
    &csig_online_round_2,
    &csig_online_round_3,
    &csig_online_round_4,
};

const csig_protocol csig_online_protocol = {
    .id = CSIG_PROTOCOL_ONLINE,
    .name = "online",
    .no_curve = true,
    .rounds = rounds,
    .count = CSIG_ARRAY_LEN(rounds),
    .secret_bytes = secret_bytes,
    .open_bytes = open_bytes,
};

/* --- the door --- */

/* A half in the hands of the call that spends it. */
typedef csig_presig *taken;

static void taken_wipe(taken *half)
{
    csig_presig_free(*half);
}

/* The half belongs to this key, epoch and set. */
static csig_err check_half(const csig_presig *half, const csig_signers *q, uint16_t self)
{
    const csig_share *share = q->share;

    CSIG_REQUIRE(csig_is_same(half->key_id, share->key_id, sizeof half->key_id), CSIG_E_ARGUMENT);
    CSIG_REQUIRE(half->epoch == share->epoch && half->attempt == share->attempt, CSIG_E_EPOCH);
    CSIG_REQUIRE(csig_is_same(half->epoch_state, share->epoch_state, sizeof half->epoch_state),
                 CSIG_E_EPOCH);
    CSIG_REQUIRE(half->count == q->count && half->self == self, CSIG_E_PARTIES);
    for (uint16_t j = 0; j < q->count; j++)
        CSIG_REQUIRE(half->index[j] == q->indices[j], CSIG_E_PARTIES);
    return CSIG_OK;
}

/* All that rho depends on but the nonces, which come last. */
static void begin_rho(csig_transcript *t, const csig_presig *half, const csig_target *target,
                      const csig_intent *intent)
{
    csig_transcript_init(t, CSIG_LABEL_PRESIG_RERAND);
    csig_transcript_bytes(t, half->ssid, sizeof half->ssid);
    csig_transcript_bytes(t, half->id, sizeof half->id);
    csig_transcript_bytes(t, half->key_id, sizeof half->key_id);
    csig_transcript_u64(t, half->epoch);
    csig_transcript_u64(t, half->attempt);
    csig_transcript_bytes(t, half->epoch_state, sizeof half->epoch_state);
    csig_transcript_point(t, &half->Gamma);
    csig_transcript_list(t, half->count);
    for (uint16_t j = 0; j < half->count; j++) {
        csig_transcript_party(t, half->index[j]);
        csig_transcript_point(t, &half->Delta[j]);
        csig_transcript_point(t, &half->S[j]);
    }
    csig_transcript_point(t, &target->pk);
    csig_transcript_list(t, (uint32_t)intent->depth);
    for (size_t i = 0; i < intent->depth; i++)
        csig_transcript_u32(t, intent->path[i]);
    csig_transcript_bytes(t, intent->type, strlen(intent->type));
    csig_transcript_bytes(t, intent->digest, sizeof intent->digest);
    csig_transcript_bytes(t, intent->request_id, sizeof intent->request_id);
    csig_transcript_u32(t, intent->input);
}

static csig_err open_with(csig_session **s, const csig_protocol *protocol, const csig_signers *q,
                          const csig_presig *half, const csig_intent *intent)
{
    csig_target target = {0};
    csig_ssid ssid;
    csig_online_open *open;
    csig_online_secret *secret;
    uint16_t self = 0;

    CSIG_REQUIRE(half->magic == CSIG_PRESIG_MAGIC, CSIG_E_USED);
    CSIG_TRY(csig_signers_check(&self, q));
    CSIG_TRY(check_half(half, q, self));
    CSIG_TRY(csig_intent_check(&target, q->share, intent));

    csig_signers_begin_ssid(&ssid, q, "online", "assigner", half->index[half->assigner]);
    csig_ssid_add(&ssid, "presignature", half->id, sizeof half->id);
    csig_signers_bind_intent(&ssid, intent);
    csig_ssid_end(&ssid);

    CSIG_TRY(csig_signers_session(s, q, self, protocol, &ssid, false));
    open = csig_session_run(*s)->open;
    secret = csig_session_run(*s)->secret;
    secret->half = *half;
    open->assigner = half->assigner;
    open->target = target;
    begin_rho(&open->intent, half, &target, intent);
    return csig_session_start(*s);
}

csig_err csig_online_open_session(csig_session **s, const csig_protocol *protocol,
                                  const csig_signers *signers, csig_presig **presig,
                                  const csig_intent *intent)
{
    CSIG_AUTO(taken) half = NULL;
    csig_err err;

    CSIG_REQUIRE(presig != NULL, CSIG_E_ARGUMENT);
    /* Burned, whatever follows. */
    half = *presig;
    *presig = NULL;
    CSIG_REQUIRE(half != NULL, CSIG_E_USED);
    CSIG_REQUIRE(s != NULL, CSIG_E_ARGUMENT);
    *s = NULL;
    err = open_with(s, protocol, signers, half, intent);
    if (err != CSIG_OK) {
        csig_session_free(*s);
        *s = NULL;
    }
    return err;
}

csig_err csig_online_session(csig_session **s, const csig_signers *signers, csig_presig **presig,
                             const csig_intent *intent)
{
    return csig_online_open_session(s, &csig_online_protocol, signers, presig, intent);
}

csig_err csig_online_reply(csig_session *s, uint8_t *out, size_t *len)
{
    CSIG_REQUIRE(s != NULL && len != NULL, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(csig_session_phase(s) == CSIG_STORE, CSIG_E_STATE);
    CSIG_TRY(csig_session_output(s, &csig_online_protocol));
    return csig_session_unsent(s, out, len);
}
