/* A party's share of a key, and what is public about the key. */
#ifndef COUNTERSIGN_SHARE_H
#define COUNTERSIGN_SHARE_H

#include "countersign/sealer.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct csig_share_info {
    uint8_t key_id[CSIG_KEY_ID_BYTES];
    uint8_t public_key[CSIG_PUBKEY_BYTES];
    uint16_t signers_required;
    uint16_t parties;
    uint16_t self;  /**< index of this share */
    uint64_t epoch; /**< 0 after key generation */
    uint64_t epoch_attempt;
    uint8_t epoch_state[32]; /**< hash of the epoch's public state */
} csig_share_info;

/** What is public about the share and its key. */
CSIG_API void csig_share_describe(const csig_share *share, csig_share_info *info);
/** The identity at an index. CSIG_E_ARGUMENT: no such index. */
CSIG_API csig_err csig_share_identity(const csig_share *share, uint16_t index,
                                      uint8_t identity[CSIG_IDENTITY_BYTES]);
/** The public share X_i at an index, CSIG_PUBKEY_BYTES. */
CSIG_API csig_err csig_share_public(const csig_share *share, uint16_t index,
                                    uint8_t point[CSIG_PUBKEY_BYTES]);

/** Sealed export; the header in front says kind, version, level, key id and epoch in the clear.
 * Same conventions as csig_identity_export. */
CSIG_API csig_err csig_share_export(const csig_share *share, const csig_sealer *sealer,
                                    uint8_t *out, size_t *len);
CSIG_API csig_err csig_share_import(csig_share **share, const csig_sealer *sealer,
                                    const uint8_t *in, size_t len);
CSIG_API void csig_share_free(csig_share *share);

/* --- BIP32, non-hardened --- */

/** The child public key at a path of `depth` indices below 2^31 (depth 0: the key itself), and its
 *  chain code (may be NULL; the parties' shared secret: do not publish it next to child keys).
 *  CSIG_E_PATH: a hardened index, too many steps, or (2^-127) an index BIP32 says to skip. */
CSIG_API csig_err csig_share_child(const csig_share *share, const uint32_t *path, size_t depth,
                                   uint8_t public_key[CSIG_PUBKEY_BYTES], uint8_t chain_code[32]);

/** BIP32 public derivation without a share. Same errors, and CSIG_E_POINT. */
CSIG_API csig_err csig_child(const uint8_t parent[CSIG_PUBKEY_BYTES],
                             const uint8_t parent_chain_code[32], const uint32_t *path,
                             size_t depth, uint8_t public_key[CSIG_PUBKEY_BYTES],
                             uint8_t chain_code[32]);

/** What a key's addresses and child keys follow from: the public key and the chain code at the path
 *  m. Not secret, but private: whoever has it knows all the key's addresses. */
typedef struct csig_account {
    uint8_t public_key[CSIG_PUBKEY_BYTES];
    uint8_t chain_code[32];
} csig_account;

/** The account of a share's key. */
CSIG_API csig_err csig_share_account(const csig_share *share, csig_account *account);

#ifdef __cplusplus
}
#endif
#endif
