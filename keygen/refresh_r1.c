/* Refresh and resharing, round 1: everyone who deals commits to its dealing, and all show their
 * mask keys.
 *
 * Out: V_i = H("refresh-commit", ssid, i, rid_i, C_i, u) with C_i the commitments of g_i, of degree
 * t - 1 and g_i(0) = x_i, zeros from who joins; Y_i,j = y_i,j G for each j, as in key generation.
 */
#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "crypto/commit.h"
#include "keygen/refresh.h"

/* What V_i hides: the opening without u. */
static void hidden_wire(csig_wire *w, void *msg)
{
    csig_refresh_opening *m = msg;

    csig_bytes_wire(w, m->rid, sizeof m->rid);
    for (uint16_t k = 0; k < w->shape->t; k++)
        csig_point_wire(w, &m->C[k]);
}

void csig_refresh_open_wire(csig_wire *w, void *msg)
{
    csig_refresh_open_msg *m = msg;

    hidden_wire(w, &m->opening);
    csig_bytes_wire(w, m->opening.u, sizeof m->opening.u);
    csig_escrows_wire(w, m->escrow);
}

void csig_refresh_commitment(uint8_t V[CSIG_HASH_BYTES], const csig_run *run, uint16_t position,
                             const csig_refresh_opening *opening)
{
    csig_commit_shaped(V, CSIG_LABEL_REFRESH_COMMIT, run->ssid, run->index[position], hidden_wire,
                       &run->shape, opening, opening->u);
}

static csig_err draw(csig_run *run)
{
    csig_refresh_secret *st = csig_refresh_secret_of(run);
    csig_poly_commit C;

    csig_poly_random(&st->g, run->shape.t, &st->share.x, run->env.rng);
    CSIG_TRY(csig_poly_commit_to(&C, &st->g, run->env.curve));
    memcpy(st->own.C, C.S, sizeof st->own.C);
    csig_rng_bytes(run->env.rng, "refresh rid", st->own.rid, sizeof st->own.rid);
    csig_rng_bytes(run->env.rng, "refresh opening", st->own.u, sizeof st->own.u);
    return CSIG_OK;
}

static csig_err make(csig_run *run, csig_out *out)
{
    csig_refresh_secret *st = csig_refresh_secret_of(run);
    csig_keygen_commit_msg *msg = out->bcast;

    if (csig_refresh_has_dealt(run, run->self)) {
        CSIG_TRY(draw(run));
        csig_refresh_commitment(msg->V, run, run->self, &st->own);
        csig_ct_public(msg->V, sizeof msg->V); /* hides its opening by u */
    }
    for (uint16_t j = 0; j < run->n; j++) {
        if (j == run->self) continue;
        csig_scalar_random(&st->y[j], run->env.rng, "refresh mask key");
        CSIG_TRY(
            csig_point_mul_g(&msg->Y[csig_keygen_slot(run->self, j)], run->env.curve, &st->y[j]));
    }
    return CSIG_OK;
}

/* Who does not deal has nothing to commit to. */
static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    static const uint8_t none[CSIG_HASH_BYTES];
    const csig_keygen_commit_msg *msg = in->bcast;

    CSIG_REQUIRE(csig_refresh_has_dealt(run, from) || csig_is_same(msg->V, none, sizeof none),
                 CSIG_E_MESSAGE);
    return CSIG_OK;
}

static void keep_commitments(csig_run *run, const csig_in in[CSIG_MAX_PARTIES])
{
    for (uint16_t j = 0; j < run->n; j++) {
        const csig_keygen_commit_msg *msg = in[j].bcast;

        if (msg != NULL) memcpy(csig_refresh_open_of(run)->V[j], msg->V, sizeof msg->V);
    }
}

/* One Diffie-Hellman point with each peer gives the masks, and the pads, of both directions. */
static csig_err step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    csig_refresh_secret *st = csig_refresh_secret_of(run);
    const uint16_t i = run->self;
    csig_err err = CSIG_OK;
    uint8_t dh[64];

    (void)culprit;
    keep_commitments(run, in);
    if (run->watching) return CSIG_OK;
    for (uint16_t j = 0; j < run->n && err == CSIG_OK; j++) {
        const csig_keygen_commit_msg *msg = in[j].bcast;

        if (j == i) continue;
        err = csig_point_dh(dh, &st->y[j], &msg->Y[csig_keygen_slot(j, i)]);
        csig_keygen_mask(&st->mask_out[j], run, i, j, dh);
        csig_keygen_mask(&st->mask_in[j], run, j, i, dh);
        if (run->shape.joins == 0) continue;
        csig_refresh_pad(st->pad_out.at[j], run, i, j, dh);
        csig_refresh_pad(st->pad_in.at[j], run, j, i, dh);
    }
    csig_wipe(dh, sizeof dh);
    csig_wipe(st->y, sizeof st->y);
    return err;
}

const csig_round csig_refresh_r1 = {
    .name = "refresh/1",
    .bcast = csig_keygen_commit_wire,
    .bcast_size = sizeof(csig_keygen_commit_msg),
    .echo = true,
    .make = make,
    .check = check,
    .step = step,
};
