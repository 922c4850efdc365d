/* Secret integers: fixed size, constant time, wiped. The bound `bits` is public; value and sign
 * are not. No mpz ever sees one (house: Decided 7). Declare with CSIG_AUTO(csig_sec). */
#ifndef CSIG_NUM_SEC_H
#define CSIG_NUM_SEC_H

#include "base/rng.h"
#include "num/int.h"
#include "num/scalar.h"

typedef struct csig_sec {
    uint32_t bits; /* |x| < 2^bits; public */
    mp_limb_t neg; /* 0 or 1; secret */
    mp_limb_t d[CSIG_INT_LIMBS];
} csig_sec;

void csig_sec_wipe(csig_sec *x);

void csig_sec_from_int(csig_sec *x, const csig_int *a, uint32_t bits); /* |a| < 2^bits */
void csig_sec_from_scalar(csig_sec *x, const csig_scalar *a);          /* lifted to [0, q) */
void csig_sec_from_bytes(csig_sec *x, const uint8_t *be, size_t len);  /* >= 0, bits = 8 * len */
void csig_sec_to_bytes(uint8_t *be, size_t len, const csig_sec *x);    /* |x|; still secret */

/* Uniform in [-2^bits, 2^bits], by rejection. */
void csig_sec_random_pm(csig_sec *x, csig_rng *rng, uint32_t bits);
/* Uniform in [-2^bits * m, 2^bits * m]. */
void csig_sec_random_pm_times(csig_sec *x, csig_rng *rng, uint32_t bits, const csig_int *m);
/* Uniform in [0, n). */
void csig_sec_random_below(csig_sec *x, csig_rng *rng, const csig_int *n);
/* Uniform in Z*_n: below n by rejection, and a unit (a gcd with n that is not 1 would factor n;
 * how often that is tried is independent of the result). */
void csig_sec_random_unit(csig_sec *x, csig_rng *rng, const csig_int *n);

void csig_sec_neg(csig_sec *r, const csig_sec *x);
void csig_sec_add(csig_sec *r, const csig_sec *a, const csig_sec *b);
void csig_sec_mul(csig_sec *r, const csig_sec *a, const csig_sec *b);
/* r = x mod q. */
void csig_sec_mod_q(csig_scalar *r, const csig_sec *x);
/* A response: z = a + e * x, e public >= 0. The mask a makes z public: marked so here. */
void csig_sec_response(csig_int *z, const csig_sec *a, const csig_int *e, const csig_sec *x);
/* x becomes public; the caller says why in a comment. */
void csig_sec_reveal(csig_int *r, const csig_sec *x);

#endif
