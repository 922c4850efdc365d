/* Pi-aff-g*: D = C^x enc_j(y; rho), Y = enc_i(y; rho_y), X = xG with x in +-2^l, y in +-2^l', for
 * everybody: no ring-Pedersen parameters, 128 rounds with a one-bit challenge each. protocol.md
 * 1.10 and Decided 8. Only where a session has failed and a third party must be convinced. */
#ifndef CSIG_ZK_AFFGSTAR_H
#define CSIG_ZK_AFFGSTAR_H

#include "crypto/paillier.h"
#include "crypto/transcript.h"

typedef struct csig_zk_affgstar_row {
    csig_int A; /* mod N_j^2 */
    csig_point R;
    csig_int B;      /* mod N_i^2 */
    csig_int z;      /* |z| <= 2^(l+eps) */
    csig_int w;      /* |w| <= 2^(l'+eps) */
    csig_int u;      /* mod N_j */
    csig_int lambda; /* mod N_i */
} csig_zk_affgstar_row;

/* Large: not on the stack. */
typedef struct csig_zk_affgstar {
    csig_zk_affgstar_row row[CSIG_REPEAT];
} csig_zk_affgstar;

typedef struct csig_zk_affgstar_stmt {
    const csig_paillier *prover;   /* N_i */
    const csig_paillier *receiver; /* N_j */
    const csig_int *C, *D;         /* mod N_j^2 */
    const csig_int *Y;             /* mod N_i^2 */
    const csig_point *X;
} csig_zk_affgstar_stmt;

typedef struct csig_zk_affgstar_wit {
    const csig_scalar *x;
    const csig_sec *y;
    const csig_sec *rho;   /* under N_j */
    const csig_sec *rho_y; /* under N_i */
} csig_zk_affgstar_wit;

void csig_zk_affgstar_wire(csig_wire *w, void *proof);
CSIG_MUST csig_err csig_zk_affgstar_prove(csig_zk_affgstar *p, const csig_env *env,
                                          const csig_transcript *tr,
                                          const csig_zk_affgstar_stmt *stmt,
                                          const csig_zk_affgstar_wit *wit);
CSIG_MUST csig_err csig_zk_affgstar_verify(const csig_zk_affgstar *p, const csig_env *env,
                                           const csig_transcript *tr,
                                           const csig_zk_affgstar_stmt *stmt);

#endif
