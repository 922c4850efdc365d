/* Multiplicative to additive: ask, answer, finish. protocol.md 1.6 and 2.4. */
#include "signer/mta.h"

void csig_mta_answer_wire(csig_wire *w, void *answer)
{
    csig_mta_answer *a = answer;

    csig_nat_wire(w, &a->D, CSIG_NN_BYTES);
    csig_nat_wire(w, &a->F, CSIG_NN_BYTES);
    csig_zk_affg_wire(w, &a->psi);
}

void csig_mta_asked_wipe(csig_mta_asked *asked)
{
    csig_sec_wipe(&asked->k);
    csig_sec_wipe(&asked->rho);
}

csig_job csig_mta_ask(csig_mta_asked *asked, csig_int *K, const csig_paillier *asker,
                      const csig_scalar *k, csig_rng *rng)
{
    csig_sec_from_scalar(&asked->k, k);
    csig_sec_random_unit(&asked->rho, rng, &asker->ring.n);
    return csig_paillier_enc_job(asker, K, &asked->k, &asked->rho);
}

void csig_mta_mask_wipe(csig_mta_mask *mask)
{
    csig_sec_wipe(&mask->y);
    csig_sec_wipe(&mask->rho);
    csig_sec_wipe(&mask->rho_y);
}

void csig_mta_answer_jobs(csig_job job[2], csig_mta_answer *answer, csig_mta_mask *mask,
                          const csig_mta *mta, const csig_sec *x, csig_rng *rng)
{
    csig_sec_random_pm(&mask->y, rng, CSIG_ELL_P);
    csig_sec_random_unit(&mask->rho, rng, &mta->asker->ring.n);
    csig_sec_random_unit(&mask->rho_y, rng, &mta->answerer->ring.n);
    job[0] = csig_paillier_affine_job(mta->asker, &answer->D, mta->K, x, &mask->y, &mask->rho);
    job[1] = csig_paillier_enc_job(mta->answerer, &answer->F, &mask->y, &mask->rho_y);
}

static csig_zk_affg_stmt statement(const csig_mta_answer *answer, const csig_mta *mta)
{
    return (csig_zk_affg_stmt){
        .prover = mta->answerer,
        .receiver = mta->asker,
        .verifier = mta->verifier,
        .C = mta->K,
        .D = &answer->D,
        .Y = &answer->F,
        .X = mta->X,
    };
}

csig_err csig_mta_answer_prove(csig_mta_answer *answer, const csig_env *env,
                               const csig_transcript *tr, const csig_mta *mta, const csig_scalar *x,
                               const csig_mta_mask *mask)
{
    const csig_zk_affg_stmt stmt = statement(answer, mta);
    const csig_zk_affg_wit wit = {
        .x = x,
        .y = &mask->y,
        .rho = &mask->rho,
        .rho_y = &mask->rho_y,
    };

    return csig_zk_affg_prove(&answer->psi, env, tr, &stmt, &wit);
}

void csig_mta_beta(csig_scalar *beta, const csig_mta_mask *mask)
{
    csig_sec_mod_q(beta, &mask->y);
    csig_scalar_neg(beta, beta);
}

csig_err csig_mta_answer_check(const csig_mta_answer *answer, const csig_env *env,
                               const csig_transcript *tr, const csig_mta *mta)
{
    const csig_zk_affg_stmt stmt = statement(answer, mta);

    return csig_zk_affg_verify(&answer->psi, env, tr, &stmt);
}

csig_err csig_mta_finish(csig_scalar *alpha, const csig_mta_answer *answer,
                         const csig_paillier *asker, const csig_env *env)
{
    CSIG_AUTO(csig_sec) m;

    CSIG_TRY(csig_paillier_decrypt(&m, asker, &answer->D, env));
    csig_sec_mod_q(alpha, &m);
    return CSIG_OK;
}
