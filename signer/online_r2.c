/* Signing with a presignature, round 2: the others reveal the n_i they committed to when
 * presigning. After it: rho and R = rho Gamma. protocol.md 2.6-C. */
#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "signer/online.h"

static csig_err make(csig_run *run, csig_out *out)
{
    csig_online_open *open = run->open;
    csig_online_secret *s = run->secret;
    csig_online_r2 *msg = out->bcast;

    memcpy(msg->nonce, s->half.nonce, sizeof msg->nonce);
    csig_ct_public(msg->nonce, sizeof msg->nonce); /* revealed */
    memcpy(open->nonce[run->self], msg->nonce, sizeof msg->nonce);
    csig_wipe(s->half.nonce, sizeof s->half.nonce);
    return CSIG_OK;
}

static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    const csig_online_secret *s = run->secret;
    const csig_online_r2 *msg = in->bcast;
    uint8_t com[CSIG_HASH_BYTES];

    csig_presig_commit(com, s->half.ssid, run->index[from], msg->nonce);
    CSIG_REQUIRE(csig_is_same(com, s->half.com[from], sizeof com), CSIG_E_COMMIT);
    return CSIG_OK;
}

static csig_err step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    csig_online_open *open = run->open;
    const csig_online_secret *s = run->secret;
    csig_scalar rho;

    (void)culprit;
    for (uint16_t j = 0; j < run->n; j++) {
        const csig_online_r2 *msg = in[j].bcast;

        if (j != run->self && csig_online_is_other(run, j))
            memcpy(open->nonce[j], msg->nonce, sizeof msg->nonce);
    }
    for (uint16_t j = 0; j < run->n; j++)
        csig_transcript_bytes(&open->intent, open->nonce[j], CSIG_NONCE_BYTES);
    csig_transcript_challenge_scalar(&open->intent, &rho);
    return csig_target_set_nonce(&open->target, &s->half.Gamma, &rho);
}

const csig_round csig_online_round_2 = {
    .name = "online/2 reveal",
    .bcast = csig_online_r2_wire,
    .bcast_size = sizeof(csig_online_r2),
    .hold = true,
    .due = csig_online_is_other,
    .make = make,
    .check = check,
    .step = step,
};
