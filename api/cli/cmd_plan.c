/* ceremony plan, ceremony sign-plan: what is going to be done, and that everybody agrees to it. */
#include <stdlib.h>
#include <string.h>

#include "cli/cards.h"
#include "cli/plan_draft.h"
#include "cli/reconcile.h"
#include "cli/seal.h"
#include "cli/server.h"
#include "cli/tell.h"

/* The points of no return. */
#define BIRTH                                                                                      \
    "The server's commit, which it signs after its durable write. Before it nothing is made and "  \
    "everything can be aborted or begun again; after it the wallet is born."
#define COMMIT                                                                                     \
    "The server's commit, which it signs after the write that erases its old share. Before it "    \
    "the wallet is as it was, signs, and everything can be aborted or begun again; after it the "  \
    "new shares are the wallet's and the old ones worth nothing."

/* --- made --- */

void draft_party(draft *p, const uint8_t id[CSIG_IDENTITY_BYTES], const char *name, uint16_t was,
                 bool takes_part)
{
    const uint16_t index = (uint16_t)(p->count + 1);
    json *one = json_new(), *key = json_null_new();

    for (uint16_t k = 0; k < p->keys.count; k++) {
        if (p->keys.index[k] != index) continue;
        json_free(&key);
        key = json_octets_new(p->keys.key[k], CSIG_RECOVERY_KEY_BYTES);
    }
    json_put_octets(one, "identity", id, CSIG_IDENTITY_BYTES);
    json_put_number(one, "index", index);
    json_put_text(one, "name", name);
    json_put(one, "recovery", key);
    json_put_flag(one, "takes_part", takes_part);
    json_put_number(one, "was", was);
    json_push(p->parties, one);
    p->count = index;
}

void draft_leaver(draft *p, const uint8_t id[CSIG_IDENTITY_BYTES], const char *name, uint16_t was,
                  bool takes_part)
{
    json *one = json_new();

    json_put_octets(one, "identity", id, CSIG_IDENTITY_BYTES);
    json_put_text(one, "name", name);
    json_put_flag(one, "takes_part", takes_part);
    json_put_number(one, "was", was);
    json_push(p->leaves, one);
    p->leavers++;
}

static cli_exit read_keys(cli *c, draft *p)
{
    const size_t online = c->withs + 2;

    if (online + c->recoveries > CSIG_PARTIES_MAX)
        return cli_fail(c, CLI_USAGE, "a wallet has at most %d parties", CSIG_PARTIES_MAX);
    for (size_t i = 0; i < c->recoveries_of; i++) {
        uint16_t index;
        card of;

        CLI_TRY(card_read_of(c, c->recovery_of[i], &index, &of));
        if (index > online)
            return cli_fail(c, CLI_USAGE,
                            "--recovery-of is for parties 1 to %zu; a party without a device: "
                            "--recovery CARD",
                            online);
        CLI_TRY(keys_add(c, &p->keys, index, of.key));
    }
    for (size_t i = 0; i < c->recoveries; i++) {
        card of;

        CLI_TRY(card_read(c, c->recovery[i], &of));
        CLI_TRY(keys_add(c, &p->keys, (uint16_t)(online + i + 1), of.key));
    }
    return CLI_OK;
}

static cli_exit draft_creation(cli *c, draft *p)
{
    char name[32];

    if (c->signers_required < 2)
        return cli_fail(c, CLI_USAGE, "--signers takes how many sign together: 2 or more");
    p->signers_required = (uint16_t)c->signers_required;
    p->host_index = 1;
    CLI_TRY(read_keys(c, p));
    draft_party(p, p->host->id, p->host->name, 0, true);
    draft_party(p, p->server, "server", 0, true);
    for (size_t i = 0; i < c->withs; i++) {
        device_card of;

        CLI_TRY(device_card_read(c, c->with[i], &of));
        draft_party(p, of.identity, of.name, 0, true);
    }
    for (size_t i = 0; i < c->recoveries; i++) {
        card of;

        CLI_TRY(card_read(c, c->recovery[i], &of));
        snprintf(name, sizeof name, "recovery-%zu", i + 1);
        draft_party(p, of.identity, name, 0, false);
    }
    return CLI_OK;
}

/* "PHASE=SECONDS" */
static cli_exit read_limit(cli *c, const char *text, json *seconds)
{
    const char *equal = strchr(text, '=');
    char phase[16] = "";
    char *end;
    const unsigned long n = equal == NULL ? 0 : strtoul(equal + 1, &end, 10);

    if (equal != NULL && (size_t)(equal - text) < sizeof phase)
        memcpy(phase, text, (size_t)(equal - text));
    if (n < 1 || n > 86400 || *end != '\0' || json_number(seconds, phase) < 0)
        return cli_fail(c, CLI_USAGE,
                        "--limit takes gather, rounds or close, =, and seconds: not \"%s\"", text);
    json_put_number(seconds, phase, (int64_t)n);
    return CLI_OK;
}

static cli_exit put_limits(cli *c, json *j)
{
    json *seconds = json_new();

    json_put(j, "seconds", seconds);
    json_put_number(seconds, "gather", 600);
    json_put_number(seconds, "rounds", 120);
    json_put_number(seconds, "close", 120);
    for (size_t i = 0; i < c->limits; i++)
        CLI_TRY(read_limit(c, c->limit[i], seconds));
    return CLI_OK;
}

static cli_exit write_draft(cli *c, const char *operation, const draft *p, json *j)
{
    json *signatures = json_array_new();
    uint8_t nonce[16];

    random_octets(nonce, sizeof nonce);
    for (uint16_t i = 0; i < p->count + p->leavers; i++)
        json_push(signatures, json_null_new());
    json_put_text(j, "countersign", "plan");
    json_put_number(j, "version", PLAN_VERSION);
    json_put_number(j, "level", csig_level());
    json_put_text(j, "operation", operation);
    json_put_octets(j, "nonce", nonce, sizeof nonce);
    json_put_number(j, "signers_required", p->signers_required);
    json_put(j, "parties", json_shared(p->parties));
    json_put(j, "leaves", json_shared(p->leaves));
    json_put_number(j, "host", p->host_index);
    json_put(j, "epoch", p->epoch == NULL ? json_null_new() : json_shared(p->epoch));
    json_put(j, "wallet", json_null_new());
    if (p->epoch != NULL) json_put_text(j, "wallet", c->wallet);
    json_put_text(j, "address", c->server);
    json_put_text(j, "no_return", p->epoch == NULL ? BIRTH : COMMIT);
    json_put(j, "signatures", signatures);
    return put_limits(c, j);
}

/* --- told --- */

static const char *part_in(const plan *p, uint16_t index)
{
    const plan_party *a = &p->party[index - 1];

    if (index == CREATION_SERVER) return "the server";
    if (!a->takes_part)
        return plan_is_leaving(p, index) ? "takes no part: its share is worth nothing then"
                                         : "recovery key alone";
    return a->has_signed ? "signed" : "not signed yet";
}

static cli_exit tell_plan(cli *c, const plan *p)
{
    char text[PLAN_SEATS_MAX * 220] = "";
    size_t n = 0;

    for (uint16_t i = 1; i <= p->seats && n < sizeof text; i++) {
        const plan_party *a = &p->party[i - 1];
        char id[2 * CSIG_IDENTITY_BYTES + 1];

        hex_write(id, a->id, sizeof a->id);
        n += (size_t)snprintf(
            text + n, sizeof text - n, "  party %-2u  %-20s  %s  %s%s%s%s\n", plan_number(p, i),
            a->name, id, plan_is_leaving(p, i) ? "leaves, " : "", part_in(p, i),
            i == p->host ? ", host" : "", a->takes_part && a->has_key ? ", recovery key" : "");
    }
    return cli_tell(c, p->j,
                    "plan %s\n  %s%s%s, %u of %u parties sign\n%s  silence of at most %u s "
                    "to gather, %u s in the rounds, %u s for the receipts\n  point of no return: "
                    "%s\n",
                    p->hash_text, p->operation, p->wallet != NULL ? " of wallet " : "",
                    p->wallet != NULL ? p->wallet : "", p->signers_required, p->parties, text,
                    p->gather, p->rounds, p->close, json_text(p->j, "no_return"));
}

static cli_exit check_plan(cli *c, const plan *p)
{
    creation w;

    return plan_is_creation(p) ? plan_creation(c, p, &w) : plan_check_change(c, p);
}

static cli_exit make_plan(cli *c, const char *operation, draft *d, plan *p)
{
    const bool reshares = strcmp(operation, "reshare") == 0;
    json *j = json_new();
    cli_exit code;

    CLI_TRY(server_pinned(c, d->server));
    code = strcmp(operation, "keygen") == 0 ? draft_creation(c, d) : draft_change(c, reshares, d);
    if (code == CLI_OK) code = write_draft(c, operation, d, j);
    if (code != CLI_OK) {
        json_free(&j);
        return code;
    }
    CLI_TRY(plan_take(c, j, p));
    CLI_TRY(check_plan(c, p));
    CLI_TRY(plan_write(c, c->out, p));
    return tell_plan(c, p);
}

cli_exit cmd_ceremony_plan(cli *c)
{
    AUTO_DEVICES all = {0};
    AUTO_PLAN p = {.j = NULL};
    draft d = {.count = 0};
    const char *operation = c->file[0];
    cli_exit code;

    if (strcmp(operation, "keygen") != 0 && strcmp(operation, "refresh") != 0 &&
        strcmp(operation, "reshare") != 0)
        return cli_fail(c, CLI_USAGE, "a plan is for keygen, refresh or reshare: not \"%s\"",
                        operation);
    if (c->out == NULL) return cli_fail(c, CLI_USAGE, "--out takes the plan's file");
    if (file_is_there(c->out))
        return cli_fail(c, CLI_REFUSED, "%s is there already; a plan is never overwritten", c->out);
    CLI_TRY(begin_with_devices(c, &all));
    if (all.count != 1) return cli_fail(c, CLI_USAGE, "say which device hosts: --device NAME");
    d.host = all.d[0];
    d.parties = json_array_new();
    d.leaves = json_array_new();
    code = make_plan(c, operation, &d, &p);
    json_free(&d.parties);
    json_free(&d.leaves);
    json_free(&d.epoch);
    return code;
}

/* --- signed --- */

/* Of copies of the same plan, those signatures that are good. */
static cli_exit merge(cli *c, plan *p, const char *path)
{
    AUTO_PLAN other = {.j = NULL};

    CLI_TRY(plan_read(c, path, &other));
    if (memcmp(other.hash, p->hash, sizeof p->hash) != 0)
        return cli_fail(c, CLI_REFUSED, "%s is another plan", path);
    for (uint16_t i = 1; i <= p->seats; i++)
        if (other.party[i - 1].has_signed) plan_set_signature(p, i, other.party[i - 1].signature);
    return CLI_OK;
}

static cli_exit sign(cli *c, const devices *all, plan *p)
{
    uint8_t signature[PLAN_SIGNATURE];
    size_t signs = 0;

    for (size_t i = 0; i < all->count; i++) {
        const uint16_t index = plan_index(p, all->d[i]->id);

        if (index == 0 || !p->party[index - 1].takes_part) continue;
        CLI_TRY(cli_check(
            c,
            csig_identity_sign(all->d[i]->identity, PLAN_USE, p->hash, sizeof p->hash, signature),
            "signing the plan"));
        plan_set_signature(p, index, signature);
        signs++;
    }
    if (signs > 0) return CLI_OK;
    return cli_fail(c, CLI_REFUSED, "no device of %s takes part in this plan", c->state);
}

cli_exit cmd_ceremony_sign_plan(cli *c)
{
    AUTO_DEVICES all = {0};
    AUTO_PLAN p = {.j = NULL};
    uint8_t server[CSIG_IDENTITY_BYTES];

    CLI_TRY(plan_read(c, c->file[0], &p));
    for (size_t i = 1; i < c->files; i++)
        CLI_TRY(merge(c, &p, c->file[i]));
    CLI_TRY(begin_with_devices(c, &all));
    CLI_TRY(server_pinned(c, server));
    if (memcmp(server, p.party[CREATION_SERVER - 1].id, sizeof server) != 0)
        return cli_fail(c, CLI_REFUSED,
                        "the plan is with another server than this folder enrolled with");
    CLI_TRY(sign(c, &all, &p));
    CLI_TRY(plan_write(c, c->file[0], &p));
    return tell_plan(c, &p);
}
