/* Pi-aff-g: D = C^x enc_j(y; rho), Y = enc_i(y; rho_y), X = xG with x in +-2^l, y in +-2^l'.
 * protocol.md 1.6. */
#include "zk/affg.h"

#include "base/mem.h"
#include "zk/common.h"

#define Z1_BITS (CSIG_ELL + CSIG_EPS)
#define Z2_BITS (CSIG_ELL_P + CSIG_EPS)
#define Z3_BITS (CSIG_ELL + CSIG_EPS + 1) /* times N^; z4 too */

static void commitment_wire(csig_wire *w, void *proof)
{
    csig_zk_affg *p = proof;

    csig_nat_wire(w, &p->A, CSIG_NN_BYTES);
    csig_point_wire(w, &p->Bx);
    csig_nat_wire(w, &p->By, CSIG_NN_BYTES);
    csig_nat_wire(w, &p->E, CSIG_N_BYTES);
    csig_nat_wire(w, &p->S, CSIG_N_BYTES);
    csig_nat_wire(w, &p->F, CSIG_N_BYTES);
    csig_nat_wire(w, &p->T, CSIG_N_BYTES);
}

void csig_zk_affg_wire(csig_wire *w, void *proof)
{
    csig_zk_affg *p = proof;

    commitment_wire(w, p);
    csig_int_wire(w, &p->z1, CSIG_ZK_BYTES(Z1_BITS));
    csig_int_wire(w, &p->z2, CSIG_ZK_BYTES(Z2_BITS));
    csig_int_wire(w, &p->z3, CSIG_ZK_BYTES(Z3_BITS + CSIG_N_BITS));
    csig_int_wire(w, &p->z4, CSIG_ZK_BYTES(Z3_BITS + CSIG_N_BITS));
    csig_nat_wire(w, &p->w, CSIG_N_BYTES);
    csig_nat_wire(w, &p->wy, CSIG_N_BYTES);
}

static void challenge(csig_zk_e *e, const csig_transcript *tr, const csig_zk_affg_stmt *x,
                      const csig_zk_affg *p)
{
    csig_transcript t = *tr;

    csig_zk_absorb_paillier(&t, x->prover);
    csig_zk_absorb_paillier(&t, x->receiver);
    csig_zk_absorb_pedersen(&t, x->verifier);
    csig_zk_absorb_generator(&t);
    csig_transcript_nat(&t, x->C, CSIG_NN_BYTES);
    csig_transcript_nat(&t, x->D, CSIG_NN_BYTES);
    csig_transcript_nat(&t, x->Y, CSIG_NN_BYTES);
    csig_transcript_point(&t, x->X);
    csig_transcript_msg(&t, commitment_wire, p);
    csig_zk_challenge(e, &t);
}

/* The masks of one proof. */
typedef struct masks {
    csig_sec alpha, beta, r, ry, gamma, delta, m, mu;
} masks;

static void masks_wipe(masks *k)
{
    csig_wipe(k, sizeof *k);
}

static void masks_random(masks *k, csig_rng *rng, const csig_zk_affg_stmt *x)
{
    const csig_int *Nh = &x->verifier->ring.n;

    csig_sec_random_pm(&k->alpha, rng, Z1_BITS);
    csig_sec_random_pm(&k->beta, rng, Z2_BITS);
    csig_sec_random_unit(&k->r, rng, &x->receiver->ring.n);
    csig_sec_random_unit(&k->ry, rng, &x->prover->ring.n);
    csig_sec_random_pm_times(&k->gamma, rng, CSIG_ELL + CSIG_EPS, Nh);
    csig_sec_random_pm_times(&k->delta, rng, CSIG_ELL + CSIG_EPS, Nh);
    csig_sec_random_pm_times(&k->m, rng, CSIG_ELL, Nh);
    csig_sec_random_pm_times(&k->mu, rng, CSIG_ELL, Nh);
}

csig_err csig_zk_affg_prove(csig_zk_affg *p, const csig_env *env, const csig_transcript *tr,
                            const csig_zk_affg_stmt *stmt, const csig_zk_affg_wit *wit)
{
    const csig_pedersen *v = stmt->verifier;
    CSIG_AUTO(csig_sec) x;
    CSIG_AUTO(csig_scalar) a;
    CSIG_AUTO(masks) k;
    csig_int one;
    csig_zk_e e;

    csig_sec_from_scalar(&x, wit->x);
    masks_random(&k, env->rng, stmt);

    /* A = C^alpha enc_j(beta; r),  By = enc_i(beta; ry),
     * E = RP(alpha, gamma),  S = RP(x, m),  F = RP(beta, delta),  T = RP(y, mu) */
    csig_job first[] = {
        csig_paillier_affine_job(stmt->receiver, &p->A, stmt->C, &k.alpha, &k.beta, &k.r),
        csig_paillier_enc_job(stmt->prover, &p->By, &k.beta, &k.ry),
        csig_pedersen_commit_job(v, &p->E, &k.alpha, &k.gamma),
        csig_pedersen_commit_job(v, &p->S, &x, &k.m),
        csig_pedersen_commit_job(v, &p->F, &k.beta, &k.delta),
        csig_pedersen_commit_job(v, &p->T, wit->y, &k.mu),
    };
    CSIG_TRY(csig_exp_run(env->engine, first, CSIG_ARRAY_LEN(first)));

    /* Bx = alpha G */
    csig_sec_mod_q(&a, &k.alpha);
    CSIG_TRY(csig_point_mul_g(&p->Bx, env->curve, &a));

    challenge(&e, tr, stmt, p);

    /* z1 = alpha + e x,  z2 = beta + e y,  z3 = gamma + e m,  z4 = delta + e mu */
    csig_sec_response(&p->z1, &k.alpha, &e.e, &x);
    csig_sec_response(&p->z2, &k.beta, &e.e, wit->y);
    csig_sec_response(&p->z3, &k.gamma, &e.e, &k.m);
    csig_sec_response(&p->z4, &k.delta, &e.e, &k.mu);

    /* w = r rho^e mod N_j,  wy = ry rho_y^e mod N_i */
    csig_int_set_u64(&one, 1);
    csig_job last[] = {
        csig_paillier_response_job(stmt->receiver, &p->w, &k.r, wit->rho, &e.e, &one),
        csig_paillier_response_job(stmt->prover, &p->wy, &k.ry, wit->rho_y, &e.e, &one),
    };
    return csig_exp_run(env->engine, last, CSIG_ARRAY_LEN(last));
}

/* Membership and ranges. */
static csig_err check_fields(const csig_zk_affg *p, const csig_zk_affg_stmt *x)
{
    const csig_ring *i = &x->prover->ring, *j = &x->receiver->ring;
    const csig_int *Nh = &x->verifier->ring.n;
    const csig_int *const in_NNj[] = {x->C, x->D, &p->A};
    const csig_int *const in_NNi[] = {x->Y, &p->By};
    const csig_int *const in_Nj[] = {&p->w};
    const csig_int *const in_Ni[] = {&p->wy};
    const csig_int *const in_Nh[] = {&p->E, &p->S, &p->F, &p->T};

    /* C, D, A in Z*_{N_j^2};  Y, By in Z*_{N_i^2};  w in Z*_{N_j};  wy in Z*_{N_i} */
    CSIG_REQUIRE(csig_zk_has_only_units(in_NNj, 3, &j->nn, &j->n), CSIG_E_PROOF);
    CSIG_REQUIRE(csig_zk_has_only_units(in_NNi, 2, &i->nn, &i->n), CSIG_E_PROOF);
    CSIG_REQUIRE(csig_zk_has_only_units(in_Nj, 1, &j->n, &j->n), CSIG_E_PROOF);
    CSIG_REQUIRE(csig_zk_has_only_units(in_Ni, 1, &i->n, &i->n), CSIG_E_PROOF);

    /* E, S, F, T in Z*_{N^} */
    CSIG_REQUIRE(csig_zk_has_only_units(in_Nh, 4, Nh, Nh), CSIG_E_PROOF);

    /* |z1| <= 2^(l + eps),  |z2| <= 2^(l' + eps): the range claims */
    CSIG_REQUIRE(csig_int_is_within(&p->z1, Z1_BITS), CSIG_E_PROOF);
    CSIG_REQUIRE(csig_int_is_within(&p->z2, Z2_BITS), CSIG_E_PROOF);

    /* |z3|, |z4| <= 2^(l + eps + 1) N^ */
    CSIG_REQUIRE(csig_int_is_within_times(&p->z3, Z3_BITS, Nh), CSIG_E_PROOF);
    CSIG_REQUIRE(csig_int_is_within_times(&p->z4, Z3_BITS, Nh), CSIG_E_PROOF);
    return CSIG_OK;
}

csig_err csig_zk_affg_verify(const csig_zk_affg *p, const csig_env *env, const csig_transcript *tr,
                             const csig_zk_affg_stmt *stmt)
{
    const csig_pedersen *v = stmt->verifier;
    CSIG_AUTO(csig_sec) room_E;
    CSIG_AUTO(csig_sec) room_F;
    csig_int A, By, E, F;
    csig_scalar z1, minus_one;
    csig_zk_e e;

    CSIG_TRY(check_fields(p, stmt));
    challenge(&e, tr, stmt, p);
    csig_zk_minus_one(&minus_one);
    csig_scalar_from_int(&z1, &p->z1);

    csig_job check[] = {
        csig_paillier_check_job(stmt->receiver, &A, &p->z2, &p->w, stmt->C, &p->z1, stmt->D,
                                &e.minus_e),
        csig_paillier_check_job(stmt->prover, &By, &p->z2, &p->wy, NULL, NULL, stmt->Y, &e.minus_e),
        csig_pedersen_check_job(v, &E, &p->z1, &p->z3, &p->S, &e.minus_e, &room_E),
        csig_pedersen_check_job(v, &F, &p->z2, &p->z4, &p->T, &e.minus_e, &room_F),
    };
    CSIG_TRY(csig_exp_run(env->engine, check, CSIG_ARRAY_LEN(check)));

    /* C^z1 enc_j(z2; w) = A D^e  mod N_j^2 */
    CSIG_REQUIRE(csig_int_is_eq(&A, &p->A), CSIG_E_PROOF);

    /* z1 G = Bx + e X */
    const csig_scalar *const k[] = {&z1, &minus_one, &e.minus_scalar};
    const csig_point *const P[] = {NULL, &p->Bx, stmt->X};
    CSIG_REQUIRE(csig_point_is_zero_sum_var(k, P, CSIG_ARRAY_LEN(k)), CSIG_E_PROOF);

    /* enc_i(z2; wy) = By Y^e  mod N_i^2 */
    CSIG_REQUIRE(csig_int_is_eq(&By, &p->By), CSIG_E_PROOF);

    /* RP(z1, z3) = E S^e  mod N^ */
    CSIG_REQUIRE(csig_int_is_eq(&E, &p->E), CSIG_E_PROOF);

    /* RP(z2, z4) = F T^e  mod N^ */
    CSIG_REQUIRE(csig_int_is_eq(&F, &p->F), CSIG_E_PROOF);
    return CSIG_OK;
}
