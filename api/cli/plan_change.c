/* Plans of refresh and resharing: who is a party now, who comes, who goes. */
#include <stdlib.h>
#include <string.h>

#include "cli/cards.h"
#include "cli/client.h"
#include "cli/epochs.h"
#include "cli/plan_draft.h"

/* A party of the next epoch but the server, before it has an index. */
typedef struct place {
    uint8_t id[CSIG_IDENTITY_BYTES];
    char name[PLAN_NAME_ROOM];
    uint16_t was;
    bool takes_part;
} place;

typedef struct change {
    csig_share_info now;
    const csig_share *share;
    device_card with[CLI_NAMES_MAX]; /* who takes part beside the host */
    place place[CSIG_PARTIES_MAX], leaver[CSIG_PARTIES_MAX];
    uint16_t places, leavers;
} change;

/* --- options --- */

/* "INDEX", or "INDEX=CARD" with the rest in *rest. */
static cli_exit read_index(cli *c, const change *ch, const char *text, const char *option,
                           const char **rest, uint16_t *index)
{
    char *end;
    const unsigned long n = strtoul(text, &end, 10);

    if (text[0] < '1' || text[0] > '9' || n > ch->now.parties ||
        *end != (rest == NULL ? '\0' : '='))
        return cli_fail(c, CLI_USAGE, "--%s takes the index of a party, 1 to %u%s: not \"%s\"",
                        option, ch->now.parties, rest == NULL ? "" : ", and =CARD", text);
    if (n == CREATION_SERVER)
        return cli_fail(c, CLI_USAGE, "party %d is the server: it stays", CREATION_SERVER);
    *index = (uint16_t)n;
    if (rest != NULL) *rest = end + 1;
    return CLI_OK;
}

static cli_exit is_removed(cli *c, const change *ch, uint16_t index, bool *removed)
{
    *removed = false;
    for (size_t i = 0; i < c->removals; i++) {
        uint16_t gone;

        CLI_TRY(read_index(c, ch, c->remove[i], "remove", NULL, &gone));
        *removed = *removed || gone == index;
    }
    return CLI_OK;
}

/* *path of a card; NULL: nobody takes its place. */
static cli_exit replacement(cli *c, const change *ch, uint16_t index, const char **path)
{
    *path = NULL;
    for (size_t i = 0; i < c->replacements; i++) {
        const char *rest;
        uint16_t gone;

        CLI_TRY(read_index(c, ch, c->replace[i], "replace", &rest, &gone));
        if (gone == index) *path = rest;
    }
    return CLI_OK;
}

/* --- places --- */

static cli_exit add(cli *c, change *ch, const place *p)
{
    if (ch->places + 1 == CSIG_PARTIES_MAX)
        return cli_fail(c, CLI_USAGE, "a wallet has at most %d parties", CSIG_PARTIES_MAX);
    ch->place[ch->places++] = *p;
    return CLI_OK;
}

/* Another device than before has no share, and nobody's recovery key is its. */
static cli_exit add_card(cli *c, change *ch, const char *path)
{
    place p = {.takes_part = true};
    device_card of;

    CLI_TRY(device_card_read(c, path, &of));
    memcpy(p.id, of.identity, sizeof p.id);
    memcpy(p.name, of.name, sizeof p.name);
    return add(c, ch, &p);
}

/* A party of now takes part when it is the host, or its card is given. */
static cli_exit look_at(cli *c, const change *ch, const device *host, uint16_t index, place *p)
{
    *p = (place){.was = index};
    CLI_TRY(cli_check(c, csig_share_identity(ch->share, index, p->id), "a party's identity"));
    snprintf(p->name, sizeof p->name, "party-%u", index);
    p->takes_part = memcmp(p->id, host->id, sizeof p->id) == 0;
    if (p->takes_part) snprintf(p->name, sizeof p->name, "%s", host->name);
    for (size_t i = 0; i < c->withs; i++) {
        if (memcmp(ch->with[i].identity, p->id, sizeof p->id) != 0) continue;
        memcpy(p->name, ch->with[i].name, sizeof p->name);
        p->takes_part = true;
    }
    return CLI_OK;
}

/* Who gets a new share is where it was, or where the card says; who does not, leaves. */
static cli_exit add_party(cli *c, change *ch, const device *host, uint16_t index)
{
    const char *path;
    bool removed;
    place p;

    CLI_TRY(is_removed(c, ch, index, &removed));
    CLI_TRY(replacement(c, ch, index, &path));
    CLI_TRY(look_at(c, ch, host, index, &p));
    if (path == NULL && !removed) return add(c, ch, &p);
    ch->leaver[ch->leavers++] = p;
    return path == NULL ? CLI_OK : add_card(c, ch, path);
}

static bool is_listed(const place *list, uint16_t count, const uint8_t id[CSIG_IDENTITY_BYTES])
{
    for (uint16_t i = 0; i < count; i++)
        if (memcmp(list[i].id, id, CSIG_IDENTITY_BYTES) == 0) return true;
    return false;
}

static cli_exit check_withs(cli *c, const change *ch)
{
    for (size_t i = 0; i < c->withs; i++)
        if (!is_listed(ch->place, ch->places, ch->with[i].identity) &&
            !is_listed(ch->leaver, ch->leavers, ch->with[i].identity))
            return cli_fail(c, CLI_USAGE, "--with %s: that device is no party of wallet %s",
                            c->with[i], c->wallet);
    return CLI_OK;
}

static cli_exit list_places(cli *c, change *ch, const device *host)
{
    for (uint16_t index = 1; index <= ch->now.parties; index++) {
        if (index != CREATION_SERVER) CLI_TRY(add_party(c, ch, host, index));
    }
    for (size_t i = 0; i < c->additions; i++)
        CLI_TRY(add_card(c, ch, c->add[i]));
    CLI_TRY(check_withs(c, ch));
    return ch->places > 0 ? CLI_OK : cli_fail(c, CLI_USAGE, "nobody but the server would be left");
}

/* --- keys --- */

/* Who stays keeps its key, unless a card gives it another one. */
static cli_exit choose_keys(cli *c, const change *ch, bool reshares, draft *p)
{
    recovery_keys before = {.count = 0};
    AUTO_JSON wallet = NULL;
    char path[96];
    bool known;

    CLI_TRY(keys_read(c, p->host, c->wallet, &before, &known));
    snprintf(path, sizeof path, "/v1/wallets/%s", c->wallet);
    CLI_TRY(client_json(c, "GET", path, NULL, &wallet));
    if (known) CLI_TRY(keys_check_server(c, &before, wallet));
    if (!known && json_count(json_member(wallet, "recovery")) > 0)
        return cli_fail(c, CLI_REFUSED,
                        "device %s was not told which recovery keys wallet %s has: it was "
                        "restored; another one has to host",
                        p->host->name, c->wallet);
    if (!reshares && c->recoveries_of > 0)
        return cli_fail(c, CLI_USAGE, "a refresh does not change the recovery keys");
    for (size_t i = 0; i < c->recoveries_of; i++) {
        uint16_t index;
        card of;

        CLI_TRY(card_read_of(c, c->recovery_of[i], &index, &of));
        CLI_TRY(keys_add(c, &p->keys, index, of.key));
    }
    for (uint16_t i = 0; i <= ch->places; i++) {
        const uint16_t index = (uint16_t)(i + 1), at = (uint16_t)(i < 2 ? 0 : i - 1);
        const uint16_t was = index == CREATION_SERVER ? CREATION_SERVER : ch->place[at].was;

        for (uint16_t k = 0; k < before.count; k++)
            if (before.index[k] == was && !keys_has(&p->keys, index))
                CLI_TRY(keys_add(c, &p->keys, index, before.key[k]));
    }
    return CLI_OK;
}

/* --- the draft --- */

/* The first place is party 1, the server 2, the others follow. */
static void write_places(const change *ch, draft *p)
{
    for (uint16_t i = 0; i < ch->places; i++) {
        const place *a = &ch->place[i];

        draft_party(p, a->id, a->name, a->was, a->takes_part);
        if (memcmp(a->id, p->host->id, sizeof a->id) == 0) p->host_index = p->count;
        if (i == 0) draft_party(p, p->server, "server", CREATION_SERVER, true);
    }
    for (uint16_t i = 0; i < ch->leavers; i++)
        draft_leaver(p, ch->leaver[i].id, ch->leaver[i].name, ch->leaver[i].was,
                     ch->leaver[i].takes_part);
}

static cli_exit draft_of(cli *c, bool reshares, change *ch, draft *p)
{
    csig_share_describe(ch->share, &ch->now);
    CLI_TRY(epoch_check(c, p->host, c->wallet, &ch->now));
    for (size_t i = 0; i < c->withs; i++)
        CLI_TRY(device_card_read(c, c->with[i], &ch->with[i]));
    CLI_TRY(list_places(c, ch, p->host));
    CLI_TRY(choose_keys(c, ch, reshares, p));
    write_places(ch, p);
    if (p->host_index == 0)
        return cli_fail(c, CLI_USAGE, "device %s, which hosts, is not to be a party any more",
                        p->host->name);
    p->signers_required = ch->now.signers_required;
    if (c->signers_required != 0) p->signers_required = (uint16_t)c->signers_required;
    p->epoch = json_new();
    json_put_number(p->epoch, "number", (int64_t)ch->now.epoch);
    json_put_octets(p->epoch, "state", ch->now.epoch_state, sizeof ch->now.epoch_state);
    return CLI_OK;
}

cli_exit draft_change(cli *c, bool reshares, draft *p)
{
    change ch = {.places = 0};
    wallet_record record;
    csig_share *share;
    cli_exit code;

    if (c->n_chosen != 1) return cli_fail(c, CLI_USAGE, "--wallet says which wallet");
    if (!reshares && (c->removals + c->replacements + c->additions > 0 || c->signers_required > 0))
        return cli_fail(c, CLI_USAGE, "a refresh leaves the parties as they are: plan reshare");
    c->wallet = c->chosen[0];
    CLI_TRY(wallet_open(c, p->host, c->wallet, &record, &share));
    ch.share = share;
    code = draft_of(c, reshares, &ch, p);
    csig_share_free(share);
    return code;
}
