/* The server's own keys for HTTP. */
#include "store/sqlite.h"

static csigd_stored list(csigd_store *s,
                         void (*each)(void *ctx, uint64_t generation, int64_t since,
                                      const csigd_blob *sealed),
                         void *ctx)
{
    static const char sql[] =
        "SELECT generation, since, sealed FROM server_keys ORDER BY generation";
    csigd_medium *m = s->medium;
    csigd_blob sealed = {NULL, 0};
    sqlite3_stmt *stmt;
    csigd_stored result;

    csigd_sql_lock(m);
    result = csigd_sql_query(m, &stmt, sql, NULL, 0);
    while (result == CSIGD_STORED) {
        result = csigd_sql_row(m, stmt);
        if (result != CSIGD_STORED) break;
        if (csigd_column_is_blob(stmt, 2, &sealed))
            each(ctx, (uint64_t)sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1),
                 &sealed);
        else
            result = csigd_sql_failed(m, sql);
        csigd_blob_free(&sealed);
    }
    sqlite3_finalize(stmt);
    csigd_sql_unlock(m);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : result;
}

static csigd_stored put_within(csigd_medium *m, uint64_t generation, int64_t since,
                               const csigd_blob *sealed)
{
    CSIGD_STORE_TRY(csigd_sql_run(m,
                                  "INSERT INTO server_keys (generation, since, sealed) "
                                  "VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                                  CSIGD_VALUES(CSIGD_INT(generation), CSIGD_INT(since),
                                               CSIGD_BYTES(sealed->p, sealed->len))));
    if (csigd_sql_changed(m) == 0) return CSIGD_STORE_CONFLICT;
    return csigd_sqlite_audit_line(m, "server-key.made", CSIGD_OF_NOTHING,
                                   CSIGD_NUMBER("generation", generation),
                                   CSIGD_NUMBER("signs_from", since));
}

static csigd_stored put(csigd_store *s, uint64_t generation, int64_t since,
                        const csigd_blob *sealed)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, put_within(m, generation, since, sealed));
}

static csigd_stored drop_within(csigd_medium *m, uint64_t below)
{
    CSIGD_STORE_TRY(csigd_sql_run(m, "DELETE FROM server_keys WHERE generation < ?1",
                                  CSIGD_VALUES(CSIGD_INT(below))));
    if (csigd_sql_changed(m) == 0) return CSIGD_STORED;
    return csigd_sqlite_audit_line(m, "server-key.destroyed", CSIGD_OF_NOTHING,
                                   CSIGD_NUMBER("below", below));
}

static csigd_stored drop(csigd_store *s, uint64_t below)
{
    csigd_medium *m = s->medium;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    result = csigd_sql_end(m, drop_within(m, below));
    if (result == CSIGD_STORED) csigd_sqlite_forget(m);
    return result;
}

void csigd_sqlite_server_keys(csigd_store *s)
{
    s->server_keys = (csigd_server_key_store){.list = list, .put = put, .drop = drop};
}
