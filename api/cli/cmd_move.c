/* device move and device adopt: an old phone gives its place in its wallets to a new one. The new
 * one enrols, makes a mailbox for both and shows there that it has read the invitation; when the
 * owner has agreed that it is the new one, each wallet is reshared, the old phone the host, the new
 * one its guest. */
#include <sodium.h>
#include <string.h>
#include <time.h>

#include "cli/backups.h"
#include "cli/client.h"
#include "cli/committee.h"
#include "cli/invitation.h"
#include "cli/joining.h"
#include "cli/meeting_inside.h"
#include "cli/pairing.h"
#include "cli/reconcile.h"
#include "cli/resharing.h"
#include "cli/rotation.h"
#include "cli/seal.h"
#include "cli/server.h"
#include "cli/tell.h"
#include "cli/wallet.h"
#include "cli/wire.h"

/* --- the old phone: which wallets --- */

typedef struct moving {
    devices *all; /* one */
    char wallet[64][2 * WALLET_ID_BYTES + 1];
    size_t wallets;
    invitation inv;
    bool is_announced; /* to the server */
    meeting m;         /* with the new phone */
    uint8_t to[CSIG_IDENTITY_BYTES];
} moving;

static cli_exit add_wallet(cli *c, const char *wallet, void *arg)
{
    moving *w = arg;
    wallet_state state;

    CLI_TRY(wallet_look(c, w->all->d[0], wallet, &state));
    if (state != WALLET_BORN) return CLI_OK;
    if (w->wallets == sizeof w->wallet / sizeof w->wallet[0])
        return cli_fail(c, CLI_USAGE, "at most %zu wallets at once; then again", w->wallets);
    snprintf(w->wallet[w->wallets++], sizeof w->wallet[0], "%s", wallet);
    return CLI_OK;
}

static cli_exit list_wallets(cli *c, moving *w)
{
    uint8_t id[WALLET_ID_BYTES];

    if (c->all == (c->files > 0))
        return cli_fail(c, CLI_USAGE, "name the wallets, or --all; see: countersign wallet list");
    if (c->all) CLI_TRY(wallet_each(c, w->all->d[0], add_wallet, w));
    for (size_t i = 0; i < c->files; i++) {
        const size_t before = w->wallets;

        if (!wallet_id_is_read(id, c->file[i]))
            return cli_fail(c, CLI_USAGE, "a wallet's id has %d lower-case hex digits: not \"%s\"",
                            2 * WALLET_ID_BYTES, c->file[i]);
        CLI_TRY(add_wallet(c, c->file[i], w));
        if (w->wallets == before)
            return cli_fail(c, CLI_REFUSED, "device %s has no wallet %s", w->all->d[0]->name,
                            c->file[i]);
    }
    if (w->wallets > 0) return CLI_OK;
    return cli_fail(c, CLI_REFUSED, "device %s has no wallets", w->all->d[0]->name);
}

/* --- the old phone: what the server knows of it --- */

static void move_path(const moving *w, char out[128])
{
    char id[2 * CSIG_IDENTITY_BYTES + 1];

    hex_write(id, w->all->d[0]->id, CSIG_IDENTITY_BYTES);
    snprintf(out, 128, "/v1/devices/%s/move", id);
}

/* Over TCP nobody enrols without a token: this device vouches for the one that has the secret, and
 * for no longer than it waits for it. */
static cli_exit announce(cli *c, moving *w)
{
    uint8_t token[INVITATION_TOKEN_BYTES], hash[32], id[WALLET_ID_BYTES];
    const unsigned patience = meeting_patience(c);
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;
    json *wallets = json_array_new();
    char path[128];

    invitation_token(&w->inv, token);
    (void)crypto_hash_sha256(hash, token, sizeof token);
    sodium_memzero(token, sizeof token);
    for (size_t i = 0; i < w->wallets; i++) {
        if (hex_is_read(id, sizeof id, w->wallet[i])) json_push_octets(wallets, id, sizeof id);
    }
    json_put_octets(body, "token_sha256", hash, sizeof hash);
    json_put(body, "wallets", wallets);
    json_put_number(body, "seconds", patience < 60 ? 60 : patience > 3600 ? 3600 : patience);
    move_path(w, path);
    w->is_announced = true;
    return client_json(c, "PUT", path, body, &answer);
}

/* However it ended: what the invitation was good for it is good for no more. What failed is what is
 * told; a server that cannot be reached forgets by itself. */
static void call_off(cli *c, const moving *w)
{
    char path[128], message[sizeof c->message], problem[sizeof c->problem];
    AUTO_REPLY r = {0};

    if (!w->is_announced) return;
    memcpy(message, c->message, sizeof message);
    memcpy(problem, c->problem, sizeof problem);
    move_path(w, path);
    if (client_call(c, "DELETE", path, NULL, NULL, 0, &r) != CLI_OK)
        cli_note(c, "the server was not told that the invitation is over; it ends by itself");
    memcpy(c->message, message, sizeof message);
    memcpy(c->problem, problem, sizeof problem);
}

/* --- the old phone: the invitation --- */

static cli_exit invite(cli *c, moving *w)
{
    char text[INVITATION_ROOM], path[PATH_ROOM];
    AUTO_JSON j = json_new();
    cli_exit shown;

    CLI_TRY(server_pinned(c, w->inv.server_id));
    snprintf(w->inv.server, sizeof w->inv.server, "%s", c->server);
    memcpy(w->inv.host, w->all->d[0]->id, sizeof w->inv.host);
    random_octets(w->inv.secret, sizeof w->inv.secret);
    if (c->token != NULL) {
        uint8_t token[32];

        if (!hex_is_read(token, sizeof token, c->token))
            return cli_fail(c, CLI_USAGE, "--token takes 64 lower-case hex digits");
        hex_write(w->inv.token, token, sizeof token);
        sodium_memzero(token, sizeof token);
    }
    if (client_address_is_url(c->server)) {
        CLI_TRY(wire_ca(c, path));
        w->inv.has_ca = path[0] != '\0';
        if (w->inv.has_ca) CLI_TRY(invitation_ca(c, path, w->inv.ca));
        if (c->token == NULL) CLI_TRY(announce(c, w));
    }
    CLI_TRY(invitation_write(c, &w->inv, text));
    json_put_text(j, "invitation", text);
    json_put_number(j, "wallets", (int64_t)w->wallets);
    shown = cli_tell(c, j, "%s\n", text);
    sodium_memzero(text, sizeof text);
    return shown == CLI_OK ? cli_tell_end(c) : shown;
}

/* Whoever has the secret signs with the identity that it is to move to. */
static cli_exit is_adopter(cli *c, moving *w, const mailbox_message *message, bool *is)
{
    uint8_t mac[INVITATION_MAC_BYTES];
    const uint8_t *id = w->m.box.member[message->member];
    blob said;

    *is = false;
    if (message->p[0] != MEETING_ADOPT || w->m.box.members != 2) return CLI_OK;
    CLI_TRY(meeting_verify(c, &w->m, message, id, &said));
    invitation_mac(&w->inv, w->m.box.octets, id, mac);
    *is = said.len == sizeof mac && sodium_memcmp(said.p, mac, sizeof mac) == 0;
    if (!*is) cli_note(c, "somebody answers without having read the invitation; passed over");
    if (*is) memcpy(w->to, id, sizeof w->to);
    return CLI_OK;
}

static cli_exit look_at(cli *c, moving *w, const char *id, bool *found)
{
    mailbox_message message;

    meeting_close(&w->m);
    w->m = (meeting){.box = {.as = w->all->d[0]}};
    *found = false;
    if (!hex_is_read(w->m.box.octets, MAILBOX_ID_BYTES, id)) return json_lacks(c, "mailbox");
    memcpy(w->m.box.id, id, sizeof w->m.box.id);
    CLI_TRY(mailbox_look(c, &w->m.box));
    CLI_TRY(meeting_take(c, &w->m, 2, found, &message));
    return *found ? is_adopter(c, w, &message, found) : CLI_OK;
}

static cli_exit await_adopter(cli *c, moving *w)
{
    const time_t end = time(NULL) + meeting_patience(c);
    bool found = false;

    while (!found) {
        AUTO_JSON answer = NULL;
        const time_t left = end - time(NULL);
        const json *list;

        if (left <= 0)
            return cli_fail(c, CLI_AGAIN, "no new phone has answered within %u seconds",
                            meeting_patience(c));
        CLI_TRY(mailbox_list(c, w->all->d[0], (unsigned)left, &answer));
        list = json_member(answer, "mailboxes");
        for (size_t i = 0; i < json_count(list) && !found; i++) {
            const char *id = json_text(json_at(list, i), "mailbox");
            const cli_exit code = id == NULL ? json_lacks(c, "mailbox") : look_at(c, w, id, &found);

            if (code == CLI_OFFLINE || code == CLI_LOCAL) return code;
            if (code != CLI_OK) found = false;
        }
        /* The list is answered at once while there is anything in it. */
        if (!found) (void)nanosleep(&(struct timespec){.tv_nsec = 300000000L}, NULL);
    }
    w->m.host = w->m.box.self;
    w->m.plan = json_new();
    meeting_seat(&w->m, w->to, 0, NULL, false);
    w->m.of[0].is_ready = true;
    w->m.of[0].member = 1 - w->m.box.self;
    return CLI_OK;
}

/* Somebody else may have read it, too, and be quicker. */
static cli_exit agree(cli *c, const moving *w)
{
    char print[INVITATION_PRINT_ROOM];

    invitation_print(w->to, print);
    cli_note(c, "a phone has read the invitation. Agree only if the new phone shows: %s", print);
    return c->yes ? CLI_OK : joining_ask(c);
}

/* --- the old phone: each wallet --- */

static cli_exit move_wallet(cli *c, moving *w, const char *wallet)
{
    char change[2 * CSIG_IDENTITY_BYTES + 8], id[2 * CSIG_IDENTITY_BYTES + 1];
    wallet_record record;
    csig_share_info info;
    csig_share *share;

    CLI_TRY(wallet_open(c, w->all->d[0], wallet, &record, &share));
    csig_share_describe(share, &info);
    csig_share_free(share);
    hex_write(id, w->to, sizeof w->to);
    snprintf(change, sizeof change, "%u=%s", info.self, id);
    c->wallet = wallet;
    c->replace[0] = change;
    c->replacements = 1;
    c->keeps_keys = true;
    return reshare_host(c, w->all, &w->m);
}

static cli_exit move_all(cli *c, moving *w)
{
    for (size_t i = 0; i < w->wallets; i++)
        CLI_TRY(move_wallet(c, w, w->wallet[i]));
    return CLI_OK;
}

static cli_exit move(cli *c, moving *w)
{
    cli_exit code;

    CLI_TRY(list_wallets(c, w));
    CLI_TRY(invite(c, w));
    CLI_TRY(await_adopter(c, w));
    code = agree(c, w);
    if (code == CLI_OK) code = move_all(c, w);
    meeting_end(c, &w->m, code);
    return code;
}

cli_exit cmd_device_move(cli *c)
{
    AUTO_DEVICES all = {0};
    moving w = {.all = &all};
    cli_exit code;

    CLI_TRY(begin_with_devices(c, &all));
    if (all.count != 1) return cli_fail(c, CLI_USAGE, "say which device moves: --device NAME");
    CLI_TRY(backup_begin(c));
    code = move(c, &w);
    call_off(c, &w);
    sodium_memzero(&w.inv, sizeof w.inv);
    meeting_close(&w.m);
    return code;
}
