/* Checks of what the caller gives, the session's id, and the state that rounds 1 to 3 start from.
 */
#include "signer/setup.h"

#include <string.h>

#include "base/mem.h"
#include "share/aux.h"
#include "share/device.h"
#include "share/hd.h"
#include "share/share.h"

/* --- who --- */

csig_err csig_signers_position(uint16_t *position, const csig_signers *q, uint16_t index)
{
    for (uint16_t j = 0; j < q->count; j++) {
        if (q->indices[j] != index) continue;
        *position = j;
        return CSIG_OK;
    }
    return CSIG_E_ARGUMENT;
}

csig_err csig_signers_check(uint16_t *self, const csig_signers *q)
{
    CSIG_REQUIRE(q != NULL && q->identity != NULL && q->share != NULL, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(q->indices != NULL, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(q->count == q->share->t, CSIG_E_PARTIES);
    for (uint16_t j = 0; j < q->count; j++) {
        const uint16_t above = j == 0 ? 0 : q->indices[j - 1];

        CSIG_REQUIRE(q->indices[j] > above && q->indices[j] <= q->share->n, CSIG_E_PARTIES);
    }
    CSIG_REQUIRE(csig_signers_position(self, q, q->share->self) == CSIG_OK, CSIG_E_PARTIES);
    CSIG_REQUIRE(
        csig_is_same(q->identity->key.id, q->share->identity[q->share->self - 1], CSIG_ID_BYTES),
        CSIG_E_ARGUMENT);
    return CSIG_OK;
}

static const uint8_t *identity_at(const csig_signers *q, uint16_t j)
{
    return q->share->identity[q->indices[j] - 1];
}

csig_err csig_signers_check_aux(const csig_signers *q, uint16_t self)
{
    static const uint8_t zero[CSIG_NONCE_BYTES] = {0};

    CSIG_REQUIRE(q->peers != NULL && q->nonces != NULL, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(q->peers[self] == NULL, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(q->aux != NULL, CSIG_E_AUX);
    CSIG_REQUIRE(csig_is_same(q->aux->pub.owner, identity_at(q, self), CSIG_ID_BYTES), CSIG_E_AUX);
    for (uint16_t j = 0; j < q->count; j++) {
        const csig_peer *peer = q->peers[j];
        const uint8_t *nonce = q->nonces + (size_t)j * CSIG_NONCE_BYTES;

        CSIG_REQUIRE(!csig_is_same(nonce, zero, CSIG_NONCE_BYTES), CSIG_E_ARGUMENT);
        if (j == self) continue;
        CSIG_REQUIRE(peer != NULL, CSIG_E_AUX);
        CSIG_REQUIRE(csig_is_same(peer->pub.owner, identity_at(q, j), CSIG_ID_BYTES), CSIG_E_AUX);
        CSIG_REQUIRE(csig_is_same(peer->own_aux_id, q->aux->pub.id, CSIG_AUX_ID_BYTES), CSIG_E_AUX);
    }
    return CSIG_OK;
}

/* --- what --- */

#define TYPE_CHARACTERS 32

csig_err csig_intent_check(csig_target *target, const csig_share *share, const csig_intent *intent)
{
    size_t type_len;

    CSIG_REQUIRE(intent != NULL && intent->type != NULL, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(intent->path != NULL || intent->depth == 0, CSIG_E_ARGUMENT);
    type_len = strnlen(intent->type, TYPE_CHARACTERS + 1);
    CSIG_REQUIRE(type_len >= 1 && type_len <= TYPE_CHARACTERS, CSIG_E_ARGUMENT);
    memcpy(target->digest, intent->digest, sizeof target->digest);
    CSIG_TRY(csig_ecdsa_digest(&target->m, intent->digest));
    return csig_hd_shift(&target->shift, &target->pk, NULL, &share->pk, share->cc, intent->path,
                         intent->depth);
}

/* --- the session's id --- */

/* A list as octets: every entry has a fixed width. */
typedef struct octets {
    uint8_t b[CSIG_MAX_PARTIES * (2 + CSIG_ID_BYTES + CSIG_POINT_BYTES)];
    size_t len;
} octets;

static void put(octets *o, const void *p, size_t len)
{
    CSIG_ASSERT(len <= sizeof o->b - o->len);
    memcpy(o->b + o->len, p, len);
    o->len += len;
}

static void put_uint(octets *o, uint64_t v, size_t bytes)
{
    uint8_t be[8];

    for (size_t i = 0; i < bytes; i++)
        be[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
    put(o, be, bytes);
}

static void add(csig_ssid *ssid, const char *name, const octets *o)
{
    csig_ssid_add(ssid, name, o->b, o->len);
}

static void add_text(csig_ssid *ssid, const char *name, const char *text)
{
    csig_ssid_add(ssid, name, text, strlen(text));
}

static void add_epoch(csig_ssid *ssid, const csig_share *share)
{
    octets o = {.len = 0};

    put_uint(&o, share->epoch, 8);
    put_uint(&o, share->attempt, 8);
    put(&o, share->epoch_state, sizeof share->epoch_state);
    add(ssid, "epoch", &o);
}

/* PK and X_1 .. X_n */
static void add_key(csig_ssid *ssid, const csig_share *share)
{
    octets o = {.len = 0};
    uint8_t point[CSIG_POINT_BYTES];

    csig_point_to_bytes(point, &share->pk);
    csig_ssid_add(ssid, "public key", point, sizeof point);
    for (uint16_t i = 0; i < share->n; i++) {
        csig_point_to_bytes(point, &share->X[i]);
        put(&o, point, sizeof point);
    }
    add(ssid, "public shares", &o);
}

static void add_signers(csig_ssid *ssid, const csig_signers *q)
{
    octets o = {.len = 0};

    for (uint16_t j = 0; j < q->count; j++) {
        put_uint(&o, q->indices[j], 2);
        put(&o, identity_at(q, j), CSIG_ID_BYTES);
    }
    add(ssid, "signers", &o);
}

void csig_signers_begin_ssid(csig_ssid *ssid, const csig_signers *q, const char *mode,
                             const char *leader, uint16_t leader_index)
{
    const csig_share *share = q->share;

    csig_ssid_begin(ssid, CSIG_LABEL_SSID_SIGN);
    add_text(ssid, "purpose", CSIG_PURPOSE);
    add_text(ssid, "mode", mode);
    csig_ssid_add_u64(ssid, leader, leader_index);
    csig_ssid_add(ssid, "key", share->key_id, sizeof share->key_id);
    csig_ssid_add_u64(ssid, "signers required", share->t);
    csig_ssid_add_u64(ssid, "parties", share->n);
    add_epoch(ssid, share);
    add_key(ssid, share);
    csig_ssid_add(ssid, "chain code", share->cc_hash, sizeof share->cc_hash);
    add_signers(ssid, q);
}

void csig_signers_bind_aux(csig_ssid *ssid, const csig_signers *q)
{
    octets o = {.len = 0};

    for (uint16_t j = 0; j < q->count; j++)
        put(&o, q->peers[j] == NULL ? q->aux->pub.id : q->peers[j]->pub.id, CSIG_AUX_ID_BYTES);
    add(ssid, "auxiliary info", &o);
    csig_ssid_add(ssid, "nonces", q->nonces, (size_t)q->count * CSIG_NONCE_BYTES);
}

void csig_signers_bind_intent(csig_ssid *ssid, const csig_intent *intent)
{
    octets path = {.len = 0};

    if (intent == NULL) {
        add_text(ssid, "path", "unbound");
        add_text(ssid, "type", "unbound");
        add_text(ssid, "digest", "unbound");
        return;
    }
    for (size_t i = 0; i < intent->depth; i++)
        put_uint(&path, intent->path[i], 4);
    add(ssid, "path", &path);
    add_text(ssid, "type", intent->type);
    csig_ssid_add(ssid, "digest", intent->digest, sizeof intent->digest);
    csig_ssid_add(ssid, "request", intent->request_id, sizeof intent->request_id);
    csig_ssid_add_u64(ssid, "input", intent->input);
}

/* --- the session --- */

csig_err csig_signers_session(csig_session **s, const csig_signers *q, uint16_t self,
                              const csig_protocol *protocol, const csig_ssid *ssid, bool moves_last)
{
    uint8_t identity[CSIG_MAX_PARTIES][CSIG_ID_BYTES];
    uint8_t seed[CSIG_RNG_SEED_BYTES];
    csig_err err;

    for (uint16_t j = 0; j < q->count; j++)
        memcpy(identity[j], identity_at(q, j), CSIG_ID_BYTES);
    csig_share_seed(q->share, seed);
    const csig_session_setup setup = {
        .protocol = protocol,
        .ssid = ssid,
        .n = q->count,
        .index = q->indices,
        .identity = (const uint8_t(*)[CSIG_ID_BYTES])identity,
        .self = self,
        .key = q->identity == NULL ? NULL : &q->identity->key,
        .seed = seed,
        .engine = q->engine,
        .moves_last = moves_last,
    };
    err = csig_session_new(s, &setup);
    csig_wipe(seed, sizeof seed);
    return err;
}

/* W_j = lambda_j X_j, and the shift at the first of Q: shift G = pk - PK, which watchers have. */
static csig_err additive_point(csig_point *W, const csig_signers *q, uint16_t j,
                               const csig_scalar *lambda, const csig_point *pk)
{
    csig_point shift_G;

    CSIG_REQUIRE(csig_point_has_mul_var(W, lambda, &q->share->X[q->indices[j] - 1]), CSIG_E_PATH);
    csig_point_neg(&shift_G, &q->share->pk);
    if (j == 0 && csig_point_has_add(&shift_G, pk, &shift_G))
        CSIG_REQUIRE(csig_point_has_add(W, W, &shift_G), CSIG_E_PATH);
    return CSIG_OK;
}

csig_err csig_signers_fill(csig_run *run, const csig_signers *q, const csig_point *pk)
{
    csig_presign_open *open = run->open;
    csig_presign_secret *s = run->secret;

    open->pk = *pk;
    open->share = q->share;
    for (uint16_t j = 0; j < run->n; j++) {
        csig_presign_party *p = &open->party[j];
        const bool mine = j == run->self && !run->watching;
        csig_scalar lambda;

        p->paillier = mine ? &q->aux->paillier : &q->peers[j]->paillier;
        p->pedersen = mine ? &q->aux->pedersen : &q->peers[j]->pedersen;
        csig_lagrange(&lambda, q->indices[j], q->indices, q->count);
        CSIG_TRY(additive_point(&p->W, q, j, &lambda, pk));
        if (!mine) continue;
        csig_scalar_mul(&s->w, &lambda, &q->share->x);
    }
    return CSIG_OK;
}

void csig_signers_shift(csig_run *run, const csig_scalar *shift)
{
    csig_presign_secret *s = run->secret;

    if (run->self == 0) csig_scalar_add(&s->w, &s->w, shift);
}
