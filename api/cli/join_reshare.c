/* A guest takes part in a resharing: it stays, leaves or joins. */
#include <string.h>

#include "cli/backups.h"
#include "cli/epochs.h"
#include "cli/joining.h"
#include "cli/peers.h"
#include "cli/resharing.h"
#include "cli/server.h"

/* --- the next committee --- */

static cli_exit read_next(cli *c, const guest *g, resharing *w)
{
    const json *list = json_member(g->m.plan, "devices");
    const size_t n = json_count(list);
    const int64_t signers = json_number(g->m.plan, "signers_required");

    if (n < 1 || n >= CSIG_PARTIES_MAX) return json_lacks(c, "devices");
    w->next.parties = (uint16_t)(n + 1);
    if (signers < 2 || signers > w->next.parties) return json_lacks(c, "signers_required");
    w->next.signers_required = (uint16_t)signers;
    memcpy(w->next.of[COMMITTEE_SERVER - 1].id, w->t.test->server_id, CSIG_IDENTITY_BYTES);
    for (size_t i = 0; i < n; i++) {
        const char *text = json_text_at(list, i);

        if (text == NULL ||
            !hex_is_read(w->next.of[i == 0 ? 0 : i + 1].id, CSIG_IDENTITY_BYTES, text))
            return json_lacks(c, "devices");
    }
    return CLI_OK;
}

static cli_exit read_keys(cli *c, const guest *g, resharing *w)
{
    const json *list = json_member(g->m.plan, "recovery");

    for (size_t i = 0; i < json_count(list); i++) {
        const int64_t index = json_number(json_at(list, i), "index");
        uint8_t key[CSIG_RECOVERY_KEY_BYTES];

        if (index < 1 || index > w->next.parties) return json_lacks(c, "recovery");
        CLI_TRY(json_octets(c, json_at(list, i), "key", key, sizeof key));
        CLI_TRY(keys_add(c, &w->t.keys, (uint16_t)index, key));
    }
    w->t.keys_change = true;
    return CLI_OK;
}

/* --- the current epoch --- */

/* Who joins has nothing to compare it with but the server's commit. */
static cli_exit read_epoch(cli *c, const guest *g, resharing *w)
{
    uint8_t commit[64], own[CSIG_EPOCH_BYTES], server[CSIG_IDENTITY_BYTES];
    const turnover_member *m = &w->t.m[0];

    CLI_TRY(json_octets(c, g->m.plan, "state", w->epoch, sizeof w->epoch));
    if (w->t.members == 1) {
        CLI_TRY(cli_check(c, csig_share_epoch(m->share, own), "the current epoch"));
        CLI_TRY(epoch_check(c, g->d, c->wallet, &w->t.test->info));
        if (memcmp(own, w->epoch, sizeof own) == 0) return CLI_OK;
        return cli_fail(c, CLI_AGAIN, "the host is at another epoch of the wallet");
    }
    CLI_TRY(json_octets(c, g->m.plan, "commit", commit, sizeof commit));
    CLI_TRY(cli_check(c, csig_epoch_commit_verify(w->epoch, COMMITTEE_SERVER, commit),
                      "the server's commit of the epoch"));
    CLI_TRY(cli_check(c, csig_epoch_describe(w->epoch, &w->t.test->info), "the epoch"));
    CLI_TRY(cli_check(c, csig_epoch_member(w->epoch, COMMITTEE_SERVER, server, NULL), "the epoch"));
    if (memcmp(server, w->t.test->server_id, sizeof server) != 0)
        return cli_fail(c, CLI_INPUT, "the wallet is of another server");
    CLI_TRY(lock_check(c, g->d, w->t.test->server_id));
    w->t.test->server = w->t.record.server = COMMITTEE_SERVER;
    w->t.m[w->t.members++] = (turnover_member){.d = g->d};
    return CLI_OK;
}

/* --- who takes part --- */

/* Who deals and leaves speaks as what it was, everybody else as what it will be. */
static cli_exit check_seat(cli *c, const resharing *w, const reshare_seat *s)
{
    uint8_t id[CSIG_IDENTITY_BYTES];

    if (s->holds > 0 && s->holds <= w->next.parties)
        memcpy(id, w->next.of[s->holds - 1].id, sizeof id);
    else if (s->holds > 0 || s->deals == 0 ||
             csig_epoch_member(w->epoch, s->deals, id, NULL) != CSIG_OK)
        return json_lacks(c, "members");
    return memcmp(id, s->id, sizeof id) == 0 ? CLI_OK : json_lacks(c, "members");
}

static cli_exit read_seats(cli *c, const guest *g, resharing *w)
{
    const json *members = json_member(g->m.plan, "members");
    const json *deals = json_member(g->m.plan, "deals"), *holds = json_member(g->m.plan, "holds");

    w->seats = json_count(members);
    if (w->seats < 1 || w->seats >= CSIG_PARTIES_MAX) return json_lacks(c, "members");
    for (size_t i = 0; i < w->seats; i++) {
        const int64_t d = json_number_at(deals, i), h = json_number_at(holds, i);
        const char *text = json_text_at(members, i);
        reshare_seat *s = &w->seat[i];

        if (d < 0 || d > CSIG_PARTIES_MAX || h < 0 || h > CSIG_PARTIES_MAX || text == NULL ||
            !hex_is_read(s->id, sizeof s->id, text))
            return json_lacks(c, "members");
        s->deals = (uint16_t)d;
        s->holds = (uint16_t)h;
        CLI_TRY(check_seat(c, w, s));
        if (memcmp(s->id, g->d->id, sizeof s->id) != 0) continue;
        s->here = g->d;
        w->t.m[0].holds = s->holds;
        if (s->deals != w->t.m[0].deals)
            return cli_fail(c, CLI_INPUT, "the plan takes this device for another party");
    }
    return CLI_OK;
}

static cli_exit read_test(cli *c, const guest *g, resharing *w)
{
    parties *p = w->t.test;

    CLI_TRY(joining_indices(c, g, "test_signers", p->index, &p->count));
    if (p->count != w->next.signers_required) return json_lacks(c, "test_signers");
    return resharing_test(c, w);
}

static cli_exit check(cli *c, guest *g, resharing *w)
{
    bool is_there = false;

    CLI_TRY(joining_wallet(c, g));
    CLI_TRY(server_pinned(c, w->t.test->server_id));
    CLI_TRY(turnover_add(c, &w->t, g->d));
    CLI_TRY(read_epoch(c, g, w));
    CLI_TRY(read_next(c, g, w));
    CLI_TRY(read_keys(c, g, w));
    CLI_TRY(read_seats(c, g, w));
    for (size_t i = 0; i < w->seats; i++)
        is_there = is_there || w->seat[i].here != NULL;
    if (!is_there) return cli_fail(c, CLI_INPUT, "this device has no part in the plan");
    CLI_TRY(resharing_order(c, w));
    CLI_TRY(read_test(c, g, w));
    CLI_TRY(backup_begin(c));
    resharing_seat(w, &g->m);
    return CLI_OK;
}

/* --- in words --- */

static bool has_seat(const resharing *w, const uint8_t id[CSIG_IDENTITY_BYTES])
{
    return committee_index(&w->next, id) > 0;
}

static size_t tell_changes(const resharing *w, char *text, size_t room)
{
    uint8_t id[CSIG_IDENTITY_BYTES];
    char hex[2 * CSIG_IDENTITY_BYTES + 1];
    size_t n = 0;

    for (uint16_t i = 1; i <= w->t.test->info.parties && n < room; i++) {
        if (csig_epoch_member(w->epoch, i, id, NULL) != CSIG_OK || has_seat(w, id)) continue;
        hex_write(hex, id, sizeof id);
        n += (size_t)snprintf(text + n, room - n, "\n  leaves   party %u, device %.12s", i, hex);
    }
    for (uint16_t i = 1; i <= w->next.parties && n < room; i++) {
        bool is_new = true;

        for (uint16_t k = 1; k <= w->t.test->info.parties; k++)
            if (csig_epoch_member(w->epoch, k, id, NULL) == CSIG_OK &&
                memcmp(id, w->next.of[i - 1].id, sizeof id) == 0)
                is_new = false;
        if (!is_new) continue;
        hex_write(hex, w->next.of[i - 1].id, CSIG_IDENTITY_BYTES);
        n += (size_t)snprintf(text + n, room - n, "\n  joins    party %u, device %.12s", i, hex);
    }
    return n;
}

/* Whoever has such a key gets that party's share: people compare it with the card's. */
static void tell_keys(const resharing *w, char *text, size_t room)
{
    uint8_t print[CSIG_FINGERPRINT_BYTES];
    char hex[2 * CSIG_FINGERPRINT_BYTES + 1];
    size_t n = 0;

    for (uint16_t k = 0; k < w->t.keys.count && n < room; k++) {
        if (csig_recovery_fingerprint(w->t.keys.key[k], print) != CSIG_OK) continue;
        hex_write(hex, print, sizeof print);
        n += (size_t)snprintf(text + n, room - n, "\n  recovery of party %u by the key %.16s",
                              w->t.keys.index[k], hex);
    }
}

static cli_exit ask(cli *c, guest *g, const resharing *w)
{
    const csig_share_info *now = &w->t.test->info;
    char text[1000] = "", key[2 * CSIG_PUBKEY_BYTES + 1];
    const size_t n = tell_changes(w, text, sizeof text);

    if (n < sizeof text) tell_keys(w, text + n, sizeof text - n);
    hex_write(key, now->public_key, sizeof now->public_key);
    return joining_consent(c, g,
                           "asks to give wallet %s to other devices: %u of %u parties sign, until "
                           "now %u of %u\n  public key  %s, as before%s",
                           c->wallet, w->next.signers_required, w->next.parties,
                           now->signers_required, now->parties, key, text);
}

static cli_exit take_part(cli *c, guest *g, resharing *w)
{
    const cli_exit code = check(c, g, w);
    AUTO_JSON answer = NULL;

    if (code != CLI_OK) return meeting_decline(c, &g->m, code, c->message);
    CLI_TRY(ask(c, g, w));
    CLI_TRY(meeting_agree(c, &g->m));
    CLI_TRY(meeting_pair(c, &g->m));
    CLI_TRY(resharing_prepare(c, w, &g->m));
    CLI_TRY(meeting_hear(c, &g->m, &answer));
    return resharing_run(c, w, &g->m, answer);
}

cli_exit join_reshare(cli *c, guest *g)
{
    AUTO_PARTIES test = {0};
    resharing w = {.t = {.what = "resharing", .test = &test}};
    const cli_exit code = take_part(c, g, &w);

    turnover_close(&w.t);
    return code;
}
