/* File "master": header, Argon2id operations u32be and memory in KiB u32be, salt 16, nonce 24, and
 * the master key under XChaCha20-Poly1305 with all that as associated data. */
#include "cli/seal.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define MASTER_BYTES    32
#define SALT_BYTES      crypto_pwhash_SALTBYTES
#define NONCE_BYTES     crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES       crypto_aead_xchacha20poly1305_ietf_ABYTES
#define CLEAR_BYTES     (CLI_HEADER_BYTES + 8 + SALT_BYTES + NONCE_BYTES)
#define FILE_BYTES      (CLEAR_BYTES + MASTER_BYTES + TAG_BYTES)
#define PASSPHRASE_ROOM 1024
#define KDF_MIB         256
#define KDF_MIB_LEAST   8
#define MEMORY_MAX_KIB  ((uint32_t)4 << 20)

void random_octets(uint8_t *out, size_t len)
{
    randombytes_buf(out, len);
}

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

void cli_header_write(uint8_t out[CLI_HEADER_BYTES], uint8_t kind)
{
    out[0] = kind;
    out[1] = CLI_FORMAT_VERSION;
    out[2] = (uint8_t)csig_level();
}

cli_exit cli_header_check(cli *c, const blob *b, uint8_t kind, const char *path)
{
    if (b->len < CLI_HEADER_BYTES || b->p[0] != kind)
        return cli_fail(c, CLI_INPUT, "%s is damaged or not a file of this program", path);
    if (b->p[1] != CLI_FORMAT_VERSION)
        return cli_fail(c, CLI_INPUT, "%s has format version %u, this program reads %u", path,
                        b->p[1], CLI_FORMAT_VERSION);
    if (b->p[2] != csig_level())
        return cli_fail(c, CLI_INPUT, "%s was made at security level %u, this program has %u", path,
                        b->p[2], csig_level());
    return CLI_OK;
}

/* A line without its end, from a descriptor, without buffering secrets anywhere else. */
static cli_exit read_line(cli *c, int fd, char out[PASSPHRASE_ROOM])
{
    size_t n = 0;

    for (;;) {
        char ch;
        const ssize_t got = read(fd, &ch, 1);

        if (got < 0) return cli_fail(c, CLI_LOCAL, "the passphrase cannot be read");
        if (got == 0 || ch == '\n') break;
        if (n + 1 >= PASSPHRASE_ROOM) return cli_fail(c, CLI_INPUT, "the passphrase is too long");
        out[n++] = ch;
    }
    out[n] = '\0';
    if (n == 0)
        return cli_fail(c, CLI_INPUT, "the passphrase is empty; give at least one character");
    return CLI_OK;
}

static cli_exit prompt(cli *c, const char *text, char out[PASSPHRASE_ROOM])
{
    const int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    struct termios shown, hidden;
    cli_exit code;

    if (fd < 0 || tcgetattr(fd, &shown) != 0) {
        if (fd >= 0) close(fd);
        return cli_fail(c, CLI_USAGE,
                        "no terminal to ask for the passphrase; use --passphrase-file or "
                        "--passphrase-fd");
    }
    hidden = shown;
    hidden.c_lflag &= (tcflag_t)~ECHO;
    (void)tcsetattr(fd, TCSAFLUSH, &hidden);
    dprintf(fd, "%s: ", text);
    code = read_line(c, fd, out);
    (void)tcsetattr(fd, TCSAFLUSH, &shown);
    dprintf(fd, "\n");
    close(fd);
    return code;
}

static cli_exit ask_twice(cli *c, char out[PASSPHRASE_ROOM])
{
    char *again = locked_alloc(PASSPHRASE_ROOM);
    cli_exit code;

    if (again == NULL) return cli_fail(c, CLI_LOCAL, "no locked memory; raise RLIMIT_MEMLOCK");
    code = prompt(c, "New passphrase", out);
    if (code == CLI_OK) code = prompt(c, "Once more", again);
    if (code == CLI_OK && strcmp(out, again) != 0)
        code = cli_fail(c, CLI_INPUT, "the two passphrases differ");
    locked_free(again);
    return code;
}

static cli_exit passphrase(cli *c, bool create, char out[PASSPHRASE_ROOM])
{
    cli_exit code;
    int fd;

    if (c->passphrase_fd >= 0) return read_line(c, c->passphrase_fd, out);
    if (c->passphrase_file == NULL)
        return create ? ask_twice(c, out) : prompt(c, "Passphrase", out);
    fd = open(c->passphrase_file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cli_fail(c, CLI_INPUT, "the passphrase file %s cannot be read", c->passphrase_file);
    code = read_line(c, fd, out);
    close(fd);
    return code;
}

static void put_u32(uint8_t out[4], uint32_t v)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t get_u32(const uint8_t in[4])
{
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

/* The wrapping key, from the clear part of the file. */
static cli_exit stretch(cli *c, bool create, const uint8_t *clear, uint8_t *key)
{
    const uint32_t ops = get_u32(clear + CLI_HEADER_BYTES);
    const uint32_t kib = get_u32(clear + CLI_HEADER_BYTES + 4);
    char *text = locked_alloc(PASSPHRASE_ROOM);
    cli_exit code;

    if (text == NULL) return cli_fail(c, CLI_LOCAL, "no locked memory; raise RLIMIT_MEMLOCK");
    code = passphrase(c, create, text);
    if (code == CLI_OK &&
        (ops == 0 || kib > MEMORY_MAX_KIB ||
         crypto_pwhash(key, 32, text, strlen(text), clear + CLI_HEADER_BYTES + 8, ops,
                       (size_t)kib << 10, crypto_pwhash_ALG_ARGON2ID13) != 0))
        code = cli_fail(c, CLI_LOCAL, "not enough memory to stretch the passphrase (%u KiB)", kib);
    locked_free(text);
    return code;
}

static cli_exit make_master(cli *c, const char *path, uint8_t *key)
{
    uint8_t file[FILE_BYTES];
    uint8_t *nonce = file + CLI_HEADER_BYTES + 8 + SALT_BYTES;

    if (c->kdf_mib != 0 && c->kdf_mib < KDF_MIB_LEAST)
        return cli_fail(c, CLI_USAGE, "--kdf-memory takes at least %d", KDF_MIB_LEAST);
    cli_header_write(file, CLI_KIND_MASTER);
    put_u32(file + CLI_HEADER_BYTES, (uint32_t)crypto_pwhash_OPSLIMIT_MODERATE);
    put_u32(file + CLI_HEADER_BYTES + 4, (c->kdf_mib != 0 ? c->kdf_mib : KDF_MIB) << 10);
    randombytes_buf(file + CLI_HEADER_BYTES + 8, SALT_BYTES + NONCE_BYTES);
    CLI_TRY(stretch(c, true, file, key));
    randombytes_buf(c->master, MASTER_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(file + CLEAR_BYTES, NULL, c->master, MASTER_BYTES,
                                               file, CLEAR_BYTES, NULL, nonce, key);
    return file_write(c, path, file, sizeof file);
}

static cli_exit open_master(cli *c, const char *path, uint8_t *key)
{
    AUTO_BLOB b = {0};

    CLI_TRY(file_read(c, path, &b));
    CLI_TRY(cli_header_check(c, &b, CLI_KIND_MASTER, path));
    if (b.len != FILE_BYTES)
        return cli_fail(c, CLI_INPUT, "%s is damaged: restore it from a copy", path);
    CLI_TRY(stretch(c, false, b.p, key));
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            c->master, NULL, NULL, b.p + CLEAR_BYTES, b.len - CLEAR_BYTES, b.p, CLEAR_BYTES,
            b.p + CLI_HEADER_BYTES + 8 + SALT_BYTES, key) != 0)
        return cli_fail(c, CLI_SEALED, "wrong passphrase for %s (or the file was altered)",
                        c->state);
    return CLI_OK;
}

cli_exit cli_unseal(cli *c, bool create)
{
    char path[PATH_ROOM];
    uint8_t *key;
    cli_exit code;

    if (c->master != NULL) return CLI_OK;
    CLI_TRY(path_join(c, path, c->state, "master", NULL));
    if (!create && !file_is_there(path))
        return cli_fail(c, CLI_REFUSED, "nothing is set up in %s; run: countersign device init",
                        c->state);
    key = locked_alloc(32);
    c->master = locked_alloc(MASTER_BYTES);
    if (key == NULL || c->master == NULL) {
        locked_free(key);
        return cli_fail(c, CLI_LOCAL, "no locked memory; raise RLIMIT_MEMLOCK");
    }
    code = file_is_there(path) ? open_master(c, path, key) : make_master(c, path, key);
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
    c->master = NULL;
}
