/* Presigning and signing, round 2: Gamma_i is opened, everyone's K_j is answered.
 * Out: to all Gamma_i with Pi-elog; to each j the answers with gamma_i and w_i, each with Pi-aff-g
 * under N^_j. In: those. After it: Gamma, and the shares alpha of every product.
 * Source: protocol.md 2.4, R2 and the start of R3. */
#include "base/mem.h"
#include "signer/presign.h"

/* Position j asks, position i answers with the logarithm of X. */
static csig_mta exchange(const csig_presign_open *open, uint16_t j, uint16_t i, const csig_point *X)
{
    return (csig_mta){
        .asker = open->party[j].paillier,
        .answerer = open->party[i].paillier,
        .verifier = open->party[j].pedersen,
        .K = &open->party[j].K,
        .X = X,
    };
}

static csig_zk_elog_stmt gamma_statement(const csig_presign_party *p, const csig_point *Gamma,
                                         const csig_point *G)
{
    return (csig_zk_elog_stmt){.L = &p->B1, .M = &p->B2, .X = &p->Y, .Y = Gamma, .H = G};
}

/* Gamma_i = gamma G is what B_i fixed in round 1. */
static csig_err open_gamma(csig_presign_r2 *msg, const csig_run *run)
{
    const csig_presign_open *open = run->open;
    const csig_presign_secret *s = run->secret;
    const csig_zk_elog_wit wit = {.y = &s->gamma, .lambda = &s->b, .x = &s->y};
    csig_transcript tr;
    csig_point G;

    csig_point_generator(&G);
    CSIG_TRY(csig_point_mul_g(&msg->Gamma, run->env.curve, &s->gamma));
    const csig_zk_elog_stmt stmt = gamma_statement(&open->party[run->self], &msg->Gamma, &G);

    csig_transcript_proof(&tr, CSIG_LABEL_ZK_ELOG_GAMMA, run->ssid, run->index[run->self],
                          CSIG_TO_ALL);
    return csig_zk_elog_prove(&msg->psi, &run->env, &tr, &stmt, &wit);
}

/* D, F, D^, F^ for all peers in one run. */
static csig_err answer(csig_run *run, csig_out *out, const csig_point *Gamma)
{
    const csig_presign_open *open = run->open;
    csig_presign_secret *s = run->secret;
    csig_job job[4 * (CSIG_MAX_PARTIES - 1)];
    size_t jobs = 0;
    CSIG_AUTO(csig_sec) gamma;
    CSIG_AUTO(csig_sec) w;

    csig_sec_from_scalar(&gamma, &s->gamma);
    csig_sec_from_scalar(&w, &s->w);
    for (uint16_t j = 0; j < run->n; j++) {
        const csig_mta by_gamma = exchange(open, j, run->self, Gamma);
        const csig_mta by_w = exchange(open, j, run->self, &open->party[run->self].W);
        csig_presign_r2_part *part = out->part[j];

        if (j == run->self) continue;
        csig_mta_answer_jobs(job + jobs, &part->gamma, &s->masks[j].gamma, &by_gamma, &gamma,
                             run->env.rng);
        csig_mta_answer_jobs(job + jobs + 2, &part->w, &s->masks[j].w, &by_w, &w, run->env.rng);
        jobs += 4;
    }
    return csig_exp_run(run->env.engine, job, jobs);
}

static csig_err prove(csig_presign_r2_part *part, const csig_run *run, uint16_t j,
                      const csig_point *Gamma)
{
    const csig_presign_open *open = run->open;
    const csig_presign_secret *s = run->secret;
    const csig_mta by_gamma = exchange(open, j, run->self, Gamma);
    const csig_mta by_w = exchange(open, j, run->self, &open->party[run->self].W);
    csig_transcript tr;

    csig_transcript_proof(&tr, CSIG_LABEL_ZK_AFFG_GAMMA, run->ssid, run->index[run->self],
                          run->index[j]);
    CSIG_TRY(csig_mta_answer_prove(&part->gamma, &run->env, &tr, &by_gamma, &s->gamma,
                                   &s->masks[j].gamma));
    csig_transcript_proof(&tr, CSIG_LABEL_ZK_AFFG_X, run->ssid, run->index[run->self],
                          run->index[j]);
    return csig_mta_answer_prove(&part->w, &run->env, &tr, &by_w, &s->w, &s->masks[j].w);
}

static void add_beta(csig_scalar *sum, const csig_mta_mask *mask)
{
    CSIG_AUTO(csig_scalar) beta;

    csig_mta_beta(&beta, mask);
    csig_scalar_add(sum, sum, &beta);
}

/* delta_i = gamma k + sum (alpha + beta),  chi_i = w k + sum (alpha^ + beta^): all but the alphas
 */
static void start_sums(csig_run *run)
{
    csig_presign_secret *s = run->secret;

    csig_scalar_mul(&s->delta, &s->gamma, &s->k);
    csig_scalar_mul(&s->chi, &s->w, &s->k);
    for (uint16_t j = 0; j < run->n; j++) {
        if (j == run->self) continue;
        add_beta(&s->delta, &s->masks[j].gamma);
        add_beta(&s->chi, &s->masks[j].w);
    }
}

/* The last use of gamma, b, w and the masks was this message; but where others may ask for proofs
 * when the sums do not match, only b's. */
static void forget(csig_run *run)
{
    csig_presign_secret *s = run->secret;

    csig_scalar_wipe(&s->b);
    if (run->n == 2) csig_presign_forget(run);
}

static csig_err make(csig_run *run, csig_out *out)
{
    csig_presign_open *open = run->open;
    csig_presign_r2 *msg = out->bcast;

    CSIG_TRY(open_gamma(msg, run));
    CSIG_TRY(answer(run, out, &msg->Gamma));
    for (uint16_t j = 0; j < run->n; j++)
        if (j != run->self) CSIG_TRY(prove(out->part[j], run, j, &msg->Gamma));
    open->party[run->self].Gamma = msg->Gamma;
    start_sums(run);
    forget(run);
    return CSIG_OK;
}

static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    const csig_presign_open *open = run->open;
    const csig_presign_r2 *msg = in->bcast;
    const csig_presign_r2_part *part = in->part;
    const csig_mta by_gamma = exchange(open, run->self, from, &msg->Gamma);
    const csig_mta by_w = exchange(open, run->self, from, &open->party[from].W);
    const uint16_t prover = run->index[from], verifier = run->index[run->self];
    csig_transcript tr;
    csig_point G;

    csig_point_generator(&G);
    const csig_zk_elog_stmt stmt = gamma_statement(&open->party[from], &msg->Gamma, &G);

    csig_transcript_proof(&tr, CSIG_LABEL_ZK_ELOG_GAMMA, run->ssid, prover, CSIG_TO_ALL);
    CSIG_TRY(csig_zk_elog_verify(&msg->psi, &tr, &stmt));
    csig_transcript_proof(&tr, CSIG_LABEL_ZK_AFFG_GAMMA, run->ssid, prover, verifier);
    CSIG_TRY(csig_mta_answer_check(&part->gamma, &run->env, &tr, &by_gamma));
    csig_transcript_proof(&tr, CSIG_LABEL_ZK_AFFG_X, run->ssid, prover, verifier);
    return csig_mta_answer_check(&part->w, &run->env, &tr, &by_w);
}

static csig_err add_alpha(csig_scalar *sum, const csig_run *run, const csig_mta_answer *answer)
{
    const csig_presign_open *open = run->open;
    CSIG_AUTO(csig_scalar) alpha;

    CSIG_TRY(csig_mta_finish(&alpha, answer, open->party[run->self].paillier, &run->env));
    csig_scalar_add(sum, sum, &alpha);
    return CSIG_OK;
}

static csig_err step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    csig_presign_open *open = run->open;
    csig_presign_secret *s = run->secret;
    const csig_point *Gamma[CSIG_MAX_PARTIES];

    for (uint16_t j = 0; j < run->n; j++) {
        const csig_presign_r2 *msg = in[j].bcast;

        if (msg != NULL) open->party[j].Gamma = msg->Gamma;
        Gamma[j] = &open->party[j].Gamma;
    }
    if (!csig_point_has_sum(&open->Gamma, Gamma, run->n)) {
        csig_presign_blame(run, culprit);
        return CSIG_E_SUM;
    }
    if (run->watching) return CSIG_OK;
    for (uint16_t j = 0; j < run->n; j++) {
        const csig_presign_r2_part *part = in[j].part;

        if (j == run->self) continue;
        CSIG_TRY(add_alpha(&s->delta, run, &part->gamma));
        CSIG_TRY(add_alpha(&s->chi, run, &part->w));
    }
    return CSIG_OK;
}

const csig_round csig_presign_round_2 = {
    .name = "presign/2 multiply",
    .bcast = csig_presign_r2_wire,
    .bcast_size = sizeof(csig_presign_r2),
    .part = csig_presign_r2_part_wire,
    .part_size = sizeof(csig_presign_r2_part),
    .echo = true,
    .make = make,
    .check = check,
    .step = step,
};
