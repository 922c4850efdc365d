/* Presignature halves on disk: DIR/devices/NAME/presignatures/WALLET/ID is the sealed half until it
 * is used; then, by one rename, the octets that use sends. A half never comes back.
 *
 *   [header][session, 32 characters][exchange u8][envelopes]    none: burned, and nothing left yet
 */
#ifndef CSIG_CLI_HALVES_H
#define CSIG_CLI_HALVES_H

#include "cli/parties.h"

#define HALVES_LISTED_MAX 32 /* what the server takes */

/* What a used half left behind. */
typedef struct spent {
    const char *wallet, *id; /* of the presignature */
    const char *session;
    unsigned n; /* the exchange */
} spent;

CLI_MUST cli_exit half_keep(cli *c, const device *d, const char *wallet, const csig_presig *half);
/* The ids of a wallet's unused halves that every local signer holds, as hex texts. */
CLI_MUST cli_exit halves_list(cli *c, const parties *p, json *ids);
/* CLI_REFUSED: the device has no such unused half. */
CLI_MUST cli_exit half_take(cli *c, const device *d, const char *wallet, const char *id,
                            csig_presig **half);
/* Durable: from now on there are these octets instead of the half; with len 0 nothing. */
CLI_MUST cli_exit half_spend(cli *c, const device *d, const spent *s, const uint8_t *envelopes,
                             size_t len);
/* The server has answered for good: nothing of the half is needed any more. */
CLI_MUST cli_exit half_settled(cli *c, const device *d, const char *wallet, const char *id);
/* Ask the server which presignatures are ready: nobody can use the halves of others, they are
 * removed. */
CLI_MUST cli_exit halves_check(cli *c, const parties *p);
/* Halves of another epoch than the wallet's share are removed. */
CLI_MUST cli_exit halves_of_epoch(cli *c, const device *d, const char *wallet);
/* All of a wallet that the device leaves. */
CLI_MUST cli_exit halves_drop(cli *c, const device *d, const char *wallet);
/* Send what is stored again, the same octets, until the server has answered it for good. */
CLI_MUST cli_exit halves_resend(cli *c, const device *d, const char *wallet);

#endif
