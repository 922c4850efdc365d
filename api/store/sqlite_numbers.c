/* Counting, on a connection of its own: whoever counts keeps nobody waiting. */
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "clock.h"
#include "store/sqlite.h"

typedef struct query {
    const char *sql; /* numbers, in the order of `to` */
    size_t n;
    uint64_t *to[4];
} query;

static csigd_stored one_row(csigd_medium *m, const query *q)
{
    sqlite3_stmt *stmt;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_query(m, &stmt, q->sql, NULL, 0));
    result = csigd_sql_row(m, stmt);
    for (size_t i = 0; result == CSIGD_STORED && i < q->n; i++)
        *q->to[i] = (uint64_t)sqlite3_column_int64(stmt, (int)i);
    sqlite3_finalize(stmt);
    return result;
}

/* Rows of a state and how many are in it. */
static csigd_stored by_state(csigd_medium *m, const char *sql, const csigd_value *values, size_t n,
                             uint64_t *to, size_t states)
{
    sqlite3_stmt *stmt;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_query(m, &stmt, sql, values, n));
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED) {
        const int64_t state = sqlite3_column_int64(stmt, 0);

        if (state >= 0 && (uint64_t)state < states)
            to[state] = (uint64_t)sqlite3_column_int64(stmt, 1);
    }
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : result;
}

static uint64_t size_of(csigd_medium *m, const char *behind)
{
    char *path = sqlite3_mprintf("%s%s", sqlite3_db_filename(m->db, "main"), behind);
    struct stat st;
    const bool there = path != NULL && stat(path, &st) == 0;

    sqlite3_free(path);
    return there ? (uint64_t)st.st_size : 0;
}

static csigd_stored count(csigd_medium *m, csigd_numbers *n)
{
    const query queries[] = {
        {CSIGD_SQL_WALLET_COUNT, 2, {&n->wallets, &n->wallets_without_backup}},
        {"SELECT count(*), (SELECT count(DISTINCT device) FROM pairs WHERE locked != 0) "
         "FROM devices",
         2,
         {&n->devices, &n->devices_locked}},
        {"SELECT coalesce(max(sequence), 0), (SELECT coalesce(max(number), 0) FROM events), "
         "(SELECT count(*) FROM webhooks WHERE attempts > 0) FROM audit",
         3,
         {&n->audit_entries, &n->events, &n->webhooks_retrying}},
    };

    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++)
        CSIGD_STORE_TRY(one_row(m, &queries[i]));
    CSIGD_STORE_TRY(by_state(m, "SELECT state, count(*) FROM webhooks GROUP BY state", NULL, 0,
                             n->webhooks, sizeof n->webhooks / sizeof n->webhooks[0]));
    CSIGD_STORE_TRY(by_state(m, "SELECT state, count(*) FROM campaigns GROUP BY state", NULL, 0,
                             n->campaigns, sizeof n->campaigns / sizeof n->campaigns[0]));
    return by_state(m,
                    "SELECT CASE WHEN w.state = 1 AND c.deadline <= ?1 THEN 5 ELSE w.state END, "
                    "count(*) FROM campaigns AS c JOIN campaign_wallets AS w ON w.campaign = c.id "
                    "WHERE c.state = 1 GROUP BY 1",
                    CSIGD_VALUES(CSIGD_INT(csigd_clock_now())), n->campaign_wallets,
                    sizeof n->campaign_wallets / sizeof n->campaign_wallets[0]);
}

static csigd_stored numbers(csigd_store *s, csigd_numbers *n)
{
    csigd_medium *m = ((csigd_medium *)s->medium)->counter;
    csigd_stored result;

    *n = (csigd_numbers){.octets = size_of(m, "") + size_of(m, "-wal")};
    csigd_sql_lock(m);
    result = count(m, n);
    csigd_sql_unlock(m);
    return result;
}

/* Writing the format once more is a whole transaction, synced like every other. */
static csigd_stored write_within(csigd_medium *m, csigd_probe *probe)
{
    int64_t version = 0;
    char sql[64];

    CSIGD_STORE_TRY(csigd_sql_number(m, &version, "PRAGMA user_version", NULL, 0));
    CSIGD_STORE_TRY(csigd_sql_number(
        m, &probe->horizon, "SELECT coalesce(max(expires), 0) FROM replay_horizon", NULL, 0));
    (void)sqlite3_snprintf(sizeof sql, sql, "PRAGMA user_version = %lld", version);
    return csigd_sql_run(m, sql, NULL, 0);
}

static csigd_stored probe(csigd_store *s, csigd_probe *probe)
{
    csigd_medium *m = s->medium;
    struct statvfs disk;

    *probe = (csigd_probe){.horizon = 0};
    if (statvfs(sqlite3_db_filename(m->db, "main"), &disk) == 0)
        probe->free_octets = (uint64_t)disk.f_bavail * disk.f_frsize;
    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, write_within(m, probe));
}

void csigd_sqlite_numbers(csigd_store *s)
{
    s->numbers = numbers;
    s->probe = probe;
}
