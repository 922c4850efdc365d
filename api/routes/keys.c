/* POST /v1/tokens, POST, GET /v1/keys, DELETE /v1/keys/{keyid}: at the Unix socket alone. */
#include <string.h>

#include "clock.h"
#include "routes/routes.h"
#include "service/keys.h"
#include "service/meter.h"

#define ROLE_BYTES 16

/* --- roles --- */

typedef struct role_list {
    size_t n;
    char names[CSIGD_ROLE_COUNT][ROLE_BYTES];
} role_list;

static bool roles_are_read(uint32_t *roles, const role_list *list, uint32_t allowed)
{
    csigd_role role;

    *roles = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (!csigd_role_is_read(&role, list->names[i])) return false;
        if ((*roles & CSIGD_ROLE_BIT(role)) != 0 || (allowed & CSIGD_ROLE_BIT(role)) == 0)
            return false;
        *roles |= CSIGD_ROLE_BIT(role);
    }
    return true;
}

static csigd_json *roles_value(uint32_t roles)
{
    csigd_json *list = csigd_json_list();

    for (unsigned i = 0; i < CSIGD_ROLE_COUNT; i++) {
        if ((roles & CSIGD_ROLE_BIT(i)) != 0)
            csigd_json_append_text(list, csigd_role_name((csigd_role)i));
    }
    return list;
}

/* --- tokens --- */

typedef struct token_wish {
    role_list roles;
    uint32_t seconds;
    char label[CSIGD_LABEL_MAX + 1];
} token_wish;

static const csigd_json_field token_fields[] = {
    {"roles", CSIGD_JSON_TEXT_LIST, .optional = true, CSIGD_LIST(token_wish, roles.names, roles.n)},
    {"seconds", CSIGD_JSON_UINT, .optional = true, .at = offsetof(token_wish, seconds), .min = 1,
     .max = CSIGD_TOKEN_SECONDS_MAX},
    {"label", CSIGD_JSON_TEXT, .optional = true, CSIGD_AT(token_wish, label), .min = 1},
};

csigd_reply csigd_token_create(const csigd_call *call)
{
    token_wish wish = {.seconds = CSIGD_TOKEN_SECONDS};
    uint8_t token[CSIGD_TOKEN_BYTES];
    char when[CSIGD_RFC3339_BYTES];
    csigd_problem why;
    csigd_json *body;
    uint32_t roles = 0;
    int64_t expires;
    csigd_code code =
        csigd_json_parse(&wish, CSIGD_TABLE(token_fields), call->body, call->len, &why);

    if (code == CSIGD_OK && !roles_are_read(&roles, &wish.roles, CSIGD_TOKEN_ROLES))
        code = csigd_problem_field(&why, CSIGD_BAD_REQUEST, "roles");
    if (code == CSIGD_OK && wish.label[0] != '\0' && !csigd_label_is_fine(wish.label))
        code = csigd_problem_field(&why, CSIGD_BAD_REQUEST, "label");
    if (code == CSIGD_OK)
        code =
            csigd_token_make(call->service, roles, wish.label, wish.seconds, token, &expires, &why);
    if (code != CSIGD_OK) return csigd_reply_problem(&why);
    body = csigd_json_object();
    csigd_clock_format(when, expires);
    csigd_json_hex(body, "token", token, sizeof token);
    explicit_bzero(token, sizeof token);
    csigd_json_put(body, "roles", roles_value(roles | CSIGD_ROLE_BIT(CSIGD_ROLE_DEVICE)));
    csigd_json_text(body, "expires", when);
    return csigd_reply_value(201, body);
}

/* --- keys --- */

static csigd_json *wallets_value(const csigd_key_row *k)
{
    csigd_json *list = csigd_json_list();

    for (size_t i = 0; i < k->n_wallets; i++)
        csigd_json_append_hex(list, k->wallets[i], CSIGD_ID_BYTES);
    return list;
}

csigd_json *csigd_json_key(const csigd_key_row *k)
{
    csigd_json *body = csigd_json_object();
    char when[CSIGD_RFC3339_BYTES];

    csigd_json_hex(body, "keyid", k->id, sizeof k->id);
    csigd_json_text(body, "algorithm", csigd_key_algorithm_name(k->key.algorithm));
    csigd_json_text(body, "name", k->owner);
    csigd_json_put(body, "roles", roles_value(k->roles));
    if (k->has_device) {
        csigd_json_hex(body, "device", k->device, sizeof k->device);
    } else {
        csigd_json_bool(body, "all_wallets", k->all_wallets);
        csigd_json_put(body, "wallets", wallets_value(k));
    }
    if (k->label[0] != '\0') csigd_json_text(body, "label", k->label);
    if (k->per_minute != 0) csigd_json_uint(body, "per_minute", k->per_minute);
    csigd_clock_format(when, k->created);
    csigd_json_text(body, "created", when);
    if (k->revoked != 0) {
        csigd_clock_format(when, k->revoked);
        csigd_json_text(body, "revoked", when);
    }
    return body;
}

typedef struct key_wish {
    csigd_key_row row;
    char key[2 * CSIGD_KEY_PUBLIC_MAX + 1];
    role_list roles;
} key_wish;

static const csigd_json_field key_fields[] = {
    {"key", CSIGD_JSON_TEXT, CSIGD_AT(key_wish, key), .min = 2},
    {"name", CSIGD_JSON_TEXT, CSIGD_AT(key_wish, row.owner), .min = 1},
    {"roles", CSIGD_JSON_TEXT_LIST, CSIGD_LIST(key_wish, roles.names, roles.n), .min = 1},
    {"all_wallets", CSIGD_JSON_BOOL, .optional = true, CSIGD_AT(key_wish, row.all_wallets)},
    {"wallets", CSIGD_JSON_HEX_LIST, .optional = true,
     CSIGD_LIST(key_wish, row.wallets, row.n_wallets), .min = 1},
    {"label", CSIGD_JSON_TEXT, .optional = true, CSIGD_AT(key_wish, row.label), .min = 1},
    {"per_minute", CSIGD_JSON_UINT, .optional = true, .at = offsetof(key_wish, row.per_minute),
     .min = 1, .max = CSIGD_PER_MINUTE_MAX},
};

/* Nobody gets all wallets by leaving something out. */
static csigd_code read_key_wish(key_wish *w, csigd_problem *why)
{
    const uint32_t people = ~CSIGD_ROLE_BIT(CSIGD_ROLE_DEVICE);

    if (!roles_are_read(&w->row.roles, &w->roles, people))
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "roles");
    if (w->row.all_wallets + (w->row.n_wallets > 0) + (w->row.label[0] != '\0') != 1)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "wallets");
    if (w->row.label[0] != '\0' && !csigd_label_is_fine(w->row.label))
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "label");
    return CSIGD_OK;
}

csigd_reply csigd_key_create(const csigd_call *call)
{
    key_wish wish = {.key = ""};
    uint8_t der[CSIGD_KEY_PUBLIC_MAX];
    csigd_problem why;
    csigd_code code = csigd_json_parse(&wish, CSIGD_TABLE(key_fields), call->body, call->len, &why);
    const size_t len = strlen(wish.key) / 2;

    if (code == CSIGD_OK) code = read_key_wish(&wish, &why);
    if (code == CSIGD_OK && !csigd_hex_is_read(der, len, wish.key, strlen(wish.key)))
        code = csigd_problem_field(&why, CSIGD_BAD_KEY, "key");
    if (code == CSIGD_OK) code = csigd_key_add(call->service, &wish.row, der, len, &why);
    if (code != CSIGD_OK) return csigd_reply_problem(&why);
    return csigd_reply_value(201, csigd_json_key(&wish.row));
}

static void add_key(void *ctx, const csigd_key_row *key)
{
    csigd_json_append(ctx, csigd_json_key(key));
}

csigd_reply csigd_key_list(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    csigd_json *body = csigd_json_object(), *keys = csigd_json_list();
    const csigd_stored stored = store->key_list(store, add_key, keys);

    csigd_json_put(body, "keys", keys);
    if (stored == CSIGD_STORED) return csigd_reply_value(200, body);
    csigd_json_free(body);
    return csigd_reply_code(csigd_code_of_store(stored));
}

csigd_reply csigd_key_delete(const csigd_call *call)
{
    csigd_problem why;

    if (csigd_key_remove(call->service, call->id, &why) != CSIGD_OK)
        return csigd_reply_problem(&why);
    return (csigd_reply){.status = 204};
}
