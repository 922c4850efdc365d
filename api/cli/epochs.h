/* Which epoch of a wallet is the one: only the server knows, and it signs what it says. */
#ifndef CSIG_CLI_EPOCHS_H
#define CSIG_CLI_EPOCHS_H

#include "cli/slots.h"

#define EPOCH_STATE_BYTES 32

/* What the server says of an epoch that a device waits for: its commit, which the caller verifies,
 * or that it is dead, which is verified. */
typedef struct epoch_fate {
    bool dead;
    uint8_t commit[64];
} epoch_fate;

/* The session that was to make it is given up first. CLI_AGAIN: not decided; CLI_OFFLINE. */
CLI_MUST cli_exit epoch_ask(cli *c, const char *wallet, const uint8_t session[WALLET_ID_BYTES],
                            const uint8_t epoch_state[EPOCH_STATE_BYTES],
                            const uint8_t server[CSIG_IDENTITY_BYTES], epoch_fate *fate);
/* A staged share is followed (the server's commit is verified) or dropped (its signature that the
 * epoch is dead is). What a refresh that an earlier process began holds open there is given up
 * first. CLI_AGAIN: not decided; CLI_OFFLINE. In any other case than these two decisions both
 * shares are kept. Nothing staged: CLI_OK. */
CLI_MUST cli_exit epoch_settle(cli *c, const device *d, const char *wallet,
                               const uint8_t server[CSIG_IDENTITY_BYTES]);
/* The record's commit is verified: the staged share is the wallet's, halves of another epoch go. */
CLI_MUST cli_exit epoch_follow(cli *c, const device *d, const char *wallet,
                               const wallet_record *record);
/* Are two shares of a wallet here, the second one of d, of one epoch? CLI_REFUSED. */
CLI_MUST cli_exit epoch_is_one(cli *c, const device *d, const char *wallet,
                               const csig_share_info *a, const csig_share_info *b);
/* Is this share of d of the wallet's epoch, as the server says? CLI_REFUSED with the way out. Notes
 * the generation of the server's auxiliary info on the way. */
CLI_MUST cli_exit epoch_check(cli *c, const device *d, const char *wallet,
                              const csig_share_info *share);

#endif
