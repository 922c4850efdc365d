/* POST, GET /v1/wallets/{w}/requests, GET /v1/requests/{r}, POST /v1/requests/{r}/cancel,
 * POST /v1/requests/{r}/sessions, GET /v1/devices/{d}/requests */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "routes/payloads.h"
#include "service/keys.h"

/* --- create --- */

static const csigd_json_field request_fields[] = {
    {"payload", CSIGD_JSON_VALUE, .at = offsetof(csigd_request_wish, payload)},
    {"path", CSIGD_JSON_TEXT, CSIGD_AT(csigd_request_wish, path), .min = 1},
    {"presigned", CSIGD_JSON_BOOL, .optional = true, CSIGD_AT(csigd_request_wish, presigned)},
    {"mode", CSIGD_JSON_TEXT, .optional = true, CSIGD_AT(csigd_request_wish, mode), .min = 1},
    {"expires_in", CSIGD_JSON_UINT, .optional = true,
     .at = offsetof(csigd_request_wish, expires_in), .min = 1, .max = CSIGD_EXPIRES_IN_MAX},
};

/* A device is itself whatever key it has; whoever else asks is his key. */
static csigd_code read_caller(const csigd_call *call, csigd_request_wish *wish, csigd_problem *why)
{
    csigd_idempotency *known = &wish->known_as;
    const csigd_key_row *key = call->caller != NULL ? &call->caller->key : NULL;

    if (call->known_as_wrong) return csigd_problem_field(why, CSIGD_BAD_REQUEST, "Idempotency-Key");
    if (key != NULL && call->known_as[0] == '\0')
        return csigd_problem_set(why, CSIGD_IDEMPOTENCY_KEY_MISSING);
    memcpy(known->name, call->known_as, sizeof known->name);
    csigd_request_fingerprint(known->hash, call->id, call->body, call->len);
    if (key == NULL) return CSIGD_OK;
    wish->has_creator = true;
    memcpy(wish->creator, key->id, sizeof wish->creator);
    known->credential_len = sizeof known->credential;
    memcpy(known->credential, key->has_device ? key->device : key->id, sizeof known->credential);
    return CSIGD_OK;
}

csigd_reply csigd_request_create(const csigd_call *call)
{
    csigd_request_wish wish = {.expires_in = CSIGD_EXPIRES_IN};
    csigd_request request;
    csigd_problem why;
    bool again = false;
    csigd_code code = read_caller(call, &wish, &why);

    if (code == CSIGD_OK)
        code = csigd_json_parse(&wish, CSIGD_TABLE(request_fields), call->body, call->len, &why);
    if (code == CSIGD_OK)
        code = csigd_request_make(call->service, call->id, &wish, &request, &again, &why);
    free(wish.payload.text);
    if (code != CSIGD_OK) return csigd_reply_problem(&why);
    return csigd_reply_request(call->service, again ? 200 : 201, &request);
}

csigd_reply csigd_request_show(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    csigd_request request;
    const csigd_stored stored = store->requests.get(store, call->id, 0, &request);

    if (stored != CSIGD_STORED) return csigd_reply_code(csigd_code_of_store(stored));
    return csigd_reply_request(call->service, 200, &request);
}

csigd_reply csigd_request_end(const csigd_call *call)
{
    csigd_problem why;

    if (csigd_request_cancel(call->service, call->id, &why) != CSIGD_OK)
        return csigd_reply_problem(&why);
    return csigd_request_show(call);
}

/* --- lists --- */

typedef struct listing {
    csigd_json *requests;
    size_t n;
    uint8_t last[CSIG_REQUEST_ID_BYTES];
} listing;

static void add_request(void *ctx, const csigd_request *request)
{
    listing *l = ctx;

    csigd_json_append(l->requests, csigd_json_request(request));
    memcpy(l->last, request->id, sizeof l->last);
    l->n++;
}

static csigd_reply listed(listing *l, const csigd_look *look, csigd_stored stored)
{
    csigd_json *body = csigd_json_object();

    csigd_json_put(body, "requests", l->requests);
    if (l->n == look->n) csigd_json_hex(body, "next", l->last, sizeof l->last);
    if (stored == CSIGD_STORED) return csigd_reply_value(200, body);
    csigd_json_free(body);
    return csigd_reply_code(csigd_code_of_store(stored));
}

static csigd_reply no_such_row(void)
{
    csigd_problem why;

    csigd_problem_field(&why, CSIGD_BAD_REQUEST, "after");
    return csigd_reply_problem(&why);
}

csigd_reply csigd_request_list(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    uint8_t after[CSIG_REQUEST_ID_BYTES];
    uint32_t before = call->before;
    csigd_request last;
    csigd_look look = {.device = NULL};
    listing l;

    if (!csigd_call_has_look(call, &look, after, sizeof after)) return no_such_row();
    if (look.after != NULL) {
        const csigd_stored stored = store->requests.get(store, after, 0, &last);

        if (stored == CSIGD_STORE_FAILED) return csigd_reply_code(csigd_code_of_store(stored));
        if (stored != CSIGD_STORED || memcmp(last.wallet, call->id, sizeof last.wallet) != 0)
            return no_such_row();
        before = last.number;
    }
    l = (listing){.requests = csigd_json_list()};
    return listed(&l, &look,
                  store->requests.list(store, call->id, before, look.n, add_request, &l));
}

csigd_reply csigd_request_wanted(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    uint8_t after[CSIG_REQUEST_ID_BYTES];
    csigd_look look = {.device = call->id};
    csigd_request last;
    csigd_reply reply;
    listing l;

    if (!csigd_call_has_look(call, &look, after, sizeof after)) return no_such_row();
    if (look.after != NULL && store->requests.get(store, after, 0, &last) == CSIGD_STORE_NONE)
        return no_such_row();
    l = (listing){.requests = csigd_json_list()};
    reply =
        listed(&l, &look, store->requests.wanted(store, &look, csigd_clock_now(), add_request, &l));
    reply.waits = true;
    reply.is_nothing = reply.status == 200 && l.n == 0;
    return reply;
}

/* --- signing --- */

static const csigd_json_field signing_fields[] = {
    {"signers", CSIGD_JSON_UINT_LIST, CSIGD_LIST(csigd_signing_wish, signers, n_signers), .min = 2},
    {"nonces", CSIGD_JSON_HEX_LIST, CSIGD_LIST(csigd_signing_wish, nonces, n_nonces), .min = 1},
    {"input", CSIGD_JSON_UINT, .optional = true, .at = offsetof(csigd_signing_wish, input),
     .max = CSIGD_INPUTS_MAX - 1},
    {"presignatures", CSIGD_JSON_HEX_LIST, .optional = true,
     CSIGD_LIST(csigd_signing_wish, presignatures, n_presignatures), .min = 1},
};

csigd_reply csigd_request_session(const csigd_call *call)
{
    csigd_opened opened = {.n_nonces = 0};
    csigd_problem why;
    csigd_signing_wish wish = {.n_presignatures = 0};
    csigd_code code =
        csigd_json_parse(&wish, CSIGD_TABLE(signing_fields), call->body, call->len, &why);

    if (code == CSIGD_OK) code = csigd_open_signing(call->service, call->id, &wish, &opened, &why);
    if (code != CSIGD_OK) return csigd_reply_problem(&why);
    return csigd_reply_value(201, csigd_json_opened(&opened));
}
