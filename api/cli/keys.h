/* Who of a wallet has a recovery key, as this device was told at the birth: DEVICE/wallets/W/keys,
 * [header] and sealed: for each, ascending, index u16 and key 32. Nobody else's word counts: who
 * gives a wallet another recovery key at a refresh has that index's next share. */
#ifndef CSIG_CLI_KEYS_H
#define CSIG_CLI_KEYS_H

#include "cli/device.h"
#include "cli/json.h"

typedef struct recovery_keys {
    uint16_t index[CSIG_PARTIES_MAX]; /* ascending */
    uint8_t key[CSIG_PARTIES_MAX][CSIG_RECOVERY_KEY_BYTES];
    uint16_t count;
} recovery_keys;

/* In its place by index. CLI_USAGE: the index has one already. */
CLI_MUST cli_exit keys_add(cli *c, recovery_keys *keys, uint16_t index,
                           const uint8_t key[CSIG_RECOVERY_KEY_BYTES]);
bool keys_has(const recovery_keys *keys, uint16_t index);
csig_recovery_keys keys_lent(const recovery_keys *keys);

/* Durable. */
CLI_MUST cli_exit keys_write(cli *c, const device *d, const char *wallet,
                             const recovery_keys *keys);
/* Those of the next epoch, where a resharing changes them: slots.h says when they count. */
CLI_MUST cli_exit keys_stage(cli *c, const device *d, const char *wallet,
                             const recovery_keys *keys);
/* *known false, and none: this device was not told. CLI_SEALED: altered, or of another wallet. */
CLI_MUST cli_exit keys_read(cli *c, const device *d, const char *wallet, recovery_keys *keys,
                            bool *known);
/* The server has the same list ("recovery" of a wallet). CLI_CHEAT: another one. */
CLI_MUST cli_exit keys_check_server(cli *c, const recovery_keys *keys, const json *wallet);

#endif
