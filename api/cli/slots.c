#include "cli/slots.h"

#include "cli/folder.h"
#include "cli/leaving.h"

static cli_exit path_of(cli *c, const device *d, const char *wallet, const char *file,
                        char path[PATH_ROOM])
{
    return path_join(c, path, d->folder, "wallets", wallet, file, NULL);
}

cli_exit slot_is_staged(cli *c, const device *d, const char *wallet, bool *staged)
{
    char path[PATH_ROOM];

    CLI_TRY(path_of(c, d, wallet, "staged", path));
    *staged = file_is_there(path);
    return CLI_OK;
}

cli_exit slot_check(cli *c, const device *d, const char *wallet)
{
    bool staged;

    CLI_TRY(slot_is_staged(c, d, wallet, &staged));
    if (!staged) CLI_TRY(leaving_is_there(c, d, wallet, &staged));
    if (!staged) return CLI_OK;
    return cli_fail(c, CLI_AGAIN,
                    "a refresh or resharing of wallet %s is not decided yet: device %s signs with "
                    "neither share "
                    "until the server says which it is. Try again when it can be reached",
                    wallet, d->name);
}

cli_exit slot_stage(cli *c, const device *d, const char *wallet, const wallet_record *record,
                    const csig_share *share)
{
    char path[PATH_ROOM];

    CLI_TRY(wallet_record_write(c, d, wallet, "staged.record", record));
    CLI_TRY(path_of(c, d, wallet, "staged", path));
    return save_share(c, d, path, share);
}

cli_exit slot_open(cli *c, const device *d, const char *wallet, wallet_record *record,
                   csig_share **share)
{
    char path[PATH_ROOM];

    *share = NULL;
    CLI_TRY(wallet_record_read(c, d, wallet, "staged.record", record));
    CLI_TRY(path_of(c, d, wallet, "staged", path));
    return load_share(c, d, path, share);
}

/* Staged after the share and dropped before it: alone they are of a share that was committed. */
static cli_exit take_keys(cli *c, const device *d, const char *wallet)
{
    char from[PATH_ROOM], to[PATH_ROOM];

    CLI_TRY(path_of(c, d, wallet, "keys.staged", from));
    CLI_TRY(path_of(c, d, wallet, "keys", to));
    return file_is_there(from) ? file_rename(c, from, to) : CLI_OK;
}

static cli_exit take_record(cli *c, const device *d, const char *wallet)
{
    char from[PATH_ROOM], to[PATH_ROOM];

    CLI_TRY(path_of(c, d, wallet, "staged.record", from));
    CLI_TRY(path_of(c, d, wallet, "record", to));
    return file_rename(c, from, to);
}

cli_exit slot_commit(cli *c, const device *d, const char *wallet, const wallet_record *record)
{
    char from[PATH_ROOM], to[PATH_ROOM];

    CLI_TRY(wallet_record_write(c, d, wallet, "staged.record", record));
    CLI_TRY(path_of(c, d, wallet, "staged", from));
    CLI_TRY(path_of(c, d, wallet, "share", to));
    CLI_TRY(file_rename(c, from, to));
    CLI_TRY(take_keys(c, d, wallet));
    return take_record(c, d, wallet);
}

cli_exit slot_drop(cli *c, const device *d, const char *wallet)
{
    static const char *const file[] = {"keys.staged", "staged", "staged.record", "escrows.staged"};
    char path[PATH_ROOM];

    for (size_t i = 0; i < sizeof file / sizeof file[0]; i++) {
        CLI_TRY(path_of(c, d, wallet, file[i], path));
        CLI_TRY(file_remove(c, path));
    }
    return CLI_OK;
}

/* Is the staged record the one of the share that is there? */
static cli_exit record_is_of_share(cli *c, const device *d, const char *wallet, bool *is)
{
    char path[PATH_ROOM];
    wallet_record record;
    csig_share *share;

    CLI_TRY(wallet_record_read(c, d, wallet, "staged.record", &record));
    CLI_TRY(path_of(c, d, wallet, "share", path));
    CLI_TRY(load_share(c, d, path, &share));
    *is = wallet_commit_verify(&record, share) == CSIG_OK;
    csig_share_free(share);
    return CLI_OK;
}

cli_exit slot_tidy(cli *c, const device *d, const char *wallet)
{
    char path[PATH_ROOM];
    bool staged, committed;

    CLI_TRY(slot_is_staged(c, d, wallet, &staged));
    CLI_TRY(path_of(c, d, wallet, "staged.record", path));
    if (!staged) CLI_TRY(take_keys(c, d, wallet));
    if (staged || !file_is_there(path)) return CLI_OK;
    CLI_TRY(record_is_of_share(c, d, wallet, &committed));
    return committed ? take_record(c, d, wallet) : file_remove(c, path);
}
