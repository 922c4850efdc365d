/* Verifiable escrow: a scalar x with Q = xG, encrypted to a recovery key so that everybody can
 * check that its owner gets x (protocol.md 7.7: cut and choose over X25519 and ChaCha20-Poly1305).
 *
 *   lab = H("pve-label", context, Q, ek)
 *   Enc(i, b, m, seed): e = HMAC-SHA512(seed, "eph"), first 32 octets; E = eG; Z = X25519(e, ek)
 *     k = H("pve-key", Z, E, ek, lab, i, b), first 32 octets
 *     E | ChaCha20-Poly1305-IETF(k, nonce 0, ad = H("pve-ad", lab, i, b), m)
 *   row i: x0 = HMAC-SHA512(seed0, "x") mod q, x1 = x - x0, X0 = x0 G, X1 = Q - X0
 *   bits = H("pve-chal", ek, lab, Q, all c0, all c1, all X0, all X1), first 16 octets
 *   bit 0 opens seed0 and shows c1; bit 1 opens seed1 and x1 and shows c0
 *
 *   cc: E = eG; k = H("pve-cc", X25519(e, ek), E, ek, lab), first 32 octets
 *     E | ChaCha20-Poly1305-IETF(k, nonce 0, ad = lab, cc)
 *
 * A false proof passes with probability 2^-128 for each hash, and one good row gives x back. The
 * seeds are fresh for each proof: a second challenge over the same rows would open x. */
#ifndef CSIG_CRYPTO_ESCROW_H
#define CSIG_CRYPTO_ESCROW_H

#include "crypto/env.h"
#include "crypto/transcript.h"

#define CSIG_ESCROW_ROWS        128 /* at either level: bits of soundness */
#define CSIG_ESCROW_KEY_BYTES   32  /* X25519, secret and public */
#define CSIG_ESCROW_SEED_BYTES  32
#define CSIG_ESCROW_BOX_BYTES   80 /* E, 32 octets, tag */
#define CSIG_ESCROW_LABEL_BYTES CSIG_HASH_BYTES

/* What is encrypted, to whom and what for. All of it is bound: nothing of it can be exchanged
 * afterwards, and a recovery decrypts nothing that is for something else. */
typedef struct csig_escrow_stmt {
    uint8_t key_id[32];
    csig_point pk;
    uint64_t epoch, attempt; /* that the sub-share is of */
    uint8_t state[32];       /* the state hash of the epoch before it; zeros where there is none */
    uint16_t dealer, index;  /* from whose polynomial, at which index */
    uint16_t t, n;
    uint8_t cc_hash[32];
    csig_point Q;
    uint8_t ek[CSIG_ESCROW_KEY_BYTES];
} csig_escrow_stmt;

typedef struct csig_escrow_row {
    uint8_t seed[CSIG_ESCROW_SEED_BYTES]; /* of the opened side */
    csig_scalar x1;                       /* of the opened side 1; zero where side 0 is open */
    uint8_t c[CSIG_ESCROW_BOX_BYTES];     /* of the other side */
} csig_escrow_row;

typedef struct csig_escrow {
    uint8_t bits[CSIG_ESCROW_ROWS / 8]; /* bit i is bits[i / 8] >> (i % 8) & 1 */
    csig_escrow_row row[CSIG_ESCROW_ROWS];
} csig_escrow;

#define CSIG_ESCROW_WIRE_BYTES                                                                     \
    (CSIG_ESCROW_ROWS / 8 +                                                                        \
     CSIG_ESCROW_ROWS * (CSIG_ESCROW_SEED_BYTES + CSIG_SCALAR_BYTES + CSIG_ESCROW_BOX_BYTES))

/* Fixed width: the place of x1 is always there. */
void csig_escrow_wire(csig_wire *w, void *escrow);

/* CSIG_E_POINT: not the X25519 public key of anybody: not reduced, or of small order. */
CSIG_MUST csig_err csig_escrow_key_check(const uint8_t ek[CSIG_ESCROW_KEY_BYTES]);
/* The public key of a secret one. */
void csig_escrow_key_public(uint8_t ek[CSIG_ESCROW_KEY_BYTES],
                            const uint8_t dk[CSIG_ESCROW_KEY_BYTES]);

/* Z = X25519(secret, pub); clamps. CSIG_E_POINT: zero. */
CSIG_MUST csig_err csig_escrow_agree(uint8_t Z[CSIG_ESCROW_KEY_BYTES],
                                     const uint8_t secret[CSIG_ESCROW_KEY_BYTES],
                                     const uint8_t pub[CSIG_ESCROW_KEY_BYTES]);
/* lab: what everything of one escrow is bound to. */
void csig_escrow_label(uint8_t lab[CSIG_ESCROW_LABEL_BYTES], const csig_escrow_stmt *stmt);

/* stmt->Q is xG. CSIG_E_POINT: of csig_escrow_key_check. CSIG_E_RANGE (2^-249): a piece is zero. */
CSIG_MUST csig_err csig_escrow_prove(csig_escrow *escrow, const csig_env *env,
                                     const csig_escrow_stmt *stmt, const csig_scalar *x);
/* Public arguments, variable time. CSIG_E_PROOF; CSIG_E_POINT: of csig_escrow_key_check. */
CSIG_MUST csig_err csig_escrow_verify(const csig_escrow *escrow, const csig_escrow_stmt *stmt);
/* Verifies, then decrypts: the first row that gives x with xG = Q. CSIG_E_ARGUMENT: dk is not the
 * secret of stmt->ek. Errors of verify. CSIG_E_SEAL (2^-128): no row opens. x is zero on error. */
CSIG_MUST csig_err csig_escrow_recover(csig_scalar *x, const csig_escrow *escrow,
                                       const csig_curve *curve, const csig_escrow_stmt *stmt,
                                       const uint8_t dk[CSIG_ESCROW_KEY_BYTES]);

/* The chain code for the owner of ek, bound to the same label. Only that owner can see whether it
 * is the right one: it compares with stmt->cc_hash. */
CSIG_MUST csig_err csig_escrow_cc_seal(uint8_t box[CSIG_ESCROW_BOX_BYTES], const csig_env *env,
                                       const csig_escrow_stmt *stmt, const uint8_t cc[32]);
/* CSIG_E_ARGUMENT: dk is not the secret of stmt->ek. CSIG_E_SEAL: does not open. cc is zero on
 * error. */
CSIG_MUST csig_err csig_escrow_cc_open(uint8_t cc[32], const uint8_t box[CSIG_ESCROW_BOX_BYTES],
                                       const csig_escrow_stmt *stmt,
                                       const uint8_t dk[CSIG_ESCROW_KEY_BYTES]);

#endif
