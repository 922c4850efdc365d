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

static bool push_is_signed(csigd_push *d, const csigd_service *s)
{
    const csigd_message m = {.method = "POST",
                             .scheme = d->url.scheme,
                             .authority = d->url.authority,
                             .target = d->url.target,
                             .fields = d->fields,
                             .n_fields = 2};
    uint8_t random[16];
    char nonce[2 * sizeof random + 1];
    csigd_refusal why;

    randombytes_buf(random, sizeof random);
    csigd_hex_write(nonce, random, sizeof random);
    csigd_digest_make(d->digest, d->exchange.body, d->exchange.len);
    d->fields[0] = (csigd_field){"Content-Type", JSON};
    d->fields[1] = (csigd_field){"Content-Digest", d->digest};
    d->fields[2] = (csigd_field){"Signature-Input", d->signature.input};
    d->fields[3] = (csigd_field){"Signature", d->signature.signature};
    return csigd_server_keys_push(s->server_keys, &d->signature, &m, CSIGD_WEBHOOK_TAG, nonce,
                                  &why) == CSIGD_AUTH_OK;
}

csigd_push *csigd_push_begin(const csigd_service *s, csigd_http *http, const csigd_webhook *w,
                             const csigd_event_row *e)
{
    csigd_push *d = calloc(1, sizeof *d);

    if (d == NULL) return NULL;
    memcpy(d->webhook, w->id, sizeof d->webhook);
    d->number = e->number;
    d->exchange = (csigd_http_exchange){.url = &d->url,
                                        .fields = d->fields,
                                        .n_fields = 4,
                                        .seconds = CSIGD_WEBHOOK_SECONDS,
                                        .reply_max = CSIGD_WEBHOOK_REPLY_MAX,
                                        .ctx = d};
    if (csigd_url_is_read(&d->url, w->url) && body_is_made(d, w, e) && push_is_signed(d, s) &&
        csigd_http_is_begun(http, &d->exchange))
        return d;
    free(d);
    return NULL;
}
