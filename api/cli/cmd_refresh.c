/* wallet refresh: new shares of the same key. Every device here that holds a share takes part; who
 * is not here needs a recovery key; those that sign prove the staged shares with a test signature.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/backups.h"
#include "cli/cards.h"
#include "cli/client.h"
#include "cli/reconcile.h"
#include "cli/seal.h"
#include "cli/tell.h"
#include "cli/transcript.h"
#include "cli/turnover.h"

typedef struct refreshing {
    turnover t;
    bool keys_known;                                    /* by the devices here, not from cards */
    uint16_t count;                                     /* of those online */
    uint16_t index[CSIG_PARTIES_MAX];                   /* ascending */
    uint8_t nonces[CSIG_PARTIES_MAX][CSIG_NONCE_BYTES]; /* likewise */
} refreshing;

/* --- who takes part --- */

static bool index_is_here(const refreshing *w, uint16_t index)
{
    if (index == w->t.test->server) return true;
    for (size_t i = 0; i < w->t.members; i++)
        if (w->t.m[i].holds == index) return true;
    return false;
}

static cli_exit add_index(cli *c, refreshing *w, uint16_t index)
{
    if (!index_is_here(w, index)) {
        if (keys_has(&w->t.keys, index)) return CLI_OK;
        return cli_fail(c, CLI_REFUSED,
                        "all %u parties of wallet %s but those with a recovery key refresh "
                        "together, and party %u is not here: a share left behind would be worth "
                        "nothing",
                        w->t.test->info.parties, c->wallet, index);
    }
    if (index != w->t.test->server) random_octets(w->nonces[w->count], CSIG_NONCE_BYTES);
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

static cli_exit gather(cli *c, const devices *all, refreshing *w)
{
    for (size_t i = 0; i < all->count; i++)
        CLI_TRY(turnover_add(c, &w->t, all->d[i]));
    CLI_TRY(read_keys(c, w));
    CLI_TRY(check_keys(c, w));
    w->t.holders = w->t.members;
    for (uint16_t index = 1; index <= w->t.test->info.parties; index++)
        CLI_TRY(add_index(c, w, index));
    return CLI_OK;
}

/* --- asking for it --- */

static void describe(const refreshing *w, json *body)
{
    json *signers = json_array_new(), *nonces = json_array_new(), *test = json_array_new();

    for (uint16_t i = 0; i < w->count; i++) {
        json_push_number(signers, w->index[i]);
        if (w->index[i] != w->t.test->server)
            json_push_octets(nonces, w->nonces[i], CSIG_NONCE_BYTES);
    }
    for (uint16_t i = 0; i < w->t.test->count; i++)
        json_push_number(test, w->t.test->index[i]);
    json_put_text(body, "kind", "refresh");
    json_put(body, "signers", signers);
    json_put(body, "nonces", nonces);
    json_put(body, "test_signers", test);
}

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

/* --- the refresh --- */

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
    return cli_tell(c, j,
                    "refreshed: wallet %s is at epoch %llu%s%s\n  public key  %s, as before\n",
                    c->wallet, (unsigned long long)info.epoch, kind != NULL ? ", " : "",
                    kind != NULL ? kind : "", json_text(j, "public_key"));
}

static cli_exit refresh(cli *c, refreshing *w)
{
    AUTO_ROUNDS r = {.count = 0};
    AUTO_JSON answer = NULL;
    AUTO_JSON body = json_new();

    describe(w, body);
    CLI_TRY(turnover_ask(c, &w->t, body, &r, &answer));
    CLI_TRY(read_nonces(c, w, answer));
    CLI_TRY(start(c, w, &r));
    CLI_TRY(turnover_run(c, &w->t, &r));
    CLI_TRY(tell(c, w));
    return turnover_transcript(c, &w->t, &r, "refresh");
}

cli_exit cmd_wallet_refresh(cli *c)
{
    AUTO_DEVICES all = {0};
    AUTO_PARTIES test = {0};
    refreshing w = {.t = {.what = "refresh", .test = &test}};
    cli_exit code;

    CLI_TRY(begin_with_devices(c, &all));
    CLI_TRY(transcript_begin(c));
    CLI_TRY(backup_begin(c));
    CLI_TRY(parties_open(c, &all, c->wallet, &test));
    code = gather(c, &all, &w);
    if (code == CLI_OK) code = refresh(c, &w);
    turnover_close(&w.t);
    return code;
}
