/* Backups as files: made of a share here, and read. */
#ifndef CSIG_CLI_BACKUPS_H
#define CSIG_CLI_BACKUPS_H

#include "cli/device.h"

/* Can backups be made? Their passphrase is read, into c->backup_phrase: of
 * --backup-passphrase-file, or the folder's own. CLI_USAGE: --kdf-memory. */
CLI_MUST cli_exit backup_begin(cli *c);
/* A backup of d's share; its label is the wallet's id. Half a second or so. */
CLI_MUST cli_exit backup_make(cli *c, const device *d, const char *wallet, const csig_share *share,
                              uint8_t backup[CSIG_BACKUP_BYTES]);
/* Read and describe. CLI_INPUT: none, or altered. */
/* To the server, as that of its current epoch. */
CLI_MUST cli_exit backup_give(cli *c, const char *wallet, uint16_t index, const blob *b);
CLI_MUST cli_exit backup_read(cli *c, const char *path, blob *b, csig_backup_info *info);
/* Open with the backup passphrase. CLI_SEALED: a wrong one. */
CLI_MUST cli_exit backup_open(cli *c, const char *path, const blob *b, csig_share **share,
                              csig_identity **identity);

#endif
