/* Refresh: new shares of the same key, made by the members that are online for all indices. The
 * key, its id and its chain code stay; shares of different epochs say nothing together. */
#ifndef COUNTERSIGN_REFRESH_H
#define COUNTERSIGN_REFRESH_H

#include "countersign/epoch.h"
#include "countersign/identity.h"
#include "countersign/recovery.h"
#include "countersign/session.h"
#include "countersign/share.h"
#include "countersign/sign.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CSIG_BACKUP_HASH_BYTES 32

/** The round in which members say that they have stored their staged share. */
#define CSIG_REFRESH_RECEIPT_ROUND 3

typedef struct csig_refresh_params {
    const csig_identity *identity; /**< own; everything here is borrowed during the call only */
    const csig_share *share;       /**< of the current epoch */
    const uint16_t *indices;       /**< who is online: at least signers_required, ascending */
    uint16_t count;
    const uint8_t *nonces;       /**< CSIG_NONCE_BYTES each, in the same order, single use */
    csig_recovery_keys recovery; /**< of whom: see countersign/recovery.h */
    uint64_t attempt;            /**< at the next epoch, from 1 */
    uint16_t commits;            /**< index whose durable commit is the new epoch: the server */
    int moves_last;              /**< 1 for the server */
    const csig_engine *engine;
} csig_refresh_params;

/** Start a refresh.
 *
 *  In its first CSIG_STORE every party takes the staged share with csig_refresh_share, stores it
 *  durably beside the current one, seals its backup, names the hash of that with
 *  csig_refresh_backup, and confirms: that sends its signed receipt. Now the staged shares sign
 *  csig_refresh_test_digest in an ordinary csig_sign_session. The party named by `commits` reaches
 *  its second CSIG_STORE when it holds all receipts; it gives that signature to
 *  csig_refresh_tested, makes the new epoch the only one in one durable write, and confirms: that
 *  sends the signed commit. The others are CSIG_DONE when they have verified it: then, and not
 *  before, they delete the old share. Without what it waits for csig_session_confirm is refused
 *  with CSIG_E_STATE.
 *
 *  CSIG_E_PARTIES: also by the rule of equal recovery keys, and where who is not online has none;
 *  E_ARGUMENT, E_MEMORY; CSIG_E_POINT: a recovery key that is nobody's. */
CSIG_API csig_err csig_refresh_session(csig_session **s, const csig_refresh_params *params);

/** The staged share, in CSIG_STORE or CSIG_DONE. A new handle each time. */
CSIG_API csig_err csig_refresh_share(csig_session *s, csig_share **share);

/** The hash of the sealed backup of the staged share, for the receipt. In the first CSIG_STORE. */
CSIG_API csig_err csig_refresh_backup(csig_session *s, const uint8_t hash[CSIG_BACKUP_HASH_BYTES]);
/** What another member's receipt says of its backup: from the committer's second CSIG_STORE on, or
 *  CSIG_DONE. CSIG_E_STATE before; CSIG_E_ARGUMENT: not online. */
CSIG_API csig_err csig_refresh_backup_of(csig_session *s, uint16_t index,
                                         uint8_t hash[CSIG_BACKUP_HASH_BYTES]);

/** The public state of the staged epoch (countersign/epoch.h), for a member that leaves: it has no
 *  share to ask. In CSIG_STORE or CSIG_DONE. */
CSIG_API csig_err csig_refresh_epoch(csig_session *s, uint8_t epoch[CSIG_EPOCH_BYTES]);

/** What the staged shares must sign: a hash of this session and the new epoch, which no older
 *  signature can be of. In CSIG_STORE or CSIG_DONE. */
CSIG_API csig_err csig_refresh_test_digest(csig_session *s, uint8_t digest[CSIG_DIGEST_BYTES]);
/** At the committer, in CSIG_STORE: the signature under the unchanged key. CSIG_E_OUTPUT: it is not
 *  one of csig_refresh_test_digest; nothing has changed. */
CSIG_API csig_err csig_refresh_tested(csig_session *s, const csig_signature *signature);

/** What a dealer, an index online, has encrypted for an index with a recovery key; verified. Store
 *  them with the staged share. In CSIG_STORE or CSIG_DONE. CSIG_E_ARGUMENT: no such indices. */
CSIG_API csig_err csig_refresh_escrow(csig_session *s, uint16_t dealer, uint16_t index,
                                      uint8_t escrow[CSIG_ESCROW_BYTES]);

/** The committer's signature on the new epoch: at the committer and the others when CSIG_DONE. Keep
 *  it with the wallet. */
CSIG_API csig_err csig_refresh_commit(csig_session *s, uint8_t signature[64]);
/** Does this commit say that the share's epoch is the one? For a client that asks after a crash.
 *  CSIG_E_SIGNATURE: no. */
CSIG_API csig_err csig_refresh_commit_verify(const csig_share *share, uint16_t commits,
                                             const uint8_t signature[64]);

#ifdef __cplusplus
}
#endif
#endif
