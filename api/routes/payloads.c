/* POST /v1/wallets/{w}/describe, and how requests and payloads look. */
#include "routes/payloads.h"

#include <stdlib.h>
#include <string.h>

#include "service/payload.h"

/* --- requests --- */

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

static csigd_json *input_value(const csigd_input *i)
{
    csigd_json *body = csigd_json_object();

    csigd_json_uint(body, "input", i->n);
    csigd_json_hex(body, "digest", i->digest, sizeof i->digest);
    csigd_json_text(body, "path", i->path);
    if (i->released != 0) csigd_json_time(body, "released", i->released);
    if (i->is_signed) csigd_json_put(body, "signature", signature_value(&i->signature));
    return body;
}

csigd_json *csigd_json_request(const csigd_request *r)
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
    csigd_json_time(body, "created", r->created);
    csigd_json_time(body, "expires", r->expires);
    if (r->has_creator) csigd_json_hex(body, "creator", r->creator, sizeof r->creator);
    csigd_json_uint(body, "to_sign", r->n_inputs - r->n_signed);
    return body;
}

/* What one signature is about stands with the request itself, too. */
static void put_single(csigd_json *body, const csigd_input *i)
{
    csigd_json_hex(body, "digest", i->digest, sizeof i->digest);
    if (i->released != 0) csigd_json_time(body, "released", i->released);
    if (i->is_signed) csigd_json_put(body, "signature", signature_value(&i->signature));
}

/* --- verdicts --- */

/* Which rule decided, and what people have said. One from before there were policies has none. */
static csigd_code put_verdict(csigd_json *body, csigd_store *store, const csigd_request *r,
                              csigd_problem *why)
{
    csigd_verdict v;
    csigd_stored stored = store->policies.verdict(store, r->id, &v);

    if (stored == CSIGD_STORE_NONE) return CSIGD_OK;
    if (stored == CSIGD_STORED) {
        csigd_json_text(body, "rule", v.rule);
        csigd_json_text(body, "because", v.because);
        if (v.until != 0) csigd_json_time(body, "approve_until", v.until);
        stored = csigd_approvals_put(body, store, r->id);
    }
    return csigd_problem_set(why, csigd_code_of_store(stored));
}

/* --- payloads --- */

static void put_payload(csigd_json *body, const csig_payload *payload)
{
    char *words = csigd_payload_told(payload, csig_payload_words);

    csigd_payload_put(body, "payload", csigd_payload_told(payload, csig_payload_text));
    csigd_payload_put(body, "description", csigd_payload_told(payload, csig_payload_describe));
    csigd_json_text(body, "words", words);
    free(words);
}

static void put_result(csigd_json *body, const csig_payload *payload, const csig_signature *sigs,
                       size_t n)
{
    size_t len = 0;
    char *text =
        csig_payload_finish(payload, sigs, n, NULL, &len) == CSIG_E_BUFFER ? malloc(len) : NULL;

    if (text != NULL && csig_payload_finish(payload, sigs, n, text, &len) != CSIG_OK)
        text[0] = '\0';
    csigd_payload_put(body, "result", text);
}

static csigd_code put_inputs(csigd_json *body, csigd_store *store, const csigd_request *r,
                             const csig_payload *payload, csigd_problem *why)
{
    csig_signature sigs[CSIGD_INPUTS_MAX];
    csigd_json *list = csigd_json_list();
    csigd_stored stored = CSIGD_STORED;

    for (uint32_t n = 0; n < r->n_inputs && stored == CSIGD_STORED; n++) {
        csigd_request one;

        stored = store->requests.get(store, r->id, n, &one);
        if (stored != CSIGD_STORED) break;
        sigs[n] = one.input.signature;
        csigd_json_append(list, input_value(&one.input));
    }
    csigd_json_put(body, "inputs", list);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    if (r->state == CSIGD_SIGNED) put_result(body, payload, sigs, r->n_inputs);
    return CSIGD_OK;
}

csigd_reply csigd_reply_request(const csigd_service *service, unsigned status,
                                const csigd_request *r)
{
    csigd_json *body = csigd_json_request(r);
    csig_payload *payload = NULL;
    csig_account account;
    csigd_problem why;
    csigd_code code = csigd_account_find(service, r->wallet, &account, &why);

    if (code == CSIGD_OK) code = csigd_request_payload(service, r, &account, &payload, &why);
    if (code == CSIGD_OK) {
        put_payload(body, payload);
        code = put_inputs(body, service->store, r, payload, &why);
    }
    if (code == CSIGD_OK) code = put_verdict(body, service->store, r, &why);
    if (code == CSIGD_OK)
        code = csigd_problem_set(
            &why, csigd_code_of_store(csigd_declines_put(body, service->store, r->id)));
    if (r->n_inputs == 1) put_single(body, &r->input);
    csig_payload_free(payload);
    if (code == CSIGD_OK) return csigd_reply_value(status, body);
    csigd_json_free(body);
    return csigd_reply_problem(&why);
}

/* --- describe --- */

typedef struct describe_wish {
    csigd_json_raw payload;
    char path[CSIGD_PATH_BYTES];
} describe_wish;

static const csigd_json_field describe_fields[] = {
    {"payload", CSIGD_JSON_VALUE, .at = offsetof(describe_wish, payload)},
    {"path", CSIGD_JSON_TEXT, CSIGD_AT(describe_wish, path), .min = 1},
};

static csigd_reply described(const csig_payload *payload)
{
    csigd_json *body = csigd_json_object(), *list = csigd_json_list();
    csigd_input inputs[CSIGD_INPUTS_MAX];
    csigd_problem why;
    const csigd_code code = csigd_payload_inputs(payload, inputs, &why);

    for (size_t i = 0; code == CSIGD_OK && i < csig_payload_inputs(payload); i++)
        csigd_json_append(list, input_value(&inputs[i]));
    csigd_json_text(body, "type", csig_payload_type(payload));
    csigd_json_put(body, "inputs", list);
    put_payload(body, payload);
    if (code == CSIGD_OK) return csigd_reply_value(200, body);
    csigd_json_free(body);
    return csigd_reply_problem(&why);
}

csigd_reply csigd_payload_describe(const csigd_call *call)
{
    describe_wish wish = {.path = ""};
    csig_payload *payload = NULL;
    csig_account account;
    csigd_problem why;
    csigd_reply reply;
    csigd_code code =
        csigd_json_parse(&wish, CSIGD_TABLE(describe_fields), call->body, call->len, &why);

    if (code == CSIGD_OK)
        code = csigd_payload_read(&payload, wish.payload.text, wish.payload.len, &why);
    if (code == CSIGD_OK) code = csigd_account_find(call->service, call->id, &account, &why);
    if (code == CSIGD_OK) code = csigd_payload_bind(payload, &account, wish.path, &why);
    reply = code == CSIGD_OK ? described(payload) : csigd_reply_problem(&why);
    csig_payload_free(payload);
    free(wish.payload.text);
    return reply;
}
