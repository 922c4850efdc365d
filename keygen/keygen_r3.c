/* Key generation, round 3: everyone proves that it knows its share, and encrypts what it has dealt
 * for the indices that have a recovery key.
 *
 * Out: Pi-sch for x_i with X_i = x_i G under A_i, which V_i fixed before anyone knew rid: no proof
 * of another session or party fits, and no key can be chosen as a function of another's. For each
 * index k with a recovery key an escrow of f_i(k), and the chain code sealed: only now the key and
 * its chain code are known, which the escrow is bound to. An index that is not online proves
 * nothing: the escrows show that its share exists. */
#include "base/mem.h"
#include "keygen/keygen.h"

void csig_keygen_prove_wire(csig_wire *w, void *msg)
{
    csig_keygen_prove_msg *m = msg;

    csig_zk_sch_wire(w, &m->sch);
    csig_escrows_wire(w, m->escrow);
}

static const csig_point *share_of(const csig_run *run, uint16_t position)
{
    return &csig_keygen_secret_of(run)->share.X[run->index[position] - 1];
}

static csig_err make(csig_run *run, csig_out *out)
{
    csig_keygen_secret *st = csig_keygen_secret_of(run);
    csig_escrows *escrows = &csig_keygen_open_of(run)->escrows;
    const csig_zk_sch_stmt knows = {.X = share_of(run, run->self), .A = &st->own.A};
    const csig_escrow_dealer self = csig_keygen_dealer(run, run->self);
    csig_keygen_prove_msg *msg = out->bcast;
    csig_transcript t;

    csig_keygen_sch_transcript(&t, run, run->self);
    csig_zk_sch_prove(&msg->sch, &t, &knows, &st->alpha, &st->share.x);
    CSIG_TRY(csig_escrows_make(msg->escrow, escrows, &run->env, &self, st->escrowed));
    csig_wipe(st->escrowed, sizeof st->escrowed);
    return csig_escrows_keep(escrows, msg->escrow, &self);
}

static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    const csig_keygen_prove_msg *msg = in->bcast;
    const csig_escrow_dealer dealer = csig_keygen_dealer(run, from);
    const csig_zk_sch_stmt knows = {
        .X = share_of(run, from),
        .A = &csig_keygen_open_of(run)->A[from],
    };
    csig_transcript t;

    csig_keygen_sch_transcript(&t, run, from);
    CSIG_TRY(csig_zk_sch_verify(&msg->sch, &t, &knows));
    if (csig_keygen_open_of(run)->no_cc) return CSIG_OK; /* escrows are bound to its hash */
    return csig_escrows_verify(msg->escrow, &csig_keygen_open_of(run)->escrows, &dealer);
}

static csig_err step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    (void)culprit;
    if (run->watching) return CSIG_OK;
    for (uint16_t j = 0; j < run->n; j++) {
        const csig_escrow_dealer dealer = csig_keygen_dealer(run, j);
        const csig_keygen_prove_msg *msg = in[j].bcast;

        if (j == run->self) continue;
        CSIG_TRY(csig_escrows_keep(&csig_keygen_open_of(run)->escrows, msg->escrow, &dealer));
    }
    return CSIG_OK;
}

const csig_round csig_keygen_r3 = {
    .name = "keygen/3",
    .bcast = csig_keygen_prove_wire,
    .bcast_size = sizeof(csig_keygen_prove_msg),
    .echo = true,
    .make = make,
    .check = check,
    .step = step,
    .testimony = &csig_keygen_opens_parts,
};
