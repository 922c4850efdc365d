/* One device of the state folder: DIR/devices/NAME/ with identity, primes or aux, peers/, wallets/,
 * presignatures/; every secret sealed under the device's own key. */
#ifndef CSIG_CLI_DEVICE_H
#define CSIG_CLI_DEVICE_H

#include "cli/files.h"

typedef struct device {
    char name[64];
    char folder[PATH_ROOM];
    uint8_t *key; /* locked */
    csig_sealer sealer;
    uint8_t id[CSIG_IDENTITY_BYTES];
    csig_identity *identity;
    csig_aux *aux; /* NULL before it is made */
} device;

/* CLI_REFUSED: no such device. Identity and, where there is one, aux are loaded. */
CLI_MUST cli_exit device_open(cli *c, device *d, const char *name);
/* Folder, identity: made where they are not there. */
CLI_MUST cli_exit device_make(cli *c, device *d, const char *name);
void device_close(device *d);

/* All devices named on the command line, or all there are when none is; at most CLI_NAMES_MAX. */
typedef struct devices {
    device *d[CLI_NAMES_MAX];
    size_t count;
} devices;
CLI_MUST cli_exit devices_open(cli *c, devices *all);
void devices_close(devices *all);
#define AUTO_DEVICES __attribute__((cleanup(devices_close))) devices

/* --- sealed files: *x NULL and CLI_OK where there is no file and `must` is false --- */
CLI_MUST cli_exit save_identity(cli *c, const device *d, const char *path, const csig_identity *x);
CLI_MUST cli_exit save_primes(cli *c, const device *d, const char *path, const csig_primes *x);
CLI_MUST cli_exit save_aux(cli *c, const device *d, const char *path, const csig_aux *x);
CLI_MUST cli_exit save_peer(cli *c, const device *d, const char *path, const csig_peer *x);
CLI_MUST cli_exit save_share(cli *c, const device *d, const char *path, const csig_share *x);
CLI_MUST cli_exit save_presig(cli *c, const device *d, const char *path, const csig_presig *x);
CLI_MUST cli_exit load_identity(cli *c, const device *d, const char *path, csig_identity **x);
CLI_MUST cli_exit load_primes(cli *c, const device *d, const char *path, csig_primes **x);
CLI_MUST cli_exit load_aux(cli *c, const device *d, const char *path, csig_aux **x);
CLI_MUST cli_exit load_peer(cli *c, const device *d, const char *path, csig_peer **x);
CLI_MUST cli_exit load_share(cli *c, const device *d, const char *path, csig_share **x);
CLI_MUST cli_exit load_presig(cli *c, const device *d, const char *path, csig_presig **x);

/* The verified peer of that identity; *peer NULL when there is none yet. */
CLI_MUST cli_exit device_peer(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES],
                              csig_peer **peer);
CLI_MUST cli_exit device_peer_path(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES],
                                   char path[PATH_ROOM]);

/* --- the pinned server: DIR/server --- */
typedef struct pinned {
    char address[512];
    uint8_t id[CSIG_IDENTITY_BYTES];
} pinned;
/* CLI_REFUSED: no device has enrolled yet. Sets c->server where the command line names none. */
CLI_MUST cli_exit server_pinned(cli *c, pinned *p);
/* Pins at the first enrolment; afterwards CLI_CHEAT when another identity answers. */
CLI_MUST cli_exit server_pin(cli *c, const uint8_t id[CSIG_IDENTITY_BYTES]);

#endif
