/* Auxiliary session, round 1: both show their record.
 *
 * Out: the record as it was made, the same octets to every peer. In: the peer's, with everything
 * that can be checked by anybody. */
#include "keygen/auxinfo.h"

static csig_err make(csig_run *run, csig_out *out)
{
    /* Ours, so it reads; the walk writes the same octets again. */
    return csig_wire_read(csig_aux_record_wire, out->bcast, csig_auxinfo_of(run)->ours->record,
                          csig_wire_size(csig_aux_record_wire));
}

static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    const csig_auxinfo *st = csig_auxinfo_of(run);

    return csig_aux_record_check(in->bcast, run->identity[from], st->above, st->ours, &run->env);
}

static csig_err step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    csig_auxinfo *st = csig_auxinfo_of(run);
    const csig_aux_record *record = in[1 - run->self].bcast;

    (void)culprit;
    return csig_peer_init(&st->peer, &record->pub, st->ours->pub.id);
}

const csig_round csig_auxinfo_r1 = {
    .name = "auxinfo/1",
    .bcast = csig_aux_record_wire,
    .bcast_size = sizeof(csig_aux_record),
    .echo = true,
    .make = make,
    .check = check,
    .step = step,
};
