/* Pi-fac: N has no small factor: both are above sqrt(N) / 2^(l + eps), sqrt(N) := 2^(|N|/2).
 * For one verifier, under its N^, s, t. protocol.md 1.4 (CGGMP24, without sigma). */
#ifndef CSIG_ZK_FAC_H
#define CSIG_ZK_FAC_H

#include "crypto/pedersen.h"
#include "crypto/transcript.h"

typedef struct csig_zk_fac {
    csig_int P, Q, A, B, T; /* mod N^ */
    csig_int z1, z2;        /* |z| <= 2^(l+eps) sqrt(N) */
    csig_int w1, w2;        /* |w| <= 2^(l+eps+1) N^ */
    csig_int v;             /* |v| <= 2^(l+eps+1) N N^ */
} csig_zk_fac;

void csig_zk_fac_wire(csig_wire *w, void *proof);
CSIG_MUST csig_err csig_zk_fac_prove(csig_zk_fac *p, const csig_env *env, const csig_transcript *tr,
                                     const csig_ring *N, const csig_factors *f,
                                     const csig_pedersen *verifier);
/* verifier: our own parameters, or (third party) anyone's. */
CSIG_MUST csig_err csig_zk_fac_verify(const csig_zk_fac *p, const csig_env *env,
                                      const csig_transcript *tr, const csig_int *N,
                                      const csig_pedersen *verifier);

#endif
