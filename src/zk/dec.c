/* Pi-dec: K^x D = enc(y; rho), X = xG, S = yG'. protocol.md 1.9. */
#include "zk/dec.h"

#include "base/mem.h"
#include "zk/common.h"

#define Z_BITS (CSIG_ELL + CSIG_EPS)
#define W_BITS (CSIG_ZK_DEC_Y_BITS + CSIG_ZK_DEC_EPS)

/* Rounds whose exponentiations run together. */
#define CHUNK 16
_Static_assert(CSIG_REPEAT % CHUNK == 0, "whole chunks");

static void commitment_wire(csig_wire *w, void *proof)
{
    csig_zk_dec *p = proof;

    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        csig_nat_wire(w, &p->row[i].A, CSIG_NN_BYTES);
        csig_point_wire(w, &p->row[i].B);
        csig_point_wire(w, &p->row[i].C);
    }
}

void csig_zk_dec_wire(csig_wire *w, void *proof)
{
    csig_zk_dec *p = proof;

    commitment_wire(w, p);
    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        csig_int_wire(w, &p->row[i].z, CSIG_ZK_BYTES(Z_BITS));
        csig_int_wire(w, &p->row[i].w, CSIG_ZK_BYTES(W_BITS));
        csig_nat_wire(w, &p->row[i].nu, CSIG_N_BYTES);
    }
}

static void challenge(uint8_t bits[CSIG_REPEAT / 8], const csig_transcript *tr,
                      const csig_zk_dec_stmt *x, const csig_zk_dec *p)
{
    csig_transcript t = *tr;

    csig_zk_absorb_paillier(&t, x->prover);
    csig_zk_absorb_generator(&t);
    csig_transcript_point(&t, x->base);
    csig_transcript_nat(&t, x->K, CSIG_NN_BYTES);
    csig_transcript_nat(&t, x->D, CSIG_NN_BYTES);
    csig_transcript_point(&t, x->X);
    csig_transcript_point(&t, x->S);
    csig_transcript_msg(&t, commitment_wire, p);
    csig_transcript_challenge_bits(&t, bits);
}

/* The masks of one round. */
typedef struct mask {
    csig_sec alpha, beta, r;
} mask;

/* A = K^-alpha enc(beta; r),  B = beta G',  C = alpha G */
static csig_err commit(csig_zk_dec_row *row, mask *k, const csig_env *env,
                       const csig_zk_dec_stmt *x)
{
    csig_job job[CHUNK];

    for (size_t i = 0; i < CHUNK; i++) {
        CSIG_AUTO(csig_scalar) a;
        CSIG_AUTO(csig_scalar) b;

        csig_sec_random_pm(&k[i].alpha, env->rng, Z_BITS);
        csig_sec_random_pm(&k[i].beta, env->rng, W_BITS);
        csig_sec_random_unit(&k[i].r, env->rng, &x->prover->ring.n);
        csig_sec_mod_q(&a, &k[i].alpha);
        csig_sec_mod_q(&b, &k[i].beta);
        CSIG_TRY(csig_point_mul_g(&row[i].C, env->curve, &a));
        CSIG_TRY(csig_point_mul(&row[i].B, &b, x->base));
        /* -alpha is as uniform as alpha: negated for the job, and back */
        csig_sec_neg(&k[i].alpha, &k[i].alpha);
        job[i] =
            csig_paillier_affine_job(x->prover, &row[i].A, x->K, &k[i].alpha, &k[i].beta, &k[i].r);
    }
    CSIG_TRY(csig_exp_run(env->engine, job, CHUNK));
    for (size_t i = 0; i < CHUNK; i++)
        csig_sec_neg(&k[i].alpha, &k[i].alpha);
    return CSIG_OK;
}

/* z = alpha + e x,  w = beta + e y,  nu = r rho^e mod N */
static csig_err respond(csig_zk_dec_row *row, const mask *k, uint32_t bit, const csig_env *env,
                        const csig_zk_dec_stmt *stmt, const csig_sec *x, const csig_zk_dec_wit *wit)
{
    csig_int one;

    csig_int_set_u64(&one, 1);
    if (bit == 0) { /* the masks, and nothing that they hide */
        csig_sec_reveal(&row->z, &k->alpha);
        csig_sec_reveal(&row->w, &k->beta);
        csig_sec_reveal(&row->nu, &k->r);
        return CSIG_OK;
    }
    csig_sec_response(&row->z, &k->alpha, &one, x);
    csig_sec_response(&row->w, &k->beta, &one, wit->y);
    csig_job job = csig_paillier_response_job(stmt->prover, &row->nu, &k->r, wit->rho, &one, &one);
    return csig_exp_run(env->engine, &job, 1);
}

static csig_err prove(csig_zk_dec *p, const csig_env *env, const csig_transcript *tr,
                      const csig_zk_dec_stmt *stmt, const csig_zk_dec_wit *wit, mask *k)
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

csig_err csig_zk_dec_prove(csig_zk_dec *p, const csig_env *env, const csig_transcript *tr,
                           const csig_zk_dec_stmt *stmt, const csig_zk_dec_wit *wit)
{
    mask *k = csig_secret_alloc(CSIG_REPEAT * sizeof *k);
    const csig_err err = k != NULL ? prove(p, env, tr, stmt, wit, k) : CSIG_E_MEMORY;

    csig_secret_free(k);
    return err;
}

/* Membership and ranges. */
static csig_err check_fields(const csig_zk_dec *p, const csig_zk_dec_stmt *x)
{
    const csig_ring *r = &x->prover->ring;
    const csig_int *in_NN[2 + CSIG_REPEAT] = {x->K, x->D};
    const csig_int *in_N[CSIG_REPEAT];

    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        const csig_zk_dec_row *row = &p->row[i];

        /* |z| <= 2^(l + eps),  |w| <= 2^(y_b + eps_d) */
        CSIG_REQUIRE(csig_int_is_within(&row->z, Z_BITS), CSIG_E_PROOF);
        CSIG_REQUIRE(csig_int_is_within(&row->w, W_BITS), CSIG_E_PROOF);
        in_NN[2 + i] = &row->A;
        in_N[i] = &row->nu;
    }
    /* K, D, A in Z*_{N^2},  nu in Z*_N */
    CSIG_REQUIRE(csig_zk_has_only_units(in_NN, 2 + CSIG_REPEAT, &r->nn, &r->n), CSIG_E_PROOF);
    CSIG_REQUIRE(csig_zk_has_only_units(in_N, CSIG_REPEAT, &r->n, &r->n), CSIG_E_PROOF);
    return CSIG_OK;
}

static csig_err check_chunk(const csig_zk_dec_row *row, const uint8_t bits[CSIG_REPEAT / 8],
                            size_t first, const csig_env *env, const csig_zk_dec_stmt *x)
{
    csig_int minus_e[CHUNK], minus_z[CHUNK], A[CHUNK];
    csig_job job[CHUNK];

    for (size_t i = 0; i < CHUNK; i++) {
        csig_int_set_u64(&minus_e[i], csig_zk_bit(bits, first + i));
        csig_int_neg(&minus_e[i], &minus_e[i]);
        csig_int_neg(&minus_z[i], &row[i].z);
        job[i] = csig_paillier_check_job(x->prover, &A[i], &row[i].w, &row[i].nu, x->K, &minus_z[i],
                                         x->D, &minus_e[i]);
    }
    CSIG_TRY(csig_exp_run(env->engine, job, CHUNK));
    for (size_t i = 0; i < CHUNK; i++) {
        const uint32_t bit = csig_zk_bit(bits, first + i);

        /* enc(w; nu) K^-z = A D^e  mod N^2 */
        CSIG_REQUIRE(csig_int_is_eq(&A[i], &row[i].A), CSIG_E_PROOF);

        /* z G = C + e X */
        CSIG_TRY(csig_zk_check_row(&row[i].z, NULL, &row[i].C, bit, x->X));

        /* w G' = B + e S */
        CSIG_TRY(csig_zk_check_row(&row[i].w, x->base, &row[i].B, bit, x->S));
    }
    return CSIG_OK;
}

csig_err csig_zk_dec_verify(const csig_zk_dec *p, const csig_env *env, const csig_transcript *tr,
                            const csig_zk_dec_stmt *stmt)
{
    uint8_t e[CSIG_REPEAT / 8];

    CSIG_TRY(check_fields(p, stmt));
    challenge(e, tr, stmt, p);
    for (size_t i = 0; i < CSIG_REPEAT; i += CHUNK)
        CSIG_TRY(check_chunk(p->row + i, e, i, env, stmt));
    return CSIG_OK;
}

csig_err csig_zk_dec_root(csig_sec *rho, const csig_env *env, const csig_paillier *own,
                          const csig_int *K, const csig_scalar *x, const csig_int *D)
{
    CSIG_AUTO(csig_sec) x_sec;
    CSIG_AUTO(csig_sec) c;
    csig_int K_mod_N, D_mod_N;

    /* enc(y; rho) = rho^N  mod N */
    csig_sec_from_scalar(&x_sec, x);
    csig_int_mod(&K_mod_N, K, &own->ring.n);
    csig_int_mod(&D_mod_N, D, &own->ring.n);
    csig_job job = {
        .ring = &own->ring,
        .own = own->own,
        .term = {{.base = &K_mod_N, .secret_exp = &x_sec}},
        .terms = 1,
        .times = &D_mod_N,
        .secret_out = &c,
    };
    CSIG_TRY(csig_exp_run(env->engine, &job, 1));
    return csig_factors_secret_root(rho, env->engine, own->own, &c);
}
