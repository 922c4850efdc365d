#include "cli/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/certificate.h"
#include "cli/device.h"
#include "cli/seal.h"
#include "cli/server.h"
#include "cli/serverkey.h"

/* --- whose key --- */

/* The hexadecimal after a prefix of the path. */
static bool path_has_id(const char *path, const char *prefix, char *id, size_t digits)
{
    const size_t len = strlen(prefix);

    if (strncmp(path, prefix, len) != 0 || strspn(path + len, "0123456789abcdef") != digits)
        return false;
    memcpy(id, path + len, digits);
    id[digits] = '\0';
    return true;
}

static bool device_is_meant(const device *d, const char *path)
{
    char id[2 * CSIG_IDENTITY_BYTES + 1], own[2 * CSIG_IDENTITY_BYTES + 1], folder[2 * PATH_ROOM];
    const char *word = strstr(path, "/declines/");

    hex_write(own, d->id, sizeof d->id);
    if (word != NULL) return strcmp(word + strlen("/declines/"), own) == 0;
    if (path_has_id(path, "/v1/devices/", id, 2 * CSIG_IDENTITY_BYTES)) return strcmp(id, own) == 0;
    if (!path_has_id(path, "/v1/wallets/", id, 32)) return false;
    (void)snprintf(folder, sizeof folder, "%s/wallets/%s", d->folder, id);
    return file_is_there(folder);
}

static bool device_is_open(const cli *c, const device *d)
{
    for (size_t i = 0; i < c->n_open; i++) {
        if (c->open[i] == d) return true;
    }
    return false;
}

/* The device that the path names, or one that has its wallet; else the one before: requests and
 * sessions are of a wallet that was asked about. */
static const http_key *acting_key(cli *c, const char *path)
{
    for (size_t i = 0; i < c->n_open; i++) {
        if (!device_is_meant(c->open[i], path)) continue;
        c->acting = c->open[i];
        return &c->acting->http;
    }
    if (c->acting != NULL && device_is_open(c, c->acting)) return &c->acting->http;
    if (c->fresh != NULL) return c->fresh;
    return c->n_open > 0 ? &c->open[0]->http : NULL;
}

/* --- requests --- */

cli_exit wire_begin(cli *c, wire *w, const char *method, const char *path)
{
    const char *mark = strstr(c->server, "://");
    const size_t len = mark != NULL ? strcspn(mark + 3, "/") : 0;

    w->method = method;
    w->path = path;
    if (mark == NULL || len == 0 || len >= sizeof w->authority ||
        (size_t)(mark - c->server) >= sizeof w->scheme)
        return cli_fail(c, CLI_BUG, "the address is no URL");
    memcpy(w->scheme, c->server, (size_t)(mark - c->server));
    memcpy(w->authority, mark + 3, len);
    return CLI_OK;
}

static size_t put_fields(const wire *w, csigd_field *fields, bool is_signed)
{
    size_t n = 0;

    if (w->type != NULL) {
        fields[n++] = (csigd_field){"content-type", w->type};
        fields[n++] = (csigd_field){"content-digest", w->digest};
    }
    if (w->prefer[0] != '\0') fields[n++] = (csigd_field){"prefer", w->prefer};
    if (w->known_as[0] != '\0') fields[n++] = (csigd_field){"idempotency-key", w->known_as};
    if (is_signed) {
        fields[n++] = (csigd_field){"signature-input", w->signature.input};
        fields[n++] = (csigd_field){"signature", w->signature.signature};
    }
    return n;
}

static csigd_message message_of(const wire *w, const csigd_field *fields, size_t n)
{
    return (csigd_message){.method = w->method,
                           .scheme = w->scheme,
                           .authority = w->authority,
                           .target = w->path,
                           .fields = fields,
                           .n_fields = n};
}

cli_exit wire_sign(cli *c, wire *w)
{
    const http_key *key = acting_key(c, w->path);
    csigd_field fields[6];
    csigd_message m;
    csigd_refusal why;
    uint8_t random[16];
    char nonce[33];

    if (key == NULL || key->secret == NULL)
        return cli_fail(
            c, CLI_REFUSED,
            "over TCP requests are signed, and this device has no key for that; ask the "
            "operator for a token and run: countersign device enrol --token TOKEN "
            "--server %s",
            c->server);
    if (w->type != NULL) csigd_digest_make(w->digest, w->body, w->len);
    random_octets(random, sizeof random);
    hex_write(nonce, random, sizeof random);
    m = message_of(w, fields, put_fields(w, fields, false));
    if (csigd_request_sign(&w->signature, &m, &key->signer, nonce, (int64_t)time(NULL), &why) ==
        CSIGD_AUTH_OK)
        return CLI_OK;
    return cli_fail(c, CLI_BUG, "the request cannot be signed: %s", csigd_auth_text(why.error));
}

/* --- answers --- */

/* Lines become fields in place. */
static size_t split_headers(char *headers, csigd_field *fields)
{
    size_t n = 0;

    for (char *line = strtok(headers, "\r\n"); line != NULL; line = strtok(NULL, "\r\n")) {
        char *colon = strchr(line, ':');

        if (colon == NULL || n == WIRE_FIELDS_MAX) continue;
        *colon = '\0';
        fields[n++] = (csigd_field){line, colon + 1 + strspn(colon + 1, " \t")};
    }
    return n;
}

static cli_exit not_the_server(cli *c, const csigd_refusal *why)
{
    if (why->error == CSIGD_AUTH_MISSING)
        return cli_fail(c, CLI_OFFLINE,
                        "what answers at %s is not the server, or cannot reach it: the answer is "
                        "not signed",
                        c->server);
    return cli_fail(c, CLI_CHEAT,
                    "the answer from %s is not validly signed by the server that this folder "
                    "enrolled with (%s %s); nothing was done with it",
                    c->server, csigd_auth_name(why->error), why->field);
}

static csigd_auth check_answer(const cli *c, const csigd_message *m, const http_reply *r,
                               csigd_refusal *why)
{
    char value[1024];
    csigd_text text = csigd_text_in(value, sizeof value);
    const bool named = csigd_message_has_field(m, "content-digest");
    int64_t created;
    csigd_auth error = csigd_response_verify(m, &c->server_key.key, &created, why);

    if (error != CSIGD_AUTH_OK) return error;
    error = CSIGD_AUTH_DIGEST_MALFORMED;
    if (!named ||
        (csigd_message_field_is_read(&text, m, "content-digest") && csigd_text_is_whole(&text)))
        error = csigd_digest_verify(named ? value : NULL, r->body.p, r->body.len);
    return error == CSIGD_AUTH_OK ? error : csigd_refuse(why, error, "content-digest");
}

/* The key that an enrolment brings is the identity's word, and the identity is pinned or, the first
 * time, taken as it comes. */
static cli_exit learn_from(cli *c, const http_reply *r)
{
    uint8_t identity[CSIG_IDENTITY_BYTES], pinned[CSIG_IDENTITY_BYTES];
    AUTO_JSON reply = NULL;
    bool known;

    CLI_TRY(json_read(c, &reply, r->body.p, r->body.len));
    CLI_TRY(json_octets(c, reply, "server_identity", identity, sizeof identity));
    CLI_TRY(server_is_pinned(c, &known));
    if (known) {
        CLI_TRY(server_pinned(c, pinned));
        if (memcmp(pinned, identity, sizeof pinned) != 0) return server_check(c, reply);
        if (!c->has_server_key) CLI_TRY(server_key_load(c));
    }
    return server_key_learn(c, reply, identity);
}

/* Signed by none that is known here: the server may have another key by now. It is taken when its
 * identity says so and this very answer is signed with it. */
static cli_exit follow_key(cli *c, const csigd_message *m, const http_reply *r)
{
    csigd_refusal why = {.error = CSIGD_AUTH_BAD_SIGNATURE};
    AUTO_JSON keys = NULL;

    CLI_TRY(client_json(c, "GET", SERVER_KEYS_PATH, NULL, &keys));
    for (size_t i = 0; i < json_count(json_member(keys, "keys")); i++) {
        const server_key before = c->server_key;
        const json *key = json_at(json_member(keys, "keys"), i);

        if (json_number(key, "generation") <= (int64_t)before.generation) continue;
        CLI_TRY(server_key_follow(c, key));
        if (check_answer(c, m, r, &why) == CSIGD_AUTH_OK) return server_key_pin(c);
        c->server_key = before;
    }
    return not_the_server(c, &why);
}

cli_exit wire_verify(cli *c, const wire *w, const http_reply *r, char *headers)
{
    csigd_field fields[WIRE_FIELDS_MAX], asked[6];
    const csigd_message request = message_of(w, asked, put_fields(w, asked, true));
    csigd_message m = {.status = (unsigned)r->status, .fields = fields, .request = &request};
    const bool is_enrolled = strcmp(w->path, "/v1/devices") == 0 && r->status / 100 == 2;
    csigd_refusal why;

    m.n_fields = split_headers(headers, fields);
    if (is_enrolled) CLI_TRY(learn_from(c, r));
    /* Each key in it has the identity's signature. */
    if (strcmp(w->path, SERVER_KEYS_PATH) == 0) return CLI_OK;
    if (!c->has_server_key) CLI_TRY(server_key_load(c));
    /* A refused first enrolment: nobody is known who could have signed it. */
    if (!c->has_server_key && strcmp(w->path, "/v1/devices") == 0) return CLI_OK;
    if (!c->has_server_key)
        return cli_fail(c, CLI_REFUSED,
                        "this folder does not know the server's key for HTTP yet; run: countersign "
                        "device enrol --token TOKEN --server %s",
                        c->server);
    if (check_answer(c, &m, r, &why) == CSIGD_AUTH_OK) return CLI_OK;
    return why.error == CSIGD_AUTH_BAD_SIGNATURE ? follow_key(c, &m, r) : not_the_server(c, &why);
}

/* --- what is kept of the server --- */

static cli_exit pin_ca(cli *c)
{
    char path[PATH_ROOM];
    AUTO_BLOB pem = {0};
    AUTO_BLOB file = {0};

    if (c->ca == NULL) return CLI_OK;
    CLI_TRY(path_join(c, path, c->state, "server.ca", NULL));
    CLI_TRY(file_read(c, c->ca, &pem));
    file.p = malloc(CLI_HEADER_BYTES + pem.len);
    if (file.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    file.len = CLI_HEADER_BYTES + pem.len;
    cli_header_write(file.p, CLI_KIND_SERVER_CA);
    memcpy(file.p + CLI_HEADER_BYTES, pem.p, pem.len);
    return file_write(c, path, file.p, file.len);
}

cli_exit wire_pin(cli *c)
{
    if (c->has_server_key) CLI_TRY(server_key_pin(c));
    CLI_TRY(pin_ca(c));
    return certificate_pin(c);
}

cli_exit wire_ca(cli *c, char path[PATH_ROOM])
{
    AUTO_BLOB b = {0};

    path[0] = '\0';
    if (c->ca != NULL) return path_join(c, path, c->ca, NULL);
    if (c->state == NULL) return CLI_OK;
    CLI_TRY(path_join(c, path, c->state, "server.ca", NULL));
    if (!file_is_there(path)) {
        path[0] = '\0';
        return CLI_OK;
    }
    CLI_TRY(file_read(c, path, &b));
    /* What follows the header is PEM, which is looked for in whatever is around it. */
    return cli_header_check(c, &b, CLI_KIND_SERVER_CA, path);
}
