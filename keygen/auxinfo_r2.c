/* Auxiliary session, round 2: each proves to the other that its N has no small factor.
 *
 * Out: Pi-fac for N under the peer's N^, s, t. In: the peer's for ours. */
#include "keygen/auxinfo.h"

static csig_err make(csig_run *run, csig_out *out)
{
    const csig_auxinfo *st = csig_auxinfo_of(run);
    csig_transcript t;

    csig_auxinfo_fac_transcript(&t, &st->ours->pub, &st->peer.pub);
    return csig_zk_fac_prove(out->bcast, &run->env, &t, &st->ours->paillier.ring,
                             &st->ours->n_factors, &st->peer.pedersen);
}

static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    const csig_auxinfo *st = csig_auxinfo_of(run);
    csig_transcript t;

    (void)from;
    csig_auxinfo_fac_transcript(&t, &st->peer.pub, &st->ours->pub);
    return csig_zk_fac_verify(in->bcast, &run->env, &t, &st->peer.pub.n, &st->ours->pedersen);
}

const csig_round csig_auxinfo_r2 = {
    .name = "auxinfo/2",
    .bcast = csig_zk_fac_wire,
    .bcast_size = sizeof(csig_zk_fac),
    .echo = true,
    .make = make,
    .check = check,
};
