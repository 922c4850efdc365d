/* POST /v1/devices, POST /v1/devices/{d}/sessions */
#include "routes/routes.h"
#include "service/device.h"

static const csigd_json_field enrolment_fields[] = {
    {"identity", CSIGD_JSON_HEX, CSIGD_AT(csigd_enrolment, identity)},
    {"signature", CSIGD_JSON_HEX, CSIGD_AT(csigd_enrolment, signature)},
    {"name", CSIGD_JSON_TEXT, .optional = true, CSIGD_AT(csigd_enrolment, name)},
};

csigd_reply csigd_device_create(const csigd_call *call)
{
    csigd_enrolment enrolment = {.name = ""};
    csigd_device device;
    csigd_problem why;
    uint8_t signature[64];
    uint64_t generation = 0;
    bool fresh;
    csigd_json *body;
    csigd_code code =
        csigd_json_parse(&enrolment, CSIGD_TABLE(enrolment_fields), call->body, call->len, &why);

    if (code == CSIGD_OK)
        code = csigd_device_enrol(call->service, &enrolment, &device, signature, &fresh, &why);
    if (code == CSIGD_OK)
        code = csigd_device_generation(call->service, device.identity, &generation, &why);
    if (code != CSIGD_OK) return csigd_reply_problem(&why);
    body = csigd_json_object();
    csigd_json_hex(body, "device", device.identity, sizeof device.identity);
    csigd_json_text(body, "name", device.name);
    csigd_json_hex(body, "server_identity", call->service->identity_pub, CSIG_IDENTITY_BYTES);
    csigd_json_hex(body, "signature", signature, sizeof signature);
    csigd_json_uint(body, "generation", generation);
    return csigd_reply_value(fresh ? 201 : 200, body);
}

typedef struct aux_wish {
    uint8_t nonce[CSIG_NONCE_BYTES];
} aux_wish;

static const csigd_json_field aux_fields[] = {
    {"nonce", CSIGD_JSON_HEX, CSIGD_AT(aux_wish, nonce)},
};

csigd_reply csigd_device_session(const csigd_call *call)
{
    csigd_opened opened = {.n_nonces = 0};
    csigd_problem why;
    aux_wish wish;
    csigd_code code = csigd_json_parse(&wish, CSIGD_TABLE(aux_fields), call->body, call->len, &why);

    if (code == CSIGD_OK) code = csigd_open_aux(call->service, call->id, wish.nonce, &opened, &why);
    if (code != CSIGD_OK) return csigd_reply_problem(&why);
    return csigd_reply_value(201, csigd_json_opened(&opened));
}
