#include "cli/httpkey.h"

#include <sodium.h>
#include <string.h>

#include "cli/seal.h"

#define SEED_BYTES crypto_sign_SEEDBYTES
#define NAME_BYTES (4 + CSIG_IDENTITY_BYTES)

/* What the seal binds besides the octets. */
static void write_name(uint8_t name[NAME_BYTES], const uint8_t *id)
{
    memcpy(name, "http", 4);
    memcpy(name + 4, id, CSIG_IDENTITY_BYTES);
}

static cli_exit hold(cli *c, http_key *key)
{
    key->secret = locked_alloc(sizeof *key->secret);
    return key->secret != NULL ? CLI_OK : no_locked_memory(c);
}

cli_exit http_key_make(cli *c, http_key *key)
{
    CLI_TRY(hold(c, key));
    if (csigd_key_make(key->secret, CSIGD_KEY_ED25519) == CSIGD_AUTH_OK &&
        csigd_signer_of(&key->signer, key->secret) == CSIGD_AUTH_OK)
        return CLI_OK;
    return cli_fail(c, CLI_BUG, "a key for HTTP cannot be made");
}

cli_exit http_key_save(cli *c, const http_key *key, const char *path, const csig_sealer *sealer,
                       const uint8_t id[CSIG_IDENTITY_BYTES])
{
    uint8_t file[CLI_HEADER_BYTES + SEED_BYTES + CSIG_SEAL_OVERHEAD], name[NAME_BYTES];
    size_t len;

    cli_header_write(file, CLI_KIND_HTTP_KEY);
    write_name(name, id);
    if (sealer->seal(sealer->ctx, name, sizeof name, key->secret->octets, SEED_BYTES,
                     file + CLI_HEADER_BYTES, &len) != 0)
        return cli_fail(c, CLI_LOCAL, "the key for HTTP cannot be sealed");
    return file_write(c, path, file, CLI_HEADER_BYTES + len);
}

cli_exit http_key_load(cli *c, http_key *key, const char *path, const csig_sealer *sealer,
                       const uint8_t id[CSIG_IDENTITY_BYTES])
{
    AUTO_BLOB b = {0};
    uint8_t name[NAME_BYTES];
    size_t len = 0;

    if (!file_is_there(path)) return CLI_OK;
    CLI_TRY(file_read(c, path, &b));
    CLI_TRY(cli_header_check(c, &b, CLI_KIND_HTTP_KEY, path));
    CLI_TRY(hold(c, key));
    write_name(name, id);
    /* It holds whatever the sealer may write: no more octets than are sealed. */
    if (b.len - CLI_HEADER_BYTES <= CSIGD_KEY_SECRET_BYTES &&
        sealer->open(sealer->ctx, name, sizeof name, b.p + CLI_HEADER_BYTES,
                     b.len - CLI_HEADER_BYTES, key->secret->octets, &len) == 0 &&
        len == SEED_BYTES) {
        key->secret->algorithm = CSIGD_KEY_ED25519;
        if (csigd_signer_of(&key->signer, key->secret) == CSIGD_AUTH_OK) return CLI_OK;
    }
    return cli_fail(c, CLI_SEALED,
                    "the file %s was altered; remove it and enrol again with a new token", path);
}

cli_exit http_key_vouch(cli *c, const http_key *key, const csig_identity *identity, json *body)
{
    uint8_t said[CSIG_IDENTITY_BYTES + CSIGD_KEY_PUBLIC_MAX], signature[64];
    const size_t len = csigd_key_write(said + CSIG_IDENTITY_BYTES, &key->signer.key);

    csig_identity_public(identity, said);
    CLI_TRY(cli_check(
        c, csig_identity_sign(identity, "http-key", said, CSIG_IDENTITY_BYTES + len, signature),
        "signing the key for HTTP"));
    json_put_octets(body, "key", said + CSIG_IDENTITY_BYTES, len);
    json_put_octets(body, "key_signature", signature, sizeof signature);
    return CLI_OK;
}

void http_key_free(http_key *key)
{
    locked_free(key->secret);
    *key = (http_key){.secret = NULL};
}
