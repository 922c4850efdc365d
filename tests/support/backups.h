/* The shares of a wallet whose device 2 has a backup, and where things are in it. Argon2id at its
 * least. */
#ifndef TESTS_SUPPORT_BACKUPS_H
#define TESTS_SUPPORT_BACKUPS_H

#include "countersign/backup.h"
#include "support/deal.h"

#define BACKUPS_T 2
#define BACKUPS_N 3

/* Where things are. */
enum {
    AT_LENGTH = 3,
    AT_OWNER = 7,
    AT_LABEL = 39,
    AT_KEY_ID = 71,
    AT_PUBLIC_KEY = 103,
    AT_REQUIRED = 136,
    AT_PARTIES = 138,
    AT_INDEX = 140,
    AT_EPOCH = 142,
    AT_ATTEMPT = 150,
    AT_STATE = 158,
    AT_GENERATION = 190,
    AT_SALT = 198,
    AT_OPS = 214,
    AT_MEMORY = 218,
    AT_SEALED = 222,
    AT_SIGNATURE = 2076
};

typedef struct backups {
    csig_identity *id[BACKUPS_N];
    csig_share *share[BACKUPS_N];
    uint8_t backup[CSIG_BACKUP_BYTES]; /* of index 2 */
} backups;

extern const char backups_label[], backups_phrase[];

/* Group setup and teardown: *state is a backups. */
int backups_setup(void **state);
int backups_teardown(void **state);

csig_backup_params backups_params(const backups *f, int position);
csig_err backups_open(const uint8_t *backup, size_t len, const char *with, csig_share **share,
                      csig_identity **id);
/* Signed again by an owner who has changed it. */
void backups_sign(uint8_t *backup, const csig_identity *owner);

#endif
