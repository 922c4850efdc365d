/* Refresh and resharing, round 1: everyone who deals commits to its dealing, and all show their
 * mask keys.
 *
 * Out: V_i = H("refresh-commit", ssid, i, rid_i, C_i, u) with C_i the commitments of g_i, of degree
 * t - 1 and g_i(0) = x_i, zeros from who joins; Y_i,j = y_i,j G for each j, as in key generation,
 * and Z_i,j = z_i,j G where somebody joins. */
#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "crypto/commit.h"
#include "keygen/refresh.h"

void csig_refresh_keys_wire(csig_wire *w, void *msg)
{
    csig_refresh_keys_msg *m = msg;

    csig_keygen_commit_wire(w, &m->commit);
    for (uint16_t k = 0; w->shape->joins != 0 && k + 1 < w->shape->n; k++)
        csig_point_wire(w, &m->Z[k]);
}

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

/* For j: the mask key, and the pad key. */
static csig_err draw_keys(csig_run *run, uint16_t j, csig_refresh_keys_msg *msg)
{
    csig_refresh_secret *st = csig_refresh_secret_of(run);
    csig_refresh_open *open = csig_refresh_open_of(run);
    const uint16_t slot = csig_keygen_slot(run->self, j);

    csig_scalar_random(&st->y[j], run->env.rng, "refresh mask key");
    CSIG_TRY(csig_point_mul_g(&open->keys.mine[j], run->env.curve, &st->y[j]));
    msg->commit.Y[slot] = open->keys.mine[j];
    if (run->shape.joins == 0) return CSIG_OK;
    csig_scalar_random(&st->z[j], run->env.rng, "refresh pad key");
    CSIG_TRY(csig_point_mul_g(&open->pads.mine[j], run->env.curve, &st->z[j]));
    msg->Z[slot] = open->pads.mine[j];
    return CSIG_OK;
}

static csig_err make(csig_run *run, csig_out *out)
{
    csig_refresh_secret *st = csig_refresh_secret_of(run);
    csig_refresh_keys_msg *msg = out->bcast;

    if (csig_refresh_has_dealt(run, run->self)) {
        CSIG_TRY(draw(run));
        csig_refresh_commitment(msg->commit.V, run, run->self, &st->own);
        csig_ct_public(msg->commit.V, sizeof msg->commit.V); /* hides its opening by u */
    }
    for (uint16_t j = 0; j < run->n; j++) {
        if (j != run->self) CSIG_TRY(draw_keys(run, j, msg));
    }
    return CSIG_OK;
}

/* Who does not deal has nothing to commit to. */
static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    static const uint8_t none[CSIG_HASH_BYTES];
    const csig_refresh_keys_msg *msg = in->bcast;

    CSIG_REQUIRE(csig_refresh_has_dealt(run, from) ||
                     csig_is_same(msg->commit.V, none, sizeof none),
                 CSIG_E_MESSAGE);
    return CSIG_OK;
}

/* What is for all to see; own ones where somebody watches for self. */
static void keep_commitments(csig_run *run, const csig_in in[CSIG_MAX_PARTIES])
{
    csig_refresh_open *open = csig_refresh_open_of(run);
    const csig_refresh_keys_msg *mine = in[run->self].bcast;

    for (uint16_t j = 0; j < run->n; j++) {
        const csig_refresh_keys_msg *msg = in[j].bcast;
        const uint16_t at = csig_keygen_slot(run->self, j);

        if (msg == NULL) continue;
        memcpy(open->V[j], msg->commit.V, sizeof open->V[j]);
        if (j == run->self) continue;
        open->keys.theirs[j] = msg->commit.Y[csig_keygen_slot(j, run->self)];
        open->pads.theirs[j] = msg->Z[csig_keygen_slot(j, run->self)];
        if (mine == NULL) continue;
        open->keys.mine[j] = mine->commit.Y[at];
        open->pads.mine[j] = mine->Z[at];
    }
}

/* One Diffie-Hellman point with each peer gives the masks of both directions, another one the pads.
 */
static csig_err agree(csig_run *run, uint16_t j)
{
    const csig_refresh_open *open = csig_refresh_open_of(run);
    csig_refresh_secret *st = csig_refresh_secret_of(run);
    const uint16_t i = run->self;
    uint8_t dh[64];
    csig_err err = csig_point_dh(dh, &st->y[j], &open->keys.theirs[j]);

    csig_keygen_mask(&st->mask_out[j], run, i, j, dh);
    csig_keygen_mask(&st->mask_in[j], run, j, i, dh);
    if (err == CSIG_OK && run->shape.joins != 0) {
        err = csig_point_dh(dh, &st->z[j], &open->pads.theirs[j]);
        csig_refresh_pad(st->pad_out.at[j], run, i, j, dh);
        csig_refresh_pad(st->pad_in.at[j], run, j, i, dh);
    }
    csig_wipe(dh, sizeof dh);
    return err;
}

static csig_err step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    csig_refresh_secret *st = csig_refresh_secret_of(run);

    (void)culprit;
    keep_commitments(run, in);
    if (run->watching) return CSIG_OK;
    for (uint16_t j = 0; j < run->n; j++) {
        if (j != run->self) CSIG_TRY(agree(run, j));
    }
    if (csig_refresh_has_dealt(run, run->self)) csig_wipe(st->z, sizeof st->z);
    /* With two there is nobody to show anything to. */
    if (run->n == 2) csig_wipe(st->y, sizeof st->y);
    return CSIG_OK;
}

const csig_round csig_refresh_r1 = {
    .name = "refresh/1",
    .bcast = csig_refresh_keys_wire,
    .bcast_size = sizeof(csig_refresh_keys_msg),
    .echo = true,
    .make = make,
    .check = check,
    .step = step,
};
