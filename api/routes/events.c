/* GET /v1/events/{after} */
#include "service/events.h"

#include "routes/routes.h"

typedef struct telling {
    csigd_json *events;
    bool any;
} telling;

static void add_event(void *ctx, const csigd_event_row *event)
{
    telling *t = ctx;

    csigd_json_append(t->events, csigd_event_value(event));
    t->any = true;
}

csigd_reply csigd_event_list(const csigd_call *call)
{
    telling t = {.events = csigd_json_list()};
    csigd_json *body = csigd_json_object();
    csigd_problem why;
    csigd_reply reply;
    csigd_events_seen seen;
    const csigd_code code =
        csigd_events_read(call->service, call->caller, call->position, add_event, &t, &seen, &why);

    csigd_json_put(body, "events", t.events);
    if (code != CSIGD_OK) {
        csigd_json_free(body);
        return csigd_reply_problem(&why);
    }
    csigd_json_uint(body, "last", seen.last);
    reply = csigd_reply_value(200, body);
    reply.waits = true;
    /* Who has more to look at goes on with that, and does not wait. */
    reply.is_nothing = !t.any && seen.is_all;
    return reply;
}
