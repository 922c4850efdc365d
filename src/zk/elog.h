/* Pi-elog: L = lambda G, M = yG + lambda X, Y = yH. protocol.md 1.8. For everyone. */
#ifndef CSIG_ZK_ELOG_H
#define CSIG_ZK_ELOG_H

#include "crypto/env.h"
#include "crypto/transcript.h"

typedef struct csig_zk_elog {
    csig_point A, N, B;
    csig_scalar z, u;
} csig_zk_elog;

typedef struct csig_zk_elog_stmt {
    const csig_point *L, *M, *X, *Y, *H;
} csig_zk_elog_stmt;

typedef struct csig_zk_elog_wit {
    const csig_scalar *y, *lambda;
    const csig_scalar *x; /* with X = xG: then N = (m + alpha x) G (house: Decided 7) */
} csig_zk_elog_wit;

void csig_zk_elog_wire(csig_wire *w, void *proof);
CSIG_MUST csig_err csig_zk_elog_prove(csig_zk_elog *p, const csig_env *env,
                                      const csig_transcript *tr, const csig_zk_elog_stmt *stmt,
                                      const csig_zk_elog_wit *wit);
CSIG_MUST csig_err csig_zk_elog_verify(const csig_zk_elog *p, const csig_transcript *tr,
                                       const csig_zk_elog_stmt *stmt);

#endif
