/* Public integers: plain memory, no heap, variable time. Copy with =. A secret never sits here.
 * Owner of gmp.h: src/num. */
#ifndef CSIG_NUM_INT_H
#define CSIG_NUM_INT_H

#include <gmp.h>

#include "base/level.h"
#include "base/wire.h"
#include "num/carry.h"

#define CSIG_LIMBS(bits) (((bits) + GMP_NUMB_BITS - 1) / GMP_NUMB_BITS)
#define CSIG_P_LIMBS     CSIG_LIMBS(CSIG_P_BITS)
#define CSIG_N_LIMBS     CSIG_LIMBS(CSIG_N_BITS)
#define CSIG_NN_LIMBS    CSIG_LIMBS(CSIG_NN_BITS)
#define CSIG_INT_LIMBS   CSIG_LIMBS(CSIG_INT_BITS + 1)

typedef struct csig_int {
    uint32_t limbs; /* used, top limb non-zero; 0 is zero */
    uint32_t neg;   /* 1: negative; zero is never negative */
    mp_limb_t d[CSIG_INT_LIMBS];
} csig_int;

/* Results that would not fit trap: sizes are known, an overflow is our own bug. Outputs may alias
 * inputs everywhere. */
void csig_int_set_u64(csig_int *r, uint64_t v);
void csig_int_from_bytes(csig_int *r, const uint8_t *be, size_t len); /* non-negative */
void csig_int_to_bytes(uint8_t *be, size_t len, const csig_int *a);   /* |a|, padded left */
void csig_int_pow2(csig_int *r, uint32_t bits);                       /* 2^bits */

int csig_int_cmp(const csig_int *a, const csig_int *b); /* <0, 0, >0 */
bool csig_int_is_eq(const csig_int *a, const csig_int *b);
bool csig_int_is_zero(const csig_int *a);
bool csig_int_is_one(const csig_int *a);
bool csig_int_is_odd(const csig_int *a);
bool csig_int_is_within(const csig_int *a, uint32_t bits); /* |a| <= 2^bits */
/* |a| <= 2^bits * m */
bool csig_int_is_within_times(const csig_int *a, uint32_t bits, const csig_int *m);
uint32_t csig_int_bits(const csig_int *a); /* of |a| */
uint32_t csig_int_bit(const csig_int *a, uint32_t i);
uint32_t csig_int_mod_u32(const csig_int *a, uint32_t m); /* of |a| */

void csig_int_neg(csig_int *r, const csig_int *a);
void csig_int_add(csig_int *r, const csig_int *a, const csig_int *b);
void csig_int_sub(csig_int *r, const csig_int *a, const csig_int *b);
void csig_int_mul(csig_int *r, const csig_int *a, const csig_int *b);
void csig_int_mod(csig_int *r, const csig_int *a, const csig_int *n); /* 0 <= r < n, n > 0 */
void csig_int_mulm(csig_int *r, const csig_int *a, const csig_int *b, const csig_int *n);
/* 1/a mod n; false when there is none. */
bool csig_int_has_inverse(csig_int *r, const csig_int *a, const csig_int *n);
/* a^e mod n by GMP, e >= 0, n > 1: for odd jobs on public numbers (tests, primality). */
void csig_int_powm_var(csig_int *r, const csig_int *a, const csig_int *e, const csig_int *n);

bool csig_int_is_unit(const csig_int *a, const csig_int *n);    /* 0 < a < n and gcd(a, n) = 1 */
bool csig_int_is_coprime(const csig_int *a, const csig_int *b); /* gcd = 1; any signs and sizes */
int csig_int_jacobi(const csig_int *a, const csig_int *n);      /* n odd, > 0 */
bool csig_int_is_prime(const csig_int *a);                      /* error below 2^-128 */
bool csig_int_is_power(const csig_int *a);                      /* b^k with k >= 2 */
bool csig_int_has_factor_below_2_16(const csig_int *a);         /* a > 0 */

/* Fields: `bytes` octets of magnitude; int has a sign octet (0 or 1) before it, no minus zero. */
void csig_nat_wire(csig_wire *w, csig_int *a, size_t bytes);
void csig_int_wire(csig_wire *w, csig_int *a, size_t bytes);

#endif
