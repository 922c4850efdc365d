/* For whom a thread works right now, and in which trace: what log lines and audit entries say
 * without being told. A job enters at its beginning and leaves at its end; a thread that never
 * entered works for the daemon itself. */
#ifndef CSIGD_CONTEXT_H
#define CSIGD_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/trace.h"

typedef enum csigd_actor {
    CSIGD_BY_DAEMON = 0, /* the house: deadlines, rotation, start and end */
    CSIGD_BY_SOCKET,     /* the operator, over the Unix socket */
    CSIGD_BY_KEY,
    CSIGD_BY_STRANGER /* whose key is not enrolled; nothing of what it says of itself is proven */
} csigd_actor;

typedef struct csigd_context {
    csigd_actor by;
    bool has_uid; /* of the socket's peer */
    uint32_t uid;
    uint8_t key[32]; /* SHA-256 of its SubjectPublicKeyInfo */
    uint32_t roles;  /* CSIGD_ROLE_BIT */
    bool has_device; /* the key is this device's */
    uint8_t device[32];
    bool has_trace;
    csigd_trace trace;
} csigd_context;

/* From now on this thread works for *context, which is copied. */
void csigd_context_enter(const csigd_context *context);
/* It works for the daemon again. */
void csigd_context_leave(void);
/* Never NULL. */
const csigd_context *csigd_context_now(void);

#endif
