/* POST /v1/wallets/{w}/requests, GET /v1/requests/{r}, POST /v1/requests/{r}/sessions */
#include <string.h>

#include "clock.h"
#include "routes/routes.h"
#include "service/request.h"

/* --- how a request looks --- */

static const char *state_name(csigd_request_state state)
{
    switch (state) {
    case CSIGD_APPROVED:
        return "approved";
    case CSIGD_SIGNING:
        return "signing";
    case CSIGD_SIGNED:
        return "signed";
    case CSIGD_REQUEST_FAILED:
        return "failed";
    }
    return "";
}

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

static csigd_json *request_value(const csigd_request *r)
{
    csigd_json *body = csigd_json_object(), *payload = csigd_json_object();
    char when[CSIGD_RFC3339_BYTES];

    csigd_json_text(payload, "type", csigd_payload_name(r->type));
    csigd_json_hex(payload, "digest", r->digest, sizeof r->digest);
    csigd_json_hex(body, "request", r->id, sizeof r->id);
    csigd_json_hex(body, "wallet", r->wallet, sizeof r->wallet);
    csigd_json_text(body, "state", state_name(r->state));
    csigd_json_put(body, "payload", payload);
    csigd_json_text(body, "path", r->path);
    csigd_json_hex(body, "digest", r->digest, sizeof r->digest);
    csigd_json_text(body, "mode", r->mode == CSIGD_MODE_SERVER ? "server" : "phone");
    csigd_json_bool(body, "presigned", r->presigned);
    csigd_clock_format(when, r->created);
    csigd_json_text(body, "created", when);
    if (r->released != 0) {
        csigd_clock_format(when, r->released);
        csigd_json_text(body, "released", when);
    }
    if (r->state == CSIGD_SIGNED) csigd_json_put(body, "signature", signature_value(&r->signature));
    return body;
}

/* --- create --- */

/* The payload's members lie in the same struct. */
static const csigd_json_field payload_fields[] = {
    {"type", CSIGD_JSON_TEXT, CSIGD_AT(csigd_request_wish, type), .min = 1},
    {"digest", CSIGD_JSON_HEX, CSIGD_AT(csigd_request_wish, digest)},
};

static const csigd_json_field request_fields[] = {
    {"payload", CSIGD_JSON_NESTED, .fields = payload_fields, .n_fields = 2},
    {"path", CSIGD_JSON_TEXT, CSIGD_AT(csigd_request_wish, path), .min = 1},
    {"presigned", CSIGD_JSON_BOOL, .optional = true, CSIGD_AT(csigd_request_wish, presigned)},
    {"mode", CSIGD_JSON_TEXT, .optional = true, CSIGD_AT(csigd_request_wish, mode), .min = 1},
};

csigd_reply csigd_request_create(const csigd_call *call)
{
    csigd_request_wish wish = {.presigned = false};
    csigd_request request;
    csigd_problem why;
    csigd_code code =
        csigd_json_parse(&wish, CSIGD_TABLE(request_fields), call->body, call->len, &why);

    if (code == CSIGD_OK) code = csigd_request_make(call->service, call->id, &wish, &request, &why);
    if (code != CSIGD_OK) return csigd_reply_problem(&why);
    return csigd_reply_value(201, request_value(&request));
}

csigd_reply csigd_request_show(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    csigd_request request;
    const csigd_stored stored = store->request_get(store, call->id, &request);

    if (stored != CSIGD_STORED) return csigd_reply_code(csigd_code_of_store(stored));
    return csigd_reply_value(200, request_value(&request));
}

/* --- signing --- */

static const csigd_json_field signing_fields[] = {
    {"signers", CSIGD_JSON_UINT_LIST, CSIGD_LIST(csigd_signing_wish, signers, n_signers), .min = 2},
    {"nonces", CSIGD_JSON_HEX_LIST, CSIGD_LIST(csigd_signing_wish, nonces, n_nonces), .min = 1},
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
