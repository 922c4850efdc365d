/* A device that leaves a wallet in a resharing: DEVICE/wallets/W/leaving says for which epoch,
 *
 *   [header][session 16][committer u16][public state CSIG_EPOCH_BYTES]
 *
 * until the server has decided. With the server's commit of that epoch the share goes, with
 * everything else of the wallet; when that epoch is dead, `leaving` does, and the device stays. */
#ifndef CSIG_CLI_LEAVING_H
#define CSIG_CLI_LEAVING_H

#include "cli/wallet.h"

/* Durable, before the receipt leaves. next: the public state of that epoch. */
CLI_MUST cli_exit leaving_keep(cli *c, const device *d, const char *wallet,
                               const wallet_record *record, const uint8_t next[CSIG_EPOCH_BYTES]);
CLI_MUST cli_exit leaving_is_there(cli *c, const device *d, const char *wallet, bool *there);
/* The commit is verified: nothing of the wallet is left here. */
CLI_MUST cli_exit leaving_done(cli *c, const device *d, const char *wallet);
/* Asks the server what became of it. CLI_AGAIN: not decided; CLI_OFFLINE. In any other case than
 * the two decisions, which are signed, the share is kept. Not leaving: CLI_OK. */
CLI_MUST cli_exit leaving_settle(cli *c, const device *d, const char *wallet,
                                 const uint8_t server[CSIG_IDENTITY_BYTES]);

#endif
