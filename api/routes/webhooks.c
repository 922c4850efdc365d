/* POST, GET /v1/webhooks, GET, DELETE /v1/webhooks/{h}, POST /v1/webhooks/{h}/test */
#include <string.h>

#include "routes/routes.h"
#include "service/webhooks.h"

/* --- how a webhook looks --- */

static void put_time(csigd_json *to, const char *name, int64_t when)
{
    if (when != 0) csigd_json_time(to, name, when);
}

static csigd_json *kinds_value(uint32_t kinds)
{
    csigd_json *list = csigd_json_list();

    for (unsigned i = 0; i < CSIGD_EVENT_KIND_COUNT; i++) {
        if (i != CSIGD_EVENT_TEST && (kinds & CSIGD_EVENT_BIT(i)) != 0)
            csigd_json_append_text(list, csigd_event_kind_name((csigd_event_kind)i));
    }
    return list;
}

static csigd_json *webhook_value(const csigd_webhook *w)
{
    csigd_json *body = csigd_json_object(), *wallets = csigd_json_list();

    for (size_t i = 0; i < w->n_wallets; i++)
        csigd_json_append_hex(wallets, w->wallets[i], sizeof w->wallets[i]);
    csigd_json_hex(body, "webhook", w->id, sizeof w->id);
    csigd_json_text(body, "url", w->url);
    csigd_json_put(body, "events", kinds_value(w->kinds));
    csigd_json_bool(body, "all_wallets", w->all_wallets);
    csigd_json_put(body, "wallets", wallets);
    if (w->label[0] != '\0') csigd_json_text(body, "label", w->label);
    put_time(body, "created", w->created);
    csigd_json_text(body, "state", w->state == CSIGD_WEBHOOK_FAILING ? "failing" : "active");
    csigd_json_uint(body, "delivered", w->delivered);
    csigd_json_uint(body, "deliveries", w->deliveries);
    csigd_json_uint(body, "failures", w->failures);
    csigd_json_uint(body, "attempts", w->attempts);
    put_time(body, "failing_since", w->since);
    if (w->state == CSIGD_WEBHOOK_ACTIVE) put_time(body, "next_attempt", w->due);
    put_time(body, "last_attempt", w->last_try);
    if (w->last_try != 0) csigd_json_uint(body, "last_status", w->last_status);
    return body;
}

/* --- add --- */

typedef struct webhook_wish {
    csigd_webhook webhook;
    size_t n_events;
    char events[CSIGD_EVENT_KIND_COUNT][CSIGD_EVENT_KIND_BYTES];
} webhook_wish;

static const csigd_json_field webhook_fields[] = {
    {"url", CSIGD_JSON_TEXT, CSIGD_AT(webhook_wish, webhook.url), .min = 1},
    {"events", CSIGD_JSON_TEXT_LIST, .optional = true, CSIGD_LIST(webhook_wish, events, n_events),
     .min = 1},
    {"all_wallets", CSIGD_JSON_BOOL, .optional = true, CSIGD_AT(webhook_wish, webhook.all_wallets)},
    {"wallets", CSIGD_JSON_HEX_LIST, .optional = true,
     CSIGD_LIST(webhook_wish, webhook.wallets, webhook.n_wallets), .min = 1},
    {"label", CSIGD_JSON_TEXT, .optional = true, CSIGD_AT(webhook_wish, webhook.label), .min = 1},
};

static csigd_code read_kinds(webhook_wish *w, csigd_problem *why)
{
    w->webhook.kinds = w->n_events == 0 ? CSIGD_EVENTS_ALL : 0;
    for (size_t i = 0; i < w->n_events; i++) {
        csigd_event_kind kind;

        if (!csigd_event_kind_is_read(&kind, w->events[i]) || kind == CSIGD_EVENT_TEST ||
            (w->webhook.kinds & CSIGD_EVENT_BIT(kind)) != 0)
            return csigd_problem_field(why, CSIGD_BAD_REQUEST, "events");
        w->webhook.kinds |= CSIGD_EVENT_BIT(kind);
    }
    return CSIGD_OK;
}

/* Nobody gets all wallets by leaving something out. */
static csigd_code read_wish(webhook_wish *w, csigd_problem *why)
{
    const csigd_webhook *h = &w->webhook;

    if (h->all_wallets + (h->n_wallets > 0) + (h->label[0] != '\0') != 1)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "wallets");
    if (h->label[0] != '\0' && !csigd_label_is_fine(h->label))
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "label");
    return read_kinds(w, why);
}

csigd_reply csigd_webhook_create(const csigd_call *call)
{
    webhook_wish wish = {.n_events = 0};
    csigd_problem why;
    csigd_code code =
        csigd_json_parse(&wish, CSIGD_TABLE(webhook_fields), call->body, call->len, &why);

    if (code == CSIGD_OK) code = read_wish(&wish, &why);
    if (code == CSIGD_OK) code = csigd_webhook_add(call->service, &wish.webhook, &why);
    if (code != CSIGD_OK) return csigd_reply_problem(&why);
    return csigd_reply_value(201, webhook_value(&wish.webhook));
}

/* --- show, delete, test --- */

static void add_webhook(void *ctx, const csigd_webhook *webhook)
{
    csigd_json_append(ctx, webhook_value(webhook));
}

csigd_reply csigd_webhook_list(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    csigd_json *body = csigd_json_object(), *all = csigd_json_list();
    const csigd_stored stored = store->events.webhook_list(store, add_webhook, all);

    csigd_json_put(body, "webhooks", all);
    if (stored == CSIGD_STORED) return csigd_reply_value(200, body);
    csigd_json_free(body);
    return csigd_reply_code(csigd_code_of_store(stored));
}

csigd_reply csigd_webhook_show(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    csigd_webhook webhook;
    const csigd_stored stored = store->events.webhook_get(store, call->id, &webhook);

    if (stored != CSIGD_STORED) return csigd_reply_code(csigd_code_of_store(stored));
    return csigd_reply_value(200, webhook_value(&webhook));
}

csigd_reply csigd_webhook_delete(const csigd_call *call)
{
    csigd_problem why;

    if (csigd_webhook_remove(call->service, call->id, &why) != CSIGD_OK)
        return csigd_reply_problem(&why);
    return (csigd_reply){.status = 204};
}

csigd_reply csigd_webhook_test(const csigd_call *call)
{
    csigd_webhook webhook;
    csigd_problem why;

    if (csigd_webhook_try(call->service, call->id, &webhook, &why) != CSIGD_OK)
        return csigd_reply_problem(&why);
    return csigd_reply_value(202, webhook_value(&webhook));
}
