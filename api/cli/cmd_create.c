/* wallet create: key generation with the server; every device here holds a share. */
#include <stdlib.h>
#include <string.h>

#include "cli/peers.h"
#include "cli/reconcile.h"
#include "cli/rounds.h"
#include "cli/seal.h"
#include "cli/server.h"
#include "cli/tell.h"
#include "cli/wallet.h"

#define SERVER_INDEX 2

typedef struct creation {
    const devices *all;
    uint8_t server[CSIG_IDENTITY_BYTES];
    char wallet[2 * WALLET_ID_BYTES + 1];
    wallet_record record;
    uint8_t nonce[CSIG_PARTIES_MAX][CSIG_NONCE_BYTES]; /* by index - 1 */
} creation;

/* The parties as the server will see them: own devices first and from 3, the server at 2. */
static uint16_t index_of_device(size_t i)
{
    return (uint16_t)(i == 0 ? 1 : i + 2);
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
    json_put_number(body, "parties", (int64_t)w->all->count + 1);
    json_put(body, "devices", ids);
    json_put(body, "nonces", nonces);
    json_put(body, "allow", allow);
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
    code = wallet_keep_pending(c, r->d[i], w->wallet, &w->record, share);
    csig_share_free(share);
    return code;
}

static cli_exit start_sessions(cli *c, const creation *w, rounds *r)
{
    const devices *all = w->all;
    uint8_t id[CSIG_PARTIES_MAX][CSIG_IDENTITY_BYTES];

    memcpy(id[SERVER_INDEX - 1], w->server, CSIG_IDENTITY_BYTES);
    for (size_t i = 0; i < all->count; i++)
        memcpy(id[index_of_device(i) - 1], all->d[i]->id, CSIG_IDENTITY_BYTES);
    for (size_t i = 0; i < all->count; i++) {
        const csig_keygen_params params = {.identity = all->d[i]->identity,
                                           .signers_required = (uint16_t)c->signers_required,
                                           .parties = (uint16_t)(all->count + 1),
                                           .self = index_of_device(i),
                                           .commits = SERVER_INDEX,
                                           .identities = id[0],
                                           .nonces = w->nonce[0]};
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

/* All have verified the server's commit. */
static cli_exit finish(cli *c, creation *w, rounds *r)
{
    csig_share_info info;
    csig_share *share;

    for (size_t i = 0; i < r->count; i++) {
        CLI_TRY(cli_check(c, csig_keygen_commit(r->s[i], w->record.commit), "the server's commit"));
        CLI_TRY(wallet_born(c, r->d[i], w->wallet, &w->record));
    }
    CLI_TRY(cli_check(c, csig_keygen_share(r->s[0], &share), "the new share"));
    csig_share_describe(share, &info);
    csig_share_free(share);
    return tell_birth(c, w->wallet, &info);
}

static cli_exit create(cli *c, const devices *all)
{
    creation w = {.all = all};
    AUTO_ROUNDS r = {.store = keep_pending, .arg = &w};
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;
    cli_exit code;

    CLI_TRY(server_pinned(c, w.server));
    for (size_t i = 0; i < all->count; i++)
        CLI_TRY(lock_check(c, all->d[i], w.server));
    memcpy(r.server, w.server, sizeof r.server);
    write_body(c, &w, body);
    CLI_TRY(client_json(c, "POST", "/v1/wallets", body, &answer));
    CLI_TRY(read_answer(c, answer, &r, &w));
    CLI_TRY(start_sessions(c, &w, &r));
    code = rounds_run(c, &r);
    if (code == CLI_OFFLINE)
        cli_note(c, "whether the wallet was born is decided when the server is reached again: run "
                    "countersign wallet list then");
    CLI_TRY(code);
    return finish(c, &w, &r);
}

static cli_exit check_numbers(cli *c, size_t count)
{
    const unsigned parties = (unsigned)count + 1;

    if (parties > CSIG_PARTIES_MAX)
        return cli_fail(c, CLI_USAGE, "a wallet has at most %d parties: name fewer devices",
                        CSIG_PARTIES_MAX);
    if (c->parties != 0 && c->parties != parties)
        return cli_fail(c, CLI_USAGE,
                        "%u parties are the server and %u devices; here %s %zu: name them with "
                        "--device",
                        c->parties, c->parties - 1, count == 1 ? "is" : "are", count);
    if (c->signers_required < 2 || c->signers_required > parties)
        return cli_fail(c, CLI_USAGE, "--signers takes 2 to %u: the server and %zu device%s",
                        parties, count, count == 1 ? "" : "s");
    return CLI_OK;
}

cli_exit cmd_wallet_create(cli *c)
{
    AUTO_DEVICES all = {0};

    if (c->signers_required < 2)
        return cli_fail(c, CLI_USAGE, "--signers takes how many sign together: 2 or more");
    CLI_TRY(begin_with_devices(c, &all));
    CLI_TRY(check_numbers(c, all.count));
    return create(c, &all);
}
