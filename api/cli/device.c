#include "cli/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/folder.h"
#include "cli/rotation.h"
#include "cli/seal.h"

#define GENERATION_BYTES (CLI_HEADER_BYTES + 8)

static cli_exit sealed_failure(cli *c, csig_err err, const char *path)
{
    char what[PATH_ROOM + 8];

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
SEALED_FILE(recovery)

/* --- one device --- */

static bool name_is_plain(const char *name)
{
    const size_t len = strlen(name);

    if (len == 0 || len >= sizeof((device *)0)->name) return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static cli_exit not_plain(cli *c, const char *name)
{
    return cli_fail(c, CLI_USAGE, "a device's name has letters a-z, digits and '-': not \"%s\"",
                    name);
}

static cli_exit begin(cli *c, device *d, const char *name)
{
    *d = (device){0};
    if (!name_is_plain(name)) return not_plain(c, name);
    snprintf(d->name, sizeof d->name, "%s", name);
    CLI_TRY(path_join(c, d->folder, c->state, "devices", name, NULL));
    d->key = locked_alloc(DEVICE_KEY_BYTES);
    if (d->key == NULL) return no_locked_memory(c);
    CLI_TRY(cli_device_key(c, name, d->key));
    d->sealer = csig_sealer_from_key(d->key);
    return CLI_OK;
}

/* --- the generation that was before --- */

static cli_exit write_generation(cli *c, const device *d, uint64_t generation)
{
    uint8_t file[GENERATION_BYTES];
    char path[PATH_ROOM];

    cli_header_write(file, CLI_KIND_GENERATION);
    for (int i = 0; i < 8; i++)
        file[CLI_HEADER_BYTES + i] = (uint8_t)(generation >> (56 - 8 * i));
    CLI_TRY(path_join(c, path, d->folder, "generation", NULL));
    return file_write(c, path, file, sizeof file);
}

static cli_exit read_generation(cli *c, device *d)
{
    AUTO_BLOB b = {0};
    char path[PATH_ROOM];

    CLI_TRY(path_join(c, path, d->folder, "generation", NULL));
    if (!file_is_there(path)) return CLI_OK;
    CLI_TRY(file_read(c, path, &b));
    CLI_TRY(cli_header_check(c, &b, CLI_KIND_GENERATION, path));
    if (b.len != GENERATION_BYTES)
        return cli_file_is_damaged(c, path, "restore the backup again in a new state folder");
    for (size_t i = CLI_HEADER_BYTES; i < b.len; i++)
        d->generation = d->generation << 8 | b.p[i];
    return CLI_OK;
}

/* The list of those that are open, for who signs a request. */
static cli_exit enter(cli *c, device *d)
{
    if (c->n_open == sizeof c->open / sizeof c->open[0])
        return cli_fail(c, CLI_BUG, "too many devices are open");
    c->open[c->n_open++] = d;
    d->owner = c;
    return CLI_OK;
}

static void leave(device *d)
{
    cli *c = d->owner;
    size_t n = 0;

    if (c == NULL) return;
    for (size_t i = 0; i < c->n_open; i++)
        if (c->open[i] != d) c->open[n++] = c->open[i];
    c->n_open = n;
    if (c->acting == d) c->acting = NULL;
}

cli_exit device_http_key(cli *c, device *d)
{
    char path[PATH_ROOM];

    if (d->http.secret != NULL) return CLI_OK;
    CLI_TRY(path_join(c, path, d->folder, "http", NULL));
    if (c->fresh != NULL) {
        CLI_TRY(http_key_save(c, c->fresh, path, &d->sealer, d->id));
        return http_key_load(c, &d->http, path, &d->sealer, d->id);
    }
    CLI_TRY(http_key_make(c, &d->http));
    return http_key_save(c, &d->http, path, &d->sealer, d->id);
}

static cli_exit load(cli *c, device *d)
{
    char path[PATH_ROOM];

    CLI_TRY(path_join(c, path, d->folder, "identity", NULL));
    if (!file_is_there(path))
        return cli_fail(c, CLI_REFUSED,
                        "there is no device \"%s\" in %s; run: countersign device init --device %s",
                        d->name, c->state, d->name);
    CLI_TRY(load_identity(c, d, path, &d->identity));
    csig_identity_public(d->identity, d->id);
    CLI_TRY(read_generation(c, d));
    CLI_TRY(path_join(c, path, d->folder, "http", NULL));
    CLI_TRY(http_key_load(c, &d->http, path, &d->sealer, d->id));
    CLI_TRY(enter(c, d));
    CLI_TRY(path_join(c, path, d->folder, "aux", NULL));
    if (file_is_there(path)) CLI_TRY(load_aux(c, d, path, &d->aux));
    CLI_TRY(path_join(c, path, d->folder, AUX_NEXT, NULL));
    return file_is_there(path) ? load_aux(c, d, path, &d->next) : CLI_OK;
}

cli_exit device_open(cli *c, device *d, const char *name)
{
    CLI_TRY(begin(c, d, name));
    return load(c, d);
}

static cli_exit make_folders(cli *c, const device *d)
{
    static const char *const inner[] = {"peers", "wallets", "presignatures", "locks"};
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

static cli_exit make_identity(cli *c, const device *d, const char *path)
{
    csig_identity *fresh;
    cli_exit code;

    CLI_TRY(cli_check(c, csig_identity_new(&fresh), "a new identity"));
    code = save_identity(c, d, path, fresh);
    csig_identity_free(fresh);
    return code;
}

cli_exit device_make(cli *c, device *d, const char *name)
{
    char path[PATH_ROOM];

    CLI_TRY(begin(c, d, name));
    CLI_TRY(make_folders(c, d));
    CLI_TRY(path_join(c, path, d->folder, "identity", NULL));
    if (!file_is_there(path)) CLI_TRY(make_identity(c, d, path));
    CLI_TRY(load(c, d));
    return device_http_key(c, d);
}

/* --- from elsewhere --- */

typedef struct arrival {
    const char *name;
    uint8_t id[CSIG_IDENTITY_BYTES];
} arrival;

static cli_exit check_other(cli *c, const char *name, void *arg)
{
    const arrival *a = arg;
    AUTO_DEVICE d = {0};
    char path[PATH_ROOM];
    bool same_name, same_id;

    CLI_TRY(path_join(c, path, c->state, "devices", name, "identity", NULL));
    if (!file_is_there(path)) return CLI_OK;
    CLI_TRY(device_open(c, &d, name));
    same_name = strcmp(name, a->name) == 0;
    same_id = memcmp(d.id, a->id, sizeof d.id) == 0;
    if (same_name && !same_id)
        return cli_fail(c, CLI_REFUSED,
                        "there is another device \"%s\" in %s, and it stays; give the restored one "
                        "another name: --device NAME",
                        name, c->state);
    if (same_id && !same_name)
        return cli_fail(c, CLI_REFUSED,
                        "the backup is of the device \"%s\" of this folder: --device %s", name,
                        name);
    return CLI_OK;
}

cli_exit device_may_restore(cli *c, const char *name, const csig_identity *identity)
{
    arrival a = {.name = name};
    char path[PATH_ROOM];

    if (!name_is_plain(name)) return not_plain(c, name);
    csig_identity_public(identity, a.id);
    CLI_TRY(path_join(c, path, c->state, "devices", NULL));
    return folder_each(c, path, check_other, &a);
}

cli_exit device_restore(cli *c, device *d, const char *name, const csig_identity *identity,
                        uint64_t generation)
{
    char path[PATH_ROOM];

    CLI_TRY(device_may_restore(c, name, identity));
    CLI_TRY(begin(c, d, name));
    CLI_TRY(make_folders(c, d));
    CLI_TRY(path_join(c, path, d->folder, "identity", NULL));
    if (!file_is_there(path)) {
        CLI_TRY(write_generation(c, d, generation));
        CLI_TRY(save_identity(c, d, path, identity));
    }
    CLI_TRY(load(c, d));
    return device_http_key(c, d);
}

void device_close(device *d)
{
    leave(d);
    http_key_free(&d->http);
    csig_identity_free(d->identity);
    csig_aux_free(d->aux);
    csig_aux_free(d->next);
    locked_free(d->key);
    *d = (device){0};
}

/* --- several --- */

static cli_exit add_device(cli *c, const char *name, void *arg)
{
    devices *all = arg;

    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->d[i]->name, name) == 0)
            return cli_fail(c, CLI_USAGE, "device \"%s\" is named twice", name);
    if (all->count == CLI_NAMES_MAX)
        return cli_fail(c, CLI_USAGE, "at most %d devices at once; name them with --device",
                        CLI_NAMES_MAX);
    all->d[all->count] = calloc(1, sizeof(device));
    if (all->d[all->count] == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    return device_open(c, all->d[all->count++], name);
}

/* A folder without identity is a device whose init was cut off. */
static cli_exit add_whole_device(cli *c, const char *name, void *arg)
{
    char path[PATH_ROOM];

    CLI_TRY(path_join(c, path, c->state, "devices", name, "identity", NULL));
    return file_is_there(path) ? add_device(c, name, arg) : CLI_OK;
}

cli_exit devices_open_all(cli *c, devices *all)
{
    char path[PATH_ROOM];

    *all = (devices){0};
    CLI_TRY(path_join(c, path, c->state, "devices", NULL));
    CLI_TRY(folder_each(c, path, add_whole_device, all));
    if (all->count == 0)
        return cli_fail(c, CLI_REFUSED, "there is no device in %s; run: countersign device init",
                        c->state);
    return CLI_OK;
}

cli_exit devices_open(cli *c, devices *all)
{
    *all = (devices){0};
    if (c->devices == 0) return devices_open_all(c, all);
    for (size_t i = 0; i < c->devices; i++)
        CLI_TRY(add_device(c, c->device[i], all));
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

cli_exit device_named(cli *c, const char **name)
{
    *name = c->devices > 0 ? c->device[0] : "phone";
    if (c->devices <= 1) return CLI_OK;
    return cli_fail(c, CLI_USAGE, "one --device at a time");
}
