/* wallet list, show, unlock. */
#include <string.h>

#include "cli/client.h"
#include "cli/path.h"
#include "cli/peers.h"
#include "cli/reconcile.h"
#include "cli/server.h"
#include "cli/tell.h"
#include "cli/wallet.h"

/* --- list --- */

typedef struct listing {
    const device *d;
    size_t shown;
} listing;

static cli_exit tell_wallet(cli *c, const char *wallet, const device *d,
                            const csig_share_info *info)
{
    char key[2 * CSIG_PUBKEY_BYTES + 1];
    AUTO_JSON j = json_new();

    hex_write(key, info->public_key, CSIG_PUBKEY_BYTES);
    json_put_text(j, "wallet", wallet);
    json_put_text(j, "device", d->name);
    json_put_number(j, "index", info->self);
    json_put_number(j, "signers_required", info->signers_required);
    json_put_number(j, "parties", info->parties);
    json_put_number(j, "epoch", (int64_t)info->epoch);
    json_put_text(j, "public_key", key);
    return cli_tell(c, j, "%s  %u of %u  party %u (%s)  epoch %llu  %s\n", wallet,
                    info->signers_required, info->parties, info->self, d->name,
                    (unsigned long long)info->epoch, key);
}

static cli_exit list_one(cli *c, const char *wallet, void *arg)
{
    listing *l = arg;
    wallet_record record;
    wallet_state state;
    csig_share_info info;
    csig_share *share;

    CLI_TRY(wallet_look(c, l->d, wallet, &state));
    if (state != WALLET_BORN) return CLI_OK;
    CLI_TRY(wallet_open(c, l->d, wallet, &record, &share));
    csig_share_describe(share, &info);
    csig_share_free(share);
    l->shown++;
    return tell_wallet(c, wallet, l->d, &info);
}

cli_exit cmd_wallet_list(cli *c)
{
    AUTO_DEVICES all = {0};
    listing l = {.shown = 0};

    CLI_TRY(begin_with_devices(c, &all));
    for (size_t i = 0; i < all.count; i++) {
        l.d = all.d[i];
        CLI_TRY(wallet_each(c, l.d, list_one, &l));
    }
    if (l.shown == 0) cli_note(c, "no wallets here");
    return CLI_OK;
}

/* --- show --- */

/* Any device here that has the wallet can tell. */
static cli_exit open_any(cli *c, const devices *all, wallet_record *record, csig_share **share)
{
    for (size_t i = 0; i < all->count; i++) {
        wallet_state state;

        CLI_TRY(wallet_look(c, all->d[i], c->wallet, &state));
        if (state == WALLET_BORN) return wallet_open(c, all->d[i], c->wallet, record, share);
    }
    return cli_fail(c, CLI_REFUSED, "no device here has wallet %s; see: countersign wallet list",
                    c->wallet);
}

static cli_exit tell_key(cli *c, const csig_share_info *info, const char *path,
                         const uint8_t public_key[CSIG_PUBKEY_BYTES])
{
    char key[2 * CSIG_PUBKEY_BYTES + 1];
    AUTO_JSON j = json_new();

    hex_write(key, public_key, CSIG_PUBKEY_BYTES);
    json_put_text(j, "wallet", c->wallet);
    json_put_number(j, "signers_required", info->signers_required);
    json_put_number(j, "parties", info->parties);
    json_put_number(j, "epoch", (int64_t)info->epoch);
    json_put_text(j, "path", path);
    json_put_text(j, "public_key", key);
    return cli_tell(
        c, j,
        "wallet %s\n  %u of %u parties sign, epoch %llu\n  path        %s\n  public key  %s\n",
        c->wallet, info->signers_required, info->parties, (unsigned long long)info->epoch, path,
        key);
}

cli_exit cmd_wallet_show(cli *c)
{
    AUTO_DEVICES all = {0};
    uint32_t path[CSIG_PATH_MAX];
    uint8_t child[CSIG_PUBKEY_BYTES];
    char text[PATH_TEXT_ROOM];
    wallet_record record;
    csig_share_info info;
    csig_share *share;
    csig_err err;
    size_t depth;

    CLI_TRY(derivation_read(c, c->path, path, &depth));
    CLI_TRY(begin_with_devices(c, &all));
    CLI_TRY(open_any(c, &all, &record, &share));
    csig_share_describe(share, &info);
    err = csig_share_child(share, path, depth, child, NULL);
    csig_share_free(share);
    CLI_TRY(cli_check(c, err, "derivation"));
    derivation_write(text, path, depth);
    return tell_key(c, &info, text, child);
}

/* --- unlock --- */

/* Of the parties whose identities the device's share has. */
static cli_exit clear_locks(cli *c, const device *d)
{
    uint8_t id[CSIG_IDENTITY_BYTES];
    wallet_record record;
    csig_share_info info;
    wallet_state state;
    csig_share *share;
    cli_exit code = CLI_OK;

    CLI_TRY(wallet_look(c, d, c->wallet, &state));
    if (state != WALLET_BORN) return CLI_OK;
    CLI_TRY(wallet_open(c, d, c->wallet, &record, &share));
    csig_share_describe(share, &info);
    for (uint16_t i = 1; i <= info.parties && code == CLI_OK; i++) {
        code = cli_check(c, csig_share_identity(share, i, id), "a party's identity");
        if (code == CLI_OK) code = lock_clear(c, d, id);
    }
    csig_share_free(share);
    return code;
}

/* Both directions: this device's locks of the server and the other parties, and the server's of
 * this device, which it clears only over its Unix socket. */
static cli_exit unlock(cli *c, const device *d)
{
    uint8_t server[CSIG_IDENTITY_BYTES];
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;
    AUTO_JSON j = json_new();
    char path[96];

    CLI_TRY(server_pinned(c, server));
    CLI_TRY(lock_clear(c, d, server));
    CLI_TRY(clear_locks(c, d));
    json_put_octets(body, "device", d->id, CSIG_IDENTITY_BYTES);
    snprintf(path, sizeof path, "/v1/wallets/%s/unlock", c->wallet);
    CLI_TRY(client_json(c, "POST", path, body, &answer));
    json_put_text(j, "wallet", c->wallet);
    json_put_text(j, "device", d->name);
    json_put_flag(j, "unlocked", true);
    return cli_tell(c, j, "unlocked: device %s and the server\n", d->name);
}

cli_exit cmd_wallet_unlock(cli *c)
{
    AUTO_DEVICES all = {0};

    CLI_TRY(begin_with_devices(c, &all));
    if (all.count != 1) return cli_fail(c, CLI_USAGE, "say which device to unlock: --device NAME");
    return unlock(c, all.d[0]);
}
