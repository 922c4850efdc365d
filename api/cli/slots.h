/* The two slots of a born wallet on disk: beside `share` and `record` what a refresh has staged and
 * the server has not decided yet.
 *
 *   staged          the sealed share of the next epoch
 *   staged.record   as record; the commit is zero until it is known
 *   escrows.staged  of a wallet with recovery keys, see escrows.h
 *   keys.staged     as keys (keys.h), where a resharing changes who has recovery keys
 *
 * Written: staged.record, staged, keys.staged. Committed: staged.record with the commit; staged
 * becomes share, keys.staged keys, staged.record record. Dropped: keys.staged, staged,
 * staged.record. So without staged a staged.record is either of the share that is there, or of
 * nothing, and keys.staged is of the share that is there.
 *
 * A device that joins has these alone, and no share or record before the commit. */
#ifndef CSIG_CLI_SLOTS_H
#define CSIG_CLI_SLOTS_H

#include "cli/wallet.h"

/* CLI_AGAIN while a refresh of the wallet is not decided: it signs with neither share. */
CLI_MUST cli_exit slot_check(cli *c, const device *d, const char *wallet);
CLI_MUST cli_exit slot_is_staged(cli *c, const device *d, const char *wallet, bool *staged);
/* Durable, before the receipt leaves. */
CLI_MUST cli_exit slot_stage(cli *c, const device *d, const char *wallet,
                             const wallet_record *record, const csig_share *share);
/* The staged one; its record may have no commit yet. */
CLI_MUST cli_exit slot_open(cli *c, const device *d, const char *wallet, wallet_record *record,
                            csig_share **share);
/* The record's commit is verified: the staged epoch is the wallet's; the old share is gone. */
CLI_MUST cli_exit slot_commit(cli *c, const device *d, const char *wallet,
                              const wallet_record *record);
/* The staged epoch never will be. */
CLI_MUST cli_exit slot_drop(cli *c, const device *d, const char *wallet);
/* What a crash left between two of these steps is finished. No network. */
CLI_MUST cli_exit slot_tidy(cli *c, const device *d, const char *wallet);

#endif
