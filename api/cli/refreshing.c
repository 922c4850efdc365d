#include "cli/refreshing.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cards.h"
#include "cli/client.h"
#include "cli/tell.h"

/* --- who takes part --- */

static bool index_is_there(const refreshing *w, uint16_t index)
{
    if (index == w->t.test->server) return true;
    for (size_t i = 0; i < w->t.members; i++)
        if (w->t.m[i].holds == index) return true;
    for (uint16_t i = 0; i < w->fars; i++)
        if (w->far[i] == index) return true;
    return false;
}

static cli_exit add_index(cli *c, refreshing *w, uint16_t index)
{
    if (!index_is_there(w, index)) {
        if (keys_has(&w->t.keys, index)) return CLI_OK;
        return cli_fail(c, CLI_REFUSED,
                        "all %u parties of wallet %s but those with a recovery key refresh "
                        "together, and party %u is not here: a share left behind would be worth "
                        "nothing. If it is elsewhere: --with %u",
                        w->t.test->info.parties, c->wallet, index, index);
    }
    w->index[w->count++] = index;
    return CLI_OK;
}

/* A device that was restored was told of no keys: then the cards say it. */
static cli_exit read_keys(cli *c, refreshing *w)
{
    recovery_keys named = {.count = 0};

    CLI_TRY(keys_read(c, w->t.m[0].d, c->wallet, &w->t.keys, &w->keys_known));
    for (size_t i = 0; i < c->recoveries_of; i++) {
        uint16_t index;
        card of;

        CLI_TRY(card_read_of(c, c->recovery_of[i], &index, &of));
        CLI_TRY(keys_add(c, &named, index, of.key));
    }
    if (w->keys_known && c->recoveries_of > 0)
        return cli_fail(c, CLI_USAGE,
                        "device %s knows the recovery keys of wallet %s; a refresh does not change "
                        "them",
                        w->t.m[0].d->name, c->wallet);
    if (!w->keys_known) w->t.keys = named;
    return CLI_OK;
}

static cli_exit check_keys(cli *c, const refreshing *w)
{
    AUTO_JSON wallet = NULL;
    char path[96];

    snprintf(path, sizeof path, "/v1/wallets/%s", c->wallet);
    CLI_TRY(client_json(c, "GET", path, NULL, &wallet));
    if (!w->keys_known && w->t.keys.count == 0 && json_count(json_member(wallet, "recovery")) > 0)
        return cli_fail(c, CLI_REFUSED,
                        "wallet %s has recovery keys, and device %s was not told which: it was "
                        "restored. Say it from the cards, of which people have compared the "
                        "fingerprints: --recovery-of INDEX=CARD",
                        c->wallet, w->t.m[0].d->name);
    return keys_check_server(c, &w->t.keys, wallet);
}

static cli_exit read_identities(cli *c, refreshing *w)
{
    w->t.parties = w->t.test->info.parties;
    for (uint16_t i = 1; i <= w->t.parties; i++)
        CLI_TRY(cli_check(c, csig_share_identity(w->t.m[0].share, i, w->t.id[i - 1]),
                          "a party's identity"));
    return CLI_OK;
}

cli_exit refreshing_gather(cli *c, const devices *all, refreshing *w)
{
    for (size_t i = 0; i < all->count; i++)
        CLI_TRY(turnover_add(c, &w->t, all->d[i]));
    if (w->t.members == 0)
        return cli_fail(c, CLI_REFUSED,
                        "no device here has wallet %s; see: countersign wallet list", c->wallet);
    CLI_TRY(read_identities(c, w));
    CLI_TRY(read_keys(c, w));
    CLI_TRY(check_keys(c, w));
    w->t.holders = w->t.members;
    for (uint16_t index = 1; index <= w->t.test->info.parties; index++)
        CLI_TRY(add_index(c, w, index));
    return CLI_OK;
}

void refreshing_seat(const refreshing *w, meeting *m)
{
    for (uint16_t i = 0; i < w->count; i++) {
        const device *here = NULL;
        bool signs = false;

        if (w->index[i] == w->t.test->server) continue;
        for (size_t k = 0; k < w->t.members; k++)
            if (w->t.m[k].holds == w->index[i]) here = w->t.m[k].d;
        for (uint16_t k = 0; k < w->t.test->count; k++)
            signs = signs || w->t.test->index[k] == w->index[i];
        meeting_seat(m, w->t.id[w->index[i] - 1], w->index[i], here, signs);
    }
}

void refreshing_describe(const cli *c, const refreshing *w, const meeting *m, json *body)
{
    json *signers = json_array_new(), *nonces = json_array_new(), *test = json_array_new();

    for (uint16_t i = 0; i < w->count; i++) {
        json_push_number(signers, w->index[i]);
        if (w->index[i] != w->t.test->server)
            json_push_octets(nonces, meeting_nonce(m, w->t.id[w->index[i] - 1]), CSIG_NONCE_BYTES);
    }
    for (uint16_t i = 0; i < w->t.test->count; i++)
        json_push_number(test, w->t.test->index[i]);
    json_put_text(body, "kind", "refresh");
    json_put(body, "signers", signers);
    json_put(body, "nonces", nonces);
    json_put(body, "test_signers", test);
    if (c->riding) json_put_text(body, "campaign", c->campaign);
}

/* --- the refresh --- */

static cli_exit read_nonces(cli *c, refreshing *w, const json *answer)
{
    const json *nonces = json_member(answer, "nonces");
    uint8_t said[CSIG_NONCE_BYTES];

    for (uint16_t i = 0, j = 0; i < w->count; i++) {
        const char *text = json_text_at(nonces, i);

        if (text == NULL || !hex_is_read(said, sizeof said, text)) return json_lacks(c, "nonces");
        if (w->index[i] == w->t.test->server)
            memcpy(w->nonces[i], said, sizeof said);
        else if (memcmp(w->nonces[i], said, sizeof said) != 0)
            return cli_fail(c, CLI_INPUT, "the server's reply changes a nonce of ours");
        if (j < w->t.test->count && w->t.test->index[j] == w->index[i])
            memcpy(w->t.test->nonces[j++], w->nonces[i], CSIG_NONCE_BYTES);
    }
    return CLI_OK;
}

static cli_exit start(cli *c, const refreshing *w, rounds *r)
{
    for (size_t i = 0; i < w->t.members; i++) {
        const csig_refresh_params params = {.identity = w->t.m[i].d->identity,
                                            .share = w->t.m[i].share,
                                            .indices = w->index,
                                            .count = w->count,
                                            .nonces = w->nonces[0],
                                            .recovery = keys_lent(&w->t.keys),
                                            .attempt = w->t.attempt,
                                            .commits = w->t.test->server};
        csig_session *s;

        CLI_TRY(cli_check(c, csig_refresh_session(&s, &params), "the refresh"));
        rounds_add(r, s, w->t.m[i].holds, w->t.m[i].d);
        rounds_among(r, w->t.id, w->t.parties);
    }
    return CLI_OK;
}

static cli_exit tell(cli *c, const refreshing *w)
{
    AUTO_JSON j = json_new();
    AUTO_JSON wallet = NULL;
    char path[96];
    const char *kind = NULL;
    csig_share_info info;

    csig_share_describe(w->t.m[0].staged, &info);
    snprintf(path, sizeof path, "/v1/wallets/%s", c->wallet);
    if (client_json(c, "GET", path, NULL, &wallet) == CLI_OK) kind = json_text(wallet, "refreshed");
    json_put_text(j, "wallet", c->wallet);
    json_put_number(j, "epoch", (int64_t)info.epoch);
    json_put_number(j, "epoch_attempt", (int64_t)info.epoch_attempt);
    json_put_octets(j, "epoch_state", info.epoch_state, sizeof info.epoch_state);
    json_put_octets(j, "public_key", info.public_key, sizeof info.public_key);
    if (kind != NULL) json_put_text(j, "refreshed", kind);
    if (c->riding) {
        cli_note(c, "campaign %s of the server: wallet %s is refreshed, at epoch %llu", c->campaign,
                 c->wallet, (unsigned long long)info.epoch);
        return CLI_OK;
    }
    return cli_tell(c, j,
                    "refreshed: wallet %s is at epoch %llu%s%s\n  public key  %s, as before\n",
                    c->wallet, (unsigned long long)info.epoch, kind != NULL ? ", " : "",
                    kind != NULL ? kind : "", json_text(j, "public_key"));
}

cli_exit refreshing_run(cli *c, refreshing *w, meeting *m, const json *answer)
{
    AUTO_ROUNDS r = {.meeting = m};

    for (uint16_t i = 0; i < w->count; i++)
        memcpy(w->nonces[i], meeting_nonce(m, w->t.id[w->index[i] - 1]), CSIG_NONCE_BYTES);
    CLI_TRY(turnover_begin(c, &w->t, &r, answer));
    CLI_TRY(read_nonces(c, w, answer));
    CLI_TRY(start(c, w, &r));
    CLI_TRY(turnover_run(c, &w->t, &r));
    CLI_TRY(tell(c, w));
    return turnover_transcript(c, &w->t, &r, "refresh");
}
