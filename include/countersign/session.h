/* Driving any protocol: octets in, octets out; no I/O, no clock, no threads. A session is one run
 * of one protocol by one party. Sessions are independent of each other; one session is used by one
 * thread at a time. A running session is never written anywhere: it holds nonces. If the process
 * ends, the session is lost and nothing else: start a new one. */
#ifndef COUNTERSIGN_SESSION_H
#define COUNTERSIGN_SESSION_H

#include "countersign/engine.h"
#include "countersign/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum csig_phase {
    CSIG_RUNNING = 0, /**< send what there is, then wait for more */
    CSIG_STORE,       /**< store this session's output durably, then csig_session_confirm */
    CSIG_DONE,        /**< finished; the output can be read */
    CSIG_FAILED       /**< ended by an error; see csig_session_blame; everything secret is wiped */
} csig_phase;

/** Why a session failed or a message was refused. */
typedef struct csig_blame {
    csig_err err;
    uint16_t culprit; /**< index of the party to blame; 0: nobody can be named */
    uint8_t round;    /**< from 1; 0: before any */
    char where[32];   /**< the round's name, or for CSIG_E_SSID the input that differs */
} csig_blame;

/** Take one envelope.
 *
 *  The engine checks version, level, session, sender, signature, round, length and duplicates, and
 *  when a round is complete everything the protocol checks. An envelope seen before, bit for bit,
 *  is CSIG_OK and changes nothing.
 *
 *  Returns: CSIG_OK        taken
 *           class INPUT    refused; nothing has changed, the session goes on
 *           CSIG_E_SSID    the sender sees other inputs (blame.where); nothing has changed
 *           class CHEAT    the session has failed; blame names the culprit; nothing more is sent
 *                          (with more than two signers: but why it stops, see evidence.h)
 *           class LOCAL    the session has failed
 *           CSIG_E_STATE   the session is done or failed
 */
CSIG_API csig_err csig_session_recv(csig_session *s, const uint8_t *envelope, size_t len);

/** Octets of the next envelope to send; 0: none now. */
CSIG_API size_t csig_session_pending(const csig_session *s);

/** Take the next envelope to send. CSIG_E_BUFFER: cap is too small (see csig_session_pending);
 *  CSIG_E_STATE: there is none. Broadcasts are addressed to all: deliver them to each. */
CSIG_API csig_err csig_session_send(csig_session *s, uint8_t *out, size_t cap, size_t *len);

CSIG_API csig_phase csig_session_phase(const csig_session *s);

/** The output is stored durably: go on. Only in phase CSIG_STORE. CSIG_E_STATE: not now; or the
 *  protocol waits for something else from the host, and nothing has changed. */
CSIG_API csig_err csig_session_confirm(csig_session *s);

/** What went wrong last: of a failed session, or of the last refused envelope. */
CSIG_API void csig_session_blame(const csig_session *s, csig_blame *blame);

/** The session's id, 32 octets: in every envelope. */
CSIG_API void csig_session_id(const csig_session *s, uint8_t id[32]);

/** Wipes and frees. NULL is allowed. */
CSIG_API void csig_session_free(csig_session *s);

/** Read an envelope's addresses without a session. to = 65535: all. Class INPUT errors. */
CSIG_API csig_err csig_envelope_address(const uint8_t *envelope, size_t len, uint8_t session_id[32],
                                        uint16_t *from, uint16_t *to);

/** The round an envelope speaks in, from 1. Class INPUT errors. */
CSIG_API csig_err csig_envelope_round(const uint8_t *envelope, size_t len, uint8_t *round);

/** Octets of the envelope that starts at `p`, from its header, so that a list of envelopes needs no
 *  other framing; CSIG_E_LENGTH when fewer than `len` octets are there. */
CSIG_API csig_err csig_envelope_length(const uint8_t *p, size_t len, size_t *envelope_len);

#ifdef __cplusplus
}
#endif
#endif
