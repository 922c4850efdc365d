/* wallet refresh: new shares of the same key. Every device here that holds a share takes part; who
 * is not here needs a recovery key; those that sign prove the staged shares with a test signature.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/backups.h"
#include "cli/cards.h"
#include "cli/epochs.h"
#include "cli/escrows.h"
#include "cli/parties.h"
#include "cli/peers.h"
#include "cli/reconcile.h"
#include "cli/seal.h"
#include "cli/tell.h"

/* A party here. */
typedef struct member {
    const device *d;
    uint16_t index;
    csig_share *share;  /* of the current epoch */
    csig_share *staged; /* outlives the test's sessions */
} member;

typedef struct refreshing {
    parties *test; /* who signs the test */
    member m[CSIG_PARTIES_MAX];
    size_t members, staged;
    recovery_keys keys;
    bool keys_known;                                    /* by the devices here, not from cards */
    uint16_t count;                                     /* of those online */
    uint16_t index[CSIG_PARTIES_MAX];                   /* ascending */
    uint8_t nonces[CSIG_PARTIES_MAX][CSIG_NONCE_BYTES]; /* likewise */
    uint64_t attempt;
    wallet_record record;
} refreshing;

static void refreshing_close(refreshing *w)
{
    for (size_t i = 0; i < w->members; i++) {
        csig_share_free(w->m[i].share);
        csig_share_free(w->m[i].staged);
    }
}

/* --- who takes part --- */

static cli_exit add_member(cli *c, refreshing *w, const device *d)
{
    member *m = &w->m[w->members];
    csig_share_info info;
    wallet_record record;
    wallet_state state;

    CLI_TRY(wallet_look(c, d, c->wallet, &state));
    if (state != WALLET_BORN) return CLI_OK;
    CLI_TRY(slot_check(c, d, c->wallet));
    CLI_TRY(lock_check(c, d, w->test->server_id));
    CLI_TRY(wallet_open(c, d, c->wallet, &record, &m->share));
    csig_share_describe(m->share, &info);
    m->d = d;
    m->index = info.self;
    w->members++;
    return epoch_is_one(c, d, c->wallet, &w->test->info, &info);
}

static bool index_is_here(const refreshing *w, uint16_t index)
{
    if (index == w->test->server) return true;
    for (size_t i = 0; i < w->members; i++)
        if (w->m[i].index == index) return true;
    return false;
}

static cli_exit add_index(cli *c, refreshing *w, uint16_t index)
{
    if (!index_is_here(w, index)) {
        if (keys_has(&w->keys, index)) return CLI_OK;
        return cli_fail(c, CLI_REFUSED,
                        "all %u parties of wallet %s but those with a recovery key refresh "
                        "together, and party %u is not here: a share left behind would be worth "
                        "nothing",
                        w->test->info.parties, c->wallet, index);
    }
    if (index != w->test->server) random_octets(w->nonces[w->count], CSIG_NONCE_BYTES);
    w->index[w->count++] = index;
    return CLI_OK;
}

/* A device that was restored was told of no keys: then the cards say it. */
static cli_exit read_keys(cli *c, refreshing *w)
{
    recovery_keys named = {.count = 0};

    CLI_TRY(keys_read(c, w->m[0].d, c->wallet, &w->keys, &w->keys_known));
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
                        w->m[0].d->name, c->wallet);
    if (!w->keys_known) w->keys = named;
    return CLI_OK;
}

static cli_exit check_keys(cli *c, const refreshing *w)
{
    AUTO_JSON wallet = NULL;
    char path[96];

    snprintf(path, sizeof path, "/v1/wallets/%s", c->wallet);
    CLI_TRY(client_json(c, "GET", path, NULL, &wallet));
    if (!w->keys_known && w->keys.count == 0 && json_count(json_member(wallet, "recovery")) > 0)
        return cli_fail(c, CLI_REFUSED,
                        "wallet %s has recovery keys, and device %s was not told which: it was "
                        "restored. Say it from the cards, of which people have compared the "
                        "fingerprints: --recovery-of INDEX=CARD",
                        c->wallet, w->m[0].d->name);
    return keys_check_server(c, &w->keys, wallet);
}

static cli_exit gather(cli *c, const devices *all, refreshing *w)
{
    for (size_t i = 0; i < all->count; i++)
        CLI_TRY(add_member(c, w, all->d[i]));
    CLI_TRY(read_keys(c, w));
    CLI_TRY(check_keys(c, w));
    for (uint16_t index = 1; index <= w->test->info.parties; index++)
        CLI_TRY(add_index(c, w, index));
    return CLI_OK;
}

/* --- asking for it --- */

static void describe(const refreshing *w, json *body)
{
    json *signers = json_array_new(), *nonces = json_array_new(), *test = json_array_new();

    for (uint16_t i = 0; i < w->count; i++) {
        json_push_number(signers, w->index[i]);
        if (w->index[i] != w->test->server)
            json_push_octets(nonces, w->nonces[i], CSIG_NONCE_BYTES);
    }
    for (uint16_t i = 0; i < w->test->count; i++)
        json_push_number(test, w->test->index[i]);
    json_put_text(body, "kind", "refresh");
    json_put(body, "signers", signers);
    json_put(body, "nonces", nonces);
    json_put(body, "test_signers", test);
}

/* What an earlier process began and never staged holds the wallet until its deadline: whoever has
 * to take part is here, so it is nobody else's. */
static cli_exit ask(cli *c, const refreshing *w, json **answer)
{
    AUTO_JSON body = json_new();
    AUTO_REPLY gone = {0};
    char path[96], session[96];
    cli_exit code;

    describe(w, body);
    snprintf(path, sizeof path, "/v1/wallets/%s/sessions", c->wallet);
    code = client_json(c, "POST", path, body, answer);
    if (code == CLI_OK || c->session[0] == '\0') return code;
    cli_note(c, "a refresh that was cut off is given up first");
    snprintf(session, sizeof session, "/v1/sessions/%s", c->session);
    CLI_TRY(client_call(c, "DELETE", session, NULL, NULL, 0, &gone));
    return client_json(c, "POST", path, body, answer);
}

static cli_exit read_nonces(cli *c, refreshing *w, const json *answer)
{
    const json *nonces = json_member(answer, "nonces");
    uint8_t said[CSIG_NONCE_BYTES];

    for (uint16_t i = 0, j = 0; i < w->count; i++) {
        const char *text = json_text_at(nonces, i);

        if (text == NULL || !hex_is_read(said, sizeof said, text)) return json_lacks(c, "nonces");
        if (w->index[i] == w->test->server)
            memcpy(w->nonces[i], said, sizeof said);
        else if (memcmp(w->nonces[i], said, sizeof said) != 0)
            return cli_fail(c, CLI_INPUT, "the server's reply changes a nonce of ours");
        if (j < w->test->count && w->test->index[j] == w->index[i])
            memcpy(w->test->nonces[j++], w->nonces[i], CSIG_NONCE_BYTES);
    }
    return CLI_OK;
}

static cli_exit read_answer(cli *c, const json *answer, rounds *r, refreshing *w)
{
    const int64_t attempt = json_number(answer, "attempt");

    CLI_TRY(rounds_begin(c, r, answer));
    CLI_TRY(read_nonces(c, w, answer));
    if (attempt < 1) return json_lacks(c, "attempt");
    w->attempt = (uint64_t)attempt;
    w->record.server = w->test->server;
    return hex_is_read(w->record.session, WALLET_ID_BYTES, r->session) ? CLI_OK : CLI_BUG;
}

/* --- the refresh --- */

static cli_exit start(cli *c, const refreshing *w, rounds *r)
{
    for (size_t i = 0; i < w->members; i++) {
        const csig_refresh_params params = {.identity = w->m[i].d->identity,
                                            .share = w->m[i].share,
                                            .indices = w->index,
                                            .count = w->count,
                                            .nonces = w->nonces[0],
                                            .recovery = keys_lent(&w->keys),
                                            .attempt = w->attempt,
                                            .commits = w->test->server};
        csig_session *s;

        CLI_TRY(cli_check(c, csig_refresh_session(&s, &params), "the refresh"));
        rounds_add(r, s, w->m[i].index, w->m[i].d);
    }
    return CLI_OK;
}

/* Staged share on disk, and its backup on the way before the receipt that names it. */
static cli_exit stage(cli *c, refreshing *w, rounds *r, size_t i)
{
    member *m = &w->m[i];
    uint8_t hash[CSIG_BACKUP_HASH_BYTES];

    r->extra = (blob){malloc(CSIG_BACKUP_BYTES), CSIG_BACKUP_BYTES};
    if (r->extra.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    CLI_TRY(cli_check(c, csig_refresh_share(r->s[i], &m->staged), "the new share"));
    if (w->keys.count > 0) CLI_TRY(keys_write(c, m->d, c->wallet, &w->keys));
    CLI_TRY(escrows_stage(c, m->d, c->wallet, m->staged, &w->keys, r->s[i], csig_refresh_escrow));
    CLI_TRY(slot_stage(c, m->d, c->wallet, &w->record, m->staged));
    CLI_TRY(backup_make(c, m->d, c->wallet, m->staged, r->extra.p));
    CLI_TRY(cli_check(c, csig_backup_hash(r->extra.p, r->extra.len, hash), "the backup"));
    return cli_check(c, csig_refresh_backup(r->s[i], hash), "the backup");
}

static const member *member_of(const refreshing *w, uint16_t index)
{
    size_t i = 0;

    while (w->m[i].index != index)
        i++;
    return &w->m[i];
}

/* The staged shares sign, before they are anything: an ordinary signature under the same key. */
static cli_exit start_test(cli *c, const refreshing *w, rounds *r)
{
    csig_intent intent = {.type = "refresh-test"};

    CLI_TRY(cli_check(c, csig_refresh_test_digest(r->s[0], intent.digest), "the test"));
    memcpy(intent.request_id, intent.digest, sizeof intent.request_id);
    for (size_t i = 0; i < w->test->locals; i++) {
        const signer *s = &w->test->local[i];
        csig_signers signers = parties_signers(w->test, i);
        csig_session *test;

        signers.share = member_of(w, s->index)->staged;
        CLI_TRY(cli_check(c, csig_sign_session(&test, &signers, &intent, w->test->server),
                          "the test signature"));
        rounds_add(r, test, s->index, s->d);
    }
    return CLI_OK;
}

static cli_exit store(cli *c, rounds *r, size_t i, void *arg)
{
    refreshing *w = arg;

    if (i >= w->members || w->m[i].staged != NULL)
        return cli_fail(c, CLI_BUG, "a refresh stages once");
    CLI_TRY(stage(c, w, r, i));
    w->staged++;
    return w->staged == w->members ? start_test(c, w, r) : CLI_OK;
}

/* --- the end of it --- */

static bool commit_is_there(const refreshing *w, const rounds *r)
{
    for (size_t i = 0; i < w->members; i++)
        if (csig_session_phase(r->s[i]) != CSIG_DONE) return false;
    return true;
}

static cli_exit follow(cli *c, refreshing *w, const rounds *r)
{
    for (size_t i = 0; i < w->members; i++) {
        CLI_TRY(
            cli_check(c, csig_refresh_commit(r->s[i], w->record.commit), "the server's commit"));
        CLI_TRY(epoch_follow(c, w->m[i].d, c->wallet, &w->record));
    }
    return CLI_OK;
}

/* It came to nothing, as far as is known here: what the server makes of it is followed at once. */
static cli_exit settle(cli *c, const refreshing *w, cli_exit failed)
{
    const cli saved = *c;

    if (failed == CLI_OFFLINE) {
        cli_note(c, "whether the wallet was refreshed is decided when the server is reached again: "
                    "run countersign wallet list then");
        return failed;
    }
    for (size_t i = 0; i < w->members; i++)
        if (epoch_settle(c, w->m[i].d, c->wallet, w->test->server_id) != CLI_OK)
            cli_note(c, "both shares are kept until the server decides: %s", c->message);
    memcpy(c->message, saved.message, sizeof c->message);
    memcpy(c->problem, saved.problem, sizeof c->problem);
    c->status = saved.status;
    return failed;
}

static cli_exit tell(cli *c, const refreshing *w)
{
    AUTO_JSON j = json_new();
    AUTO_JSON wallet = NULL;
    char path[96];
    const char *kind = NULL;
    csig_share_info info;

    csig_share_describe(w->m[0].staged, &info);
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
    AUTO_ROUNDS r = {.store = store, .arg = w};
    AUTO_JSON answer = NULL;
    cli_exit code;

    memcpy(r.server, w->test->server_id, sizeof r.server);
    CLI_TRY(ask(c, w, &answer));
    CLI_TRY(read_answer(c, answer, &r, w));
    CLI_TRY(start(c, w, &r));
    code = rounds_run(c, &r);
    if (!commit_is_there(w, &r)) return settle(c, w, code);
    if (code != CLI_OK) cli_note(c, "refreshed, but the end was cut off: %s", c->message);
    CLI_TRY(follow(c, w, &r));
    return tell(c, w);
}

cli_exit cmd_wallet_refresh(cli *c)
{
    AUTO_DEVICES all = {0};
    AUTO_PARTIES test = {0};
    refreshing w = {.test = &test};
    cli_exit code;

    CLI_TRY(begin_with_devices(c, &all));
    CLI_TRY(backup_begin(c));
    CLI_TRY(parties_open(c, &all, c->wallet, &test));
    code = gather(c, &all, &w);
    if (code == CLI_OK) code = refresh(c, &w);
    refreshing_close(&w);
    return code;
}
