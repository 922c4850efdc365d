/* Scalars mod q, the order of secp256k1. Secret unless its name or a csig_ct_public says
 * otherwise. Zero is a value here (libsecp256k1 has none), inverse and zero test are ours. */
#ifndef CSIG_NUM_SCALAR_H
#define CSIG_NUM_SCALAR_H

#include "base/rng.h"
#include "num/int.h"

#define CSIG_SCALAR_BYTES 32

typedef struct csig_scalar {
    uint8_t b[CSIG_SCALAR_BYTES]; /* big-endian, below q */
} csig_scalar;

void csig_scalar_wipe(csig_scalar *a);

void csig_scalar_set_u32(csig_scalar *r, uint32_t v);
/* Reduced mod q; len at most 128. Constant time. */
void csig_scalar_from_bytes(csig_scalar *r, const uint8_t *be, size_t len);
/* {p, n} mod q; n at most CSIG_INT_LIMBS. Constant time. */
void csig_scalar_from_limbs(csig_scalar *r, const mp_limb_t *p, size_t n);
void csig_scalar_from_int(csig_scalar *r, const csig_int *a); /* a mod q; a public, any sign */
void csig_scalar_to_int(csig_int *r, const csig_scalar *a);   /* a must be public by now */
void csig_scalar_random(csig_scalar *r, csig_rng *rng, const char *purpose); /* 1 .. q-1 */

bool csig_scalar_is_zero(const csig_scalar *a); /* constant time; the answer is public */
bool csig_scalar_is_eq(const csig_scalar *a, const csig_scalar *b);
bool csig_scalar_is_high(const csig_scalar *a); /* a > q/2; a public */

/* Constant time; outputs may alias inputs. */
void csig_scalar_add(csig_scalar *r, const csig_scalar *a, const csig_scalar *b);
void csig_scalar_sub(csig_scalar *r, const csig_scalar *a, const csig_scalar *b);
void csig_scalar_neg(csig_scalar *r, const csig_scalar *a);
void csig_scalar_mul(csig_scalar *r, const csig_scalar *a, const csig_scalar *b);
void csig_scalar_inv(csig_scalar *r, const csig_scalar *a);     /* 1/0 = 0 */
void csig_scalar_inv_var(csig_scalar *r, const csig_scalar *a); /* of a public a; 1/0 = 0 */
/* r = a + e * x: a Schnorr response; public from here. */
void csig_scalar_response(csig_scalar *r, const csig_scalar *a, const csig_scalar *e,
                          const csig_scalar *x);

void csig_scalar_wire(csig_wire *w, csig_scalar *a); /* refuses >= q */

#endif
