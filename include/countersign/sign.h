/* Signing: full, bound to digest and path from the first round on; or presigned, the opt-in fast
 * path. Both give one ordinary ECDSA signature, verified before it is shown. */
#ifndef COUNTERSIGN_SIGN_H
#define COUNTERSIGN_SIGN_H

#include "countersign/aux.h"
#include "countersign/share.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An ordinary ECDSA signature. */
typedef struct csig_signature {
    uint8_t r[32], s[32];                  /**< big-endian; s is low (BIP 62, EIP-2) */
    uint8_t recovery_id;                   /**< 0 .. 3 */
    uint8_t public_key[CSIG_PUBKEY_BYTES]; /**< of the path: what it verifies under */
} csig_signature;

/** Who signs and what they share. Pointers are borrowed during the call, except share, aux and
 *  peers, which must outlive the session. */
typedef struct csig_signers {
    const csig_identity *identity;
    const csig_share *share;
    const csig_aux *aux;
    const uint16_t *indices;       /**< exactly signers_required, ascending, own among them */
    const csig_peer *const *peers; /**< in the same order; own entry NULL. CSIG_E_AUX: one is
                                      missing, of another identity, or not paired with own aux */
    const uint8_t *nonces;         /**< CSIG_NONCE_BYTES each, in the same order, single use */
    uint16_t count;
    int moves_last; /**< 1 for the server */
    const csig_engine *engine;
} csig_signers;

/** What is signed; fixed before any nonce exists. */
typedef struct csig_intent {
    uint8_t request_id[CSIG_REQUEST_ID_BYTES];
    uint32_t input;   /**< index in a batch; 0 */
    const char *type; /**< payload type, at most 32 characters: "digest" */
    uint8_t digest[CSIG_DIGEST_BYTES];
    const uint32_t *path; /**< non-hardened; may be NULL when depth is 0 */
    size_t depth;
} csig_intent;

/** The round of full signing in which partial signatures leave: whoever sent his in mode phone has
 * to count the request as signed. */
#define CSIG_SIGN_PARTIAL_ROUND 4

/** Full signing. Every signer but the collector sends its partial signature to the collector, who
 *  has the signature first and sends it to all (the phone by default; the server in mode server).
 *  CSIG_E_ARGUMENT, E_PARTIES, E_PATH, E_DIGEST, E_AUX, E_MEMORY. */
CSIG_API csig_err csig_sign_session(csig_session **s, const csig_signers *signers,
                                    const csig_intent *intent, uint16_t collector);

/** The signature, when CSIG_DONE. For full and presigned sessions. */
CSIG_API csig_err csig_sign_signature(csig_session *s, csig_signature *signature);

/** Presigning: makes one presignature. `number` distinguishes those of a batch made with the same
 *  nonces. In CSIG_STORE, take and keep the half (the phone: sealed and durable; the server: in
 *  memory only), then confirm; it is good when both sides are CSIG_DONE. `assigner` is the index of
 *  the party that will name digest and path at use: the server. */
CSIG_API csig_err csig_presign_session(csig_session **s, const csig_signers *signers,
                                       uint16_t assigner, uint32_t number);
/** This party's half, once: it is moved out of the session. CSIG_E_USED: it was taken before.
 *  CSIG_E_STATE: neither CSIG_STORE nor CSIG_DONE. */
CSIG_API csig_err csig_presign_result(csig_session *s, csig_presig **presig);

/** The presignature's id: the same on all sides. */
CSIG_API void csig_presig_id(const csig_presig *presig, uint8_t id[CSIG_PRESIG_ID_BYTES]);
/** The key and the epoch it can sign for. */
CSIG_API void csig_presig_key(const csig_presig *presig, uint8_t key_id[CSIG_KEY_ID_BYTES],
                              uint64_t *epoch);
/** For the phone only: sealed. A server never exports. Same conventions as csig_identity_export.
 *  Not a backup: a half that comes back after it was used gives the key away. */
CSIG_API csig_err csig_presig_export(const csig_presig *presig, const csig_sealer *sealer,
                                     uint8_t *out, size_t *len);
CSIG_API csig_err csig_presig_import(csig_presig **presig, const csig_sealer *sealer,
                                     const uint8_t *in, size_t len);
/** Wipes. */
CSIG_API void csig_presig_free(csig_presig *presig);

/** Online signing with a presignature, re-randomised at use.
 *
 *  Burns *presig first: it is wiped, freed and set to NULL, whatever is returned. The assigner
 *  speaks first (its fresh nonce), then the others reveal theirs and send their partial signatures
 *  to the assigner, who verifies and sends the signature to all. A party other than the assigner
 *  reaches CSIG_STORE before anything of that leaves: it durably replaces its stored half by the
 *  reply (csig_online_reply), then confirms. With more than two signers this comes twice, before
 *  the nonce leaves and before the partial signature does: the second reply is stored beside the
 *  first. nonces, aux, peers and moves_last of the signers are not used.
 *
 *  CSIG_E_USED     *presig is NULL or was used
 *  CSIG_E_EPOCH    the half is of another epoch than the share
 *  CSIG_E_PARTIES  the half is of another set
 *  CSIG_E_ARGUMENT of another key; or as for csig_sign_session, like CSIG_E_PATH, CSIG_E_DIGEST */
CSIG_API csig_err csig_online_session(csig_session **s, const csig_signers *signers,
                                      csig_presig **presig, const csig_intent *intent);

/** In CSIG_STORE: the envelopes that will leave on confirm, to be stored as they are and sent
 * again, the same octets, for ever. CSIG_E_BUFFER sets *len. */
CSIG_API csig_err csig_online_reply(csig_session *s, uint8_t *out, size_t *len);

/** Verify a signature with libsecp256k1: r, s, low s, recovery id and public key. CSIG_E_OUTPUT. */
CSIG_API csig_err csig_signature_verify(const csig_signature *signature,
                                        const uint8_t digest[CSIG_DIGEST_BYTES]);
/** DER, at most 72 octets; *len is set. CSIG_E_OUTPUT: r or s is not below the group's order. */
CSIG_API csig_err csig_signature_der(const csig_signature *signature, uint8_t out[72], size_t *len);

#ifdef __cplusplus
}
#endif
#endif
