/* Recovery cards: what a recovery machine gives to those who make a wallet. Nothing of it is
 * secret; the fingerprint is what people compare.
 *
 *   {"identity": 64 hex digits, "key": 64, "fingerprint": 64} */
#ifndef CSIG_CLI_CARDS_H
#define CSIG_CLI_CARDS_H

#include "cli/files.h"

typedef struct card {
    uint8_t identity[CSIG_IDENTITY_BYTES];
    uint8_t key[CSIG_RECOVERY_KEY_BYTES];
    uint8_t fingerprint[CSIG_FINGERPRINT_BYTES];
} card;

/* From an identity and a recovery key. */
CLI_MUST cli_exit card_make(cli *c, card *made, const uint8_t identity[CSIG_IDENTITY_BYTES],
                            const csig_recovery *key);
/* A new file. CLI_REFUSED: it is there already. */
CLI_MUST cli_exit card_write(cli *c, const char *path, const card *written);
/* CLI_INPUT: no card, or its parts do not belong together. */
CLI_MUST cli_exit card_read(cli *c, const char *path, card *found);
/* "INDEX=FILE" */
CLI_MUST cli_exit card_read_of(cli *c, const char *text, uint16_t *index, card *found);

/* Device cards: what a device gives to those who make a wallet with it. Nothing of it is secret.
 *
 *   {"identity": 64 hex digits, "name": text, "fingerprint": 64: SHA-256 of the identity} */
typedef struct device_card {
    uint8_t identity[CSIG_IDENTITY_BYTES];
    char name[64];
    uint8_t fingerprint[CSIG_FINGERPRINT_BYTES];
} device_card;

CLI_MUST cli_exit device_card_make(cli *c, device_card *made,
                                   const uint8_t identity[CSIG_IDENTITY_BYTES], const char *name);
/* CLI_INPUT: no card, or altered. */
CLI_MUST cli_exit device_card_read(cli *c, const char *path, device_card *found);

#endif
