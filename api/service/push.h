/* One attempt at telling a webhook of an event: its body, signed by the server's key. */
#ifndef CSIGD_SERVICE_PUSH_H
#define CSIGD_SERVICE_PUSH_H

#include "auth/digest.h"
#include "auth/signature.h"
#include "auth/trace.h"
#include "net/http.h"
#include "service/service.h"

/* The fields of a POST that the server signs; there is room for one more. */
typedef struct csigd_push_head {
    char digest[CSIGD_DIGEST_BYTES];
    csigd_signature_fields signature;
    csigd_field fields[5];
} csigd_push_head;

typedef struct csigd_push {
    csigd_webhooks *owner;
    uint8_t webhook[CSIGD_WEBHOOK_ID_BYTES];
    uint64_t number;   /* of the event */
    csigd_trace trace; /* the event's, with a span of this attempt */
    csigd_http_exchange exchange;
    /* What it is made of. */
    csigd_url url;
    csigd_push_head head;
    char parent[CSIGD_TRACE_PARENT_BYTES];
    char body[1024];
} csigd_push;

/* For the exchange's body, as it is sent to this URL; the exchange then has them. */
bool csigd_push_head_is_made(csigd_push_head *head, const csigd_service *service,
                             const csigd_url *url, csigd_http_exchange *exchange, const char *tag);
/* Begun, when it is not NULL; owner and the exchange's done are the caller's to set before it goes
 * on. */
csigd_push *csigd_push_begin(const csigd_service *service, csigd_http *http,
                             const csigd_webhook *webhook, const csigd_event_row *event);

#endif
