/* Records: everything that was said to all in a session, kept by one who took part, and looked at
 * again by somebody who was not there: by the code that looks at it in a session. */
#ifndef CSIG_PROTO_RECORD_H
#define CSIG_PROTO_RECORD_H

#include "proto/session.h"

/* Keep broadcasts and echoes from now on: after the start, before anything has left or come.
 * CSIG_E_STATE: too late, or the session has no inputs. CSIG_E_MEMORY. */
CSIG_MUST csig_err csig_record_begin(csig_session *s);
/* Octets of the inputs of the session. */
const uint8_t *csig_record_inputs(const csig_session *s, size_t *len);
/* Of a session that is through: for each round the broadcasts in order of position, then where it
 * has echoes these; at `out`, or NULL to measure. Their octets. CSIG_E_STATE: the session is not
 * done, or was not recorded. */
CSIG_MUST csig_err csig_record_envelopes(const csig_session *s, uint8_t *out, size_t *len);

/* What a replay found. */
typedef struct csig_replay {
    uint8_t chain[32]; /* of the inputs and, in order, the messages of all rounds */
    csig_blame blame;  /* where it stopped */
} csig_replay;

/* All envelopes of a session, given to one that only watches and has not begun: read, signatures
 * verified, echoes compared, every message checked, every round stepped through. Afterwards the
 * session's state is that of its last round. Errors of class INPUT: not such envelopes; of class
 * CHEAT: somebody's message fails; of class LOCAL. */
CSIG_MUST csig_err csig_record_replay(csig_replay *found, csig_session *s, const uint8_t *inputs,
                                      size_t inputs_len, const uint8_t *in, size_t len);

#endif
