/* Pi-sch: knowledge of x with X = xG. A = alpha G is fixed before the session's randomiser is known
 * (key generation commits to it in round 1); the challenge comes later. protocol.md 1.1. */
#ifndef CSIG_ZK_SCH_H
#define CSIG_ZK_SCH_H

#include "crypto/transcript.h"
#include "crypto/env.h"

typedef struct csig_zk_sch {
    csig_scalar z; /* alpha + e x */
} csig_zk_sch;

typedef struct csig_zk_sch_stmt {
    const csig_point *X;
    const csig_point *A;
} csig_zk_sch_stmt;

void csig_zk_sch_wire(csig_wire *w, void *proof);
/* alpha secret, A public: the first message. */
CSIG_MUST csig_err csig_zk_sch_commit(csig_scalar *alpha, csig_point *A, const csig_env *env);
/* alpha is wiped: one challenge per nonce. */
void csig_zk_sch_prove(csig_zk_sch *p, const csig_transcript *tr, const csig_zk_sch_stmt *stmt,
                       csig_scalar *alpha, const csig_scalar *x);
CSIG_MUST csig_err csig_zk_sch_verify(const csig_zk_sch *p, const csig_transcript *tr,
                                      const csig_zk_sch_stmt *stmt);

#endif
