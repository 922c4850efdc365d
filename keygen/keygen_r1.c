/* Key generation, round 1: everyone commits, and shows its mask keys.
 *
 * Out: V_i = H("kg-commit", ssid, i, opening, u); Y_i,j = y_i,j G for each j. The mask keys stand
 * beside V_i, not inside: round 2 sends sub-shares and parts of the chain code under them. */
#include "keygen/keygen.h"

#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "crypto/commit.h"

void csig_keygen_commit_wire(csig_wire *w, void *msg)
{
    csig_keygen_commit_msg *m = msg;

    csig_bytes_wire(w, m->V, sizeof m->V);
    for (uint16_t k = 0; k + 1 < w->shape->n; k++)
        csig_point_wire(w, &m->Y[k]);
}

/* What V_i hides: the opening without u. */
static void hidden_wire(csig_wire *w, void *msg)
{
    csig_keygen_open_msg *m = msg;

    csig_bytes_wire(w, m->rid, sizeof m->rid);
    csig_bytes_wire(w, m->cc_hash, sizeof m->cc_hash);
    for (uint16_t k = 0; k < w->shape->t; k++)
        csig_point_wire(w, &m->S[k]);
    csig_point_wire(w, &m->A);
}

void csig_keygen_open_wire(csig_wire *w, void *msg)
{
    csig_keygen_open_msg *m = msg;

    hidden_wire(w, m);
    csig_bytes_wire(w, m->u, sizeof m->u);
}

void csig_keygen_commitment(uint8_t V[CSIG_HASH_BYTES], const csig_run *run, uint16_t position,
                            const csig_keygen_open_msg *opening)
{
    csig_commit_shaped(V, CSIG_LABEL_KG_COMMIT, run->ssid, run->index[position], hidden_wire,
                       &run->shape, opening, opening->u);
}

/* f_i, cc_i and A_i, and their opening. */
static csig_err draw(csig_run *run)
{
    csig_keygen_secret *st = csig_keygen_secret_of(run);
    csig_poly_commit S;

    csig_poly_random(&st->f, run->shape.t, NULL, run->env.rng);
    CSIG_TRY(csig_poly_commit_to(&S, &st->f, run->env.curve));
    memcpy(st->own.S, S.S, sizeof st->own.S);
    csig_rng_bytes(run->env.rng, "keygen rid", st->own.rid, sizeof st->own.rid);
    csig_rng_bytes(run->env.rng, "keygen chain code", st->cc, sizeof st->cc);
    csig_keygen_cc_hash(st->own.cc_hash, run, run->self, st->cc);
    CSIG_TRY(csig_zk_sch_commit(&st->alpha, &st->own.A, &run->env));
    csig_rng_bytes(run->env.rng, "keygen opening", st->own.u, sizeof st->own.u);
    return CSIG_OK;
}

static csig_err make(csig_run *run, csig_out *out)
{
    csig_keygen_secret *st = csig_keygen_secret_of(run);
    csig_mask_keys *keys = &csig_keygen_open_of(run)->keys;
    csig_keygen_commit_msg *msg = out->bcast;

    CSIG_TRY(draw(run));
    csig_keygen_commitment(msg->V, run, run->self, &st->own);
    csig_ct_public(msg->V, sizeof msg->V); /* hides its opening by u */
    for (uint16_t j = 0; j < run->n; j++) {
        if (j == run->self) continue;
        csig_scalar_random(&st->y[j], run->env.rng, "keygen mask key");
        CSIG_TRY(csig_point_mul_g(&keys->mine[j], run->env.curve, &st->y[j]));
        msg->Y[csig_keygen_slot(run->self, j)] = keys->mine[j];
    }
    return CSIG_OK;
}

/* What is for all to see. */
static void keep_commitments(csig_run *run, const csig_in in[CSIG_MAX_PARTIES])
{
    csig_keygen_open *open = csig_keygen_open_of(run);
    const csig_keygen_commit_msg *mine = in[run->self].bcast;

    for (uint16_t j = 0; j < run->n; j++) {
        const csig_keygen_commit_msg *msg = in[j].bcast;

        if (msg == NULL) continue;
        memcpy(open->V[j], msg->V, sizeof msg->V);
        if (j == run->self) continue;
        open->keys.theirs[j] = msg->Y[csig_keygen_slot(j, run->self)];
        if (mine != NULL) open->keys.mine[j] = mine->Y[csig_keygen_slot(run->self, j)];
    }
}

/* One Diffie-Hellman point with each peer gives masks and pads of both directions. */
static csig_err step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    csig_keygen_secret *st = csig_keygen_secret_of(run);
    const uint16_t i = run->self;
    csig_err err = CSIG_OK;
    uint8_t dh[64];

    (void)culprit;
    keep_commitments(run, in);
    if (run->watching) return CSIG_OK;
    for (uint16_t j = 0; j < run->n && err == CSIG_OK; j++) {
        if (j == i) continue;
        err = csig_point_dh(dh, &st->y[j], &csig_keygen_open_of(run)->keys.theirs[j]);
        csig_keygen_mask(&st->mask_out[j], run, i, j, dh);
        csig_keygen_mask(&st->mask_in[j], run, j, i, dh);
        csig_keygen_pad(st->pad_out.at[j], run, i, j, dh);
        csig_keygen_pad(st->pad_in.at[j], run, j, i, dh);
    }
    csig_wipe(dh, sizeof dh);
    /* With two there is nobody to show anything to. */
    if (run->n == 2) csig_wipe(st->y, sizeof st->y);
    return err;
}

const csig_round csig_keygen_r1 = {
    .name = "keygen/1",
    .bcast = csig_keygen_commit_wire,
    .bcast_size = sizeof(csig_keygen_commit_msg),
    .echo = true,
    .make = make,
    .step = step,
};
