#include "cli/plan.h"

#include <stdlib.h>
#include <string.h>

#include "cli/transcript.h"

#define SECONDS_MAX 86400

void plan_close(plan *p)
{
    json_free(&p->j);
}

static cli_exit lacks(cli *c, const char *what)
{
    return cli_fail(c, CLI_INPUT, "the plan is not whole: no proper \"%s\"", what);
}

/* --- read --- */

static const char *const members[] = {
    "countersign", "version", "level",     "operation",        "nonce",
    "wallet",      "epoch",   "parties",   "signers_required", "host",
    "address",     "seconds", "no_return", "signatures",       "leaves"};
#define MEMBERS (sizeof members / sizeof members[0])

static cli_exit check_members(cli *c, const json *j)
{
    uint8_t nonce[16];

    for (size_t i = 0; i < MEMBERS; i++)
        if (json_member(j, members[i]) == NULL) return lacks(c, members[i]);
    if (json_count_members(j) != MEMBERS)
        return cli_fail(c, CLI_INPUT, "the plan has a member that no plan has");
    if (!json_text_is(j, "countersign", "plan"))
        return cli_fail(c, CLI_INPUT, "this is no plan of a ceremony");
    if (json_number(j, "version") != PLAN_VERSION)
        return cli_fail(c, CLI_INPUT, "the plan is of another version; use a newer countersign");
    if (json_number(j, "level") != csig_level())
        return cli_fail(c, CLI_INPUT,
                        "the plan is for security level %lld, and this program is of %u",
                        (long long)json_number(j, "level"), csig_level());
    if (json_text(j, "nonce") == NULL || !hex_is_read(nonce, sizeof nonce, json_text(j, "nonce")))
        return lacks(c, "nonce");
    if (json_text(j, "address") == NULL) return lacks(c, "address");
    return json_text(j, "no_return") == NULL ? lacks(c, "no_return") : CLI_OK;
}

/* Of what: nothing before a key generation. */
static cli_exit read_subject(cli *c, plan *p)
{
    const json *wallet = json_member(p->j, "wallet"), *epoch = json_member(p->j, "epoch");
    const char *state = json_text(epoch, "state");
    const int64_t number = json_number(epoch, "number");
    uint8_t id[WALLET_ID_BYTES];

    p->operation = json_text(p->j, "operation");
    if (p->operation == NULL) return lacks(c, "operation");
    if (strcmp(p->operation, "keygen") == 0)
        return json_is_nothing(wallet) && json_is_nothing(epoch) ? CLI_OK : lacks(c, "wallet");
    if (strcmp(p->operation, "refresh") != 0 && strcmp(p->operation, "reshare") != 0)
        return lacks(c, "operation");
    p->wallet = json_text(p->j, "wallet");
    if (p->wallet == NULL || !wallet_id_is_read(id, p->wallet)) return lacks(c, "wallet");
    if (number < 0 || state == NULL || json_count_members(epoch) != 2 ||
        !hex_is_read(p->state, sizeof p->state, state))
        return lacks(c, "epoch");
    p->epoch = (uint64_t)number;
    return CLI_OK;
}

static bool name_is_plain(const char *name)
{
    const size_t len = name == NULL ? 0 : strlen(name);

    return len >= 1 && len < PLAN_NAME_ROOM &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static cli_exit read_party(cli *c, const json *j, uint16_t index, plan_party *p)
{
    const char *id = json_text(j, "identity"), *key = json_text(j, "recovery");
    const char *name = json_text(j, "name");
    const int64_t was = json_number(j, "was");

    if (j == NULL || json_count_members(j) != 6 || was < 0 || was > CSIG_PARTIES_MAX ||
        json_number(j, "index") != index || !name_is_plain(name) || id == NULL ||
        !hex_is_read(p->id, sizeof p->id, id) ||
        !json_is_flag(json_member(j, "takes_part"), &p->takes_part))
        return lacks(c, "parties");
    snprintf(p->name, sizeof p->name, "%s", name);
    p->was = (uint16_t)was;
    p->has_key = key != NULL;
    if (key == NULL)
        return json_is_nothing(json_member(j, "recovery")) ? CLI_OK : lacks(c, "parties");
    return hex_is_read(p->key, sizeof p->key, key) ? CLI_OK : lacks(c, "parties");
}

static cli_exit check_party(cli *c, const plan *p, uint16_t i)
{
    const plan_party *a = &p->party[i];

    for (uint16_t k = 0; k < i; k++)
        if (memcmp(a->id, p->party[k].id, sizeof a->id) == 0 ||
            strcmp(a->name, p->party[k].name) == 0 || (a->was > 0 && a->was == p->party[k].was))
            return cli_fail(c, CLI_INPUT, "the plan has party %u (%s) twice", i + 1U, a->name);
    if (!a->takes_part && !a->has_key)
        return cli_fail(c, CLI_INPUT,
                        "party %u (%s) of the plan neither takes part nor has a recovery key",
                        i + 1U, a->name);
    if (p->wallet == NULL && i > 0 && a->takes_part && !p->party[i - 1].takes_part)
        return cli_fail(c, CLI_INPUT, "in the plan who takes no part stands before party %u",
                        i + 1U);
    return CLI_OK;
}

static cli_exit check_parties(cli *c, const plan *p)
{
    unsigned many = 0;

    for (uint16_t i = 0; i < p->parties; i++) {
        CLI_TRY(check_party(c, p, i));
        many += p->party[i].takes_part && i + 1 != CREATION_SERVER;
    }
    if (!p->party[CREATION_SERVER - 1].takes_part || (p->wallet == NULL && !p->party[0].takes_part))
        return lacks(c, "takes_part");
    if (many >= 2) return CLI_OK;
    return cli_fail(c, CLI_INPUT,
                    "a ceremony is of two devices and the server at least; one device alone makes "
                    "a transcript with --transcript FILE");
}

static cli_exit read_parties(cli *c, plan *p)
{
    const json *list = json_member(p->j, "parties");
    const int64_t signers = json_number(p->j, "signers_required"), host = json_number(p->j, "host");
    const size_t count = json_is_list(list) ? json_count(list) : 0;

    if (count < 2 || count > CSIG_PARTIES_MAX) return lacks(c, "parties");
    p->parties = p->seats = (uint16_t)count;
    for (uint16_t i = 0; i < p->parties; i++)
        CLI_TRY(read_party(c, json_at(list, i), (uint16_t)(i + 1), &p->party[i]));
    CLI_TRY(check_parties(c, p));
    if (signers < 2 || signers > p->parties) return lacks(c, "signers_required");
    p->signers_required = (uint16_t)signers;
    if (host < 1 || host > p->parties || host == CREATION_SERVER || !p->party[host - 1].takes_part)
        return lacks(c, "host");
    p->host = (uint16_t)host;
    return CLI_OK;
}

/* --- who leaves --- */

static cli_exit check_leaver(cli *c, const plan *p, const plan_party *a)
{
    if (a->was < 1 || a->was > CSIG_PARTIES_MAX || a->was == CREATION_SERVER)
        return lacks(c, "leaves");
    if (p->seats > p->parties && p->party[p->seats - 1].was >= a->was)
        return cli_fail(c, CLI_INPUT, "those that leave are not in order in the plan");
    for (uint16_t k = 0; k < p->seats; k++)
        if (memcmp(a->id, p->party[k].id, sizeof a->id) == 0 ||
            strcmp(a->name, p->party[k].name) == 0 || a->was == p->party[k].was)
            return cli_fail(c, CLI_INPUT, "the plan has party %u (%s), which leaves, twice", a->was,
                            a->name);
    return CLI_OK;
}

static cli_exit read_leaver(cli *c, const json *j, plan *p)
{
    plan_party *a = &p->party[p->seats];
    const char *id = json_text(j, "identity"), *name = json_text(j, "name");
    const int64_t was = json_number(j, "was");

    if (j == NULL || json_count_members(j) != 4 || was < 1 || was > CSIG_PARTIES_MAX ||
        !name_is_plain(name) || id == NULL || !hex_is_read(a->id, sizeof a->id, id) ||
        !json_is_flag(json_member(j, "takes_part"), &a->takes_part))
        return lacks(c, "leaves");
    snprintf(a->name, sizeof a->name, "%s", name);
    a->was = (uint16_t)was;
    CLI_TRY(check_leaver(c, p, a));
    p->seats++;
    return CLI_OK;
}

static cli_exit read_leavers(cli *c, plan *p)
{
    const json *list = json_member(p->j, "leaves");
    const size_t count = json_count(list);
    unsigned many = 0;

    if (!json_is_list(list) || count > CSIG_PARTIES_MAX) return lacks(c, "leaves");
    if (count > 0 && strcmp(p->operation, "reshare") != 0)
        return cli_fail(c, CLI_INPUT, "nobody leaves in a %s", p->operation);
    for (size_t i = 0; i < count; i++)
        CLI_TRY(read_leaver(c, json_at(list, i), p));
    for (uint16_t i = 0; i < p->seats; i++)
        many += p->party[i].takes_part;
    if (many <= CSIG_PARTIES_MAX) return CLI_OK;
    return cli_fail(c, CLI_INPUT, "%u take part in the plan; at most %d can at once", many,
                    CSIG_PARTIES_MAX);
}

static cli_exit read_seconds(cli *c, const json *list, const char *name, unsigned *seconds)
{
    const int64_t n = json_number(list, name);

    if (n < 1 || n > SECONDS_MAX) return lacks(c, "seconds");
    *seconds = (unsigned)n;
    return CLI_OK;
}

static cli_exit read_limits(cli *c, plan *p)
{
    const json *list = json_member(p->j, "seconds");

    if (json_count_members(list) != 3) return lacks(c, "seconds");
    CLI_TRY(read_seconds(c, list, "gather", &p->gather));
    CLI_TRY(read_seconds(c, list, "rounds", &p->rounds));
    return read_seconds(c, list, "close", &p->close);
}

/* --- how long, and signed --- */

/* One for each that takes part but the server, which commits. */
static bool owes_signature(const plan *p, uint16_t index)
{
    return index != CREATION_SERVER && p->party[index - 1].takes_part;
}

static cli_exit read_signature(cli *c, const json *list, uint16_t index, plan *p)
{
    plan_party *a = &p->party[index - 1];
    const char *text = json_text_at(list, index - 1U);

    if (text == NULL)
        return json_is_nothing(json_at(list, index - 1U)) ? CLI_OK : lacks(c, "signatures");
    if (!owes_signature(p, index) || !hex_is_read(a->signature, sizeof a->signature, text))
        return lacks(c, "signatures");
    if (csig_identity_verify(a->id, PLAN_USE, p->hash, sizeof p->hash, a->signature) != CSIG_OK)
        return cli_fail(c, CLI_CHEAT,
                        "the plan's signature of party %u (%s) is not one of this plan: it was "
                        "altered after it was signed, or by somebody else",
                        plan_number(p, index), a->name);
    a->has_signed = true;
    return CLI_OK;
}

static cli_exit read_signatures(cli *c, plan *p)
{
    const json *list = json_member(p->j, "signatures");

    if (!json_is_list(list) || json_count(list) != p->seats) return lacks(c, "signatures");
    for (uint16_t i = 1; i <= p->seats; i++)
        CLI_TRY(read_signature(c, list, i, p));
    return CLI_OK;
}

cli_exit plan_take(cli *c, json *j, plan *p)
{
    *p = (plan){.j = j};
    CLI_TRY(check_members(c, j));
    CLI_TRY(read_subject(c, p));
    CLI_TRY(read_parties(c, p));
    CLI_TRY(read_leavers(c, p));
    CLI_TRY(read_limits(c, p));
    CLI_TRY(transcript_hash(c, j, "signatures", p->hash));
    hex_write(p->hash_text, p->hash, sizeof p->hash);
    return read_signatures(c, p);
}

cli_exit plan_read(cli *c, const char *path, plan *p)
{
    AUTO_BLOB b = {0};
    size_t at;
    json *j;

    *p = (plan){.j = NULL};
    CLI_TRY(file_read(c, path, &b));
    j = json_read_canonical(b.p, b.len, &at);
    if (j != NULL) return plan_take(c, j, p);
    return cli_fail(c, CLI_INPUT,
                    "%s is not written as a plan is, from octet %zu on: it was altered, cut off, "
                    "or is another file",
                    path, at);
}

cli_exit plan_write(cli *c, const char *path, const plan *p)
{
    AUTO_BLOB b = {.p = (uint8_t *)json_canonical(p->j)};

    if (b.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    b.len = strlen((const char *)b.p);
    return file_write(c, path, b.p, b.len);
}

/* --- signatures --- */

void plan_set_signature(plan *p, uint16_t index, const uint8_t signature[PLAN_SIGNATURE])
{
    json *list = json_array_new();

    memcpy(p->party[index - 1].signature, signature, PLAN_SIGNATURE);
    p->party[index - 1].has_signed = true;
    for (uint16_t i = 0; i < p->seats; i++) {
        if (p->party[i].has_signed)
            json_push_octets(list, p->party[i].signature, PLAN_SIGNATURE);
        else
            json_push(list, json_null_new());
    }
    json_put(p->j, "signatures", list);
}

cli_exit plan_check_signed(cli *c, const plan *p)
{
    char list[PLAN_SEATS_MAX * (PLAN_NAME_ROOM + 16)] = "";
    size_t n = 0;

    for (uint16_t i = 1; i <= p->seats && n < sizeof list; i++)
        if (owes_signature(p, i) && !p->party[i - 1].has_signed)
            n += (size_t)snprintf(list + n, sizeof list - n, "%sparty %u (%s)", n > 0 ? ", " : "",
                                  plan_number(p, i), p->party[i - 1].name);
    if (n == 0) return CLI_OK;
    return cli_fail(c, CLI_REFUSED,
                    "the plan is not signed by %s; there: countersign ceremony sign-plan PLAN",
                    list);
}

uint16_t plan_index(const plan *p, const uint8_t id[CSIG_IDENTITY_BYTES])
{
    for (uint16_t i = 0; i < p->seats; i++)
        if (memcmp(p->party[i].id, id, CSIG_IDENTITY_BYTES) == 0) return (uint16_t)(i + 1);
    return 0;
}

/* --- key generation --- */

static cli_exit add_client(cli *c, const plan *p, uint16_t index, creation *w)
{
    const plan_party *a = &p->party[index - 1];

    if (a->has_key) CLI_TRY(keys_add(c, &w->keys, index, a->key));
    if (index == CREATION_SERVER) return CLI_OK;
    if (a->takes_part) {
        memcpy(w->client[w->clients++], a->id, sizeof a->id);
    } else {
        memcpy(w->offline[w->offlines].identity, a->id, sizeof a->id);
        memcpy(w->offline[w->offlines++].key, a->key, sizeof a->key);
    }
    return CLI_OK;
}

cli_exit plan_creation(cli *c, const plan *p, creation *w)
{
    *w = (creation){.signers_required = p->signers_required, .parties = p->parties};
    memcpy(w->server, p->party[CREATION_SERVER - 1].id, sizeof w->server);
    for (uint16_t i = 1; i <= p->parties; i++)
        CLI_TRY(add_client(c, p, i, w));
    return creation_check(c, w);
}

/* --- refresh, resharing --- */

/* Enough of those that take part have a share to deal, and hold one that signs the test. */
cli_exit plan_check_change(cli *c, const plan *p)
{
    uint16_t deals = 0, holds = 0;

    for (uint16_t i = 0; i < p->seats; i++) {
        if (p->party[i].takes_part && p->party[i].was > 0) deals++;
        if (plan_is_leaving(p, (uint16_t)(i + 1))) continue;
        if (p->party[i].takes_part) holds++;
        if (strcmp(p->operation, "refresh") == 0 && p->party[i].was != i + 1)
            return cli_fail(c, CLI_INPUT, "a refresh changes no party, and the plan party %u",
                            i + 1U);
    }
    if (deals >= 2 && holds >= p->signers_required) return CLI_OK;
    return cli_fail(c, CLI_INPUT,
                    "of the plan's parties %u take part: too few; name them with --with CARD",
                    holds);
}
