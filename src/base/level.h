/* The security level of this build and everything that follows from it (protocol: Decided 2).
 * All sizes in bits unless the name says BYTES. */
#ifndef CSIG_BASE_LEVEL_H
#define CSIG_BASE_LEVEL_H

#ifndef CSIG_LEVEL
#error "CSIG_LEVEL must be 128 or 112; the build sets it"
#endif

#if CSIG_LEVEL == 128
#define CSIG_P_BITS 1536 /* a prime factor of a modulus */
#elif CSIG_LEVEL == 112
#define CSIG_P_BITS 1024
#else
#error "CSIG_LEVEL must be 128 or 112"
#endif

#define CSIG_N_BITS   (2 * CSIG_P_BITS) /* N and N^ */
#define CSIG_NN_BITS  (2 * CSIG_N_BITS) /* N^2 */
#define CSIG_P_BYTES  (CSIG_P_BITS / 8)
#define CSIG_N_BYTES  (CSIG_N_BITS / 8)
#define CSIG_NN_BYTES (CSIG_NN_BITS / 8)

#define CSIG_ELL    256  /* l: small secrets, lifted to [0, q) */
#define CSIG_ELL_P  1280 /* l': MtA masks */
#define CSIG_EPS    512  /* epsilon: statistical slack and challenge growth */
#define CSIG_Q_BITS 256
#define CSIG_REPEAT 128 /* repetitions of proofs with binary challenges; 4th roots of Pi-mod */
/* N-th roots of Pi-mod after trial division to 2^16: 16 * 8 = 128. */
#define CSIG_MOD_NTH_ROOTS 8

/* The largest response, v of Pi-fac: |v| <= 2^(l + eps + 1) * N * N^. */
#define CSIG_INT_BITS (CSIG_ELL + CSIG_EPS + 1 + 2 * CSIG_N_BITS)

#define CSIG_MAX_PARTIES 16
#define CSIG_MAX_PATH    10

#define CSIG_FORMAT_VERSION 1

#endif
