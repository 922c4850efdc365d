/* Evidence: who cheated in a session of more than two parties, shown to whoever was not there.
 *
 * An evidence object holds the public inputs of the session, the envelopes that the accused signed,
 * and those it was answering to. It is verified offline and without any secret. A false accusation
 * does not verify: nothing but what the accused signed with its identity key can convict it. It
 * shows auxiliary info, digest, path and public keys, but neither chain code nor anything secret
 * that is worth anything: of a sub-share that does not fit its commitments it shows that, of a key
 * that was not made its chain code. One kind is the exception: who joins in a resharing and
 * complains of an honest dealer's chain code has told it by that, and the evidence against it
 * (CSIG_E_ACCUSE) holds what it has told.
 *
 * Whoever verifies has to know the identities: evidence says that the holder of `identity` cheated
 * in a session of the key `key_id`, not who that is. */
#ifndef COUNTERSIGN_EVIDENCE_H
#define COUNTERSIGN_EVIDENCE_H

#include "countersign/session.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What evidence proves. */
typedef struct csig_verdict {
    csig_blame blame; /**< the same that the parties of the session were told */
    uint8_t identity[CSIG_IDENTITY_BYTES]; /**< of the culprit */
    uint8_t session_id[32];
    uint8_t key_id[CSIG_KEY_ID_BYTES];     /**< zeros in key generation: there is no key yet */
    uint8_t public_key[CSIG_PUBKEY_BYTES]; /**< of the wallet; zeros likewise */
    char protocol[16];                     /**< "sign", "presign", "keygen", "refresh" */
} csig_verdict;

/** Has this session failed by cheating, and does it still tell and hear why?
 *
 *  In sessions of more than two parties whoever refuses a message says so to all before it stops:
 *  send what csig_session_pending still gives after CSIG_FAILED, and go on giving received
 *  envelopes to csig_session_recv, which may pass more on and may name somebody else whose offence
 *  came earlier. It then returns the verdict's error, or CSIG_E_STATE for what is no accusation. */
CSIG_API int csig_session_is_telling(const csig_session *s);

/** The evidence of a failed session.
 *
 *  *len: in, room at out; out, octets. CSIG_E_BUFFER sets *len; out may then be NULL. CSIG_E_STATE:
 *  the session has not failed, or by nobody's provable fault. */
CSIG_API csig_err csig_session_evidence(const csig_session *s, uint8_t *out, size_t *len);

/** Verify evidence.
 *
 *  Returns: CSIG_OK         *verdict says who cheated, and how
 *           CSIG_E_EVIDENCE it does not show that anybody did; also other errors of class INPUT
 *           class LOCAL     this machine could not say */
CSIG_API csig_err csig_evidence_verify(const uint8_t *evidence, size_t len, csig_verdict *verdict);

/** Parties whose messages this session waits for, by index, ascending; their number. At most
 *  CSIG_PARTIES_MAX are written. */
CSIG_API size_t csig_session_missing(const csig_session *s, uint16_t indices[CSIG_PARTIES_MAX]);

#ifdef __cplusplus
}
#endif
#endif
