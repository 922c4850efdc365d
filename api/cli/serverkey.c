#include "cli/serverkey.h"

#include <string.h>

#include "cli/seal.h"
#include "cli/server.h"

#define KEY_AT           (CLI_HEADER_BYTES + 64)
#define GENERATION_BYTES 8

static void write_generation(uint8_t out[GENERATION_BYTES], uint64_t generation)
{
    for (size_t i = 0; i < GENERATION_BYTES; i++)
        out[i] = (uint8_t)(generation >> (56 - 8 * i));
}

static uint64_t read_generation(const uint8_t in[GENERATION_BYTES])
{
    uint64_t generation = 0;

    for (size_t i = 0; i < GENERATION_BYTES; i++)
        generation = generation << 8 | in[i];
    return generation;
}

/* What the identity signs: the first generation has no number. */
static cli_exit check_proof(cli *c, const server_key *k, const uint8_t *identity,
                            const uint8_t *der, size_t len)
{
    uint8_t said[CSIG_IDENTITY_BYTES + GENERATION_BYTES + CSIGD_KEY_PUBLIC_MAX];
    size_t at = CSIG_IDENTITY_BYTES;

    memcpy(said, identity, CSIG_IDENTITY_BYTES);
    if (k->generation > 1) {
        write_generation(said + at, k->generation);
        at += GENERATION_BYTES;
    }
    memcpy(said + at, der, len);
    return cli_check(c,
                     csig_identity_verify(identity,
                                          k->generation > 1 ? "server-http-key" : "http-key", said,
                                          at + len, k->proof),
                     "the server's key for HTTP");
}

/* Newer than the one that is known, or the same. */
static cli_exit take(cli *c, server_key *k, const uint8_t *identity, const uint8_t *der, size_t len)
{
    const server_key *known = &c->server_key;

    CLI_TRY(check_proof(c, k, identity, der, len));
    if (csigd_key_read(&k->key, der, len) != CSIGD_AUTH_OK)
        return cli_fail(c, CLI_INPUT, "the server's key for HTTP is none");
    if (c->has_server_key &&
        (k->generation < known->generation ||
         (k->generation == known->generation &&
          memcmp(k->key.octets, known->key.octets, sizeof k->key.octets) != 0)))
        return cli_fail(c, CLI_CHEAT,
                        "the server shows an older key for HTTP than the one this folder knows; "
                        "nothing was done with it");
    c->server_key = *k;
    c->has_server_key = true;
    return CLI_OK;
}

static cli_exit read_entry(cli *c, const json *from, const char *name, const char *proof,
                           int64_t generation, const uint8_t *identity)
{
    const char *text = json_text(from, name);
    server_key k = {.generation = (uint64_t)generation};
    uint8_t der[CSIGD_KEY_PUBLIC_MAX];
    const size_t len = text != NULL ? strlen(text) / 2 : 0;

    if (len == 0 || len > sizeof der || !hex_is_read(der, len, text)) return json_lacks(c, name);
    if (generation < 1) return json_lacks(c, "generation");
    CLI_TRY(json_octets(c, from, proof, k.proof, sizeof k.proof));
    return take(c, &k, identity, der, len);
}

cli_exit server_key_learn(cli *c, const json *reply, const uint8_t identity[CSIG_IDENTITY_BYTES])
{
    return read_entry(c, reply, "server_key", "server_key_signature",
                      json_number(reply, "server_key_generation"), identity);
}

cli_exit server_key_follow(cli *c, const json *entry)
{
    uint8_t identity[CSIG_IDENTITY_BYTES];

    CLI_TRY(server_pinned(c, identity));
    return read_entry(c, entry, "key", "key_signature", json_number(entry, "generation"), identity);
}

cli_exit server_key_load(cli *c)
{
    static const size_t lengths[] = {44, CSIGD_KEY_PUBLIC_MAX};
    uint8_t identity[CSIG_IDENTITY_BYTES];
    server_key k = {.generation = 1};
    char path[PATH_ROOM];
    AUTO_BLOB b = {0};
    size_t len = 0;

    CLI_TRY(path_join(c, path, c->state, "server.key", NULL));
    if (!file_is_there(path)) return CLI_OK;
    CLI_TRY(server_pinned(c, identity));
    CLI_TRY(file_read(c, path, &b));
    CLI_TRY(cli_header_check(c, &b, CLI_KIND_SERVER_KEY, path));
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        if (b.len == KEY_AT + lengths[i] || b.len == KEY_AT + lengths[i] + GENERATION_BYTES)
            len = lengths[i];
    }
    if (len == 0) return cli_file_is_damaged(c, path, "restore it from a copy of the folder");
    memcpy(k.proof, b.p + CLI_HEADER_BYTES, sizeof k.proof);
    if (b.len > KEY_AT + len) k.generation = read_generation(b.p + KEY_AT + len);
    return take(c, &k, identity, b.p + KEY_AT, len);
}

cli_exit server_key_pin(cli *c)
{
    const server_key *k = &c->server_key;
    uint8_t file[KEY_AT + CSIGD_KEY_PUBLIC_MAX + GENERATION_BYTES];
    char path[PATH_ROOM];
    size_t len = KEY_AT;

    cli_header_write(file, CLI_KIND_SERVER_KEY);
    memcpy(file + CLI_HEADER_BYTES, k->proof, sizeof k->proof);
    len += csigd_key_write(file + KEY_AT, &k->key);
    if (k->generation > 1) {
        write_generation(file + len, k->generation);
        len += GENERATION_BYTES;
    }
    CLI_TRY(path_join(c, path, c->state, "server.key", NULL));
    return file_write(c, path, file, len);
}
