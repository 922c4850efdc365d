/* Group commit: what is written at the same time becomes durable at once.
 *
 * Writes run one after another on one connection, each in a savepoint of a transaction that they
 * share. Who is through while others wait for their turn leaves it to the last of them to commit;
 * who comes alone commits at once. Nobody goes on before everything that it has written or seen
 * there is synced, and when that fails all of them have failed and nothing has changed. Whoever
 * only reads does so on another connection, which sees what is committed alone. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "store/sqlite.h"

/* One that is through and waits; on the stack of its thread. */
typedef struct member member;
struct member {
    member *next;
    bool settled;
    csigd_stored outcome;
};

struct csigd_group {
    atomic_uint coming; /* threads that wait for their turn */
    bool open;          /* with the turn: a transaction runs */
    member *members;    /* likewise */
    pthread_mutex_t lock;
    pthread_cond_t settled;
};

/* The medium that this thread has the turn of. */
static _Thread_local const csigd_medium *writing;

csigd_group *csigd_group_new(void)
{
    csigd_group *g = calloc(1, sizeof *g);

    if (g == NULL) return NULL;
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->settled, NULL);
    return g;
}

void csigd_group_free(csigd_group *group)
{
    if (group == NULL) return;
    pthread_cond_destroy(&group->settled);
    pthread_mutex_destroy(&group->lock);
    free(group);
}

csigd_medium *csigd_sql_here(csigd_medium *m)
{
    return m->reader == NULL || writing == m ? m : m->reader;
}

/* --- turns --- */

static void take_turn(csigd_medium *m)
{
    atomic_fetch_add(&m->group->coming, 1);
    sqlite3_mutex_enter(m->lock);
    atomic_fetch_sub(&m->group->coming, 1);
    writing = m;
}

static void give_turn(csigd_medium *m)
{
    const bool tells = m->has_news && !m->group->open;
    void (*const told)(void *ctx) = tells ? m->told : NULL;
    void *const ctx = m->told_ctx;

    if (tells) m->has_news = false;
    writing = NULL;
    sqlite3_mutex_leave(m->lock);
    if (told != NULL) told(ctx);
}

/* --- the end of a group --- */

/* A failed statement may have rolled everything back. */
static csigd_stored commit(csigd_medium *m)
{
    csigd_stored result = CSIGD_STORE_FAILED;

    if (sqlite3_get_autocommit(m->db) == 0) result = csigd_sql_run(m, "COMMIT", NULL, 0);
    if (sqlite3_get_autocommit(m->db) == 0) (void)csigd_sql_run(m, "ROLLBACK", NULL, 0);
    return result;
}

static void settle(csigd_medium *m)
{
    csigd_group *g = m->group;
    const csigd_stored outcome = commit(m);

    csigd_sqlite_audit_end(m, outcome == CSIGD_STORED);
    g->open = false;
    pthread_mutex_lock(&g->lock);
    for (member *o = g->members, *next; o != NULL; o = next) {
        next = o->next;
        o->outcome = outcome;
        o->settled = true;
    }
    g->members = NULL;
    pthread_cond_broadcast(&g->settled);
    pthread_mutex_unlock(&g->lock);
}

static csigd_stored through(csigd_medium *m, csigd_stored result)
{
    csigd_group *g = m->group;
    member self = {.next = g->members};

    if (!g->open) {
        give_turn(m);
        return result;
    }
    g->members = &self;
    /* Who is coming ends here, too: each thread once, for none comes again before it is settled. */
    if (atomic_load(&g->coming) == 0 || sqlite3_get_autocommit(m->db) != 0) settle(m);
    give_turn(m);
    pthread_mutex_lock(&g->lock);
    while (!self.settled)
        pthread_cond_wait(&g->settled, &g->lock);
    pthread_mutex_unlock(&g->lock);
    return self.outcome == CSIGD_STORED ? result : CSIGD_STORE_FAILED;
}

/* --- a write --- */

csigd_stored csigd_sql_begin(csigd_medium *m)
{
    csigd_group *g = m->group;
    csigd_stored result = CSIGD_STORED;

    if (writing == m) return CSIGD_STORE_FAILED;
    take_turn(m);
    if (!g->open) result = csigd_sql_run(m, "BEGIN IMMEDIATE", NULL, 0);
    if (result == CSIGD_STORED) {
        g->open = true;
        csigd_sqlite_audit_begin(m);
        result = csigd_sql_run(m, "SAVEPOINT write", NULL, 0);
    }
    return result == CSIGD_STORED ? result : through(m, result);
}

static void undo(csigd_medium *m)
{
    csigd_sqlite_audit_undo(m);
    if (csigd_sql_run(m, "ROLLBACK TO write", NULL, 0) == CSIGD_STORED &&
        csigd_sql_run(m, "RELEASE write", NULL, 0) == CSIGD_STORED)
        return;
    (void)csigd_sql_run(m, "ROLLBACK", NULL, 0);
}

csigd_stored csigd_sql_end(csigd_medium *m, csigd_stored result)
{
    if (result == CSIGD_STORED) result = csigd_sql_run(m, "RELEASE write", NULL, 0);
    if (result != CSIGD_STORED && sqlite3_get_autocommit(m->db) == 0) undo(m);
    return through(m, result);
}

static csigd_stored write_within(csigd_medium *m, const char *sql, const csigd_value *values,
                                 size_t n)
{
    CSIGD_STORE_TRY(csigd_sql_run(m, sql, values, n));
    return csigd_sql_changed(m) == 0 ? CSIGD_STORE_CONFLICT : CSIGD_STORED;
}

csigd_stored csigd_sql_write(csigd_medium *m, const char *sql, const csigd_value *values, size_t n)
{
    if (writing == m) return write_within(m, sql, values, n);
    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, write_within(m, sql, values, n));
}

/* --- the log of the medium --- */

void csigd_sqlite_forget(csigd_medium *m)
{
    take_turn(m);
    if (m->group->open) settle(m);
    /* Our own readers do not keep it there. */
    sqlite3_mutex_enter(m->reader->lock);
    sqlite3_mutex_enter(m->counter->lock);
    /* Somebody may be copying the file: nobody waits for that, the next checkpoint does it then. */
    sqlite3_busy_timeout(m->db, 0);
    (void)csigd_sql_run(m, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, 0);
    sqlite3_busy_timeout(m->db, CSIGD_SQL_BUSY_MILLISECONDS);
    sqlite3_mutex_leave(m->counter->lock);
    sqlite3_mutex_leave(m->reader->lock);
    give_turn(m);
}
