/* wallet create, list, show, unlock. */
#include <stdlib.h>
#include <string.h>

#include "cli/parties.h"
#include "cli/seal.h"

/* --- create --- */

typedef struct creation {
    const devices *all;
    char wallet[2 * WALLET_ID_BYTES + 1];
    wallet_record record;
} creation;

static cli_exit keep_pending(cli *c, rounds *r, size_t i, void *arg)
{
    const creation *w = arg;
    csig_share *share;
    cli_exit code;

    CLI_TRY(cli_check(c, csig_keygen_share(r->s[i], &share), "the new share"));
    code = wallet_keep_pending(c, w->all->d[i], w->wallet, &w->record, share);
    csig_share_free(share);
    return code;
}

/* The parties as the server will see them: own devices first and from 3, the server at 2. */
static uint16_t index_of_device(size_t i)
{
    return (uint16_t)(i == 0 ? 1 : i + 2);
}

static void write_body(const cli *c, const devices *all, uint8_t nonce[][CSIG_NONCE_BYTES],
                       json *body)
{
    json *ids = json_array_new(), *nonces = json_array_new(), *allow = json_array_new();

    for (size_t i = 0; i < all->count; i++) {
        uint8_t *own = nonce[index_of_device(i) - 1];

        random_octets(own, CSIG_NONCE_BYTES);
        json_push_octets(ids, all->d[i]->id, CSIG_IDENTITY_BYTES);
        json_push_octets(nonces, own, CSIG_NONCE_BYTES);
    }
    json_push_text(allow, "digest");
    json_put_number(body, "signers_required", c->signers_required);
    json_put_number(body, "parties", (int64_t)all->count + 1);
    json_put(body, "devices", ids);
    json_put(body, "nonces", nonces);
    json_put(body, "allow", allow);
}

static cli_exit read_answer(cli *c, const json *answer, rounds *r, creation *w,
                            uint8_t server_nonce[CSIG_NONCE_BYTES])
{
    const json *wallet = json_member(answer, "wallet"), *session = json_member(answer, "session");
    const char *id = json_text(wallet, "wallet"), *nonce;
    uint8_t octets[WALLET_ID_BYTES];

    CLI_TRY(rounds_begin(c, r, session));
    nonce = json_text_at(json_member(session, "nonces"), 1);
    if (id == NULL || !hex_is_read(octets, sizeof octets, id) || nonce == NULL ||
        !hex_is_read(server_nonce, CSIG_NONCE_BYTES, nonce) || json_number(wallet, "server") != 2)
        return cli_fail(c, CLI_REFUSED, "the server's reply does not describe the new wallet");
    memcpy(w->wallet, id, sizeof w->wallet);
    w->record.server = 2;
    return hex_is_read(w->record.session, WALLET_ID_BYTES, r->session) ? CLI_OK : CLI_BUG;
}

static cli_exit start_sessions(cli *c, const devices *all, const pinned *server,
                               const uint8_t nonce[][CSIG_NONCE_BYTES], rounds *r)
{
    uint8_t id[CSIG_PARTIES_MAX][CSIG_IDENTITY_BYTES];

    memcpy(id[1], server->id, CSIG_IDENTITY_BYTES);
    for (size_t i = 0; i < all->count; i++)
        memcpy(id[index_of_device(i) - 1], all->d[i]->id, CSIG_IDENTITY_BYTES);
    for (size_t i = 0; i < all->count; i++) {
        const csig_keygen_params params = {.identity = all->d[i]->identity,
                                           .signers_required = (uint16_t)c->signers_required,
                                           .parties = (uint16_t)(all->count + 1),
                                           .self = index_of_device(i),
                                           .commits = 2,
                                           .identities = id[0],
                                           .nonces = nonce[0]};
        csig_session *s;

        CLI_TRY(cli_check(c, csig_keygen_session(&s, &params), "key generation"));
        rounds_add(r, s, params.self);
    }
    return CLI_OK;
}

static void tell_key(const cli *c, const char *wallet, const csig_share_info *info)
{
    char key[2 * CSIG_PUBKEY_BYTES + 1];

    hex_write(key, info->public_key, CSIG_PUBKEY_BYTES);
    if (c->json)
        printf("{\"wallet\":\"%s\",\"public_key\":\"%s\",\"signers_required\":%u,\"parties\":%u}\n",
               wallet, key, info->signers_required, info->parties);
    else
        printf("wallet %s\n  %u of %u parties sign\n  public key %s\n", wallet,
               info->signers_required, info->parties, key);
}

static cli_exit finish(cli *c, creation *w, rounds *r)
{
    csig_share_info info = {0};

    for (size_t i = 0; i < r->count; i++) {
        csig_share *share;

        CLI_TRY(cli_check(c, csig_keygen_commit(r->s[i], w->record.commit), "the server's commit"));
        CLI_TRY(wallet_born(c, w->all->d[i], w->wallet, &w->record));
        CLI_TRY(cli_check(c, csig_keygen_share(r->s[i], &share), "the new share"));
        csig_share_describe(share, &info);
        csig_share_free(share);
    }
    tell_key(c, w->wallet, &info);
    return CLI_OK;
}

static cli_exit create(cli *c, const devices *all)
{
    uint8_t nonce[CSIG_PARTIES_MAX][CSIG_NONCE_BYTES] = {{0}};
    creation w = {.all = all};
    AUTO_ROUNDS r = {.store = keep_pending};
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;
    pinned server;

    r.arg = &w;
    CLI_TRY(server_pinned(c, &server));
    write_body(c, all, nonce, body);
    CLI_TRY(client_json(c, "POST", "/v1/wallets", body, &answer));
    CLI_TRY(read_answer(c, answer, &r, &w, nonce[1]));
    CLI_TRY(start_sessions(c, all, &server, nonce, &r));
    CLI_TRY(rounds_run(c, &r));
    return finish(c, &w, &r);
}

cli_exit cmd_wallet_create(cli *c)
{
    AUTO_DEVICES all = {0};

    CLI_TRY(cli_unseal(c, false));
    CLI_TRY(devices_open(c, &all));
    CLI_TRY(wallets_reconcile(c, &all));
    if (c->parties != 0 && c->parties != all.count + 1)
        return cli_fail(c, CLI_USAGE,
                        "%u parties are the server and %u devices; name them with --device, "
                        "here are %zu",
                        c->parties, c->parties - 1, all.count);
    if (all.count + 1 > CSIG_PARTIES_MAX)
        return cli_fail(c, CLI_USAGE, "a wallet has at most %d parties", CSIG_PARTIES_MAX);
    return create(c, &all);
}

/* --- list, show --- */

typedef struct listing {
    const device *d;
    size_t shown;
} listing;

static cli_exit list_one(cli *c, const char *wallet, void *arg)
{
    listing *l = arg;
    wallet_record record;
    csig_share_info info;
    csig_share *share;
    char path[PATH_ROOM], key[2 * CSIG_PUBKEY_BYTES + 1];

    CLI_TRY(wallet_path(c, l->d, wallet, "pending", path));
    if (file_is_there(path)) {
        fprintf(stderr, "wallet %s on device %s is pending: the server was not reached to ask\n",
                wallet, l->d->name);
        return CLI_OK;
    }
    if (!wallet_is_here(c, l->d, wallet)) return CLI_OK;
    CLI_TRY(wallet_open(c, l->d, wallet, &record, &share));
    csig_share_describe(share, &info);
    csig_share_free(share);
    hex_write(key, info.public_key, CSIG_PUBKEY_BYTES);
    if (c->json)
        printf("{\"wallet\":\"%s\",\"device\":\"%s\",\"index\":%u,\"signers_required\":%u,"
               "\"parties\":%u,"
               "\"epoch\":%llu,\"public_key\":\"%s\"}\n",
               wallet, l->d->name, info.self, info.signers_required, info.parties,
               (unsigned long long)info.epoch, key);
    else
        printf("%s  %u of %u  party %u (%s)  epoch %llu  %s\n", wallet, info.signers_required,
               info.parties, info.self, l->d->name, (unsigned long long)info.epoch, key);
    l->shown++;
    return CLI_OK;
}

cli_exit cmd_wallet_list(cli *c)
{
    AUTO_DEVICES all = {0};
    size_t shown = 0;

    CLI_TRY(cli_unseal(c, false));
    CLI_TRY(devices_open(c, &all));
    CLI_TRY(wallets_reconcile(c, &all));
    for (size_t i = 0; i < all.count; i++) {
        listing l = {.d = all.d[i]};
        char path[PATH_ROOM];

        CLI_TRY(path_join(c, path, all.d[i]->folder, "wallets", NULL));
        CLI_TRY(folder_each(c, path, list_one, &l));
        shown += l.shown;
    }
    if (shown == 0 && !c->json) fprintf(stderr, "no wallets here\n");
    return CLI_OK;
}

/* Any device here that has the wallet can tell. */
static cli_exit open_any(cli *c, const devices *all, csig_share **share)
{
    wallet_record record;

    if (c->wallet == NULL)
        return cli_fail(c, CLI_USAGE, "name the wallet; see: countersign wallet list");
    for (size_t i = 0; i < all->count; i++)
        if (wallet_is_here(c, all->d[i], c->wallet))
            return wallet_open(c, all->d[i], c->wallet, &record, share);
    return cli_fail(c, CLI_REFUSED, "no device here has wallet %s; see: countersign wallet list",
                    c->wallet);
}

static void tell_child(const cli *c, const uint8_t child[CSIG_PUBKEY_BYTES])
{
    char key[2 * CSIG_PUBKEY_BYTES + 1];

    hex_write(key, child, CSIG_PUBKEY_BYTES);
    if (c->json)
        printf("{\"wallet\":\"%s\",\"path\":\"%s\",\"public_key\":\"%s\"}\n", c->wallet, c->path,
               key);
    else
        printf("wallet %s\n  path %s\n  public key %s\n", c->wallet, c->path, key);
}

cli_exit cmd_wallet_show(cli *c)
{
    AUTO_DEVICES all = {0};
    uint32_t path[CSIG_PATH_MAX];
    uint8_t child[CSIG_PUBKEY_BYTES];
    csig_share_info info;
    csig_share *share;
    csig_err err;
    size_t depth;

    CLI_TRY(path_read(c, c->path, path, &depth));
    CLI_TRY(cli_unseal(c, false));
    CLI_TRY(devices_open(c, &all));
    CLI_TRY(wallets_reconcile(c, &all));
    CLI_TRY(open_any(c, &all, &share));
    csig_share_describe(share, &info);
    err = csig_share_child(share, path, depth, child, NULL);
    csig_share_free(share);
    CLI_TRY(cli_check(c, err, "derivation"));
    if (depth == 0)
        tell_key(c, c->wallet, &info);
    else
        tell_child(c, child);
    return CLI_OK;
}

/* --- unlock --- */

cli_exit cmd_wallet_unlock(cli *c)
{
    AUTO_DEVICES all = {0};
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;
    char path[128];
    pinned server;

    if (c->wallet == NULL)
        return cli_fail(c, CLI_USAGE, "name the wallet; see: countersign wallet list");
    CLI_TRY(cli_unseal(c, false));
    CLI_TRY(devices_open(c, &all));
    CLI_TRY(server_pinned(c, &server));
    json_put_octets(body, "device", all.d[0]->id, CSIG_IDENTITY_BYTES);
    snprintf(path, sizeof path, "/v1/wallets/%.64s/unlock", c->wallet);
    CLI_TRY(client_json(c, "POST", path, body, &answer));
    if (c->json)
        printf("{\"wallet\":\"%s\",\"device\":\"%s\",\"unlocked\":true}\n", c->wallet,
               all.d[0]->name);
    else
        printf("unlocked: device %s with the server\n", all.d[0]->name);
    return CLI_OK;
}
