/* Presigning: state, messages and rounds 1 to 3, which full signing shares (protocol.md 2.4). The
 * message tables are in signer/README.md.
 *
 * Secrets live in run->secret and are wiped where they are used for the last time; what is public
 * of each signer lives in run->open. Decoded proofs are not kept. */
#ifndef CSIG_SIGNER_PRESIGN_H
#define CSIG_SIGNER_PRESIGN_H

#include "proto/round.h"
#include "signer/mta.h"
#include "signer/presignature.h"
#include "zk/elog.h"
#include "zk/encelg.h"

/* --- messages --- */

/* Round 1, to all: k and gamma encrypted, and fixed by ElGamal commitments under Y. */
typedef struct csig_presign_r1 {
    csig_int K, G;     /* enc_i(k), enc_i(gamma) */
    csig_point Y;      /* y G */
    csig_point A1, A2; /* a G, a Y + k G */
    csig_point B1, B2; /* b G, b Y + gamma G */
} csig_presign_r1;

/* The same in presigning; the common part comes first. */
typedef struct csig_presign_r1_com {
    csig_presign_r1 common;
    uint8_t com[CSIG_HASH_BYTES];
} csig_presign_r1_com;

/* Round 1, for each: k and gamma are small and the committed ones. */
typedef struct csig_presign_r1_part {
    csig_zk_encelg psi0, psi1;
} csig_presign_r1_part;

/* Round 2, to all. */
typedef struct csig_presign_r2 {
    csig_point Gamma; /* gamma G */
    csig_zk_elog psi;
} csig_presign_r2;

/* Round 2, for each: answers to its K. */
typedef struct csig_presign_r2_part {
    csig_mta_answer gamma;
    csig_mta_answer w;
} csig_presign_r2_part;

/* Round 3, to all. */
typedef struct csig_presign_r3 {
    csig_scalar delta;
    csig_point S;     /* chi Gamma */
    csig_point Delta; /* k Gamma */
    csig_zk_elog psi;
} csig_presign_r3;

/* Round 4 of presigning: the half is kept. */
typedef struct csig_presign_r4 {
    uint8_t hash[CSIG_HASH_BYTES]; /* csig_presig_public_hash */
} csig_presign_r4;

void csig_presign_r1_wire(csig_wire *w, void *msg);
void csig_presign_r1_com_wire(csig_wire *w, void *msg);
void csig_presign_r1_part_wire(csig_wire *w, void *msg);
void csig_presign_r2_wire(csig_wire *w, void *msg);
void csig_presign_r2_part_wire(csig_wire *w, void *msg);
void csig_presign_r3_wire(csig_wire *w, void *msg);
void csig_presign_r4_wire(csig_wire *w, void *msg);

/* --- state --- */

/* What is public of one signer, by position. */
typedef struct csig_presign_party {
    const csig_paillier *paillier; /* borrowed from aux or peer */
    const csig_pedersen *pedersen;
    csig_point W; /* its additive share of the signing key, times G */
    csig_int K;
    csig_point Y, A1, A2, B1, B2;
    csig_point Gamma;
    csig_point Delta, S;
    csig_scalar delta;
    uint8_t com[CSIG_HASH_BYTES]; /* presigning only */
} csig_presign_party;

typedef struct csig_presign_open {
    csig_point pk;                 /* of the path */
    csig_point Gamma;              /* the sum: the nonce point */
    bool delta_fails;              /* after round 3's sums: delta G is not sum Delta */
    uint16_t assigner;             /* presigning: position */
    uint8_t kept[CSIG_HASH_BYTES]; /* presigning: own hash of round 4 */
    const csig_share *share;
    csig_presign_party party[CSIG_MAX_PARTIES];
} csig_presign_open;

/* The two exchanges with one peer while they are being made. */
typedef struct csig_presign_masks {
    csig_mta_mask gamma, w;
} csig_presign_masks;

typedef struct csig_presign_secret {
    csig_scalar w; /* additive share: lambda_i x_i, and the shift at the first */
    csig_scalar k, gamma, a, b, y;
    csig_scalar delta, chi;     /* sums so far of delta_i and chi_i */
    csig_presig half;           /* after round 3 */
    csig_presign_masks masks[]; /* by position; within round 2; with more than two signers until the
                                   sums match */
} csig_presign_secret;

size_t csig_presign_secret_bytes(uint16_t n);
size_t csig_presign_open_bytes(uint16_t n);

/* --- rounds --- */

extern const csig_round csig_presign_round_1;                       /* with com */
extern const csig_round csig_sign_round_1;                          /* without */
extern const csig_round csig_presign_round_2, csig_presign_round_3; /* shared */
extern const csig_round csig_presign_round_4;
extern const csig_error_round csig_presign_error_round; /* shared */

/* gamma, w and the masks of round 2 are needed no more. */
void csig_presign_forget(csig_run *run);

/* Whom to blame when a sum of everybody's values is wrong: for two parties the peer; else *culprit
 * stays as it is. */
void csig_presign_blame(const csig_run *run, uint16_t *culprit);

#endif
