/* A party's share of one key in one epoch, and everything public about the key. */
#ifndef CSIG_SHARE_SHARE_H
#define CSIG_SHARE_SHARE_H

#include "countersign/epoch.h"
#include "crypto/identity.h"
#include "crypto/shamir.h"

/* What a key is for; fixed at key generation, in every ssid (protocol.md: Decided 16). */
#define CSIG_PURPOSE "ecdsa-secp256k1"

struct csig_share {                    /* lives in locked memory */
    csig_scalar x;                     /* secret: x_i = f(index) */
    uint8_t cc[32];                    /* secret of the parties: BIP32 chain code */
    uint16_t t;                        /* signers required */
    uint16_t n;                        /* parties */
    uint16_t self;                     /* own index, 1 .. n */
    uint8_t key_id[CSIG_KEY_ID_BYTES]; /* H(KEY_ID, ssid of key generation, PK), 32 octets */
    uint8_t identity[CSIG_MAX_PARTIES][CSIG_ID_BYTES]; /* by index - 1 */
    csig_point pk;
    csig_point X[CSIG_MAX_PARTIES]; /* X_i = x_i G, by index - 1 */
    csig_poly_commit S;             /* the sum polynomial: S[0] = PK, t coefficients */
    uint8_t cc_hash[32];            /* H(CHAIN_CODE, key id, cc): what may be shown of cc */
    uint8_t rid[32];
    uint64_t epoch, attempt;
    uint8_t epoch_state[32]; /* H(EPOCH_STATE, key id, epoch, attempt, t, n, identities, S, X) */
};

csig_share *csig_share_alloc(void); /* NULL without locked memory */
/* H(PUBLIC_OUTPUT, everything public): what the parties acknowledge. */
void csig_share_public_hash(const csig_share *s, uint8_t out[CSIG_HASH_BYTES]);
/* H(CHAIN_CODE, key id, cc), 32 octets. */
void csig_chain_code_hash(uint8_t out[32], const uint8_t key_id[CSIG_KEY_ID_BYTES],
                          const uint8_t cc[32]);
/* Of its cc: what cc_hash must be. */
void csig_share_cc_hash(const csig_share *s, uint8_t out[32]);
/* Fills key-independent derived fields: cc_hash, epoch_state. */
void csig_share_derive(csig_share *s);
/* Fills epoch_state alone: for whoever knows cc_hash and no cc. */
void csig_share_derive_public(csig_share *s);
/* The 32 octets that hedge this party's randomness: H(SEAL_KEY, "rng", x). Secret. */
void csig_share_seed(const csig_share *s, uint8_t seed[32]);
/* All of it, for sealing: fixed width. */
void csig_share_wire(csig_wire *w, void *share);
/* What is public of it, as octets that start with kind, version and level: fixed width. Reading
 * fills an otherwise zero share, self 0. */
void csig_share_public_wire(csig_wire *w, void *share);
/* What is public is consistent: t and n in range, t coefficients, S[0] = PK, every X_i = S(i),
 * epoch_state. CSIG_E_FORMAT. That cc_hash is of the chain code only who has it can check. */
CSIG_MUST csig_err csig_share_public_check(const csig_share *s);
/* Read and checked. CSIG_E_KIND, E_VERSION, E_LEVEL, E_FORMAT. */
CSIG_MUST csig_err csig_epoch_read(csig_share *s, const uint8_t epoch[CSIG_EPOCH_BYTES]);
/* What the committer signs: (key id, hash of the public output, its index). */
void csig_share_commit_transcript(csig_transcript *t, const csig_share *share, uint16_t commits,
                                  const uint8_t output[CSIG_HASH_BYTES]);
/* CSIG_E_SIGNATURE */
CSIG_MUST csig_err csig_share_commit_verify(const csig_share *share, uint16_t commits,
                                            const uint8_t signature[CSIG_ED_SIG_BYTES]);
/* Consistent: t, n, self in range, t coefficients, S[0] = PK, every X_i = S(i), xG = X_self,
 * hashes. CSIG_E_FORMAT. */
CSIG_MUST csig_err csig_share_check(const csig_share *s, const csig_curve *curve);
/* The same for what was unsealed, with a curve of its own. CSIG_E_FORMAT, CSIG_E_MEMORY. */
CSIG_MUST csig_err csig_share_check_opened(const csig_share *s);

#endif
