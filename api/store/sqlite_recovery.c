/* Recovery keys of wallets, what was encrypted to them in the current epoch, and how that was made.
 */
#include <stdlib.h>
#include <string.h>

#include "store/sqlite.h"

/* --- who holds shares, and their keys --- */

csigd_stored csigd_sqlite_put_committee(csigd_medium *m, const uint8_t *wallet,
                                        const csigd_wallet *w)
{
    const csigd_value self = CSIGD_BYTES(wallet, CSIGD_ID_BYTES);

    CSIGD_STORE_TRY(csigd_sql_run(m, "DELETE FROM wallet_devices WHERE wallet = ?1", &self, 1));
    CSIGD_STORE_TRY(csigd_sql_run(m, "DELETE FROM recovery WHERE wallet = ?1", &self, 1));
    for (size_t i = 0; i < w->n_devices; i++)
        CSIGD_STORE_TRY(csigd_sql_run(
            m, "INSERT INTO wallet_devices (wallet, position, device) VALUES (?1, ?2, ?3)",
            CSIGD_VALUES(self, CSIGD_INT(i), CSIGD_BYTES(w->devices[i], CSIG_IDENTITY_BYTES))));
    for (size_t i = 0; i < w->n_recovery; i++) {
        const csigd_recovery_key *k = &w->recovery[i];

        CSIGD_STORE_TRY(csigd_sql_run(
            m, "INSERT INTO recovery (wallet, party, key, offline) VALUES (?1, ?2, ?3, ?4)",
            CSIGD_VALUES(self, CSIGD_INT(k->index), CSIGD_BYTES(k->key, sizeof k->key),
                         CSIGD_INT(k->offline))));
    }
    return CSIGD_STORED;
}

csigd_stored csigd_sqlite_read_recovery(csigd_medium *m, csigd_wallet *w)
{
    sqlite3_stmt *stmt;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_query(
        m, &stmt, "SELECT party, key, offline FROM recovery WHERE wallet = ?1 ORDER BY party",
        CSIGD_VALUES(CSIGD_BYTES(w->id, sizeof w->id))));
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED && w->n_recovery < CSIG_PARTIES_MAX) {
        csigd_recovery_key *k = &w->recovery[w->n_recovery];
        const int64_t party = sqlite3_column_int64(stmt, 0);

        if (party < 1 || party > w->parties ||
            !csigd_column_is_bytes(stmt, 1, k->key, sizeof k->key))
            break;
        k->index = (uint16_t)party;
        k->offline = sqlite3_column_int(stmt, 2) != 0;
        w->n_recovery++;
    }
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : CSIGD_STORE_FAILED;
}

/* --- escrows --- */

csigd_stored csigd_sqlite_put_escrows(csigd_medium *m, const uint8_t *session,
                                      const csigd_recoverable *r)
{
    const csigd_value values[] = {
        CSIGD_BYTES(session, CSIGD_ID_BYTES),
        CSIGD_BYTES(r->epoch.p, r->epoch.len),
        CSIGD_BYTES(r->escrows.p, r->escrows.len),
    };

    /* What was of the epoch before goes, whatever takes its place. */
    CSIGD_STORE_TRY(csigd_sql_run(
        m, "DELETE FROM escrows WHERE wallet = (SELECT wallet FROM sessions WHERE id = ?1)", values,
        1));
    if (r->escrows.len == 0) return CSIGD_STORED;
    return csigd_sql_run(m,
                         "INSERT INTO escrows (wallet, epoch, escrows) "
                         "SELECT wallet, ?2, ?3 FROM sessions WHERE id = ?1",
                         values, sizeof values / sizeof values[0]);
}

/* Three columns, one after another. */
static bool escrows_read(sqlite3_stmt *stmt, void *out)
{
    csigd_blob *all = out;
    size_t len[3], total = 0;

    for (int i = 0; i < 3; i++) {
        /* The pointer first: it may change what the length is of. */
        if (sqlite3_column_blob(stmt, i) == NULL) return false;
        len[i] = (size_t)sqlite3_column_bytes(stmt, i);
        total += len[i];
    }
    *all = (csigd_blob){malloc(total), 0};
    if (all->p == NULL) return false;
    for (int i = 0; i < 3; i++) {
        memcpy(all->p + all->len, sqlite3_column_blob(stmt, i), len[i]);
        all->len += len[i];
    }
    return true;
}

static csigd_stored find_escrows(csigd_medium *m, const uint8_t *wallet, csigd_blob *all)
{
    const csigd_value self = CSIGD_BYTES(wallet, CSIGD_ID_BYTES);
    int64_t there = 0;
    csigd_stored result;

    CSIGD_STORE_TRY(
        csigd_sql_number(m, &there, "SELECT count(*) FROM wallets WHERE id = ?1", &self, 1));
    if (there == 0) return CSIGD_STORE_NONE;
    result = csigd_sql_fetch(m,
                             "SELECT e.epoch, w.commit_signature, e.escrows FROM escrows AS e "
                             "JOIN wallets AS w ON w.id = e.wallet WHERE e.wallet = ?1",
                             &self, 1, escrows_read, all);
    return result == CSIGD_STORE_NONE ? CSIGD_STORE_CONFLICT : result;
}

static csigd_stored escrows_get(csigd_store *s, const uint8_t *wallet, csigd_blob *all)
{
    csigd_stored result;

    csigd_sql_lock(s->medium);
    result = find_escrows(s->medium, wallet, all);
    csigd_sql_unlock(s->medium);
    return result;
}

/* --- how the epoch was made --- */

static bool record_read(sqlite3_stmt *stmt, void *out)
{
    *(csigd_blob *)out = (csigd_blob){NULL, 0};
    if (sqlite3_column_bytes(stmt, 0) == 0) return true;
    return csigd_column_is_blob(stmt, 0, out);
}

static csigd_stored record_get(csigd_store *s, const uint8_t *wallet, csigd_blob *record)
{
    CSIGD_STORE_TRY(csigd_sql_fetch(s->medium, "SELECT record FROM wallets WHERE id = ?1",
                                    CSIGD_VALUES(CSIGD_BYTES(wallet, CSIGD_ID_BYTES)), record_read,
                                    record));
    return record->len > 0 ? CSIGD_STORED : CSIGD_STORE_CONFLICT;
}

void csigd_sqlite_recovery(csigd_store *s)
{
    s->escrows_get = escrows_get;
    s->record_get = record_get;
}
