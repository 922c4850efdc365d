/* Verified peers: at rest, and their tables. */
#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "crypto/sealed.h"
#include "share/aux.h"

void csig_peer_ids(const csig_peer *peer, uint8_t identity[CSIG_IDENTITY_BYTES],
                   uint8_t aux_id[CSIG_AUX_ID_BYTES], uint8_t own_aux_id[CSIG_AUX_ID_BYTES],
                   uint64_t *generation)
{
    memcpy(identity, peer->pub.owner, CSIG_IDENTITY_BYTES);
    memcpy(aux_id, peer->pub.id, CSIG_AUX_ID_BYTES);
    memcpy(own_aux_id, peer->own_aux_id, CSIG_AUX_ID_BYTES);
    *generation = peer->pub.generation;
}

csig_err csig_peer_init(csig_peer *peer, const csig_aux_pub *pub,
                        const uint8_t own_aux_id[CSIG_AUX_ID_BYTES])
{
    peer->pub = *pub;
    peer->proofs = CSIG_AUX_PROOF_VERSION;
    memcpy(peer->own_aux_id, own_aux_id, CSIG_AUX_ID_BYTES);
    CSIG_TRY(csig_paillier_init(&peer->paillier, &pub->n, NULL));
    return csig_pedersen_init(&peer->pedersen, &pub->n_hat, &pub->s, &pub->t, NULL, NULL);
}

csig_err csig_peer_prepare(csig_peer *peer)
{
    CSIG_REQUIRE(peer != NULL, CSIG_E_ARGUMENT);
    if (peer->pedersen.s_comb != NULL) return CSIG_OK;
    return csig_pedersen_tables(&peer->pedersen);
}

void csig_peer_free(csig_peer *peer)
{
    if (peer == NULL) return;
    csig_pedersen_free(&peer->pedersen);
    csig_public_free(peer);
}

/* --- at rest: nothing in it is secret, but it must be ours --- */

static void peer_wire(csig_wire *w, void *msg)
{
    csig_peer *peer = msg;

    if (w->op == CSIG_WIRE_READ) csig_ct_public(w->in, w->len);
    csig_u32_wire(w, &peer->proofs);
    csig_bytes_wire(w, peer->own_aux_id, sizeof peer->own_aux_id);
    csig_aux_pub_wire(w, &peer->pub);
}

csig_err csig_peer_export(const csig_peer *peer, const csig_sealer *sealer, uint8_t *out,
                          size_t *len)
{
    csig_object what = {.kind = CSIG_KIND_PEER};

    CSIG_REQUIRE(peer != NULL && sealer != NULL && len != NULL, CSIG_E_ARGUMENT);
    what.epoch = peer->pub.generation;
    memcpy(what.id, peer->pub.id, sizeof what.id);
    return csig_sealed_write(sealer, &what, peer_wire, peer, out, len);
}

static csig_err import(csig_peer *peer, const csig_sealer *sealer, const uint8_t *in, size_t len)
{
    csig_object said = {.kind = CSIG_KIND_PEER};
    uint8_t own_aux_id[CSIG_AUX_ID_BYTES];
    csig_aux_pub pub;

    CSIG_TRY(csig_sealed_read(sealer, &said, peer_wire, peer, in, len));
    csig_aux_pub_id(&peer->pub);
    CSIG_REQUIRE(csig_is_same(said.id, peer->pub.id, sizeof said.id), CSIG_E_FORMAT);
    CSIG_REQUIRE(said.epoch == peer->pub.generation, CSIG_E_FORMAT);
    /* It passed proofs that are not strict enough any more. */
    CSIG_REQUIRE(peer->proofs >= CSIG_AUX_PROOF_VERSION, CSIG_E_AUX);
    pub = peer->pub;
    memcpy(own_aux_id, peer->own_aux_id, sizeof own_aux_id);
    CSIG_REQUIRE(csig_peer_init(peer, &pub, own_aux_id) == CSIG_OK, CSIG_E_FORMAT);
    return CSIG_OK;
}

csig_err csig_peer_import(csig_peer **peer, const csig_sealer *sealer, const uint8_t *in,
                          size_t len)
{
    csig_peer *p;
    csig_err err;

    CSIG_REQUIRE(peer != NULL, CSIG_E_ARGUMENT);
    *peer = NULL;
    CSIG_REQUIRE(sealer != NULL && in != NULL, CSIG_E_ARGUMENT);
    p = csig_public_alloc(sizeof *p);
    CSIG_REQUIRE(p != NULL, CSIG_E_MEMORY);
    err = import(p, sealer, in, len);
    if (err == CSIG_OK) {
        *peer = p;
    } else {
        csig_peer_free(p);
    }
    return err;
}
