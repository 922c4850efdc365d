#include "cli/parties.h"

#include <stdlib.h>
#include <string.h>

#include "cli/seal.h"

cli_exit path_read(cli *c, const char *text, uint32_t path[CSIG_PATH_MAX], size_t *depth)
{
    const char *p = text != NULL ? text : "m";

    *depth = 0;
    if (*p++ != 'm')
        return cli_fail(c, CLI_USAGE, "a path starts with m, like m/0/1: not \"%s\"", text);
    while (*p == '/') {
        char *end;
        const unsigned long v = strtoul(p + 1, &end, 10);

        if (p[1] < '0' || p[1] > '9' || end - p > 11 || *depth == CSIG_PATH_MAX)
            return cli_fail(c, CLI_USAGE, "the path \"%s\" cannot be read: at most %d numbers",
                            text, CSIG_PATH_MAX);
        if (*end == '\'' || *end == 'h' || v >= 0x80000000UL)
            return cli_fail(
                c, CLI_USAGE,
                "hardened derivation needs the whole secret, which nobody has: use indices "
                "below 2^31 in \"%s\"",
                text);
        path[(*depth)++] = (uint32_t)v;
        p = end;
    }
    if (*p != '\0') return cli_fail(c, CLI_USAGE, "the path \"%s\" cannot be read", text);
    return CLI_OK;
}

/* A device without auxiliary info holds its share for the day it is needed, but does not sign. */
static cli_exit add_local(cli *c, parties *p, const device *d, const char *wallet)
{
    signer *s = &p->local[p->locals];
    wallet_record record;

    CLI_TRY(wallet_open(c, d, wallet, &record, &s->share));
    csig_share_describe(s->share, &p->info);
    s->d = d;
    s->index = p->info.self;
    p->server = record.server;
    p->locals++;
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

static cli_exit load_peers(cli *c, parties *p, signer *s)
{
    for (uint16_t j = 0; j < p->count; j++) {
        uint8_t id[CSIG_IDENTITY_BYTES];

        if (p->index[j] == s->index) continue;
        CLI_TRY(cli_check(c, csig_share_identity(s->share, p->index[j], id), "a party's identity"));
        CLI_TRY(device_peer(c, s->d, id, &s->peer[j]));
        if (s->peer[j] == NULL)
            return cli_fail(c, CLI_REFUSED,
                            "device %s is not paired with party %u; run: countersign "
                            "device enrol --device %s",
                            s->d->name, p->index[j], s->d->name);
        s->view[j] = s->peer[j];
    }
    return CLI_OK;
}

cli_exit parties_open(cli *c, const devices *all, const char *wallet, parties *p)
{
    *p = (parties){0};
    if (wallet == NULL)
        return cli_fail(c, CLI_USAGE, "name the wallet; see: countersign wallet list");
    snprintf(p->wallet, sizeof p->wallet, "%s", wallet);
    for (size_t i = 0; i < all->count; i++) {
        if (p->locals > 0 && p->locals + 1 == p->info.signers_required) break;
        if (all->d[i]->aux == NULL || !wallet_is_here(c, all->d[i], wallet)) continue;
        CLI_TRY(add_local(c, p, all->d[i], wallet));
    }
    if (p->locals == 0)
        return cli_fail(c, CLI_REFUSED,
                        "no device here can sign for wallet %s; see: countersign wallet list",
                        wallet);
    if (p->locals + 1 < p->info.signers_required)
        return cli_fail(c, CLI_REFUSED,
                        "wallet %s needs %u signers: the server and %u of the devices; "
                        "here are %zu",
                        wallet, p->info.signers_required, p->info.signers_required - 1U, p->locals);
    insert_sorted(p, p->server);
    for (size_t i = 0; i < p->locals; i++)
        insert_sorted(p, p->local[i].index);
    for (size_t i = 0; i < p->locals; i++)
        CLI_TRY(load_peers(c, p, &p->local[i]));
    for (uint16_t j = 0; j < p->count; j++)
        if (p->index[j] != p->server) random_octets(p->nonces[j], CSIG_NONCE_BYTES);
    return CLI_OK;
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

        if (text == NULL || !hex_is_read(said, sizeof said, text))
            return cli_fail(c, CLI_REFUSED, "the server's reply lacks nonces");
        if (p->index[j] == p->server)
            memcpy(p->nonces[j], said, sizeof said);
        else if (memcmp(p->nonces[j], said, sizeof said) != 0)
            return cli_fail(c, CLI_REFUSED, "the server's reply changes a nonce of ours");
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
