/* recovery restore: the share of a recovery key's index out of a file of escrows, as a wallet of
 * this device. It signs once the device has auxiliary info and has enrolled. */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/epochs.h"
#include "cli/escrows.h"
#include "cli/pairing.h"
#include "cli/recovering.h"
#include "cli/seal.h"
#include "cli/server.h"
#include "cli/tell.h"

typedef struct recovering {
    const device *d;
    csig_recovery *key;
    uint8_t pub[CSIG_RECOVERY_KEY_BYTES];
    const char *file;
    escrows e;
    size_t from, count; /* the escrows that are for us */
    csig_escrow_info first;
    csig_share *share;
    wallet_record record;
    bool ours; /* the wallet knows this device at that index */
} recovering;

static void recovering_close(recovering *r)
{
    csig_recovery_free(r->key);
    csig_share_free(r->share);
    escrows_free(&r->e);
}

cli_exit recovery_device_named(cli *c, const char **name)
{
    if (c->devices > 0) return device_named(c, name);
    *name = "recovery";
    return CLI_OK;
}

/* --- which of them are ours --- */

static cli_exit not_for_us(cli *c, const recovering *r)
{
    uint8_t print[CSIG_FINGERPRINT_BYTES];
    char text[2 * CSIG_FINGERPRINT_BYTES + 1];

    CLI_TRY(cli_check(c, csig_recovery_fingerprint(r->pub, print), "the recovery key"));
    hex_write(text, print, sizeof print);
    return cli_fail(c, CLI_REFUSED,
                    "nothing in %s is for the recovery key of device %s (fingerprint %s); see: "
                    "countersign recovery inspect %s",
                    r->file, r->d->name, text, r->file);
}

/* One key may serve several indices: the one that this device is, before the others. */
static cli_exit find_index(cli *c, recovering *r)
{
    bool found = false;

    for (size_t at = 0, count; at < r->e.count; at += count) {
        uint8_t identity[CSIG_IDENTITY_BYTES];
        csig_escrow_info info;
        bool ours;

        CLI_TRY(escrows_run(c, &r->e, at, &count));
        CLI_TRY(escrows_at(c, &r->e, at, &info));
        if (memcmp(info.recovery_key, r->pub, sizeof r->pub) != 0) continue;
        CLI_TRY(
            cli_check(c, csig_epoch_member(r->e.epoch, info.index, identity, NULL), "the epoch"));
        ours = memcmp(identity, r->d->id, sizeof identity) == 0;
        if (found && !ours) continue;
        found = true;
        r->ours = ours;
        r->from = at;
        r->count = count;
        r->first = info;
    }
    return found ? CLI_OK : not_for_us(c, r);
}

/* --- is it the newest epoch? --- */

static cli_exit stale(cli *c, const recovering *r, long long epoch)
{
    return cli_fail(
        c, CLI_REFUSED,
        "%s is of epoch %llu, wallet %s is at epoch %lld: its shares have changed since "
        "and this one signs no more. Get the newest: countersign wallet escrows %s "
        "--out FILE",
        r->file, (unsigned long long)r->e.info.epoch, r->e.wallet, epoch, r->e.wallet);
}

static cli_exit check_dead(cli *c, const recovering *r, const json *answer)
{
    uint8_t said[WALLET_ID_BYTES + sizeof r->e.info.epoch_state], signature[64];
    uint8_t server[CSIG_IDENTITY_BYTES];

    CLI_TRY(json_octets(c, answer, "signature", signature, sizeof signature));
    CLI_TRY(
        cli_check(c, csig_epoch_member(r->e.epoch, ESCROWS_COMMITTER, server, NULL), "the epoch"));
    if (!wallet_id_is_read(said, r->e.wallet)) return cli_fail(c, CLI_BUG, "a wallet without id");
    memcpy(said + WALLET_ID_BYTES, r->e.info.epoch_state, sizeof r->e.info.epoch_state);
    CLI_TRY(cli_check(c, csig_identity_verify(server, "epoch-dead", said, sizeof said, signature),
                      "the server's word that the epoch is dead"));
    return stale(c, r, (long long)json_number(answer, "epoch"));
}

static cli_exit ask(cli *c, const recovering *r)
{
    char path[160], state[2 * sizeof r->e.info.epoch_state + 1];
    AUTO_JSON answer = NULL;

    hex_write(state, r->e.info.epoch_state, sizeof r->e.info.epoch_state);
    snprintf(path, sizeof path, "/v1/wallets/%s/epochs/%s", r->e.wallet, state);
    CLI_TRY(client_json(c, "GET", path, NULL, &answer));
    if (json_text_is(answer, "state", "current")) return CLI_OK;
    if (json_text_is(answer, "state", "dead")) return check_dead(c, r, answer);
    if (json_text_is(answer, "state", "undecided"))
        return cli_fail(c, CLI_AGAIN, "a refresh of wallet %s runs: try again when it is over",
                        r->e.wallet);
    return json_lacks(c, "state");
}

/* Over TCP it answers to those alone whose key it knows. The first time it must be the one that has
 * signed what we hold, and is kept only once it has answered. */
static cli_exit meet_server(cli *c, const recovering *r, bool pinned)
{
    uint8_t server[CSIG_IDENTITY_BYTES];
    enrolment said;

    if (pinned || !client_address_is_url(c->server)) return ask(c, r);
    CLI_TRY(enrol_only(c, r->d->identity, &r->d->http, r->d->name, &said));
    CLI_TRY(
        cli_check(c, csig_epoch_member(r->e.epoch, ESCROWS_COMMITTER, server, NULL), "the epoch"));
    if (memcmp(server, said.server, sizeof server) != 0)
        return cli_fail(c, CLI_CHEAT,
                        "%s is not the server that holds a share of wallet %s; nothing was done "
                        "with it. Check --server",
                        c->server, r->e.wallet);
    CLI_TRY(ask(c, r));
    return server_pin(c, said.server);
}

/* The server may be what was lost: then the share is restored all the same. Of an old epoch it is
 * worth nothing, and harms nobody. */
static cli_exit ask_server(cli *c, const recovering *r)
{
    uint8_t id[CSIG_IDENTITY_BYTES];
    const char *why = "";
    bool pinned;
    cli_exit code;

    CLI_TRY(server_is_pinned(c, &pinned));
    if (pinned) CLI_TRY(server_pinned(c, id));
    code = c->server != NULL ? meet_server(c, r, pinned) : CLI_OFFLINE;
    /* It tells parties alone, and this device is none yet when it holds the key of another one. */
    if (code == CLI_REFUSED && !r->ours && strcmp(c->problem, "not-found") == 0)
        why = ", it tells the parties alone";
    else if (code != CLI_OFFLINE)
        return code;
    else if (c->server != NULL)
        why = ", it is not there";
    cli_note(c,
             "the server was not asked%s: whether epoch %llu is the newest of wallet %s is not "
             "known here",
             why, (unsigned long long)r->e.info.epoch, r->e.wallet);
    return CLI_OK;
}

/* --- into the folder --- */

/* The share that is there is of an epoch before. */
static cli_exit check_newer(cli *c, const recovering *r)
{
    wallet_record record;
    csig_share_info own;
    csig_share *share;

    CLI_TRY(wallet_open(c, r->d, r->e.wallet, &record, &share));
    csig_share_describe(share, &own);
    csig_share_free(share);
    if (own.self != r->first.index || memcmp(own.key_id, r->e.info.key_id, sizeof own.key_id) != 0)
        return cli_fail(c, CLI_REFUSED,
                        "device %s holds another share of wallet %s; restore in another state "
                        "folder",
                        r->d->name, r->e.wallet);
    if (own.epoch < r->e.info.epoch) return CLI_OK;
    return cli_fail(c, CLI_REFUSED,
                    "device %s is at epoch %llu of wallet %s, %s is of epoch %llu; nothing was "
                    "changed",
                    r->d->name, (unsigned long long)own.epoch, r->e.wallet, r->file,
                    (unsigned long long)r->e.info.epoch);
}

/* All indices with a key, for the refreshes to come. */
static cli_exit list_keys(cli *c, const recovering *r, recovery_keys *keys)
{
    *keys = (recovery_keys){.count = 0};
    for (size_t at = 0, count; at < r->e.count; at += count) {
        csig_escrow_info info;

        CLI_TRY(escrows_run(c, &r->e, at, &count));
        CLI_TRY(escrows_at(c, &r->e, at, &info));
        CLI_TRY(keys_add(c, keys, info.index, info.recovery_key));
    }
    return CLI_OK;
}

/* The share comes last: with it the wallet is there. */
static cli_exit keep(cli *c, const recovering *r, bool replace)
{
    recovery_keys keys;

    CLI_TRY(list_keys(c, r, &keys));
    CLI_TRY(wallet_prepare(c, r->d, r->e.wallet));
    CLI_TRY(keys_write(c, r->d, r->e.wallet, &keys));
    CLI_TRY(escrows_keep(c, r->d, r->e.wallet, &r->e));
    if (!replace) return wallet_restore(c, r->d, r->e.wallet, &r->record, r->share);
    CLI_TRY(slot_stage(c, r->d, r->e.wallet, &r->record, r->share));
    return epoch_follow(c, r->d, r->e.wallet, &r->record);
}

static cli_exit tell(cli *c, const recovering *r)
{
    const csig_share_info *info = &r->e.info;
    AUTO_JSON j = json_new();

    json_put_text(j, "wallet", r->e.wallet);
    json_put_text(j, "device", r->d->name);
    json_put_number(j, "index", r->first.index);
    json_put_number(j, "epoch", (int64_t)info->epoch);
    json_put_octets(j, "public_key", info->public_key, sizeof info->public_key);
    json_put_flag(j, "signs", r->ours);
    CLI_TRY(cli_tell(c, j,
                     "recovered: device %s, party %u of wallet %s, epoch %llu\n  public key  %s\n",
                     r->d->name, r->first.index, r->e.wallet, (unsigned long long)info->epoch,
                     json_text(j, "public_key")));
    if (!r->ours)
        cli_note(c,
                 "party %u is another device than this one: the share is kept, and does not sign "
                 "before a resharing gives it to this device",
                 r->first.index);
    else if (r->d->aux == NULL)
        cli_note(c,
                 "to sign with it run: countersign device init --device %s, then countersign "
                 "device enrol --device %s --server ADDRESS",
                 r->d->name, r->d->name);
    return CLI_OK;
}

static cli_exit recover(cli *c, recovering *r)
{
    csig_recovery_case asked;
    wallet_state state;
    uint16_t culprit;

    CLI_TRY(escrows_read(c, r->file, &r->e));
    CLI_TRY(escrows_verify(c, &r->e, r->file));
    CLI_TRY(find_index(c, r));
    CLI_TRY(ask_server(c, r));
    CLI_TRY(wallet_look(c, r->d, r->e.wallet, &state));
    CLI_TRY(slot_check(c, r->d, r->e.wallet));
    if (state == WALLET_BORN) CLI_TRY(check_newer(c, r));
    asked = escrows_case(&r->e, r->from, r->count, &r->first);
    CLI_TRY(cli_check(c, csig_recovery_share(r->key, &asked, &r->share, &culprit),
                      "recovering the share"));
    r->record.server = ESCROWS_COMMITTER;
    memcpy(r->record.commit, r->e.commit, sizeof r->record.commit);
    CLI_TRY(keep(c, r, state == WALLET_BORN));
    return tell(c, r);
}

cli_exit cmd_recovery_restore(cli *c)
{
    __attribute__((cleanup(recovering_close))) recovering r = {.file = c->file[0]};
    AUTO_DEVICE d = {0};
    char path[PATH_ROOM];
    const char *name;

    CLI_TRY(recovery_device_named(c, &name));
    CLI_TRY(cli_unseal(c, false));
    CLI_TRY(device_open(c, &d, name));
    CLI_TRY(device_http_key(c, &d));
    CLI_TRY(path_join(c, path, d.folder, "recovery", NULL));
    if (!file_is_there(path))
        return cli_fail(
            c, CLI_REFUSED,
            "device %s has no recovery key: this is not the machine that the card is of", d.name);
    CLI_TRY(load_recovery(c, &d, path, &r.key));
    csig_recovery_public(r.key, r.pub);
    r.d = &d;
    return recover(c, &r);
}
