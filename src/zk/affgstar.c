/* Pi-aff-g*: D = C^x enc_j(y; rho), Y = enc_i(y; rho_y), X = xG with x in +-2^l, y in +-2^l'.
 * protocol.md 1.10. */
#include "zk/affgstar.h"

#include "base/mem.h"
#include "zk/common.h"

#define Z_BITS (CSIG_ELL + CSIG_EPS)
#define W_BITS (CSIG_ELL_P + CSIG_EPS)

/* Rounds whose exponentiations run together. */
#define CHUNK 16
_Static_assert(CSIG_REPEAT % CHUNK == 0, "whole chunks");

static void commitment_wire(csig_wire *w, void *proof)
{
    csig_zk_affgstar *p = proof;

    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        csig_nat_wire(w, &p->row[i].A, CSIG_NN_BYTES);
        csig_point_wire(w, &p->row[i].R);
        csig_nat_wire(w, &p->row[i].B, CSIG_NN_BYTES);
    }
}

void csig_zk_affgstar_wire(csig_wire *w, void *proof)
{
    csig_zk_affgstar *p = proof;

    commitment_wire(w, p);
    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        csig_int_wire(w, &p->row[i].z, CSIG_ZK_BYTES(Z_BITS));
        csig_int_wire(w, &p->row[i].w, CSIG_ZK_BYTES(W_BITS));
        csig_nat_wire(w, &p->row[i].u, CSIG_N_BYTES);
        csig_nat_wire(w, &p->row[i].lambda, CSIG_N_BYTES);
    }
}

static void challenge(uint8_t bits[CSIG_REPEAT / 8], const csig_transcript *tr,
                      const csig_zk_affgstar_stmt *x, const csig_zk_affgstar *p)
{
    csig_transcript t = *tr;

    csig_zk_absorb_paillier(&t, x->prover);
    csig_zk_absorb_paillier(&t, x->receiver);
    csig_zk_absorb_generator(&t);
    csig_transcript_nat(&t, x->C, CSIG_NN_BYTES);
    csig_transcript_nat(&t, x->D, CSIG_NN_BYTES);
    csig_transcript_nat(&t, x->Y, CSIG_NN_BYTES);
    csig_transcript_point(&t, x->X);
    csig_transcript_msg(&t, commitment_wire, p);
    csig_transcript_challenge_bits(&t, bits);
}

/* The masks of one round. */
typedef struct mask {
    csig_sec alpha, beta, r, s;
} mask;

/* A = C^alpha enc_j(beta; r),  R = alpha G,  B = enc_i(beta; s) */
static csig_err commit(csig_zk_affgstar_row *row, mask *k, const csig_env *env,
                       const csig_zk_affgstar_stmt *x)
{
    csig_job job[2 * CHUNK];

    for (size_t i = 0; i < CHUNK; i++) {
        CSIG_AUTO(csig_scalar) a;

        csig_sec_random_pm(&k[i].alpha, env->rng, Z_BITS);
        csig_sec_random_pm(&k[i].beta, env->rng, W_BITS);
        csig_sec_random_unit(&k[i].r, env->rng, &x->receiver->ring.n);
        csig_sec_random_unit(&k[i].s, env->rng, &x->prover->ring.n);
        job[2 * i] = csig_paillier_affine_job(x->receiver, &row[i].A, x->C, &k[i].alpha, &k[i].beta,
                                              &k[i].r);
        job[2 * i + 1] = csig_paillier_enc_job(x->prover, &row[i].B, &k[i].beta, &k[i].s);
        csig_sec_mod_q(&a, &k[i].alpha);
        CSIG_TRY(csig_point_mul_g(&row[i].R, env->curve, &a));
    }
    return csig_exp_run(env->engine, job, CSIG_ARRAY_LEN(job));
}

/* z = alpha + e x,  w = beta + e y,  u = r rho^e mod N_j,  lambda = s rho_y^e mod N_i */
static csig_err respond(csig_zk_affgstar_row *row, const mask *k, uint32_t bit, const csig_env *env,
                        const csig_zk_affgstar_stmt *stmt, const csig_sec *x,
                        const csig_zk_affgstar_wit *wit)
{
    csig_int one;

    csig_int_set_u64(&one, 1);
    if (bit == 0) { /* the masks, and nothing that they hide */
        csig_sec_reveal(&row->z, &k->alpha);
        csig_sec_reveal(&row->w, &k->beta);
        csig_sec_reveal(&row->u, &k->r);
        csig_sec_reveal(&row->lambda, &k->s);
        return CSIG_OK;
    }
    csig_sec_response(&row->z, &k->alpha, &one, x);
    csig_sec_response(&row->w, &k->beta, &one, wit->y);
    csig_job job[] = {
        csig_paillier_response_job(stmt->receiver, &row->u, &k->r, wit->rho, &one, &one),
        csig_paillier_response_job(stmt->prover, &row->lambda, &k->s, wit->rho_y, &one, &one),
    };
    return csig_exp_run(env->engine, job, CSIG_ARRAY_LEN(job));
}

static csig_err prove(csig_zk_affgstar *p, const csig_env *env, const csig_transcript *tr,
                      const csig_zk_affgstar_stmt *stmt, const csig_zk_affgstar_wit *wit, mask *k)
{
    uint8_t e[CSIG_REPEAT / 8];
    CSIG_AUTO(csig_sec) x;

    csig_sec_from_scalar(&x, wit->x);
    for (size_t i = 0; i < CSIG_REPEAT; i += CHUNK)
        CSIG_TRY(commit(p->row + i, k + i, env, stmt));
    challenge(e, tr, stmt, p);
    for (size_t i = 0; i < CSIG_REPEAT; i++)
        CSIG_TRY(respond(&p->row[i], &k[i], csig_zk_bit(e, i), env, stmt, &x, wit));
    return CSIG_OK;
}

csig_err csig_zk_affgstar_prove(csig_zk_affgstar *p, const csig_env *env, const csig_transcript *tr,
                                const csig_zk_affgstar_stmt *stmt, const csig_zk_affgstar_wit *wit)
{
    mask *k = csig_secret_alloc(CSIG_REPEAT * sizeof *k);
    const csig_err err = k != NULL ? prove(p, env, tr, stmt, wit, k) : CSIG_E_MEMORY;

    csig_secret_free(k);
    return err;
}

/* C, D in Z*_{N_j^2},  Y in Z*_{N_i^2} */
static csig_err check_statement(const csig_zk_affgstar_stmt *x)
{
    const csig_ring *i = &x->prover->ring, *j = &x->receiver->ring;
    const csig_int *const in_NNj[] = {x->C, x->D};
    const csig_int *const in_NNi[] = {x->Y};

    CSIG_REQUIRE(csig_zk_has_only_units(in_NNj, 2, &j->nn, &j->n), CSIG_E_PROOF);
    CSIG_REQUIRE(csig_zk_has_only_units(in_NNi, 1, &i->nn, &i->n), CSIG_E_PROOF);
    return CSIG_OK;
}

/* Membership and ranges of all rounds. */
static csig_err check_rows(const csig_zk_affgstar *p, const csig_zk_affgstar_stmt *x)
{
    const csig_ring *i = &x->prover->ring, *j = &x->receiver->ring;
    const csig_int *A[CSIG_REPEAT], *B[CSIG_REPEAT], *u[CSIG_REPEAT], *lambda[CSIG_REPEAT];

    for (size_t k = 0; k < CSIG_REPEAT; k++) {
        const csig_zk_affgstar_row *row = &p->row[k];

        /* |z| <= 2^(l + eps),  |w| <= 2^(l' + eps): the range claims */
        CSIG_REQUIRE(csig_int_is_within(&row->z, Z_BITS), CSIG_E_PROOF);
        CSIG_REQUIRE(csig_int_is_within(&row->w, W_BITS), CSIG_E_PROOF);
        A[k] = &row->A;
        B[k] = &row->B;
        u[k] = &row->u;
        lambda[k] = &row->lambda;
    }
    /* A in Z*_{N_j^2},  B in Z*_{N_i^2},  u in Z*_{N_j},  lambda in Z*_{N_i} */
    CSIG_REQUIRE(csig_zk_has_only_units(A, CSIG_REPEAT, &j->nn, &j->n), CSIG_E_PROOF);
    CSIG_REQUIRE(csig_zk_has_only_units(B, CSIG_REPEAT, &i->nn, &i->n), CSIG_E_PROOF);
    CSIG_REQUIRE(csig_zk_has_only_units(u, CSIG_REPEAT, &j->n, &j->n), CSIG_E_PROOF);
    CSIG_REQUIRE(csig_zk_has_only_units(lambda, CSIG_REPEAT, &i->n, &i->n), CSIG_E_PROOF);
    return CSIG_OK;
}

static csig_err check_chunk(const csig_zk_affgstar_row *row, const uint8_t bits[CSIG_REPEAT / 8],
                            size_t first, const csig_env *env, const csig_zk_affgstar_stmt *x)
{
    csig_int minus_e[CHUNK], A[CHUNK], B[CHUNK];
    csig_job job[2 * CHUNK];

    for (size_t i = 0; i < CHUNK; i++) {
        csig_int_set_u64(&minus_e[i], csig_zk_bit(bits, first + i));
        csig_int_neg(&minus_e[i], &minus_e[i]);
        job[2 * i] = csig_paillier_check_job(x->receiver, &A[i], &row[i].w, &row[i].u, x->C,
                                             &row[i].z, x->D, &minus_e[i]);
        job[2 * i + 1] = csig_paillier_check_job(x->prover, &B[i], &row[i].w, &row[i].lambda, NULL,
                                                 NULL, x->Y, &minus_e[i]);
    }
    CSIG_TRY(csig_exp_run(env->engine, job, CSIG_ARRAY_LEN(job)));
    for (size_t i = 0; i < CHUNK; i++) {
        /* C^z enc_j(w; u) = A D^e  mod N_j^2 */
        CSIG_REQUIRE(csig_int_is_eq(&A[i], &row[i].A), CSIG_E_PROOF);

        /* z G = R + e X */
        CSIG_TRY(csig_zk_check_row(&row[i].z, NULL, &row[i].R, csig_zk_bit(bits, first + i), x->X));

        /* enc_i(w; lambda) = B Y^e  mod N_i^2 */
        CSIG_REQUIRE(csig_int_is_eq(&B[i], &row[i].B), CSIG_E_PROOF);
    }
    return CSIG_OK;
}

csig_err csig_zk_affgstar_verify(const csig_zk_affgstar *p, const csig_env *env,
                                 const csig_transcript *tr, const csig_zk_affgstar_stmt *stmt)
{
    uint8_t e[CSIG_REPEAT / 8];

    CSIG_TRY(check_statement(stmt));
    CSIG_TRY(check_rows(p, stmt));
    challenge(e, tr, stmt, p);
    for (size_t i = 0; i < CSIG_REPEAT; i += CHUNK)
        CSIG_TRY(check_chunk(p->row + i, e, i, env, stmt));
    return CSIG_OK;
}
