/* A refresh or a resharing rehearsed. Those that have a share to deal make a throw-away key among
 * themselves, which the server knows as such; then all do with it what the plan says, by the code
 * that does it in earnest. At the end everybody discards what it has, and the host has the server
 * do so. What a process that is ended leaves is marked, and goes at the next start. */
#include <string.h>

#include "cli/ceremony.h"
#include "cli/client.h"
#include "cli/meeting.h"
#include "cli/tell.h"

#define PURPOSE_KEY    "rehearsal-key"
#define PURPOSE_CHANGE "ceremony"

typedef struct rehearsal {
    ceremony *x;
    plan p;       /* of the throw-away key: the seats of x->p as they are there */
    creation key; /* how it is made */
    char wallet[2 * WALLET_ID_BYTES + 1];
} rehearsal;

static bool deals(const plan *p, uint16_t index)
{
    const plan_party *a = &p->party[index - 1];

    return index != CREATION_SERVER && a->takes_part && a->was > 0;
}

const char *ceremony_first_purpose(const ceremony *x)
{
    return x->is_rehearsal && !plan_is_creation(&x->p) && deals(&x->p, x->self) ? PURPOSE_KEY
                                                                                : PURPOSE_CHANGE;
}

/* --- the throw-away key --- */

/* Dealers in the order of the indices they have; how many come before one is its place. */
static size_t place_of(const plan *p, uint16_t index)
{
    size_t before = 0;

    for (uint16_t i = 1; i <= p->seats; i++)
        before += deals(p, i) && p->party[i - 1].was < p->party[index - 1].was;
    return before;
}

static bool is_refresh(const plan *p)
{
    return strcmp(p->operation, "refresh") == 0;
}

/* In a refresh those that are not there are parties, too: with a recovery key, behind the others.
 */
static cli_exit add_absent(cli *c, rehearsal *h)
{
    const plan *p = &h->x->p;
    creation *w = &h->key;

    for (uint16_t i = 1; i <= p->parties; i++) {
        const plan_party *a = &p->party[i - 1];
        uint16_t index = CREATION_SERVER;

        if (deals(p, i)) {
            index = creation_index(place_of(p, i));
        } else if (i != CREATION_SERVER) {
            index = creation_index(w->clients + w->offlines);
            memcpy(w->offline[w->offlines].identity, a->id, sizeof a->id);
            memcpy(w->offline[w->offlines++].key, a->key, sizeof a->key);
        }
        if (a->has_key) CLI_TRY(keys_add(c, &w->keys, index, a->key));
    }
    return CLI_OK;
}

static cli_exit describe_key(cli *c, rehearsal *h)
{
    const plan *p = &h->x->p;
    creation *w = &h->key;

    w->throws_away = true;
    w->signers_required = p->signers_required;
    memcpy(w->server, p->party[CREATION_SERVER - 1].id, sizeof w->server);
    for (uint16_t i = 1; i <= p->seats; i++) {
        if (!deals(p, i)) continue;
        memcpy(w->client[place_of(p, i)], p->party[i - 1].id, CSIG_IDENTITY_BYTES);
        if (i == h->x->self) w->here[place_of(p, i)] = h->x->d;
        w->clients++;
    }
    if (is_refresh(p)) CLI_TRY(add_absent(c, h));
    w->parties = (uint16_t)(w->clients + 1 + w->offlines);
    if (w->signers_required > w->clients + 1) w->signers_required = (uint16_t)(w->clients + 1);
    return creation_check(c, w);
}

static cli_exit make_key(cli *c, rehearsal *h)
{
    AUTO_MEETING m = {.count = 0};
    cli_exit code;

    code = ceremony_make_key(c, h->x, &h->key, &m);
    memcpy(h->wallet, h->key.wallet, sizeof h->wallet);
    meeting_end(c, &m, code);
    return code;
}

/* --- the plan for it --- */

static void seat(rehearsal *h, uint16_t at, const plan_party *a, uint16_t was)
{
    plan_party *to = &h->p.party[at - 1];

    *to = *a;
    to->was = was;
}

/* Everybody is at the same place before and after. */
static void plan_refresh(rehearsal *h)
{
    const plan *p = &h->x->p;
    size_t absent = h->key.clients;

    for (uint16_t i = 1; i <= p->parties; i++) {
        uint16_t at = CREATION_SERVER;

        if (deals(p, i))
            at = creation_index(place_of(p, i));
        else if (i != CREATION_SERVER)
            at = creation_index(absent++);
        seat(h, at, &p->party[i - 1], at);
        if (i == p->host) h->p.host = at;
    }
}

/* The parties to be, as planned; of those that leave the ones that are there. */
static void plan_reshare(rehearsal *h)
{
    const plan *p = &h->x->p;

    h->p.seats = 0;
    for (uint16_t i = 1; i <= p->seats; i++) {
        if (i > p->parties && !deals(p, i)) continue;
        seat(h, ++h->p.seats, &p->party[i - 1],
             i == CREATION_SERVER ? CREATION_SERVER
             : deals(p, i)        ? creation_index(place_of(p, i))
                                  : 0);
    }
}

/* Its epoch: by the own share or, of who joins, as the host shows it. */
static cli_exit learn_epoch(cli *c, rehearsal *h, const meeting *m)
{
    const char *wallet = json_text(m->plan, "wallet");
    uint8_t epoch[CSIG_EPOCH_BYTES], id[WALLET_ID_BYTES];
    csig_share_info info;
    wallet_record record;
    csig_share *share;

    if (deals(&h->x->p, h->x->self)) {
        CLI_TRY(wallet_open(c, h->x->d, h->wallet, &record, &share));
        csig_share_describe(share, &info);
        csig_share_free(share);
    } else {
        if (wallet == NULL || !wallet_id_is_read(id, wallet)) return json_lacks(c, "wallet");
        memcpy(h->wallet, wallet, sizeof h->wallet);
        CLI_TRY(json_octets(c, m->plan, "epoch", epoch, sizeof epoch));
        CLI_TRY(cli_check(c, csig_epoch_describe(epoch, &info), "the throw-away key"));
    }
    h->p.wallet = h->wallet;
    h->p.epoch = info.epoch;
    memcpy(h->p.state, info.epoch_state, sizeof h->p.state);
    return CLI_OK;
}

/* --- in the place of the plan's wallet --- */

static cli_exit change_throw_away(cli *c, rehearsal *h, meeting *m)
{
    ceremony *x = h->x;
    const plan real = x->p;
    const uint16_t self = x->self;
    cli_exit code;

    c->wait = real.gather;
    if (!x->is_host) CLI_TRY(ceremony_find(c, x, m, PURPOSE_CHANGE));
    h->p = real;
    if (is_refresh(&real))
        plan_refresh(h);
    else
        plan_reshare(h);
    CLI_TRY(learn_epoch(c, h, m));
    x->p = h->p;
    x->self = plan_index(&x->p, x->d->id);
    code = ceremony_change(c, x, m);
    x->p = real;
    x->self = self;
    return code;
}

static cli_exit change(cli *c, rehearsal *h)
{
    AUTO_MEETING m = {.count = 0};
    const cli_exit code = change_throw_away(c, h, &m);

    meeting_end(c, &m, code);
    return code;
}

/* --- thrown away --- */

static cli_exit discard(cli *c, const rehearsal *h)
{
    AUTO_REPLY gone = {0};
    char path[96];

    if (h->wallet[0] == '\0') return CLI_OK;
    CLI_TRY(wallet_discard(c, h->x->d, h->wallet));
    if (!h->x->is_host) return CLI_OK;
    snprintf(path, sizeof path, "/v1/wallets/%s", h->wallet);
    CLI_TRY(client_call(c, "DELETE", path, NULL, NULL, 0, &gone));
    return gone.status == 204 ? CLI_OK : client_problem(c, &gone);
}

cli_exit ceremony_rehearse(cli *c, ceremony *x)
{
    rehearsal h = {.x = x, .wallet = ""};
    cli_exit code = CLI_OK;
    cli failed;

    if (deals(&x->p, x->self)) {
        code = describe_key(c, &h);
        if (code == CLI_OK) code = make_key(c, &h);
    }
    if (code == CLI_OK) code = change(c, &h);
    if (code == CLI_OK) return discard(c, &h);
    failed = *c;
    if (discard(c, &h) != CLI_OK)
        cli_note(c, "the throw-away wallet %s stays at the server until its next start: %s",
                 h.wallet, c->message);
    memcpy(c->message, failed.message, sizeof c->message);
    return code;
}
