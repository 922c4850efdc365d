/* wallet create: key generation with the server; every device here holds a share, and every one
 * that joins from elsewhere, and what no device holds is encrypted to recovery keys. */
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/creation.h"
#include "cli/peers.h"
#include "cli/reconcile.h"
#include "cli/server.h"
#include "cli/transcript.h"

/* --- who takes part --- */

static cli_exit add_client(cli *c, creation *w, const uint8_t id[CSIG_IDENTITY_BYTES],
                           const device *here)
{
    if (w->clients + 1 == CSIG_PARTIES_MAX)
        return cli_fail(c, CLI_USAGE, "a wallet has at most %d parties: name fewer devices",
                        CSIG_PARTIES_MAX);
    memcpy(w->client[w->clients], id, CSIG_IDENTITY_BYTES);
    w->here[w->clients++] = here;
    return CLI_OK;
}

static cli_exit list_clients(cli *c, const devices *all, creation *w)
{
    for (size_t i = 0; i < all->count; i++)
        CLI_TRY(add_client(c, w, all->d[i]->id, all->d[i]));
    for (size_t i = 0; i < c->withs; i++) {
        device_card of;

        CLI_TRY(device_card_read(c, c->with[i], &of));
        CLI_TRY(add_client(c, w, of.identity, NULL));
    }
    w->parties = (uint16_t)(w->clients + 1 + c->recoveries);
    w->signers_required = (uint16_t)c->signers_required;
    return CLI_OK;
}

static cli_exit read_cards(cli *c, creation *w)
{
    for (size_t i = 0; i < c->recoveries_of; i++) {
        uint16_t index;
        card of;

        CLI_TRY(card_read_of(c, c->recovery_of[i], &index, &of));
        if (index > w->clients + 1)
            return cli_fail(c, CLI_USAGE,
                            "--recovery-of is for parties 1 to %zu, which have a device or are the "
                            "server; a party without one: --recovery CARD",
                            w->clients + 1);
        CLI_TRY(keys_add(c, &w->keys, index, of.key));
    }
    for (size_t i = 0; i < c->recoveries; i++) {
        CLI_TRY(card_read(c, c->recovery[i], &w->offline[i]));
        CLI_TRY(keys_add(c, &w->keys, creation_index(w->clients + i), w->offline[i].key));
    }
    w->offlines = (uint16_t)c->recoveries;
    return CLI_OK;
}

/* --- asking for it --- */

static json *plan_of(const creation *w)
{
    json *plan = json_new();

    json_put_number(plan, "signers_required", w->signers_required);
    json_put_number(plan, "parties", w->parties);
    if (w->keys.count > 0) json_put(plan, "recovery", creation_keys(w));
    return plan;
}

static cli_exit meet(cli *c, creation *w, meeting *m)
{
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;

    creation_seat(w, m);
    CLI_TRY(meeting_host(c, m, "create", plan_of(w)));
    creation_ask(c, w, m, body);
    CLI_TRY(client_json(c, "POST", "/v1/wallets", body, &answer));
    CLI_TRY(meeting_tell(c, m, answer));
    return creation_run(c, w, m, answer);
}

static cli_exit create(cli *c, const devices *all)
{
    AUTO_MEETING m = {.count = 0};
    creation w = {.clients = 0};
    cli_exit code;

    CLI_TRY(list_clients(c, all, &w));
    CLI_TRY(read_cards(c, &w));
    if (c->parties != 0 && c->parties != w.parties)
        return cli_fail(c, CLI_USAGE,
                        "%u parties are the server and %u devices or recovery cards; here %s %u: "
                        "name them with --device, --with and --recovery",
                        c->parties, c->parties - 1, w.parties == 2 ? "is" : "are", w.parties - 1U);
    CLI_TRY(creation_check(c, &w));
    CLI_TRY(server_pinned(c, w.server));
    for (size_t i = 0; i < all->count; i++)
        CLI_TRY(lock_check(c, all->d[i], w.server));
    code = meet(c, &w, &m);
    meeting_end(c, &m, code);
    return code;
}

cli_exit cmd_wallet_create(cli *c)
{
    AUTO_DEVICES all = {0};

    if (c->signers_required < 2)
        return cli_fail(c, CLI_USAGE, "--signers takes how many sign together: 2 or more");
    CLI_TRY(transcript_begin(c));
    CLI_TRY(begin_with_devices(c, &all));
    return create(c, &all);
}
