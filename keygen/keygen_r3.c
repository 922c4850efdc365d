/* Key generation, round 3: everyone proves that it knows its share.
 *
 * Out: Pi-sch for x_i with X_i = x_i G under A_i, which V_i fixed before anyone knew rid: no proof
 * of another session or party fits, and no key can be chosen as a function of another's. */
#include "keygen/keygen.h"

static csig_err make(csig_run *run, csig_out *out)
{
    csig_keygen_secret *st = csig_keygen_secret_of(run);
    const csig_zk_sch_stmt knows = {.X = &st->share.X[run->self], .A = &st->own.A};
    csig_transcript t;

    csig_keygen_sch_transcript(&t, run, run->self);
    csig_zk_sch_prove(out->bcast, &t, &knows, &st->alpha, &st->share.x);
    return CSIG_OK;
}

static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    const csig_zk_sch_stmt knows = {
        .X = &csig_keygen_secret_of(run)->share.X[from],
        .A = &csig_keygen_open_of(run)->A[from],
    };
    csig_transcript t;

    csig_keygen_sch_transcript(&t, run, from);
    return csig_zk_sch_verify(in->bcast, &t, &knows);
}

const csig_round csig_keygen_r3 = {
    .name = "keygen/3",
    .bcast = csig_zk_sch_wire,
    .bcast_size = sizeof(csig_zk_sch),
    .echo = true,
    .make = make,
    .check = check,
};
