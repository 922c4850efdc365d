/* Montgomery arithmetic of fixed size over mpn, R = 2^(limbs * GMP_NUMB_BITS). Time depends on
 * sizes alone: modulus, operands and exponents may all be secret. Numbers are `limbs` limbs, least
 * significant first, below n; "Montgomery form" of a is a * R mod n. Results may alias operands. */
#ifndef CSIG_NUM_MONT_H
#define CSIG_NUM_MONT_H

#include "num/int.h"

#define CSIG_MONT_LIMBS CSIG_N_LIMBS /* of the largest modulus: N, p^2 */

typedef struct csig_mont {
    uint32_t limbs; /* public */
    bool is_fast;   /* products by ifma.h */
    mp_limb_t inv;  /* -1/n mod 2^GMP_NUMB_BITS */
    mp_limb_t n[CSIG_MONT_LIMBS];
    mp_limb_t one[CSIG_MONT_LIMBS]; /* R mod n */
    mp_limb_t rr[CSIG_MONT_LIMBS];  /* R^2 mod n */
} csig_mont;

/* n odd, > 1, its top limb not zero. */
void csig_mont_init(csig_mont *m, const mp_limb_t *n, uint32_t limbs);
void csig_mont_wipe(csig_mont *m);

void csig_mont_mul(mp_limb_t *r, const csig_mont *m, const mp_limb_t *a, const mp_limb_t *b);
void csig_mont_sqr(mp_limb_t *r, const csig_mont *m, const mp_limb_t *a);
void csig_mont_add(mp_limb_t *r, const csig_mont *m, const mp_limb_t *a, const mp_limb_t *b);
void csig_mont_sub(mp_limb_t *r, const csig_mont *m, const mp_limb_t *a, const mp_limb_t *b);
/* The Montgomery form of a, which may be of any size; and back. */
void csig_mont_enter(mp_limb_t *r, const csig_mont *m, const mp_limb_t *a, uint32_t limbs);
void csig_mont_leave(mp_limb_t *r, const csig_mont *m, const mp_limb_t *a);
/* a^e, a and the result in Montgomery form, e < 2^bits in CSIG_LIMBS(bits) limbs. */
void csig_mont_pow(mp_limb_t *r, const csig_mont *m, const mp_limb_t *a, const mp_limb_t *e,
                   uint32_t bits);

/* Overwrite what products leave on the stack below their caller: their own temporaries are too hot
 * to be wiped each time. Called once at the end by whoever works on secrets. */
void csig_mont_forget(void);

/* 2^(n-1) = 1 mod n? n as for csig_mont_init. Constant time but for the answer. */
bool csig_mont_is_fermat2(const mp_limb_t *n, uint32_t limbs);

/* t = a b, 2 * limbs limbs: schoolbook under Karatsuba. t must not overlap a or b. */
void csig_mont_product(mp_limb_t *t, const mp_limb_t *a, const mp_limb_t *b, uint32_t limbs);

/* The steps of a reduction, for pair.c. Fold: t + q n is divisible by R for the digits q found; the
 * quotient is left in t's low half and its carry returned. t has 2 * limbs limbs. */
mp_limb_t csig_mont_fold(mp_limb_t *t, mp_limb_t *q, const csig_mont *m);
/* r = carry:t - n if that is not negative, else carry:t; carry becomes that of r. Returns 1 when n
 * was subtracted. */
mp_limb_t csig_mont_subtract_once(mp_limb_t *r, mp_limb_t *carry, const mp_limb_t *t,
                                  const csig_mont *m);

/* r = mask ? a : b, mask all ones or zero. */
void csig_mont_select(mp_limb_t *r, mp_limb_t mask, const mp_limb_t *a, const mp_limb_t *b,
                      uint32_t limbs);
/* All ones when the numbers are equal, else zero. */
mp_limb_t csig_mont_same(const mp_limb_t *a, const mp_limb_t *b, uint32_t limbs);
/* r = entry `index` of a table of at most CSIG_MONT_ENTRIES entries of `width` limbs each, all of
 * which are read. */
#define CSIG_MONT_ENTRIES 64
void csig_mont_lookup(mp_limb_t *r, const mp_limb_t *table, uint32_t width, uint32_t entries,
                      mp_limb_t index);
/* Bits [at, at + width) of e, which has `limbs` limbs; those beyond its end are zero; width <= 8.
 */
mp_limb_t csig_mont_window(const mp_limb_t *e, uint32_t limbs, uint32_t at, uint32_t width);

#endif
