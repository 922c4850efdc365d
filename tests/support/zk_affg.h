/* A statement of Pi-aff-g with its honest prover, and a prover that takes the masks it is told. */
#ifndef TESTS_SUPPORT_ZK_AFFG_H
#define TESTS_SUPPORT_ZK_AFFG_H

#include "zk/affg.h"

#include "support/zk_party.h"

#define AFFG_Z1_BITS     768  /* |z1| <= 2^768 */
#define AFFG_Z2_BITS     1792 /* |z2| <= 2^1792 */
#define AFFG_Z3_BITS     769  /* |z3|, |z4| <= 2^769 N^ */
#define AFFG_FIRST_BYTES (2 * CSIG_NN_BYTES + CSIG_POINT_BYTES + 4 * CSIG_N_BYTES)
#define AFFG_PROOF_BYTES                                                                           \
    (AFFG_FIRST_BYTES + 98 + 226 + 2 * (1 + 97 + CSIG_N_BYTES) + 2 * CSIG_N_BYTES)

/* Party 0 answers party 1's C with D = C^x enc(y), and shows Y = enc(y) under its own key, X = xG.
 */
typedef struct affg_sample {
    zk_world *w;
    csig_int x, y, C, D, Y;
    csig_scalar x_q;
    csig_sec y_sec, rho, rho_y;
    csig_point X;
    csig_zk_affg proof;
    csig_zk_affg_stmt stmt; /* as the verifier sees it */
    csig_transcript tr;
} affg_sample;

typedef struct affg_masks {
    csig_int alpha, beta, gamma, delta, m, mu;
} affg_masks;

void affg_statement(affg_sample *s, zk_world *w, const csig_int *x, const csig_int *y);
void affg_random_statement(affg_sample *s, zk_world *w);
void affg_prove(affg_sample *s); /* by the code under test */
csig_err affg_verify(const affg_sample *s);
/* The challenge as the paper and protocol.md, section 4, have it. */
void affg_challenge(csig_int *e, const affg_sample *s);
/* Honest masks; and the paper's prover with given ones. */
void affg_random_masks(affg_masks *k, affg_sample *s);
void affg_prove_with(affg_sample *s, const affg_masks *k);

#endif
