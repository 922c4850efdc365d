/* Single powers as tasks: computed here, or by the host's engine in one call. */
#ifndef CSIG_NUM_TASK_H
#define CSIG_NUM_TASK_H

#include "countersign/engine.h"
#include "num/power.h"

typedef struct csig_task {
    csig_residues z;
    mp_limb_t value[CSIG_PAIR_LIMBS]; /* in: the base, out: its power; Montgomery form */
    mp_limb_t exp[CSIG_INT_LIMBS];
    uint32_t bits;   /* exp < 2^bits */
    bool is_secret;  /* the exponent */
    bool is_private; /* anything of it: base, modulus or exponent; what an engine is told */
    bool is_lift;    /* the value is then raised to n again, mod n^2: see exp.c */
} csig_task;

/* Replace each value by its power. engine NULL: one after the other. CSIG_E_ENGINE, CSIG_E_MEMORY.
 */
CSIG_MUST csig_err csig_task_run(const csig_engine *engine, csig_task *const *tasks, size_t n);

/* What it is as a factor of a product. */
csig_power csig_task_power(const csig_task *t);

#endif
