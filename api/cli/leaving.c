#include "cli/leaving.h"

#include <string.h>

#include "cli/epochs.h"
#include "cli/halves.h"
#include "cli/seal.h"

#define COMMITTER_AT (CLI_HEADER_BYTES + WALLET_ID_BYTES)
#define EPOCH_AT     (COMMITTER_AT + 2)
#define FILE_BYTES   (EPOCH_AT + CSIG_EPOCH_BYTES)

static cli_exit path_of(cli *c, const device *d, const char *wallet, const char *file,
                        char path[PATH_ROOM])
{
    return path_join(c, path, d->folder, "wallets", wallet, file, NULL);
}

cli_exit leaving_keep(cli *c, const device *d, const char *wallet, const wallet_record *record,
                      const uint8_t next[CSIG_EPOCH_BYTES])
{
    uint8_t file[FILE_BYTES];
    char path[PATH_ROOM];

    cli_header_write(file, CLI_KIND_LEAVING);
    memcpy(file + CLI_HEADER_BYTES, record->session, sizeof record->session);
    file[COMMITTER_AT] = (uint8_t)(record->server >> 8);
    file[COMMITTER_AT + 1] = (uint8_t)record->server;
    memcpy(file + EPOCH_AT, next, CSIG_EPOCH_BYTES);
    CLI_TRY(path_of(c, d, wallet, "leaving", path));
    return file_write(c, path, file, sizeof file);
}

cli_exit leaving_is_there(cli *c, const device *d, const char *wallet, bool *there)
{
    char path[PATH_ROOM];

    CLI_TRY(path_of(c, d, wallet, "leaving", path));
    *there = file_is_there(path);
    return CLI_OK;
}

/* Halves first, the share next: what is left of the wallet then says nothing, and goes at the next
 * start at the latest. */
cli_exit leaving_done(cli *c, const device *d, const char *wallet)
{
    char path[PATH_ROOM];

    CLI_TRY(halves_drop(c, d, wallet));
    CLI_TRY(path_of(c, d, wallet, "share", path));
    CLI_TRY(file_remove(c, path));
    return wallet_forget(c, d, wallet);
}

/* Is what the file names a later epoch of the same key, at the same server? */
static cli_exit check(cli *c, const device *d, const char *wallet, const uint8_t *epoch,
                      uint16_t committer, const uint8_t *server)
{
    uint8_t named[CSIG_IDENTITY_BYTES];
    csig_share_info now, next;
    wallet_record record;
    csig_share *share;

    CLI_TRY(wallet_open(c, d, wallet, &record, &share));
    csig_share_describe(share, &now);
    csig_share_free(share);
    if (csig_epoch_describe(epoch, &next) == CSIG_OK &&
        csig_epoch_member(epoch, committer, named, NULL) == CSIG_OK &&
        memcmp(named, server, sizeof named) == 0 && next.epoch > now.epoch &&
        memcmp(next.key_id, now.key_id, sizeof now.key_id) == 0)
        return CLI_OK;
    return cli_fail(c, CLI_INPUT,
                    "the file leaving of wallet %s of device %s is damaged or an old copy; remove "
                    "it: the share is kept",
                    wallet, d->name);
}

static cli_exit decide(cli *c, const device *d, const char *wallet, const uint8_t *server,
                       const blob *b)
{
    const uint8_t *epoch = b->p + EPOCH_AT;
    const uint16_t committer = (uint16_t)(b->p[COMMITTER_AT] << 8 | b->p[COMMITTER_AT + 1]);
    char path[PATH_ROOM];
    csig_share_info next;
    epoch_fate fate;

    CLI_TRY(check(c, d, wallet, epoch, committer, server));
    CLI_TRY(cli_check(c, csig_epoch_describe(epoch, &next), "the next epoch"));
    CLI_TRY(epoch_ask(c, wallet, b->p + CLI_HEADER_BYTES, next.epoch_state, server, &fate));
    CLI_TRY(path_of(c, d, wallet, "leaving", path));
    if (fate.dead) return file_remove(c, path);
    CLI_TRY(cli_check(c, csig_epoch_commit_verify(epoch, committer, fate.commit),
                      "the server's commit of the epoch"));
    return leaving_done(c, d, wallet);
}

cli_exit leaving_settle(cli *c, const device *d, const char *wallet,
                        const uint8_t server[CSIG_IDENTITY_BYTES])
{
    AUTO_BLOB b = {0};
    char path[PATH_ROOM];

    CLI_TRY(path_of(c, d, wallet, "leaving", path));
    if (!file_is_there(path)) return CLI_OK;
    CLI_TRY(file_read(c, path, &b));
    CLI_TRY(cli_header_check(c, &b, CLI_KIND_LEAVING, path));
    if (b.len != FILE_BYTES)
        return cli_file_is_damaged(c, path, "restore it from a copy of the folder");
    return decide(c, d, wallet, server, &b);
}
