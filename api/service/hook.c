#include "service/hook.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "context.h"
#include "http/json.h"
#include "log.h"
#include "service/hook_ask.h"
#include "service/policy.h"
#include "service/webhooks.h"

/* With nothing to ask: until it is woken. */
#define REST_MILLISECONDS 60000
/* After the store has failed. */
#define HOLD_MILLISECONDS 1000
#define AT_ONCE           16

struct csigd_hook {
    csigd_service *service;
    csigd_http_rules rules;
    csigd_http *http;
    csigd_thread *thread;
    csigd_url url;
    csigd_key key;
    uint8_t key_id[32];
    uint32_t seconds;
    int64_t hold; /* csigd_clock_ticks; until then nothing is begun */
    size_t n_asks;
    csigd_hook_ask asks[CSIGD_HOOK_LISTED];
    csigd_asking *under_way[AT_ONCE];
};

uint32_t csigd_hook_pause(uint32_t attempts)
{
    return attempts > 6 ? CSIGD_HOOK_PAUSE_MAX : UINT32_C(1) << (attempts - 1);
}

const uint8_t *csigd_hook_key(const csigd_hook *h)
{
    return h->key_id;
}

uint32_t csigd_hook_seconds(const csigd_hook *h)
{
    return h->seconds;
}

/* --- after an attempt --- */

/* Again later, or no more. */
static csigd_stored put_off(csigd_hook *h, const csigd_hook_ask *ask, uint32_t seconds)
{
    csigd_store *store = h->service->store;

    if (ask->attempts + 1 >= CSIGD_HOOK_ATTEMPTS_MAX)
        return store->hooks.give_up(store, ask, "The hook has not decided.");
    return store->hooks.tried(store, ask->request, csigd_clock_now() + seconds);
}

static csigd_stored not_answered(csigd_hook *h, const csigd_asking *a, const char *why)
{
    csigd_log_line(CSIGD_WARNING, "the hook has not answered",
                   CSIGD_HEX("request", a->ask.request, sizeof a->ask.request),
                   CSIGD_TEXT("rule", a->ask.rule), CSIGD_NUMBER("status", a->exchange.status),
                   CSIGD_TEXT("reason", a->exchange.status == 0 ? a->exchange.why : why),
                   CSIGD_NUMBER("attempt", a->ask.attempts + 1));
    return put_off(h, &a->ask, csigd_hook_pause(a->ask.attempts + 1));
}

static csigd_stored take_answer(csigd_hook *h, const csigd_asking *a)
{
    const csigd_http_exchange *x = &a->exchange;
    const csigd_hook_response response = {.status = x->status,
                                          .fields = x->reply_fields,
                                          .n_fields = x->n_reply_fields,
                                          .body = x->reply,
                                          .len = x->reply_len};
    csigd_hook_word word = {.decided = csigd_clock_now()};
    csigd_hook_reply reply;
    const char *why = csigd_hook_reply_read(&reply, &a->question, &h->key, &response);

    if (why != NULL) return not_answered(h, a, why);
    if (reply.verb == CSIGD_HOOK_RETRY)
        return put_off(h, &a->ask, reply.seconds > 0 ? reply.seconds : CSIGD_HOOK_RETRY_SECONDS);
    word.verb = reply.verb;
    memcpy(word.because, reply.because, sizeof word.because);
    memcpy(word.key, h->key_id, sizeof word.key);
    memcpy(word.nonce, a->question.nonce, sizeof word.nonce);
    memcpy(word.signature, reply.signature, sizeof word.signature);
    return csigd_request_decide(h->service, &a->ask, &word);
}

static void answered(csigd_http_exchange *x)
{
    csigd_asking *a = x->ctx;
    csigd_hook *h = a->owner;
    const csigd_context context = {.has_trace = true, .trace = a->trace};

    csigd_context_enter(&context);
    /* What could not be written down is asked again; what waits no more is passed over. */
    if (take_answer(h, a) == CSIGD_STORE_FAILED) h->hold = csigd_clock_ticks() + HOLD_MILLISECONDS;
    csigd_context_leave();
    for (size_t i = 0; i < AT_ONCE; i++) {
        if (h->under_way[i] == a) h->under_way[i] = NULL;
    }
    csigd_asking_free(a);
}

/* --- what is asked next --- */

static bool ask_is_under_way(const csigd_hook *h, const csigd_hook_ask *ask)
{
    for (size_t i = 0; i < AT_ONCE; i++) {
        const csigd_asking *a = h->under_way[i];

        if (a != NULL && memcmp(a->ask.request, ask->request, sizeof ask->request) == 0)
            return true;
    }
    return false;
}

/* What cannot be asked about keeps nobody else waiting. */
static void begin(csigd_hook *h, csigd_asking **place, const csigd_hook_ask *ask)
{
    *place = csigd_asking_begin(h->service, h->http, &h->url, ask);
    if (*place == NULL) {
        if (put_off(h, ask, csigd_hook_pause(ask->attempts + 1)) == CSIGD_STORE_FAILED)
            h->hold = csigd_clock_ticks() + HOLD_MILLISECONDS;
        return;
    }
    (*place)->owner = h;
    (*place)->exchange.done = answered;
}

/* Milliseconds until it is to be looked at again by itself. A clock that was set back keeps nobody
 * waiting. */
static uint32_t go_on_with(csigd_hook *h, const csigd_hook_ask *ask)
{
    const int64_t now = csigd_clock_now();

    if (ask_is_under_way(h, ask)) return REST_MILLISECONDS;
    if (ask->due > now && ask->due <= now + CSIGD_HOOK_RETRY_MAX)
        return ask->due - now > REST_MILLISECONDS / 1000 ? REST_MILLISECONDS
                                                         : (uint32_t)(ask->due - now) * 1000;
    for (size_t i = 0; i < AT_ONCE; i++) {
        if (h->under_way[i] != NULL) continue;
        begin(h, &h->under_way[i], ask);
        break;
    }
    return REST_MILLISECONDS;
}

static void keep_ask(void *ctx, const csigd_hook_ask *ask)
{
    csigd_hook *h = ctx;

    if (h->n_asks < CSIGD_HOOK_LISTED) h->asks[h->n_asks++] = *ask;
}

static void run(void *ctx)
{
    csigd_hook *h = ctx;
    csigd_store *store = h->service->store;

    while (!csigd_event_is_set(h->service->stop, 0)) {
        uint32_t rest = REST_MILLISECONDS;

        h->n_asks = 0;
        if (store->hooks.asks(store, keep_ask, h) != CSIGD_STORED)
            h->hold = csigd_clock_ticks() + HOLD_MILLISECONDS;
        for (size_t i = 0; i < h->n_asks && h->hold <= csigd_clock_ticks(); i++) {
            const uint32_t its = go_on_with(h, &h->asks[i]);

            if (its < rest) rest = its;
        }
        csigd_http_run(h->http, h->hold > csigd_clock_ticks() ? HOLD_MILLISECONDS : rest);
    }
}

/* --- started and stopped --- */

/* What `openssl pkey -pubout` writes, PEM or DER. */
static bool key_is_found(csigd_key *key, char *text, size_t len)
{
    static const char first[] = "-----BEGIN PUBLIC KEY-----", last[] = "-----END PUBLIC KEY-----";
    uint8_t der[CSIGD_KEY_PUBLIC_MAX];
    const char *begin, *end;

    text[len] = '\0';
    begin = strstr(text, first);
    end = begin != NULL ? strstr(begin, last) : NULL;
    if (end == NULL) return csigd_key_read(key, (const uint8_t *)text, len) == CSIGD_AUTH_OK;
    begin += sizeof first - 1;
    return sodium_base642bin(der, sizeof der, begin, (size_t)(end - begin), "\r\n", &len, NULL,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
           csigd_key_read(key, der, len) == CSIGD_AUTH_OK;
}

static bool key_is_read(csigd_hook *h, const char *path)
{
    char text[1024], id[CSIGD_KEY_ID_BYTES];
    FILE *f = fopen(path, "rb");
    size_t len;

    if (f == NULL) return false;
    len = fread(text, 1, sizeof text - 1, f);
    (void)fclose(f);
    if (!key_is_found(&h->key, text, len)) return false;
    csigd_key_id(id, &h->key);
    return csigd_hex_is_read(h->key_id, sizeof h->key_id, id, strlen(id));
}

bool csigd_hook_is_started(csigd_service *service, const csigd_hook_plan *plan, char *why,
                           size_t why_len)
{
    csigd_hook *h = calloc(1, sizeof *h);

    snprintf(why, why_len, "out of memory or threads");
    if (h == NULL) return false;
    h->service = service;
    h->rules = (csigd_http_rules){.ca = plan->ca, .odd_allowed = plan->odd_allowed};
    h->seconds = plan->seconds;
    h->http = csigd_http_new(&h->rules);
    service->hook = h;
    if (h->http == NULL) return false;
    if (!csigd_webhook_url_is_fine(plan->url) || !csigd_url_is_read(&h->url, plan->url)) {
        snprintf(why, why_len, "the hook's URL is not https, nor http on this machine");
        return false;
    }
    if (!key_is_read(h, plan->key_file)) {
        snprintf(why, why_len, "%s is no public key of Ed25519 or P-256", plan->key_file);
        return false;
    }
    h->thread = csigd_thread_start(run, h);
    return h->thread != NULL;
}

void csigd_hook_stop(csigd_hook *h)
{
    if (h == NULL) return;
    if (h->http != NULL) csigd_http_wake(h->http);
    csigd_thread_join(h->thread);
    csigd_http_free(h->http);
    for (size_t i = 0; i < AT_ONCE; i++)
        csigd_asking_free(h->under_way[i]);
    free(h);
}

void csigd_hook_wake(csigd_hook *h)
{
    if (h != NULL) csigd_http_wake(h->http);
}
