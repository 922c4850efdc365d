#include "cli/escrows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/seal.h"

#define WALLET_AT CLI_HEADER_BYTES
#define EPOCH_AT  (WALLET_AT + WALLET_ID_BYTES)
#define COMMIT_AT (EPOCH_AT + CSIG_EPOCH_BYTES)
#define LIST_AT   (COMMIT_AT + 64)

void escrows_free(escrows *e)
{
    blob_free(&e->b);
    *e = (escrows){.count = 0};
}

/* --- reading --- */

/* b is the whole file, and e's from here on. */
static cli_exit take_apart(cli *c, escrows *e, const char *name)
{
    const blob *b = &e->b;
    csig_err err;

    if (b->len < CLI_HEADER_BYTES || b->p[0] != CLI_KIND_ESCROWS)
        return cli_fail(c, CLI_INPUT,
                        "%s is no file of escrows, as countersign wallet escrows writes it", name);
    CLI_TRY(cli_header_check(c, b, CLI_KIND_ESCROWS, name));
    if (b->len <= LIST_AT || (b->len - LIST_AT) % CSIG_ESCROW_BYTES != 0)
        return cli_file_is_damaged(c, name, "get it again: countersign wallet escrows");
    hex_write(e->wallet, b->p + WALLET_AT, WALLET_ID_BYTES);
    e->epoch = b->p + EPOCH_AT;
    e->commit = b->p + COMMIT_AT;
    e->escrow = b->p + LIST_AT;
    e->count = (b->len - LIST_AT) / CSIG_ESCROW_BYTES;
    err = csig_epoch_describe(e->epoch, &e->info);
    if (err == CSIG_OK) return CLI_OK;
    return cli_fail(c, CLI_INPUT, "%s was altered: its epoch cannot be (%s)", name,
                    csig_err_name(err));
}

cli_exit escrows_read(cli *c, const char *path, escrows *e)
{
    *e = (escrows){.count = 0};
    CLI_TRY(file_read(c, path, &e->b));
    return take_apart(c, e, path);
}

/* Room for a file with so many octets behind the wallet's id. */
static cli_exit begin(cli *c, escrows *e, const char *wallet, size_t len)
{
    *e = (escrows){.b = {malloc(EPOCH_AT + len), EPOCH_AT + len}};
    if (e->b.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    cli_header_write(e->b.p, CLI_KIND_ESCROWS);
    if (wallet_id_is_read(e->b.p + WALLET_AT, wallet)) return CLI_OK;
    return cli_fail(c, CLI_BUG, "a wallet without id");
}

cli_exit escrows_fetch(cli *c, const char *wallet, escrows *e)
{
    AUTO_REPLY r = {0};
    char path[96];

    *e = (escrows){.count = 0};
    snprintf(path, sizeof path, "/v1/wallets/%s/escrows", wallet);
    CLI_TRY(client_call(c, "GET", path, NULL, NULL, 0, &r));
    if (r.status != 200) return client_problem(c, &r);
    CLI_TRY(begin(c, e, wallet, r.body.len));
    if (r.body.len > 0) memcpy(e->b.p + EPOCH_AT, r.body.p, r.body.len);
    return take_apart(c, e, "what the server gives as escrows");
}

/* --- looking at them --- */

static const uint8_t *nth(const escrows *e, size_t i)
{
    return e->escrow + i * CSIG_ESCROW_BYTES;
}

cli_exit escrows_at(cli *c, const escrows *e, size_t i, csig_escrow_info *info)
{
    const csig_err err = csig_escrow_describe(nth(e, i), info);

    if (err == CSIG_OK) return CLI_OK;
    return cli_fail(c, CLI_INPUT, "escrow number %zu of %zu is none, or was altered (%s)", i + 1,
                    e->count, csig_err_name(err));
}

cli_exit escrows_run(cli *c, const escrows *e, size_t from, size_t *count)
{
    csig_escrow_info first, next;

    CLI_TRY(escrows_at(c, e, from, &first));
    for (*count = 1; from + *count < e->count; ++*count) {
        CLI_TRY(escrows_at(c, e, from + *count, &next));
        if (next.index != first.index) break;
    }
    return CLI_OK;
}

csig_recovery_case escrows_case(const escrows *e, size_t from, size_t count,
                                const csig_escrow_info *first)
{
    return (csig_recovery_case){
        .epoch = e->epoch,
        .index = first->index,
        .recovery_key = first->recovery_key,
        .escrows = nth(e, from),
        .count = (uint16_t)count,
    };
}

/* Everything that one says is bound in its proof: so each is judged by what it says, and the one
 * that does not stand is the one that was altered or false from the start. */
static cli_exit name_false_one(cli *c, const escrows *e, const char *name)
{
    for (size_t i = 0; i < e->count; i++) {
        csig_escrow_info info;
        csig_recovery_case asked;
        csig_err err;

        CLI_TRY(escrows_at(c, e, i, &info));
        asked = escrows_case(e, i, 1, &info);
        err = csig_recovery_verify_one(&asked, nth(e, i));
        if (err == CSIG_OK) continue;
        return cli_fail(c, CLI_CHEAT,
                        "%s: the escrow of dealer %u for party %u (number %zu of %zu) is false or "
                        "was altered (%s). Get it again from the server or a phone: countersign "
                        "wallet escrows. False there, too, it is that dealer's lie",
                        name, info.dealer, info.index, i + 1, e->count, csig_err_name(err));
    }
    return CLI_OK;
}

static cli_exit verify_run(cli *c, const escrows *e, size_t from, size_t count, const char *name)
{
    csig_escrow_info first;
    csig_recovery_case asked;
    uint16_t culprit;
    csig_err err;

    CLI_TRY(escrows_at(c, e, from, &first));
    asked = escrows_case(e, from, count, &first);
    err = csig_recovery_verify(&asked, &culprit);
    if (err == CSIG_OK) return CLI_OK;
    CLI_TRY(name_false_one(c, e, name));
    return cli_fail(c, CLI_INPUT,
                    "%s: what is there for party %u is not its share: an escrow is missing, twice "
                    "or of another epoch (%s)",
                    name, first.index, csig_err_name(err));
}

cli_exit escrows_verify(cli *c, const escrows *e, const char *name)
{
    if (csig_epoch_commit_verify(e->epoch, ESCROWS_COMMITTER, e->commit) != CSIG_OK)
        return cli_fail(c, CLI_CHEAT,
                        "%s: the server's signature on epoch %llu is not good: it was altered, or "
                        "that epoch never was",
                        name, (unsigned long long)e->info.epoch);
    for (size_t at = 0, count; at < e->count; at += count) {
        CLI_TRY(escrows_run(c, e, at, &count));
        CLI_TRY(verify_run(c, e, at, count, name));
    }
    return CLI_OK;
}

cli_exit escrows_write(cli *c, const char *path, const escrows *e)
{
    if (file_is_there(path))
        return cli_fail(c, CLI_REFUSED, "%s is there already; escrows are never overwritten", path);
    return file_write(c, path, e->b.p, e->b.len);
}

/* --- a device's own --- */

static cli_exit path_of(cli *c, const device *d, const char *wallet, const char *file,
                        char path[PATH_ROOM])
{
    return path_join(c, path, d->folder, "wallets", wallet, file, NULL);
}

/* For every index with a key those of all dealers. */
static cli_exit gather(cli *c, const csig_share *share, const recovery_keys *keys, csig_session *s,
                       escrow_of *take, escrows *e)
{
    uint8_t *at = e->b.p + LIST_AT;

    CLI_TRY(cli_check(c, csig_share_epoch(share, e->b.p + EPOCH_AT), "the epoch"));
    memset(e->b.p + COMMIT_AT, 0, 64);
    for (uint16_t k = 0; k < keys->count; k++) {
        for (uint16_t dealer = 1; dealer <= CSIG_PARTIES_MAX; dealer++) {
            const csig_err err = take(s, dealer, keys->index[k], at);

            if (err == CSIG_E_ARGUMENT) continue; /* not online: no dealer */
            CLI_TRY(cli_check(c, err, "the escrows"));
            at += CSIG_ESCROW_BYTES;
        }
    }
    e->b.len = (size_t)(at - e->b.p);
    return CLI_OK;
}

cli_exit escrows_stage(cli *c, const device *d, const char *wallet, const csig_share *share,
                       const recovery_keys *keys, csig_session *s, escrow_of *take)
{
    AUTO_ESCROWS e = {.count = 0};
    char path[PATH_ROOM];

    if (keys->count == 0) return CLI_OK;
    CLI_TRY(begin(c, &e, wallet,
                  LIST_AT - EPOCH_AT + (size_t)CSIG_PARTIES_MAX * keys->count * CSIG_ESCROW_BYTES));
    CLI_TRY(gather(c, share, keys, s, take, &e));
    CLI_TRY(path_of(c, d, wallet, "escrows.staged", path));
    return file_write(c, path, e.b.p, e.b.len);
}

cli_exit escrows_keep(cli *c, const device *d, const char *wallet, const escrows *e)
{
    char path[PATH_ROOM];

    CLI_TRY(path_of(c, d, wallet, "escrows", path));
    return file_write(c, path, e->b.p, e->b.len);
}

cli_exit escrows_own(cli *c, const device *d, const char *wallet, escrows *e)
{
    char path[PATH_ROOM];

    *e = (escrows){.count = 0};
    CLI_TRY(path_of(c, d, wallet, "escrows", path));
    return file_is_there(path) ? escrows_read(c, path, e) : CLI_OK;
}

/* Of the share in use: with that share's commit they are its escrows. */
static cli_exit adopt(cli *c, const device *d, const char *wallet, escrows *e)
{
    wallet_record record;
    csig_share_info info;
    csig_share *share;

    CLI_TRY(wallet_open(c, d, wallet, &record, &share));
    csig_share_describe(share, &info);
    csig_share_free(share);
    if (memcmp(info.epoch_state, e->info.epoch_state, sizeof info.epoch_state) != 0) return CLI_OK;
    memcpy(e->b.p + COMMIT_AT, record.commit, sizeof record.commit);
    return escrows_keep(c, d, wallet, e);
}

cli_exit escrows_tidy(cli *c, const device *d, const char *wallet)
{
    AUTO_ESCROWS e = {.count = 0};
    char path[PATH_ROOM], staged[PATH_ROOM];

    CLI_TRY(path_of(c, d, wallet, "escrows.staged", path));
    CLI_TRY(path_of(c, d, wallet, "staged", staged));
    if (!file_is_there(path) || file_is_there(staged)) return CLI_OK;
    CLI_TRY(escrows_read(c, path, &e));
    CLI_TRY(adopt(c, d, wallet, &e));
    return file_remove(c, path);
}
