/* Two provers' and verifiers' worth of keys from fixed primes, and what a prover does with public
 * numbers. */
#ifndef TESTS_SUPPORT_ZK_PARTY_H
#define TESTS_SUPPORT_ZK_PARTY_H

#include "crypto/paillier.h"
#include "crypto/pedersen.h"

#include "support/zk.h"

#define ZK_PARTIES 3

typedef struct zk_party {
    csig_factors n_factors, hat_factors; /* of N and N^ */
    csig_sec lambda;
    csig_paillier own_key, key;   /* with the factors, and as peers know it */
    csig_pedersen own_ring, ring; /* the same for N^, s, t; the peers' view has tables */
} zk_party;

/* Group setup and teardown: *state is a zk_world with ZK_PARTIES parties. */
int zk_parties_new(void **state);
int zk_parties_free(void **state);

/* Prime number i of support/primes.h. */
void zk_prime(csig_sec *p, int i);
void zk_sec(csig_sec *x, const csig_int *a);
void zk_random_below(csig_int *r, zk_world *w, const csig_int *n);

/* enc(m; rho) with fresh rho, and RP(u, v): of public numbers, by whoever builds a statement. */
void zk_encrypt(csig_int *c, csig_sec *rho, zk_world *w, const csig_paillier *k, const csig_int *m);
void zk_commit(csig_int *c, const csig_pedersen *v, const csig_int *a, const csig_int *b);
/* r = +-(2^bits * m + add); r = a + e * b; r = r0 * rho^e mod n */
void zk_bound(csig_int *r, int sign, uint32_t bits, const csig_int *m, int add);
void zk_response(csig_int *r, const csig_int *a, const csig_int *e, const csig_int *b);
void zk_unit_response(csig_int *r, const csig_sec *r0, const csig_int *e, const csig_sec *rho,
                      const csig_int *n);
/* Runs the jobs and demands success. */
void zk_run(csig_job *jobs, size_t n);

#endif
