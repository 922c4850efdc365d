/* Payloads: what is shown is what is signed. A payload is JSON text; the phone, the daemon and the
 * command line give it to this one parser, and each derives digests and keys from it by itself.
 *
 * The objects here are public and hold nothing secret; they are immutable after bind, and threads
 * may share them then. JSON is read and written by jansson, whose trees live on the C heap. */
#ifndef COUNTERSIGN_PAYLOAD_H
#define COUNTERSIGN_PAYLOAD_H

#include "countersign/facts.h"
#include "countersign/sign.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Octets of a payload's text at most. */
#define CSIG_PAYLOAD_MAX ((size_t)512 * 1024)
/** Nested objects and lists in a payload at most. */
#define CSIG_PAYLOAD_DEPTH 32
/** Signatures that one payload may need at most. */
#define CSIG_INPUTS_MAX 64
/** Room for the sentence that says what is wrong with a payload. */
#define CSIG_WHY_BYTES 160

typedef struct csig_payload csig_payload;

/** Read a payload: an object with `type` and the members of that type, and nothing else. Strict:
 *  no member twice, integers only, no deeper than CSIG_PAYLOAD_DEPTH, at most CSIG_PAYLOAD_MAX.
 *
 *  CSIG_E_PAYLOAD: it is not one; `why` (may be NULL) says in one sentence where and why.
 *  CSIG_E_MISMATCH: the member `digest` is not the digest. CSIG_E_MEMORY. */
CSIG_API csig_err csig_payload_read(csig_payload **p, const char *json, size_t len,
                                    char why[CSIG_WHY_BYTES]);
CSIG_API void csig_payload_free(csig_payload *p);

/** The type: what goes into csig_intent.type. Lives as long as the payload. */
CSIG_API const char *csig_payload_type(const csig_payload *p);

/** The canonical text: compact, members sorted by name. The same for every text that reads as the
 *  same payload. NUL-terminated; *len: room before, length with the NUL after. CSIG_E_BUFFER sets
 *  *len, so ask with 0. */
CSIG_API csig_err csig_payload_text(const csig_payload *p, char *json, size_t *len);

/** Say whose key signs: the account's at `path` (csig_intent's). Once; after an error the payload
 *  is of no use but to be freed.
 *
 *  CSIG_E_PAYLOAD: not for this key; `why` says so. CSIG_E_MISMATCH: as for csig_payload_read,
 * where the digest depends on the key. CSIG_E_PATH, E_POINT: csig_child. CSIG_E_STATE: bound
 * before. */
CSIG_API csig_err csig_payload_bind(csig_payload *p, const csig_account *account,
                                    const uint32_t *path, size_t depth, char why[CSIG_WHY_BYTES]);

/** How many signatures are to be made, 1 .. CSIG_INPUTS_MAX; 0 before bind. */
CSIG_API size_t csig_payload_inputs(const csig_payload *p);
/** The i-th signature: its digest and the path of its key. csig_intent.input is i.
 *  CSIG_E_ARGUMENT: i is csig_payload_inputs or more. */
CSIG_API csig_err csig_payload_input(const csig_payload *p, size_t i,
                                     uint8_t digest[CSIG_DIGEST_BYTES],
                                     uint32_t path[CSIG_PATH_MAX], size_t *depth);

/** What the payload does, for rules. Lives as long as the payload. */
CSIG_API const csig_facts *csig_payload_facts(const csig_payload *p);
/** What it does, as canonical JSON; amounts are decimal text. Length as for csig_payload_text. */
CSIG_API csig_err csig_payload_describe(const csig_payload *p, char *json, size_t *len);
/** What it does, in English lines, for people. Text from the payload is quoted, and what could
 *  change how a line looks (control characters, direction marks) is escaped in it. Length as for
 *  csig_payload_text. */
CSIG_API csig_err csig_payload_words(const csig_payload *p, char *text, size_t *len);

/** What becomes of it: a canonical JSON object with the results of its type. `sigs` are those of
 *  the inputs, in order; each is verified first. Length as for csig_payload_text.
 *
 *  CSIG_E_OUTPUT: a signature is not valid for its input's digest under its input's key.
 *  CSIG_E_STATE: not bound. CSIG_E_ARGUMENT: n is not csig_payload_inputs. */
CSIG_API csig_err csig_payload_finish(const csig_payload *p, const csig_signature *sigs, size_t n,
                                      char *json, size_t *len);

/* --- addresses --- */

typedef enum csig_address_kind {
    CSIG_ADDRESS_ETHEREUM = 1, /**< with the mixed case of EIP-55; the same on every network */
    CSIG_ADDRESS_P2PKH,        /**< Bitcoin, "1..." on the main network */
    CSIG_ADDRESS_P2SH_P2WPKH,  /**< BIP49, "3..." */
    CSIG_ADDRESS_P2WPKH        /**< BIP84, "bc1q..." */
} csig_address_kind;

typedef enum csig_network {
    CSIG_NETWORK_MAIN = 1,
    CSIG_NETWORK_TEST, /**< testnet and signet */
    CSIG_NETWORK_REGTEST
} csig_network;

/** The address of a public key, NUL-terminated. CSIG_E_POINT; CSIG_E_ARGUMENT: no such kind or
 *  network. */
CSIG_API csig_err csig_address(csig_address_kind kind, csig_network network,
                               const uint8_t public_key[CSIG_PUBKEY_BYTES],
                               char out[CSIG_ADDRESS_BYTES]);

/** Room for an extended public key in text. */
#define CSIG_XPUB_BYTES 113

/** The extended public key at `path` (BIP32), "xpub..." or on the other networks "tpub...": whoever
 *  has it knows all addresses below it. NUL-terminated. CSIG_E_PATH, E_POINT: csig_child.
 *  CSIG_E_ARGUMENT: no such network. */
CSIG_API csig_err csig_xpub(const csig_account *account, const uint32_t *path, size_t depth,
                            csig_network network, char out[CSIG_XPUB_BYTES]);

#ifdef __cplusplus
}
#endif
#endif
