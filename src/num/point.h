/* Points of secp256k1 other than infinity: functions that would give infinity say so.
 * Owner of secp256k1*.h: src/num. Points are public; two secret points are never added. */
#ifndef CSIG_NUM_POINT_H
#define CSIG_NUM_POINT_H

#include <secp256k1.h>

#include "num/scalar.h"

#define CSIG_POINT_BYTES 33

typedef struct csig_point {
    secp256k1_pubkey k;
} csig_point;

/* The curve context of a session: preallocated inside it, randomised. */
#define CSIG_CURVE_BYTES 1024
typedef struct csig_curve {
    secp256k1_context *ctx;
    _Alignas(16) uint8_t mem[CSIG_CURVE_BYTES];
} csig_curve;

/* c must not move afterwards. CSIG_E_MEMORY: this libsecp256k1 needs more room. */
CSIG_MUST csig_err csig_curve_init(csig_curve *c, csig_rng *rng);
void csig_curve_wipe(csig_curve *c);

/* --- secret scalars, constant time --- */
/* R = kG. k must not be zero: CSIG_E_RANGE. */
CSIG_MUST csig_err csig_point_mul_g(csig_point *R, const csig_curve *c, const csig_scalar *k);
/* R = kP; R is public from here. CSIG_E_RANGE when k = 0. */
CSIG_MUST csig_err csig_point_mul(csig_point *R, const csig_scalar *k, const csig_point *P);
/* Diffie-Hellman: x and y of kP, 64 octets, secret. CSIG_E_RANGE when k = 0. */
CSIG_MUST csig_err csig_point_dh(uint8_t xy[64], const csig_scalar *k, const csig_point *P);

/* --- public arguments, variable time --- */
void csig_point_generator(csig_point *G);
/* R = kP; false when k = 0. */
bool csig_point_has_mul_var(csig_point *R, const csig_scalar *k, const csig_point *P);
bool csig_point_has_mul_g_var(csig_point *R, const csig_scalar *k);
/* The sum of n points; false when it is infinity. */
bool csig_point_has_sum(csig_point *R, const csig_point *const *P, size_t n);
bool csig_point_has_add(csig_point *R, const csig_point *A, const csig_point *B);
void csig_point_neg(csig_point *R, const csig_point *P);
/* Is sum over i of k[i] * P[i] infinity? n at most 8; zero scalars are allowed. The form in which
 * every verification equation is checked. A NULL P[i] stands for G. */
bool csig_point_is_zero_sum_var(const csig_scalar *const *k, const csig_point *const *P, size_t n);
bool csig_point_is_eq(const csig_point *A, const csig_point *B);

void csig_point_x(uint8_t x[32], const csig_point *P);   /* big-endian, not reduced mod q */
void csig_point_xy(uint8_t xy[64], const csig_point *P); /* both coordinates, big-endian */
bool csig_point_is_odd(const csig_point *P);             /* parity of y */
void csig_point_to_bytes(uint8_t out[CSIG_POINT_BYTES], const csig_point *P);
CSIG_MUST csig_err csig_point_from_bytes(csig_point *P, const uint8_t in[CSIG_POINT_BYTES]);
void csig_point_wire(csig_wire *w, csig_point *P);

#endif
