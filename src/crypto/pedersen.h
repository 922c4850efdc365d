/* Ring-Pedersen commitments: RP(u, v) = s^u t^v mod N^. */
#ifndef CSIG_CRYPTO_PEDERSEN_H
#define CSIG_CRYPTO_PEDERSEN_H

#include "crypto/env.h"

typedef struct csig_pedersen {
    csig_ring ring; /* N^ */
    csig_int s, t;
    csig_comb *s_comb, *t_comb; /* tables of a peer; NULL for our own or before they are built */
    const csig_factors *own;    /* ours: factors of N^ and lambda with s = t^lambda */
    const csig_sec *lambda;
} csig_pedersen;

/* CSIG_E_MODULUS: N^ of another size or even; s or t not a unit, 1, N^ - 1, or equal. Tables are
 * built by csig_pedersen_tables. */
CSIG_MUST csig_err csig_pedersen_init(csig_pedersen *v, const csig_int *n, const csig_int *s,
                                      const csig_int *t, const csig_factors *own,
                                      const csig_sec *lambda);
/* The longest exponents that the tables serve. s: 2^(l + eps) sqrt(N), a mask of Pi-fac, longer
 * than those of signing; t: 2^(l + eps) N^, the mask of a commitment. One exponent is longer,
 * Pi-fac's 2^(l + eps) N N^ of t, once per pair of devices: it goes without a table. */
#define CSIG_PEDERSEN_S_BITS (CSIG_ELL + CSIG_EPS + CSIG_P_BITS + 1)
#define CSIG_PEDERSEN_T_BITS (CSIG_ELL + CSIG_EPS + CSIG_N_BITS + 1)

/* Build the combs of a peer's s and t, once. CSIG_E_MEMORY. */
CSIG_MUST csig_err csig_pedersen_tables(csig_pedersen *v);
void csig_pedersen_free(csig_pedersen *v);

/* c = RP(u, v), public */
csig_job csig_pedersen_commit_job(const csig_pedersen *p, csig_int *c, const csig_sec *u,
                                  const csig_sec *v);
/* a = RP(z1, z2) * S^minus_e: what must equal the first message. room is used when p is ours
 * (exponent lambda * z1 + z2) and must outlive the job. */
csig_job csig_pedersen_check_job(const csig_pedersen *p, csig_int *a, const csig_int *z1,
                                 const csig_int *z2, const csig_int *S, const csig_int *minus_e,
                                 csig_sec *room);

#endif
