/* Pi-mod from the other side: the paper's equations without the check that CVE-2025-66016 lacked,
 * and the forgery which that lack allows. */
#ifndef TESTS_SUPPORT_ZK_MOD_H
#define TESTS_SUPPORT_ZK_MOD_H

#include "zk/mod.h"

#include "support/zk_party.h"

#define MOD_PROOF_BYTES                                                                            \
    (CSIG_N_BYTES + CSIG_REPEAT * (2 + CSIG_N_BYTES) + CSIG_MOD_NTH_ROOTS * CSIG_N_BYTES)

/* y_i by hand, as protocol.md 1.2 and 4.3 have it. */
void mod_challenge(csig_int *y, const csig_transcript *tr, const csig_int *N, const csig_int *w,
                   uint32_t i);
/* Does everything hold that the verifiers of CVE-2025-66016 looked at? N odd, 1 mod 4, composite; y
 * units; bits; ranges; every equation. Not the Jacobi symbol of w, not N's small factors. */
bool mod_is_valid_but_for_w(const csig_zk_mod *p, const csig_transcript *tr, const csig_int *N);

/* N = P M with P a prime = 3 mod 4 of CSIG_P_BITS bits and M a product of small_16 primes of 16
 * bits and else primes of 32 bits; phi(M). N = 1 mod 4, gcd(N, phi(N)) = 1. */
typedef struct mod_bad_modulus {
    csig_int N, P, M, phi_M;
} mod_bad_modulus;
void mod_bad_modulus_make(mod_bad_modulus *m, int small_16);
/* The same with primes of 32 bits only and N = 3 mod 4. */
void mod_bad_modulus_make_3_mod_4(mod_bad_modulus *m);

/* w = 1 mod P and 0 mod M: every y_i has a "root", whatever M is. False: a y_i is no unit. */
bool mod_has_forged(csig_zk_mod *p, const csig_transcript *tr, const mod_bad_modulus *m);
/* The honest prover for primes P, M = 3 mod 4 of any length, w of symbol -1 given in p. */
void mod_prove(csig_zk_mod *p, const csig_transcript *tr, const mod_bad_modulus *m);

#endif
