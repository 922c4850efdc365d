/* What a device knows of other devices: verified auxiliary info, and whom it refuses.
 *
 *   DEVICE/peers/ID   the peer, sealed
 *   DEVICE/locks/ID   [header][own aux id 32][reason]: that peer failed a cryptographic check
 *
 * A lock holds until it is cleared, whatever auxiliary info the device has by then. */
#ifndef CSIG_CLI_PEERS_H
#define CSIG_CLI_PEERS_H

#include "cli/device.h"

/* The verified peer of that identity; *peer NULL when there is none yet, or none paired with the
 * device's present auxiliary info. */
CLI_MUST cli_exit peer_get(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES],
                           csig_peer **peer);
CLI_MUST cli_exit peer_keep(cli *c, const device *d, const csig_peer *peer);
/* Where it is kept. */
CLI_MUST cli_exit peer_path(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES],
                            char path[PATH_ROOM]);
/* The generation that this device verified last of that identity, with whatever auxiliary info of
 * its own; 0: none. */
CLI_MUST cli_exit peer_generation(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES],
                                  uint64_t *generation);

/* Durable: no session of d with that peer from now on. */
CLI_MUST cli_exit lock_set(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES],
                           const char *reason);
/* CLI_CHEAT with the way out. */
CLI_MUST cli_exit lock_check(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES]);
CLI_MUST cli_exit lock_clear(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES]);

#endif
