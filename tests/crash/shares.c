/* Opens a server's store and a phone's folder with the secrets of the tests and holds all shares
 * against each other: every one is x_i of its X_i; two of one epoch give the key, two of different
 * epochs do not. Nothing of this is in the product.
 *
 * Usage: csig_shares KEY_FILE PASSPHRASE_FILE SERVER PHONE [SERVER PHONE]...
 *        csig_shares PASSPHRASE_FILE PHONE, csig_shares server KEY_FILE SERVER: the secrets of a
 *        phone or a server, for who looks for them where they must not be; {"wallet", "x"} each
 * The first two folders are now, the others were before. One JSON object per wallet of now on
 * stdout; 1 and a sentence on stderr when something does not hold. Wallets of threshold two. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/device.h"
#include "cli/folder.h"
#include "cli/seal.h"
#include "cli/wallet.h"
#include "service/vault.h"
#include "share/share.h"

#define SHARES_MAX 64
#define CURRENT    2 /* slots: api/store/schema */
#define STAGED     3

typedef struct held {
    char wallet[2 * WALLET_ID_BYTES + 1];
    bool now, staged, of_server;
    csig_share *share;
} held;

static held all[SHARES_MAX];
static size_t n_all;

static void fail(const char *what, const char *where)
{
    fprintf(stderr, "%s: %s\n", what, where);
    exit(1);
}

static held *add(const char *wallet, bool now)
{
    held *h = &all[n_all++];

    if (n_all > SHARES_MAX) fail("too many shares", wallet);
    *h = (held){.now = now};
    snprintf(h->wallet, sizeof h->wallet, "%s", wallet);
    return h;
}

/* --- the server's --- */

static csigd_vault *open_vault(sqlite3 *db, const char *key_file)
{
    csigd_vault *vault = NULL;
    csigd_secret secret;
    sqlite3_stmt *s;
    csigd_blob wrap;
    char why[256];

    if (!csigd_secret_is_from_key_file(&secret, key_file, why, sizeof why)) fail(why, key_file);
    if (sqlite3_prepare_v2(db, "SELECT wrap FROM boot", -1, &s, NULL) != SQLITE_OK ||
        sqlite3_step(s) != SQLITE_ROW)
        fail(sqlite3_errmsg(db), "boot");
    wrap = (csigd_blob){(uint8_t *)(uintptr_t)sqlite3_column_blob(s, 0),
                        (size_t)sqlite3_column_bytes(s, 0)};
    if (csigd_vault_open(&vault, &wrap, &secret) != CSIG_OK) fail("the vault stays shut", key_file);
    sqlite3_finalize(s);
    csigd_secret_free(&secret);
    return vault;
}

static void open_row(sqlite3_stmt *s, const csigd_vault *vault, bool now)
{
    const csigd_blob key = {(uint8_t *)(uintptr_t)sqlite3_column_blob(s, 2),
                            (size_t)sqlite3_column_bytes(s, 2)};
    held *h = add((const char *)sqlite3_column_text(s, 0), now);
    uint8_t id[WALLET_ID_BYTES], *wrapping = csigd_locked_alloc(CSIGD_WRAPPING_BYTES);
    csig_sealer sealer;

    h->of_server = true;
    h->staged = sqlite3_column_int(s, 1) == STAGED;
    if (wrapping == NULL || !wallet_id_is_read(id, h->wallet)) fail("no memory", h->wallet);
    if (csigd_vault_open_key(vault, id, sizeof id, &key, wrapping) != CSIG_OK)
        fail("the server's wrapping key does not open", h->wallet);
    sealer = csig_sealer_from_key(wrapping);
    if (csig_share_import(&h->share, &sealer, sqlite3_column_blob(s, 3),
                          (size_t)sqlite3_column_bytes(s, 3)) != CSIG_OK)
        fail("the server's share does not open", h->wallet);
    csigd_locked_free(wrapping);
}

static void open_server(const char *folder, const char *key_file, bool now)
{
    static const char sql[] = "SELECT lower(hex(shares.wallet)), slot, share_keys.sealed, "
                              "shares.sealed FROM shares JOIN share_keys USING (wallet, slot) "
                              "WHERE slot IN (2, 3)";
    char path[512];
    sqlite3_stmt *s;
    sqlite3 *db;
    csigd_vault *vault;

    snprintf(path, sizeof path, "%s/store.db", folder);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) fail(path, "no store");
    sqlite3_busy_timeout(db, 300000);
    vault = open_vault(db, key_file);
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK) fail(sqlite3_errmsg(db), path);
    while (sqlite3_step(s) == SQLITE_ROW)
        open_row(s, vault, now);
    sqlite3_finalize(s);
    csigd_vault_free(vault);
    sqlite3_close(db);
}

/* --- the phone's --- */

typedef struct walk {
    const device *d;
    bool now;
} walk;

static cli_exit open_slot(cli *c, const walk *w, const char *wallet, const char *name)
{
    char path[PATH_ROOM];
    held *h;

    CLI_TRY(path_join(c, path, w->d->folder, "wallets", wallet, name, NULL));
    if (!file_is_there(path)) return CLI_OK;
    h = add(wallet, w->now);
    h->staged = strcmp(name, "staged") == 0;
    return load_share(c, w->d, path, &h->share);
}

static cli_exit open_wallet(cli *c, const char *wallet, void *arg)
{
    CLI_TRY(open_slot(c, arg, wallet, "share"));
    return open_slot(c, arg, wallet, "staged");
}

static cli_exit open_devices(cli *c, bool now)
{
    devices d;
    walk w = {.now = now};

    CLI_TRY(cli_unseal(c, false));
    CLI_TRY(devices_open_all(c, &d));
    for (size_t i = 0; i < d.count; i++) {
        w.d = d.d[i];
        CLI_TRY(wallet_each(c, w.d, open_wallet, &w));
    }
    devices_close(&d);
    return CLI_OK;
}

static void open_phone(const char *folder, const char *passphrase, bool now)
{
    cli c = {.state = folder, .passphrase_file = passphrase, .passphrase_fd = -1};

    if (open_devices(&c, now) != CLI_OK) fail(c.message, folder);
    cli_forget(&c);
}

/* --- against each other --- */

static void check_own(const held *h)
{
    csig_point X;

    if (!csig_point_has_mul_g_var(&X, &h->share->x) ||
        !csig_point_is_eq(&X, &h->share->X[h->share->self - 1]))
        fail("a share is not that of its X", h->wallet);
    if (h->share->t != 2) fail("a threshold this program does not know", h->wallet);
}

static bool gives_the_key(const csig_share *a, const csig_share *b)
{
    const uint16_t set[2] = {a->self, b->self};
    const csig_share *const share[2] = {a, b};
    csig_scalar key = {0}, l, term;
    csig_point P;

    for (int i = 0; i < 2; i++) {
        csig_lagrange(&l, set[i], set, 2);
        csig_scalar_mul(&term, &l, &share[i]->x);
        csig_scalar_add(&key, &key, &term);
    }
    return csig_point_has_mul_g_var(&P, &key) && csig_point_is_eq(&P, &a->pk);
}

static bool epoch_is_one(const csig_share *a, const csig_share *b)
{
    return a->epoch == b->epoch && a->attempt == b->attempt &&
           memcmp(a->epoch_state, b->epoch_state, sizeof a->epoch_state) == 0;
}

/* How many other shares of now are of its epoch? */
static size_t check_pairs(const held *h)
{
    size_t together = 0;

    for (size_t i = 0; i < n_all; i++) {
        const held *o = &all[i];
        const bool same = epoch_is_one(h->share, o->share);

        if (strcmp(h->wallet, o->wallet) != 0) continue;
        if (!csig_point_is_eq(&h->share->pk, &o->share->pk)) fail("another key", h->wallet);
        if (h->share->self == o->share->self) continue;
        if (gives_the_key(h->share, o->share) != same)
            fail(same ? "two shares of one epoch do not give the key"
                      : "two shares of different epochs give the key",
                 h->wallet);
        together += same && o->now;
    }
    return together;
}

static void hex(char *out, const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        snprintf(out + 2 * i, 3, "%02x", p[i]);
}

static void tell(const held *h)
{
    uint8_t pk[CSIG_POINT_BYTES];
    char state[65], key[67];
    size_t parties = 0, staged = 0, others = 0;

    csig_point_to_bytes(pk, &h->share->pk);
    hex(state, h->share->epoch_state, 32);
    hex(key, pk, sizeof pk);
    for (size_t i = 0; i < n_all; i++) {
        const held *o = &all[i];

        if (!o->now || strcmp(h->wallet, o->wallet) != 0) continue;
        staged += o->staged;
        parties += !o->staged && epoch_is_one(h->share, o->share);
        others += !o->staged && !epoch_is_one(h->share, o->share);
    }
    printf("{\"wallet\":\"%s\",\"epoch\":%llu,\"attempt\":%llu,\"epoch_state\":\"%s\","
           "\"public_key\":\"%s\",\"parties\":%zu,\"others\":%zu,\"staged\":%zu}\n",
           h->wallet, (unsigned long long)h->share->epoch, (unsigned long long)h->share->attempt,
           state, key, parties, others, staged);
}

static int tell_secrets(void)
{
    for (size_t i = 0; i < n_all; i++) {
        char text[2 * CSIG_SCALAR_BYTES + 1];

        hex(text, all[i].share->x.b, CSIG_SCALAR_BYTES);
        printf("{\"wallet\":\"%s\",\"x\":\"%s\"}\n", all[i].wallet, text);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && csig_init() == CSIG_OK) {
        open_phone(argv[2], argv[1], true);
        return tell_secrets();
    }
    if (argc == 4 && strcmp(argv[1], "server") == 0 && csig_init() == CSIG_OK) {
        open_server(argv[3], argv[2], true);
        return tell_secrets();
    }
    if (argc < 5 || argc % 2 == 0) fail("usage", "KEY PASSPHRASE SERVER PHONE [SERVER PHONE]...");
    if (csig_init() != CSIG_OK) fail("no randomness", argv[0]);
    for (int i = 3; i < argc; i += 2) {
        open_server(argv[i], argv[1], i == 3);
        open_phone(argv[i + 1], argv[2], i == 3);
    }
    for (size_t i = 0; i < n_all; i++)
        check_own(&all[i]);
    for (size_t i = 0; i < n_all; i++) {
        const size_t together = check_pairs(&all[i]);

        if (!all[i].now || !all[i].of_server || all[i].staged) continue;
        if (together == 0) fail("nobody is at the server's epoch: a share is lost", all[i].wallet);
        tell(&all[i]);
    }
    return 0;
}
