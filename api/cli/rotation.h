/* A device's next auxiliary info, and what brings it into use.
 *
 *   primes.next   the search for its primes, sealed; removed once aux.next is there
 *   aux.next      it, sealed, while the server has not acknowledged it
 *   peer.next     the server as verified with it
 *
 *   peer.again    the server as verified again with aux; worth nothing after a crash
 *
 * When the pairing is acknowledged aux.next is renamed to aux, then peer.next to peers/SERVER.
 * Until then the device signs with aux; from then on with the other alone. */
#ifndef CSIG_CLI_ROTATION_H
#define CSIG_CLI_ROTATION_H

#include "cli/device.h"

#define PRIMES_NEXT "primes.next"
#define AUX_NEXT    "aux.next"
#define PEER_NEXT   "peer.next"
#define PEER_AGAIN  "peer.again"

/* Did an earlier process begin a rotation and not see its end? */
CLI_MUST cli_exit rotation_is_open(cli *c, const device *d, bool *open);
/* Finish what is open: CLI_OK when nothing is left. In any other case the device goes on with the
 * auxiliary info it has. */
CLI_MUST cli_exit rotation_settle(cli *c, device *d, const uint8_t server[CSIG_IDENTITY_BYTES]);
/* Of these devices, those that hold a share of the wallet and auxiliary info are paired with the
 * generation the server says it is at, where they are not yet. What does not succeed is noted: the
 * generation before serves as long as the server has it. */
CLI_MUST cli_exit rotation_follow(cli *c, const devices *all, const char *wallet,
                                  const uint8_t server[CSIG_IDENTITY_BYTES]);

#endif
