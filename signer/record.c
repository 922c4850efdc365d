/* The public inputs of a session, written for third parties and read by them. */
#include "signer/record.h"

#include <string.h>

#include "base/mem.h"
#include "share/share.h"

void csig_sign_record_wire(csig_wire *w, void *msg)
{
    csig_sign_record *r = msg;
    const uint16_t n = w->shape->n, t = w->shape->t;

    csig_u16_wire(w, &r->n);
    csig_u16_wire(w, &r->t);
    csig_bytes_wire(w, r->key_id, sizeof r->key_id);
    csig_u64_wire(w, &r->epoch);
    csig_u64_wire(w, &r->attempt);
    csig_bytes_wire(w, r->epoch_state, sizeof r->epoch_state);
    csig_bytes_wire(w, r->cc_hash, sizeof r->cc_hash);
    csig_point_wire(w, &r->pk);
    for (uint16_t i = 0; i < n; i++)
        csig_bytes_wire(w, r->identity[i], sizeof r->identity[i]);
    for (uint16_t i = 0; i < n; i++)
        csig_point_wire(w, &r->X[i]);
    for (uint16_t j = 0; j < t; j++)
        csig_u16_wire(w, &r->index[j]);
    for (uint16_t j = 0; j < t; j++)
        csig_bytes_wire(w, r->nonce[j], sizeof r->nonce[j]);
    for (uint16_t j = 0; j < t; j++)
        csig_aux_pub_wire(w, &r->aux[j]);
    csig_u16_wire(w, &r->leader);
    csig_u32_wire(w, &r->number);
    csig_bytes_wire(w, r->request_id, sizeof r->request_id);
    csig_bytes_wire(w, r->digest, sizeof r->digest);
    csig_u32_wire(w, &r->input);
    csig_bytes_wire(w, r->type, sizeof r->type);
    csig_u32_wire(w, &r->depth);
    for (size_t i = 0; i < CSIG_MAX_PATH; i++)
        csig_u32_wire(w, &r->path[i]);
    csig_point_wire(w, &r->child);
}

/* --- kept --- */

static void fill(csig_sign_record *r, const csig_signers *q)
{
    const csig_share *share = q->share;

    r->n = share->n;
    r->t = q->count;
    memcpy(r->key_id, share->key_id, sizeof r->key_id);
    r->epoch = share->epoch;
    r->attempt = share->attempt;
    memcpy(r->epoch_state, share->epoch_state, sizeof r->epoch_state);
    memcpy(r->cc_hash, share->cc_hash, sizeof r->cc_hash);
    r->pk = share->pk;
    memcpy(r->identity, share->identity, sizeof r->identity);
    memcpy(r->X, share->X, sizeof r->X);
    memcpy(r->index, q->indices, q->count * sizeof q->indices[0]);
    memcpy(r->nonce, q->nonces, (size_t)q->count * CSIG_NONCE_BYTES);
    for (uint16_t j = 0; j < q->count; j++)
        r->aux[j] = q->peers[j] == NULL ? q->aux->pub : q->peers[j]->pub;
}

static void fill_intent(csig_sign_record *r, const csig_intent *intent)
{
    memcpy(r->request_id, intent->request_id, sizeof r->request_id);
    memcpy(r->digest, intent->digest, sizeof r->digest);
    r->input = intent->input;
    memcpy(r->type, intent->type, strnlen(intent->type, CSIG_TYPE_BYTES));
    r->depth = (uint32_t)intent->depth;
    for (size_t i = 0; i < intent->depth; i++)
        r->path[i] = intent->path[i];
}

static csig_err keep(csig_session *s, const csig_sign_record *r)
{
    const csig_wire_shape shape = {.n = r->n, .t = r->t};
    const size_t len = csig_wire_size_shaped(csig_sign_record_wire, &shape);
    uint8_t *octets = csig_public_alloc(len);
    csig_err err;

    CSIG_REQUIRE(octets != NULL, CSIG_E_MEMORY);
    csig_wire_write_shaped(csig_sign_record_wire, &shape, r, octets, len);
    err = csig_session_keep_inputs(s, octets, len);
    csig_public_free(octets);
    return err;
}

csig_err csig_sign_record_keep(csig_session *s, const csig_signers *q, const csig_intent *intent,
                               uint16_t leader, uint32_t number, const csig_point *child)
{
    csig_sign_record *r;
    csig_err err;

    if (q->count <= 2) return CSIG_OK; /* there is nobody to show it to */
    r = csig_public_alloc(sizeof *r);
    CSIG_REQUIRE(r != NULL, CSIG_E_MEMORY);
    fill(r, q);
    if (intent != NULL) fill_intent(r, intent);
    r->leader = leader;
    r->number = number;
    r->child = *child;
    err = keep(s, r);
    csig_public_free(r);
    return err;
}

/* --- watched --- */

const csig_share *csig_sign_about(const csig_run *run)
{
    return ((const csig_presign_open *)run->open)->share;
}

/* What the state of a watching session points to. */
typedef struct watched {
    csig_sign_record r;
    csig_share share; /* its public part */
    csig_peer peer[CSIG_MAX_PARTIES];
    const csig_peer *peers[CSIG_MAX_PARTIES];
    char type[CSIG_TYPE_BYTES + 1];
    csig_signers q;
    csig_intent intent;
} watched;

/* One encoding of one session: what is not used is zero. */
static csig_err check_unused(const csig_sign_record *r, bool presign)
{
    static const uint8_t zero[CSIG_DIGEST_BYTES + CSIG_TYPE_BYTES] = {0};
    const size_t type_len = strnlen((const char *)r->type, CSIG_TYPE_BYTES);

    CSIG_REQUIRE(csig_is_same(r->type + type_len, zero, CSIG_TYPE_BYTES - type_len), CSIG_E_FORMAT);
    for (size_t i = r->depth; i < CSIG_MAX_PATH; i++)
        CSIG_REQUIRE(r->path[i] == 0, CSIG_E_FORMAT);
    if (!presign) {
        CSIG_REQUIRE(r->number == 0, CSIG_E_FORMAT);
        return CSIG_OK;
    }
    CSIG_REQUIRE(csig_is_same(r->request_id, zero, sizeof r->request_id), CSIG_E_FORMAT);
    CSIG_REQUIRE(csig_is_same(r->digest, zero, sizeof r->digest), CSIG_E_FORMAT);
    CSIG_REQUIRE(r->input == 0 && r->depth == 0 && type_len == 0, CSIG_E_FORMAT);
    CSIG_REQUIRE(csig_point_is_eq(&r->child, &r->pk), CSIG_E_FORMAT);
    return CSIG_OK;
}

static csig_err read_record(csig_sign_record *r, bool presign, const uint8_t *in, size_t len)
{
    csig_wire_shape shape;

    CSIG_REQUIRE(len >= 4, CSIG_E_LENGTH);
    shape =
        (csig_wire_shape){.n = (uint16_t)(in[0] << 8 | in[1]), .t = (uint16_t)(in[2] << 8 | in[3])};
    CSIG_REQUIRE(shape.n <= CSIG_MAX_PARTIES && shape.t <= shape.n, CSIG_E_PARTIES);
    CSIG_REQUIRE(shape.t > 2, CSIG_E_PARTIES);
    CSIG_TRY(csig_wire_read_shaped(csig_sign_record_wire, &shape, r, in, len));
    CSIG_REQUIRE(r->depth <= CSIG_MAX_PATH, CSIG_E_PATH);
    for (uint16_t j = 0; j < r->t; j++) {
        CSIG_REQUIRE(r->index[j] >= 1 && r->index[j] <= r->n, CSIG_E_PARTIES);
        CSIG_REQUIRE(j == 0 || r->index[j] > r->index[j - 1], CSIG_E_PARTIES);
    }
    return check_unused(r, presign);
}

static void fill_share(csig_share *share, const csig_sign_record *r)
{
    share->n = r->n;
    share->t = r->t;
    memcpy(share->key_id, r->key_id, sizeof r->key_id);
    share->epoch = r->epoch;
    share->attempt = r->attempt;
    memcpy(share->epoch_state, r->epoch_state, sizeof r->epoch_state);
    memcpy(share->cc_hash, r->cc_hash, sizeof r->cc_hash);
    share->pk = r->pk;
    memcpy(share->identity, r->identity, sizeof r->identity);
    memcpy(share->X, r->X, sizeof r->X);
}

static csig_err fill_peers(watched *w)
{
    for (uint16_t j = 0; j < w->r.t; j++) {
        const uint8_t none[CSIG_AUX_ID_BYTES] = {0};

        csig_aux_pub_id(&w->r.aux[j]);
        CSIG_REQUIRE(csig_peer_init(&w->peer[j], &w->r.aux[j], none) == CSIG_OK, CSIG_E_EVIDENCE);
        w->peers[j] = &w->peer[j];
    }
    return CSIG_OK;
}

static csig_err fill_watched(watched *w, bool presign, const uint8_t *inputs, size_t len)
{
    CSIG_TRY(read_record(&w->r, presign, inputs, len));
    fill_share(&w->share, &w->r);
    CSIG_TRY(fill_peers(w));
    memcpy(w->type, w->r.type, sizeof w->r.type);
    w->intent =
        (csig_intent){.input = w->r.input, .type = w->type, .path = w->r.path, .depth = w->r.depth};
    memcpy(w->intent.request_id, w->r.request_id, sizeof w->r.request_id);
    memcpy(w->intent.digest, w->r.digest, sizeof w->r.digest);
    w->q = (csig_signers){.share = &w->share,
                          .indices = w->r.index,
                          .peers = w->peers,
                          .nonces = w->r.nonce[0],
                          .count = w->r.t};
    return CSIG_OK;
}

static csig_err watch(csig_session **s, watched *w, const csig_protocol *protocol, uint16_t accuser)
{
    uint16_t self = 0, leads = 0;

    CSIG_REQUIRE(csig_signers_position(&self, &w->q, accuser) == CSIG_OK, CSIG_E_EVIDENCE);
    CSIG_REQUIRE(csig_signers_position(&leads, &w->q, w->r.leader) == CSIG_OK, CSIG_E_EVIDENCE);
    if (protocol->id == CSIG_PROTOCOL_PRESIGN)
        return csig_presign_fill_session(s, protocol, &w->q, self, leads, w->r.number);
    return csig_sign_fill_session(s, protocol, &w->q, self, &w->intent, leads, &w->r.child);
}

csig_err csig_sign_watch(csig_session **s, const csig_protocol *protocol, const uint8_t *inputs,
                         size_t len, uint16_t accuser)
{
    watched *w = csig_public_alloc(sizeof *w);
    csig_err err;

    *s = NULL;
    CSIG_REQUIRE(w != NULL, CSIG_E_MEMORY);
    err = fill_watched(w, protocol->id == CSIG_PROTOCOL_PRESIGN, inputs, len);
    if (err == CSIG_OK) err = watch(s, w, protocol, accuser);
    if (err != CSIG_OK) {
        csig_session_free(*s);
        *s = NULL;
        csig_public_free(w);
        return err;
    }
    csig_session_watched(*s, w);
    return CSIG_OK;
}
