#include "cli/history.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/seal.h"

#define TIME_BYTES 8
#define REQUEST_AT WALLET_ID_BYTES
#define WHAT_AT    (REQUEST_AT + CSIG_REQUEST_ID_BYTES)
#define TIME_AT    (WHAT_AT + WHAT_BYTES)
#define COUNT_AT   (TIME_AT + TIME_BYTES)
#define ROW_BYTES  (COUNT_AT + 1)
#define ROW_MAX    (ROW_BYTES + CSIG_TRANSFERS_MAX * (1 + CSIG_ASSET_BYTES + CSIG_AMOUNT_BYTES))
#define FULL       ((size_t)8 << 20)
#define AD_BYTES   (CLI_HEADER_BYTES + CSIG_IDENTITY_BYTES)

void history_close(history *h)
{
    blob_free(&h->rows);
}

static void put_time(uint8_t out[TIME_BYTES], int64_t t)
{
    for (int i = 0; i < TIME_BYTES; i++)
        out[i] = (uint8_t)((uint64_t)t >> (56 - 8 * i));
}

static int64_t get_time(const uint8_t in[TIME_BYTES])
{
    uint64_t t = 0;

    for (int i = 0; i < TIME_BYTES; i++)
        t = t << 8 | in[i];
    return (int64_t)t;
}

/* --- rows --- */

/* 0: there is no whole row. */
static size_t row_length(const uint8_t *row, size_t left)
{
    size_t at = ROW_BYTES;

    if (left < ROW_BYTES) return 0;
    for (unsigned i = 0; i < row[COUNT_AT]; i++) {
        if (at == left || row[at] >= CSIG_ASSET_BYTES) return 0;
        at += (size_t)1 + row[at] + CSIG_AMOUNT_BYTES;
        if (at > left) return 0;
    }
    return at;
}

static size_t row_length_at(const history *h, size_t at)
{
    return row_length(h->rows.p + at, h->rows.len - at);
}

static bool rows_are_whole(const history *h)
{
    size_t at = 0, len;

    while (at < h->rows.len) {
        len = row_length_at(h, at);
        if (len == 0) return false;
        at += len;
    }
    return true;
}

static bool row_is(const uint8_t *row, const spending *s)
{
    return memcmp(row, s->wallet, sizeof s->wallet) == 0 &&
           memcmp(row + REQUEST_AT, s->request, sizeof s->request) == 0 &&
           memcmp(row + WHAT_AT, s->what, sizeof s->what) == 0;
}

/* Is this row of what was signed before, within the window? */
static bool row_counts(const uint8_t *row, const spending *s, int64_t after)
{
    return memcmp(row, s->wallet, sizeof s->wallet) == 0 && get_time(row + TIME_AT) > after &&
           !row_is(row, s);
}

uint64_t history_count(const history *h, const spending *s, int64_t after)
{
    uint64_t n = 0;

    for (size_t at = 0; at < h->rows.len; at += row_length_at(h, at))
        n += row_counts(h->rows.p + at, s, after);
    return n;
}

static void add_amounts(const uint8_t *row, const char *asset, uint8_t sum[CSIG_AMOUNT_BYTES])
{
    const size_t len = strlen(asset);
    const uint8_t *p = row + ROW_BYTES;

    for (unsigned i = 0; i < row[COUNT_AT]; i++) {
        const uint8_t *amount = p + 1 + p[0];

        if (p[0] == len && strncasecmp((const char *)p + 1, asset, len) == 0)
            csig_amount_add(sum, amount);
        p = amount + CSIG_AMOUNT_BYTES;
    }
}

void history_sum(const history *h, const spending *s, const char *asset, int64_t after,
                 uint8_t sum[CSIG_AMOUNT_BYTES])
{
    memset(sum, 0, CSIG_AMOUNT_BYTES);
    for (size_t at = 0; at < h->rows.len; at += row_length_at(h, at))
        if (row_counts(h->rows.p + at, s, after)) add_amounts(h->rows.p + at, asset, sum);
}

size_t history_rows(const history *h)
{
    size_t n = 0;

    for (size_t at = 0; at < h->rows.len; at += row_length_at(h, at))
        n++;
    return n;
}

/* --- one more --- */

static bool asset_is_new(const csig_facts *facts, size_t i)
{
    if (facts->transfers[i].to_self) return false;
    for (size_t j = 0; j < i; j++)
        if (!facts->transfers[j].to_self &&
            strcasecmp(facts->transfers[j].asset, facts->transfers[i].asset) == 0)
            return false;
    return true;
}

static size_t write_row(uint8_t row[ROW_MAX], const spending *s, int64_t now)
{
    uint8_t *p = row + ROW_BYTES;

    memcpy(row, s->wallet, sizeof s->wallet);
    memcpy(row + REQUEST_AT, s->request, sizeof s->request);
    memcpy(row + WHAT_AT, s->what, sizeof s->what);
    put_time(row + TIME_AT, now);
    row[COUNT_AT] = 0;
    for (size_t i = 0; i < s->facts->n_transfers; i++) {
        const char *asset = s->facts->transfers[i].asset;

        if (!asset_is_new(s->facts, i)) continue;
        p[0] = (uint8_t)strlen(asset);
        memcpy(p + 1, asset, p[0]);
        p += 1 + p[0];
        csig_facts_amount(s->facts, asset, p);
        p += CSIG_AMOUNT_BYTES;
        row[COUNT_AT]++;
    }
    return (size_t)(p - row);
}

/* In place: rows that no window reaches any more, and the one that is written anew. */
static void drop_rows(history *h, const spending *s, int64_t now)
{
    size_t at = 0, kept = 0;

    while (at < h->rows.len) {
        uint8_t *row = h->rows.p + at;
        const size_t len = row_length_at(h, at);

        at += len;
        if (row_is(row, s) || get_time(row + TIME_AT) <= now - CSIG_POLICY_SECONDS_MAX) continue;
        memmove(h->rows.p + kept, row, len);
        kept += len;
    }
    h->rows.len = kept;
}

cli_exit history_add(cli *c, history *h, const spending *s, int64_t now)
{
    uint8_t *larger;

    drop_rows(h, s, now);
    if (h->rows.len > FULL - ROW_MAX)
        return cli_fail(c, CLI_REFUSED,
                        "too much was signed within %d days for a device with a policy: %zu times",
                        CSIG_POLICY_SECONDS_MAX / 86400, history_rows(h));
    larger = realloc(h->rows.p, h->rows.len + ROW_MAX);
    if (larger == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    h->rows.p = larger;
    h->rows.len += write_row(h->rows.p + h->rows.len, s, now);
    h->newest = now;
    return CLI_OK;
}

/* --- the file --- */

cli_exit history_path(cli *c, const device *d, char path[PATH_ROOM])
{
    return path_join(c, path, d->folder, "policy.history", NULL);
}

/* Kind, version, level and whose it is. */
static void bind(const device *d, uint8_t ad[AD_BYTES])
{
    cli_header_write(ad, CLI_KIND_HISTORY);
    memcpy(ad + CLI_HEADER_BYTES, d->id, sizeof d->id);
}

cli_exit history_write(cli *c, const device *d, const history *h)
{
    const size_t plain_len = TIME_BYTES + h->rows.len;
    AUTO_BLOB plain = {.p = malloc(plain_len), .len = plain_len};
    AUTO_BLOB file = {.p = malloc(CLI_HEADER_BYTES + plain_len + CSIG_SEAL_OVERHEAD)};
    uint8_t ad[AD_BYTES];
    char path[PATH_ROOM];

    if (plain.p == NULL || file.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    put_time(plain.p, h->newest);
    if (h->rows.len > 0) memcpy(plain.p + TIME_BYTES, h->rows.p, h->rows.len);
    bind(d, ad);
    memcpy(file.p, ad, CLI_HEADER_BYTES);
    file.len = plain_len + CSIG_SEAL_OVERHEAD;
    if (d->sealer.seal(d->sealer.ctx, ad, sizeof ad, plain.p, plain.len, file.p + CLI_HEADER_BYTES,
                       &file.len) != 0)
        return cli_fail(c, CLI_LOCAL, "what was signed cannot be sealed");
    file.len += CLI_HEADER_BYTES;
    CLI_TRY(history_path(c, d, path));
    return file_write(c, path, file.p, file.len);
}

static cli_exit open_file(cli *c, const device *d, const char *path, const blob *file, history *h)
{
    uint8_t ad[AD_BYTES];

    CLI_TRY(cli_header_check(c, file, CLI_KIND_HISTORY, path));
    h->rows.p = malloc(file->len);
    if (h->rows.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    bind(d, ad);
    if (d->sealer.open(d->sealer.ctx, ad, sizeof ad, file->p + CLI_HEADER_BYTES,
                       file->len - CLI_HEADER_BYTES, h->rows.p, &h->rows.len) != 0)
        return cli_fail(c, CLI_SEALED,
                        "%s was altered, or is of another device; restore it, or begin anew: "
                        "countersign device policy clear",
                        path);
    if (h->rows.len < TIME_BYTES)
        return cli_file_is_damaged(c, path, "begin anew: countersign device policy clear");
    h->newest = get_time(h->rows.p);
    h->rows.len -= TIME_BYTES;
    memmove(h->rows.p, h->rows.p + TIME_BYTES, h->rows.len);
    if (h->newest >= 0 && rows_are_whole(h)) return CLI_OK;
    return cli_file_is_damaged(c, path, "begin anew: countersign device policy clear");
}

cli_exit history_read(cli *c, const device *d, history *h)
{
    AUTO_BLOB file = {0};
    char path[PATH_ROOM];

    *h = (history){.newest = 0};
    CLI_TRY(history_path(c, d, path));
    if (!file_is_there(path))
        return cli_fail(c, CLI_REFUSED,
                        "device %s has a policy, but %s is lost: how much was signed is not known. "
                        "Restore it, or begin anew: countersign device policy clear",
                        d->name, path);
    CLI_TRY(file_read(c, path, &file));
    return open_file(c, d, path, &file, h);
}
