#include "cli/peers.h"

#include <stdio.h>
#include <string.h>

#include "cli/folder.h"
#include "cli/json.h"
#include "cli/seal.h"
#include "cli/server.h"

#define REASON_AT   (CLI_HEADER_BYTES + CSIG_AUX_ID_BYTES)
#define REASON_ROOM 80

static cli_exit path_of(cli *c, const device *d, const char *folder,
                        const uint8_t id[CSIG_IDENTITY_BYTES], char path[PATH_ROOM])
{
    char name[2 * CSIG_IDENTITY_BYTES + 1];

    hex_write(name, id, CSIG_IDENTITY_BYTES);
    return path_join(c, path, d->folder, folder, name, NULL);
}

/* Zero before there is any. */
static void own_aux_id(const device *d, uint8_t id[CSIG_AUX_ID_BYTES])
{
    memset(id, 0, CSIG_AUX_ID_BYTES);
    if (d->aux != NULL) csig_aux_id(d->aux, id);
}

/* --- verified peers --- */

cli_exit peer_get(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES], csig_peer **peer)
{
    uint8_t theirs[CSIG_IDENTITY_BYTES], aux[CSIG_AUX_ID_BYTES], of_pair[CSIG_AUX_ID_BYTES],
        own[CSIG_AUX_ID_BYTES];
    char path[PATH_ROOM];
    uint64_t generation;

    *peer = NULL;
    CLI_TRY(path_of(c, d, "peers", id, path));
    if (!file_is_there(path)) return CLI_OK;
    CLI_TRY(load_peer(c, d, path, peer));
    csig_peer_ids(*peer, theirs, aux, of_pair, &generation);
    own_aux_id(d, own);
    if (memcmp(theirs, id, sizeof theirs) == 0 && memcmp(of_pair, own, sizeof own) == 0)
        return CLI_OK;
    csig_peer_free(*peer);
    *peer = NULL;
    return CLI_OK;
}

cli_exit peer_keep(cli *c, const device *d, const csig_peer *peer)
{
    uint8_t id[CSIG_IDENTITY_BYTES], aux[CSIG_AUX_ID_BYTES], own[CSIG_AUX_ID_BYTES];
    char path[PATH_ROOM];
    uint64_t generation;

    csig_peer_ids(peer, id, aux, own, &generation);
    CLI_TRY(path_of(c, d, "peers", id, path));
    return save_peer(c, d, path, peer);
}

cli_exit peer_path(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES],
                   char path[PATH_ROOM])
{
    return path_of(c, d, "peers", id, path);
}

cli_exit peer_generation(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES],
                         uint64_t *generation)
{
    uint8_t theirs[CSIG_IDENTITY_BYTES], aux[CSIG_AUX_ID_BYTES], own[CSIG_AUX_ID_BYTES];
    char path[PATH_ROOM];
    csig_peer *peer;

    *generation = 0;
    CLI_TRY(path_of(c, d, "peers", id, path));
    if (!file_is_there(path)) return CLI_OK;
    CLI_TRY(load_peer(c, d, path, &peer));
    csig_peer_ids(peer, theirs, aux, own, generation);
    csig_peer_free(peer);
    return CLI_OK;
}

/* --- locks --- */

cli_exit lock_set(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES],
                  const char *reason)
{
    uint8_t file[REASON_AT + REASON_ROOM];
    const size_t len = strnlen(reason, REASON_ROOM);
    char path[PATH_ROOM];

    cli_header_write(file, CLI_KIND_LOCK);
    own_aux_id(d, file + CLI_HEADER_BYTES);
    memcpy(file + REASON_AT, reason, len);
    CLI_TRY(path_of(c, d, "locks", id, path));
    return file_write(c, path, file, REASON_AT + len);
}

static const char *whom(cli *c, const uint8_t *id, char name[64])
{
    char hex[2 * CSIG_IDENTITY_BYTES + 1];
    uint8_t server[CSIG_IDENTITY_BYTES];

    if (server_pinned(c, server) == CLI_OK && memcmp(server, id, sizeof server) == 0)
        return "the server";
    hex_write(hex, id, CSIG_IDENTITY_BYTES);
    snprintf(name, 64, "another party (device %.12s)", hex);
    return name;
}

cli_exit lock_check(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES])
{
    AUTO_BLOB b = {0};
    char path[PATH_ROOM], name[64];

    CLI_TRY(path_of(c, d, "locks", id, path));
    if (!file_is_there(path)) return CLI_OK;
    CLI_TRY(file_read(c, path, &b));
    CLI_TRY(cli_header_check(c, &b, CLI_KIND_LOCK, path));
    if (b.len < REASON_AT)
        return cli_file_is_damaged(c, path, "restore it from a copy of the folder");
    return cli_fail(c, CLI_CHEAT,
                    "device %s refuses %s: it failed a cryptographic check (%.*s). Look "
                    "for the reason before: countersign wallet unlock WALLET --device %s",
                    d->name, whom(c, id, name), (int)(b.len - REASON_AT),
                    (const char *)b.p + REASON_AT, d->name);
}

/* --- failures that name nobody --- */

static cli_exit suspicions_read(cli *c, const char *path, unsigned *count)
{
    AUTO_BLOB b = {0};

    *count = 0;
    if (!file_is_there(path)) return CLI_OK;
    CLI_TRY(file_read(c, path, &b));
    CLI_TRY(cli_header_check(c, &b, CLI_KIND_SUSPICIONS, path));
    if (b.len != CLI_HEADER_BYTES + 1)
        return cli_file_is_damaged(c, path, "restore it from a copy of the folder");
    *count = b.p[CLI_HEADER_BYTES];
    return CLI_OK;
}

cli_exit suspicion_add(cli *c, const device *d, const uint8_t server[CSIG_IDENTITY_BYTES],
                       const char *reason, unsigned *count)
{
    uint8_t file[CLI_HEADER_BYTES + 1];
    char folder[PATH_ROOM], path[PATH_ROOM];

    CLI_TRY(path_join(c, folder, d->folder, "suspicions", NULL));
    CLI_TRY(path_of(c, d, "suspicions", server, path));
    CLI_TRY(suspicions_read(c, path, count));
    if (*count < SUSPICIONS_MAX) ++*count;
    cli_header_write(file, CLI_KIND_SUSPICIONS);
    file[CLI_HEADER_BYTES] = (uint8_t)*count;
    CLI_TRY(folder_make(c, folder));
    CLI_TRY(file_write(c, path, file, sizeof file));
    return *count == SUSPICIONS_MAX ? lock_set(c, d, server, reason) : CLI_OK;
}

cli_exit lock_clear(cli *c, const device *d, const uint8_t id[CSIG_IDENTITY_BYTES])
{
    char path[PATH_ROOM];

    CLI_TRY(path_of(c, d, "suspicions", id, path));
    CLI_TRY(file_remove(c, path));
    CLI_TRY(path_of(c, d, "locks", id, path));
    return file_remove(c, path);
}
