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
/* Repetitions of proofs with binary challenges; 4th roots of Pi-mod. */
#ifdef CSIG_CT
#define CSIG_REPEAT 16 /* they are alike; such a build runs under valgrind alone */
#else
#define CSIG_REPEAT 128
#endif
/* N-th roots of Pi-mod after trial division to 2^16: 16 * 8 = 128. */
#define CSIG_MOD_NTH_ROOTS 8

/* The largest response, v of Pi-fac: |v| <= 2^(l + eps + 1) * N * N^. */
#define CSIG_INT_BITS (CSIG_ELL + CSIG_EPS + 1 + 2 * CSIG_N_BITS)

#define CSIG_MAX_PARTIES 16
#define CSIG_MAX_PATH    10

/* What ties these numbers together (protocol.md 0.1): with l + eps the length that a range proof
 * gives for a peer's secret, 16 parties at most, challenges below 2^|q|. */
_Static_assert(CSIG_ELL >= CSIG_Q_BITS, "a lifted scalar is in the range it is proven for");
_Static_assert(CSIG_EPS >= 2 * CSIG_Q_BITS, "a mask is 2^256 times what it hides");
_Static_assert(CSIG_ELL_P >= 2 * CSIG_ELL + CSIG_EPS + 256, "and so is beta, of k x or k gamma");
_Static_assert(CSIG_ELL_P + CSIG_EPS + 1 + 4 < CSIG_N_BITS - 1, "no sum of masks wraps around N");
_Static_assert(2 * (CSIG_ELL + CSIG_EPS) + 1 < CSIG_N_BITS - 1, "nor does a product");
_Static_assert(CSIG_P_BITS - (CSIG_ELL + CSIG_EPS) >= CSIG_Q_BITS,
               "no factor that Pi-fac lets pass divides a difference of challenges");
#ifndef CSIG_CT
_Static_assert(CSIG_REPEAT == 128 && 16 * CSIG_MOD_NTH_ROOTS >= 128, "soundness of 2^-128");
#endif

#define CSIG_FORMAT_VERSION 1

#endif
