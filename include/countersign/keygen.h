/* Distributed key generation: n parties, any signers_required of whom can sign. Nobody ever holds
 * the key. Feldman's verifiable sharing; no exponentiation modulo anything large. */
#ifndef COUNTERSIGN_KEYGEN_H
#define COUNTERSIGN_KEYGEN_H

#include "countersign/identity.h"
#include "countersign/recovery.h"
#include "countersign/session.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The round in which parties say that they have stored their pending share. */
#define CSIG_KEYGEN_ACK_ROUND 4

typedef struct csig_keygen_params {
    const csig_identity *identity; /**< own; borrowed during the call only */
    uint16_t signers_required;     /**< 2 .. parties */
    uint16_t parties;              /**< 2 .. CSIG_PARTIES_MAX; indices are 1 .. parties */
    uint16_t self;                 /**< own index */
    uint16_t commits;              /**< index whose durable commit is the birth: the server */
    const uint8_t *identities;     /**< parties * CSIG_IDENTITY_BYTES, in order of index */
    const uint8_t *nonces;         /**< CSIG_NONCE_BYTES of each party online, fresh, in order */
    int moves_last;                /**< 1 for the server */
    const csig_engine *engine;
    const uint16_t *indices; /**< who is online, ascending, at least signers_required; NULL: all */
    uint16_t count;          /**< of indices */
    csig_recovery_keys recovery; /**< of whom: see countersign/recovery.h */
} csig_keygen_params;

/** Start key generation.
 *
 *  Those online deal the key; an index that is not online gets its share as escrows, which every
 *  party has verified before it acknowledges. Its identity is pinned with the others. All that are
 *  online together would have the key whatever signers_required is: hence at least so many.
 *
 *  In phase CSIG_STORE every party takes its share with csig_keygen_share, stores it durably as
 *  pending, and confirms: that sends its signed acknowledgement. The party named by `commits`
 *  reaches a second CSIG_STORE when it holds all acknowledgements: its durable write then is the
 *  birth of the key; confirming sends the signed commit. The others are CSIG_DONE when they have
 *  verified it. A pending share without birth is to be deleted.
 *
 *  CSIG_E_PARTIES: also by the rule of equal recovery keys, and where who is not online has none;
 *  E_ARGUMENT, E_MEMORY; CSIG_E_POINT: a recovery key that is nobody's. */
CSIG_API csig_err csig_keygen_session(csig_session **s, const csig_keygen_params *params);

/** The share, in CSIG_STORE or CSIG_DONE. A new handle each time. */
CSIG_API csig_err csig_keygen_share(csig_session *s, csig_share **share);

/** What a dealer, an index online, has encrypted for an index with a recovery key; verified. Store
 *  them with the share. In CSIG_STORE or CSIG_DONE. CSIG_E_ARGUMENT: no such indices. */
CSIG_API csig_err csig_keygen_escrow(csig_session *s, uint16_t dealer, uint16_t index,
                                     uint8_t escrow[CSIG_ESCROW_BYTES]);

/** The committer's signature on the birth, 64 octets: at the committer from its second CSIG_STORE
 *  on, at the others when CSIG_DONE. Keep it with the wallet. */
CSIG_API csig_err csig_keygen_commit(csig_session *s, uint8_t signature[64]);

/** Does this commit say that the share's key was born? For a client that asks after a crash.
 *  CSIG_E_SIGNATURE: no. */
CSIG_API csig_err csig_keygen_commit_verify(const csig_share *share, uint16_t commits,
                                            const uint8_t signature[64]);

#ifdef __cplusplus
}
#endif
#endif
