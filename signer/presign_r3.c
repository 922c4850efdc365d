/* Presigning and signing, round 3: the products are opened against Gamma.
 * Out: delta_i, S_i, Delta_i with Pi-elog. In: those. After it: delta G = sum Delta_j and
 * delta PK = sum S_j hold, and this party has its half. Source: protocol.md 2.4, R3. */
#include <string.h>

#include "base/ct.h"
#include "signer/presign.h"

static csig_zk_elog_stmt delta_statement(const csig_presign_party *p, const csig_point *Delta,
                                         const csig_point *Gamma)
{
    return (csig_zk_elog_stmt){.L = &p->A1, .M = &p->A2, .X = &p->Y, .Y = Delta, .H = Gamma};
}

static csig_err make(csig_run *run, csig_out *out)
{
    csig_presign_open *open = run->open;
    csig_presign_secret *s = run->secret;
    csig_presign_party *me = &open->party[run->self];
    csig_presign_r3 *msg = out->bcast;
    const csig_zk_elog_stmt stmt = delta_statement(me, &msg->Delta, &open->Gamma);
    const csig_zk_elog_wit wit = {.y = &s->k, .lambda = &s->a, .x = &s->y};
    csig_transcript tr;

    msg->delta = s->delta;
    csig_ct_public(&msg->delta, sizeof msg->delta); /* gamma_i masks it; it is sent to all */
    CSIG_TRY(csig_point_mul(&msg->Delta, &s->k, &open->Gamma));
    CSIG_TRY(csig_point_mul(&msg->S, &s->chi, &open->Gamma));
    csig_transcript_proof(&tr, CSIG_LABEL_ZK_ELOG_DELTA, run->ssid, run->index[run->self],
                          CSIG_TO_ALL);
    CSIG_TRY(csig_zk_elog_prove(&msg->psi, &run->env, &tr, &stmt, &wit));

    csig_scalar_wipe(&s->a);
    csig_scalar_wipe(&s->y);
    csig_scalar_wipe(&s->delta);
    me->delta = msg->delta;
    me->Delta = msg->Delta;
    me->S = msg->S;
    return CSIG_OK;
}

static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    const csig_presign_open *open = run->open;
    const csig_presign_r3 *msg = in->bcast;
    const csig_zk_elog_stmt stmt = delta_statement(&open->party[from], &msg->Delta, &open->Gamma);
    csig_transcript tr;

    csig_transcript_proof(&tr, CSIG_LABEL_ZK_ELOG_DELTA, run->ssid, run->index[from], CSIG_TO_ALL);
    return csig_zk_elog_verify(&msg->psi, &tr, &stmt);
}

/* x P = sum of Q? */
static bool product_is_sum(const csig_scalar *x, const csig_point *P, const csig_point *const *Q,
                           size_t n)
{
    csig_point xP, sum;

    return csig_point_has_mul_var(&xP, x, P) && csig_point_has_sum(&sum, Q, n) &&
           csig_point_is_eq(&xP, &sum);
}

/* delta = sum delta_j,  delta G = sum Delta_j,  delta PK = sum S_j; a delta of 0 has no such
 * product and is refused with them. */
static csig_err check_sums(csig_run *run, csig_scalar *delta)
{
    csig_presign_open *open = run->open;
    const csig_point *Delta[CSIG_MAX_PARTIES], *S[CSIG_MAX_PARTIES];
    csig_point G;

    csig_scalar_set_u32(delta, 0);
    for (uint16_t j = 0; j < run->n; j++) {
        csig_scalar_add(delta, delta, &open->party[j].delta);
        Delta[j] = &open->party[j].Delta;
        S[j] = &open->party[j].S;
    }
    csig_point_generator(&G);
    open->delta_fails = !product_is_sum(delta, &G, Delta, run->n);
    CSIG_REQUIRE(!open->delta_fails, CSIG_E_SUM);
    CSIG_REQUIRE(product_is_sum(delta, &open->pk, S, run->n), CSIG_E_SUM);
    return CSIG_OK;
}

/* k~ = k / delta,  chi~ = chi / delta,  Delta~_j = Delta_j / delta,  S~_j = S_j / delta */
static void make_half(csig_run *run, const csig_scalar *delta)
{
    const csig_presign_open *open = run->open;
    csig_presign_secret *s = run->secret;
    csig_presig *half = &s->half;
    csig_scalar inverse;

    csig_scalar_inv(&inverse, delta);
    csig_scalar_mul(&half->k, &s->k, &inverse);
    csig_scalar_mul(&half->chi, &s->chi, &inverse);
    csig_scalar_wipe(&s->k);
    csig_scalar_wipe(&s->chi);
    half->count = run->n;
    half->self = run->self;
    half->Gamma = open->Gamma;
    for (uint16_t j = 0; j < run->n; j++) {
        const csig_presign_party *p = &open->party[j];

        half->index[j] = run->index[j];
        memcpy(half->com[j], p->com, sizeof half->com[j]);
        /* delta is not 0 */
        CSIG_ASSERT(csig_point_has_mul_var(&half->Delta[j], &inverse, &p->Delta));
        CSIG_ASSERT(csig_point_has_mul_var(&half->S[j], &inverse, &p->S));
    }
}

static csig_err step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    csig_presign_open *open = run->open;
    csig_scalar delta;

    for (uint16_t j = 0; j < run->n; j++) {
        const csig_presign_r3 *msg = in[j].bcast;

        if (msg == NULL) continue;
        open->party[j].delta = msg->delta;
        open->party[j].Delta = msg->Delta;
        open->party[j].S = msg->S;
    }
    if (check_sums(run, &delta) != CSIG_OK) {
        csig_presign_blame(run, culprit);
        return CSIG_E_SUM;
    }
    csig_presign_forget(run);
    make_half(run, &delta);
    return CSIG_OK;
}

const csig_round csig_presign_round_3 = {
    .name = "presign/3 open",
    .bcast = csig_presign_r3_wire,
    .bcast_size = sizeof(csig_presign_r3),
    .echo = true,
    .make = make,
    .check = check,
    .step = step,
};
