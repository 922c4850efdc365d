/* One attempt at asking the hook about a request: the question, signed by the server's key. */
#ifndef CSIGD_SERVICE_HOOK_ASK_H
#define CSIGD_SERVICE_HOOK_ASK_H

#include "service/hook_reply.h"
#include "service/push.h"

#define CSIGD_HOOK_TAG "countersign-v1-hook"

typedef struct csigd_asking {
    csigd_hook *owner;
    csigd_hook_ask ask;
    csigd_hook_question question;
    csigd_trace trace;
    csigd_http_exchange exchange;
    /* What it is made of. */
    csigd_push_head head;
    char parent[CSIGD_TRACE_PARENT_BYTES];
    char *body;
} csigd_asking;

/* Begun, when it is not NULL; owner and the exchange's done are the caller's to set before it goes
 * on. url is borrowed. */
csigd_asking *csigd_asking_begin(const csigd_service *service, csigd_http *http,
                                 const csigd_url *url, const csigd_hook_ask *ask);
void csigd_asking_free(csigd_asking *asking);

#endif
