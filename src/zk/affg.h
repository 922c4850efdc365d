/* Pi-aff-g: D = C^x enc_j(y; rho), Y = enc_i(y; rho_y), X = xG with x in +-2^l, y in +-2^l'.
 * protocol.md 1.6. i proves to j, under j's N^. In MtA y := -beta in both D and F (= Y here). */
#ifndef CSIG_ZK_AFFG_H
#define CSIG_ZK_AFFG_H

#include "crypto/paillier.h"
#include "crypto/pedersen.h"
#include "crypto/transcript.h"

typedef struct csig_zk_affg {
    csig_int A; /* mod N_j^2 */
    csig_point Bx;
    csig_int By;         /* mod N_i^2 */
    csig_int E, S, F, T; /* mod N^_j */
    csig_int z1;         /* |z1| <= 2^(l+eps) */
    csig_int z2;         /* |z2| <= 2^(l'+eps) */
    csig_int z3, z4;     /* |.| <= 2^(l+eps+1) N^_j */
    csig_int w;          /* mod N_j */
    csig_int wy;         /* mod N_i */
} csig_zk_affg;

typedef struct csig_zk_affg_stmt {
    const csig_paillier *prover;   /* N_i */
    const csig_paillier *receiver; /* N_j */
    const csig_pedersen *verifier; /* of j */
    const csig_int *C, *D;         /* mod N_j^2 */
    const csig_int *Y;             /* mod N_i^2 */
    const csig_point *X;
} csig_zk_affg_stmt;

typedef struct csig_zk_affg_wit {
    const csig_scalar *x;
    const csig_sec *y;
    const csig_sec *rho;   /* under N_j */
    const csig_sec *rho_y; /* under N_i */
} csig_zk_affg_wit;

void csig_zk_affg_wire(csig_wire *w, void *proof);
CSIG_MUST csig_err csig_zk_affg_prove(csig_zk_affg *p, const csig_env *env,
                                      const csig_transcript *tr, const csig_zk_affg_stmt *stmt,
                                      const csig_zk_affg_wit *wit);
CSIG_MUST csig_err csig_zk_affg_verify(const csig_zk_affg *p, const csig_env *env,
                                       const csig_transcript *tr, const csig_zk_affg_stmt *stmt);

#endif
