#include "cli/wallet.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/folder.h"
#include "cli/json.h"
#include "cli/seal.h"

#define COMMITTER_AT (CLI_HEADER_BYTES + WALLET_ID_BYTES)
#define COMMIT_AT    (COMMITTER_AT + 2)
#define RECORD_BYTES (COMMIT_AT + 64)

bool wallet_id_is_read(uint8_t id[WALLET_ID_BYTES], const char *text)
{
    return hex_is_read(id, WALLET_ID_BYTES, text);
}

/* file NULL: the wallet's folder */
static cli_exit path_of(cli *c, const device *d, const char *wallet, const char *file,
                        char path[PATH_ROOM])
{
    return path_join(c, path, d->folder, "wallets", wallet, file, NULL);
}

/* --- the record --- */

cli_exit wallet_record_write(cli *c, const device *d, const char *wallet, const char *name,
                             const wallet_record *record)
{
    uint8_t file[RECORD_BYTES];
    char path[PATH_ROOM];

    cli_header_write(file, CLI_KIND_WALLET);
    memcpy(file + CLI_HEADER_BYTES, record->session, sizeof record->session);
    file[COMMITTER_AT] = (uint8_t)(record->server >> 8);
    file[COMMITTER_AT + 1] = (uint8_t)record->server;
    memcpy(file + COMMIT_AT, record->commit, sizeof record->commit);
    CLI_TRY(path_of(c, d, wallet, name, path));
    return file_write(c, path, file, sizeof file);
}

cli_exit wallet_record_read(cli *c, const device *d, const char *wallet, const char *name,
                            wallet_record *record)
{
    AUTO_BLOB b = {0};
    char path[PATH_ROOM];

    CLI_TRY(path_of(c, d, wallet, name, path));
    CLI_TRY(file_read(c, path, &b));
    CLI_TRY(cli_header_check(c, &b, CLI_KIND_WALLET, path));
    if (b.len != RECORD_BYTES)
        return cli_file_is_damaged(c, path, "restore it from a copy of the folder");
    memcpy(record->session, b.p + CLI_HEADER_BYTES, sizeof record->session);
    record->server = (uint16_t)(b.p[COMMITTER_AT] << 8 | b.p[COMMITTER_AT + 1]);
    memcpy(record->commit, b.p + COMMIT_AT, sizeof record->commit);
    return CLI_OK;
}

/* --- its life --- */

cli_exit wallet_look(cli *c, const device *d, const char *wallet, wallet_state *state)
{
    char share[PATH_ROOM], pending[PATH_ROOM], record[PATH_ROOM], staged[PATH_ROOM];

    CLI_TRY(path_of(c, d, wallet, "share", share));
    CLI_TRY(path_of(c, d, wallet, "pending", pending));
    CLI_TRY(path_of(c, d, wallet, "record", record));
    CLI_TRY(path_of(c, d, wallet, "staged", staged));
    *state = WALLET_NONE;
    if (file_is_there(share))
        *state = WALLET_BORN;
    else if (file_is_there(pending) && file_is_there(record))
        *state = WALLET_PENDING;
    else if (file_is_there(staged))
        *state = WALLET_JOINING;
    return CLI_OK;
}

cli_exit wallet_prepare(cli *c, const device *d, const char *wallet)
{
    char path[PATH_ROOM];

    CLI_TRY(path_of(c, d, wallet, NULL, path));
    return folder_make(c, path);
}

cli_exit wallet_keep_pending(cli *c, const device *d, const char *wallet,
                             const wallet_record *record, const csig_share *share)
{
    char path[PATH_ROOM];

    CLI_TRY(wallet_prepare(c, d, wallet));
    CLI_TRY(wallet_record_write(c, d, wallet, "record", record));
    CLI_TRY(path_of(c, d, wallet, "pending", path));
    return save_share(c, d, path, share);
}

cli_exit wallet_open_pending(cli *c, const device *d, const char *wallet, wallet_record *record,
                             csig_share **share)
{
    char path[PATH_ROOM];

    *share = NULL;
    CLI_TRY(wallet_record_read(c, d, wallet, "record", record));
    CLI_TRY(path_of(c, d, wallet, "pending", path));
    return load_share(c, d, path, share);
}

cli_exit wallet_born(cli *c, const device *d, const char *wallet, const wallet_record *record)
{
    char pending[PATH_ROOM], share[PATH_ROOM];

    CLI_TRY(wallet_record_write(c, d, wallet, "record", record));
    CLI_TRY(path_of(c, d, wallet, "pending", pending));
    CLI_TRY(path_of(c, d, wallet, "share", share));
    return file_rename(c, pending, share);
}

cli_exit wallet_forget(cli *c, const device *d, const char *wallet)
{
    static const char *const file[] = {"pending",     "record", "escrows.staged", "escrows",
                                       "keys.staged", "keys",   "staged.record",  "leaving"};
    char path[PATH_ROOM];

    for (size_t i = 0; i < sizeof file / sizeof file[0]; i++) {
        CLI_TRY(path_of(c, d, wallet, file[i], path));
        CLI_TRY(file_remove(c, path));
    }
    CLI_TRY(path_of(c, d, wallet, NULL, path));
    (void)rmdir(path); /* an empty folder left behind says nothing */
    return CLI_OK;
}

csig_err wallet_commit_verify(const wallet_record *record, const csig_share *share)
{
    csig_share_info info;

    csig_share_describe(share, &info);
    return info.epoch == 0 ? csig_keygen_commit_verify(share, record->server, record->commit)
                           : csig_refresh_commit_verify(share, record->server, record->commit);
}

cli_exit wallet_open(cli *c, const device *d, const char *wallet, wallet_record *record,
                     csig_share **share)
{
    char path[PATH_ROOM], other[PATH_ROOM];

    *share = NULL;
    CLI_TRY(path_of(c, d, wallet, "share", path));
    if (!file_is_there(path))
        return cli_fail(c, CLI_REFUSED, "device %s has no wallet %s; see: countersign wallet list",
                        d->name, wallet);
    CLI_TRY(wallet_record_read(c, d, wallet, "record", record));
    CLI_TRY(load_share(c, d, path, share));
    if (wallet_commit_verify(record, *share) == CSIG_OK) return CLI_OK;
    csig_share_free(*share);
    *share = NULL;
    CLI_TRY(path_of(c, d, wallet, "record", other));
    return cli_fail(c, CLI_INPUT,
                    "%s and %s do not belong together: one is damaged, or an old copy of another "
                    "epoch; put back the newest copy of both, or restore the newest backup",
                    path, other);
}

cli_exit wallet_restore(cli *c, const device *d, const char *wallet, const wallet_record *record,
                        const csig_share *share)
{
    char path[PATH_ROOM];

    CLI_TRY(wallet_prepare(c, d, wallet));
    CLI_TRY(wallet_record_write(c, d, wallet, "record", record));
    CLI_TRY(path_of(c, d, wallet, "share", path));
    return save_share(c, d, path, share);
}

/* --- to be thrown away --- */

#define MARK "rehearsal"

cli_exit wallet_mark(cli *c, const device *d, const char *wallet)
{
    char path[PATH_ROOM];

    CLI_TRY(path_of(c, d, wallet, MARK, path));
    return file_write(c, path, NULL, 0);
}

cli_exit wallet_is_marked(cli *c, const device *d, const char *wallet, bool *marked)
{
    char path[PATH_ROOM];

    CLI_TRY(path_of(c, d, wallet, MARK, path));
    *marked = file_is_there(path);
    return CLI_OK;
}

typedef struct removal {
    const device *d;
    const char *wallet;
} removal;

static cli_exit remove_one(cli *c, const char *name, void *arg)
{
    const removal *r = arg;
    char path[PATH_ROOM];

    if (strcmp(name, MARK) == 0) return CLI_OK;
    CLI_TRY(path_of(c, r->d, r->wallet, name, path));
    return file_remove(c, path);
}

cli_exit wallet_discard(cli *c, const device *d, const char *wallet)
{
    removal r = {d, wallet};
    char path[PATH_ROOM];

    CLI_TRY(path_of(c, d, wallet, NULL, path));
    CLI_TRY(folder_each(c, path, remove_one, &r));
    CLI_TRY(path_of(c, d, wallet, MARK, path));
    CLI_TRY(file_remove(c, path));
    CLI_TRY(path_of(c, d, wallet, NULL, path));
    (void)rmdir(path); /* as in wallet_forget */
    return CLI_OK;
}

/* --- all of them --- */

typedef struct visit {
    cli_exit (*fn)(cli *c, const char *wallet, void *arg);
    void *arg;
} visit;

/* What is no id was put there by somebody else. */
static cli_exit visit_one(cli *c, const char *name, void *arg)
{
    const visit *v = arg;
    uint8_t id[WALLET_ID_BYTES];

    return wallet_id_is_read(id, name) ? v->fn(c, name, v->arg) : CLI_OK;
}

cli_exit wallet_each(cli *c, const device *d, cli_exit (*fn)(cli *c, const char *wallet, void *arg),
                     void *arg)
{
    visit v = {fn, arg};
    char path[PATH_ROOM];

    CLI_TRY(path_join(c, path, d->folder, "wallets", NULL));
    return folder_each(c, path, visit_one, &v);
}
