/* Pi-enc-elg: C = enc_i(x; rho) with x in +-2^l, and X = bA + xG for the b of B = bG.
 * protocol.md 1.5. For one verifier. */
#ifndef CSIG_ZK_ENCELG_H
#define CSIG_ZK_ENCELG_H

#include "crypto/paillier.h"
#include "crypto/pedersen.h"
#include "crypto/transcript.h"

typedef struct csig_zk_encelg {
    csig_int S, T; /* mod N^ of the verifier */
    csig_int D;    /* mod N^2 of the prover */
    csig_point Y, Z;
    csig_int z1; /* |z1| <= 2^(l+eps) */
    csig_scalar w;
    csig_int z2; /* mod N of the prover */
    csig_int z3; /* |z3| <= 2^(l+eps+1) N^ */
} csig_zk_encelg;

typedef struct csig_zk_encelg_stmt {
    const csig_paillier *prover;
    const csig_pedersen *verifier;
    const csig_int *C;
    const csig_point *A, *B, *X;
} csig_zk_encelg_stmt;

typedef struct csig_zk_encelg_wit {
    const csig_scalar *x; /* lifted to [0, q) */
    const csig_sec *rho;
    const csig_scalar *b;
    /* y with A = yG, which the prover knows: then Y = (y beta + alpha) G is one multiplication of G
     * and no two secret points are added (house: Decided 7). */
    const csig_scalar *y;
} csig_zk_encelg_wit;

void csig_zk_encelg_wire(csig_wire *w, void *proof);
CSIG_MUST csig_err csig_zk_encelg_prove(csig_zk_encelg *p, const csig_env *env,
                                        const csig_transcript *tr, const csig_zk_encelg_stmt *stmt,
                                        const csig_zk_encelg_wit *wit);
CSIG_MUST csig_err csig_zk_encelg_verify(const csig_zk_encelg *p, const csig_env *env,
                                         const csig_transcript *tr,
                                         const csig_zk_encelg_stmt *stmt);

#endif
