/* The state folder's secrets. One passphrase per folder opens one master key (Argon2id); each
 * device in it seals its files under a key of its own derived from that. */
#ifndef CSIG_CLI_SEAL_H
#define CSIG_CLI_SEAL_H

#include "cli/files.h"

#define DEVICE_KEY_BYTES 32

/* Open the master key; with `create`, make it where there is none (a prompt asks twice). Once per
 * process. CLI_SEALED: wrong passphrase. CLI_REFUSED: nothing was set up here. */
CLI_MUST cli_exit cli_unseal(cli *c, bool create);
/* The key of one device, 32 octets into locked memory of the caller. */
CLI_MUST cli_exit cli_device_key(cli *c, const char *name, uint8_t key[DEVICE_KEY_BYTES]);
void cli_forget(cli *c);

/* Random octets of libsodium. */
void random_octets(uint8_t *out, size_t len);

/* Locked, wiped on free; NULL when there is none. */
void *locked_alloc(size_t len);
void locked_free(void *p);

/* Kinds of this program's own files; the library's are below 64. [kind][version][level] in front.
 */
enum { CLI_KIND_MASTER = 64, CLI_KIND_SERVER, CLI_KIND_WALLET, CLI_KIND_REPLY };
#define CLI_FORMAT_VERSION 1
#define CLI_HEADER_BYTES   3

void cli_header_write(uint8_t out[CLI_HEADER_BYTES], uint8_t kind);
CLI_MUST cli_exit cli_header_check(cli *c, const blob *b, uint8_t kind, const char *path);

#endif
