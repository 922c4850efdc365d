/* Is the daemon ready to serve? Looked at every few seconds by a thread of its own, so that asking
 * costs nothing, and one that is stuck is seen. */
#ifndef CSIGD_SERVICE_READY_H
#define CSIGD_SERVICE_READY_H

#include "service/service.h"

typedef struct csigd_ready csigd_ready;

typedef enum csigd_check {
    CSIGD_CHECK_STORE = 0, /* it can be written */
    CSIGD_CHECK_VAULT,     /* it opens what it has sealed */
    CSIGD_CHECK_AUXILIARY, /* own auxiliary info is there */
    CSIGD_CHECK_DISK,      /* there is room */
    CSIGD_CHECK_CLOCK,     /* ahead of what signatures are remembered until */
    CSIGD_CHECK_WORKERS,   /* jobs do not stand still */
    CSIGD_CHECK_FRESH,     /* the last look was not long ago */
    CSIGD_CHECK_STAYING,   /* the daemon is not about to end */
    CSIGD_CHECK_COUNT
} csigd_check;

typedef struct csigd_readiness {
    bool good[CSIGD_CHECK_COUNT];
    bool all;
} csigd_readiness;

const char *csigd_check_name(csigd_check check);

/* Looks once, then goes on by itself until service->stop is set. NULL: no memory or threads. */
csigd_ready *csigd_ready_start(const csigd_service *service);
void csigd_ready_stop(csigd_ready *ready);
/* As of now; waits for nothing. */
csigd_readiness csigd_ready_show(csigd_ready *ready);
/* The daemon is about to end: from now on it is not ready. */
void csigd_ready_leave(csigd_ready *ready);

#endif
