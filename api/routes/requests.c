/* POST, GET /v1/wallets/{w}/requests, GET /v1/requests/{r}, POST /v1/requests/{r}/cancel,
 * POST /v1/requests/{r}/sessions, GET /v1/devices/{d}/requests */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "routes/routes.h"
#include "service/keys.h"
#include "service/request.h"

/* --- how a request looks --- */

static csigd_json *signature_value(const csig_signature *sig)
{
    csigd_json *body = csigd_json_object();
    uint8_t der[72], compact[64];
    size_t der_len = sizeof der;

    /* Without its DER form the whole reply fails. */
    if (csig_signature_der(sig, der, &der_len) != CSIG_OK) {
        csigd_json_free(body);
        return NULL;
    }
    memcpy(compact, sig->r, 32);
    memcpy(compact + 32, sig->s, 32);
    csigd_json_hex(body, "r", sig->r, sizeof sig->r);
    csigd_json_hex(body, "s", sig->s, sizeof sig->s);
    csigd_json_uint(body, "recid", sig->recovery_id);
    csigd_json_uint(body, "v", 27U + sig->recovery_id);
    csigd_json_hex(body, "der", der, der_len);
    csigd_json_hex(body, "compact", compact, sizeof compact);
    csigd_json_hex(body, "public_key", sig->public_key, sizeof sig->public_key);
    return body;
}

static void put_time(csigd_json *to, const char *name, int64_t when)
{
    char text[CSIGD_RFC3339_BYTES];

    csigd_clock_format(text, when);
    csigd_json_text(to, name, text);
}

static csigd_json *input_value(const csigd_input *i)
{
    csigd_json *body = csigd_json_object();

    csigd_json_uint(body, "input", i->n);
    csigd_json_hex(body, "digest", i->digest, sizeof i->digest);
    csigd_json_text(body, "path", i->path);
    if (i->released != 0) put_time(body, "released", i->released);
    if (i->is_signed) csigd_json_put(body, "signature", signature_value(&i->signature));
    return body;
}

/* As it stands in lists. */
static csigd_json *request_value(const csigd_request *r)
{
    csigd_json *body = csigd_json_object();

    csigd_json_hex(body, "request", r->id, sizeof r->id);
    csigd_json_hex(body, "wallet", r->wallet, sizeof r->wallet);
    csigd_json_uint(body, "number", r->number);
    csigd_json_text(body, "state", csigd_request_state_name(r->state));
    csigd_json_text(body, "type", csigd_payload_name(r->type));
    csigd_json_text(body, "path", r->path);
    csigd_json_text(body, "mode", r->mode == CSIGD_MODE_SERVER ? "server" : "phone");
    csigd_json_bool(body, "presigned", r->presigned);
    put_time(body, "created", r->created);
    put_time(body, "expires", r->expires);
    if (r->has_creator) csigd_json_hex(body, "creator", r->creator, sizeof r->creator);
    csigd_json_uint(body, "to_sign", r->n_inputs - r->n_signed);
    return body;
}

/* What one signature is about stands with the request itself, too. */
static void put_single(csigd_json *body, const csigd_input *i)
{
    csigd_json_hex(body, "digest", i->digest, sizeof i->digest);
    if (i->released != 0) put_time(body, "released", i->released);
    if (i->is_signed) csigd_json_put(body, "signature", signature_value(&i->signature));
}

static csigd_stored put_inputs(csigd_json *body, csigd_store *store, const csigd_request *r)
{
    csigd_json *list = csigd_json_list();
    csigd_stored stored = CSIGD_STORED;

    for (uint32_t n = 0; n < r->n_inputs && stored == CSIGD_STORED; n++) {
        csigd_request one;

        stored = store->requests.get(store, r->id, n, &one);
        if (stored == CSIGD_STORED) csigd_json_append(list, input_value(&one.input));
    }
    csigd_json_put(body, "inputs", list);
    return stored;
}

/* All there is to say. */
static csigd_reply whole(const csigd_service *service, unsigned status, const csigd_request *r)
{
    csigd_store *store = service->store;
    csigd_json *body = request_value(r);
    csigd_blob text;
    csigd_stored stored = store->requests.payload(store, r->id, &text);

    if (stored == CSIGD_STORED) {
        csigd_json_raw_put(body, "payload", (const char *)text.p, text.len);
        csigd_blob_free(&text);
        stored = put_inputs(body, store, r);
    }
    if (stored != CSIGD_STORED) {
        csigd_json_free(body);
        return csigd_reply_code(csigd_code_of_store(stored));
    }
    if (r->n_inputs == 1) put_single(body, &r->input);
    return csigd_reply_value(status, body);
}

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
    return whole(call->service, again ? 200 : 201, &request);
}

csigd_reply csigd_request_show(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    csigd_request request;
    const csigd_stored stored = store->requests.get(store, call->id, 0, &request);

    if (stored != CSIGD_STORED) return csigd_reply_code(csigd_code_of_store(stored));
    return whole(call->service, 200, &request);
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
} listing;

static void add_request(void *ctx, const csigd_request *request)
{
    listing *l = ctx;

    csigd_json_append(l->requests, request_value(request));
    l->n++;
}

static csigd_reply listed(listing *l, csigd_stored stored)
{
    csigd_json *body = csigd_json_object();

    csigd_json_put(body, "requests", l->requests);
    if (stored == CSIGD_STORED) return csigd_reply_value(200, body);
    csigd_json_free(body);
    return csigd_reply_code(csigd_code_of_store(stored));
}

csigd_reply csigd_request_list(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    listing l = {.requests = csigd_json_list()};

    return listed(&l, store->requests.list(store, call->id, call->before, add_request, &l));
}

csigd_reply csigd_request_wanted(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    listing l = {.requests = csigd_json_list()};
    csigd_reply reply =
        listed(&l, store->requests.wanted(store, call->id, csigd_clock_now(), add_request, &l));

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
