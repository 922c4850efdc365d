#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "store/sqlite.h"

void csigd_blob_free(csigd_blob *blob)
{
    free(blob->p);
    *blob = (csigd_blob){NULL, 0};
}

bool csigd_blob_is_copied(csigd_blob *to, const uint8_t *p, size_t len)
{
    /* One octet more, so that nothing is something. */
    uint8_t *copy = malloc(len + 1);

    if (copy == NULL) return false;
    if (len > 0) memcpy(copy, p, len);
    *to = (csigd_blob){copy, len};
    return true;
}

csigd_stored csigd_sql_failed(csigd_medium *m, const char *what)
{
    sqlite3 *db = csigd_sql_here(m)->db;

    csigd_log_line(CSIGD_ERROR, "store failed", CSIGD_TEXT("what", what),
                   CSIGD_TEXT("reason", sqlite3_errmsg(db)),
                   CSIGD_NUMBER("code", sqlite3_extended_errcode(db)));
    return CSIGD_STORE_FAILED;
}

static int bind(sqlite3_stmt *stmt, int at, const csigd_value *v)
{
    switch (v->type) {
    case CSIGD_SQL_NULL:
        return sqlite3_bind_null(stmt, at);
    case CSIGD_SQL_INT:
        return sqlite3_bind_int64(stmt, at, v->number);
    case CSIGD_SQL_BLOB:
        /* Empty octets are a value, too: NULL would be none. */
        return sqlite3_bind_blob64(stmt, at, v->len > 0 ? v->p : "", v->len, SQLITE_STATIC);
    case CSIGD_SQL_TEXT:
        return sqlite3_bind_text(stmt, at, v->p, -1, SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

csigd_stored csigd_sql_query(csigd_medium *m, sqlite3_stmt **stmt, const char *sql,
                             const csigd_value *values, size_t n)
{
    *stmt = NULL;
    if (sqlite3_prepare_v2(csigd_sql_here(m)->db, sql, -1, stmt, NULL) != SQLITE_OK)
        return csigd_sql_failed(m, sql);
    for (size_t i = 0; i < n; i++) {
        if (bind(*stmt, (int)i + 1, &values[i]) == SQLITE_OK) continue;
        sqlite3_finalize(*stmt);
        *stmt = NULL;
        return csigd_sql_failed(m, sql);
    }
    return CSIGD_STORED;
}

csigd_stored csigd_sql_row(csigd_medium *m, sqlite3_stmt *stmt)
{
    const int rc = sqlite3_step(stmt);

    if (rc == SQLITE_ROW) return CSIGD_STORED;
    return rc == SQLITE_DONE ? CSIGD_STORE_NONE : csigd_sql_failed(m, sqlite3_sql(stmt));
}

csigd_stored csigd_sql_run(csigd_medium *m, const char *sql, const csigd_value *values, size_t n)
{
    sqlite3_stmt *stmt;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_query(m, &stmt, sql, values, n));
    result = csigd_sql_row(m, stmt);
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : result;
}

csigd_stored csigd_sql_number(csigd_medium *m, int64_t *number, const char *sql,
                              const csigd_value *values, size_t n)
{
    sqlite3_stmt *stmt;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_query(m, &stmt, sql, values, n));
    result = csigd_sql_row(m, stmt);
    if (result == CSIGD_STORED) *number = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return result;
}

int64_t csigd_sql_changed(csigd_medium *m)
{
    return sqlite3_changes64(m->db);
}

bool csigd_column_is_bytes(sqlite3_stmt *stmt, int column, uint8_t *out, size_t len)
{
    const void *p = sqlite3_column_blob(stmt, column);

    if (p == NULL || sqlite3_column_bytes(stmt, column) != (int)len) return false;
    memcpy(out, p, len);
    return true;
}

bool csigd_column_is_blob(sqlite3_stmt *stmt, int column, csigd_blob *out)
{
    const void *p = sqlite3_column_blob(stmt, column);

    return csigd_blob_is_copied(out, p, (size_t)sqlite3_column_bytes(stmt, column));
}

bool csigd_column_is_text(sqlite3_stmt *stmt, int column, char *out, size_t size)
{
    const unsigned char *p = sqlite3_column_text(stmt, column);
    const size_t len = (size_t)sqlite3_column_bytes(stmt, column);

    if (p == NULL || len >= size) return false;
    memcpy(out, p, len);
    out[len] = '\0';
    return true;
}

void csigd_sql_lock(csigd_medium *m)
{
    csigd_medium *here = csigd_sql_here(m);

    sqlite3_mutex_enter(here->lock);
    /* A statement that finds no beginning begins for itself. */
    if (here->group == NULL && here->depth++ == 0)
        (void)sqlite3_exec(here->db, "BEGIN", NULL, NULL, NULL);
}

void csigd_sql_unlock(csigd_medium *m)
{
    csigd_medium *here = csigd_sql_here(m);

    if (here->group == NULL && --here->depth == 0)
        (void)sqlite3_exec(here->db, "COMMIT", NULL, NULL, NULL);
    sqlite3_mutex_leave(here->lock);
}

csigd_stored csigd_sql_fetch(csigd_medium *m, const char *sql, const csigd_value *values, size_t n,
                             bool (*read)(sqlite3_stmt *stmt, void *out), void *out)
{
    sqlite3_stmt *stmt;
    csigd_stored result;

    csigd_sql_lock(m);
    result = csigd_sql_query(m, &stmt, sql, values, n);
    if (result == CSIGD_STORED) {
        result = csigd_sql_row(m, stmt);
        if (result == CSIGD_STORED && !read(stmt, out)) result = csigd_sql_failed(m, sql);
        sqlite3_finalize(stmt);
    }
    csigd_sql_unlock(m);
    return result;
}
