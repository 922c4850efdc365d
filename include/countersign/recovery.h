/* Recovery keys. An index of a key may have one: an X25519 key whose secret half is made and kept
 * offline. In key generation, and at each refresh and resharing, every dealer then encrypts its
 * sub-share for that index to it, so that everybody can check that its owner gets the share and
 * nobody else does: an escrow. An index that is not online must have one; an index that is may.
 *
 * The rule of equal keys: the indices that have one and the same recovery key must be fewer than
 * signers_required, or whoever owns it would own the wallet. Parameters that break it are refused
 * with CSIG_E_PARTIES. So a 2-of-2 wallet needs two different recovery keys. */
#ifndef COUNTERSIGN_RECOVERY_H
#define COUNTERSIGN_RECOVERY_H

#include "countersign/epoch.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CSIG_RECOVERY_KEY_BYTES 32 /**< X25519, public */
#define CSIG_FINGERPRINT_BYTES  32
#define CSIG_ESCROW_BYTES       18749

/** The indices that have a recovery key, as parameters of a session. */
typedef struct csig_recovery_keys {
    const uint16_t *indices; /**< ascending */
    const uint8_t *keys;     /**< CSIG_RECOVERY_KEY_BYTES for each, in that order */
    uint16_t count;          /**< 0: none */
} csig_recovery_keys;

typedef struct csig_recovery csig_recovery; /**< a recovery key, secret */

/** A new recovery key in locked memory. CSIG_E_MEMORY. */
CSIG_API csig_err csig_recovery_new(csig_recovery **key);
CSIG_API void csig_recovery_public(const csig_recovery *key, uint8_t pub[CSIG_RECOVERY_KEY_BYTES]);
/** Sealed export; same conventions as csig_identity_export. */
CSIG_API csig_err csig_recovery_export(const csig_recovery *key, const csig_sealer *sealer,
                                       uint8_t *out, size_t *len);
CSIG_API csig_err csig_recovery_import(csig_recovery **key, const csig_sealer *sealer,
                                       const uint8_t *in, size_t len);
CSIG_API void csig_recovery_free(csig_recovery *key);

/** What people compare. CSIG_E_POINT: the public key of nobody. */
CSIG_API csig_err csig_recovery_fingerprint(const uint8_t pub[CSIG_RECOVERY_KEY_BYTES],
                                            uint8_t fingerprint[CSIG_FINGERPRINT_BYTES]);

/** What an escrow says that it is. All of it is bound: see csig_recovery_verify_one. */
typedef struct csig_escrow_info {
    uint8_t key_id[CSIG_KEY_ID_BYTES];
    uint8_t public_key[CSIG_PUBKEY_BYTES];
    uint64_t epoch; /**< of which this is a sub-share */
    uint64_t epoch_attempt;
    uint8_t state_before[32]; /**< epoch_state of the epoch before; zeros at key generation */
    uint16_t dealer;          /**< whose, by its index in the epoch before */
    uint16_t index;           /**< of the share */
    uint16_t signers_required;
    uint16_t parties;
    uint8_t recovery_key[CSIG_RECOVERY_KEY_BYTES];
} csig_escrow_info;

/** Reads what it says and proves nothing. CSIG_E_KIND, E_VERSION, E_LEVEL, E_FORMAT. */
CSIG_API csig_err csig_escrow_describe(const uint8_t escrow[CSIG_ESCROW_BYTES],
                                       csig_escrow_info *info);

/** What is asked for: the escrows of one index in one epoch. Whether that epoch was committed is
 * for csig_epoch_commit_verify. */
typedef struct csig_recovery_case {
    const uint8_t *epoch; /**< CSIG_EPOCH_BYTES, the public state of the epoch that they are of */
    uint16_t index;
    const uint8_t *recovery_key; /**< CSIG_RECOVERY_KEY_BYTES */
    const uint8_t *escrows;      /**< CSIG_ESCROW_BYTES each: of all dealers, ascending */
    uint16_t count;
} csig_recovery_case;

/** One escrow (`escrows` and `count` are not looked at): the owner of the recovery key gets the
 *  logarithm of the point that it names, for the wallet, epoch and index asked for and nothing
 * else. For auditors: no secrets.
 *
 *  CSIG_E_SESSION: of another wallet; CSIG_E_EPOCH: of another epoch; CSIG_E_SENDER: for another
 *  index; CSIG_E_SEAL: to another recovery key; CSIG_E_PROOF: false; errors of csig_escrow_describe
 *  and csig_epoch_describe. */
CSIG_API csig_err csig_recovery_verify_one(const csig_recovery_case *asked,
                                           const uint8_t escrow[CSIG_ESCROW_BYTES]);
/** Every one of them, and together they are the share of that index. *culprit (may be NULL) is the
 *  dealer whose escrow it is, 0 for nobody's. Errors of csig_recovery_verify_one; CSIG_E_PARTIES: a
 *  dealer twice, not ascending, too few or too many; CSIG_E_SHARE: one is missing, or of others. */
CSIG_API csig_err csig_recovery_verify(const csig_recovery_case *asked, uint16_t *culprit);

/** The share of that index, chain code included. Verifies everything first. Without the identity
 *  that the wallet knows at that index the share cannot sign; a resharing gives the index to a new
 *  one.
 *
 *  Errors of csig_recovery_verify; CSIG_E_SEAL also: it is not the secret of recovery_key, or no
 *  dealer has sealed the chain code to it; CSIG_E_MEMORY. */
CSIG_API csig_err csig_recovery_share(const csig_recovery *key, const csig_recovery_case *asked,
                                      csig_share **share, uint16_t *culprit);

#ifdef __cplusplus
}
#endif
#endif
