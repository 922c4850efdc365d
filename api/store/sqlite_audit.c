/* The audit log: entries that become durable with what they tell of. */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "store/audit_text.h"
#include "store/sqlite.h"

#define COLUMNS "SELECT sequence, entry, hash, signature FROM audit "

/* --- what goes to the log when the transaction is through --- */

struct csigd_noted {
    csigd_noted *next;
    char kind[CSIGD_AUDIT_KIND_BYTES];
    uint8_t hash[32];
    char entry[];
};

static csigd_stored note(csigd_medium *m, const char *kind, const csigd_audit_row *row)
{
    const size_t size = strlen(row->entry) + 1;
    csigd_noted *n = calloc(1, sizeof *n + size);
    csigd_noted **at = &m->noted;

    if (n == NULL) return CSIGD_STORE_FAILED;
    strncpy(n->kind, kind, sizeof n->kind - 1);
    memcpy(n->hash, row->hash, sizeof n->hash);
    memcpy(n->entry, row->entry, size);
    while (*at != NULL)
        at = &(*at)->next;
    *at = n;
    return CSIGD_STORED;
}

static void tell_and_free(csigd_noted *first, bool committed)
{
    for (csigd_noted *n = first, *next; n != NULL; n = next) {
        next = n->next;
        if (committed) csigd_log_entry(n->kind, n->entry, n->hash);
        free(n);
    }
}

void csigd_sqlite_audit_begin(csigd_medium *m)
{
    m->noted_before = m->noted;
    while (m->noted_before != NULL && m->noted_before->next != NULL)
        m->noted_before = m->noted_before->next;
}

void csigd_sqlite_audit_undo(csigd_medium *m)
{
    csigd_noted **at = m->noted_before != NULL ? &m->noted_before->next : &m->noted;

    tell_and_free(*at, false);
    *at = NULL;
}

void csigd_sqlite_audit_end(csigd_medium *m, bool committed)
{
    tell_and_free(m->noted, committed);
    m->noted = NULL;
}

/* --- entries --- */

static bool row_is_read(sqlite3_stmt *stmt, void *out)
{
    csigd_audit_row *row = out;

    row->sequence = (uint64_t)sqlite3_column_int64(stmt, 0);
    return csigd_column_is_text(stmt, 1, row->entry, sizeof row->entry) &&
           csigd_column_is_bytes(stmt, 2, row->hash, sizeof row->hash) &&
           csigd_column_is_bytes(stmt, 3, row->signature, sizeof row->signature);
}

static csigd_stored newest(csigd_store *s, csigd_audit_row *row)
{
    return csigd_sql_fetch(s->medium, COLUMNS "ORDER BY sequence DESC LIMIT 1", NULL, 0,
                           row_is_read, row);
}

/* What the next one stands on. */
static csigd_stored last(csigd_medium *m, uint64_t *sequence, uint8_t hash[32])
{
    static const char sql[] = "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1";
    sqlite3_stmt *stmt;
    csigd_stored result;

    *sequence = 0;
    memset(hash, 0, 32);
    CSIGD_STORE_TRY(csigd_sql_query(m, &stmt, sql, NULL, 0));
    result = csigd_sql_row(m, stmt);
    if (result == CSIGD_STORED) {
        *sequence = (uint64_t)sqlite3_column_int64(stmt, 0);
        if (!csigd_column_is_bytes(stmt, 1, hash, 32)) result = csigd_sql_failed(m, sql);
    }
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : result;
}

csigd_stored csigd_sqlite_audit_add(csigd_medium *m, const char *kind, csigd_audit_about about,
                                    const csigd_log_field *fields, size_t n)
{
    csigd_audit_row row;
    uint8_t previous[32];
    csigd_audit_entry entry = {.time = csigd_clock_now(),
                               .previous = previous,
                               .kind = kind,
                               .about = about,
                               .context = csigd_context_now(),
                               .fields = fields,
                               .n = n};

    if (m->sealer == NULL) return CSIGD_STORED;
    CSIGD_STORE_TRY(last(m, &row.sequence, previous));
    entry.sequence = ++row.sequence;
    if (!csigd_audit_text_is_made(row.entry, &entry) ||
        !m->sealer(m->sealer_ctx, row.entry, row.hash, row.signature)) {
        csigd_log_line(CSIGD_ERROR, "audit entry cannot be made", CSIGD_TEXT("kind", kind));
        return CSIGD_STORE_FAILED;
    }
    CSIGD_STORE_TRY(csigd_sql_run(
        m, "INSERT INTO audit (sequence, entry, hash, signature) VALUES (?1, ?2, ?3, ?4)",
        CSIGD_VALUES(CSIGD_INT(row.sequence), CSIGD_STRING(row.entry),
                     CSIGD_BYTES(row.hash, sizeof row.hash),
                     CSIGD_BYTES(row.signature, sizeof row.signature))));
    return note(m, kind, &row);
}

/* --- the operations --- */

static void seal_with(csigd_store *s, csigd_audit_sealer *sealer, void *ctx)
{
    csigd_medium *m = s->medium;

    sqlite3_mutex_enter(m->lock);
    m->sealer = sealer;
    m->sealer_ctx = ctx;
    sqlite3_mutex_leave(m->lock);
}

static csigd_stored append(csigd_store *s, const char *kind, csigd_audit_about about,
                           const csigd_log_field *fields, size_t n)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, csigd_sqlite_audit_add(m, kind, about, fields, n));
}

static csigd_stored page(csigd_store *s, uint64_t after,
                         void (*each)(void *ctx, const csigd_audit_row *row), void *ctx)
{
    static const char sql[] = COLUMNS "WHERE sequence > ?1 ORDER BY sequence LIMIT ?2";
    csigd_medium *m = s->medium;
    csigd_audit_row row;
    sqlite3_stmt *stmt;
    csigd_stored result;

    csigd_sql_lock(m);
    result =
        csigd_sql_query(m, &stmt, sql, CSIGD_VALUES(CSIGD_INT(after), CSIGD_INT(CSIGD_AUDIT_PAGE)));
    while (result == CSIGD_STORED) {
        result = csigd_sql_row(m, stmt);
        if (result != CSIGD_STORED) break;
        if (row_is_read(stmt, &row))
            each(ctx, &row);
        else
            result = csigd_sql_failed(m, sql);
    }
    sqlite3_finalize(stmt);
    csigd_sql_unlock(m);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : result;
}

void csigd_sqlite_audit(csigd_store *s)
{
    s->audit = (csigd_audit_store){
        .seal_with = seal_with, .append = append, .page = page, .newest = newest};
}
