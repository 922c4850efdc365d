/* Full signing, round 5: the collector shows the signature to all. protocol.md 7.1. */
#include "signer/sign.h"

static bool due(const csig_run *run, uint16_t from)
{
    const csig_sign_open *open = run->open;

    return from == open->collector;
}

static csig_err make(csig_run *run, csig_out *out)
{
    const csig_sign_open *open = run->open;
    csig_sign_r5 *msg = out->bcast;

    msg->signature = open->signature;
    return CSIG_OK;
}

static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    const csig_sign_open *open = run->open;
    const csig_sign_r5 *msg = in->bcast;

    (void)from;
    return csig_target_verify(&open->target, &msg->signature);
}

static csig_err step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    csig_sign_open *open = run->open;
    const csig_sign_r5 *msg = in[open->collector].bcast;

    (void)culprit;
    if (run->self != open->collector) open->signature = msg->signature;
    return CSIG_OK;
}

const csig_round csig_sign_round_5 = {
    .name = "sign/5 signature",
    .bcast = csig_sign_r5_wire,
    .bcast_size = sizeof(csig_sign_r5),
    .due = due,
    .make = make,
    .check = check,
    .step = step,
};
