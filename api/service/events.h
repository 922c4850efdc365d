/* What happened, for those whose it is to know. Whoever changes something an event tells of writes
 * it with the change (store/events.h); here they are read, and those who wait for them woken. */
#ifndef CSIGD_SERVICE_EVENTS_H
#define CSIGD_SERVICE_EVENTS_H

#include "http/json.h"
#include "service/keys.h"
#include "service/service.h"

#define CSIGD_EVENTS_PAGE 100

/* How far was looked, which is where the next look begins; was that all there is? */
typedef struct csigd_events_seen {
    uint64_t last;
    bool is_all;
} csigd_events_seen;

/* The events above `after` that the caller (NULL: the operator) may know of, at most a page of
 * them, in order. */
csigd_code csigd_events_read(const csigd_service *service, const csigd_caller *caller,
                             uint64_t after, void (*each)(void *ctx, const csigd_event_row *event),
                             void *ctx, csigd_events_seen *seen, csigd_problem *why);

/* As it is told, to webhooks, too. */
csigd_json *csigd_event_value(const csigd_event_row *event);

/* Wakes who waits for events: after every commit that wrote some. */
void csigd_events_tell(void *service);

#endif
