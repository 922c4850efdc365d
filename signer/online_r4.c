/* Signing with a presignature, round 4: the assigner shows the signature to all. */
#include "signer/online.h"

static csig_err make(csig_run *run, csig_out *out)
{
    const csig_online_open *open = run->open;
    csig_online_r4 *msg = out->bcast;

    msg->signature = open->signature;
    return CSIG_OK;
}

static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    const csig_online_open *open = run->open;
    const csig_online_r4 *msg = in->bcast;

    (void)from;
    return csig_target_verify(&open->target, &msg->signature);
}

static csig_err step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    csig_online_open *open = run->open;
    const csig_online_r4 *msg = in[open->assigner].bcast;

    (void)culprit;
    if (!csig_online_is_assigner(run, run->self)) open->signature = msg->signature;
    return CSIG_OK;
}

const csig_round csig_online_round_4 = {
    .name = "online/4 signature",
    .bcast = csig_online_r4_wire,
    .bcast_size = sizeof(csig_online_r4),
    .due = csig_online_is_assigner,
    .make = make,
    .check = check,
    .step = step,
};
