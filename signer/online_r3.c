/* Signing with a presignature, round 3: sigma_i, to all, who check each by the equation in which
 * rho cancels; the assigner adds its own, and has the signature. protocol.md 2.6-C. */
#include "signer/online.h"

static csig_err make(csig_run *run, csig_out *out)
{
    const csig_online_open *open = run->open;
    csig_online_secret *s = run->secret;
    csig_online_r3 *msg = out->bcast;

    csig_partial_spend(&msg->sigma, &open->target, &s->half);
    return CSIG_OK;
}

/* From what is public of the half alone: whoever gets a wrong one names its sender. */
static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    const csig_online_open *open = run->open;
    const csig_online_secret *s = run->secret;
    const csig_online_r3 *msg = in->bcast;

    return csig_partial_check(&msg->sigma, &open->target, &s->half, from);
}

static csig_err step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    csig_online_open *open = run->open;
    csig_online_secret *s = run->secret;
    csig_scalar sigma[CSIG_MAX_PARTIES];

    if (!csig_online_is_assigner(run, run->self)) return CSIG_OK;
    for (uint16_t j = 0; j < run->n; j++) {
        const csig_online_r3 *msg = in[j].bcast;

        if (j != run->self) sigma[j] = msg->sigma;
    }
    csig_partial_spend(&sigma[run->self], &open->target, &s->half);
    if (csig_partial_combine(&open->signature, &open->target, sigma, run->n) != CSIG_OK) {
        csig_presign_blame(run, culprit);
        return CSIG_E_OUTPUT;
    }
    return CSIG_OK;
}

const csig_round csig_online_round_3 = {
    .name = "online/3 partial",
    .bcast = csig_online_r3_wire,
    .bcast_size = sizeof(csig_online_r3),
    .hold = true,
    .due = csig_online_is_other,
    .make = make,
    .check = check,
    .step = step,
};
