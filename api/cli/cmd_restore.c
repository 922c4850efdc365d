/* backup restore: device, identity and share of a backup, if its epoch is the wallet's. Auxiliary
 * info and presignatures are in no backup: the device makes new ones. */
#include <string.h>

#include "cli/backups.h"
#include "cli/client.h"
#include "cli/pairing.h"
#include "cli/seal.h"
#include "cli/server.h"
#include "cli/tell.h"
#include "cli/wallet.h"

typedef struct restoring {
    const char *file, *name; /* name of the device to be */
    csig_backup_info info;
    csig_share *share;
    csig_identity *identity;
    wallet_record record;
    http_key key; /* signs before there is a device */
} restoring;

static void restoring_close(restoring *r)
{
    csig_share_free(r->share);
    csig_identity_free(r->identity);
    http_key_free(&r->key);
}

/* --- the server's word --- */

static cli_exit stale(cli *c, const restoring *r, int64_t epoch)
{
    return cli_fail(c, CLI_REFUSED,
                    "the backup %s is of epoch %llu, wallet %s is at epoch %lld: its shares have "
                    "changed since and this one signs no more. Take the newest backup of party %u: "
                    "the server keeps one, curl --unix-socket SOCKET "
                    "http://x/v1/wallets/%s/backups/%u -o FILE",
                    r->file, (unsigned long long)r->info.share.epoch, r->info.label,
                    (long long)epoch, r->info.share.self, r->info.label, r->info.share.self);
}

/* Who it is the share says, and whether this epoch is the one the commit. */
static cli_exit check_wallet(cli *c, restoring *r, const json *wallet)
{
    const int64_t server = json_number(wallet, "server"), epoch = json_number(wallet, "epoch");
    uint8_t said[CSIG_IDENTITY_BYTES], known[CSIG_IDENTITY_BYTES];

    if (server < 1 || server > CSIG_PARTIES_MAX) return json_lacks(c, "server");
    r->record.server = (uint16_t)server;
    CLI_TRY(json_octets(c, wallet, "server_identity", said, sizeof said));
    if (csig_share_identity(r->share, r->record.server, known) != CSIG_OK ||
        memcmp(said, known, sizeof said) != 0)
        return cli_fail(c, CLI_CHEAT,
                        "%s is not the server that holds a share of wallet %s; nothing was done "
                        "with it. Check --server",
                        c->server, r->info.label);
    if (epoch < 0) return json_lacks(c, "epoch");
    if ((uint64_t)epoch < r->info.share.epoch)
        return cli_fail(
            c, CLI_REFUSED,
            "the server is at epoch %lld of wallet %s, the backup %s at epoch %llu: the "
            "server's store is an old copy; put back the newest one",
            (long long)epoch, r->info.label, r->file, (unsigned long long)r->info.share.epoch);
    CLI_TRY(json_octets(c, wallet, "commit", r->record.commit, sizeof r->record.commit));
    return wallet_commit_verify(&r->record, r->share) == CSIG_OK ? CLI_OK : stale(c, r, epoch);
}

static cli_exit ask_server(cli *c, restoring *r)
{
    AUTO_JSON wallet = NULL;
    enrolment said;
    char path[96];
    bool pinned;

    CLI_TRY(server_is_pinned(c, &pinned));
    if (!pinned && c->server == NULL)
        return cli_fail(c, CLI_USAGE,
                        "only the server knows which epoch is the newest: --server ADDRESS");
    if (pinned) {
        uint8_t id[CSIG_IDENTITY_BYTES];

        CLI_TRY(server_pinned(c, id));
    }
    /* Over TCP it answers to those whose key it knows. */
    if (client_address_is_url(c->server != NULL ? c->server : c->address))
        CLI_TRY(enrol_only(c, r->identity, &r->key, r->name, &said));
    snprintf(path, sizeof path, "/v1/wallets/%s", r->info.label);
    CLI_TRY(client_json(c, "GET", path, NULL, &wallet));
    return check_wallet(c, r, wallet);
}

/* --- what is there --- */

/* A wallet that is there stays as it is. */
static cli_exit check_free(cli *c, const restoring *r)
{
    char path[PATH_ROOM];

    CLI_TRY(device_may_restore(c, r->name, r->identity));
    CLI_TRY(
        path_join(c, path, c->state, "devices", r->name, "wallets", r->info.label, "share", NULL));
    if (!file_is_there(path)) return CLI_OK;
    return cli_fail(
        c, CLI_REFUSED,
        "device %s of %s has wallet %s already; nothing was changed. Restore in another "
        "state folder",
        r->name, c->state, r->info.label);
}

static cli_exit tell(cli *c, const restoring *r, const device *d)
{
    AUTO_JSON j = json_new();

    json_put_text(j, "wallet", r->info.label);
    json_put_text(j, "device", d->name);
    json_put_number(j, "index", r->info.share.self);
    json_put_number(j, "epoch", (int64_t)r->info.share.epoch);
    json_put_number(j, "generation", (int64_t)d->generation);
    CLI_TRY(cli_tell(c, j,
                     "restored: device %s, party %u of wallet %s, epoch %llu\nnow run: countersign "
                     "device init --device %s\n         countersign device enrol --device %s\n",
                     d->name, r->info.share.self, r->info.label,
                     (unsigned long long)r->info.share.epoch, d->name, d->name));
    if (d->aux == NULL && c->json)
        cli_note(c,
                 "to sign with it run: countersign device init --device %s, then countersign "
                 "device enrol --device %s",
                 d->name, d->name);
    return CLI_OK;
}

/* The share comes last: with it the wallet is there. */
static cli_exit restore(cli *c, restoring *r)
{
    AUTO_DEVICE d = {0};
    enrolment said;
    uint64_t generation;

    CLI_TRY(enrol(c, r->identity, &r->key, r->name, &said));
    generation = said.generation > r->info.generation ? said.generation : r->info.generation;
    CLI_TRY(device_restore(c, &d, r->name, r->identity, generation));
    CLI_TRY(wallet_restore(c, &d, r->info.label, &r->record, r->share));
    return tell(c, r, &d);
}

/* What signs before there is a device; a device that is there keeps its own. */
static cli_exit begin_key(cli *c, restoring *r)
{
    AUTO_DEVICE d = {0};
    char path[PATH_ROOM];
    csig_sealer sealer;

    CLI_TRY(path_join(c, path, c->state, "devices", r->name, "identity", NULL));
    if (file_is_there(path)) {
        CLI_TRY(device_open(c, &d, r->name));
        CLI_TRY(device_http_key(c, &d));
        CLI_TRY(path_join(c, path, d.folder, "http", NULL));
        sealer = d.sealer;
        CLI_TRY(http_key_load(c, &r->key, path, &sealer, d.id));
    } else {
        CLI_TRY(http_key_make(c, &r->key));
    }
    c->fresh = &r->key;
    return CLI_OK;
}

cli_exit cmd_backup_restore(cli *c)
{
    __attribute__((cleanup(restoring_close))) restoring r = {.file = c->file[0]};
    uint8_t id[WALLET_ID_BYTES];
    AUTO_BLOB b = {0};

    CLI_TRY(device_named(c, &r.name));
    CLI_TRY(backup_read(c, r.file, &b, &r.info));
    if (!wallet_id_is_read(id, r.info.label))
        return cli_fail(c, CLI_INPUT, "the backup %s names no wallet of this program", r.file);
    /* Before a new folder gets its passphrase: the right one is known only now. */
    CLI_TRY(backup_open(c, r.file, &b, &r.share, &r.identity));
    CLI_TRY(cli_unseal(c, true));
    CLI_TRY(check_free(c, &r));
    CLI_TRY(begin_key(c, &r));
    CLI_TRY(ask_server(c, &r));
    return restore(c, &r);
}
