/* Wallets and their shares. */
#include <string.h>

#include "store/sqlite.h"

#define LIST_PART 100

/* --- wallets --- */

/* A refresh heals when the moduli that signed before it are destroyed: those of the devices are
 * when they sign with newer ones, and ours when no generation is here that is older than the
 * epoch's. */
#define REFRESHED                                                                                  \
    "CASE WHEN refreshed = 2 AND EXISTS (SELECT 1 FROM own_aux AS a JOIN generations AS g ON "     \
    "g.wallet = wallets.id AND g.party = 2 AND a.generation < g.generation) THEN 1 "               \
    "ELSE refreshed END"

#define WALLET_COLUMNS                                                                             \
    "id, state, signers_required, parties, allow, created, key_id, public_key, epoch, "            \
    "commit_signature, epoch_attempt, epoch_state, " REFRESHED ", refresh_attempts, label, "       \
    "rehearsal"

static bool wallet_is_read(sqlite3_stmt *stmt, csigd_wallet *w)
{
    *w = (csigd_wallet){
        .state = (csigd_wallet_state)sqlite3_column_int(stmt, 1),
        .signers_required = (uint16_t)sqlite3_column_int(stmt, 2),
        .parties = (uint16_t)sqlite3_column_int(stmt, 3),
        .allow = (uint32_t)sqlite3_column_int64(stmt, 4),
        .created = sqlite3_column_int64(stmt, 5),
        .epoch = (uint64_t)sqlite3_column_int64(stmt, 8),
        .epoch_attempt = (uint64_t)sqlite3_column_int64(stmt, 10),
        .refreshed = (csigd_refreshed)sqlite3_column_int(stmt, 12),
        .refresh_attempts = (uint64_t)sqlite3_column_int64(stmt, 13),
        .rehearsal = sqlite3_column_int(stmt, 15) != 0,
    };
    if (!csigd_column_is_bytes(stmt, 0, w->id, sizeof w->id) ||
        !csigd_column_is_text(stmt, 14, w->label, sizeof w->label))
        return false;
    if (w->state != CSIGD_ACTIVE) return true;
    w->has_epoch_state = csigd_column_is_bytes(stmt, 11, w->epoch_state, sizeof w->epoch_state);
    return csigd_column_is_bytes(stmt, 6, w->key_id, sizeof w->key_id) &&
           csigd_column_is_bytes(stmt, 7, w->public_key, sizeof w->public_key) &&
           csigd_column_is_bytes(stmt, 9, w->commit, sizeof w->commit);
}

static csigd_stored read_devices(csigd_medium *m, csigd_wallet *w, uint64_t own_generation)
{
    sqlite3_stmt *stmt;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_query(
        m, &stmt,
        "SELECT w.device, EXISTS (SELECT 1 FROM pairs AS p WHERE p.device = w.device "
        "AND p.own_generation <= ?2 AND p.locked != 0) FROM wallet_devices AS w "
        "WHERE w.wallet = ?1 ORDER BY w.position",
        CSIGD_VALUES(CSIGD_BYTES(w->id, sizeof w->id), CSIGD_INT(own_generation))));
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED && w->n_devices < CSIGD_DEVICES_MAX) {
        if (!csigd_column_is_bytes(stmt, 0, w->devices[w->n_devices], CSIG_IDENTITY_BYTES)) break;
        w->locked[w->n_devices++] = sqlite3_column_int64(stmt, 1) != 0;
    }
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : CSIGD_STORE_FAILED;
}

static csigd_stored read_backups(csigd_medium *m, csigd_wallet *w)
{
    sqlite3_stmt *stmt;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_query(m, &stmt,
                                    "SELECT party FROM backups WHERE wallet = ?1 AND slot = 2",
                                    CSIGD_VALUES(CSIGD_BYTES(w->id, sizeof w->id))));
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED) {
        const int64_t party = sqlite3_column_int64(stmt, 0);

        if (party < 1 || party > CSIG_PARTIES_MAX) break;
        w->has_backup[party - 1] = true;
    }
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : CSIGD_STORE_FAILED;
}

static csigd_stored wallet_get(csigd_store *s, const uint8_t *id, uint64_t own_generation,
                               csigd_wallet *wallet)
{
    csigd_medium *m = s->medium;
    sqlite3_stmt *stmt;
    csigd_stored result;

    csigd_sql_lock(m);
    result = csigd_sql_query(m, &stmt, "SELECT " WALLET_COLUMNS " FROM wallets WHERE id = ?1",
                             CSIGD_VALUES(CSIGD_BYTES(id, CSIGD_ID_BYTES)));
    if (result == CSIGD_STORED) {
        result = csigd_sql_row(m, stmt);
        if (result == CSIGD_STORED && !wallet_is_read(stmt, wallet))
            result = csigd_sql_failed(m, "wallet");
        sqlite3_finalize(stmt);
    }
    if (result == CSIGD_STORED) result = read_devices(m, wallet, own_generation);
    if (result == CSIGD_STORED) result = read_backups(m, wallet);
    if (result == CSIGD_STORED) result = csigd_sqlite_read_recovery(m, wallet);
    csigd_sql_unlock(m);
    return result;
}

/* The next wallets behind the last one of the list. */
typedef struct listing {
    uint64_t own_generation;
    const uint8_t *device; /* NULL: all */
    void (*each)(void *ctx, const csigd_wallet *wallet);
    void *ctx;
    csigd_wallet last;
    size_t left;    /* to be listed */
    size_t want, n; /* of this part */
} listing;

#define LISTED                                                                                     \
    "SELECT " WALLET_COLUMNS " FROM wallets WHERE state = 2 AND rehearsal = 0 AND "                \
    "(created, id) > (?1, ?2) "
#define IN_ORDER "ORDER BY created, id LIMIT ?3"
#define OF_ALL   LISTED IN_ORDER
/* By the index of devices: whoever has one wallet does not have all the others read. */
#define OF_DEVICE LISTED "AND id IN (SELECT wallet FROM wallet_devices WHERE device = ?4) " IN_ORDER

static csigd_stored list_part(csigd_medium *m, listing *l)
{
    const csigd_wallet last = l->last;
    sqlite3_stmt *stmt;
    csigd_stored result;

    const csigd_value values[] = {CSIGD_INT(last.created), CSIGD_BYTES(last.id, sizeof last.id),
                                  CSIGD_INT(l->want), CSIGD_BYTES(l->device, CSIG_IDENTITY_BYTES)};

    CSIGD_STORE_TRY(csigd_sql_query(m, &stmt, l->device != NULL ? OF_DEVICE : OF_ALL, values,
                                    l->device != NULL ? 4 : 3));
    l->n = 0;
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED) {
        if (!wallet_is_read(stmt, &l->last) ||
            read_devices(m, &l->last, l->own_generation) != CSIGD_STORED ||
            read_backups(m, &l->last) != CSIGD_STORED ||
            csigd_sqlite_read_recovery(m, &l->last) != CSIGD_STORED) {
            result = csigd_sql_failed(m, "wallet");
            break;
        }
        l->each(l->ctx, &l->last);
        l->n++;
    }
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : result;
}

static csigd_stored find_last(csigd_medium *m, const uint8_t *after, csigd_wallet *last)
{
    const csigd_value self = CSIGD_BYTES(after, CSIGD_ID_BYTES);
    int64_t there = 0;

    CSIGD_STORE_TRY(
        csigd_sql_number(m, &there, "SELECT count(*) FROM wallets WHERE id = ?1", &self, 1));
    if (there == 0) return CSIGD_STORE_NONE;
    memcpy(last->id, after, sizeof last->id);
    return csigd_sql_number(m, &last->created, "SELECT created FROM wallets WHERE id = ?1", &self,
                            1);
}

/* In parts, between which others have the store: signing does not wait for a long list. */
static csigd_stored wallet_list(csigd_store *s, uint64_t own_generation, const csigd_look *look,
                                void (*each)(void *ctx, const csigd_wallet *wallet), void *ctx)
{
    listing l = {.own_generation = own_generation,
                 .device = look != NULL ? look->device : NULL,
                 .each = each,
                 .ctx = ctx,
                 .left = look != NULL && look->n > 0 ? look->n : SIZE_MAX};
    csigd_stored result = CSIGD_STORED;

    l.last.created = INT64_MIN;
    if (look != NULL && look->after != NULL) {
        csigd_sql_lock(s->medium);
        result = find_last(s->medium, look->after, &l.last);
        csigd_sql_unlock(s->medium);
    }
    while (result == CSIGD_STORED && l.left > 0 && l.n == l.want) {
        l.want = l.left < LIST_PART ? l.left : LIST_PART;
        csigd_sql_lock(s->medium);
        result = list_part(s->medium, &l);
        csigd_sql_unlock(s->medium);
        l.left -= l.n;
    }
    return result;
}

/* --- throw-away wallets --- */

static csigd_stored drop(csigd_medium *m, const uint8_t *wallet)
{
    const csigd_value self = CSIGD_BYTES(wallet, CSIGD_ID_BYTES);
    int64_t there = 0;

    CSIGD_STORE_TRY(
        csigd_sql_number(m, &there, "SELECT count(*) FROM wallets WHERE id = ?1", &self, 1));
    if (there == 0) return CSIGD_STORE_NONE;
    CSIGD_STORE_TRY(csigd_sql_run(m,
                                  "DELETE FROM wallets WHERE id = ?1 AND rehearsal = 1 AND NOT "
                                  "EXISTS (SELECT 1 FROM sessions WHERE wallet = ?1 AND state = 1)",
                                  &self, 1));
    return csigd_sql_changed(m) == 1 ? CSIGD_STORED : CSIGD_STORE_CONFLICT;
}

static csigd_stored rehearsal_drop(csigd_store *s, const uint8_t *wallet)
{
    csigd_medium *m = s->medium;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    result = csigd_sql_end(m, drop(m, wallet));
    if (result == CSIGD_STORED) csigd_sqlite_forget(m);
    return result;
}

/* --- shares, labels --- */

static bool label_read(sqlite3_stmt *stmt, void *out)
{
    return csigd_column_is_text(stmt, 0, out, CSIGD_LABEL_MAX + 1);
}

static csigd_stored label_get(csigd_store *s, const uint8_t *wallet,
                              char label[CSIGD_LABEL_MAX + 1])
{
    return csigd_sql_fetch(s->medium, "SELECT label FROM wallets WHERE id = ?1",
                           CSIGD_VALUES(CSIGD_BYTES(wallet, CSIGD_ID_BYTES)), label_read, label);
}

static bool share_read(sqlite3_stmt *stmt, void *out)
{
    csigd_share_row *share = out;

    *share = (csigd_share_row){.key = {NULL, 0}};
    if (!csigd_column_is_blob(stmt, 0, &share->sealed)) return false;
    if (csigd_column_is_blob(stmt, 1, &share->key)) return true;
    csigd_share_row_free(share);
    return false;
}

static csigd_stored share_get(csigd_store *s, const uint8_t *wallet, csigd_share_row *share)
{
    return csigd_sql_fetch(s->medium,
                           "SELECT s.sealed, k.sealed FROM shares AS s LEFT JOIN share_keys AS k "
                           "ON k.wallet = s.wallet AND k.slot = s.slot "
                           "WHERE s.wallet = ?1 AND s.slot = 2",
                           CSIGD_VALUES(CSIGD_BYTES(wallet, CSIGD_ID_BYTES)), share_read, share);
}

void csigd_sqlite_wallets(csigd_store *s)
{
    s->wallet_get = wallet_get;
    s->wallet_list = wallet_list;
    s->rehearsal_drop = rehearsal_drop;
    s->label_get = label_get;
    s->share_get = share_get;
}
