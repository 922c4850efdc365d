/* A signature is good for one request: what must be remembered, until when, and who must do it.
 *
 * Each (key, nonce) is remembered until its signature has expired; then the window alone refuses
 * it. That stands on a clock, and clocks jump. So the store also keeps a horizon, the latest expiry
 * it ever forgot, and takes nothing that expires at or before it: a clock that was set back, or a
 * replica whose clock is behind, revives nothing. The horizon is an expiry, not a time of day: a
 * clock that was ahead for a while holds honest requests up for at most 90 seconds after it is
 * corrected. */
#ifndef CSIGD_AUTH_REPLAY_H
#define CSIGD_AUTH_REPLAY_H

#include <stddef.h>
#include <stdint.h>

#include "auth/error.h"

#define CSIGD_REPLAY_ID_BYTES 32

/* What a store of this memory must offer. Both are atomic, for all processes that share the store,
 * and durable before they return. */
typedef struct csigd_replay_store {
    void *context;
    /* CSIGD_AUTH_OK: was not there and is now. _REPLAY: was there. _EXPIRED: expires at or before
     * the horizon. _STORE, _OVERLOADED: cannot be remembered, so the request must not go on. */
    csigd_auth (*remember)(void *context, const uint8_t id[CSIGD_REPLAY_ID_BYTES], int64_t expires);
    /* Forgets all that expire at or before until, and the horizon becomes the latest of these, if
     * that is later. _STORE. */
    csigd_auth (*forget)(void *context, int64_t until);
} csigd_replay_store;

/* After the signature is verified, before the request does anything. keyid, nonce, expires: of the
 * signature. CSIGD_AUTH_EXPIRED, _REPLAY, _OVERLOADED, _STORE. */
csigd_auth csigd_replay_admit(const csigd_replay_store *store, const char *keyid, const char *nonce,
                              int64_t expires, int64_t now, csigd_refusal *why);
/* From time to time. */
csigd_auth csigd_replay_sweep(const csigd_replay_store *store, int64_t now);

/* --- a store in memory: for who verifies alone and may forget when it ends --- */

typedef struct csigd_replay_slot {
    int64_t expires; /* 0: free */
    uint8_t id[CSIGD_REPLAY_ID_BYTES];
} csigd_replay_slot;

typedef struct csigd_replay_memory {
    csigd_replay_slot
        *slots; /* the caller's; all zero at first. All taken: CSIGD_AUTH_OVERLOADED */
    size_t n_slots;
    int64_t horizon;
} csigd_replay_memory;

/* One pass over the slots for each call; calls must not overlap. */
csigd_replay_store csigd_replay_in_memory(csigd_replay_memory *memory);

#endif
