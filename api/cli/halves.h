/* Presignature halves on disk: DIR/devices/NAME/presignatures/ID is the sealed half until it is
 * used; then, by one rename, the octets of the exchange that spent it. A half never comes back. */
#ifndef CSIG_CLI_HALVES_H
#define CSIG_CLI_HALVES_H

#include "cli/parties.h"

/* Durable. Also names the wallet, so that halves are found by it. */
CLI_MUST cli_exit half_keep(cli *c, const device *d, const char *wallet, const csig_presig *half);
/* The ids of a wallet's unused halves that every local signer holds, as hex texts. */
CLI_MUST cli_exit halves_list(cli *c, const parties *p, json *ids);
CLI_MUST cli_exit half_take(cli *c, const device *d, const char *wallet, const char *id,
                            csig_presig **half);
/* Replace the half by the reply that used it. */
CLI_MUST cli_exit half_spend(cli *c, const device *d, const char *wallet, const char *id,
                             const char *session, unsigned n, const uint8_t *reply, size_t len);
/* Remove the halves the server no longer has its own half of: nobody can use them. */
CLI_MUST cli_exit halves_prune(cli *c, const device *d, const char *wallet, const json *ready);
/* Send every stored reply again, the same octets, until the server has answered it for good. */
CLI_MUST cli_exit halves_resend(cli *c, const device *d, const char *wallet);

#endif
