/* wallet reshare: the same key to other devices, or to another number of them. Devices that leave
 * delete their share once the server has committed; devices that join have none before. */
#include <stdlib.h>
#include <string.h>

#include "cli/backups.h"
#include "cli/cards.h"
#include "cli/client.h"
#include "cli/epochs.h"
#include "cli/peers.h"
#include "cli/reconcile.h"
#include "cli/resharing.h"
#include "cli/server.h"
#include "cli/transcript.h"

/* --- who takes part --- */

static reshare_seat *seat_of(resharing *w, const uint8_t id[CSIG_IDENTITY_BYTES])
{
    for (size_t i = 0; i < w->seats; i++)
        if (memcmp(w->seat[i].id, id, CSIG_IDENTITY_BYTES) == 0) return &w->seat[i];
    return NULL;
}

static cli_exit add_seat(cli *c, resharing *w, const uint8_t id[CSIG_IDENTITY_BYTES],
                         uint16_t deals, uint16_t holds, const device *here)
{
    reshare_seat *s = &w->seat[w->seats];

    if (w->seats == CSIG_PARTIES_MAX)
        return cli_fail(c, CLI_USAGE, "at most %d devices take part at once", CSIG_PARTIES_MAX - 1);
    *s = (reshare_seat){.deals = deals, .holds = holds, .here = here};
    memcpy(s->id, id, sizeof s->id);
    w->seats++;
    return CLI_OK;
}

/* Devices here: those that hold a share, and those that are to have one. */
static cli_exit seat_locals(cli *c, resharing *w, const devices *all)
{
    for (size_t i = 0; i < w->t.members; i++) {
        turnover_member *m = &w->t.m[i];

        m->holds = committee_index(&w->next, m->d->id);
        CLI_TRY(add_seat(c, w, m->d->id, m->deals, m->holds, m->d));
    }
    for (size_t i = 0; i < all->count; i++) {
        const device *d = all->d[i];
        const uint16_t holds = committee_index(&w->next, d->id);

        if (holds == 0 || seat_of(w, d->id) != NULL) continue;
        CLI_TRY(lock_check(c, d, w->t.test->server_id));
        w->t.m[w->t.members++] = (turnover_member){.d = d, .holds = holds};
        CLI_TRY(add_seat(c, w, d->id, 0, holds, d));
    }
    return CLI_OK;
}

/* Devices elsewhere: parties that --with names, and those that join by their card. */
static cli_exit seat_far(cli *c, resharing *w)
{
    uint8_t id[CSIG_IDENTITY_BYTES];
    parties named = {.fars = 0};

    CLI_TRY(parties_far(c, &named));
    for (uint16_t i = 0; i < named.fars; i++) {
        const uint16_t index = named.far[i];

        if (index > w->t.test->info.parties || index == COMMITTEE_SERVER)
            return cli_fail(c, CLI_USAGE, "--with %u names no device of wallet %s", index,
                            c->wallet);
        CLI_TRY(cli_check(c, csig_share_identity(w->t.m[0].share, index, id), "an identity"));
        if (seat_of(w, id) != NULL)
            return cli_fail(c, CLI_USAGE, "party %u of wallet %s is here, or named twice", index,
                            c->wallet);
        CLI_TRY(add_seat(c, w, id, index, committee_index(&w->next, id), NULL));
    }
    for (uint16_t i = 0; i < w->next.parties; i++)
        if (w->next.of[i].is_new && seat_of(w, w->next.of[i].id) == NULL)
            CLI_TRY(add_seat(c, w, w->next.of[i].id, 0, (uint16_t)(i + 1), NULL));
    return CLI_OK;
}

static bool index_is_there(const resharing *w, uint16_t index)
{
    for (size_t i = 0; i < w->seats; i++)
        if (w->seat[i].holds == index) return true;
    return index == COMMITTEE_SERVER;
}

static cli_exit check_present(cli *c, const resharing *w)
{
    size_t deals = 1;

    for (size_t i = 0; i < w->seats; i++)
        deals += w->seat[i].deals > 0;
    if (deals < w->t.test->info.signers_required)
        return cli_fail(c, CLI_REFUSED,
                        "it takes %u shares of wallet %s to give it to others, the server's among "
                        "them; here %zu",
                        w->t.test->info.signers_required, c->wallet, deals);
    for (uint16_t index = 1; index <= w->next.parties; index++) {
        if (index_is_there(w, index) || keys_has(&w->t.keys, index)) continue;
        return cli_fail(
            c, CLI_REFUSED,
            "party %u (%u from now on) is not here and has no recovery key: a share left "
            "behind would be worth nothing. Name its key (--recovery-of %u=CARD), or "
            "leave it out: --remove or --replace %u. If it is elsewhere: --with %u",
            w->next.of[index - 1].before, index, index, w->next.of[index - 1].before,
            w->next.of[index - 1].before);
    }
    return CLI_OK;
}

/* --- recovery keys --- */

/* Who stays keeps its key, unless a card gives it another one. */
static cli_exit read_keys(cli *c, resharing *w)
{
    recovery_keys before = {.count = 0};
    AUTO_JSON wallet = NULL;
    char path[96];
    bool known;

    for (size_t i = 0; i < c->recoveries_of; i++) {
        uint16_t index;
        card of;

        CLI_TRY(card_read_of(c, c->recovery_of[i], &index, &of));
        if (index > w->next.parties)
            return cli_fail(c, CLI_USAGE, "there will be no party %u", index);
        CLI_TRY(keys_add(c, &w->t.keys, index, of.key));
    }
    CLI_TRY(keys_read(c, w->t.m[0].d, c->wallet, &before, &known));
    snprintf(path, sizeof path, "/v1/wallets/%s", c->wallet);
    CLI_TRY(client_json(c, "GET", path, NULL, &wallet));
    if (known) CLI_TRY(keys_check_server(c, &before, wallet));
    if (!known && w->t.keys.count == 0 && json_count(json_member(wallet, "recovery")) > 0)
        return cli_fail(c, CLI_REFUSED,
                        "wallet %s has recovery keys, and device %s was not told which: it was "
                        "restored. Say it from the cards, of which people have compared the "
                        "fingerprints: --recovery-of INDEX=CARD",
                        c->wallet, w->t.m[0].d->name);
    for (uint16_t k = 0; k < before.count; k++)
        for (uint16_t i = 0; i < w->next.parties; i++)
            if (w->next.of[i].before == before.index[k] && !w->next.of[i].is_new &&
                !keys_has(&w->t.keys, (uint16_t)(i + 1)))
                CLI_TRY(keys_add(c, &w->t.keys, (uint16_t)(i + 1), before.key[k]));
    w->t.keys_change = true;
    return CLI_OK;
}

/* --- who signs the test --- */

static void add_signer(resharing *w, uint16_t index)
{
    parties *p = w->t.test;
    uint16_t at = p->count++;

    while (at > 0 && p->index[at - 1] > index) {
        p->index[at] = p->index[at - 1];
        at--;
    }
    p->index[at] = index;
}

/* The server and the first of those that can sign, those here before those elsewhere. */
static cli_exit choose_test(cli *c, resharing *w)
{
    parties *p = w->t.test;

    add_signer(w, COMMITTEE_SERVER);
    for (int far = 0; far <= 1; far++)
        for (size_t i = 0; i < w->seats && p->count < w->next.signers_required; i++) {
            const reshare_seat *s = &w->seat[i];

            if (s->holds == 0 || (s->here == NULL) != (far == 1)) continue;
            if (s->here == NULL || s->here->aux != NULL) add_signer(w, s->holds);
        }
    if (p->count < w->next.signers_required)
        return cli_fail(c, CLI_REFUSED,
                        "%u parties with auxiliary info have to try the new shares, the server "
                        "among them; here %s %u: countersign device init, countersign device enrol",
                        w->next.signers_required, p->count == 1 ? "is" : "are", p->count);
    return resharing_test(c, w);
}

/* --- asking for it --- */

static void describe_member(const reshare_seat *s, json *list)
{
    json *one = json_new();

    if (s == NULL || s->deals > 0)
        json_put_number(one, "deals", s == NULL ? COMMITTEE_SERVER : s->deals);
    if (s == NULL || s->holds > 0)
        json_put_number(one, "holds", s == NULL ? COMMITTEE_SERVER : s->holds);
    json_push(list, one);
}

/* What a body and a plan have in common. */
static void describe_next(const resharing *w, json *body)
{
    json *test = json_array_new(), *ids = json_array_new();

    for (uint16_t i = 0; i < w->next.parties; i++)
        if (i + 1 != COMMITTEE_SERVER) json_push_octets(ids, w->next.of[i].id, CSIG_IDENTITY_BYTES);
    for (uint16_t i = 0; i < w->t.test->count; i++)
        json_push_number(test, w->t.test->index[i]);
    json_put_number(body, "signers_required", w->next.signers_required);
    json_put(body, "devices", ids);
    json_put(body, "test_signers", test);
    if (w->t.keys.count > 0) json_put(body, "recovery", resharing_keys(w));
}

static void describe(const resharing *w, json *body)
{
    json *members = json_array_new(), *nonces = json_array_new();

    for (uint16_t i = 1; i <= w->seats + 1; i++) {
        describe_member(resharing_at(w, i), members);
        if (i != w->server) json_push_octets(nonces, w->nonce[i - 1], CSIG_NONCE_BYTES);
    }
    json_put_text(body, "kind", "reshare");
    json_put(body, "members", members);
    json_put(body, "nonces", nonces);
    describe_next(w, body);
}

/* With the current epoch for who joins: its public state and the server's commit. */
static json *plan_of(const resharing *w, const char *wallet)
{
    json *plan = json_new(), *deals = json_array_new(), *holds = json_array_new();

    for (size_t i = 0; i < w->seats; i++) {
        json_push_number(deals, w->seat[i].deals);
        json_push_number(holds, w->seat[i].holds);
    }
    json_put_text(plan, "wallet", wallet);
    json_put_number(plan, "epoch", (int64_t)w->t.test->info.epoch);
    json_put(plan, "deals", deals);
    json_put(plan, "holds", holds);
    json_put_octets(plan, "state", w->epoch, sizeof w->epoch);
    json_put_octets(plan, "commit", w->t.before.commit, sizeof w->t.before.commit);
    describe_next(w, plan);
    return plan;
}

/* --- all of it --- */

static cli_exit gather(cli *c, resharing *w, const devices *all)
{
    for (size_t i = 0; i < all->count; i++)
        CLI_TRY(turnover_add(c, &w->t, all->d[i]));
    if (w->t.members == 0)
        return cli_fail(c, CLI_REFUSED,
                        "no device here has wallet %s; see: countersign wallet list", c->wallet);
    CLI_TRY(epoch_check(c, w->t.m[0].d, c->wallet, &w->t.test->info));
    CLI_TRY(cli_check(c, csig_share_epoch(w->t.m[0].share, w->epoch), "the current epoch"));
    CLI_TRY(committee_make(c, w->t.m[0].share, w->t.test->server_id, all, &w->next));
    CLI_TRY(read_keys(c, w));
    CLI_TRY(seat_locals(c, w, all));
    CLI_TRY(seat_far(c, w));
    CLI_TRY(resharing_order(c, w));
    CLI_TRY(check_present(c, w));
    return choose_test(c, w);
}

static cli_exit meet(cli *c, resharing *w, meeting *m)
{
    AUTO_JSON answer = NULL;
    AUTO_JSON body = json_new();
    cli_exit code;

    resharing_seat(w, m);
    CLI_TRY(meeting_host(c, m, "reshare", plan_of(w, c->wallet)));
    CLI_TRY(meeting_pair(c, m));
    CLI_TRY(resharing_prepare(c, w, m));
    describe(w, body);
    code = turnover_ask(c, &w->t, body, &answer);
    if (code != CLI_OK && strcmp(c->problem, "not-found") == 0)
        return cli_fail(c, CLI_REFUSED,
                        "the server does not know one of these devices, or wallet %s; run for each "
                        "that joins: countersign device enrol --device NAME",
                        c->wallet);
    CLI_TRY(code);
    CLI_TRY(meeting_tell(c, m, answer));
    return resharing_run(c, w, m, answer);
}

static cli_exit reshare(cli *c, resharing *w, const devices *all)
{
    AUTO_MEETING m = {.count = 0};
    cli_exit code;

    CLI_TRY(gather(c, w, all));
    code = meet(c, w, &m);
    meeting_end(c, &m, code);
    return code;
}

cli_exit cmd_wallet_reshare(cli *c)
{
    AUTO_DEVICES all = {0};
    AUTO_PARTIES test = {0};
    resharing w = {.t = {.what = "resharing", .test = &test}};
    cli_exit code;

    CLI_TRY(begin_with_devices(c, &all));
    CLI_TRY(transcript_begin(c));
    CLI_TRY(backup_begin(c));
    CLI_TRY(server_pinned(c, test.server_id));
    code = reshare(c, &w, &all);
    turnover_close(&w.t);
    return code;
}
