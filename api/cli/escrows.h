/* The escrows of one epoch of a wallet, as a file: what every dealer has encrypted to the recovery
 * keys, and what that is to be checked against. Nothing of it is secret.
 *
 *   [header][wallet's id 16][public state CSIG_EPOCH_BYTES][commit 64][CSIG_ESCROW_BYTES each]
 *
 * A device that holds a share keeps its own, for the day on which the server is gone:
 * DEVICE/wallets/W/escrows, of the epoch of `share`; until that is known, escrows.staged without a
 * commit. */
#ifndef CSIG_CLI_ESCROWS_H
#define CSIG_CLI_ESCROWS_H

#include "cli/keys.h"
#include "cli/wallet.h"

/* Who commits: the same in every wallet of this program. */
#define ESCROWS_COMMITTER 2

typedef struct escrows {
    char wallet[2 * WALLET_ID_BYTES + 1];
    csig_share_info info; /* of the epoch; self 0 */
    blob b;               /* the file; the rest points into it */
    const uint8_t *epoch, *commit, *escrow;
    size_t count;
} escrows;

void escrows_free(escrows *e);
#define AUTO_ESCROWS __attribute__((cleanup(escrows_free))) escrows

/* A file. CLI_INPUT: none, or its parts do not fit. */
CLI_MUST cli_exit escrows_read(cli *c, const char *path, escrows *e);
/* The server's of the current epoch. */
CLI_MUST cli_exit escrows_fetch(cli *c, const char *wallet, escrows *e);
/* The committer has signed the epoch, every proof is good, and what is there for each index is its
 * share. `name` is what it is called. CLI_CHEAT names the dealer of a false one; CLI_INPUT. */
CLI_MUST cli_exit escrows_verify(cli *c, const escrows *e, const char *name);
/* The one at a position: whose, and for whom. */
CLI_MUST cli_exit escrows_at(cli *c, const escrows *e, size_t i, csig_escrow_info *info);
/* How many from a position on are for the same index: with the next dealers. */
CLI_MUST cli_exit escrows_run(cli *c, const escrows *e, size_t from, size_t *count);
/* The question that this run answers. */
csig_recovery_case escrows_case(const escrows *e, size_t from, size_t count,
                                const csig_escrow_info *first);
/* A new file. CLI_REFUSED: it is there already. */
CLI_MUST cli_exit escrows_write(cli *c, const char *path, const escrows *e);

/* --- a device's own --- */

/* What a session of key generation or refresh has verified; nothing when there are no keys.
 * Durable, before anything is acknowledged. */
typedef csig_err escrow_of(csig_session *s, uint16_t dealer, uint16_t index,
                           uint8_t escrow[CSIG_ESCROW_BYTES]);
CLI_MUST cli_exit escrows_stage(cli *c, const device *d, const char *wallet,
                                const csig_share *share, const recovery_keys *keys, csig_session *s,
                                escrow_of *take);
/* What was staged is of the share that is there now, or of nothing. No network. */
CLI_MUST cli_exit escrows_tidy(cli *c, const device *d, const char *wallet);
/* In the place of what there was. */
CLI_MUST cli_exit escrows_keep(cli *c, const device *d, const char *wallet, const escrows *e);
/* The device's own: b.p NULL when it has none. */
CLI_MUST cli_exit escrows_own(cli *c, const device *d, const char *wallet, escrows *e);

#endif
