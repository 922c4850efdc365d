/* Presigning and signing, round 1: k and gamma are fixed, encrypted and committed.
 * Out: to all K_i, G_i, Y_i, A_i, B_i (presigning: com_i); to each j Pi-enc-elg for K_i and G_i
 * under N^_j. In: those proofs. Source: protocol.md 2.4, R1. */
#include <string.h>

#include "signer/presign.h"

/* X = bY + xG = (b y + x) G: two secret points are never added. */
static csig_err commit(csig_point *B, csig_point *X, const csig_curve *curve, const csig_scalar *b,
                       const csig_scalar *y, const csig_scalar *x)
{
    CSIG_AUTO(csig_scalar) sum;

    csig_scalar_mul(&sum, b, y);
    csig_scalar_add(&sum, &sum, x);
    CSIG_TRY(csig_point_mul_g(B, curve, b));
    return csig_point_mul_g(X, curve, &sum);
}

static void draw(csig_presign_secret *s, csig_rng *rng)
{
    csig_scalar_random(&s->k, rng, "presign k");
    csig_scalar_random(&s->gamma, rng, "presign gamma");
    csig_scalar_random(&s->a, rng, "presign a");
    csig_scalar_random(&s->b, rng, "presign b");
    csig_scalar_random(&s->y, rng, "presign y");
}

static void keep(csig_presign_party *p, const csig_presign_r1 *msg)
{
    p->K = msg->K;
    p->Y = msg->Y;
    p->A1 = msg->A1;
    p->A2 = msg->A2;
    p->B1 = msg->B1;
    p->B2 = msg->B2;
}

static csig_zk_encelg_stmt statement(const csig_paillier *prover, const csig_pedersen *verifier,
                                     const csig_int *C, const csig_point *Y, const csig_point *B,
                                     const csig_point *X)
{
    return (csig_zk_encelg_stmt){
        .prover = prover, .verifier = verifier, .C = C, .A = Y, .B = B, .X = X};
}

/* The proofs for the signer at position j. */
static csig_err prove(csig_presign_r1_part *part, const csig_run *run, uint16_t j,
                      const csig_presign_r1 *msg, const csig_sec *rho, const csig_sec *nu)
{
    const csig_presign_open *open = run->open;
    const csig_presign_secret *s = run->secret;
    const csig_paillier *own = open->party[run->self].paillier;
    const csig_pedersen *verifier = open->party[j].pedersen;
    const csig_zk_encelg_stmt K = statement(own, verifier, &msg->K, &msg->Y, &msg->A1, &msg->A2);
    const csig_zk_encelg_stmt G = statement(own, verifier, &msg->G, &msg->Y, &msg->B1, &msg->B2);
    const csig_zk_encelg_wit k = {.x = &s->k, .rho = rho, .b = &s->a, .y = &s->y};
    const csig_zk_encelg_wit gamma = {.x = &s->gamma, .rho = nu, .b = &s->b, .y = &s->y};
    csig_transcript tr;

    csig_transcript_proof(&tr, CSIG_LABEL_ZK_ENCELG_K, run->ssid, run->index[run->self],
                          run->index[j]);
    CSIG_TRY(csig_zk_encelg_prove(&part->psi0, &run->env, &tr, &K, &k));
    csig_transcript_proof(&tr, CSIG_LABEL_ZK_ENCELG_G, run->ssid, run->index[run->self],
                          run->index[j]);
    return csig_zk_encelg_prove(&part->psi1, &run->env, &tr, &G, &gamma);
}

static csig_err make(csig_run *run, csig_out *out)
{
    csig_presign_open *open = run->open;
    csig_presign_secret *s = run->secret;
    csig_presign_party *me = &open->party[run->self];
    csig_presign_r1 *msg = out->bcast;
    CSIG_AUTO(csig_mta_asked) k;
    CSIG_AUTO(csig_mta_asked) gamma;

    draw(s, run->env.rng);
    csig_job enc[] = {
        csig_mta_ask(&k, &msg->K, me->paillier, &s->k, run->env.rng),
        csig_mta_ask(&gamma, &msg->G, me->paillier, &s->gamma, run->env.rng),
    };
    CSIG_TRY(csig_exp_run(run->env.engine, enc, CSIG_ARRAY_LEN(enc)));

    CSIG_TRY(csig_point_mul_g(&msg->Y, run->env.curve, &s->y));
    CSIG_TRY(commit(&msg->A1, &msg->A2, run->env.curve, &s->a, &s->y, &s->k));
    CSIG_TRY(commit(&msg->B1, &msg->B2, run->env.curve, &s->b, &s->y, &s->gamma));

    for (uint16_t j = 0; j < run->n; j++)
        if (j != run->self) CSIG_TRY(prove(out->part[j], run, j, msg, &k.rho, &gamma.rho));
    keep(me, msg);
    return CSIG_OK;
}

static csig_err make_with_com(csig_run *run, csig_out *out)
{
    csig_presign_open *open = run->open;
    csig_presign_secret *s = run->secret;
    csig_presign_r1_com *msg = out->bcast;

    CSIG_TRY(make(run, out));
    csig_rng_bytes(run->env.rng, "presign nonce", s->half.nonce, sizeof s->half.nonce);
    csig_presig_commit(msg->com, run->ssid, run->index[run->self], s->half.nonce);
    memcpy(open->party[run->self].com, msg->com, sizeof msg->com);
    return CSIG_OK;
}

static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    const csig_presign_open *open = run->open;
    const csig_presign_r1 *msg = in->bcast;
    const csig_presign_r1_part *part = in->part;
    const csig_paillier *prover = open->party[from].paillier;
    const csig_pedersen *own = open->party[run->self].pedersen;
    const csig_zk_encelg_stmt K = statement(prover, own, &msg->K, &msg->Y, &msg->A1, &msg->A2);
    const csig_zk_encelg_stmt G = statement(prover, own, &msg->G, &msg->Y, &msg->B1, &msg->B2);
    csig_transcript tr;

    csig_transcript_proof(&tr, CSIG_LABEL_ZK_ENCELG_K, run->ssid, run->index[from],
                          run->index[run->self]);
    CSIG_TRY(csig_zk_encelg_verify(&part->psi0, &run->env, &tr, &K));
    csig_transcript_proof(&tr, CSIG_LABEL_ZK_ENCELG_G, run->ssid, run->index[from],
                          run->index[run->self]);
    return csig_zk_encelg_verify(&part->psi1, &run->env, &tr, &G);
}

static csig_err step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    csig_presign_open *open = run->open;

    (void)culprit;
    for (uint16_t j = 0; j < run->n; j++)
        if (in[j].bcast != NULL) keep(&open->party[j], in[j].bcast);
    return CSIG_OK;
}

static csig_err step_with_com(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    csig_presign_open *open = run->open;

    for (uint16_t j = 0; j < run->n; j++) {
        const csig_presign_r1_com *msg = in[j].bcast;

        if (msg != NULL) memcpy(open->party[j].com, msg->com, sizeof msg->com);
    }
    return step(run, in, culprit);
}

const csig_round csig_sign_round_1 = {
    .name = "sign/1 nonce",
    .bcast = csig_presign_r1_wire,
    .bcast_size = sizeof(csig_presign_r1),
    .part = csig_presign_r1_part_wire,
    .part_size = sizeof(csig_presign_r1_part),
    .echo = true,
    .make = make,
    .check = check,
    .step = step,
};

const csig_round csig_presign_round_1 = {
    .name = "presign/1 nonce",
    .bcast = csig_presign_r1_com_wire,
    .bcast_size = sizeof(csig_presign_r1_com),
    .part = csig_presign_r1_part_wire,
    .part_size = sizeof(csig_presign_r1_part),
    .echo = true,
    .make = make_with_com,
    .check = check,
    .step = step_with_com,
};
