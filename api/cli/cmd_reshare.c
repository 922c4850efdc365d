/* wallet reshare: the same key to other devices, or to another number of them. Devices that leave
 * delete their share once the server has committed; devices that join have none before. */
#include <stdlib.h>
#include <string.h>

#include "cli/backups.h"
#include "cli/cards.h"
#include "cli/client.h"
#include "cli/committee.h"
#include "cli/epochs.h"
#include "cli/peers.h"
#include "cli/reconcile.h"
#include "cli/seal.h"
#include "cli/server.h"
#include "cli/tell.h"
#include "cli/transcript.h"
#include "cli/turnover.h"

typedef struct resharing {
    turnover t;
    committee next;
    uint8_t epoch[CSIG_EPOCH_BYTES];                   /* the current one, for who joins */
    uint8_t nonce[CSIG_PARTIES_MAX][CSIG_NONCE_BYTES]; /* in order of the members' list */
    uint16_t server;                                   /* the server's place in it, from 1 */
} resharing;

/* --- who takes part --- */

static turnover_member *member_of(resharing *w, const device *d)
{
    for (size_t i = 0; i < w->t.members; i++)
        if (w->t.m[i].d == d) return &w->t.m[i];
    return NULL;
}

static cli_exit add_joining(cli *c, resharing *w, const devices *all)
{
    for (size_t i = 0; i < all->count; i++) {
        const device *d = all->d[i];
        const uint16_t holds = committee_index(&w->next, d->id);
        turnover_member *m = member_of(w, d);

        if (m != NULL) m->holds = holds;
        if (m != NULL || holds == 0) continue;
        CLI_TRY(lock_check(c, d, w->t.test->server_id));
        w->t.m[w->t.members++] = (turnover_member){.d = d, .holds = holds};
    }
    return CLI_OK;
}

static int compare(const void *a, const void *b)
{
    const turnover_member *x = a, *y = b;

    /* 0, who leaves, last */
    return (x->holds + UINT16_MAX) % (UINT16_MAX + 1) - (y->holds + UINT16_MAX) % (UINT16_MAX + 1);
}

static bool index_is_here(const resharing *w, uint16_t index)
{
    for (size_t i = 0; i < w->t.holders; i++)
        if (w->t.m[i].holds == index) return true;
    return index == COMMITTEE_SERVER;
}

static cli_exit check_present(cli *c, const resharing *w)
{
    size_t deals = 1;

    for (size_t i = 0; i < w->t.members; i++)
        deals += w->t.m[i].deals > 0;
    if (deals < w->t.test->info.signers_required)
        return cli_fail(c, CLI_REFUSED,
                        "it takes %u shares of wallet %s to give it to others, the server's among "
                        "them; here %zu",
                        w->t.test->info.signers_required, c->wallet, deals);
    for (uint16_t index = 1; index <= w->next.parties; index++) {
        if (index_is_here(w, index) || keys_has(&w->t.keys, index)) continue;
        return cli_fail(
            c, CLI_REFUSED,
            "party %u (%u from now on) is not here and has no recovery key: a share left "
            "behind would be worth nothing. Name its key (--recovery-of %u=CARD), or "
            "leave it out: --remove or --replace %u",
            w->next.of[index - 1].before, index, index, w->next.of[index - 1].before);
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

static cli_exit add_peers(cli *c, const resharing *w, signer *s)
{
    const parties *p = w->t.test;

    for (uint16_t j = 0; j < p->count; j++) {
        const uint8_t *id = w->next.of[p->index[j] - 1].id;

        if (p->index[j] == s->index) continue;
        CLI_TRY(lock_check(c, s->d, id));
        CLI_TRY(peer_get(c, s->d, id, &s->peer[j]));
        if (s->peer[j] == NULL)
            return cli_fail(c, CLI_REFUSED,
                            "device %s is not paired with who will be party %u; run: countersign "
                            "device enrol --device %s",
                            s->d->name, p->index[j], s->d->name);
        s->view[j] = s->peer[j];
    }
    return CLI_OK;
}

/* The server and the first of those that can sign. */
static cli_exit choose_test(cli *c, resharing *w)
{
    parties *p = w->t.test;

    for (size_t i = 0; i < w->t.holders && p->locals + 1 < w->next.signers_required; i++) {
        const turnover_member *m = &w->t.m[i];

        if (m->d->aux == NULL) continue;
        if (m->holds > COMMITTEE_SERVER && p->count == p->locals)
            p->index[p->count++] = COMMITTEE_SERVER;
        p->index[p->count++] = m->holds;
        p->local[p->locals++] = (signer){.d = m->d, .index = m->holds};
    }
    if (p->count == p->locals) p->index[p->count++] = COMMITTEE_SERVER;
    if (p->count < w->next.signers_required)
        return cli_fail(c, CLI_REFUSED,
                        "%u parties with auxiliary info have to try the new shares, the server "
                        "among them; here %s %u: countersign device init, countersign device enrol",
                        w->next.signers_required, p->count == 1 ? "is" : "are", p->count);
    for (size_t i = 0; i < p->locals; i++)
        CLI_TRY(add_peers(c, w, &p->local[i]));
    return CLI_OK;
}

/* --- asking for it --- */

/* The members' list: who holds, the server in its place, then who leaves. */
static const turnover_member *at(const resharing *w, uint16_t place)
{
    if (place == w->server) return NULL;
    return &w->t.m[place < w->server ? place - 1 : place - 2];
}

static uint16_t place_of(const resharing *w, size_t member)
{
    return (uint16_t)(member + 1 < w->server ? member + 1 : member + 2);
}

static void describe_member(const turnover_member *m, json *list)
{
    json *one = json_new();

    if (m == NULL || m->deals > 0)
        json_put_number(one, "deals", m == NULL ? COMMITTEE_SERVER : m->deals);
    if (m == NULL || m->holds > 0)
        json_put_number(one, "holds", m == NULL ? COMMITTEE_SERVER : m->holds);
    json_push(list, one);
}

static void describe_keys(const resharing *w, json *body)
{
    json *list;

    if (w->t.keys.count == 0) return;
    list = json_array_new();
    for (uint16_t k = 0; k < w->t.keys.count; k++) {
        json *one = json_new();

        json_put_number(one, "index", w->t.keys.index[k]);
        json_put_octets(one, "key", w->t.keys.key[k], CSIG_RECOVERY_KEY_BYTES);
        json_push(list, one);
    }
    json_put(body, "recovery", list);
}

static void describe(resharing *w, json *body)
{
    json *members = json_array_new(), *nonces = json_array_new(), *test = json_array_new();
    json *ids = json_array_new();

    for (w->server = 1;
         w->server <= w->t.holders && w->t.m[w->server - 1].holds < COMMITTEE_SERVER;)
        w->server++;
    for (uint16_t i = 1; i <= w->t.members + 1; i++) {
        describe_member(at(w, i), members);
        if (i == w->server) continue;
        random_octets(w->nonce[i - 1], CSIG_NONCE_BYTES);
        json_push_octets(nonces, w->nonce[i - 1], CSIG_NONCE_BYTES);
    }
    for (uint16_t i = 0; i < w->next.parties; i++)
        if (i + 1 != COMMITTEE_SERVER) json_push_octets(ids, w->next.of[i].id, CSIG_IDENTITY_BYTES);
    for (uint16_t i = 0; i < w->t.test->count; i++)
        json_push_number(test, w->t.test->index[i]);
    json_put_text(body, "kind", "reshare");
    json_put_number(body, "signers_required", w->next.signers_required);
    json_put(body, "members", members);
    json_put(body, "devices", ids);
    json_put(body, "nonces", nonces);
    json_put(body, "test_signers", test);
    describe_keys(w, body);
}

static cli_exit read_nonces(cli *c, resharing *w, const json *answer)
{
    const json *nonces = json_member(answer, "nonces");
    parties *p = w->t.test;
    uint8_t said[CSIG_NONCE_BYTES];

    for (uint16_t i = 1; i <= w->t.members + 1; i++) {
        const turnover_member *m = at(w, i);
        const char *text = json_text_at(nonces, i - 1U);

        if (text == NULL || !hex_is_read(said, sizeof said, text)) return json_lacks(c, "nonces");
        if (m == NULL)
            memcpy(w->nonce[i - 1], said, sizeof said);
        else if (memcmp(w->nonce[i - 1], said, sizeof said) != 0)
            return cli_fail(c, CLI_INPUT, "the server's reply changes a nonce of ours");
        for (uint16_t j = 0; j < p->count; j++)
            if (p->index[j] == (m == NULL ? COMMITTEE_SERVER : m->holds))
                memcpy(p->nonces[j], w->nonce[i - 1], CSIG_NONCE_BYTES);
    }
    return CLI_OK;
}

/* --- the resharing --- */

static cli_exit start(cli *c, const resharing *w, rounds *r)
{
    uint8_t ids[CSIG_PARTIES_MAX][CSIG_IDENTITY_BYTES];
    csig_reshare_member members[CSIG_PARTIES_MAX];

    for (uint16_t i = 0; i < w->next.parties; i++)
        memcpy(ids[i], w->next.of[i].id, CSIG_IDENTITY_BYTES);
    for (uint16_t i = 1; i <= w->t.members + 1; i++) {
        const turnover_member *m = at(w, i);

        members[i - 1] = (csig_reshare_member){.deals = m == NULL ? COMMITTEE_SERVER : m->deals,
                                               .holds = m == NULL ? COMMITTEE_SERVER : m->holds};
        memcpy(members[i - 1].nonce, w->nonce[i - 1], CSIG_NONCE_BYTES);
    }
    for (size_t i = 0; i < w->t.members; i++) {
        const csig_reshare_params params = {.identity = w->t.m[i].d->identity,
                                            .share = w->t.m[i].share,
                                            .epoch = w->epoch,
                                            .members = members,
                                            .count = (uint16_t)(w->t.members + 1),
                                            .self = place_of(w, i),
                                            .signers_required = w->next.signers_required,
                                            .parties = w->next.parties,
                                            .identities = ids[0],
                                            .recovery = keys_lent(&w->t.keys),
                                            .attempt = w->t.attempt,
                                            .commits = COMMITTEE_SERVER};
        csig_session *s;

        CLI_TRY(cli_check(c, csig_reshare_session(&s, &params), "the resharing"));
        rounds_add(r, s, params.self, w->t.m[i].d);
    }
    return CLI_OK;
}

static cli_exit tell(cli *c, const resharing *w)
{
    AUTO_JSON j = json_new();
    csig_share_info info;

    csig_share_describe(w->t.m[0].staged, &info);
    json_put_text(j, "wallet", c->wallet);
    json_put_number(j, "epoch", (int64_t)info.epoch);
    json_put_number(j, "epoch_attempt", (int64_t)info.epoch_attempt);
    json_put_octets(j, "epoch_state", info.epoch_state, sizeof info.epoch_state);
    json_put_number(j, "signers_required", info.signers_required);
    json_put_number(j, "parties", info.parties);
    json_put_octets(j, "public_key", info.public_key, sizeof info.public_key);
    CLI_TRY(cli_tell(c, j,
                     "reshared: wallet %s is at epoch %llu\n  %u of %u parties sign\n"
                     "  public key  %s, as before\n",
                     c->wallet, (unsigned long long)info.epoch, info.signers_required, info.parties,
                     json_text(j, "public_key")));
    for (size_t i = w->t.holders; i < w->t.members; i++)
        cli_note(c, "device %s has left wallet %s; its share is deleted", w->t.m[i].d->name,
                 c->wallet);
    return CLI_OK;
}

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
    CLI_TRY(add_joining(c, w, all));
    qsort(w->t.m, w->t.members, sizeof w->t.m[0], compare);
    while (w->t.holders < w->t.members && w->t.m[w->t.holders].holds > 0)
        w->t.holders++;
    if (w->t.members >= CSIG_PARTIES_MAX)
        return cli_fail(c, CLI_USAGE, "at most %d devices take part at once", CSIG_PARTIES_MAX - 1);
    CLI_TRY(check_present(c, w));
    return choose_test(c, w);
}

static cli_exit reshare(cli *c, resharing *w, const devices *all)
{
    AUTO_ROUNDS r = {.count = 0};
    AUTO_JSON answer = NULL;
    AUTO_JSON body = json_new();
    cli_exit code;

    CLI_TRY(gather(c, w, all));
    describe(w, body);
    code = turnover_ask(c, &w->t, body, &r, &answer);
    if (code != CLI_OK && strcmp(c->problem, "not-found") == 0)
        return cli_fail(c, CLI_REFUSED,
                        "the server does not know one of these devices, or wallet %s; run for each "
                        "that joins: countersign device enrol --device NAME",
                        c->wallet);
    CLI_TRY(code);
    CLI_TRY(read_nonces(c, w, answer));
    CLI_TRY(start(c, w, &r));
    CLI_TRY(turnover_run(c, &w->t, &r));
    CLI_TRY(tell(c, w));
    return turnover_transcript(c, &w->t, &r, "reshare");
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
