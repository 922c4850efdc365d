#include "service/events.h"

#include "clock.h"
#include "service/access.h"
#include "service/hook.h"
#include "service/webhooks.h"

/* Rows that one look reads at most, whatever of them is the caller's. */
#define STRIDE  500
#define STRIDES 4

typedef struct looking {
    const csigd_caller *caller;
    void (*each)(void *ctx, const csigd_event_row *event);
    void *ctx;
    size_t n_rows, n_told;
    uint64_t last;
} looking;

static void look_at(void *ctx, const csigd_event_row *event)
{
    looking *l = ctx;

    l->n_rows++;
    if (l->n_told == CSIGD_EVENTS_PAGE) return;
    l->last = event->number;
    if (!csigd_caller_has_event(l->caller, event)) return;
    l->each(l->ctx, event);
    l->n_told++;
}

csigd_code csigd_events_read(const csigd_service *s, const csigd_caller *caller, uint64_t after,
                             void (*each)(void *ctx, const csigd_event_row *event), void *ctx,
                             csigd_events_seen *seen, csigd_problem *why)
{
    const uint8_t *device = caller != NULL && caller->key.has_device ? caller->key.device : NULL;
    looking l = {.caller = caller, .each = each, .ctx = ctx, .last = after};

    for (unsigned i = 0; i < STRIDES && l.n_told == 0; i++) {
        csigd_stored stored;

        l.n_rows = 0;
        stored = s->store->events.read(s->store, l.last, STRIDE, device, look_at, &l);
        if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
        seen->is_all = l.n_rows < STRIDE;
        if (seen->is_all) break;
    }
    seen->last = l.last;
    return CSIGD_OK;
}

csigd_json *csigd_event_value(const csigd_event_row *e)
{
    csigd_json *body = csigd_json_object();
    char when[CSIGD_RFC3339_BYTES];

    csigd_clock_format(when, e->created);
    csigd_json_uint(body, "number", e->number);
    csigd_json_hex(body, "event", e->id, sizeof e->id);
    csigd_json_text(body, "kind", csigd_event_kind_name(e->kind));
    csigd_json_text(body, "created", when);
    if (e->has_wallet) csigd_json_hex(body, "wallet", e->wallet, sizeof e->wallet);
    if (e->has_request) csigd_json_hex(body, "request", e->request, sizeof e->request);
    if (e->has_device) csigd_json_hex(body, "device", e->device, sizeof e->device);
    if (e->has_epoch) csigd_json_uint(body, "epoch", e->epoch);
    return body;
}

void csigd_events_tell(void *service)
{
    static const uint8_t everybody[CSIGD_WAITING_TOPIC_BYTES] = {0};
    const csigd_service *s = service;

    csigd_waiting_tell(s->waiting, everybody);
    csigd_webhooks_wake(s->webhooks);
    csigd_hook_wake(s->hook);
}
