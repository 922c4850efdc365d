/* The clients' backups: sealed by their owners and signed; kept sealed once more. */
#ifndef CSIGD_SERVICE_BACKUPS_H
#define CSIGD_SERVICE_BACKUPS_H

#include "countersign/backup.h"
#include "service/service.h"

/* What a backup has to be of. */
typedef struct csigd_backup_of {
    const uint8_t *wallet; /* its id is the backup's label */
    const uint8_t *key_id;
    const uint8_t *owner;
    uint16_t index;
    const csigd_epoch *epoch;
} csigd_backup_of;

/* BAD_REQUEST with field backup: no backup, not signed by its owner, or of something else;
 * EPOCH_CHANGED: of another epoch; PROTOCOL_VERSION. */
csigd_code csigd_backup_check(const csigd_backup_of *of, const csig_backup_info *info,
                              csigd_problem *why);
/* What it says of itself. */
csigd_code csigd_backup_read(const uint8_t *backup, size_t len, csig_backup_info *info,
                             csigd_problem *why);
csig_err csigd_backup_seal(const csigd_service *service, const uint8_t *wallet,
                           const csig_backup_info *info, const uint8_t *backup, size_t len,
                           csigd_backup_row *row);

/* A backup of the wallet's current epoch comes by itself. */
csigd_code csigd_backup_put(const csigd_service *service, const uint8_t *wallet, uint16_t index,
                            const uint8_t *backup, size_t len, csigd_problem *why);
/* NOT_FOUND: there is none of this epoch. */
csigd_code csigd_backup_get(const csigd_service *service, const uint8_t *wallet, uint16_t index,
                            csigd_blob *backup, csigd_problem *why);

#endif
