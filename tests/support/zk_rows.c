#include "support/zk_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void affine(csig_int *D, csig_sec *rho, zk_world *w, const csig_paillier *k,
                   const csig_int *C, const csig_int *x, const csig_int *y)
{
    csig_sec xs, ys;

    zk_sec(&xs, x);
    zk_sec(&ys, y);
    csig_sec_random_unit(rho, &w->rng, &k->ring.n);
    csig_job job = csig_paillier_affine_job(k, D, C, &xs, &ys, rho);
    zk_run(&job, 1);
}

static void random_pm(csig_int *r, zk_world *w, uint32_t bits)
{
    csig_sec x;

    csig_sec_random_pm(&x, &w->rng, bits);
    csig_sec_reveal(r, &x);
}

static void times_base(csig_point *R, const csig_int *k, const csig_point *P)
{
    csig_scalar q;

    csig_scalar_from_int(&q, k);
    assert_true(csig_point_has_mul_var(R, &q, P));
}

static void challenge_bits(csig_int e[CSIG_REPEAT], csig_transcript *t, csig_wire_fn *fn,
                           const void *proof, size_t len, size_t first)
{
    uint8_t *octets = malloc(len), bits[16];

    assert_non_null(octets);
    csig_wire_write(fn, proof, octets, len);
    csig_transcript_bytes(t, octets, first);
    csig_transcript_challenge_bits(t, bits);
    for (size_t i = 0; i < CSIG_REPEAT; i++)
        csig_int_set_u64(&e[i], (unsigned)bits[i / 8] >> (i % 8) & 1U);
    free(octets);
}

/* --- Pi-aff-g* --- */

void affgstar_statement(affgstar_sample *s, zk_world *w, const csig_int *x, const csig_int *y)
{
    csig_sec unused;
    csig_int k;

    s->w = w;
    s->x = *x;
    s->y = *y;
    zk_sec(&s->y_sec, y);
    csig_int_pow2(&k, 255);
    zk_random_below(&k, w, &k);
    zk_encrypt(&s->C, &unused, w, &w->party[1].own_key, &k);
    affine(&s->D, &s->rho, w, &w->party[1].key, &s->C, x, y);
    zk_encrypt(&s->Y, &s->rho_y, w, &w->party[0].own_key, y);
    csig_scalar_from_int(&s->x_q, x);
    assert_true(csig_point_has_mul_g_var(&s->X, &s->x_q));
    s->stmt = (csig_zk_affgstar_stmt){.prover = &w->party[0].key,
                                      .receiver = &w->party[1].key,
                                      .C = &s->C,
                                      .D = &s->D,
                                      .Y = &s->Y,
                                      .X = &s->X};
    zk_transcript(&s->tr, CSIG_LABEL_ZK_AFFGSTAR_GAMMA);
}

void affgstar_random_statement(affgstar_sample *s, zk_world *w)
{
    csig_scalar x_q;
    csig_int x, y;

    csig_scalar_random(&x_q, &w->rng, "test");
    csig_scalar_to_int(&x, &x_q);
    random_pm(&y, w, CSIG_ELL_P);
    affgstar_statement(s, w, &x, &y);
}

void affgstar_prove(affgstar_sample *s)
{
    csig_zk_affgstar_stmt mine = s->stmt;
    const csig_zk_affgstar_wit wit = {
        .x = &s->x_q, .y = &s->y_sec, .rho = &s->rho, .rho_y = &s->rho_y};

    mine.prover = &s->w->party[0].own_key;
    assert_int_equal(csig_zk_affgstar_prove(&s->proof, &s->w->env, &s->tr, &mine, &wit), CSIG_OK);
}

csig_err affgstar_verify(const affgstar_sample *s)
{
    return csig_zk_affgstar_verify(&s->proof, &s->w->env, &s->tr, &s->stmt);
}

/* The challenge as protocol.md, section 4, has it. */
static void affgstar_challenge(csig_int e[CSIG_REPEAT], const affgstar_sample *s)
{
    csig_transcript t = s->tr;
    csig_point G;

    csig_point_generator(&G);
    csig_transcript_nat(&t, &s->stmt.prover->ring.n, CSIG_N_BYTES);
    csig_transcript_nat(&t, &s->stmt.receiver->ring.n, CSIG_N_BYTES);
    csig_transcript_point(&t, &G);
    csig_transcript_nat(&t, s->stmt.C, CSIG_NN_BYTES);
    csig_transcript_nat(&t, s->stmt.D, CSIG_NN_BYTES);
    csig_transcript_nat(&t, s->stmt.Y, CSIG_NN_BYTES);
    csig_transcript_point(&t, s->stmt.X);
    challenge_bits(e, &t, csig_zk_affgstar_wire, &s->proof, AFFGSTAR_PROOF_BYTES,
                   AFFGSTAR_FIRST_BYTES);
}

void affgstar_prove_with(affgstar_sample *s, size_t row, const csig_int *alpha,
                         const csig_int *beta)
{
    static csig_int a[CSIG_REPEAT], b[CSIG_REPEAT], e[CSIG_REPEAT];
    static csig_sec r[CSIG_REPEAT], ry[CSIG_REPEAT];
    csig_point G;

    csig_point_generator(&G);
    memset(&s->proof, 0, sizeof s->proof);
    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        csig_zk_affgstar_row *p = &s->proof.row[i];

        random_pm(&a[i], s->w, ROWS_Z_BITS - 1);
        random_pm(&b[i], s->w, ROWS_AFFG_W_BITS - 1);
        if (i == row) a[i] = *alpha, b[i] = *beta;
        affine(&p->A, &r[i], s->w, s->stmt.receiver, s->stmt.C, &a[i], &b[i]);
        zk_encrypt(&p->B, &ry[i], s->w, &s->w->party[0].own_key, &b[i]);
        times_base(&p->R, &a[i], &G);
    }
    affgstar_challenge(e, s);
    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        csig_zk_affgstar_row *p = &s->proof.row[i];

        zk_response(&p->z, &a[i], &e[i], &s->x);
        zk_response(&p->w, &b[i], &e[i], &s->y);
        zk_unit_response(&p->u, &r[i], &e[i], &s->rho, &s->stmt.receiver->ring.n);
        zk_unit_response(&p->lambda, &ry[i], &e[i], &s->rho_y, &s->stmt.prover->ring.n);
    }
}

/* --- Pi-dec --- */

void dec_statement(dec_sample *s, zk_world *w, const csig_int *k, const csig_int *x,
                   const csig_int *d)
{
    csig_scalar base;
    csig_sec rho_K, rho_D;
    csig_int rho;

    s->w = w;
    s->x = *x;
    csig_int_mul(&s->y, k, x);
    csig_int_add(&s->y, &s->y, d);
    zk_sec(&s->y_sec, &s->y);
    zk_encrypt(&s->K, &rho_K, w, &w->party[0].own_key, k);
    zk_encrypt(&s->D, &rho_D, w, &w->party[0].own_key, d);
    csig_scalar_from_int(&s->x_q, x);
    assert_true(csig_point_has_mul_g_var(&s->X, &s->x_q));
    zk_random_point(&s->base, &base, w);
    times_base(&s->S, &s->y, &s->base);
    s->stmt = (csig_zk_dec_stmt){.prover = &w->party[0].key,
                                 .K = &s->K,
                                 .D = &s->D,
                                 .X = &s->X,
                                 .S = &s->S,
                                 .base = &s->base};
    zk_transcript(&s->tr, CSIG_LABEL_ZK_DEC_DELTA);
    zk_unit_response(&rho, &rho_D, x, &rho_K, &w->party[0].key.ring.n);
    zk_sec(&s->rho, &rho);
}

void dec_random_statement(dec_sample *s, zk_world *w)
{
    csig_scalar x_q, k_q;
    csig_int x, k, d;

    csig_scalar_random(&x_q, &w->rng, "test");
    csig_scalar_random(&k_q, &w->rng, "test");
    csig_scalar_to_int(&x, &x_q);
    csig_scalar_to_int(&k, &k_q);
    random_pm(&d, w, CSIG_ELL_P + 2);
    dec_statement(s, w, &k, &x, &d);
}

void dec_prove(dec_sample *s)
{
    csig_zk_dec_stmt mine = s->stmt;
    const csig_zk_dec_wit wit = {.x = &s->x_q, .y = &s->y_sec, .rho = &s->rho};

    mine.prover = &s->w->party[0].own_key;
    assert_int_equal(csig_zk_dec_prove(&s->proof, &s->w->env, &s->tr, &mine, &wit), CSIG_OK);
}

csig_err dec_verify(const dec_sample *s)
{
    return csig_zk_dec_verify(&s->proof, &s->w->env, &s->tr, &s->stmt);
}

static void dec_challenge(csig_int e[CSIG_REPEAT], const dec_sample *s)
{
    csig_transcript t = s->tr;
    csig_point G;

    csig_point_generator(&G);
    csig_transcript_nat(&t, &s->stmt.prover->ring.n, CSIG_N_BYTES);
    csig_transcript_point(&t, &G);
    csig_transcript_point(&t, s->stmt.base);
    csig_transcript_nat(&t, s->stmt.K, CSIG_NN_BYTES);
    csig_transcript_nat(&t, s->stmt.D, CSIG_NN_BYTES);
    csig_transcript_point(&t, s->stmt.X);
    csig_transcript_point(&t, s->stmt.S);
    challenge_bits(e, &t, csig_zk_dec_wire, &s->proof, DEC_PROOF_BYTES, DEC_FIRST_BYTES);
}

void dec_prove_with(dec_sample *s, size_t row, const csig_int *alpha, const csig_int *beta)
{
    static csig_int a[CSIG_REPEAT], b[CSIG_REPEAT], e[CSIG_REPEAT];
    static csig_sec r[CSIG_REPEAT];
    csig_point G;

    csig_point_generator(&G);
    memset(&s->proof, 0, sizeof s->proof);
    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        csig_zk_dec_row *p = &s->proof.row[i];
        csig_int minus;

        random_pm(&a[i], s->w, ROWS_Z_BITS - 1);
        random_pm(&b[i], s->w, ROWS_DEC_W_BITS - 1);
        if (i == row) a[i] = *alpha, b[i] = *beta;
        csig_int_neg(&minus, &a[i]);
        affine(&p->A, &r[i], s->w, &s->w->party[0].own_key, &s->K, &minus, &b[i]);
        times_base(&p->B, &b[i], &s->base);
        times_base(&p->C, &a[i], &G);
    }
    dec_challenge(e, s);
    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        csig_zk_dec_row *p = &s->proof.row[i];

        zk_response(&p->z, &a[i], &e[i], &s->x);
        zk_response(&p->w, &b[i], &e[i], &s->y);
        zk_unit_response(&p->nu, &r[i], &e[i], &s->rho, &s->stmt.prover->ring.n);
    }
}
