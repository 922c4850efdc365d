/* Wallets on disk: DIR/devices/NAME/wallets/ID/ with the sealed share and what is known of its
 * birth.
 *
 *   record    header, session id 16, committer u16, commit signature 64 (zero until born)
 *   pending   the sealed share before the birth is known
 *   share     the sealed share of a wallet that was born
 */
#ifndef CSIG_CLI_WALLET_H
#define CSIG_CLI_WALLET_H

#include "cli/device.h"

#define WALLET_ID_BYTES 16

typedef struct wallet_record {
    uint8_t session[WALLET_ID_BYTES];
    uint16_t server; /* the committer's index */
    uint8_t commit[64];
} wallet_record;

CLI_MUST cli_exit wallet_path(cli *c, const device *d, const char *wallet, const char *file,
                              char path[PATH_ROOM]);
/* Durable: record, then the pending share. */
CLI_MUST cli_exit wallet_keep_pending(cli *c, const device *d, const char *wallet,
                                      const wallet_record *record, const csig_share *share);
/* The birth is known: record with commit, then pending becomes share. */
CLI_MUST cli_exit wallet_born(cli *c, const device *d, const char *wallet,
                              const wallet_record *record);
CLI_MUST cli_exit wallet_forget(cli *c, const device *d, const char *wallet);
/* CLI_REFUSED: this device has no such wallet. */
CLI_MUST cli_exit wallet_open(cli *c, const device *d, const char *wallet, wallet_record *record,
                              csig_share **share);
bool wallet_is_here(cli *c, const device *d, const char *wallet);

/* Ask the server about every pending share of these devices and follow: born or never born. Without
 * a pending share there is no call. A server that cannot be reached leaves them pending. */
CLI_MUST cli_exit wallets_reconcile(cli *c, const devices *all);

#endif
