#include "service/webhooks.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "context.h"
#include "log.h"
#include "service/push.h"
#include "service/events.h"

/* Without webhooks, or with nothing to deliver: until it is woken. */
#define REST_MILLISECONDS 60000
/* After a write that failed. */
#define HOLD_MILLISECONDS 1000
#define STRIDE            100
/* Events that are not for a webhook, until it is written down how far it is. */
#define SKIPPED_MAX 1000

/* What need not be stored of a webhook. */
typedef struct known {
    uint8_t id[CSIGD_WEBHOOK_ID_BYTES];
    uint64_t looked;  /* there is nothing for it up to here but what was delivered */
    int64_t hold;     /* csigd_clock_ticks; until then nothing is tried */
    csigd_push *push; /* under way */
} known;

struct csigd_webhooks {
    csigd_service *service;
    csigd_http_rules rules;
    csigd_http *http;
    csigd_thread *thread;
    csigd_mutex *lock; /* of what is read and written again in the store */
    size_t n, n_known;
    csigd_webhook all[CSIGD_WEBHOOKS_MAX];
    known known[CSIGD_WEBHOOKS_MAX];
};

/* --- what a webhook is told, and when --- */

bool csigd_webhook_has_event(const csigd_webhook *w, const csigd_event_row *e)
{
    const csigd_selector selector = {
        .kind = CSIGD_SELECT_LIST, .ids = w->wallets, .n_ids = w->n_wallets};

    if (e->kind == CSIGD_EVENT_TEST)
        return e->has_webhook && memcmp(e->webhook, w->id, sizeof w->id) == 0;
    if ((w->kinds & CSIGD_EVENT_BIT(e->kind)) == 0) return false;
    if (w->all_wallets) return true;
    if (!e->has_wallet) return false;
    if (w->label[0] != '\0') return csigd_label_has_label(w->label, e->label);
    return csigd_selector_has_wallet(&selector,
                                     &(csigd_subject){.id = e->wallet, .label = e->label});
}

/* 1, 2, 4 ... seconds. */
static int64_t pause_after(uint32_t attempts)
{
    return attempts > 12 ? CSIGD_WEBHOOK_PAUSE_MAX : (int64_t)1 << (attempts - 1);
}

void csigd_webhook_note(csigd_webhook *w, uint64_t number, unsigned status, int64_t now)
{
    w->last_try = now;
    w->last_status = status;
    if (status >= 200 && status < 300) {
        w->state = CSIGD_WEBHOOK_ACTIVE;
        w->delivered = number;
        w->deliveries++;
        w->attempts = 0;
        w->since = w->due = 0;
        return;
    }
    w->failures++;
    w->attempts++;
    if (w->since == 0) w->since = now;
    w->due = now + pause_after(w->attempts);
    if (now - w->since >= CSIGD_WEBHOOK_GIVE_UP) w->state = CSIGD_WEBHOOK_FAILING;
}

/* A clock that was set back keeps nobody waiting. */
static bool webhook_is_due(const csigd_webhook *w, int64_t now)
{
    return w->state == CSIGD_WEBHOOK_ACTIVE &&
           (w->due <= now || w->due > now + CSIGD_WEBHOOK_PAUSE_MAX);
}

/* --- what is known of each --- */

static known *known_of(csigd_webhooks *w, const uint8_t *id)
{
    for (size_t i = 0; i < w->n_known; i++) {
        if (memcmp(w->known[i].id, id, sizeof w->known[i].id) == 0) return &w->known[i];
    }
    if (w->n_known == CSIGD_WEBHOOKS_MAX) return NULL;
    w->known[w->n_known] = (known){.looked = 0};
    memcpy(w->known[w->n_known].id, id, sizeof w->known[w->n_known].id);
    return &w->known[w->n_known++];
}

static bool webhook_is_there(const csigd_webhooks *w, const uint8_t *id)
{
    for (size_t i = 0; i < w->n; i++) {
        if (memcmp(w->all[i].id, id, sizeof w->all[i].id) == 0) return true;
    }
    return false;
}

/* Of those that are gone; one under way ends first. */
static void forget(csigd_webhooks *w)
{
    for (size_t i = 0; i < w->n_known;) {
        if (w->known[i].push != NULL || webhook_is_there(w, w->known[i].id))
            i++;
        else
            w->known[i] = w->known[--w->n_known];
    }
}

/* --- after an attempt --- */

static void tell_attempt(const csigd_webhook *w, const csigd_push *d)
{
    const bool gives_up = w->state == CSIGD_WEBHOOK_FAILING;

    if (w->attempts == 0) return;
    csigd_log_line(gives_up ? CSIGD_ERROR : CSIGD_WARNING,
                   gives_up ? "webhook fails, no more attempts are made" : "webhook not delivered",
                   CSIGD_HEX("webhook", w->id, sizeof w->id), CSIGD_NUMBER("number", d->number),
                   CSIGD_NUMBER("status", d->exchange.status),
                   CSIGD_TEXT("reason", d->exchange.why), CSIGD_NUMBER("attempts", w->attempts));
}

static void delivered(csigd_http_exchange *x)
{
    csigd_push *d = x->ctx;
    const csigd_context context = {.has_trace = true, .trace = d->trace};
    csigd_webhooks *w = d->owner;
    csigd_store *store = w->service->store;
    known *k = known_of(w, d->webhook);
    csigd_webhook hook;
    csigd_stored stored;

    csigd_mutex_lock(w->lock);
    stored = store->events.webhook_get(store, d->webhook, &hook);
    if (stored == CSIGD_STORED) {
        csigd_webhook_note(&hook, d->number, x->status, csigd_clock_now());
        stored = store->events.webhook_move(store, &hook);
    }
    csigd_mutex_unlock(w->lock);
    csigd_context_enter(&context);
    if (stored == CSIGD_STORED) tell_attempt(&hook, d);
    csigd_context_leave();
    /* What could not be written down is done again. */
    if (stored == CSIGD_STORE_FAILED) k->hold = csigd_clock_ticks() + HOLD_MILLISECONDS;
    k->push = NULL;
    free(d);
}

/* --- the next event of a webhook --- */

typedef struct search {
    const csigd_webhook *webhook;
    size_t n_rows;
    uint64_t looked;
    bool found;
    csigd_event_row event;
} search;

static void look_at(void *ctx, const csigd_event_row *event)
{
    search *s = ctx;

    s->n_rows++;
    if (s->found) return;
    s->found = csigd_webhook_has_event(s->webhook, event);
    if (s->found)
        s->event = *event;
    else
        s->looked = event->number;
}

static bool event_is_found(csigd_webhooks *w, csigd_webhook *hook, known *k, csigd_event_row *event)
{
    csigd_store *store = w->service->store;
    search s = {.webhook = hook,
                .looked = k->looked > hook->delivered ? k->looked : hook->delivered};

    do {
        s.n_rows = 0;
        if (store->events.read(store, s.looked, STRIDE, NULL, look_at, &s) != CSIGD_STORED) {
            k->hold = csigd_clock_ticks() + HOLD_MILLISECONDS;
            return false;
        }
    } while (!s.found && s.n_rows == STRIDE);
    k->looked = s.looked;
    *event = s.event;
    if (s.found || s.looked - hook->delivered < SKIPPED_MAX) return s.found;
    csigd_mutex_lock(w->lock);
    if (store->events.webhook_get(store, hook->id, hook) == CSIGD_STORED) {
        hook->delivered = s.looked;
        (void)store->events.webhook_move(store, hook);
    }
    csigd_mutex_unlock(w->lock);
    return false;
}

/* Milliseconds until it is to be looked at again by itself. */
static uint32_t go_on_with(csigd_webhooks *w, csigd_webhook *hook)
{
    const int64_t now = csigd_clock_now(), ticks = csigd_clock_ticks();
    known *k = known_of(w, hook->id);
    csigd_event_row event;

    if (k == NULL || k->push != NULL || hook->state != CSIGD_WEBHOOK_ACTIVE)
        return REST_MILLISECONDS;
    if (k->hold > ticks) return (uint32_t)(k->hold - ticks);
    if (!webhook_is_due(hook, now)) return (uint32_t)(hook->due - now) * 1000;
    if (!event_is_found(w, hook, k, &event))
        return k->hold > ticks ? HOLD_MILLISECONDS : REST_MILLISECONDS;
    k->push = csigd_push_begin(w->service, w->http, hook, &event);
    if (k->push == NULL) {
        k->hold = ticks + HOLD_MILLISECONDS;
        return HOLD_MILLISECONDS;
    }
    k->push->owner = w;
    k->push->exchange.done = delivered;
    return REST_MILLISECONDS;
}

/* --- the thread --- */

static void keep_webhook(void *ctx, const csigd_webhook *webhook)
{
    csigd_webhooks *w = ctx;

    if (w->n < CSIGD_WEBHOOKS_MAX) w->all[w->n++] = *webhook;
}

static void deliver(void *ctx)
{
    csigd_webhooks *w = ctx;
    csigd_store *store = w->service->store;

    while (!csigd_event_is_set(w->service->stop, 0)) {
        uint32_t rest = REST_MILLISECONDS;

        w->n = 0;
        if (store->events.webhook_list(store, keep_webhook, w) == CSIGD_STORED)
            forget(w);
        else
            rest = HOLD_MILLISECONDS;
        for (size_t i = 0; i < w->n; i++) {
            const uint32_t its = go_on_with(w, &w->all[i]);

            if (its < rest) rest = its;
        }
        csigd_http_run(w->http, rest);
    }
}

bool csigd_webhooks_is_started(csigd_service *service, const csigd_http_rules *rules)
{
    csigd_webhooks *w = calloc(1, sizeof *w);

    if (w == NULL) return false;
    w->service = service;
    w->rules = *rules;
    w->http = csigd_http_new(&w->rules);
    w->lock = csigd_mutex_new();
    service->webhooks = w;
    if (w->http == NULL || w->lock == NULL) return false;
    w->thread = csigd_thread_start(deliver, w);
    return w->thread != NULL;
}

void csigd_webhooks_stop(csigd_webhooks *w)
{
    if (w == NULL) return;
    if (w->http != NULL) csigd_http_wake(w->http);
    csigd_thread_join(w->thread);
    csigd_http_free(w->http);
    for (size_t i = 0; i < w->n_known; i++)
        free(w->known[i].push);
    csigd_mutex_free(w->lock);
    free(w);
}

void csigd_webhooks_wake(csigd_webhooks *w)
{
    if (w != NULL) csigd_http_wake(w->http);
}

/* --- what is asked for --- */

bool csigd_webhook_url_is_fine(const char *text)
{
    static const char *const hosts[] = {"localhost", "127.0.0.1", "[::1]"};
    csigd_url url;

    if (!csigd_url_is_read(&url, text)) return false;
    if (strcmp(url.scheme, "https") == 0) return true;
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        const size_t len = strlen(hosts[i]);

        if (strncmp(url.authority, hosts[i], len) == 0 &&
            (url.authority[len] == ':' || url.authority[len] == '\0'))
            return true;
    }
    return false;
}

csigd_code csigd_webhook_add(const csigd_service *s, csigd_webhook *w, csigd_problem *why)
{
    csigd_stored stored;

    if (!csigd_webhook_url_is_fine(w->url))
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "url");
    randombytes_buf(w->id, sizeof w->id);
    w->created = csigd_clock_now();
    stored = s->store->events.webhook_put(s->store, w);
    if (stored == CSIGD_STORE_CONFLICT) {
        csigd_problem_set(why, CSIGD_SESSION_LIMIT);
        snprintf(why->detail, sizeof why->detail,
                 "There are as many webhooks as may be; delete one first.");
        return why->code;
    }
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    return CSIGD_OK;
}

csigd_code csigd_webhook_remove(const csigd_service *s, const uint8_t *id, csigd_problem *why)
{
    const csigd_stored stored = s->store->events.webhook_drop(s->store, id);

    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    return CSIGD_OK;
}

csigd_code csigd_webhook_try(const csigd_service *s, const uint8_t *id, csigd_webhook *webhook,
                             csigd_problem *why)
{
    csigd_mutex *lock = s->webhooks != NULL ? s->webhooks->lock : NULL;
    csigd_stored stored;

    if (lock != NULL) csigd_mutex_lock(lock);
    stored = s->store->events.webhook_test(s->store, id, csigd_clock_now());
    if (stored == CSIGD_STORED) stored = s->store->events.webhook_get(s->store, id, webhook);
    if (lock != NULL) csigd_mutex_unlock(lock);
    return stored == CSIGD_STORED ? CSIGD_OK : csigd_problem_set(why, csigd_code_of_store(stored));
}
