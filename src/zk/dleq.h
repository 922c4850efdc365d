/* Equal logarithms: Y = yG and D = yP, for everyone. protocol.md 2.3: so a Diffie-Hellman point is
 * opened to others. Chaum and Pedersen, CRYPTO 1992. */
#ifndef CSIG_ZK_DLEQ_H
#define CSIG_ZK_DLEQ_H

#include "crypto/env.h"
#include "crypto/transcript.h"

typedef struct csig_zk_dleq {
    csig_point A, B; /* alpha G, alpha P */
    csig_scalar z;   /* alpha + e y */
} csig_zk_dleq;

typedef struct csig_zk_dleq_stmt {
    const csig_point *Y, *P, *D;
} csig_zk_dleq_stmt;

void csig_zk_dleq_wire(csig_wire *w, void *proof);
/* y is not zero. */
CSIG_MUST csig_err csig_zk_dleq_prove(csig_zk_dleq *p, const csig_env *env,
                                      const csig_transcript *tr, const csig_zk_dleq_stmt *stmt,
                                      const csig_scalar *y);
CSIG_MUST csig_err csig_zk_dleq_verify(const csig_zk_dleq *p, const csig_transcript *tr,
                                       const csig_zk_dleq_stmt *stmt);

#endif
