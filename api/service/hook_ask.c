#include "service/hook_ask.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "http/json.h"
#include "service/hook.h"
#include "service/payload.h"
#include "service/request.h"

/* --- the question --- */

static void put_payload(csigd_asking *a, csigd_json *body, const csig_payload *payload)
{
    char *text = csigd_payload_told(payload, csig_payload_text),
         *words = csigd_payload_told(payload, csig_payload_words);

    if (text != NULL) crypto_hash_sha256(a->question.payload, (const uint8_t *)text, strlen(text));
    csigd_payload_put(body, "payload", text);
    csigd_payload_put(body, "description", csigd_payload_told(payload, csig_payload_describe));
    if (words != NULL) csigd_json_text(body, "words", words);
    free(words);
}

static void put_question(csigd_asking *a, const csigd_request *r, const csig_payload *payload)
{
    csigd_json *body = csigd_json_object();
    size_t len;

    csigd_json_hex(body, "request", r->id, sizeof r->id);
    csigd_json_hex(body, "wallet", r->wallet, sizeof r->wallet);
    put_payload(a, body, payload);
    csigd_json_text(body, "rule", a->ask.rule);
    csigd_json_text(body, "path", r->path);
    if (r->has_creator) csigd_json_hex(body, "creator", r->creator, sizeof r->creator);
    csigd_json_hex(body, "nonce", a->question.nonce, sizeof a->question.nonce);
    csigd_json_uint(body, "attempt", a->ask.attempts + 1);
    a->body = csigd_json_print(body, &len);
    a->exchange.body = (const uint8_t *)a->body;
    a->exchange.len = len;
}

static bool body_is_made(csigd_asking *a, const csigd_service *service)
{
    csig_payload *payload = NULL;
    csig_account account;
    csigd_request r;
    csigd_problem why;

    if (service->store->requests.get(service->store, a->ask.request, 0, &r) != CSIGD_STORED ||
        csigd_account_find(service, r.wallet, &account, &why) != CSIGD_OK ||
        csigd_request_payload(service, &r, &account, &payload, &why) != CSIGD_OK)
        return false;
    put_question(a, &r, payload);
    csig_payload_free(payload);
    return a->body != NULL;
}

/* --- sent --- */

csigd_asking *csigd_asking_begin(const csigd_service *service, csigd_http *http,
                                 const csigd_url *url, const csigd_hook_ask *ask)
{
    csigd_asking *a = calloc(1, sizeof *a);

    if (a == NULL) return NULL;
    a->ask = *ask;
    memcpy(a->question.request, ask->request, sizeof a->question.request);
    randombytes_buf(a->question.nonce, sizeof a->question.nonce);
    if (!csigd_trace_is_continued(&a->trace, ask->trace)) csigd_trace_new(&a->trace);
    csigd_trace_parent(&a->trace, a->parent);
    a->exchange = (csigd_http_exchange){
        .url = url, .seconds = CSIGD_HOOK_ANSWER, .reply_max = CSIGD_HOOK_REPLY_MAX, .ctx = a};
    if (body_is_made(a, service) &&
        csigd_push_head_is_made(&a->head, service, url, &a->exchange, CSIGD_HOOK_TAG)) {
        a->head.fields[a->exchange.n_fields++] = (csigd_field){"traceparent", a->parent};
        if (csigd_http_is_begun(http, &a->exchange)) return a;
    }
    csigd_asking_free(a);
    return NULL;
}

void csigd_asking_free(csigd_asking *a)
{
    if (a == NULL) return;
    free(a->body);
    free(a);
}
