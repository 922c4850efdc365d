/* What opens the vault: a passphrase, or a key file; and keys of others in PEM. In locked memory
 * from the first octet on. */
#ifndef CSIGD_SERVICE_SECRET_H
#define CSIGD_SERVICE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CSIGD_MASTER_BYTES   32
#define CSIGD_PASSPHRASE_MAX 1024

#define CSIGD_PEM_MAX 16384

typedef enum csigd_secret_kind {
    CSIGD_PASSPHRASE = 1,
    CSIGD_KEY_FILE = 2,
    CSIGD_PEM_FILE = 3
} csigd_secret_kind;

typedef struct csigd_secret {
    csigd_secret_kind kind;
    uint8_t *bytes; /* locked */
    size_t len;
} csigd_secret;

/* All: false with a sentence in why. Files must be regular, belong to this user or root, and be
 * closed to group and others. A passphrase loses one newline at its end and must not be empty. */
bool csigd_secret_is_from_key_file(csigd_secret *s, const char *path, char *why, size_t why_len);
bool csigd_secret_is_from_file(csigd_secret *s, const char *path, char *why, size_t why_len);
/* A passphrase that systemd put there: the group's bits may show the mask of an access list that
 * has this service's user alone. */
bool csigd_secret_is_from_credential(csigd_secret *s, const char *path, char *why, size_t why_len);
/* At most CSIGD_PEM_MAX octets. The group may read it, as in /etc/ssl/private. */
bool csigd_secret_is_from_pem(csigd_secret *s, const char *path, char *why, size_t why_len);
bool csigd_secret_is_from_fd(csigd_secret *s, int fd, char *why, size_t why_len);
/* Asks on the terminal; twice when `fresh`. */
bool csigd_secret_is_from_terminal(csigd_secret *s, bool fresh, char *why, size_t why_len);
void csigd_secret_free(csigd_secret *s);

/* Locked memory, left out of core dumps, wiped by csigd_locked_free. NULL: it cannot be locked. */
void *csigd_locked_alloc(size_t len);
void csigd_locked_free(void *p);

#endif
