/* File "master": header, Argon2id operations u32be and memory in KiB u32be, salt 16, nonce 24, and
 * the master key under XChaCha20-Poly1305 with all that as associated data. */
#include "cli/seal.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "cli/folder.h"
#include "cli/passphrase.h"

#define MASTER_BYTES  32
#define SALT_BYTES    crypto_pwhash_SALTBYTES
#define NONCE_BYTES   crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES     crypto_aead_xchacha20poly1305_ietf_ABYTES
#define SALT_AT       (CLI_HEADER_BYTES + 8)
#define NONCE_AT      (SALT_AT + SALT_BYTES)
#define CLEAR_BYTES   (NONCE_AT + NONCE_BYTES)
#define FILE_BYTES    (CLEAR_BYTES + MASTER_BYTES + TAG_BYTES)
#define KDF_MIB       256
#define KDF_MIB_LEAST 8
/* What a file may ask for: it is not authentic before it is opened. */
#define KDF_MIB_MOST 4096
#define KDF_OPS_MOST 16

void random_octets(uint8_t *out, size_t len)
{
    randombytes_buf(out, len);
}

/* --- locked memory --- */

void *locked_alloc(size_t len)
{
    void *p = sodium_malloc(len);

    if (p != NULL && sodium_mlock(p, len) != 0) {
        sodium_free(p);
        return NULL;
    }
    return p;
}

void locked_free(void *p)
{
    sodium_free(p);
}

cli_exit no_locked_memory(cli *c)
{
    return cli_fail(c, CLI_LOCAL, "no memory can be locked for secrets; raise ulimit -l");
}

/* --- headers --- */

void cli_header_write(uint8_t out[CLI_HEADER_BYTES], uint8_t kind)
{
    out[0] = kind;
    out[1] = CLI_FORMAT_VERSION;
    out[2] = (uint8_t)csig_level();
}

cli_exit cli_file_is_damaged(cli *c, const char *path, const char *what_to_do)
{
    return cli_fail(c, CLI_INPUT, "%s is damaged or not a file of this program; %s", path,
                    what_to_do);
}

cli_exit cli_header_check(cli *c, const blob *b, uint8_t kind, const char *path)
{
    if (b->len < CLI_HEADER_BYTES || b->p[0] != kind)
        return cli_file_is_damaged(c, path, "restore it from a copy of the folder");
    if (b->p[1] != CLI_FORMAT_VERSION)
        return cli_fail(c, CLI_INPUT,
                        "%s has format version %u, this program reads %u; use the program that "
                        "wrote it",
                        path, b->p[1], CLI_FORMAT_VERSION);
    if (b->p[2] != csig_level())
        return cli_fail(c, CLI_INPUT,
                        "%s was made at security level %u, this program is built for %u; use the "
                        "build that made it",
                        path, b->p[2], csig_level());
    return CLI_OK;
}

/* --- the master key --- */

static void put_u32(uint8_t out[4], uint32_t v)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t get_u32(const uint8_t in[4])
{
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

cli_exit cli_passphrase(cli *c, bool fresh)
{
    cli_exit code;

    if (c->phrase != NULL) return CLI_OK;
    c->phrase = locked_alloc(PASSPHRASE_ROOM);
    if (c->phrase == NULL) return no_locked_memory(c);
    code = passphrase_get(c, fresh, c->phrase);
    if (code == CLI_OK) return CLI_OK;
    locked_free(c->phrase);
    c->phrase = NULL;
    return code;
}

/* The wrapping key, from the clear part of the file. */
static cli_exit stretch(cli *c, bool create, const uint8_t *clear, uint8_t *key)
{
    const uint32_t ops = get_u32(clear + CLI_HEADER_BYTES);
    const uint32_t kib = get_u32(clear + CLI_HEADER_BYTES + 4);

    CLI_TRY(cli_passphrase(c, create));
    if (crypto_pwhash(key, MASTER_BYTES, c->phrase, strlen(c->phrase), clear + SALT_AT, ops,
                      (size_t)kib << 10, crypto_pwhash_ALG_ARGON2ID13) == 0)
        return CLI_OK;
    return cli_fail(c, CLI_LOCAL, "not enough memory to stretch the passphrase: %u MiB", kib >> 10);
}

static cli_exit make_master(cli *c, const char *path, uint8_t *key)
{
    const uint32_t mib = c->kdf_mib != 0 ? c->kdf_mib : KDF_MIB;
    uint8_t file[FILE_BYTES];

    cli_header_write(file, CLI_KIND_MASTER);
    put_u32(file + CLI_HEADER_BYTES, (uint32_t)crypto_pwhash_OPSLIMIT_MODERATE);
    put_u32(file + CLI_HEADER_BYTES + 4, mib << 10);
    randombytes_buf(file + SALT_AT, SALT_BYTES + NONCE_BYTES);
    CLI_TRY(stretch(c, true, file, key));
    randombytes_buf(c->master, MASTER_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(file + CLEAR_BYTES, NULL, c->master, MASTER_BYTES,
                                               file, CLEAR_BYTES, NULL, file + NONCE_AT, key);
    return file_write(c, path, file, sizeof file);
}

static cli_exit check_master(cli *c, const blob *b, const char *path)
{
    uint32_t ops, kib;

    CLI_TRY(cli_header_check(c, b, CLI_KIND_MASTER, path));
    if (b->len != FILE_BYTES)
        return cli_file_is_damaged(c, path, "restore it from a copy of the folder");
    ops = get_u32(b->p + CLI_HEADER_BYTES);
    kib = get_u32(b->p + CLI_HEADER_BYTES + 4);
    if (ops == 0 || ops > KDF_OPS_MOST || kib < KDF_MIB_LEAST << 10 || kib > KDF_MIB_MOST << 10)
        return cli_file_is_damaged(c, path, "restore it from a copy of the folder");
    return CLI_OK;
}

static cli_exit open_master(cli *c, const char *path, uint8_t *key)
{
    AUTO_BLOB b = {0};

    CLI_TRY(file_read(c, path, &b));
    CLI_TRY(check_master(c, &b, path));
    CLI_TRY(stretch(c, false, b.p, key));
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(c->master, NULL, NULL, b.p + CLEAR_BYTES,
                                                   b.len - CLEAR_BYTES, b.p, CLEAR_BYTES,
                                                   b.p + NONCE_AT, key) != 0)
        return cli_fail(c, CLI_SEALED, "wrong passphrase for %s, or its file master was altered",
                        c->state);
    return CLI_OK;
}

/* A new master key over old devices would hide that the old one is gone. */
static cli_exit check_fresh(cli *c, bool create)
{
    char devices[PATH_ROOM];

    if (!create)
        return cli_fail(c, CLI_REFUSED, "nothing is set up in %s; run: countersign device init",
                        c->state);
    if (c->kdf_mib != 0 && (c->kdf_mib < KDF_MIB_LEAST || c->kdf_mib > KDF_MIB_MOST))
        return cli_fail(c, CLI_USAGE, "--kdf-memory takes %d to %d MiB", KDF_MIB_LEAST,
                        KDF_MIB_MOST);
    CLI_TRY(path_join(c, devices, c->state, "devices", NULL));
    if (file_is_there(devices))
        return cli_fail(c, CLI_INPUT,
                        "%s has devices but no file master; restore it from a copy of the folder",
                        c->state);
    return CLI_OK;
}

cli_exit cli_unseal(cli *c, bool create)
{
    char path[PATH_ROOM];
    bool there;
    uint8_t *key;
    cli_exit code;

    CLI_TRY(folder_take(c, create));
    CLI_TRY(path_join(c, path, c->state, "master", NULL));
    there = file_is_there(path);
    if (!there) CLI_TRY(check_fresh(c, create));
    key = locked_alloc(MASTER_BYTES);
    c->master = locked_alloc(MASTER_BYTES);
    if (key == NULL || c->master == NULL)
        code = no_locked_memory(c);
    else
        code = there ? open_master(c, path, key) : make_master(c, path, key);
    locked_free(key);
    if (code != CLI_OK) cli_forget(c);
    return code;
}

cli_exit cli_device_key(cli *c, const char *name, uint8_t key[DEVICE_KEY_BYTES])
{
    static const char use[] = "countersign/v1/cli/device";
    crypto_generichash_state h;

    if (c->master == NULL) return cli_fail(c, CLI_BUG, "the state folder is sealed");
    crypto_generichash_init(&h, c->master, MASTER_BYTES, DEVICE_KEY_BYTES);
    crypto_generichash_update(&h, (const uint8_t *)use, sizeof use);
    crypto_generichash_update(&h, (const uint8_t *)name, strlen(name) + 1);
    crypto_generichash_final(&h, key, DEVICE_KEY_BYTES);
    sodium_memzero(&h, sizeof h);
    return CLI_OK;
}

void cli_forget(cli *c)
{
    locked_free(c->master);
    locked_free(c->phrase);
    locked_free(c->backup_phrase);
    c->master = NULL;
    c->phrase = NULL;
    c->backup_phrase = NULL;
    sodium_memzero(c->token_text, sizeof c->token_text);
}
