#include "service/push.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "http/json.h"
#include "service/events.h"
#include "service/server_keys.h"
#include "service/webhooks.h"

#define JSON "application/json"

static bool body_is_made(csigd_push *d, const csigd_webhook *w, const csigd_event_row *e)
{
    csigd_json *value = csigd_event_value(e);
    size_t len;
    char *text;
    bool fits;

    csigd_json_hex(value, "webhook", w->id, sizeof w->id);
    text = csigd_json_print(value, &len);
    fits = text != NULL && len < sizeof d->body;
    if (fits) memcpy(d->body, text, len + 1);
    free(text);
    d->exchange.body = (const uint8_t *)d->body;
    d->exchange.len = len;
    return fits;
}

bool csigd_push_head_is_made(csigd_push_head *h, const csigd_service *s, const csigd_url *url,
                             csigd_http_exchange *x, const char *tag)
{
    const csigd_message m = {.method = "POST",
                             .scheme = url->scheme,
                             .authority = url->authority,
                             .target = url->target,
                             .fields = h->fields,
                             .n_fields = 2};
    uint8_t random[16];
    char nonce[2 * sizeof random + 1];
    csigd_refusal why;

    randombytes_buf(random, sizeof random);
    csigd_hex_write(nonce, random, sizeof random);
    csigd_digest_make(h->digest, x->body, x->len);
    h->fields[0] = (csigd_field){"Content-Type", JSON};
    h->fields[1] = (csigd_field){"Content-Digest", h->digest};
    h->fields[2] = (csigd_field){"Signature-Input", h->signature.input};
    h->fields[3] = (csigd_field){"Signature", h->signature.signature};
    x->fields = h->fields;
    x->n_fields = 4;
    return csigd_server_keys_push(s->server_keys, &h->signature, &m, tag, nonce, &why) ==
           CSIGD_AUTH_OK;
}

csigd_push *csigd_push_begin(const csigd_service *s, csigd_http *http, const csigd_webhook *w,
                             const csigd_event_row *e)
{
    csigd_push *d = calloc(1, sizeof *d);

    if (d == NULL) return NULL;
    memcpy(d->webhook, w->id, sizeof d->webhook);
    d->number = e->number;
    if (!csigd_trace_is_continued(&d->trace, e->trace)) csigd_trace_new(&d->trace);
    csigd_trace_parent(&d->trace, d->parent);
    d->exchange = (csigd_http_exchange){.url = &d->url,
                                        .seconds = CSIGD_WEBHOOK_SECONDS,
                                        .reply_max = CSIGD_WEBHOOK_REPLY_MAX,
                                        .ctx = d};
    if (csigd_url_is_read(&d->url, w->url) && body_is_made(d, w, e) &&
        csigd_push_head_is_made(&d->head, s, &d->url, &d->exchange, CSIGD_WEBHOOK_TAG)) {
        d->head.fields[d->exchange.n_fields++] = (csigd_field){"traceparent", d->parent};
        if (csigd_http_is_begun(http, &d->exchange)) return d;
    }
    free(d);
    return NULL;
}
