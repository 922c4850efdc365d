/* Full signing, round 4: sigma_i = m k~_i + r chi~_i, to the collector, who checks each, adds its
 * own, and has the signature. protocol.md 2.5. */
#include "signer/sign.h"

static bool due(const csig_run *run, uint16_t from)
{
    const csig_sign_open *open = run->open;

    return from != open->collector;
}

/* The nonce point is Gamma itself: known since round 2. */
static csig_err target_of(csig_target *target, const csig_run *run)
{
    const csig_sign_open *open = run->open;
    csig_scalar one;

    *target = open->target;
    csig_scalar_set_u32(&one, 1);
    return csig_target_set_nonce(target, &open->presign.Gamma, &one);
}

static csig_err make(csig_run *run, csig_out *out)
{
    csig_presign_secret *s = run->secret;
    csig_sign_r4 *msg = out->bcast;
    csig_target target;

    CSIG_TRY(target_of(&target, run));
    csig_partial_spend(&msg->sigma, &target, &s->half);
    return CSIG_OK;
}

/* The collector's business: another one that stopped here might keep its own partial back, and the
 * collector could not say whose is wrong. */
static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    const csig_sign_open *open = run->open;
    const csig_presign_secret *s = run->secret;
    const csig_sign_r4 *msg = in->bcast;
    csig_target target;

    if (run->self != open->collector) return CSIG_OK;
    CSIG_TRY(target_of(&target, run));
    return csig_partial_check(&msg->sigma, &target, &s->half, from);
}

static csig_err step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    csig_sign_open *open = run->open;
    csig_presign_secret *s = run->secret;
    csig_scalar sigma[CSIG_MAX_PARTIES];

    CSIG_TRY(target_of(&open->target, run));
    if (run->self != open->collector) return CSIG_OK;
    for (uint16_t j = 0; j < run->n; j++) {
        const csig_sign_r4 *msg = in[j].bcast;

        if (j != run->self) sigma[j] = msg->sigma;
    }
    csig_partial_spend(&sigma[run->self], &open->target, &s->half);
    if (csig_partial_combine(&open->signature, &open->target, sigma, run->n) != CSIG_OK) {
        csig_presign_blame(run, culprit);
        return CSIG_E_OUTPUT;
    }
    return CSIG_OK;
}

const csig_round csig_sign_round_4 = {
    .name = "sign/4 partial",
    .bcast = csig_sign_r4_wire,
    .bcast_size = sizeof(csig_sign_r4),
    .due = due,
    .make = make,
    .check = check,
    .step = step,
};
