/* GET, POST /v1/server-keys: the keys that answers are signed with. */
#include "clock.h"
#include "routes/routes.h"
#include "service/server_keys.h"

static csigd_json *key_value(const csigd_server_key *key)
{
    csigd_json *body = csigd_json_object();
    char when[CSIGD_RFC3339_BYTES];

    csigd_json_uint(body, "generation", key->generation);
    csigd_json_hex(body, "key", key->der, key->len);
    csigd_json_hex(body, "key_signature", key->signature, sizeof key->signature);
    csigd_clock_format(when, key->since);
    csigd_json_text(body, "signs_from", when);
    return body;
}

static csigd_reply show(const csigd_service *s, unsigned status)
{
    csigd_server_key key[CSIGD_SERVER_KEYS_MAX];
    csigd_json *body, *keys;
    size_t n;

    if (csigd_server_keys_show(s, key, &n) != CSIG_OK) return csigd_reply_code(CSIGD_INTERNAL);
    body = csigd_json_object();
    keys = csigd_json_list();
    for (size_t i = 0; i < n; i++)
        csigd_json_append(keys, key_value(&key[i]));
    csigd_json_hex(body, "server_identity", s->identity_pub, CSIG_IDENTITY_BYTES);
    csigd_json_put(body, "keys", keys);
    return csigd_reply_value(status, body);
}

csigd_reply csigd_server_keys_list(const csigd_call *call)
{
    return show(call->service, 200);
}

typedef struct rotation_wish {
    uint32_t seconds;
} rotation_wish;

static const csigd_json_field rotation_fields[] = {
    {"seconds", CSIGD_JSON_UINT, .optional = true, .at = offsetof(rotation_wish, seconds),
     .max = CSIGD_OVERLAP_SECONDS_MAX},
};

csigd_reply csigd_server_key_create(const csigd_call *call)
{
    rotation_wish wish = {.seconds = CSIGD_OVERLAP_SECONDS};
    csigd_problem why;
    csigd_code code =
        csigd_json_parse(&wish, CSIGD_TABLE(rotation_fields), call->body, call->len, &why);

    if (code == CSIGD_OK) code = csigd_server_keys_rotate(call->service, wish.seconds, &why);
    return code == CSIGD_OK ? show(call->service, 201) : csigd_reply_problem(&why);
}
