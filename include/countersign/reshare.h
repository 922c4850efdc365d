/* Resharing: the same key to another committee. Members leave, join, are replaced, change their
 * index or their identity; the threshold changes. A refresh (countersign/refresh.h) is the case in
 * which nothing of this happens, and everything but the start is the same.
 *
 * Old shares say nothing together with new ones. A member that leaves keeps a share of the old
 * epoch until it deletes it: signers_required of the old shares still make the key. */
#ifndef COUNTERSIGN_RESHARE_H
#define COUNTERSIGN_RESHARE_H

#include "countersign/epoch.h"
#include "countersign/refresh.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One that is online. */
typedef struct csig_reshare_member {
    uint16_t deals; /**< its index in the current epoch, whose share it deals; 0: it joins */
    uint16_t holds; /**< its index in the next epoch; 0: it leaves */
    uint8_t nonce[CSIG_NONCE_BYTES]; /**< single use */
} csig_reshare_member;

typedef struct csig_reshare_params {
    const csig_identity *identity; /**< own; everything here is borrowed during the call only */
    const csig_share *share;       /**< of who deals, of the current epoch; NULL for who joins */
    const uint8_t
        *epoch; /**< for who joins: CSIG_EPOCH_BYTES, the current epoch's public state, whose
                   commit the host has checked; not looked at where share is given */
    const csig_reshare_member *members; /**< the same list in the same order at every member */
    uint16_t count;                     /**< 2 .. CSIG_PARTIES_MAX */
    uint16_t self;                      /**< own place in that list, from 1 */
    uint16_t signers_required;          /**< of the next epoch, as the next three */
    uint16_t parties;
    const uint8_t *identities;   /**< parties * CSIG_IDENTITY_BYTES, in order of index */
    csig_recovery_keys recovery; /**< of whom: see countersign/recovery.h */
    uint64_t attempt;            /**< at the next epoch, from 1 */
    uint16_t commits;            /**< index in the next epoch whose durable commit it is */
    int moves_last;              /**< 1 for the server */
    const csig_engine *engine;
} csig_reshare_params;

/** Start a resharing. The session is driven and asked as that of csig_refresh_session, with these
 *  differences:
 *
 *  A member speaks under its identity of the next epoch, or where it leaves under that of the
 * current one. Who deals with a recovered share therefore speaks as the new owner of its index;
 * that it has the share, its dealing and the test signature show. In envelopes and blames a
 * member's number is its place in the list.
 *
 *  In csig_refresh_escrow and csig_refresh_backup_of the dealer's index is that of the current
 * epoch, every other one that of the next.
 *
 *  Who leaves has a CSIG_STORE too, in which there is nothing to store and no backup to name: to
 *  confirm it sends its receipt. It deletes its share when it is CSIG_DONE and not before: then
 * every member has stored, everybody has seen that, and the committer has committed.
 *
 *  CSIG_E_PARTIES: fewer than signers_required of the current epoch deal; fewer than
 * signers_required of the next one hold, and could make the test signature; an index twice, out of
 * range, or not the share's; a member that neither deals nor holds; counts, identities, recovery
 * keys as for csig_keygen_session. CSIG_E_ARGUMENT, E_MEMORY; CSIG_E_POINT: a recovery key that is
 * nobody's; errors of csig_epoch_describe. */
CSIG_API csig_err csig_reshare_session(csig_session **s, const csig_reshare_params *params);

#ifdef __cplusplus
}
#endif
#endif
