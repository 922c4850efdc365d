/* wallet escrows: what was encrypted to the recovery keys in the newest epoch, into a file for
 * whoever has such a key; from the server, or from a device's own when the server is gone. */
#include <string.h>

#include "cli/escrows.h"
#include "cli/reconcile.h"
#include "cli/server.h"
#include "cli/tell.h"

/* A device here that has the wallet; NULL: none. */
static cli_exit find_device(cli *c, const devices *all, const device **found)
{
    *found = NULL;
    for (size_t i = 0; i < all->count; i++) {
        wallet_state state;

        CLI_TRY(wallet_look(c, all->d[i], c->wallet, &state));
        if (state != WALLET_BORN) continue;
        *found = all->d[i];
        return CLI_OK;
    }
    return CLI_OK;
}

/* What the server gives is of the same key, and not of an epoch that is over here. */
static cli_exit check_share(cli *c, const device *d, const escrows *e)
{
    wallet_record record;
    csig_share_info own;
    csig_share *share;

    CLI_TRY(wallet_open(c, d, c->wallet, &record, &share));
    csig_share_describe(share, &own);
    csig_share_free(share);
    if (memcmp(own.key_id, e->info.key_id, sizeof own.key_id) != 0)
        return cli_fail(c, CLI_CHEAT, "the escrows are of another key than wallet %s of device %s",
                        c->wallet, d->name);
    if (e->info.epoch >= own.epoch) return CLI_OK;
    return cli_fail(c, CLI_REFUSED,
                    "the escrows are of epoch %llu, device %s is at epoch %llu of wallet %s: the "
                    "server's store is an old copy; put back the newest one",
                    (unsigned long long)e->info.epoch, d->name, (unsigned long long)own.epoch,
                    c->wallet);
}

static cli_exit check_server(cli *c, const escrows *e)
{
    uint8_t pinned[CSIG_IDENTITY_BYTES], said[CSIG_IDENTITY_BYTES];
    bool is_pinned;

    CLI_TRY(server_is_pinned(c, &is_pinned));
    if (!is_pinned) return CLI_OK;
    CLI_TRY(server_pinned(c, pinned));
    CLI_TRY(cli_check(c, csig_epoch_member(e->epoch, ESCROWS_COMMITTER, said, NULL), "the epoch"));
    if (memcmp(said, pinned, sizeof said) == 0) return CLI_OK;
    return cli_fail(c, CLI_CHEAT, "the escrows are of a wallet of another server than %s",
                    c->server);
}

static cli_exit from_server(cli *c, const device *d, escrows *e)
{
    bool pinned;

    CLI_TRY(server_is_pinned(c, &pinned));
    if (c->server == NULL && !pinned)
        return cli_fail(c, CLI_OFFLINE, "no server is known here: --server ADDRESS");
    if (c->server == NULL) {
        uint8_t id[CSIG_IDENTITY_BYTES];

        CLI_TRY(server_pinned(c, id));
    }
    CLI_TRY(escrows_fetch(c, c->wallet, e));
    CLI_TRY(escrows_verify(c, e, "what the server gives as escrows"));
    CLI_TRY(check_server(c, e));
    return d != NULL ? check_share(c, d, e) : CLI_OK;
}

/* The server first: only it knows the newest epoch. */
static cli_exit get(cli *c, const device *d, escrows *e, const char **from)
{
    const cli_exit code = from_server(c, d, e);

    *from = "the server";
    if (code != CLI_OFFLINE || d == NULL) return code;
    escrows_free(e);
    CLI_TRY(escrows_own(c, d, c->wallet, e));
    if (e->b.p == NULL) return code; /* with what was said of the server */
    CLI_TRY(escrows_verify(c, e, "this device's copy of the escrows"));
    *from = d->name;
    cli_note(
        c,
        "the server is not there: these are device %s's own, of epoch %llu, the newest that it "
        "has seen",
        d->name, (unsigned long long)e->info.epoch);
    return CLI_OK;
}

static cli_exit tell(cli *c, const escrows *e, const char *from)
{
    AUTO_JSON j = json_new();

    json_put_text(j, "file", c->out);
    json_put_text(j, "wallet", c->wallet);
    json_put_number(j, "epoch", (int64_t)e->info.epoch);
    json_put_number(j, "escrows", (int64_t)e->count);
    json_put_text(j, "from", from);
    return cli_tell(c, j, "escrows %s\n  wallet  %s, epoch %llu\n  %zu escrows, all proofs good\n",
                    c->out, c->wallet, (unsigned long long)e->info.epoch, e->count);
}

cli_exit cmd_wallet_escrows(cli *c)
{
    AUTO_DEVICES all = {0};
    AUTO_ESCROWS e = {.count = 0};
    const device *d;
    const char *from;

    if (c->out == NULL) return cli_fail(c, CLI_USAGE, "name the file to write: --out FILE");
    CLI_TRY(begin_with_devices(c, &all));
    CLI_TRY(find_device(c, &all, &d));
    CLI_TRY(get(c, d, &e, &from));
    CLI_TRY(escrows_write(c, c->out, &e));
    return tell(c, &e, from);
}
