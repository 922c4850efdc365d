/* POST /v1/devices, POST /v1/devices/{d}/sessions, POST /v1/devices/{d}/keys */
#include <string.h>

#include "routes/routes.h"
#include "service/device.h"
#include "service/keys.h"
#include "service/primes.h"
#include "service/server_keys.h"

/* Identity and name, and the key that requests of this device are signed with. */
typedef struct enrolment {
    csigd_enrolment device;
    char key[2 * CSIGD_KEY_PUBLIC_MAX + 1];
    uint8_t key_signature[64];
    char token[2 * CSIGD_TOKEN_BYTES + 1];
} enrolment;

static const csigd_json_field enrolment_fields[] = {
    {"identity", CSIGD_JSON_HEX, CSIGD_AT(enrolment, device.identity)},
    {"signature", CSIGD_JSON_HEX, CSIGD_AT(enrolment, device.signature)},
    {"name", CSIGD_JSON_TEXT, .optional = true, CSIGD_AT(enrolment, device.name)},
    {"key", CSIGD_JSON_TEXT, .optional = true, CSIGD_AT(enrolment, key), .min = 2},
    {"key_signature", CSIGD_JSON_HEX, .optional = true, CSIGD_AT(enrolment, key_signature)},
    {"token", CSIGD_JSON_TEXT, .optional = true, CSIGD_AT(enrolment, token), .min = 1},
};

bool csigd_device_key_is_read(const csigd_call *call, csigd_key *key)
{
    enrolment e = {.key = ""};
    uint8_t der[CSIGD_KEY_PUBLIC_MAX];
    csigd_problem why;
    const size_t len =
        csigd_json_parse(&e, CSIGD_TABLE(enrolment_fields), call->body, call->len, &why) == CSIGD_OK
            ? strlen(e.key) / 2
            : 0;

    explicit_bzero(e.token, sizeof e.token);
    return len > 0 && csigd_hex_is_read(der, len, e.key, strlen(e.key)) &&
           csigd_key_read(key, der, len) == CSIGD_AUTH_OK;
}

static csigd_code read_wish(csigd_key_wish *wish, const enrolment *e, csigd_problem *why)
{
    *wish = (csigd_key_wish){.len = strlen(e->key) / 2, .has_token = e->token[0] != '\0'};
    memcpy(wish->signature, e->key_signature, sizeof wish->signature);
    if (!csigd_hex_is_read(wish->der, wish->len, e->key, strlen(e->key)))
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "key");
    if (wish->has_token &&
        !csigd_hex_is_read(wish->token, sizeof wish->token, e->token, strlen(e->token)))
        return csigd_problem_field(why, CSIGD_FORBIDDEN, "token");
    return CSIGD_OK;
}

/* The key must be the one that signed: nobody brings another's. */
static csigd_code check_caller(const csigd_call *call, const enrolment *e, const csigd_key_wish *w,
                               csigd_problem *why)
{
    const csigd_caller *caller = call->caller;
    csigd_key key;

    if (caller == NULL || caller->is_stranger) return CSIGD_OK;
    if (caller->key.has_device &&
        memcmp(caller->key.device, e->device.identity, CSIG_IDENTITY_BYTES) == 0 &&
        csigd_key_read(&key, w->der, w->len) == CSIGD_AUTH_OK &&
        memcmp(&key.octets, caller->key.key.octets, sizeof key.octets) == 0)
        return CSIGD_OK;
    return csigd_problem_field(why, CSIGD_FORBIDDEN, "key");
}

static csigd_code enrol_key(const csigd_call *call, const enrolment *e, csigd_problem *why)
{
    csigd_key_wish wish;
    csigd_device device;
    csigd_code code = read_wish(&wish, e, why);

    if (code == CSIGD_OK) code = check_caller(call, e, &wish, why);
    if (code == CSIGD_OK) code = csigd_device_check(call->service, &e->device, &device, why);
    if (code == CSIGD_OK)
        code = csigd_key_enrol(call->service, &device, &wish, call->caller == NULL, why);
    explicit_bzero(wish.token, sizeof wish.token);
    return code;
}

/* `fresh` is told by who was there before: with its key a device is made in one write. */
static csigd_code enrol(const csigd_call *call, const enrolment *e, csigd_device *device,
                        uint8_t signature[64], bool *fresh, csigd_problem *why)
{
    csigd_store *store = call->service->store;
    const bool was_there = store->device_get(store, e->device.identity, device) == CSIGD_STORED;
    csigd_code code = CSIGD_OK;

    if (e->key[0] != '\0')
        code = enrol_key(call, e, why);
    else if (call->caller != NULL || e->token[0] != '\0')
        code = csigd_problem_field(why, CSIGD_BAD_REQUEST, "key");
    if (code == CSIGD_OK)
        code = csigd_device_enrol(call->service, &e->device, device, signature, fresh, why);
    *fresh = !was_there;
    return code;
}

static csigd_reply tell(const csigd_call *call, const csigd_device *device,
                        const uint8_t signature[64], uint64_t generation, bool fresh)
{
    csigd_json *body = csigd_json_object();
    csigd_server_key key[CSIGD_SERVER_KEYS_MAX];
    size_t n;

    if (csigd_server_keys_show(call->service, key, &n) != CSIG_OK) {
        csigd_json_free(body);
        return csigd_reply_code(CSIGD_INTERNAL);
    }
    csigd_json_hex(body, "device", device->identity, sizeof device->identity);
    csigd_json_text(body, "name", device->name);
    csigd_json_hex(body, "server_identity", call->service->identity_pub, CSIG_IDENTITY_BYTES);
    csigd_json_hex(body, "signature", signature, 64);
    csigd_json_uint(body, "generation", generation);
    csigd_json_uint(body, "server_generation", csigd_primes_generation(call->service->primes));
    csigd_json_hex(body, "server_key", key[0].der, key[0].len);
    csigd_json_hex(body, "server_key_signature", key[0].signature, sizeof key[0].signature);
    csigd_json_uint(body, "server_key_generation", key[0].generation);
    return csigd_reply_value(fresh ? 201 : 200, body);
}

csigd_reply csigd_device_create(const csigd_call *call)
{
    enrolment e = {.key = ""};
    csigd_device device;
    csigd_problem why;
    uint8_t signature[64];
    uint64_t generation = 0;
    bool fresh;
    csigd_code code =
        csigd_json_parse(&e, CSIGD_TABLE(enrolment_fields), call->body, call->len, &why);

    if (code == CSIGD_OK) code = enrol(call, &e, &device, signature, &fresh, &why);
    explicit_bzero(e.token, sizeof e.token);
    if (code == CSIGD_OK)
        code = csigd_device_generation(call->service, device.identity, &generation, &why);
    if (code != CSIGD_OK) return csigd_reply_problem(&why);
    return tell(call, &device, signature, generation, fresh);
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

/* --- another key for HTTP --- */

typedef struct rekey {
    char key[2 * CSIGD_KEY_PUBLIC_MAX + 1];
    uint8_t key_signature[64];
} rekey;

static const csigd_json_field rekey_fields[] = {
    {"key", CSIGD_JSON_TEXT, CSIGD_AT(rekey, key), .min = 2},
    {"key_signature", CSIGD_JSON_HEX, CSIGD_AT(rekey, key_signature)},
};

/* The key that has signed this goes; the operator's word replaces all of the device. */
csigd_reply csigd_device_rekey(const csigd_call *call)
{
    const uint8_t *old = call->caller != NULL ? call->caller->key.id : NULL;
    csigd_key_wish wish = {.len = 0};
    csigd_key_row key;
    csigd_problem why;
    rekey r;
    csigd_code code = csigd_json_parse(&r, CSIGD_TABLE(rekey_fields), call->body, call->len, &why);

    if (code == CSIGD_OK) {
        wish.len = strlen(r.key) / 2;
        memcpy(wish.signature, r.key_signature, sizeof wish.signature);
        if (!csigd_hex_is_read(wish.der, wish.len, r.key, strlen(r.key)))
            code = csigd_problem_field(&why, CSIGD_BAD_KEY, "key");
    }
    if (code == CSIGD_OK) code = csigd_key_change(call->service, call->id, &wish, old, &key, &why);
    if (code != CSIGD_OK) return csigd_reply_problem(&why);
    return csigd_reply_value(200, csigd_json_key(&key));
}
