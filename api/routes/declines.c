/* PUT /v1/requests/{r}/declines/{d} */
#include <string.h>

#include "clock.h"
#include "routes/payloads.h"
#include "service/declines.h"
#include "service/keys.h"

static const csigd_json_field decline_fields[] = {
    {"rule", CSIGD_JSON_TEXT, .optional = true, CSIGD_AT(csigd_decline, rule), .min = 1},
    {"because", CSIGD_JSON_TEXT, .optional = true, CSIGD_AT(csigd_decline, because), .min = 1},
    {"signature", CSIGD_JSON_HEX, CSIGD_AT(csigd_decline, signature)},
};

/* Over TCP every device speaks for itself. */
static csigd_code check_caller(const csigd_call *call, csigd_problem *why)
{
    const csigd_key_row *key = call->caller != NULL ? &call->caller->key : NULL;

    if (key == NULL) return CSIGD_OK;
    if (key->has_device && memcmp(key->device, call->member, sizeof key->device) == 0)
        return CSIGD_OK;
    return csigd_problem_field(why, CSIGD_FORBIDDEN, "device");
}

csigd_reply csigd_request_refuse(const csigd_call *call)
{
    csigd_decline decline = {.rule = ""};
    csigd_problem why;
    csigd_code code =
        csigd_json_parse(&decline, CSIGD_TABLE(decline_fields), call->body, call->len, &why);

    if (code == CSIGD_OK) code = check_caller(call, &why);
    memcpy(decline.device, call->member, sizeof decline.device);
    if (code == CSIGD_OK) code = csigd_request_decline(call->service, call->id, &decline, &why);
    return code == CSIGD_OK ? csigd_request_show(call) : csigd_reply_problem(&why);
}

static void add_decline(void *ctx, const csigd_decline *d)
{
    csigd_json *body = csigd_json_object();

    csigd_json_hex(body, "device", d->device, sizeof d->device);
    if (d->rule[0] != '\0') csigd_json_text(body, "rule", d->rule);
    if (d->because[0] != '\0') csigd_json_text(body, "because", d->because);
    csigd_json_hex(body, "signature", d->signature, sizeof d->signature);
    csigd_json_time(body, "said", d->said);
    csigd_json_append(ctx, body);
}

csigd_stored csigd_declines_put(csigd_json *to, csigd_store *s, const uint8_t *request)
{
    csigd_json *list = csigd_json_list();
    const csigd_stored stored = s->requests.declined(s, request, add_decline, list);

    csigd_json_put(to, "declines", list);
    return stored;
}
