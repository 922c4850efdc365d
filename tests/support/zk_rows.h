/* Statements of the proofs with one-bit challenges that convince third parties, Pi-aff-g* and
 * Pi-dec, with their honest provers, and provers that take the masks of one round. */
#ifndef TESTS_SUPPORT_ZK_ROWS_H
#define TESTS_SUPPORT_ZK_ROWS_H

#include "zk/affgstar.h"
#include "zk/dec.h"

#include "support/zk_party.h"

#define ROWS_Z_BITS      768
#define ROWS_AFFG_W_BITS 1792
#if CSIG_LEVEL == 128
#define ROWS_DEC_W_BITS 2309
#else
#define ROWS_DEC_W_BITS 1989
#endif
#define AFFGSTAR_FIRST_BYTES (128 * (2 * CSIG_NN_BYTES + CSIG_POINT_BYTES))
#define AFFGSTAR_PROOF_BYTES (AFFGSTAR_FIRST_BYTES + 128 * (98 + 226 + 2 * CSIG_N_BYTES))
#define DEC_FIRST_BYTES      (128 * (CSIG_NN_BYTES + 2 * CSIG_POINT_BYTES))
#define DEC_PROOF_BYTES      (DEC_FIRST_BYTES + 128 * (98 + 2 + ROWS_DEC_W_BITS / 8 + CSIG_N_BYTES))

/* Party 0 answers party 1's C with D = C^x enc(y), shows Y = enc(y) under its own key, X = xG, to
 * all. */
typedef struct affgstar_sample {
    zk_world *w;
    csig_int x, y, C, D, Y;
    csig_scalar x_q;
    csig_sec y_sec, rho, rho_y;
    csig_point X;
    csig_zk_affgstar proof;
    csig_zk_affgstar_stmt stmt; /* as third parties see it */
    csig_transcript tr;
} affgstar_sample;

void affgstar_statement(affgstar_sample *s, zk_world *w, const csig_int *x, const csig_int *y);
void affgstar_random_statement(affgstar_sample *s, zk_world *w);
void affgstar_prove(affgstar_sample *s); /* by the code under test */
csig_err affgstar_verify(const affgstar_sample *s);
/* The paper's prover; the masks of one round are as given. */
void affgstar_prove_with(affgstar_sample *s, size_t row, const csig_int *alpha,
                         const csig_int *beta);

/* Party 0 has K = enc(k) and D = enc(d) and shows that K^x D decrypts to y, X = xG, S = y base. */
typedef struct dec_sample {
    zk_world *w;
    csig_int x, y, K, D;
    csig_scalar x_q;
    csig_sec y_sec, rho;
    csig_point X, S, base;
    csig_zk_dec proof;
    csig_zk_dec_stmt stmt;
    csig_transcript tr;
} dec_sample;

/* y = k x + d; k, x, d any numbers. */
void dec_statement(dec_sample *s, zk_world *w, const csig_int *k, const csig_int *x,
                   const csig_int *d);
void dec_random_statement(dec_sample *s, zk_world *w);
void dec_prove(dec_sample *s);
csig_err dec_verify(const dec_sample *s);
void dec_prove_with(dec_sample *s, size_t row, const csig_int *alpha, const csig_int *beta);

#endif
