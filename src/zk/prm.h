/* Pi-prm: s is a power of t mod N^; 128 one-bit rounds. protocol.md 1.3. Whom it protects: those
 * who commit under N^. */
#ifndef CSIG_ZK_PRM_H
#define CSIG_ZK_PRM_H

#include "crypto/pedersen.h"
#include "crypto/transcript.h"

typedef struct csig_zk_prm {
    uint8_t A[CSIG_REPEAT][CSIG_N_BYTES]; /* t^a_i */
    uint8_t z[CSIG_REPEAT][CSIG_N_BYTES]; /* a_i + e_i lambda mod phi(N^) */
} csig_zk_prm;

void csig_zk_prm_wire(csig_wire *w, void *proof);
/* ours must have own and lambda set. */
CSIG_MUST csig_err csig_zk_prm_prove(csig_zk_prm *p, const csig_env *env, const csig_transcript *tr,
                                     const csig_pedersen *ours);
/* theirs has passed csig_pedersen_init (size, odd, s and t units, not 1 or N^ - 1, s != t). Never
 * batched: the modulus is adversarial. */
CSIG_MUST csig_err csig_zk_prm_verify(const csig_zk_prm *p, const csig_env *env,
                                      const csig_transcript *tr, const csig_pedersen *theirs);

#endif
