#include "cli/reconcile.h"

#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/declining.h"
#include "cli/epochs.h"
#include "cli/escrows.h"
#include "cli/halves.h"
#include "cli/leaving.h"
#include "cli/rekey.h"
#include "cli/ride.h"
#include "cli/rotation.h"
#include "cli/seal.h"
#include "cli/server.h"
#include "cli/tell.h"
#include "cli/wallet.h"

typedef struct task {
    const device *d;
    uint8_t server[CSIG_IDENTITY_BYTES];
    bool offline; /* the server was asked once and did not answer */
} task;

/* --- pending shares --- */

/* The server's signature that a wallet was never born and never will be: it holds for ever, so an
 * answer of somebody else, or of another server, costs no share. */
static cli_exit check_unborn(cli *c, const task *t, const char *wallet, const http_reply *r)
{
    uint8_t id[WALLET_ID_BYTES], signature[64];
    AUTO_JSON j = NULL;

    CLI_TRY(json_read(c, &j, r->body.p, r->body.len));
    CLI_TRY(json_octets(c, j, "unborn", signature, sizeof signature));
    if (!wallet_id_is_read(id, wallet)) return cli_fail(c, CLI_BUG, "a wallet without id");
    return cli_check(c, csig_identity_verify(t->server, "unborn", id, sizeof id, signature),
                     "the server's word that the wallet was never born");
}

static cli_exit read_birth(cli *c, const http_reply *r, const char *wallet, const csig_share *share,
                           wallet_record *record)
{
    AUTO_JSON j = NULL;

    CLI_TRY(json_read(c, &j, r->body.p, r->body.len));
    if (!json_text_is(j, "state", "active"))
        return cli_fail(c, CLI_AGAIN, "the server has not decided yet");
    ride_hear(c, wallet, j);
    CLI_TRY(json_octets(c, j, "commit", record->commit, sizeof record->commit));
    return cli_check(c, csig_keygen_commit_verify(share, record->server, record->commit),
                     "the server's commit");
}

/* First the session is given up, so that nothing of it can go on; then the wallet's state is final.
 */
static cli_exit ask(cli *c, const task *t, const char *wallet, const csig_share *share,
                    wallet_record *record, bool *born)
{
    char path[96], session[2 * WALLET_ID_BYTES + 1];
    AUTO_REPLY gone = {0};
    AUTO_REPLY r = {0};

    hex_write(session, record->session, WALLET_ID_BYTES);
    snprintf(path, sizeof path, "/v1/sessions/%s", session);
    CLI_TRY(client_call(c, "DELETE", path, NULL, NULL, 0, &gone));
    snprintf(path, sizeof path, "/v1/wallets/%s", wallet);
    CLI_TRY(client_call(c, "GET", path, NULL, NULL, 0, &r));
    *born = r.status == 200;
    if (r.status == 404) return check_unborn(c, t, wallet, &r);
    return r.status == 200 ? read_birth(c, &r, wallet, share, record) : client_problem(c, &r);
}

/* An earlier process may have known of the birth and ended before it said so to the folder. */
static bool record_has_birth(const wallet_record *record, const csig_share *share)
{
    return csig_keygen_commit_verify(share, record->server, record->commit) == CSIG_OK;
}

static cli_exit follow(cli *c, task *t, const char *wallet)
{
    wallet_record record;
    csig_share *share;
    cli_exit code;
    bool born = true;

    CLI_TRY(wallet_open_pending(c, t->d, wallet, &record, &share));
    code = record_has_birth(&record, share) ? CLI_OK : ask(c, t, wallet, share, &record, &born);
    csig_share_free(share);
    CLI_TRY(code);
    if (!born) return wallet_forget(c, t->d, wallet);
    CLI_TRY(wallet_born(c, t->d, wallet, &record));
    return escrows_tidy(c, t->d, wallet);
}

/* --- staged shares --- */

static cli_exit settle_epoch(cli *c, const task *t, const char *wallet)
{
    bool staged;

    CLI_TRY(slot_tidy(c, t->d, wallet));
    CLI_TRY(leaving_is_there(c, t->d, wallet, &staged));
    if (staged)
        return t->offline ? cli_fail(c, CLI_OFFLINE, "no answer from %s", c->server)
                          : leaving_settle(c, t->d, wallet, t->server);
    CLI_TRY(escrows_tidy(c, t->d, wallet));
    CLI_TRY(halves_of_epoch(c, t->d, wallet));
    CLI_TRY(slot_is_staged(c, t->d, wallet, &staged));
    if (!staged) return CLI_OK;
    return t->offline ? cli_fail(c, CLI_OFFLINE, "no answer from %s", c->server)
                      : epoch_settle(c, t->d, wallet, t->server);
}

/* A file that is damaged is named by the command that needs it. */
static cli_exit reconcile_epoch(cli *c, task *t, const char *wallet)
{
    const cli_exit code = settle_epoch(c, t, wallet);
    bool staged;

    if (code == CLI_OK || code == CLI_LOCAL) return code;
    t->offline = t->offline || code == CLI_OFFLINE;
    CLI_TRY(slot_is_staged(c, t->d, wallet, &staged));
    if (!staged) CLI_TRY(leaving_is_there(c, t->d, wallet, &staged));
    if (staged)
        cli_note(c,
                 "a refresh or resharing of wallet %s of device %s stays undecided, and both "
                 "shares are kept: "
                 "%s",
                 wallet, t->d->name, c->message);
    return CLI_OK;
}

static cli_exit reconcile_wallet(cli *c, const char *wallet, void *arg)
{
    task *t = arg;
    wallet_state state;
    cli_exit code;
    bool marked;

    CLI_TRY(wallet_is_marked(c, t->d, wallet, &marked));
    if (marked) return wallet_discard(c, t->d, wallet);
    CLI_TRY(wallet_look(c, t->d, wallet, &state));
    if (state == WALLET_BORN || state == WALLET_JOINING) return reconcile_epoch(c, t, wallet);
    /* Cut off before the pending share was whole: it was never acknowledged. */
    if (state == WALLET_NONE) return wallet_forget(c, t->d, wallet);
    code = t->offline ? CLI_OFFLINE : follow(c, t, wallet);
    t->offline = code == CLI_OFFLINE;
    if (code == CLI_OK || code == CLI_LOCAL) return code;
    cli_note(c, "wallet %s of device %s stays pending until the server decides: %s", wallet,
             t->d->name, c->message);
    return CLI_OK;
}

/* --- stored replies --- */

static cli_exit reconcile_replies(cli *c, const char *wallet, void *arg)
{
    task *t = arg;
    cli_exit code;

    if (t->offline) return CLI_OK;
    code = halves_resend(c, t->d, wallet);
    t->offline = code == CLI_OFFLINE;
    if (code == CLI_OK || code == CLI_LOCAL) return code;
    cli_note(c, "a signature of wallet %s waits to be sent again: %s", wallet, c->message);
    return CLI_OK;
}

static cli_exit reconcile_declines(cli *c, task *t)
{
    cli_exit code;

    if (t->offline) return CLI_OK;
    code = declining_resend(c, t->d);
    t->offline = code == CLI_OFFLINE;
    if (code == CLI_OK || code == CLI_LOCAL) return code;
    cli_note(c, "what device %s does not sign waits to be told to the server: %s", t->d->name,
             c->message);
    return CLI_OK;
}

/* --- new auxiliary info --- */

static cli_exit settle_aux(cli *c, const task *t, device *d)
{
    if (t->offline && d->next != NULL)
        return cli_fail(c, CLI_OFFLINE, "no answer from %s", c->server);
    return rotation_settle(c, d, t->server);
}

static cli_exit reconcile_aux(cli *c, task *t, device *d)
{
    cli_exit code;
    bool open;

    CLI_TRY(rotation_is_open(c, d, &open));
    if (!open) return CLI_OK;
    code = settle_aux(c, t, d);
    t->offline = t->offline || code == CLI_OFFLINE;
    if (code == CLI_OK || code == CLI_LOCAL) return code;
    cli_note(c, "new auxiliary info of device %s waits to be paired with the server: %s", d->name,
             c->message);
    return CLI_OK;
}

/* --- another key for HTTP --- */

static cli_exit reconcile_key(cli *c, task *t, device *d)
{
    cli_exit code;
    bool open;

    CLI_TRY(rekey_is_open(c, d, &open));
    if (!open || t->offline) return CLI_OK;
    code = rekey_settle(c, d);
    t->offline = code == CLI_OFFLINE;
    if (code == CLI_OK || code == CLI_LOCAL) return code;
    cli_note(c, "the new key of device %s waits to be told to the server: %s", d->name, c->message);
    return CLI_OK;
}

/* --- all --- */

cli_exit reconcile(cli *c, const devices *all)
{
    task t = {.offline = false};
    bool pinned;

    CLI_TRY(server_is_pinned(c, &pinned));
    if (!pinned) return CLI_OK;
    CLI_TRY(server_pinned(c, t.server));
    for (size_t i = 0; i < all->count; i++) {
        t.d = all->d[i];
        CLI_TRY(reconcile_key(c, &t, all->d[i]));
        CLI_TRY(reconcile_aux(c, &t, all->d[i]));
        CLI_TRY(wallet_each(c, t.d, reconcile_wallet, &t));
        CLI_TRY(wallet_each(c, t.d, reconcile_replies, &t));
        CLI_TRY(reconcile_declines(c, &t));
    }
    return CLI_OK;
}

cli_exit begin_with_devices(cli *c, devices *all)
{
    if (c->master == NULL) CLI_TRY(cli_unseal(c, false));
    CLI_TRY(devices_open(c, all));
    return reconcile(c, all);
}
