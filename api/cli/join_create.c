/* A guest takes part in key generation. */
#include <string.h>

#include "cli/creation.h"
#include "cli/joining.h"
#include "cli/peers.h"
#include "cli/server.h"

static cli_exit read_clients(cli *c, const guest *g, creation *w)
{
    const json *members = json_member(g->m.plan, "members");
    bool is_there = false;

    w->clients = json_count(members);
    if (w->clients < 1 || w->clients >= CSIG_PARTIES_MAX) return json_lacks(c, "members");
    for (size_t i = 0; i < w->clients; i++) {
        const char *text = json_text_at(members, i);

        if (text == NULL || !hex_is_read(w->client[i], sizeof w->client[i], text))
            return json_lacks(c, "members");
        if (memcmp(w->client[i], g->d->id, sizeof g->d->id) != 0) continue;
        w->here[i] = g->d;
        is_there = true;
    }
    return is_there ? CLI_OK : cli_fail(c, CLI_INPUT, "this device would be no party of it");
}

/* As creation_keys writes them. */
static cli_exit read_keys(cli *c, const guest *g, creation *w)
{
    const json *list = json_member(g->m.plan, "recovery");

    for (size_t i = 0; i < json_count(list); i++) {
        const json *row = json_at(list, i);
        const int64_t index = json_number(row, "index");
        uint8_t key[CSIG_RECOVERY_KEY_BYTES];

        if (index < 1 || index > w->parties) return json_lacks(c, "recovery");
        CLI_TRY(json_octets(c, row, "key", key, sizeof key));
        CLI_TRY(keys_add(c, &w->keys, (uint16_t)index, key));
        if (index <= (int64_t)w->clients + 1) continue;
        if (index != (int64_t)w->clients + 2 + w->offlines) return json_lacks(c, "recovery");
        CLI_TRY(json_octets(c, row, "identity", w->offline[w->offlines++].identity,
                            CSIG_IDENTITY_BYTES));
    }
    if (w->parties == w->clients + 1 + w->offlines) return CLI_OK;
    return json_lacks(c, "recovery");
}

static cli_exit check(cli *c, guest *g, creation *w)
{
    const int64_t parties = json_number(g->m.plan, "parties");
    const int64_t signers = json_number(g->m.plan, "signers_required");

    if (parties < 2 || parties > CSIG_PARTIES_MAX) return json_lacks(c, "parties");
    if (signers < 2 || signers > parties) return json_lacks(c, "signers_required");
    w->parties = (uint16_t)parties;
    w->signers_required = (uint16_t)signers;
    CLI_TRY(read_clients(c, g, w));
    CLI_TRY(read_keys(c, g, w));
    CLI_TRY(creation_check(c, w));
    CLI_TRY(server_pinned(c, w->server));
    CLI_TRY(lock_check(c, g->d, w->server));
    creation_seat(w, &g->m);
    return CLI_OK;
}

cli_exit join_create(cli *c, guest *g)
{
    AUTO_JSON answer = NULL;
    creation w = {.clients = 0};
    const cli_exit code = check(c, g, &w);
    char list[900] = "";
    size_t n = 0;

    if (code != CLI_OK) return meeting_decline(c, &g->m, code, c->message);
    for (size_t i = 0; i < w.clients && n < sizeof list; i++) {
        char id[2 * CSIG_IDENTITY_BYTES + 1];

        hex_write(id, w.client[i], CSIG_IDENTITY_BYTES);
        n += (size_t)snprintf(list + n, sizeof list - n, "\n  party %u  %.12s%s", creation_index(i),
                              id, w.here[i] != NULL ? ", this device" : "");
    }
    CLI_TRY(joining_consent(c, g,
                            "asks for a new wallet: %u of %u parties sign, %u of them without a "
                            "device, by recovery keys%s",
                            w.signers_required, w.parties, w.offlines, list));
    CLI_TRY(meeting_agree(c, &g->m));
    CLI_TRY(meeting_hear(c, &g->m, &answer));
    return creation_run(c, &w, &g->m, answer);
}
