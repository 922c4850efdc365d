/* The operator's: key add, list, revoke; token new. Over the server's Unix socket, without a state
 * folder and a passphrase. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/tell.h"

static cli_exit need_socket(cli *c)
{
    if (c->server != NULL) return CLI_OK;
    return cli_fail(c, CLI_USAGE, "name the server's Unix socket: --server PATH");
}

static void put_list(json *body, const char *name, const char *const *list, size_t n)
{
    json *array = json_array_new();

    for (size_t i = 0; i < n; i++)
        json_push_text(array, list[i]);
    json_put(body, name, array);
}

/* --- token new --- */

cli_exit cmd_token_new(cli *c)
{
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;
    AUTO_JSON j = json_new();
    const char *token, *expires;

    CLI_TRY(need_socket(c));
    if (c->roles > 0) put_list(body, "roles", c->role, c->roles);
    if (c->label != NULL) json_put_text(body, "label", c->label);
    if (c->seconds > 0) json_put_number(body, "seconds", c->seconds);
    CLI_TRY(client_json(c, "POST", "/v1/tokens", body, &answer));
    token = json_text(answer, "token");
    expires = json_text(answer, "expires");
    if (token == NULL || expires == NULL) return json_lacks(c, "token");
    json_put_text(j, "token", token);
    json_put_text(j, "expires", expires);
    return cli_tell(c, j, "%s\n  good for one enrolment until %s\n", token, expires);
}

/* --- keys --- */

/* What `openssl pkey -pubout` writes, PEM or DER. */
static cli_exit read_public(cli *c, const char *path, uint8_t der[CSIGD_KEY_PUBLIC_MAX],
                            size_t *len)
{
    static const char first[] = "-----BEGIN PUBLIC KEY-----", last[] = "-----END PUBLIC KEY-----";
    AUTO_BLOB b = {0};
    const char *begin, *end;
    char text[1024];
    csigd_key key;

    CLI_TRY(file_read(c, path, &b));
    if (b.len >= sizeof text) return cli_fail(c, CLI_INPUT, "%s is no public key", path);
    memcpy(text, b.p, b.len);
    text[b.len] = '\0';
    begin = strstr(text, first);
    end = begin != NULL ? strstr(begin, last) : NULL;
    *len = b.len;
    if (end != NULL) {
        begin += sizeof first - 1;
        if (sodium_base642bin(der, CSIGD_KEY_PUBLIC_MAX, begin, (size_t)(end - begin), "\r\n", len,
                              NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
            *len = 0;
    } else if (b.len <= CSIGD_KEY_PUBLIC_MAX) {
        memcpy(der, b.p, b.len);
    }
    if (*len <= CSIGD_KEY_PUBLIC_MAX && csigd_key_read(&key, der, *len) == CSIGD_AUTH_OK)
        return CLI_OK;
    return cli_fail(c, CLI_INPUT,
                    "%s is no public key of Ed25519 or P-256 as openssl pkey -pubout writes it",
                    path);
}

/* What is a list in the reply, as words. */
static void words_of(const json *list, char *out, size_t room)
{
    out[0] = '\0';
    for (size_t i = 0; i < json_count(list); i++) {
        const char *word = json_text_at(list, i);
        const size_t at = strlen(out);

        (void)snprintf(out + at, room - at, "%s%s", i > 0 ? "," : "", word != NULL ? word : "?");
    }
}

static cli_exit tell_key(cli *c, const json *key)
{
    AUTO_JSON j = json_new();
    const char *id = json_text(key, "keyid"), *name = json_text(key, "name");
    const char *device = json_text(key, "device"), *revoked = json_text(key, "revoked");
    char roles[128];

    if (id == NULL || name == NULL) return json_lacks(c, "keyid");
    words_of(json_member(key, "roles"), roles, sizeof roles);
    json_put_text(j, "keyid", id);
    json_put_text(j, "name", name);
    json_put_text(j, "roles", roles);
    if (device != NULL) json_put_text(j, "device", device);
    if (revoked != NULL) json_put_text(j, "revoked", revoked);
    if (json_text(key, "label") != NULL) json_put_text(j, "label", json_text(key, "label"));
    if (json_member(key, "per_minute") != NULL)
        json_put_number(j, "per_minute", json_number(key, "per_minute"));
    return cli_tell(c, j, "%s  %s  %s%s%s\n", id, name, roles, revoked != NULL ? "  revoked " : "",
                    revoked != NULL ? revoked : "");
}

cli_exit cmd_key_add(cli *c)
{
    uint8_t der[CSIGD_KEY_PUBLIC_MAX];
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;
    size_t len;

    CLI_TRY(need_socket(c));
    if (c->name == NULL || c->roles == 0 ||
        c->all_wallets + (c->n_chosen > 0) + (c->label != NULL) != 1)
        return cli_fail(
            c, CLI_USAGE,
            "a key takes --name, --role, and one of --all-wallets, --wallet and --label");
    CLI_TRY(read_public(c, c->file[0], der, &len));
    json_put_octets(body, "key", der, len);
    json_put_text(body, "name", c->name);
    put_list(body, "roles", c->role, c->roles);
    if (c->all_wallets)
        json_put_flag(body, "all_wallets", true);
    else if (c->label != NULL)
        json_put_text(body, "label", c->label);
    else
        put_list(body, "wallets", c->chosen, c->n_chosen);
    if (c->per_minute > 0) json_put_number(body, "per_minute", c->per_minute);
    CLI_TRY(client_json(c, "POST", "/v1/keys", body, &answer));
    return tell_key(c, answer);
}

cli_exit cmd_key_list(cli *c)
{
    AUTO_JSON answer = NULL;
    const json *keys;

    CLI_TRY(need_socket(c));
    CLI_TRY(client_json(c, "GET", "/v1/keys", NULL, &answer));
    keys = json_member(answer, "keys");
    for (size_t i = 0; i < json_count(keys); i++)
        CLI_TRY(tell_key(c, json_at(keys, i)));
    return CLI_OK;
}

cli_exit cmd_key_revoke(cli *c)
{
    AUTO_REPLY r = {0};
    AUTO_JSON j = json_new();
    uint8_t id[32];
    char path[96];

    CLI_TRY(need_socket(c));
    if (!hex_is_read(id, sizeof id, c->file[0]))
        return cli_fail(c, CLI_USAGE,
                        "a key's id has 64 lower-case hex digits; see: countersign "
                        "key list");
    (void)snprintf(path, sizeof path, "/v1/keys/%s", c->file[0]);
    CLI_TRY(client_call(c, "DELETE", path, NULL, NULL, 0, &r));
    if (r.status != 204) return client_problem(c, &r);
    json_put_text(j, "keyid", c->file[0]);
    json_put_flag(j, "revoked", true);
    return cli_tell(c, j, "revoked: key %s\n", c->file[0]);
}

/* --- the server's own --- */

cli_exit cmd_key_rotate(cli *c)
{
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;
    AUTO_JSON j = json_new();
    const json *keys, *next;
    const char *from;

    CLI_TRY(need_socket(c));
    if (c->has_seconds) json_put_number(body, "seconds", c->seconds);
    CLI_TRY(client_json(c, "POST", "/v1/server-keys", body, &answer));
    keys = json_member(answer, "keys");
    if (json_count(keys) == 0) return json_lacks(c, "keys");
    next = json_at(keys, json_count(keys) - 1);
    from = json_text(next, "signs_from");
    if (from == NULL) return json_lacks(c, "signs_from");
    json_put_number(j, "generation", json_number(next, "generation"));
    json_put_text(j, "signs_from", from);
    return cli_tell(c, j, "the server signs its answers with key %lld from %s\n",
                    (long long)json_number(next, "generation"), from);
}
