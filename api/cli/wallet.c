#include "cli/wallet.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/seal.h"

#define RECORD_BYTES (CLI_HEADER_BYTES + WALLET_ID_BYTES + 2 + 64)

cli_exit wallet_path(cli *c, const device *d, const char *wallet, const char *file,
                     char path[PATH_ROOM])
{
    char folder[PATH_ROOM];
    uint8_t id[WALLET_ID_BYTES];

    if (!hex_is_read(id, sizeof id, wallet))
        return cli_fail(c, CLI_USAGE, "a wallet's id has %d hex digits: not \"%s\"",
                        2 * WALLET_ID_BYTES, wallet);
    CLI_TRY(path_join(c, folder, d->folder, "wallets", wallet));
    if (file == NULL) {
        memcpy(path, folder, PATH_ROOM);
        return CLI_OK;
    }
    return path_join(c, path, folder, file, NULL);
}

static cli_exit write_record(cli *c, const device *d, const char *wallet,
                             const wallet_record *record)
{
    uint8_t file[RECORD_BYTES], *p = file + CLI_HEADER_BYTES;
    char path[PATH_ROOM];

    cli_header_write(file, CLI_KIND_WALLET);
    memcpy(p, record->session, WALLET_ID_BYTES);
    p[WALLET_ID_BYTES] = (uint8_t)(record->server >> 8);
    p[WALLET_ID_BYTES + 1] = (uint8_t)record->server;
    memcpy(p + WALLET_ID_BYTES + 2, record->commit, sizeof record->commit);
    CLI_TRY(wallet_path(c, d, wallet, "record", path));
    return file_write(c, path, file, sizeof file);
}

static cli_exit read_record(cli *c, const device *d, const char *wallet, wallet_record *record)
{
    AUTO_BLOB b = {0};
    char path[PATH_ROOM];
    const uint8_t *p;

    CLI_TRY(wallet_path(c, d, wallet, "record", path));
    CLI_TRY(file_read(c, path, &b));
    CLI_TRY(cli_header_check(c, &b, CLI_KIND_WALLET, path));
    if (b.len != RECORD_BYTES) return cli_fail(c, CLI_INPUT, "%s is damaged", path);
    p = b.p + CLI_HEADER_BYTES;
    memcpy(record->session, p, WALLET_ID_BYTES);
    record->server = (uint16_t)(p[WALLET_ID_BYTES] << 8 | p[WALLET_ID_BYTES + 1]);
    memcpy(record->commit, p + WALLET_ID_BYTES + 2, sizeof record->commit);
    return CLI_OK;
}

cli_exit wallet_keep_pending(cli *c, const device *d, const char *wallet,
                             const wallet_record *record, const csig_share *share)
{
    char path[PATH_ROOM];

    CLI_TRY(wallet_path(c, d, wallet, NULL, path));
    CLI_TRY(folder_make(c, path));
    CLI_TRY(write_record(c, d, wallet, record));
    CLI_TRY(wallet_path(c, d, wallet, "pending", path));
    return save_share(c, d, path, share);
}

cli_exit wallet_born(cli *c, const device *d, const char *wallet, const wallet_record *record)
{
    char pending[PATH_ROOM], share[PATH_ROOM];

    CLI_TRY(write_record(c, d, wallet, record));
    CLI_TRY(wallet_path(c, d, wallet, "pending", pending));
    CLI_TRY(wallet_path(c, d, wallet, "share", share));
    return file_rename(c, pending, share);
}

cli_exit wallet_forget(cli *c, const device *d, const char *wallet)
{
    static const char *const file[] = {"pending", "record", "record.tmp", "pending.tmp"};
    char path[PATH_ROOM];

    for (size_t i = 0; i < sizeof file / sizeof file[0]; i++) {
        CLI_TRY(wallet_path(c, d, wallet, file[i], path));
        CLI_TRY(file_remove(c, path));
    }
    CLI_TRY(wallet_path(c, d, wallet, NULL, path));
    (void)rmdir(path); /* an empty folder left behind says nothing */
    return CLI_OK;
}

bool wallet_is_here(cli *c, const device *d, const char *wallet)
{
    char path[PATH_ROOM];

    return wallet_path(c, d, wallet, "share", path) == CLI_OK && file_is_there(path);
}

cli_exit wallet_open(cli *c, const device *d, const char *wallet, wallet_record *record,
                     csig_share **share)
{
    char path[PATH_ROOM];

    *share = NULL;
    CLI_TRY(wallet_path(c, d, wallet, "share", path));
    if (!file_is_there(path))
        return cli_fail(c, CLI_REFUSED, "device %s has no wallet %s; see: countersign wallet list",
                        d->name, wallet);
    CLI_TRY(read_record(c, d, wallet, record));
    return load_share(c, d, path, share);
}

/* What became of a key generation that this process did not see end. First the session is given up,
 * so that nothing of it can go on; then the wallet's state is final. */
static cli_exit ask(cli *c, const char *wallet, wallet_record *record, const csig_share *share,
                    bool *born)
{
    char path[96], session[2 * WALLET_ID_BYTES + 1];
    AUTO_REPLY gone = {0};
    AUTO_REPLY r = {0};
    AUTO_JSON j = NULL;

    *born = false;
    hex_write(session, record->session, WALLET_ID_BYTES);
    snprintf(path, sizeof path, "/v1/sessions/%s", session);
    CLI_TRY(client_call(c, "DELETE", path, NULL, NULL, 0, &gone));
    snprintf(path, sizeof path, "/v1/wallets/%s", wallet);
    CLI_TRY(client_call(c, "GET", path, NULL, NULL, 0, &r));
    if (r.status == 404) return CLI_OK;
    if (r.status != 200) return client_problem(c, &r);
    CLI_TRY(json_read(c, &j, r.body.p, r.body.len));
    if (json_text(j, "state") == NULL || strcmp(json_text(j, "state"), "active") != 0)
        return cli_fail(c, CLI_AGAIN, "the server has not decided about wallet %s yet", wallet);
    CLI_TRY(json_octets(c, j, "commit", record->commit, sizeof record->commit));
    CLI_TRY(cli_check(c, csig_keygen_commit_verify(share, record->server, record->commit),
                      "the server's commit"));
    *born = true;
    return CLI_OK;
}

static cli_exit reconcile_one(cli *c, const char *wallet, void *arg)
{
    const device *d = arg;
    char path[PATH_ROOM], record_path[PATH_ROOM];
    csig_share *share;
    wallet_record record;
    cli_exit code;
    bool born;

    CLI_TRY(wallet_path(c, d, wallet, "share", path));
    if (file_is_there(path)) return CLI_OK;
    CLI_TRY(wallet_path(c, d, wallet, "pending", path));
    CLI_TRY(wallet_path(c, d, wallet, "record", record_path));
    /* Cut off before the pending share was whole: it was never acknowledged. */
    if (!file_is_there(path) || !file_is_there(record_path)) return wallet_forget(c, d, wallet);
    CLI_TRY(read_record(c, d, wallet, &record));
    CLI_TRY(load_share(c, d, path, &share));
    code = ask(c, wallet, &record, share, &born);
    csig_share_free(share);
    if (code == CLI_OFFLINE || code == CLI_AGAIN) return CLI_OK; /* stays pending */
    CLI_TRY(code);
    return born ? wallet_born(c, d, wallet, &record) : wallet_forget(c, d, wallet);
}

cli_exit wallets_reconcile(cli *c, const devices *all)
{
    char path[PATH_ROOM];
    pinned p;

    CLI_TRY(path_join(c, path, c->state, "server", NULL));
    if (!file_is_there(path)) return CLI_OK;
    CLI_TRY(server_pinned(c, &p));
    for (size_t i = 0; i < all->count; i++) {
        CLI_TRY(path_join(c, path, all->d[i]->folder, "wallets", NULL));
        CLI_TRY(folder_each(c, path, reconcile_one, all->d[i]));
    }
    return CLI_OK;
}
