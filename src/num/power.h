/* Products of powers in Z/n or Z/n^2 by interleaved windows (Straus): one chain of squarings serves
 * all terms. Time depends on sizes, on the digits of public exponents, and on nothing else. */
#ifndef CSIG_NUM_POWER_H
#define CSIG_NUM_POWER_H

#include "num/pair.h"

#define CSIG_POWER_TERMS 3

/* Z/n, or Z/n^2 on pairs. An element is csig_residues_limbs() limbs, in Montgomery form. */
typedef struct csig_residues {
    const csig_pair *n;
    bool is_squared;
} csig_residues;

uint32_t csig_residues_limbs(const csig_residues *z);
void csig_residues_one(mp_limb_t *r, const csig_residues *z);
void csig_residues_mul(mp_limb_t *r, const csig_residues *z, const mp_limb_t *x,
                       const mp_limb_t *y);
void csig_residues_sqr(mp_limb_t *r, const csig_residues *z, const mp_limb_t *x);
/* From a number of any size, and back to one of csig_residues_limbs() limbs; r must not be x. */
void csig_residues_enter(mp_limb_t *r, const csig_residues *z, const mp_limb_t *a, uint32_t limbs);
void csig_residues_leave(mp_limb_t *r, const csig_residues *z, const mp_limb_t *x);

/* A number that becomes public; the caller says why in a comment. */
void csig_residues_reveal(csig_int *r, const mp_limb_t *a, uint32_t limbs);

typedef struct csig_power {
    const mp_limb_t *base; /* in Montgomery form */
    const mp_limb_t *exp;  /* below 2^bits */
    uint32_t bits;
    bool is_secret; /* the exponent; its digits are then looked up by reading the whole table */
} csig_power;

/* The product of at most CSIG_POWER_TERMS powers. */
void csig_power_product(mp_limb_t *r, const csig_residues *z, const csig_power *power,
                        uint32_t terms);

#endif
