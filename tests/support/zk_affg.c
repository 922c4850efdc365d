/* A statement of Pi-aff-g with its honest prover, and a prover that takes the masks it is told. */
#include "support/zk_affg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* D = C^x enc(y; rho) */
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

void affg_statement(affg_sample *s, zk_world *w, const csig_int *x, const csig_int *y)
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
    s->stmt = (csig_zk_affg_stmt){.prover = &w->party[0].key,
                                  .receiver = &w->party[1].own_key,
                                  .verifier = &w->party[1].own_ring,
                                  .C = &s->C,
                                  .D = &s->D,
                                  .Y = &s->Y,
                                  .X = &s->X};
    zk_transcript(&s->tr, CSIG_LABEL_ZK_AFFG_GAMMA);
}

void affg_random_statement(affg_sample *s, zk_world *w)
{
    csig_scalar x_q;
    csig_sec y_sec;
    csig_int x, y;

    csig_scalar_random(&x_q, &w->rng, "test");
    csig_scalar_to_int(&x, &x_q);
    csig_sec_random_pm(&y_sec, &w->rng, CSIG_ELL_P);
    csig_sec_reveal(&y, &y_sec);
    affg_statement(s, w, &x, &y);
}

void affg_prove(affg_sample *s)
{
    csig_zk_affg_stmt mine = s->stmt;
    const csig_zk_affg_wit wit = {.x = &s->x_q, .y = &s->y_sec, .rho = &s->rho, .rho_y = &s->rho_y};

    mine.prover = &s->w->party[0].own_key;
    mine.receiver = &s->w->party[1].key;
    mine.verifier = &s->w->party[1].ring;
    assert_int_equal(csig_zk_affg_prove(&s->proof, &s->w->env, &s->tr, &mine, &wit), CSIG_OK);
}

csig_err affg_verify(const affg_sample *s)
{
    return csig_zk_affg_verify(&s->proof, &s->w->env, &s->tr, &s->stmt);
}

void affg_challenge(csig_int *e, const affg_sample *s)
{
    uint8_t octets[AFFG_PROOF_BYTES];
    csig_transcript t = s->tr;
    csig_point G;

    csig_point_generator(&G);
    csig_wire_write(csig_zk_affg_wire, &s->proof, octets, sizeof octets);
    csig_transcript_nat(&t, &s->stmt.prover->ring.n, CSIG_N_BYTES);
    csig_transcript_nat(&t, &s->stmt.receiver->ring.n, CSIG_N_BYTES);
    csig_transcript_nat(&t, &s->stmt.verifier->ring.n, CSIG_N_BYTES);
    csig_transcript_nat(&t, &s->stmt.verifier->s, CSIG_N_BYTES);
    csig_transcript_nat(&t, &s->stmt.verifier->t, CSIG_N_BYTES);
    csig_transcript_point(&t, &G);
    csig_transcript_nat(&t, s->stmt.C, CSIG_NN_BYTES);
    csig_transcript_nat(&t, s->stmt.D, CSIG_NN_BYTES);
    csig_transcript_nat(&t, s->stmt.Y, CSIG_NN_BYTES);
    csig_transcript_point(&t, s->stmt.X);
    csig_transcript_bytes(&t, octets, AFFG_FIRST_BYTES);
    csig_transcript_challenge(&t, e);
}

static void random_pm(csig_int *r, zk_world *w, uint32_t bits, const csig_int *m)
{
    csig_sec x;

    csig_sec_random_pm_times(&x, &w->rng, bits, m);
    csig_sec_reveal(r, &x);
}

void affg_random_masks(affg_masks *k, affg_sample *s)
{
    const csig_int one = {.limbs = 1, .d = {1}};
    const csig_int *Nh = &s->stmt.verifier->ring.n;

    random_pm(&k->alpha, s->w, CSIG_ELL + CSIG_EPS, &one);
    random_pm(&k->beta, s->w, CSIG_ELL_P + CSIG_EPS, &one);
    random_pm(&k->gamma, s->w, CSIG_ELL + CSIG_EPS, Nh);
    random_pm(&k->delta, s->w, CSIG_ELL + CSIG_EPS, Nh);
    random_pm(&k->m, s->w, CSIG_ELL, Nh);
    random_pm(&k->mu, s->w, CSIG_ELL, Nh);
}

void affg_prove_with(affg_sample *s, const affg_masks *k)
{
    const csig_pedersen *v = s->stmt.verifier;
    csig_zk_affg *p = &s->proof;
    csig_sec r, ry;
    csig_scalar a;
    csig_int e;

    memset(p, 0, sizeof *p);
    affine(&p->A, &r, s->w, s->stmt.receiver, s->stmt.C, &k->alpha, &k->beta);
    zk_encrypt(&p->By, &ry, s->w, s->stmt.prover, &k->beta);
    csig_scalar_from_int(&a, &k->alpha);
    assert_true(csig_point_has_mul_g_var(&p->Bx, &a));
    zk_commit(&p->E, v, &k->alpha, &k->gamma);
    zk_commit(&p->S, v, &s->x, &k->m);
    zk_commit(&p->F, v, &k->beta, &k->delta);
    zk_commit(&p->T, v, &s->y, &k->mu);

    affg_challenge(&e, s);
    zk_response(&p->z1, &k->alpha, &e, &s->x);
    zk_response(&p->z2, &k->beta, &e, &s->y);
    zk_response(&p->z3, &k->gamma, &e, &k->m);
    zk_response(&p->z4, &k->delta, &e, &k->mu);
    zk_unit_response(&p->w, &r, &e, &s->rho, &s->stmt.receiver->ring.n);
    zk_unit_response(&p->wy, &ry, &e, &s->rho_y, &s->stmt.prover->ring.n);
}
