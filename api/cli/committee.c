#include "cli/committee.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cards.h"

typedef struct newcomer {
    bool is_given;
    uint8_t id[CSIG_IDENTITY_BYTES];
} newcomer;

static const device *device_of_name(const devices *all, const char *name)
{
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->d[i]->name, name) == 0) return all->d[i];
    return NULL;
}

/* A device here, by its name, or one elsewhere, by the file of its card. */
static cli_exit find_device(cli *c, const devices *all, const char *name, newcomer *found)
{
    const device *d = device_of_name(all, name);
    device_card of;

    found->is_given = true;
    if (d != NULL) {
        memcpy(found->id, d->id, sizeof found->id);
        return CLI_OK;
    }
    if (!file_is_there(name))
        return cli_fail(c, CLI_USAGE,
                        "no device %s here; make it first: countersign device init --device %s, "
                        "then countersign device enrol --device %s. One that is elsewhere: the "
                        "file of its card",
                        name, name, name);
    CLI_TRY(device_card_read(c, name, &of));
    memcpy(found->id, of.identity, sizeof found->id);
    return CLI_OK;
}

/* "INDEX", or "INDEX=" and what follows in *rest. */
static cli_exit read_index(cli *c, const char *text, const char *option, unsigned parties,
                           uint16_t *index, const char **rest)
{
    char *end;
    const unsigned long n = strtoul(text, &end, 10);
    const bool good = text[0] >= '0' && text[0] <= '9' && n >= 1 && n <= parties &&
                      (rest == NULL ? *end == '\0' : *end == '=');

    if (!good)
        return cli_fail(c, CLI_USAGE, "--%s takes the index of a party, 1 to %u%s: not \"%s\"",
                        option, parties, rest == NULL ? "" : ", and =DEVICE", text);
    if (n == COMMITTEE_SERVER)
        return cli_fail(c, CLI_USAGE, "party %d is the server: it stays", COMMITTEE_SERVER);
    *index = (uint16_t)n;
    if (rest != NULL) *rest = end + 1;
    return CLI_OK;
}

typedef struct change {
    bool removed[CSIG_PARTIES_MAX + 1];
    newcomer replaced[CSIG_PARTIES_MAX + 1];
} change;

static cli_exit read_changes(cli *c, const devices *all, unsigned parties, change *ch)
{
    uint16_t index;

    for (size_t i = 0; i < c->removals; i++) {
        CLI_TRY(read_index(c, c->remove[i], "remove", parties, &index, NULL));
        if (ch->removed[index]) return cli_fail(c, CLI_USAGE, "party %u is named twice", index);
        ch->removed[index] = true;
    }
    for (size_t i = 0; i < c->replacements; i++) {
        const char *name;

        CLI_TRY(read_index(c, c->replace[i], "replace", parties, &index, &name));
        if (ch->removed[index] || ch->replaced[index].is_given)
            return cli_fail(c, CLI_USAGE, "party %u is named twice", index);
        CLI_TRY(find_device(c, all, name, &ch->replaced[index]));
    }
    return CLI_OK;
}

static cli_exit push(cli *c, seat *list, uint16_t *count, const uint8_t *id, uint16_t before,
                     bool is_new)
{
    seat *p = &list[*count];

    if (*count == CSIG_PARTIES_MAX)
        return cli_fail(c, CLI_USAGE, "a wallet has at most %d parties", CSIG_PARTIES_MAX);
    for (uint16_t i = 0; i < *count; i++)
        if (memcmp(list[i].id, id, CSIG_IDENTITY_BYTES) == 0)
            return cli_fail(c, CLI_USAGE, "one device would be two parties of wallet %s",
                            c->wallet);
    *p = (seat){.before = before, .is_new = is_new};
    memcpy(p->id, id, sizeof p->id);
    ++*count;
    return CLI_OK;
}

/* All but the server, in order. */
static cli_exit list_clients(cli *c, const csig_share *share, uint16_t parties, const devices *all,
                             const change *ch, seat *clients, uint16_t *count)
{
    uint8_t id[CSIG_IDENTITY_BYTES];

    for (uint16_t index = 1; index <= parties; index++) {
        const newcomer *n = &ch->replaced[index];

        if (index == COMMITTEE_SERVER || ch->removed[index]) continue;
        CLI_TRY(cli_check(c, csig_share_identity(share, index, id), "a party's identity"));
        if (n->is_given) memcpy(id, n->id, sizeof id);
        CLI_TRY(push(c, clients, count, id, index, n->is_given));
    }
    for (size_t i = 0; i < c->additions; i++) {
        newcomer n;

        CLI_TRY(find_device(c, all, c->add[i], &n));
        CLI_TRY(push(c, clients, count, n.id, 0, true));
    }
    if (*count == 0 || *count >= CSIG_PARTIES_MAX)
        return cli_fail(c, CLI_USAGE, "a wallet has 2 to %d parties, the server among them",
                        CSIG_PARTIES_MAX);
    return CLI_OK;
}

cli_exit committee_make(cli *c, const csig_share *share, const uint8_t server[CSIG_IDENTITY_BYTES],
                        const devices *all, committee *next)
{
    seat clients[CSIG_PARTIES_MAX];
    change ch = {.removed = {false}};
    csig_share_info now;
    uint16_t count = 0;

    csig_share_describe(share, &now);
    CLI_TRY(read_changes(c, all, now.parties, &ch));
    CLI_TRY(list_clients(c, share, now.parties, all, &ch, clients, &count));
    *next = (committee){.parties = (uint16_t)(count + 1), .signers_required = now.signers_required};
    next->of[0] = clients[0];
    next->of[1].before = COMMITTEE_SERVER;
    memcpy(next->of[1].id, server, CSIG_IDENTITY_BYTES);
    memcpy(&next->of[2], &clients[1], (count - 1U) * sizeof clients[0]);
    if (c->signers_required != 0) next->signers_required = (uint16_t)c->signers_required;
    if (next->signers_required >= 2 && next->signers_required <= next->parties) return CLI_OK;
    return cli_fail(c, CLI_USAGE,
                    "%u of %u cannot sign: --signers takes 2 to %u, how many sign from now on",
                    next->signers_required, next->parties, next->parties);
}

uint16_t committee_index(const committee *next, const uint8_t id[CSIG_IDENTITY_BYTES])
{
    for (uint16_t i = 0; i < next->parties; i++)
        if (memcmp(next->of[i].id, id, CSIG_IDENTITY_BYTES) == 0) return (uint16_t)(i + 1);
    return 0;
}
