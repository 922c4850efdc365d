/* The share as a value: its hashes, its walk and whether it is consistent. */
#include "share/share.h"

#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "crypto/header.h"

csig_share *csig_share_alloc(void)
{
    return csig_secret_alloc(sizeof(csig_share));
}

/* Everything that shares of one key and epoch have in common and that changes with the epoch. */
static void absorb_epoch(csig_transcript *t, const csig_share *s)
{
    csig_transcript_bytes(t, s->key_id, sizeof s->key_id);
    csig_transcript_u64(t, s->epoch);
    csig_transcript_u64(t, s->attempt);
    csig_transcript_u32(t, s->t);
    csig_transcript_u32(t, s->n);
    csig_transcript_list(t, s->n);
    for (size_t i = 0; i < s->n; i++)
        csig_transcript_bytes(t, s->identity[i], CSIG_ID_BYTES);
    csig_transcript_list(t, s->S.t);
    for (size_t k = 0; k < s->S.t; k++)
        csig_transcript_point(t, &s->S.S[k]);
    csig_transcript_list(t, s->n);
    for (size_t i = 0; i < s->n; i++)
        csig_transcript_point(t, &s->X[i]);
}

static void epoch_state(const csig_share *s, uint8_t out[32])
{
    csig_transcript t;

    csig_transcript_init(&t, CSIG_LABEL_EPOCH_STATE);
    absorb_epoch(&t, s);
    csig_transcript_hash32(&t, out);
}

void csig_chain_code_hash(uint8_t out[32], const uint8_t key_id[CSIG_KEY_ID_BYTES],
                          const uint8_t cc[32])
{
    CSIG_AUTO(csig_transcript) t;

    csig_transcript_init(&t, CSIG_LABEL_CHAIN_CODE);
    csig_transcript_bytes(&t, key_id, CSIG_KEY_ID_BYTES);
    csig_transcript_bytes(&t, cc, 32);
    csig_transcript_hash32(&t, out);
    csig_ct_public(out, 32); /* made to be shown: cc has 256 bits that no one can guess */
}

void csig_share_cc_hash(const csig_share *s, uint8_t out[32])
{
    csig_chain_code_hash(out, s->key_id, s->cc);
}

void csig_share_derive(csig_share *s)
{
    csig_share_cc_hash(s, s->cc_hash);
    csig_share_derive_public(s);
}

void csig_share_derive_public(csig_share *s)
{
    epoch_state(s, s->epoch_state);
}

void csig_share_public_hash(const csig_share *s, uint8_t out[CSIG_HASH_BYTES])
{
    csig_transcript t;

    csig_transcript_init(&t, CSIG_LABEL_PUBLIC_OUTPUT);
    csig_transcript_bytes(&t, CSIG_PURPOSE, sizeof CSIG_PURPOSE - 1);
    csig_transcript_point(&t, &s->pk);
    csig_transcript_bytes(&t, s->cc_hash, sizeof s->cc_hash);
    csig_transcript_bytes(&t, s->rid, sizeof s->rid);
    absorb_epoch(&t, s);
    csig_transcript_hash(&t, out);
}

void csig_share_seed(const csig_share *s, uint8_t seed[32])
{
    CSIG_AUTO(csig_transcript) t;

    csig_transcript_init(&t, CSIG_LABEL_SEAL_KEY);
    csig_transcript_bytes(&t, "rng", 3);
    csig_transcript_scalar(&t, &s->x);
    csig_transcript_hash32(&t, seed);
}

/* A slot for a point; one that is not used is 33 zeros, so that the width does not tell n or t and
 * needs no shape. */
static void slot_wire(csig_wire *w, bool used, csig_point *P)
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

static void identity_wire(csig_wire *w, bool used, uint8_t id[CSIG_ID_BYTES])
{
    uint8_t all = 0;

    csig_bytes_wire(w, id, CSIG_ID_BYTES);
    for (size_t i = 0; w->op == CSIG_WIRE_READ && i < CSIG_ID_BYTES; i++)
        all |= id[i];
    if (!used && all != 0) w->bad = true;
}

/* All that follows t and n. */
static void epoch_wire(csig_wire *w, csig_share *s)
{
    uint16_t t = CSIG_MAX_PARTIES, n = CSIG_MAX_PARTIES;

    if (w->op != CSIG_WIRE_MEASURE) {
        t = s->t;
        n = s->n;
        if (t > CSIG_MAX_PARTIES || n > CSIG_MAX_PARTIES) w->bad = true;
    }
    csig_u64_wire(w, &s->epoch);
    csig_u64_wire(w, &s->attempt);
    csig_bytes_wire(w, s->key_id, sizeof s->key_id);
    csig_bytes_wire(w, s->rid, sizeof s->rid);
    csig_bytes_wire(w, s->cc_hash, sizeof s->cc_hash);
    csig_bytes_wire(w, s->epoch_state, sizeof s->epoch_state);
    for (uint16_t i = 0; i < CSIG_MAX_PARTIES; i++)
        identity_wire(w, i < n, s->identity[i]);
    for (uint16_t k = 0; k < CSIG_MAX_PARTIES; k++)
        slot_wire(w, k < t, &s->S.S[k]);
    for (uint16_t i = 0; i < CSIG_MAX_PARTIES; i++)
        slot_wire(w, i < n, &s->X[i]);
    if (w->op == CSIG_WIRE_READ && !w->bad) {
        s->S.t = s->t;
        s->pk = s->S.S[0];
    }
}

void csig_share_wire(csig_wire *w, void *share)
{
    csig_share *s = share;

    csig_scalar_wire(w, &s->x);
    csig_bytes_wire(w, s->cc, sizeof s->cc);
    /* From here on everything is public; it was sealed with the rest. */
    if (w->op == CSIG_WIRE_READ) csig_ct_public(w->in + w->at, w->len - w->at);
    csig_u16_wire(w, &s->t);
    csig_u16_wire(w, &s->n);
    csig_u16_wire(w, &s->self);
    epoch_wire(w, s);
}

void csig_share_public_wire(csig_wire *w, void *share)
{
    csig_share *s = share;

    csig_kind_wire(w, CSIG_KIND_EPOCH);
    csig_u16_wire(w, &s->t);
    csig_u16_wire(w, &s->n);
    epoch_wire(w, s);
}

static csig_err check_parties(const csig_share *s)
{
    CSIG_REQUIRE(s->n <= CSIG_MAX_PARTIES, CSIG_E_FORMAT);
    CSIG_REQUIRE(s->t >= 2 && s->t <= s->n, CSIG_E_FORMAT);
    for (size_t i = 0; i < s->n; i++) {
        for (size_t j = 0; j < i; j++)
            CSIG_REQUIRE(!csig_is_same(s->identity[i], s->identity[j], CSIG_ID_BYTES),
                         CSIG_E_FORMAT);
    }
    return CSIG_OK;
}

csig_err csig_share_public_check(const csig_share *s)
{
    csig_point X;
    uint8_t hash[32];

    CSIG_TRY(check_parties(s));
    CSIG_REQUIRE(s->S.t == s->t, CSIG_E_FORMAT);
    CSIG_REQUIRE(csig_point_is_eq(&s->S.S[0], &s->pk), CSIG_E_FORMAT);
    /* X_i = S(i) */
    for (uint16_t i = 0; i < s->n; i++) {
        CSIG_REQUIRE(csig_poly_commit_has_eval(&X, &s->S, (uint16_t)(i + 1)), CSIG_E_FORMAT);
        CSIG_REQUIRE(csig_point_is_eq(&X, &s->X[i]), CSIG_E_FORMAT);
    }
    epoch_state(s, hash);
    CSIG_REQUIRE(csig_is_same(hash, s->epoch_state, sizeof hash), CSIG_E_FORMAT);
    return CSIG_OK;
}

csig_err csig_share_check(const csig_share *s, const csig_curve *curve)
{
    csig_point X;
    uint8_t hash[32];

    CSIG_TRY(csig_share_public_check(s));
    CSIG_REQUIRE(s->self >= 1 && s->self <= s->n, CSIG_E_FORMAT);
    /* xG = X_self */
    CSIG_REQUIRE(csig_point_mul_g(&X, curve, &s->x) == CSIG_OK, CSIG_E_FORMAT);
    CSIG_REQUIRE(csig_point_is_eq(&X, &s->X[s->self - 1]), CSIG_E_FORMAT);
    csig_share_cc_hash(s, hash);
    CSIG_REQUIRE(csig_is_same(hash, s->cc_hash, sizeof hash), CSIG_E_FORMAT);
    return CSIG_OK;
}

csig_err csig_share_check_opened(const csig_share *s)
{
    csig_rng rng;
    csig_curve curve;
    csig_err err;

    csig_rng_init(&rng, s->x.b, s->key_id);
    err = csig_curve_init(&curve, &rng);
    csig_rng_wipe(&rng);
    CSIG_TRY(err);
    err = csig_share_check(s, &curve);
    csig_curve_wipe(&curve);
    return err;
}
