/* Pi-mod: N is a Paillier-Blum modulus: N = p q with p, q = 3 mod 4 and gcd(N, phi(N)) = 1.
 * protocol.md 1.2 and Decided 8: w is fresh uniform with Jacobi symbol -1; everything else follows
 * from w, so two proofs over one (ssid, w) are the same octets. */
#ifndef CSIG_ZK_MOD_H
#define CSIG_ZK_MOD_H

#include "crypto/transcript.h"
#include "crypto/env.h"

/* Arrays hold values of exactly |N| bits as octets: 128 csig_int would be twice the size. */
typedef struct csig_zk_mod {
    csig_int w;
    uint8_t a[CSIG_REPEAT], b[CSIG_REPEAT];      /* 0 or 1 */
    uint8_t x[CSIG_REPEAT][CSIG_N_BYTES];        /* x_i^4 = (-1)^a_i w^b_i y_i */
    uint8_t z[CSIG_MOD_NTH_ROOTS][CSIG_N_BYTES]; /* z_i^N = y_i, i < 8 */
} csig_zk_mod;

void csig_zk_mod_wire(csig_wire *w, void *proof);
/* w NULL: drawn; given (tests): used. */
CSIG_MUST csig_err csig_zk_mod_prove(csig_zk_mod *p, const csig_env *env, const csig_transcript *tr,
                                     const csig_ring *N, const csig_factors *f, const csig_int *w);
/* Checks, in this order: |N| exact, N odd and 1 mod 4, no prime factor below 2^16, not prime, not a
 * power; Jacobi(w|N) = -1; a, b bits; 0 < x, z < N; every equation. CSIG_E_MODULUS or
 * CSIG_E_PROOF. */
CSIG_MUST csig_err csig_zk_mod_verify(const csig_zk_mod *p, const csig_env *env,
                                      const csig_transcript *tr, const csig_int *N);

#endif
