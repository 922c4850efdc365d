/* The SQLite store: one file, WAL, every commit synced, deleted content overwritten. */
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/schema.h"

#define STORE_KIND "countersignd"

static bool text_is(csigd_medium *m, const char *sql, const char *want)
{
    sqlite3_stmt *stmt;
    char have[64] = "";

    if (csigd_sql_query(m, &stmt, sql, NULL, 0) != CSIGD_STORED) return false;
    if (csigd_sql_row(m, stmt) == CSIGD_STORED)
        (void)csigd_column_is_text(stmt, 0, have, sizeof have);
    sqlite3_finalize(stmt);
    return strcmp(have, want) == 0;
}

/* What must hold of the connection before anything is read. */
static bool connection_is_set(csigd_medium *m)
{
    static const char *const pragmas[] = {
        "PRAGMA synchronous = FULL",   "PRAGMA foreign_keys = ON",   "PRAGMA secure_delete = ON",
        "PRAGMA trusted_schema = OFF", "PRAGMA temp_store = MEMORY",
    };

    sqlite3_busy_timeout(m->db, CSIGD_SQL_BUSY_MILLISECONDS);
    sqlite3_extended_result_codes(m->db, 1);
    if (!text_is(m, "PRAGMA journal_mode = WAL", "wal")) return false;
    for (size_t i = 0; i < sizeof pragmas / sizeof pragmas[0]; i++) {
        if (csigd_sql_run(m, pragmas[i], NULL, 0) != CSIGD_STORED) return false;
    }
    return true;
}

static csigd_stored migrate_one(csigd_medium *m, unsigned to, unsigned level)
{
    char version[64];

    if (sqlite3_exec(m->db, csigd_schema[to - 1], NULL, NULL, NULL) != SQLITE_OK)
        return csigd_sql_failed(m, "schema");
    snprintf(version, sizeof version, "PRAGMA user_version = %u", to);
    CSIGD_STORE_TRY(csigd_sql_run(m, version, NULL, 0));
    if (to > 1) return CSIGD_STORED;
    return csigd_sql_run(m, "INSERT INTO meta (one, kind, level) VALUES (1, ?1, ?2)",
                         CSIGD_VALUES(CSIGD_STRING(STORE_KIND), CSIGD_INT(level)));
}

static csigd_stored migrate(csigd_medium *m, unsigned from, unsigned level)
{
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    result = CSIGD_STORED;
    for (unsigned v = from; result == CSIGD_STORED && v < csigd_schema_count; v++)
        result = migrate_one(m, v + 1, level);
    return csigd_sql_end(m, result);
}

/* Kind, format and level. */
static bool store_is_ours(csigd_medium *m, unsigned level, char *why, size_t why_len)
{
    int64_t version = 0, tables = 0, have = 0;

    if (csigd_sql_number(m, &version, "PRAGMA user_version", NULL, 0) != CSIGD_STORED ||
        csigd_sql_number(m, &tables, "SELECT count(*) FROM sqlite_schema", NULL, 0) !=
            CSIGD_STORED) {
        snprintf(why, why_len, "the store is damaged or not a store: %s", sqlite3_errmsg(m->db));
        return false;
    }
    if (version < 0 || version > (int64_t)csigd_schema_count || (version == 0 && tables > 0)) {
        snprintf(why, why_len, "the store has format %lld and this countersignd knows 1 to %u",
                 (long long)version, csigd_schema_count);
        return false;
    }
    if (version > 0 &&
        (!text_is(m, "SELECT kind FROM meta", STORE_KIND) ||
         csigd_sql_number(m, &have, "SELECT level FROM meta", NULL, 0) != CSIGD_STORED)) {
        snprintf(why, why_len, "the store is not one of countersignd");
        return false;
    }
    if (version > 0 && have != (int64_t)level) {
        snprintf(why, why_len, "the store was made at security level %lld, this is a build for %u",
                 (long long)have, level);
        return false;
    }
    if (version > 0 && !text_is(m, "PRAGMA quick_check(1)", "ok")) {
        snprintf(why, why_len, "the store is damaged: restore it, or inspect it with sqlite3");
        return false;
    }
    if (migrate(m, (unsigned)version, level) != CSIGD_STORED) {
        snprintf(why, why_len, "the store cannot be written: %s", sqlite3_errmsg(m->db));
        return false;
    }
    return true;
}

static void medium_free(csigd_medium *m)
{
    if (m == NULL) return;
    medium_free(m->reader);
    medium_free(m->counter);
    csigd_group_free(m->group);
    sqlite3_close(m->db);
    sqlite3_mutex_free(m->lock);
    free(m);
}

static void close_store(csigd_store *s)
{
    medium_free(s->medium);
    free(s);
}

/* To SQLite an empty file is a new database: a damaged server would begin as another one. */
static bool file_is_empty(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && st.st_size == 0;
}

/* The name lasts through a power cut. */
static bool folder_is_synced(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = sqlite3_mprintf("%.*s", slash != NULL ? (int)(slash - path + 1) : 2,
                                   slash != NULL ? path : "./");
    const int fd = folder != NULL ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    const bool good = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0) close(fd);
    sqlite3_free(folder);
    return good;
}

/* A new store gets its name when it has its first page: what was begun and cut off is never an
 * empty store. */
static bool file_is_there(const char *path)
{
    char *fresh = sqlite3_mprintf("%s.new", path);
    sqlite3 *db = NULL;
    bool good = fresh != NULL;

    if (good && access(path, F_OK) != 0) {
        (void)unlink(fresh);
        good = sqlite3_open(fresh, &db) == SQLITE_OK &&
               sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL) == SQLITE_OK;
        sqlite3_close(db);
        good = good && rename(fresh, path) == 0 && folder_is_synced(path);
    }
    sqlite3_free(fresh);
    return good;
}

/* What waits for the first one to write is a short time of a busy log. NULL: none. */
static csigd_medium *reader_new(const char *path)
{
    csigd_medium *r = calloc(1, sizeof *r);

    if (r != NULL) r->lock = sqlite3_mutex_alloc(SQLITE_MUTEX_RECURSIVE);
    if (r != NULL && r->lock != NULL &&
        sqlite3_open_v2(path, &r->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX, NULL) ==
            SQLITE_OK) {
        sqlite3_busy_timeout(r->db, CSIGD_SQL_BUSY_MILLISECONDS);
        sqlite3_extended_result_codes(r->db, 1);
        if (csigd_sql_run(r, "PRAGMA trusted_schema = OFF", NULL, 0) == CSIGD_STORED) return r;
    }
    medium_free(r);
    return NULL;
}

static bool readers_are_there(csigd_medium *m, const char *path, char *why, size_t why_len)
{
    m->counter = reader_new(path);
    m->reader = reader_new(path);
    if (m->counter != NULL && m->reader != NULL) return true;
    snprintf(why, why_len, "the store %s cannot be opened more than once", path);
    return false;
}

csigd_store *csigd_sqlite_open(const char *path, unsigned level, char *why, size_t why_len)
{
    csigd_store *s = calloc(1, sizeof *s);
    csigd_medium *m = calloc(1, sizeof *m);
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX;

    snprintf(why, why_len, "out of memory");
    if (m != NULL) m->lock = sqlite3_mutex_alloc(SQLITE_MUTEX_RECURSIVE);
    if (m != NULL) m->group = csigd_group_new();
    if (s == NULL || m == NULL || m->lock == NULL || m->group == NULL) {
        free(s);
        medium_free(m);
        return NULL;
    }
    if (file_is_empty(path)) {
        snprintf(why, why_len,
                 "the store %s is empty: put a backup there, or remove it to begin anew", path);
    } else if (!file_is_there(path)) {
        snprintf(why, why_len, "cannot make the store %s: %s", path, strerror(errno));
    } else if (sqlite3_open_v2(path, &m->db, flags, NULL) != SQLITE_OK || !connection_is_set(m)) {
        snprintf(why, why_len, "cannot open the store %s: %s", path, sqlite3_errmsg(m->db));
    } else if (store_is_ours(m, level, why, why_len) && readers_are_there(m, path, why, why_len)) {
        s->medium = m;
        s->close = close_store;
        csigd_sqlite_keys(s);
        csigd_sqlite_aux(s);
        csigd_sqlite_wallets(s);
        csigd_sqlite_requests(s);
        csigd_sqlite_declines(s);
        csigd_sqlite_epochs(s);
        csigd_sqlite_recovery(s);
        csigd_sqlite_sessions(s);
        csigd_sqlite_rounds(s);
        csigd_sqlite_access(s);
        csigd_sqlite_mailboxes(s);
        csigd_sqlite_campaigns(s);
        csigd_sqlite_audit(s);
        csigd_sqlite_numbers(s);
        csigd_sqlite_events(s);
        csigd_sqlite_policy(s);
        return s;
    }
    free(s);
    medium_free(m);
    return NULL;
}
