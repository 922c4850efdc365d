/* What several proofs do alike: unit checks, the challenge in its forms, items of the statement. */
#ifndef CSIG_ZK_COMMON_H
#define CSIG_ZK_COMMON_H

#include "crypto/paillier.h"
#include "crypto/pedersen.h"
#include "crypto/transcript.h"

/* Octets that hold every magnitude up to 2^bits. */
#define CSIG_ZK_BYTES(bits) ((bits) / 8 + 1)

/* Is every one of the n numbers in (0, below) and coprime to N? below is N or N^2. One gcd: a
 * product is a unit exactly when each of its factors is. */
bool csig_zk_has_only_units(const csig_int *const *x, size_t n, const csig_int *below,
                            const csig_int *N);

/* e in [0, q) and what the equations make of it. */
typedef struct csig_zk_e {
    csig_int e, minus_e;
    csig_scalar scalar, minus_scalar; /* mod q */
} csig_zk_e;

/* The challenge of a transcript that has absorbed statement and commitments. */
void csig_zk_challenge(csig_zk_e *e, const csig_transcript *t);

/* Bit i of a challenge of one-bit rounds. */
uint32_t csig_zk_bit(const uint8_t bits[CSIG_REPEAT / 8], size_t i);

/* z P = Q + e X for one bit e, P NULL for G. CSIG_E_PROOF. */
csig_err csig_zk_check_row(const csig_int *z, const csig_point *P, const csig_point *Q, uint32_t e,
                           const csig_point *X);

/* -1 mod q */
void csig_zk_minus_one(csig_scalar *r);

/* Items of the statement: N of a key; N^, s and t; the base point G. */
void csig_zk_absorb_paillier(csig_transcript *t, const csig_paillier *k);
void csig_zk_absorb_pedersen(csig_transcript *t, const csig_pedersen *v);
void csig_zk_absorb_generator(csig_transcript *t);

#endif
