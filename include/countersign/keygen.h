/* Distributed key generation: n parties, any signers_required of whom can sign. Nobody ever holds
 * the key. Feldman's verifiable sharing; no exponentiation modulo anything large. */
#ifndef COUNTERSIGN_KEYGEN_H
#define COUNTERSIGN_KEYGEN_H

#include "countersign/identity.h"
#include "countersign/session.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct csig_keygen_params {
    const csig_identity *identity; /**< own; borrowed during the call only */
    uint16_t signers_required;     /**< 2 .. parties */
    uint16_t parties;              /**< 2 .. CSIG_PARTIES_MAX; indices are 1 .. parties */
    uint16_t self;                 /**< own index */
    uint16_t commits;              /**< index whose durable commit is the birth: the server */
    const uint8_t *identities;     /**< parties * CSIG_IDENTITY_BYTES, in order of index */
    const uint8_t *nonces;         /**< parties * CSIG_NONCE_BYTES, each party's fresh nonce */
    int moves_last;                /**< 1 for the server */
    const csig_engine *engine;
} csig_keygen_params;

/** Start key generation.
 *
 *  In phase CSIG_STORE every party takes its share with csig_keygen_share, stores it durably as
 *  pending, and confirms: that sends its signed acknowledgement. The party named by `commits`
 *  reaches a second CSIG_STORE when it holds all acknowledgements: its durable write then is the
 *  birth of the key; confirming sends the signed commit. The others are CSIG_DONE when they have
 *  verified it. A pending share without birth is to be deleted.
 *
 *  CSIG_E_PARTIES, E_ARGUMENT, E_MEMORY. */
CSIG_API csig_err csig_keygen_session(csig_session **s, const csig_keygen_params *params);

/** The share, in CSIG_STORE or CSIG_DONE. A new handle each time. */
CSIG_API csig_err csig_keygen_share(csig_session *s, csig_share **share);

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
