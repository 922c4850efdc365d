/* The engine: drives one protocol of round.h, bytes in, bytes out. */
#ifndef CSIG_PROTO_SESSION_H
#define CSIG_PROTO_SESSION_H

#include "countersign/session.h"
#include "proto/round.h"

typedef struct csig_session_setup {
    const csig_protocol *protocol;
    const csig_ssid *ssid;
    uint16_t n;
    const uint16_t *index;                    /* ascending, distinct, 1 .. CSIG_MAX_PARTIES */
    const uint8_t (*identity)[CSIG_ID_BYTES]; /* distinct */
    uint16_t self;                            /* position */
    const csig_ed_key *key;                   /* own identity; copied. NULL: it only watches */
    const uint8_t *seed;                      /* 32 secret octets of this party for the rng */
    const csig_engine *engine;                /* copied; NULL: the default */
    /* Speak only after the first message of every other party has arrived: the server's part in
     * every flow (protocol.md: Decided 3). */
    bool moves_last;
} csig_session_setup;

/* CSIG_E_PARTIES: indices or identities are not as above. CSIG_E_MEMORY. The session is not
 * started: the caller fills run->secret and run->open, then calls csig_session_start. */
CSIG_MUST csig_err csig_session_new(csig_session **s, const csig_session_setup *setup);
csig_run *csig_session_run(csig_session *s);
/* Before the start, where the protocol has a watch or can be recorded: what others need to follow
 * this session. Copied into its evidence, or its record. CSIG_E_MEMORY. */
CSIG_MUST csig_err csig_session_keep_inputs(csig_session *s, const uint8_t *inputs, size_t len);
/* A watching session is filled: what its state points to, NULL for nothing, is freed with it. */
void csig_session_watched(csig_session *s, void *memory);
/* Makes the first message, unless this party moves last. */
CSIG_MUST csig_err csig_session_start(csig_session *s);
/* The protocol is this one and the phase allows reading its output (STORE or DONE), else
 * CSIG_E_STATE. */
CSIG_MUST csig_err csig_session_output(csig_session *s, const csig_protocol *protocol);
/* All envelopes that have not left, held ones too, one after the other: in CSIG_STORE, what confirm
 * will let go. *len: in, room at out; out, octets. CSIG_E_BUFFER sets *len; out may then be NULL.
 */
CSIG_MUST csig_err csig_session_unsent(const csig_session *s, uint8_t *out, size_t *len);

#endif
