#include "cli/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/json.h"
#include "cli/seal.h"

static cli_exit sealed_failure(cli *c, csig_err err, const char *path)
{
    char what[PATH_ROOM + 32];

    snprintf(what, sizeof what, "file %s", path);
    return cli_check(c, err, what);
}

/* Each kind of sealed object is saved and loaded alike. */
#define SEALED_FILE(noun)                                                                          \
    cli_exit save_##noun(cli *c, const device *d, const char *path, const csig_##noun *x)          \
    {                                                                                              \
        AUTO_BLOB b = {0};                                                                         \
        csig_err err = csig_##noun##_export(x, &d->sealer, NULL, &b.len);                          \
                                                                                                   \
        if (err != CSIG_E_BUFFER) return sealed_failure(c, err, path);                             \
        b.p = malloc(b.len);                                                                       \
        if (b.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");                           \
        err = csig_##noun##_export(x, &d->sealer, b.p, &b.len);                                    \
        if (err != CSIG_OK) return sealed_failure(c, err, path);                                   \
        return file_write(c, path, b.p, b.len);                                                    \
    }                                                                                              \
    cli_exit load_##noun(cli *c, const device *d, const char *path, csig_##noun **x)               \
    {                                                                                              \
        AUTO_BLOB b = {0};                                                                         \
                                                                                                   \
        *x = NULL;                                                                                 \
        CLI_TRY(file_read(c, path, &b));                                                           \
        return sealed_failure(c, csig_##noun##_import(x, &d->sealer, b.p, b.len), path);           \
    }

SEALED_FILE(identity)
SEALED_FILE(primes)
SEALED_FILE(aux)
SEALED_FILE(peer)
SEALED_FILE(share)
SEALED_FILE(presig)

static bool name_is_plain(const char *name)
{
    const size_t len = strlen(name);

    if (len == 0 || len >= sizeof((device *)0)->name) return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static cli_exit begin(cli *c, device *d, const char *name)
{
    *d = (device){0};
    if (!name_is_plain(name))
        return cli_fail(c, CLI_USAGE, "a device's name has letters a-z, digits and '-': not \"%s\"",
                        name);
    snprintf(d->name, sizeof d->name, "%s", name);
    CLI_TRY(path_join(c, d->folder, c->state, "devices", name));
    d->key = locked_alloc(DEVICE_KEY_BYTES);
    if (d->key == NULL) return cli_fail(c, CLI_LOCAL, "no locked memory; raise RLIMIT_MEMLOCK");
    CLI_TRY(cli_device_key(c, name, d->key));
    d->sealer = csig_sealer_from_key(d->key);
    return CLI_OK;
}

static cli_exit load(cli *c, device *d)
{
    char path[PATH_ROOM];

    CLI_TRY(path_join(c, path, d->folder, "identity", NULL));
    if (!file_is_there(path))
        return cli_fail(c, CLI_REFUSED,
                        "there is no device \"%s\" in %s; run: countersign device init", d->name,
                        c->state);
    CLI_TRY(load_identity(c, d, path, &d->identity));
    csig_identity_public(d->identity, d->id);
    CLI_TRY(path_join(c, path, d->folder, "aux", NULL));
    return file_is_there(path) ? load_aux(c, d, path, &d->aux) : CLI_OK;
}

cli_exit device_open(cli *c, device *d, const char *name)
{
    CLI_TRY(begin(c, d, name));
    return load(c, d);
}

static cli_exit make_folders(cli *c, const device *d)
{
    static const char *const inner[] = {"peers", "wallets", "presignatures"};
    char path[PATH_ROOM];

    CLI_TRY(path_join(c, path, c->state, "devices", NULL));
    CLI_TRY(folder_make(c, path));
    CLI_TRY(folder_make(c, d->folder));
    for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++) {
        CLI_TRY(path_join(c, path, d->folder, inner[i], NULL));
        CLI_TRY(folder_make(c, path));
    }
    return CLI_OK;
}

cli_exit device_make(cli *c, device *d, const char *name)
{
    char path[PATH_ROOM];

    CLI_TRY(begin(c, d, name));
    CLI_TRY(make_folders(c, d));
    CLI_TRY(path_join(c, path, d->folder, "identity", NULL));
    if (!file_is_there(path)) {
        csig_identity *fresh;
        cli_exit code;

        CLI_TRY(cli_check(c, csig_identity_new(&fresh), "a new identity"));
        code = save_identity(c, d, path, fresh);
        csig_identity_free(fresh);
        CLI_TRY(code);
    }
    return load(c, d);
}

void device_close(device *d)
{
    csig_identity_free(d->identity);
    csig_aux_free(d->aux);
    locked_free(d->key);
    *d = (device){0};
}

static cli_exit add_device(cli *c, const char *name, void *arg)
{
    devices *all = arg;

    if (all->count == CLI_NAMES_MAX) return cli_fail(c, CLI_USAGE, "too many devices");
    all->d[all->count] = calloc(1, sizeof(device));
    if (all->d[all->count] == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    return device_open(c, all->d[all->count++], name);
}

cli_exit devices_open(cli *c, devices *all)
{
    char path[PATH_ROOM];

    *all = (devices){0};
    for (size_t i = 0; i < c->devices; i++)
        CLI_TRY(add_device(c, c->device[i], all));
    if (c->devices > 0) return CLI_OK;
    CLI_TRY(path_join(c, path, c->state, "devices", NULL));
    CLI_TRY(folder_each(c, path, add_device, all));
    if (all->count == 0)
        return cli_fail(c, CLI_REFUSED, "there is no device in %s; run: countersign device init",
                        c->state);
    return CLI_OK;
}

void devices_close(devices *all)
{
    for (size_t i = 0; i < all->count; i++) {
        device_close(all->d[i]);
        free(all->d[i]);
    }
    *all = (devices){0};
}

cli_exit device_peer_path(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES],
                          char path[PATH_ROOM])
{
    char name[2 * CSIG_IDENTITY_BYTES + 1], folder[PATH_ROOM];

    hex_write(name, id, CSIG_IDENTITY_BYTES);
    CLI_TRY(path_join(c, folder, d->folder, "peers", NULL));
    return path_join(c, path, folder, name, NULL);
}

cli_exit device_peer(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES],
                     csig_peer **peer)
{
    char path[PATH_ROOM];

    *peer = NULL;
    CLI_TRY(device_peer_path(c, d, id, path));
    return file_is_there(path) ? load_peer(c, d, path, peer) : CLI_OK;
}

/* DIR/server: header, identity, address. */
cli_exit server_pinned(cli *c, pinned *p)
{
    static char address[sizeof p->address]; /* outlives the command: c->server points to it */
    AUTO_BLOB b = {0};
    char path[PATH_ROOM];

    CLI_TRY(path_join(c, path, c->state, "server", NULL));
    if (!file_is_there(path))
        return cli_fail(c, CLI_REFUSED,
                        "no device has enrolled with a server yet; run: countersign "
                        "device enrol --server ADDRESS");
    CLI_TRY(file_read(c, path, &b));
    CLI_TRY(cli_header_check(c, &b, CLI_KIND_SERVER, path));
    if (b.len <= CLI_HEADER_BYTES + sizeof p->id ||
        b.len - CLI_HEADER_BYTES - sizeof p->id >= sizeof address)
        return cli_fail(c, CLI_INPUT, "%s is damaged: enrol again with --server", path);
    memcpy(p->id, b.p + CLI_HEADER_BYTES, sizeof p->id);
    snprintf(address, sizeof address, "%.*s", (int)(b.len - CLI_HEADER_BYTES - sizeof p->id),
             (const char *)b.p + CLI_HEADER_BYTES + sizeof p->id);
    memcpy(p->address, address, sizeof address);
    if (c->server == NULL) c->server = address;
    return CLI_OK;
}

cli_exit server_pin(cli *c, const uint8_t id[CSIG_IDENTITY_BYTES])
{
    uint8_t file[CLI_HEADER_BYTES + CSIG_IDENTITY_BYTES + sizeof((pinned *)0)->address];
    const size_t len = strlen(c->server);
    char path[PATH_ROOM];
    pinned have;

    CLI_TRY(path_join(c, path, c->state, "server", NULL));
    if (file_is_there(path)) {
        CLI_TRY(server_pinned(c, &have));
        if (memcmp(have.id, id, sizeof have.id) != 0)
            return cli_fail(
                c, CLI_CHEAT,
                "another server answers than the one this folder enrolled with; nothing "
                "was sent. If the server was replaced on purpose, start a new folder");
        return CLI_OK;
    }
    if (len >= sizeof have.address)
        return cli_fail(c, CLI_USAGE, "the server's address is too long");
    cli_header_write(file, CLI_KIND_SERVER);
    memcpy(file + CLI_HEADER_BYTES, id, CSIG_IDENTITY_BYTES);
    memcpy(file + CLI_HEADER_BYTES + CSIG_IDENTITY_BYTES, c->server, len);
    return file_write(c, path, file, CLI_HEADER_BYTES + CSIG_IDENTITY_BYTES + len);
}
