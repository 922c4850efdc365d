/* One device of the state folder: DIR/devices/NAME/ with identity, primes or aux, peers/, wallets/,
 * presignatures/, locks/; every secret sealed under the device's own key. */
#ifndef CSIG_CLI_DEVICE_H
#define CSIG_CLI_DEVICE_H

#include "cli/httpkey.h"

typedef struct device {
    char name[64];
    char folder[PATH_ROOM];
    uint8_t *key; /* locked */
    csig_sealer sealer;
    uint8_t id[CSIG_IDENTITY_BYTES];
    csig_identity *identity;
    http_key http;       /* none in folders from before there were such keys */
    cli *owner;          /* knows that it is open */
    csig_aux *aux;       /* NULL before it is made */
    csig_aux *next;      /* made, and not acknowledged by the server yet; see rotation.h */
    uint64_t generation; /* of auxiliary info made elsewhere for this identity; ours is above it */
} device;

/* Its key for HTTP, made where there is none. */
CLI_MUST cli_exit device_http_key(cli *c, device *d);
/* CLI_REFUSED: no such device. Identity and, where there is one, aux are loaded. device_close also
 * after a failure. */
CLI_MUST cli_exit device_open(cli *c, device *d, const char *name);
/* Folder, identity: made where they are not there. */
CLI_MUST cli_exit device_make(cli *c, device *d, const char *name);
/* The same for an identity and a generation that come from elsewhere. CLI_REFUSED: the folder has
 * another device of that name, or that identity under another name. */
CLI_MUST cli_exit device_restore(cli *c, device *d, const char *name, const csig_identity *identity,
                                 uint64_t generation);
/* Would device_restore refuse? Nothing is written. */
CLI_MUST cli_exit device_may_restore(cli *c, const char *name, const csig_identity *identity);
void device_close(device *d);
#define AUTO_DEVICE __attribute__((cleanup(device_close))) device

/* All devices named on the command line, or all there are when none is; at most CLI_NAMES_MAX. */
typedef struct devices {
    device *d[CLI_NAMES_MAX];
    size_t count;
} devices;
CLI_MUST cli_exit devices_open(cli *c, devices *all);
CLI_MUST cli_exit devices_open_all(cli *c, devices *all);
void devices_close(devices *all);
#define AUTO_DEVICES __attribute__((cleanup(devices_close))) devices
/* The one device a command is about: named, or "phone". CLI_USAGE: several are named. */
CLI_MUST cli_exit device_named(cli *c, const char **name);

/* --- sealed files --- */
CLI_MUST cli_exit save_identity(cli *c, const device *d, const char *path, const csig_identity *x);
CLI_MUST cli_exit save_primes(cli *c, const device *d, const char *path, const csig_primes *x);
CLI_MUST cli_exit save_aux(cli *c, const device *d, const char *path, const csig_aux *x);
CLI_MUST cli_exit save_peer(cli *c, const device *d, const char *path, const csig_peer *x);
CLI_MUST cli_exit save_share(cli *c, const device *d, const char *path, const csig_share *x);
CLI_MUST cli_exit save_recovery(cli *c, const device *d, const char *path, const csig_recovery *x);
CLI_MUST cli_exit save_presig(cli *c, const device *d, const char *path, const csig_presig *x);
/* The file must be there; *x NULL on failure. */
CLI_MUST cli_exit load_identity(cli *c, const device *d, const char *path, csig_identity **x);
CLI_MUST cli_exit load_primes(cli *c, const device *d, const char *path, csig_primes **x);
CLI_MUST cli_exit load_aux(cli *c, const device *d, const char *path, csig_aux **x);
CLI_MUST cli_exit load_peer(cli *c, const device *d, const char *path, csig_peer **x);
CLI_MUST cli_exit load_share(cli *c, const device *d, const char *path, csig_share **x);
CLI_MUST cli_exit load_recovery(cli *c, const device *d, const char *path, csig_recovery **x);
CLI_MUST cli_exit load_presig(cli *c, const device *d, const char *path, csig_presig **x);

#endif
