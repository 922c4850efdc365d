/* Records: what was said to all in a key generation, refresh or resharing, in a form that whoever
 * was not there can check, offline and without any secret.
 *
 * Checked are: that the session id is that of these inputs; who signed each message; with more than
 * two parties that all were told the same; every commitment, Feldman's sums, the proofs of
 * knowledge, every escrow; that the public key is the old one; the acknowledgements, the test
 * signature and the commit. What one member sends another under a mask only the receiver
 * can check: its acknowledgement says that it did.
 *
 * Whoever verifies has to know the identities: a record says that the holders of these made this
 * key, not who they are. */
#ifndef COUNTERSIGN_TRANSCRIPT_H
#define COUNTERSIGN_TRANSCRIPT_H

#include "countersign/aux.h"
#include "countersign/epoch.h"
#include "countersign/refresh.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Keep from now on what the record needs. Right after the start of a session of key generation,
 *  refresh or resharing, before it is given or asked for an envelope. CSIG_E_STATE: too late, or
 *  another kind of session; CSIG_E_MEMORY. */
CSIG_API csig_err csig_session_keep_record(csig_session *s);
/** The record of such a session when it is CSIG_DONE: the same octets at every member. *len: in,
 *  room at out; out, octets. CSIG_E_BUFFER sets *len; out may then be NULL. CSIG_E_STATE. */
CSIG_API csig_err csig_session_record(csig_session *s, uint8_t *out, size_t *len);

/** A member that was online. */
typedef struct csig_record_member {
    uint16_t deals; /**< its index in the epoch before; 0: it joins; its index at key generation */
    uint16_t holds; /**< its index in the epoch that was made; 0: it leaves */
    uint8_t identity[CSIG_IDENTITY_BYTES];  /**< under which it spoke */
    uint8_t backup[CSIG_BACKUP_HASH_BYTES]; /**< what its receipt says; zeros: nothing */
} csig_record_member;

/** What a record proves. */
typedef struct csig_record_info {
    int changes; /**< 0: key generation; 1: refresh or resharing */
    uint8_t session_id[32];
    uint8_t chain[32];      /**< hash over all rounds: the inputs, then round by round */
    csig_share_info before; /**< of the epoch before; zeros at key generation */
    csig_share_info after;  /**< of the epoch that was made */
    uint8_t epoch_before[CSIG_EPOCH_BYTES]; /**< likewise; its own commit is not in here: check it
                                                 with csig_epoch_commit_verify */
    uint8_t epoch[CSIG_EPOCH_BYTES];
    uint16_t members;
    csig_record_member member[CSIG_PARTIES_MAX];
    uint16_t commits;    /**< the committer's index in the epoch that was made */
    uint8_t commit[64];  /**< see csig_epoch_commit_verify */
    csig_signature test; /**< zeros at key generation */
    uint8_t test_digest[CSIG_DIGEST_BYTES];
    uint16_t recoveries; /**< indices with a recovery key; the escrows of all are good */
    uint16_t recovery[CSIG_PARTIES_MAX];
    uint8_t recovery_key[CSIG_PARTIES_MAX][CSIG_RECOVERY_KEY_BYTES];
} csig_record_info;

/** Verify a record. *blame (may be NULL) says what is wrong when it is not CSIG_OK: whose message
 *  by index, and where: a round, "inputs", "result", "end".
 *
 *  Returns: CSIG_OK      everything above holds
 *           class INPUT  not such a record, or altered; CSIG_E_VERSION: of a key generation
 *                        whose messages had another version (keygen/README.md)
 *           class CHEAT  signed by a member and wrong
 *           class LOCAL  this machine could not say */
CSIG_API csig_err csig_record_verify(const uint8_t *record, size_t len, csig_record_info *info,
                                     csig_blame *blame);

/* --- the moduli --- */

/** Own auxiliary info as it is shown to every peer: the moduli with Pi-mod and Pi-prm, signed.
 *  Same conventions for *len as csig_session_record. */
CSIG_API csig_err csig_aux_show(const csig_aux *aux, uint8_t *out, size_t *len);

typedef struct csig_aux_info {
    uint8_t identity[CSIG_IDENTITY_BYTES]; /**< the owner, who signed it */
    uint8_t aux_id[CSIG_AUX_ID_BYTES];
    uint64_t generation;
} csig_aux_info;

/** Verify one: the signature and everything that can be shown to anybody. That no factor is small
 *  (Pi-fac) is shown to each peer under moduli of its own, and would convince nobody else.
 *  CSIG_E_LENGTH, E_KIND, E_VERSION, E_LEVEL, E_FORMAT, E_SIGNATURE; CSIG_E_MODULUS, E_PROOF. */
CSIG_API csig_err csig_aux_show_verify(const uint8_t *shown, size_t len, csig_aux_info *info);
/** Do two of them, verified, have a prime in common? CSIG_E_MODULUS: yes. */
CSIG_API csig_err csig_aux_show_compare(const uint8_t *a, const uint8_t *b);

#ifdef __cplusplus
}
#endif
#endif
