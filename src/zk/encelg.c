/* Pi-enc-elg: C = enc_i(x; rho) with x in +-2^l, B = bG, X = bA + xG. protocol.md 1.5. */
#include "zk/encelg.h"

#include "zk/common.h"

#define Z1_BITS (CSIG_ELL + CSIG_EPS)
#define Z3_BITS (CSIG_ELL + CSIG_EPS + 1) /* times N^ */

static void commitment_wire(csig_wire *w, void *proof)
{
    csig_zk_encelg *p = proof;

    csig_nat_wire(w, &p->S, CSIG_N_BYTES);
    csig_nat_wire(w, &p->T, CSIG_N_BYTES);
    csig_nat_wire(w, &p->D, CSIG_NN_BYTES);
    csig_point_wire(w, &p->Y);
    csig_point_wire(w, &p->Z);
}

void csig_zk_encelg_wire(csig_wire *w, void *proof)
{
    csig_zk_encelg *p = proof;

    commitment_wire(w, p);
    csig_int_wire(w, &p->z1, CSIG_ZK_BYTES(Z1_BITS));
    csig_scalar_wire(w, &p->w);
    csig_nat_wire(w, &p->z2, CSIG_N_BYTES);
    csig_int_wire(w, &p->z3, CSIG_ZK_BYTES(Z3_BITS + CSIG_N_BITS));
}

static void challenge(csig_zk_e *e, const csig_transcript *tr, const csig_zk_encelg_stmt *x,
                      const csig_zk_encelg *p)
{
    csig_transcript t = *tr;

    csig_zk_absorb_paillier(&t, x->prover);
    csig_zk_absorb_pedersen(&t, x->verifier);
    csig_zk_absorb_generator(&t);
    csig_transcript_nat(&t, x->C, CSIG_NN_BYTES);
    csig_transcript_point(&t, x->A);
    csig_transcript_point(&t, x->B);
    csig_transcript_point(&t, x->X);
    csig_transcript_msg(&t, commitment_wire, p);
    csig_zk_challenge(e, &t);
}

csig_err csig_zk_encelg_prove(csig_zk_encelg *p, const csig_env *env, const csig_transcript *tr,
                              const csig_zk_encelg_stmt *stmt, const csig_zk_encelg_wit *wit)
{
    const csig_int *N = &stmt->prover->ring.n, *Nh = &stmt->verifier->ring.n;
    CSIG_AUTO(csig_sec) x;
    CSIG_AUTO(csig_sec) alpha;
    CSIG_AUTO(csig_sec) mu;
    CSIG_AUTO(csig_sec) r;
    CSIG_AUTO(csig_sec) gamma;
    CSIG_AUTO(csig_scalar) beta;
    CSIG_AUTO(csig_scalar) by;
    CSIG_AUTO(csig_scalar) a;
    csig_int one;
    csig_zk_e e;

    csig_sec_from_scalar(&x, wit->x);
    csig_sec_random_pm(&alpha, env->rng, Z1_BITS);
    csig_sec_random_pm_times(&mu, env->rng, CSIG_ELL, Nh);
    csig_sec_random_unit(&r, env->rng, N);
    csig_sec_random_pm_times(&gamma, env->rng, CSIG_ELL + CSIG_EPS, Nh);
    csig_scalar_random(&beta, env->rng, "zk/encelg beta");

    /* S = RP(x, mu),  T = RP(alpha, gamma),  D = enc_i(alpha; r) */
    csig_job first[] = {
        csig_pedersen_commit_job(stmt->verifier, &p->S, &x, &mu),
        csig_pedersen_commit_job(stmt->verifier, &p->T, &alpha, &gamma),
        csig_paillier_enc_job(stmt->prover, &p->D, &alpha, &r),
    };
    CSIG_TRY(csig_exp_run(env->engine, first, CSIG_ARRAY_LEN(first)));

    /* Y = beta A + alpha G = (beta y + alpha) G,  Z = beta G */
    csig_sec_mod_q(&a, &alpha);
    csig_scalar_mul(&by, &beta, wit->y);
    csig_scalar_add(&a, &a, &by);
    CSIG_TRY(csig_point_mul_g(&p->Y, env->curve, &a));
    CSIG_TRY(csig_point_mul_g(&p->Z, env->curve, &beta));

    challenge(&e, tr, stmt, p);

    /* z1 = alpha + e x,  w = beta + e b,  z2 = r rho^e,  z3 = gamma + e mu */
    csig_sec_response(&p->z1, &alpha, &e.e, &x);
    csig_scalar_response(&p->w, &beta, &e.scalar, wit->b);
    csig_sec_response(&p->z3, &gamma, &e.e, &mu);
    csig_int_set_u64(&one, 1);
    csig_job z2 = csig_paillier_response_job(stmt->prover, &p->z2, &r, wit->rho, &e.e, &one);
    return csig_exp_run(env->engine, &z2, 1);
}

csig_err csig_zk_encelg_verify(const csig_zk_encelg *p, const csig_env *env,
                               const csig_transcript *tr, const csig_zk_encelg_stmt *stmt)
{
    const csig_int *N = &stmt->prover->ring.n, *NN = &stmt->prover->ring.nn;
    const csig_int *Nh = &stmt->verifier->ring.n;
    const csig_int *const in_NN[] = {stmt->C, &p->D};
    const csig_int *const in_N[] = {&p->z2};
    const csig_int *const in_Nh[] = {&p->S, &p->T};
    CSIG_AUTO(csig_sec) room;
    csig_int D, T;
    csig_scalar z1, minus_one;
    csig_zk_e e;

    /* C, D in Z*_{N^2};  z2 in Z*_N;  S, T in Z*_{N^} */
    CSIG_REQUIRE(csig_zk_has_only_units(in_NN, CSIG_ARRAY_LEN(in_NN), NN, N), CSIG_E_PROOF);
    CSIG_REQUIRE(csig_zk_has_only_units(in_N, CSIG_ARRAY_LEN(in_N), N, N), CSIG_E_PROOF);
    CSIG_REQUIRE(csig_zk_has_only_units(in_Nh, CSIG_ARRAY_LEN(in_Nh), Nh, Nh), CSIG_E_PROOF);

    /* |z1| <= 2^(l + eps): the range claim itself;  |z3| <= 2^(l + eps + 1) N^ */
    CSIG_REQUIRE(csig_int_is_within(&p->z1, Z1_BITS), CSIG_E_PROOF);
    CSIG_REQUIRE(csig_int_is_within_times(&p->z3, Z3_BITS, Nh), CSIG_E_PROOF);

    challenge(&e, tr, stmt, p);
    csig_zk_minus_one(&minus_one);
    csig_scalar_from_int(&z1, &p->z1);

    csig_job check[] = {
        csig_paillier_check_job(stmt->prover, &D, &p->z1, &p->z2, NULL, NULL, stmt->C, &e.minus_e),
        csig_pedersen_check_job(stmt->verifier, &T, &p->z1, &p->z3, &p->S, &e.minus_e, &room),
    };
    CSIG_TRY(csig_exp_run(env->engine, check, CSIG_ARRAY_LEN(check)));

    /* enc_i(z1; z2) = D C^e  mod N^2 */
    CSIG_REQUIRE(csig_int_is_eq(&D, &p->D), CSIG_E_PROOF);

    /* w A + z1 G = Y + e X */
    const csig_scalar *const kX[] = {&p->w, &z1, &minus_one, &e.minus_scalar};
    const csig_point *const PX[] = {stmt->A, NULL, &p->Y, stmt->X};
    CSIG_REQUIRE(csig_point_is_zero_sum_var(kX, PX, CSIG_ARRAY_LEN(kX)), CSIG_E_PROOF);

    /* w G = Z + e B */
    const csig_scalar *const kB[] = {&p->w, &minus_one, &e.minus_scalar};
    const csig_point *const PB[] = {NULL, &p->Z, stmt->B};
    CSIG_REQUIRE(csig_point_is_zero_sum_var(kB, PB, CSIG_ARRAY_LEN(kB)), CSIG_E_PROOF);

    /* RP(z1, z3) = T S^e  mod N^ */
    CSIG_REQUIRE(csig_int_is_eq(&T, &p->T), CSIG_E_PROOF);
    return CSIG_OK;
}
