/* The state folder's secrets. One passphrase per folder opens one master key (Argon2id); each
 * device in it seals its files under a key of its own derived from that. */
#ifndef CSIG_CLI_SEAL_H
#define CSIG_CLI_SEAL_H

#include "cli/files.h"

#define DEVICE_KEY_BYTES 32

/* Take the state folder (folder.h) and open its master key; with `create`, make them where there
 * are none. CLI_SEALED: wrong passphrase. CLI_REFUSED: nothing was set up here. */
CLI_MUST cli_exit cli_unseal(cli *c, bool create);
/* The folder's passphrase into c->phrase, once in a process: for what needs it before the folder is
 * opened. */
CLI_MUST cli_exit cli_passphrase(cli *c, bool fresh);
/* The key of one device, 32 octets into locked memory of the caller. */
CLI_MUST cli_exit cli_device_key(cli *c, const char *name, uint8_t key[DEVICE_KEY_BYTES]);
void cli_forget(cli *c);

/* Random octets of libsodium. */
void random_octets(uint8_t *out, size_t len);

/* Locked, wiped on free; NULL when there is none. */
void *locked_alloc(size_t len);
void locked_free(void *p);
cli_exit no_locked_memory(cli *c);

/* Kinds of this program's own files; the library's are below 64. [kind][version][level] in front.
 * Part of every format: never renumbered, never given twice. */
enum {
    CLI_KIND_MASTER = 64,
    CLI_KIND_SERVER = 65,
    CLI_KIND_WALLET = 66,
    CLI_KIND_REPLY = 67,
    CLI_KIND_LOCK = 68,
    CLI_KIND_GENERATION = 69,
    CLI_KIND_KEYS = 70,
    CLI_KIND_ESCROWS = 71,
    CLI_KIND_HTTP_KEY = 72,
    CLI_KIND_SERVER_KEY = 73,
    CLI_KIND_SERVER_CA = 74,
    CLI_KIND_LEAVING = 75,
    CLI_KIND_SUSPICIONS = 76,
    CLI_KIND_CERTIFICATE = 79,
    CLI_KIND_POLICY = 80,
    CLI_KIND_HISTORY = 81,
    CLI_KIND_DECLINE = 82
};
#define CLI_FORMAT_VERSION 1
#define CLI_HEADER_BYTES   3

void cli_header_write(uint8_t out[CLI_HEADER_BYTES], uint8_t kind);
/* CLI_INPUT saying which file it is and what to do. */
CLI_MUST cli_exit cli_header_check(cli *c, const blob *b, uint8_t kind, const char *path);
/* A file whose header is right and whose content is not. */
cli_exit cli_file_is_damaged(cli *c, const char *path, const char *what_to_do);

#endif
