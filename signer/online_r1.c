/* Signing with a presignature, round 1: the assigner's fresh n. Digest and path are immutable when
 * it is drawn, and the others' nonces were fixed before. protocol.md 7.2 (b). */
#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "signer/online.h"

static csig_err make(csig_run *run, csig_out *out)
{
    csig_online_open *open = run->open;
    csig_online_r1 *msg = out->bcast;

    csig_rng_bytes(run->env.rng, "online nonce", msg->nonce, sizeof msg->nonce);
    csig_ct_public(msg->nonce, sizeof msg->nonce); /* sent to all */
    memcpy(open->nonce[run->self], msg->nonce, sizeof msg->nonce);
    return CSIG_OK;
}

static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    static const uint8_t zero[CSIG_NONCE_BYTES] = {0};
    const csig_online_r1 *msg = in->bcast;

    (void)run;
    (void)from;
    CSIG_REQUIRE(!csig_is_same(msg->nonce, zero, sizeof zero), CSIG_E_MESSAGE);
    return CSIG_OK;
}

static csig_err step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    csig_online_open *open = run->open;
    const csig_online_r1 *msg = in[open->assigner].bcast;

    (void)culprit;
    if (!csig_online_is_assigner(run, run->self))
        memcpy(open->nonce[open->assigner], msg->nonce, sizeof msg->nonce);
    return CSIG_OK;
}

const csig_round csig_online_round_1 = {
    .name = "online/1 assign",
    .bcast = csig_online_r1_wire,
    .bcast_size = sizeof(csig_online_r1),
    .echo = true,
    .due = csig_online_is_assigner,
    .make = make,
    .check = check,
    .step = step,
};
