/* What a device knows of other devices: verified auxiliary info, and whom it refuses.
 *
 *   DEVICE/peers/ID   the peer, sealed
 *   DEVICE/locks/ID   [header][own aux id 32][reason]: that peer failed a cryptographic check
 *
 * A lock holds for one generation of the device's own auxiliary info. */
#ifndef CSIG_CLI_PEERS_H
#define CSIG_CLI_PEERS_H

#include "cli/device.h"

/* The verified peer of that identity; *peer NULL when there is none yet, or none paired with the
 * device's present auxiliary info. */
CLI_MUST cli_exit peer_get(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES],
                           csig_peer **peer);
CLI_MUST cli_exit peer_keep(cli *c, const device *d, const csig_peer *peer);

/* Durable: no session of d with that peer from now on. */
CLI_MUST cli_exit lock_set(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES],
                           const char *reason);
/* CLI_CHEAT with the way out. */
CLI_MUST cli_exit lock_check(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES]);
CLI_MUST cli_exit lock_clear(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES]);

#endif
