/* wallet create: key generation with the server; every device here holds a share, and what no
 * device holds is encrypted to recovery keys. */
#include <stdlib.h>
#include <string.h>

#include "cli/cards.h"
#include "cli/escrows.h"
#include "cli/peers.h"
#include "cli/reconcile.h"
#include "cli/rounds.h"
#include "cli/seal.h"
#include "cli/server.h"
#include "cli/tell.h"
#include "cli/transcript.h"
#include "cli/wallet.h"

#define SERVER_INDEX 2

typedef struct creation {
    const devices *all;
    uint8_t server[CSIG_IDENTITY_BYTES];
    char wallet[2 * WALLET_ID_BYTES + 1];
    wallet_record record;
    recovery_keys keys;
    card offline[CSIG_PARTIES_MAX]; /* of the parties without a device: the last ones */
    uint16_t offlines, parties;
    uint8_t nonce[CSIG_PARTIES_MAX][CSIG_NONCE_BYTES]; /* by index - 1 */
} creation;

/* The parties as the server will see them: own devices first and from 3, the server at 2. */
static uint16_t index_of_device(size_t i)
{
    return (uint16_t)(i == 0 ? 1 : i + 2);
}

/* --- recovery keys --- */

static cli_exit read_cards(cli *c, creation *w)
{
    for (size_t i = 0; i < c->recoveries_of; i++) {
        uint16_t index;
        card of;

        CLI_TRY(card_read_of(c, c->recovery_of[i], &index, &of));
        if (index > w->all->count + 1)
            return cli_fail(c, CLI_USAGE,
                            "--recovery-of is for parties 1 to %zu, which have a device or are the "
                            "server; a party without one: --recovery CARD",
                            w->all->count + 1);
        CLI_TRY(keys_add(c, &w->keys, index, of.key));
    }
    for (size_t i = 0; i < c->recoveries; i++) {
        CLI_TRY(card_read(c, c->recovery[i], &w->offline[i]));
        CLI_TRY(keys_add(c, &w->keys, index_of_device(w->all->count + i), w->offline[i].key));
    }
    w->offlines = (uint16_t)c->recoveries;
    return CLI_OK;
}

/* Whoever owns enough of the keys owns the wallet. */
static cli_exit check_keys(cli *c, const creation *w)
{
    for (uint16_t k = 0; k < w->keys.count; k++) {
        unsigned equal = 0;

        for (uint16_t j = 0; j < w->keys.count; j++)
            equal += memcmp(w->keys.key[j], w->keys.key[k], sizeof w->keys.key[k]) == 0;
        if (equal >= c->signers_required)
            return cli_fail(c, CLI_USAGE,
                            "%u parties have the same recovery key and %u sign: its owner alone "
                            "would have the wallet. Use different recovery machines",
                            equal, c->signers_required);
    }
    return CLI_OK;
}

static json *recovery_list(const creation *w)
{
    json *list = json_array_new();

    for (uint16_t k = 0; k < w->keys.count; k++) {
        const uint16_t index = w->keys.index[k], first = (uint16_t)(w->parties - w->offlines + 1);
        json *row = json_new();

        json_put_number(row, "index", index);
        json_put_octets(row, "key", w->keys.key[k], sizeof w->keys.key[k]);
        if (index >= first)
            json_put_octets(row, "identity", w->offline[index - first].identity,
                            CSIG_IDENTITY_BYTES);
        json_push(list, row);
    }
    return list;
}

/* --- asking for it --- */

static void write_body(const cli *c, creation *w, json *body)
{
    json *ids = json_array_new(), *nonces = json_array_new(), *allow = json_array_new();

    for (size_t i = 0; i < w->all->count; i++) {
        uint8_t *own = w->nonce[index_of_device(i) - 1];

        random_octets(own, CSIG_NONCE_BYTES);
        json_push_octets(ids, w->all->d[i]->id, CSIG_IDENTITY_BYTES);
        json_push_octets(nonces, own, CSIG_NONCE_BYTES);
    }
    json_push_text(allow, "digest");
    json_put_number(body, "signers_required", c->signers_required);
    json_put_number(body, "parties", w->parties);
    json_put(body, "devices", ids);
    json_put(body, "nonces", nonces);
    json_put(body, "allow", allow);
    if (c->label != NULL) json_put_text(body, "label", c->label);
    if (w->keys.count > 0) json_put(body, "recovery", recovery_list(w));
}

/* The wallet's id is the beginning of the server's nonce: every message of the key generation is
 * bound to it, so nobody between can tell us another one. */
static cli_exit read_answer(cli *c, const json *answer, rounds *r, creation *w)
{
    const json *wallet = json_member(answer, "wallet"), *session = json_member(answer, "session");
    const char *id = json_text(wallet, "wallet");
    const char *nonce = json_text_at(json_member(session, "nonces"), SERVER_INDEX - 1);
    uint8_t *server_nonce = w->nonce[SERVER_INDEX - 1];
    uint8_t octets[WALLET_ID_BYTES];

    CLI_TRY(server_check(c, wallet));
    CLI_TRY(rounds_begin(c, r, session));
    if (nonce == NULL || !hex_is_read(server_nonce, CSIG_NONCE_BYTES, nonce))
        return json_lacks(c, "nonces");
    if (id == NULL || !wallet_id_is_read(octets, id) ||
        memcmp(octets, server_nonce, sizeof octets) != 0)
        return json_lacks(c, "wallet");
    if (json_number(wallet, "server") != SERVER_INDEX) return json_lacks(c, "server");
    memcpy(w->wallet, id, sizeof w->wallet);
    w->record.server = SERVER_INDEX;
    return hex_is_read(w->record.session, WALLET_ID_BYTES, r->session) ? CLI_OK : CLI_BUG;
}

/* --- key generation --- */

static cli_exit keep_pending(cli *c, rounds *r, size_t i, void *arg)
{
    const creation *w = arg;
    csig_share *share;
    cli_exit code;

    CLI_TRY(cli_check(c, csig_keygen_share(r->s[i], &share), "the new share"));
    code = wallet_prepare(c, r->d[i], w->wallet);
    if (code == CLI_OK && w->keys.count > 0) code = keys_write(c, r->d[i], w->wallet, &w->keys);
    if (code == CLI_OK)
        code = escrows_stage(c, r->d[i], w->wallet, share, &w->keys, r->s[i], csig_keygen_escrow);
    if (code == CLI_OK) code = wallet_keep_pending(c, r->d[i], w->wallet, &w->record, share);
    csig_share_free(share);
    return code;
}

static cli_exit start_sessions(cli *c, const creation *w, rounds *r)
{
    const devices *all = w->all;
    uint8_t id[CSIG_PARTIES_MAX][CSIG_IDENTITY_BYTES];
    uint16_t online[CSIG_PARTIES_MAX];

    memcpy(id[SERVER_INDEX - 1], w->server, CSIG_IDENTITY_BYTES);
    for (size_t i = 0; i < all->count; i++)
        memcpy(id[index_of_device(i) - 1], all->d[i]->id, CSIG_IDENTITY_BYTES);
    for (size_t i = 0; i < w->offlines; i++)
        memcpy(id[index_of_device(all->count + i) - 1], w->offline[i].identity,
               CSIG_IDENTITY_BYTES);
    for (uint16_t i = 0; i <= all->count; i++)
        online[i] = (uint16_t)(i + 1);
    for (size_t i = 0; i < all->count; i++) {
        const csig_keygen_params params = {.identity = all->d[i]->identity,
                                           .signers_required = (uint16_t)c->signers_required,
                                           .parties = w->parties,
                                           .self = index_of_device(i),
                                           .commits = SERVER_INDEX,
                                           .identities = id[0],
                                           .nonces = w->nonce[0],
                                           .indices = online,
                                           .count = (uint16_t)(all->count + 1),
                                           .recovery = keys_lent(&w->keys)};
        csig_session *s;

        CLI_TRY(cli_check(c, csig_keygen_session(&s, &params), "key generation"));
        rounds_add(r, s, params.self, all->d[i]);
    }
    return CLI_OK;
}

static cli_exit tell_birth(cli *c, const char *wallet, const csig_share_info *info)
{
    char key[2 * CSIG_PUBKEY_BYTES + 1];
    AUTO_JSON j = json_new();

    hex_write(key, info->public_key, CSIG_PUBKEY_BYTES);
    json_put_text(j, "wallet", wallet);
    json_put_number(j, "signers_required", info->signers_required);
    json_put_number(j, "parties", info->parties);
    json_put_text(j, "public_key", key);
    return cli_tell(c, j, "wallet %s\n  %u of %u parties sign\n  public key  %s\n", wallet,
                    info->signers_required, info->parties, key);
}

static cli_exit write_transcript(cli *c, const creation *w, csig_session *s)
{
    transcript t = {
        .operation = "keygen", .wallet = w->wallet, .server = w->server, .count = w->all->count};

    for (size_t i = 0; i < t.count; i++)
        t.here[i] = w->all->d[i];
    return transcript_write(c, &t, s);
}

/* All have verified the server's commit. */
static cli_exit finish(cli *c, creation *w, rounds *r)
{
    csig_share_info info;
    csig_share *share;

    for (size_t i = 0; i < r->count; i++) {
        CLI_TRY(cli_check(c, csig_keygen_commit(r->s[i], w->record.commit), "the server's commit"));
        CLI_TRY(wallet_born(c, r->d[i], w->wallet, &w->record));
        CLI_TRY(escrows_tidy(c, r->d[i], w->wallet));
    }
    CLI_TRY(cli_check(c, csig_keygen_share(r->s[0], &share), "the new share"));
    csig_share_describe(share, &info);
    csig_share_free(share);
    CLI_TRY(tell_birth(c, w->wallet, &info));
    return write_transcript(c, w, r->s[0]);
}

static cli_exit create(cli *c, const devices *all)
{
    creation w = {.all = all, .parties = (uint16_t)(all->count + 1 + c->recoveries)};
    AUTO_ROUNDS r = {.store = keep_pending, .arg = &w};
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;
    cli_exit code;

    CLI_TRY(read_cards(c, &w));
    CLI_TRY(check_keys(c, &w));
    CLI_TRY(server_pinned(c, w.server));
    for (size_t i = 0; i < all->count; i++)
        CLI_TRY(lock_check(c, all->d[i], w.server));
    memcpy(r.server, w.server, sizeof r.server);
    write_body(c, &w, body);
    CLI_TRY(client_json(c, "POST", "/v1/wallets", body, &answer));
    CLI_TRY(read_answer(c, answer, &r, &w));
    CLI_TRY(start_sessions(c, &w, &r));
    CLI_TRY(transcript_keep(c, r.s[0]));
    code = rounds_run(c, &r);
    if (code == CLI_OFFLINE)
        cli_note(c, "whether the wallet was born is decided when the server is reached again: run "
                    "countersign wallet list then");
    CLI_TRY(code);
    return finish(c, &w, &r);
}

static cli_exit check_numbers(cli *c, size_t count)
{
    const unsigned online = (unsigned)count + 1, parties = online + (unsigned)c->recoveries;

    if (parties > CSIG_PARTIES_MAX)
        return cli_fail(c, CLI_USAGE, "a wallet has at most %d parties: name fewer devices",
                        CSIG_PARTIES_MAX);
    if (c->parties != 0 && c->parties != parties)
        return cli_fail(c, CLI_USAGE,
                        "%u parties are the server and %u devices or recovery cards; here %s %u: "
                        "name them with --device and --recovery",
                        c->parties, c->parties - 1, parties == 2 ? "is" : "are", parties - 1);
    if (c->signers_required < 2 || c->signers_required > online)
        return cli_fail(c, CLI_USAGE, "--signers takes 2 to %u: the server and %zu device%s%s",
                        online, count, count == 1 ? "" : "s",
                        parties > online ? " make the key together" : "");
    return CLI_OK;
}

cli_exit cmd_wallet_create(cli *c)
{
    AUTO_DEVICES all = {0};

    if (c->signers_required < 2)
        return cli_fail(c, CLI_USAGE, "--signers takes how many sign together: 2 or more");
    CLI_TRY(begin_with_devices(c, &all));
    CLI_TRY(check_numbers(c, all.count));
    CLI_TRY(transcript_begin(c));
    return create(c, &all);
}
