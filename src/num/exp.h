/* Exponentiations as jobs (house: Decided 6). A job is a product of powers in Z/N or Z/N^2, with N
 * known only publicly or with its factors. Proofs hand their independent jobs over together; the
 * engine runs them: by default one after the other, constant time where anything is secret.
 *
 *   own factors      CRT; base^N mod N^2 by the lift (performance.md, section 2); exponents reduced
 *   mod N^2          pairs a + b*N (N-adic Montgomery), never a 2|N|-bit modulus
 *   comb given       Lim-Lee fixed base, h = 6, v = 8, constant-time scan when the exponent is
 * secret public           Straus over all terms, variable time
 */
#ifndef CSIG_NUM_EXP_H
#define CSIG_NUM_EXP_H

#include "countersign/engine.h"
#include "num/half.h"

/* A public odd modulus N > 1 of at most CSIG_N_BITS, prepared. */
typedef struct csig_ring {
    csig_int n;
    csig_int nn;    /* N^2 */
    csig_pair pair; /* arithmetic mod N and mod N^2; opaque to others */
} csig_ring;

/* N's prime factors, prepared. Secret; lives in locked memory. Opaque outside src/num but for p and
 * q themselves. */
typedef struct csig_factors {
    csig_sec p, q;
    csig_half half[2];                 /* of p, of q */
    csig_mont qq;                      /* q^2 */
    mp_limb_t lift[CSIG_P_LIMBS];      /* 1/p mod q */
    mp_limb_t lift2[2 * CSIG_P_LIMBS]; /* 1/p^2 mod q^2 */
} csig_factors;

/* Fixed-base table: exponents up to CSIG_COMB_BITS. Ordinary memory (the base is public). */
#define CSIG_COMB_TEETH  6
#define CSIG_COMB_BLOCKS 8
/* t's largest exponent, Pi-fac's mask of v: 2^(l + eps) * N * N^; s's are shorter. */
#define CSIG_COMB_BITS (CSIG_INT_BITS + 7)
typedef struct csig_comb csig_comb; /* allocated by csig_comb_new */

/* false: n is even or below 3 or too long. */
bool csig_ring_has_init(csig_ring *r, const csig_int *n);
/* p != q primes of exactly CSIG_P_BITS bits, = 3 mod 4. */
void csig_factors_init(csig_factors *f, const csig_sec *p, const csig_sec *q);
void csig_factors_wipe(csig_factors *f);

/* A table for powers of base mod N with exponents up to `bits`; NULL without memory. */
csig_comb *csig_comb_new(const csig_ring *r, const csig_int *base, uint32_t bits);
void csig_comb_free(csig_comb *c);
size_t csig_comb_bytes(uint32_t bits); /* what one table occupies */

/* base^exp: exactly one of each pair is set. A public base with a negative exponent must be a unit
 * (checked before by the caller); secret signed exponents are |e| on cmov(B, 1/B). A secret base
 * goes with a non-negative exponent. */
typedef struct csig_term {
    const csig_int *base;
    const csig_sec *secret_base;
    const csig_int *exp;
    const csig_sec *secret_exp;
    const csig_comb *comb; /* of base, mod N (not mod N^2); may be NULL */
} csig_term;

#define CSIG_JOB_TERMS 3
typedef struct csig_job {
    const csig_ring *ring;
    const csig_factors *own; /* NULL: the factors are not ours */
    bool squared;            /* in Z/N^2 instead of Z/N */
    csig_term term[CSIG_JOB_TERMS];
    uint32_t terms;
    const csig_int *plain;        /* squared only: also multiply by 1 + plain * N (any sign); or */
    const csig_sec *secret_plain; /* the same with a secret; at most one of the two; may be NULL */
    const csig_int *times;        /* also multiply by this public residue; may be NULL */
    csig_int *out;                /* exactly one of out (the result is public from here) and */
    csig_sec *secret_out;         /* secret_out (the result stays secret) */
} csig_job;

/* Run all jobs. engine NULL: the default. CSIG_E_ENGINE: the host's engine failed; CSIG_E_MEMORY:
 * no locked memory for what goes to it. Jobs of one call must not depend on each other. Terms with
 * a table are computed here in any case: a quarter of the work that an engine would have. */
CSIG_MUST csig_err csig_exp_run(const csig_engine *engine, csig_job *jobs, size_t n);

/* --- with own factors, constant time --- */
/* The centred plaintext of c in Z*_{N^2}: in [-(N-1)/2, (N-1)/2], blinded by fresh randomness. */
CSIG_MUST csig_err csig_factors_decrypt(csig_sec *m, const csig_engine *engine, const csig_ring *r,
                                        const csig_factors *f, const csig_int *c, csig_rng *rng);
/* The N-th root of y mod N (unit). Public result. */
CSIG_MUST csig_err csig_factors_nth_root(csig_int *z, const csig_engine *engine, const csig_ring *r,
                                         const csig_factors *f, const csig_int *y);
/* The same of a secret y in [0, N), a unit; the root stays secret. */
CSIG_MUST csig_err csig_factors_secret_root(csig_sec *z, const csig_engine *engine,
                                            const csig_factors *f, const csig_sec *y);
/* a, b and x with x^4 = (-1)^a w^b y mod N, x the fourth root that is itself a square mod p and
 * mod q; w has Jacobi symbol -1. No branch on which residue class y is in. */
CSIG_MUST csig_err csig_factors_fourth_root(csig_int *x, uint8_t *a, uint8_t *b,
                                            const csig_engine *engine, const csig_ring *r,
                                            const csig_factors *f, const csig_int *w,
                                            const csig_int *y);
/* x uniform in [0, phi(N)); and z = a + e * x mod phi(N), e in {0, 1}: Pi-prm. */
void csig_factors_random_exponent(csig_sec *x, const csig_factors *f, csig_rng *rng);
void csig_factors_response(csig_int *z, const csig_factors *f, const csig_sec *a, uint32_t e,
                           const csig_sec *x);
/* N = p * q. */
void csig_factors_product(csig_int *n, const csig_factors *f);

#endif
