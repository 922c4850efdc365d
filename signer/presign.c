/* Presigning: the table of rounds, the sizes of its state, and the walks of its messages. */
#include "signer/presign.h"

#include "base/mem.h"
#include "signer/record.h"

void csig_presign_r1_wire(csig_wire *w, void *msg)
{
    csig_presign_r1 *m = msg;

    csig_nat_wire(w, &m->K, CSIG_NN_BYTES);
    csig_nat_wire(w, &m->G, CSIG_NN_BYTES);
    csig_point_wire(w, &m->Y);
    csig_point_wire(w, &m->A1);
    csig_point_wire(w, &m->A2);
    csig_point_wire(w, &m->B1);
    csig_point_wire(w, &m->B2);
}

void csig_presign_r1_com_wire(csig_wire *w, void *msg)
{
    csig_presign_r1_com *m = msg;

    csig_presign_r1_wire(w, &m->common);
    csig_bytes_wire(w, m->com, sizeof m->com);
}

void csig_presign_r1_part_wire(csig_wire *w, void *msg)
{
    csig_presign_r1_part *m = msg;

    csig_zk_encelg_wire(w, &m->psi0);
    csig_zk_encelg_wire(w, &m->psi1);
}

void csig_presign_r2_wire(csig_wire *w, void *msg)
{
    csig_presign_r2 *m = msg;

    csig_point_wire(w, &m->Gamma);
    csig_zk_elog_wire(w, &m->psi);
}

void csig_presign_r2_part_wire(csig_wire *w, void *msg)
{
    csig_presign_r2_part *m = msg;

    csig_mta_answer_wire(w, &m->gamma);
    csig_mta_answer_wire(w, &m->w);
}

void csig_presign_r3_wire(csig_wire *w, void *msg)
{
    csig_presign_r3 *m = msg;

    csig_scalar_wire(w, &m->delta);
    csig_point_wire(w, &m->S);
    csig_point_wire(w, &m->Delta);
    csig_zk_elog_wire(w, &m->psi);
}

void csig_presign_r4_wire(csig_wire *w, void *msg)
{
    csig_presign_r4 *m = msg;

    csig_bytes_wire(w, m->hash, sizeof m->hash);
}

size_t csig_presign_secret_bytes(uint16_t n)
{
    return sizeof(csig_presign_secret) + n * sizeof(csig_presign_masks);
}

size_t csig_presign_open_bytes(uint16_t n)
{
    (void)n;
    return sizeof(csig_presign_open);
}

void csig_presign_forget(csig_run *run)
{
    csig_presign_secret *s = run->secret;

    csig_scalar_wipe(&s->gamma);
    csig_scalar_wipe(&s->w);
    csig_wipe(s->masks, run->n * sizeof s->masks[0]);
}

void csig_presign_blame(const csig_run *run, uint16_t *culprit)
{
    if (run->n == 2) *culprit = (uint16_t)(1 - run->self);
}

static const csig_round *const rounds[] = {
    &csig_presign_round_1,
    &csig_presign_round_2,
    &csig_presign_round_3,
    &csig_presign_round_4,
};

const csig_protocol csig_presign_protocol = {
    .id = CSIG_PROTOCOL_PRESIGN,
    .name = "presign",
    .rounds = rounds,
    .count = CSIG_ARRAY_LEN(rounds),
    .secret_bytes = csig_presign_secret_bytes,
    .open_bytes = csig_presign_open_bytes,
    .error = &csig_presign_error_round,
    .watch = csig_sign_watch,
    .about = csig_sign_about,
};
