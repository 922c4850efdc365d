/* Pi-dec: K^x D decrypts to y, where X = xG, S = yG' and x in +-2^l. The owner of the key proves to
 * everybody what it has made of the answers it got; 128 rounds with a one-bit challenge each.
 * protocol.md 1.9 and Decided 8. Only where a session has failed. */
#ifndef CSIG_ZK_DEC_H
#define CSIG_ZK_DEC_H

#include "crypto/paillier.h"
#include "crypto/transcript.h"

/* The longest y: one product and a share of two masks for each of 16 parties at most. The paper's
 * nominal range is too small. */
#define CSIG_ZK_DEC_Y_BITS (CSIG_ELL_P + CSIG_EPS + 1 + 4)
#if CSIG_LEVEL == 128
#define CSIG_ZK_DEC_EPS 512
#else
#define CSIG_ZK_DEC_EPS 192
#endif
_Static_assert(CSIG_MAX_PARTIES <= 1 << 4, "the 4 above");
_Static_assert(CSIG_ZK_DEC_Y_BITS + CSIG_ZK_DEC_EPS + 2 < CSIG_N_BITS - 1,
               "no difference of responses wraps around N");

typedef struct csig_zk_dec_row {
    csig_int A; /* mod N^2 */
    csig_point B, C;
    csig_int z;  /* |z| <= 2^(l+eps) */
    csig_int w;  /* |w| <= 2^(y_b+eps_d) */
    csig_int nu; /* mod N */
} csig_zk_dec_row;

/* Large: not on the stack. */
typedef struct csig_zk_dec {
    csig_zk_dec_row row[CSIG_REPEAT];
} csig_zk_dec;

typedef struct csig_zk_dec_stmt {
    const csig_paillier *prover; /* N */
    const csig_int *K, *D;       /* mod N^2 */
    const csig_point *X;         /* xG */
    const csig_point *S;         /* yG' */
    const csig_point *base;      /* G' */
} csig_zk_dec_stmt;

typedef struct csig_zk_dec_wit {
    const csig_scalar *x;
    const csig_sec *y;   /* |y| <= 2^y_b */
    const csig_sec *rho; /* K^x D = enc(y; rho) */
} csig_zk_dec_wit;

void csig_zk_dec_wire(csig_wire *w, void *proof);
/* prover must be ours. */
CSIG_MUST csig_err csig_zk_dec_prove(csig_zk_dec *p, const csig_env *env, const csig_transcript *tr,
                                     const csig_zk_dec_stmt *stmt, const csig_zk_dec_wit *wit);
CSIG_MUST csig_err csig_zk_dec_verify(const csig_zk_dec *p, const csig_env *env,
                                      const csig_transcript *tr, const csig_zk_dec_stmt *stmt);
/* rho of K^x D, mod N, by its owner: its N-th root. Stays secret. */
CSIG_MUST csig_err csig_zk_dec_root(csig_sec *rho, const csig_env *env, const csig_paillier *own,
                                    const csig_int *K, const csig_scalar *x, const csig_int *D);

#endif
