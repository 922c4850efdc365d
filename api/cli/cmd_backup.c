/* backup export: a share and its identity into one sealed file. backup inspect: what such files
 * say, and whether they belong together; no passphrase, no network. */
#include <string.h>

#include "cli/backups.h"
#include "cli/client.h"
#include "cli/epochs.h"
#include "cli/reconcile.h"
#include "cli/slots.h"
#include "cli/tell.h"

/* --- export --- */

/* The one device here that has the wallet. */
static cli_exit find_device(cli *c, const devices *all, const device **found)
{
    *found = NULL;
    for (size_t i = 0; i < all->count; i++) {
        wallet_state state;

        CLI_TRY(wallet_look(c, all->d[i], c->wallet, &state));
        if (state != WALLET_BORN) continue;
        if (*found != NULL)
            return cli_fail(c, CLI_USAGE, "several devices here have wallet %s: say --device NAME",
                            c->wallet);
        *found = all->d[i];
    }
    if (*found != NULL) return CLI_OK;
    return cli_fail(c, CLI_REFUSED, "no device here has wallet %s; see: countersign wallet list",
                    c->wallet);
}

/* So that the server can count wallets without one, and give it out when this machine is gone. */
static cli_exit give_to_server(cli *c, const csig_backup_info *info, const blob *b, bool *given)
{
    const cli_exit code = backup_give(c, c->wallet, info->share.self, b);

    *given = code == CLI_OK;
    if (*given || code == CLI_LOCAL) return code;
    cli_note(c, "the server did not take a copy: %s", c->message);
    return CLI_OK;
}

static cli_exit tell_export(cli *c, const device *d, const csig_backup_info *info, bool given)
{
    AUTO_JSON j = json_new();

    json_put_text(j, "file", c->out);
    json_put_text(j, "wallet", c->wallet);
    json_put_text(j, "device", d->name);
    json_put_number(j, "index", info->share.self);
    json_put_number(j, "epoch", (int64_t)info->share.epoch);
    json_put_octets(j, "fingerprint", info->fingerprint, sizeof info->fingerprint);
    json_put_flag(j, "server", given);
    return cli_tell(c, j,
                    "backup %s\n  wallet       %s\n  party        %u (%s), epoch %llu\n"
                    "  fingerprint  %s\n",
                    c->out, c->wallet, info->share.self, d->name,
                    (unsigned long long)info->share.epoch, json_text(j, "fingerprint"));
}

/* A backup of an epoch gone by is worth nothing. What the server does not tell is no reason to have
 * none. */
static cli_exit check_epoch(cli *c, const device *d, const csig_share *share)
{
    csig_share_info info;
    cli_exit code;

    csig_share_describe(share, &info);
    code = epoch_check(c, d, c->wallet, &info);
    return code == CLI_OFFLINE ? CLI_OK : code;
}

static cli_exit export_of(cli *c, const device *d)
{
    uint8_t backup[CSIG_BACKUP_BYTES];
    const blob b = {backup, sizeof backup};
    csig_backup_info info;
    wallet_record record;
    csig_share *share;
    cli_exit code;
    bool given;

    CLI_TRY(slot_check(c, d, c->wallet));
    CLI_TRY(wallet_open(c, d, c->wallet, &record, &share));
    code = check_epoch(c, d, share);
    if (code == CLI_OK) code = backup_make(c, d, c->wallet, share, backup);
    csig_share_free(share);
    CLI_TRY(code);
    CLI_TRY(cli_check(c, csig_backup_describe(backup, sizeof backup, &info), "the backup"));
    CLI_TRY(file_write(c, c->out, backup, sizeof backup));
    CLI_TRY(give_to_server(c, &info, &b, &given));
    return tell_export(c, d, &info, given);
}

cli_exit cmd_backup_export(cli *c)
{
    AUTO_DEVICES all = {0};
    const device *d;

    if (c->out == NULL) return cli_fail(c, CLI_USAGE, "name the file to write: --out FILE");
    if (file_is_there(c->out))
        return cli_fail(c, CLI_REFUSED, "%s is there already; a backup is never overwritten",
                        c->out);
    CLI_TRY(begin_with_devices(c, &all));
    CLI_TRY(find_device(c, &all, &d));
    return export_of(c, d);
}

/* --- inspect --- */

static cli_exit tell_one(cli *c, const char *path, const csig_backup_info *info)
{
    const csig_share_info *share = &info->share;
    AUTO_JSON j = json_new();

    json_put_text(j, "file", path);
    json_put_text(j, "wallet", info->label);
    json_put_octets(j, "key_id", share->key_id, sizeof share->key_id);
    json_put_octets(j, "public_key", share->public_key, sizeof share->public_key);
    json_put_number(j, "epoch", (int64_t)share->epoch);
    json_put_number(j, "epoch_attempt", (int64_t)share->epoch_attempt);
    json_put_octets(j, "epoch_state", share->epoch_state, sizeof share->epoch_state);
    json_put_number(j, "signers_required", share->signers_required);
    json_put_number(j, "parties", share->parties);
    json_put_number(j, "index", share->self);
    json_put_octets(j, "identity", info->owner, sizeof info->owner);
    json_put_number(j, "generation", (int64_t)info->generation);
    json_put_octets(j, "fingerprint", info->fingerprint, sizeof info->fingerprint);
    return cli_tell(c, j,
                    "%s\n  wallet       %s\n  party        %u of %u, %u sign\n  epoch        "
                    "%llu, attempt %llu\n  public key   %s\n  fingerprint  %s\n",
                    path, info->label, share->self, share->parties, share->signers_required,
                    (unsigned long long)share->epoch, (unsigned long long)share->epoch_attempt,
                    json_text(j, "public_key"), json_text(j, "fingerprint"));
}

/* Why two do not; NULL when they do. */
static const char *difference(const csig_backup_info *a, const csig_backup_info *b)
{
    switch (csig_backups_belong(a, b)) {
    case CSIG_OK:
        return NULL;
    case CSIG_E_EPOCH:
        return "of different epochs: shares of two epochs are worth nothing together";
    default:
        return memcmp(a->share.key_id, b->share.key_id, sizeof a->share.key_id) == 0
                   ? "of the same party"
                   : "of different wallets";
    }
}

static cli_exit tell_all(cli *c, const csig_backup_info *info)
{
    const unsigned required = info[0].share.signers_required;
    const char *why = NULL;
    size_t with = 0, and = 0;
    AUTO_JSON j = json_new();

    for (size_t a = 0; a < c->files && why == NULL; a++) {
        for (size_t b = 0; b < a && why == NULL; b++) {
            why = difference(&info[b], &info[a]);
            with = b;
            and = a;
        }
    }
    json_put_flag(j, "together", why == NULL);
    if (why != NULL) {
        json_put_text(j, "why", why);
        return cli_tell(c, j, "they do not belong together: %s and %s are %s\n", c->file[with],
                        c->file[and], why);
    }
    json_put_flag(j, "enough", c->files >= required);
    return cli_tell(c, j, "they belong together%s: %zu of the %u shares that sign\n",
                    c->files >= required ? ", and are the whole key: keep them apart" : "",
                    c->files, required);
}

cli_exit cmd_backup_inspect(cli *c)
{
    csig_backup_info info[CLI_NAMES_MAX];

    for (size_t i = 0; i < c->files; i++) {
        AUTO_BLOB b = {0};

        CLI_TRY(backup_read(c, c->file[i], &b, &info[i]));
        CLI_TRY(tell_one(c, c->file[i], &info[i]));
    }
    return c->files > 1 ? tell_all(c, info) : CLI_OK;
}
