/* Inside the fixed-base comb declared in exp.h. */
#ifndef CSIG_NUM_COMB_H
#define CSIG_NUM_COMB_H

#include "num/exp.h"

typedef struct csig_comb_power {
    const csig_comb *comb;
    const mp_limb_t *exp; /* |e| < 2^bits */
    uint32_t bits;
    mp_limb_t neg;  /* of the exponent */
    bool is_secret; /* exponent and sign */
} csig_comb_power;

/* The product of powers of at most CSIG_JOB_TERMS bases, all mod N; Montgomery form. */
void csig_comb_product(mp_limb_t *r, const csig_ring *ring, const csig_comb_power *power,
                       uint32_t terms);

#endif
