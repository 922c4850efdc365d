#include "cli/parties.h"

#include <stdlib.h>
#include <string.h>

#include "cli/epochs.h"
#include "cli/pairing.h"
#include "cli/peers.h"
#include "cli/rotation.h"
#include "cli/seal.h"
#include "cli/server.h"

/* A share recovered for a party that is another device: only a resharing makes it sign. */
static cli_exit check_identity(cli *c, const parties *p, const signer *s)
{
    uint8_t id[CSIG_IDENTITY_BYTES];

    CLI_TRY(cli_check(c, csig_share_identity(s->share, s->index, id), "a party's identity"));
    if (memcmp(id, s->d->id, sizeof id) == 0) return CLI_OK;
    return cli_fail(c, CLI_REFUSED,
                    "device %s holds the recovered share of party %u of wallet %s, and that party "
                    "is another device: the share is safe here, and does not sign before a "
                    "resharing gives it to this one",
                    s->d->name, s->index, p->wallet);
}

/* A device without auxiliary info holds its share for the day it is needed, but does not sign. */
static cli_exit add_local(cli *c, parties *p, const device *d, const char *wallet)
{
    signer *s = &p->local[p->locals];
    const csig_share_info before = p->info;
    wallet_record record;

    CLI_TRY(slot_check(c, d, wallet));
    CLI_TRY(wallet_open(c, d, wallet, &record, &s->share));
    csig_share_describe(s->share, &p->info);
    s->d = d;
    s->index = p->info.self;
    p->server = record.server;
    p->locals++;
    CLI_TRY(check_identity(c, p, s));
    return p->locals == 1 ? CLI_OK : epoch_is_one(c, d, wallet, &before, &p->info);
}

static bool index_is_far(const parties *p, uint16_t index)
{
    for (uint16_t i = 0; i < p->fars; i++)
        if (p->far[i] == index) return true;
    return false;
}

/* One that is here and wanted from elsewhere: the folder's copy stays out of it. */
static cli_exit look_at_local(cli *c, const parties *p, const device *d, bool *wanted)
{
    wallet_record record;
    csig_share_info info;
    csig_share *share;
    wallet_state state;

    *wanted = false;
    CLI_TRY(wallet_look(c, d, p->wallet, &state));
    if (state != WALLET_BORN || d->aux == NULL) return CLI_OK;
    CLI_TRY(wallet_open(c, d, p->wallet, &record, &share));
    csig_share_describe(share, &info);
    csig_share_free(share);
    *wanted = !index_is_far(p, info.self);
    return CLI_OK;
}

static void insert_sorted(parties *p, uint16_t index)
{
    uint16_t at = p->count++;

    while (at > 0 && p->index[at - 1] > index) {
        p->index[at] = p->index[at - 1];
        at--;
    }
    p->index[at] = index;
}

/* Those far are paired in the meeting: what there is of them is known after it. */
static cli_exit load_peers(cli *c, parties *p, signer *s, bool far)
{
    for (uint16_t j = 0; j < p->count; j++) {
        uint8_t id[CSIG_IDENTITY_BYTES];

        if (p->index[j] == s->index || index_is_far(p, p->index[j]) != far) continue;
        memcpy(id, p->id[p->index[j] - 1], sizeof id);
        CLI_TRY(lock_check(c, s->d, id));
        CLI_TRY(peer_get(c, s->d, id, &s->peer[j]));
        if (s->peer[j] == NULL)
            return cli_fail(c, CLI_REFUSED,
                            "device %s is not paired with party %u; run: countersign device enrol "
                            "--device %s",
                            s->d->name, p->index[j], s->d->name);
        s->view[j] = s->peer[j];
    }
    return CLI_OK;
}

/* One of them may have rotated since. */
static cli_exit pair_locals(cli *c, const parties *p)
{
    for (size_t i = 0; i < p->locals; i++)
        for (size_t j = 0; j < i; j++)
            CLI_TRY(pair_here(c, p->local[i].d, p->local[j].d));
    return CLI_OK;
}

/* The server, those far and the first devices that can sign. */
static cli_exit choose(cli *c, const devices *all, parties *p)
{
    for (size_t i = 0; i < all->count; i++) {
        bool wanted;

        if (p->locals > 0 && p->locals + p->fars + 1U >= p->info.signers_required) break;
        CLI_TRY(look_at_local(c, p, all->d[i], &wanted));
        if (wanted) CLI_TRY(add_local(c, p, all->d[i], p->wallet));
    }
    if (p->locals == 0)
        return cli_fail(c, CLI_REFUSED,
                        "no device here can sign for wallet %s; see: countersign wallet list",
                        p->wallet);
    if (p->locals + p->fars + 1U < p->info.signers_required)
        return cli_fail(c, CLI_REFUSED,
                        "wallet %s needs %u signers, the server and %u devices with auxiliary "
                        "info; here %s %zu; a party that is elsewhere: --with INDEX",
                        p->wallet, p->info.signers_required, p->info.signers_required - 1U,
                        p->locals + p->fars == 1 ? "is" : "are", p->locals + p->fars);
    if (p->locals + p->fars + 1U > p->info.signers_required)
        return cli_fail(c, CLI_USAGE,
                        "wallet %s needs %u signers, the server among them: name %u "
                        "elsewhere at most",
                        p->wallet, p->info.signers_required, p->info.signers_required - 2U);
    return CLI_OK;
}

static cli_exit read_identities(cli *c, parties *p)
{
    for (uint16_t i = 1; i <= p->info.parties; i++)
        CLI_TRY(cli_check(c, csig_share_identity(p->local[0].share, i, p->id[i - 1]),
                          "a party's identity"));
    return CLI_OK;
}

/* Those far are parties, and neither here nor the server. */
static cli_exit add_far(cli *c, parties *p)
{
    for (uint16_t i = 0; i < p->fars; i++) {
        for (uint16_t j = 0; j < p->count; j++)
            if (p->index[j] == p->far[i])
                return cli_fail(c, CLI_USAGE,
                                "party %u of wallet %s is here, the server, or named "
                                "twice",
                                p->far[i], p->wallet);
        if (p->far[i] < 1 || p->far[i] > p->info.parties)
            return cli_fail(c, CLI_USAGE, "wallet %s has parties 1 to %u, not %u", p->wallet,
                            p->info.parties, p->far[i]);
        insert_sorted(p, p->far[i]);
    }
    return CLI_OK;
}

cli_exit parties_far(cli *c, parties *p)
{
    for (size_t i = 0; i < c->withs; i++) {
        char *end;
        const unsigned long n = strtoul(c->with[i], &end, 10);

        if (c->with[i][0] < '1' || c->with[i][0] > '9' || *end != '\0' || n > CSIG_PARTIES_MAX)
            return cli_fail(c, CLI_USAGE, "--with takes the index of a party, not \"%s\"",
                            c->with[i]);
        p->far[p->fars++] = (uint16_t)n;
    }
    return CLI_OK;
}

cli_exit parties_choose(cli *c, const devices *all, const char *wallet, parties *p)
{
    snprintf(p->wallet, sizeof p->wallet, "%s", wallet);
    CLI_TRY(server_pinned(c, p->server_id));
    CLI_TRY(choose(c, all, p));
    CLI_TRY(epoch_check(c, p->local[0].d, wallet, &p->info));
    CLI_TRY(rotation_follow(c, all, wallet, p->server_id));
    CLI_TRY(pair_locals(c, p));
    CLI_TRY(read_identities(c, p));
    insert_sorted(p, p->server);
    for (size_t i = 0; i < p->locals; i++)
        insert_sorted(p, p->local[i].index);
    CLI_TRY(add_far(c, p));
    for (size_t i = 0; i < p->locals; i++)
        CLI_TRY(load_peers(c, p, &p->local[i], false));
    return CLI_OK;
}

void parties_seat(const parties *p, meeting *m)
{
    for (uint16_t j = 0; j < p->count; j++) {
        const device *here = NULL;

        if (p->index[j] == p->server) continue;
        for (size_t i = 0; i < p->locals; i++)
            if (p->local[i].index == p->index[j]) here = p->local[i].d;
        meeting_seat(m, p->id[p->index[j] - 1], p->index[j], here, true);
    }
}

static void take_nonces(parties *p, const meeting *m)
{
    for (uint16_t j = 0; j < p->count; j++)
        if (p->index[j] != p->server)
            memcpy(p->nonces[j], meeting_nonce(m, p->id[p->index[j] - 1]), CSIG_NONCE_BYTES);
}

cli_exit parties_prepare(cli *c, parties *p, const meeting *m)
{
    for (size_t i = 0; i < p->locals; i++)
        CLI_TRY(load_peers(c, p, &p->local[i], true));
    take_nonces(p, m);
    return CLI_OK;
}

void parties_renew(parties *p, meeting *m)
{
    meeting_renew(m);
    take_nonces(p, m);
}

void parties_close(parties *p)
{
    for (size_t i = 0; i < p->locals; i++) {
        csig_share_free(p->local[i].share);
        for (uint16_t j = 0; j < p->count; j++)
            csig_peer_free(p->local[i].peer[j]);
    }
    p->locals = 0;
}

void parties_describe(const parties *p, json *body)
{
    json *indices = json_array_new(), *nonces = json_array_new();

    for (uint16_t j = 0; j < p->count; j++) {
        json_push_number(indices, p->index[j]);
        if (p->index[j] != p->server) json_push_octets(nonces, p->nonces[j], CSIG_NONCE_BYTES);
    }
    json_put(body, "signers", indices);
    json_put(body, "nonces", nonces);
}

cli_exit parties_nonces(cli *c, parties *p, const json *answer)
{
    const json *nonces = json_member(answer, "nonces");
    uint8_t said[CSIG_NONCE_BYTES];

    for (uint16_t j = 0; j < p->count; j++) {
        const char *text = json_text_at(nonces, j);

        if (text == NULL || !hex_is_read(said, sizeof said, text)) return json_lacks(c, "nonces");
        if (p->index[j] == p->server)
            memcpy(p->nonces[j], said, sizeof said);
        else if (memcmp(p->nonces[j], said, sizeof said) != 0)
            return cli_fail(c, CLI_INPUT, "the server's reply changes a nonce of ours");
    }
    return CLI_OK;
}

csig_signers parties_signers(const parties *p, size_t local)
{
    const signer *s = &p->local[local];

    return (csig_signers){.identity = s->d->identity,
                          .share = s->share,
                          .aux = s->d->aux,
                          .indices = p->index,
                          .peers = s->view,
                          .nonces = p->nonces[0],
                          .count = p->count};
}
