/* recovery init: a machine that is offline until it is needed, and the card that it gives out.
 * recovery inspect: what a file of escrows is, every proof verified; no secret, no network. */
#include <string.h>

#include "cli/cards.h"
#include "cli/escrows.h"
#include "cli/recovering.h"
#include "cli/seal.h"
#include "cli/tell.h"

/* --- init --- */

static cli_exit make_key(cli *c, const device *d, csig_recovery **key)
{
    char path[PATH_ROOM];
    cli_exit code;

    CLI_TRY(path_join(c, path, d->folder, "recovery", NULL));
    if (file_is_there(path)) return load_recovery(c, d, path, key);
    CLI_TRY(cli_check(c, csig_recovery_new(key), "a new recovery key"));
    code = save_recovery(c, d, path, *key);
    if (code == CLI_OK) return CLI_OK;
    csig_recovery_free(*key);
    *key = NULL;
    return code;
}

static cli_exit tell_card(cli *c, const device *d, const card *made)
{
    char print[2 * CSIG_FINGERPRINT_BYTES + 1];
    AUTO_JSON j = json_new();

    hex_write(print, made->fingerprint, sizeof made->fingerprint);
    json_put_text(j, "device", d->name);
    json_put_text(j, "card", c->card);
    json_put_octets(j, "identity", made->identity, sizeof made->identity);
    json_put_octets(j, "key", made->key, sizeof made->key);
    json_put_text(j, "fingerprint", print);
    return cli_tell(c, j,
                    "card %s of device %s\n  fingerprint  %s\nwho makes a wallet with it compares "
                    "the fingerprint: countersign wallet create --recovery %s\n",
                    c->card, d->name, print, c->card);
}

cli_exit cmd_recovery_init(cli *c)
{
    AUTO_DEVICE d = {0};
    csig_recovery *key;
    const char *name;
    card made;
    cli_exit code;

    if (c->card == NULL) return cli_fail(c, CLI_USAGE, "name the card to write: --card FILE");
    CLI_TRY(recovery_device_named(c, &name));
    CLI_TRY(cli_unseal(c, true));
    CLI_TRY(device_make(c, &d, name));
    CLI_TRY(make_key(c, &d, &key));
    code = card_make(c, &made, d.id, key);
    csig_recovery_free(key);
    CLI_TRY(code);
    CLI_TRY(card_write(c, c->card, &made));
    return tell_card(c, &d, &made);
}

/* --- inspect --- */

static cli_exit tell_dealers(cli *c, const escrows *e, size_t from, size_t count, json *j,
                             char text[8 * CSIG_PARTIES_MAX])
{
    json *list = json_array_new();
    size_t at = 0;

    for (size_t i = 0; i < count && i < CSIG_PARTIES_MAX; i++) {
        csig_escrow_info info;
        const cli_exit code = escrows_at(c, e, from + i, &info);

        if (code != CLI_OK) json_free(&list);
        CLI_TRY(code);
        json_push_number(list, info.dealer);
        at += (size_t)snprintf(text + at, 8 * CSIG_PARTIES_MAX - at, "%s%u", i > 0 ? ", " : "",
                               info.dealer);
    }
    json_put(j, "dealers", list);
    return CLI_OK;
}

static cli_exit tell_index(cli *c, const char *path, const escrows *e, size_t from, size_t count)
{
    uint8_t print[CSIG_FINGERPRINT_BYTES], identity[CSIG_IDENTITY_BYTES];
    char dealers[8 * CSIG_PARTIES_MAX];
    csig_escrow_info first;
    AUTO_JSON j = json_new();

    CLI_TRY(escrows_at(c, e, from, &first));
    CLI_TRY(cli_check(c, csig_recovery_fingerprint(first.recovery_key, print), "a recovery key"));
    CLI_TRY(cli_check(c, csig_epoch_member(e->epoch, first.index, identity, NULL), "the epoch"));
    json_put_text(j, "file", path);
    json_put_text(j, "wallet", e->wallet);
    json_put_octets(j, "key_id", e->info.key_id, sizeof e->info.key_id);
    json_put_octets(j, "public_key", e->info.public_key, sizeof e->info.public_key);
    json_put_number(j, "epoch", (int64_t)e->info.epoch);
    json_put_number(j, "epoch_attempt", (int64_t)e->info.epoch_attempt);
    json_put_octets(j, "epoch_state", e->info.epoch_state, sizeof e->info.epoch_state);
    json_put_number(j, "signers_required", e->info.signers_required);
    json_put_number(j, "parties", e->info.parties);
    json_put_number(j, "index", first.index);
    json_put_octets(j, "identity", identity, sizeof identity);
    json_put_octets(j, "recovery_key", first.recovery_key, sizeof first.recovery_key);
    json_put_octets(j, "fingerprint", print, sizeof print);
    CLI_TRY(tell_dealers(c, e, from, count, j, dealers));
    return cli_tell(c, j,
                    "%s\n  wallet       %s\n  party        %u of %u, %u sign\n  epoch        %llu, "
                    "attempt %llu, signed by party %u\n  public key   %s\n  recovery key %s\n  "
                    "dealers      %s: every proof is good\n",
                    path, e->wallet, first.index, e->info.parties, e->info.signers_required,
                    (unsigned long long)e->info.epoch, (unsigned long long)e->info.epoch_attempt,
                    ESCROWS_COMMITTER, json_text(j, "public_key"), json_text(j, "fingerprint"),
                    dealers);
}

cli_exit cmd_recovery_inspect(cli *c)
{
    AUTO_ESCROWS e = {.count = 0};

    CLI_TRY(escrows_read(c, c->file[0], &e));
    CLI_TRY(escrows_verify(c, &e, c->file[0]));
    for (size_t at = 0, count; at < e.count; at += count) {
        CLI_TRY(escrows_run(c, &e, at, &count));
        CLI_TRY(tell_index(c, c->file[0], &e, at, count));
    }
    return CLI_OK;
}
