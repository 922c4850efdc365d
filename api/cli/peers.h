/* What a device knows of other devices: verified auxiliary info, and whom it refuses.
 *
 *   DEVICE/peers/ID   the peer, sealed
 *   DEVICE/locks/ID   [header][own aux id 32][reason]: that peer failed a cryptographic check
 *   DEVICE/suspicions/ID   [header][count u8]: failures that named nobody, in sessions of that
 * server
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
/* A failure of more than two parties that names nobody excludes nobody: the same may try again.
 * Counted, durably, by server; from the third on it is refused, until the operator has looked. */
#define SUSPICIONS_MAX 3
CLI_MUST cli_exit suspicion_add(cli *c, const device *d, const uint8_t server[CSIG_IDENTITY_BYTES],
                                const char *reason, unsigned *count);
/* Lock and suspicions. */
CLI_MUST cli_exit lock_clear(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES]);

#endif
