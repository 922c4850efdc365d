/* device adopt: the new phone's side of a move. */
#include <sodium.h>
#include <string.h>

#include "cli/client.h"
#include "cli/invitation.h"
#include "cli/joining.h"
#include "cli/meeting_inside.h"
#include "cli/pairing.h"
#include "cli/peers.h"
#include "cli/reconcile.h"
#include "cli/seal.h"
#include "cli/server.h"
#include "cli/tell.h"
#include "cli/unseen.h"

/* A mailbox for the two lives as long as a move of many wallets may take. */
#define LIFE_SECONDS 86400

typedef struct adopting {
    devices *all; /* one */
    invitation inv;
    meeting m; /* with the old phone */
    size_t wallets;
} adopting;

/* --- enrolment --- */

static cli_exit another_server(cli *c)
{
    return cli_fail(c, CLI_CHEAT,
                    "the server at %s is not the one that the old phone knows; nothing was done",
                    c->server);
}

/* The invitation says which server; nothing is pinned before it is that one. */
static cli_exit check_trust(cli *c, const invitation *inv)
{
    uint8_t hash[32], known[CSIG_IDENTITY_BYTES];
    const char *named = c->server != NULL ? c->server : inv->server;
    bool pinned;

    CLI_TRY(server_is_pinned(c, &pinned));
    if (pinned) CLI_TRY(server_pinned(c, known));
    c->server = named;
    if (pinned && memcmp(known, inv->server_id, sizeof known) != 0) return another_server(c);
    if (c->ca == NULL || !inv->has_ca) return CLI_OK;
    CLI_TRY(invitation_ca(c, c->ca, hash));
    if (memcmp(hash, inv->ca, sizeof hash) == 0) return CLI_OK;
    return cli_fail(c, CLI_REFUSED, "%s is not the file of roots that the old phone has", c->ca);
}

/* One that has paired with this server has enrolled there. */
static cli_exit choose_token(cli *c, adopting *w)
{
    const device *d = w->all->d[0];
    uint8_t token[INVITATION_TOKEN_BYTES];
    char path[PATH_ROOM];

    CLI_TRY(peer_path(c, d, w->inv.server_id, path));
    if (!client_address_is_url(c->server) || file_is_there(path)) return CLI_OK;
    if (w->inv.token[0] == '\0') {
        invitation_token(&w->inv, token);
        hex_write(w->inv.token, token, sizeof token);
        sodium_memzero(token, sizeof token);
    }
    c->token = w->inv.token;
    return CLI_OK;
}

static cli_exit tell_refusal(cli *c, cli_exit code)
{
    if (c->token == NULL || strcmp(c->problem, "forbidden") != 0) return code;
    return cli_fail(c, code,
                    "the server takes no new phone for this invitation: another one has used it, "
                    "it is too old, or the old phone has called it off. If it was not yours that "
                    "used it, stop there; then: countersign device move");
}

static cli_exit enrol_here(cli *c, adopting *w)
{
    device *d = w->all->d[0];
    enrolment said;
    cli_exit code;

    CLI_TRY(choose_token(c, w));
    CLI_TRY(device_http_key(c, d));
    code = enrol_only(c, d->identity, &d->http, d->name, &said);
    if (code != CLI_OK) return tell_refusal(c, code);
    if (memcmp(said.server, w->inv.server_id, sizeof said.server) != 0) return another_server(c);
    CLI_TRY(server_pin(c, said.server));
    if (d->aux == NULL)
        return cli_fail(c, CLI_REFUSED,
                        "device %s has no auxiliary info; run: countersign device init --device %s",
                        d->name, d->name);
    CLI_TRY(check_generation(c, d, d->aux, &said));
    return pair_with_server(c, d, said.server);
}

/* --- the two of them --- */

static cli_exit answer(cli *c, adopting *w)
{
    mailbox *box = &w->m.box;
    uint8_t mac[INVITATION_MAC_BYTES];
    char print[INVITATION_PRINT_ROOM];

    box->as = w->all->d[0];
    memcpy(box->member[0], box->as->id, CSIG_IDENTITY_BYTES);
    memcpy(box->member[1], w->inv.host, CSIG_IDENTITY_BYTES);
    box->members = 2;
    CLI_TRY(mailbox_make(c, box, LIFE_SECONDS));
    w->m.host = 1 - box->self;
    w->m.plan = json_new();
    invitation_mac(&w->inv, box->octets, box->as->id, mac);
    invitation_print(box->as->id, print);
    cli_note(c, "the old phone asks whether this one shows: %s", print);
    return meeting_say_signed(c, &w->m, MEETING_ADOPT, box->as->identity, mac, sizeof mac);
}

/* One wallet: the old phone hosts, and nobody else. */
static cli_exit adopt_one(cli *c, adopting *w, const mailbox_message *next)
{
    guest g = {.all = w->all, .d = w->all->d[0]};
    char id[2 * MAILBOX_ID_BYTES + 1];
    cli_exit code;

    if (next->len != MEETING_HEAD + MAILBOX_ID_BYTES)
        return cli_fail(c, CLI_INPUT, "the old phone names no meeting");
    hex_write(id, next->p + MEETING_HEAD, MAILBOX_ID_BYTES);
    code = meeting_find(c, &g.m, g.d, id);
    if (code == CLI_OK) {
        meeting_name(&g.m, g.m.host, g.host);
        if (memcmp(g.m.box.member[g.m.host], w->inv.host, CSIG_IDENTITY_BYTES) != 0 ||
            !json_text_is(g.m.plan, "purpose", "reshare"))
            code = meeting_decline(c, &g.m, CLI_REFUSED, "this is no move of the old phone's");
        else
            code = join_reshare(c, &g);
        meeting_end(c, &g.m, code);
    }
    meeting_close(&g.m);
    w->wallets += code == CLI_OK;
    return code;
}

static cli_exit adopt(cli *c, adopting *w)
{
    mailbox_message message;

    w->m.hears_ends = true;
    for (;;) {
        memset(w->m.is_awaited, 0, sizeof w->m.is_awaited);
        w->m.is_awaited[w->m.host] = true;
        CLI_TRY(meeting_next(c, &w->m, &message));
        if (message.p[0] == MEETING_END) return CLI_OK;
        if (message.p[0] == MEETING_NEXT) CLI_TRY(adopt_one(c, w, &message));
    }
}

static cli_exit tell(cli *c, const adopting *w)
{
    AUTO_JSON j = json_new();

    json_put_text(j, "device", w->all->d[0]->name);
    json_put_number(j, "wallets", (int64_t)w->wallets);
    return cli_tell(c, j, "moved: device %s has %zu wallet%s of the old phone\n",
                    w->all->d[0]->name, w->wallets, w->wallets == 1 ? "" : "s");
}

/* Itself, or where it is. */
static cli_exit read_invitation(cli *c, const char *given, invitation *inv)
{
    char text[INVITATION_ROOM];
    cli_exit code;

    if (invitation_text_is_one(given)) return invitation_read(c, given, inv);
    code = unseen_read(c, given, "the invitation", text, sizeof text);
    if (code == CLI_OK) code = invitation_read(c, text, inv);
    sodium_memzero(text, sizeof text);
    return code;
}

static cli_exit run(cli *c, adopting *w)
{
    cli_exit code;

    CLI_TRY(read_invitation(c, c->file[0], &w->inv));
    CLI_TRY(check_trust(c, &w->inv));
    CLI_TRY(enrol_here(c, w));
    CLI_TRY(answer(c, w));
    code = adopt(c, w);
    meeting_end(c, &w->m, code);
    return code == CLI_OK ? tell(c, w) : code;
}

cli_exit cmd_device_adopt(cli *c)
{
    AUTO_DEVICES all = {0};
    adopting w = {.all = &all};
    cli_exit code;

    CLI_TRY(begin_with_devices(c, &all));
    if (all.count != 1) return cli_fail(c, CLI_USAGE, "say which device adopts: --device NAME");
    c->yes = true; /* the invitation is the consent; each wallet is told */
    code = run(c, &w);
    sodium_memzero(&w.inv, sizeof w.inv);
    meeting_close(&w.m);
    return code;
}
