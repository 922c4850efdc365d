/* Sessions that ended long ago go, with the answers of their rounds and the presignatures that they
 * made or used. What somebody may still ask for stays: evidence; who was in a birth that came to
 * nothing, or in a resharing, and has to hear what became of it. */
#include "store/sqlite.h"

/* Beyond the time of their answers, after which all that a client hears of them is that they are
 * gone. */
#define KEPT_SECONDS (29 * INT64_C(86400))
/* Nobody waits for the store for longer than this many take, nor the housekeeper for longer than
 * so many times that. */
#define BATCH       512
#define BATCHES_MAX 64

/* A presignature goes with the later of its two sessions. */
static csigd_stored choose(csigd_medium *m, int64_t before, uint8_t ids[BATCH][CSIGD_ID_BYTES],
                           size_t *n)
{
    static const char sql[] =
        "SELECT s.id FROM sessions AS s WHERE s.state != 1 AND s.deadline < ?1 AND s.kind != 7 "
        "AND (s.kind != 2 OR EXISTS (SELECT 1 FROM wallets AS w WHERE w.id = s.wallet AND "
        "w.state = 2)) AND NOT EXISTS (SELECT 1 FROM evidence AS e WHERE e.session = s.id) "
        "AND NOT EXISTS (SELECT 1 FROM presignatures AS p WHERE p.session = s.id AND (p.state < 4 "
        "OR EXISTS (SELECT 1 FROM sessions AS u WHERE u.id = p.used_by AND (u.state = 1 OR "
        "u.deadline >= ?1)))) ORDER BY s.deadline LIMIT ?2";
    csigd_stored result;
    sqlite3_stmt *stmt;

    *n = 0;
    CSIGD_STORE_TRY(
        csigd_sql_query(m, &stmt, sql, CSIGD_VALUES(CSIGD_INT(before), CSIGD_INT(BATCH))));
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED && *n < BATCH &&
           csigd_column_is_bytes(stmt, 0, ids[*n], CSIGD_ID_BYTES))
        ++*n;
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : CSIGD_STORE_FAILED;
}

static csigd_stored forget(csigd_medium *m, const uint8_t id[CSIGD_ID_BYTES])
{
    static const char *const steps[] = {
        "DELETE FROM rounds WHERE session = ?1",
        "DELETE FROM session_devices WHERE session = ?1",
        "DELETE FROM presignatures WHERE (session = ?1 OR used_by = ?1) AND state >= 4",
        "DELETE FROM sessions WHERE id = ?1 AND state != 1",
    };
    const csigd_value self = CSIGD_BYTES(id, CSIGD_ID_BYTES);

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        CSIGD_STORE_TRY(csigd_sql_run(m, steps[i], &self, 1));
    return CSIGD_STORED;
}

static csigd_stored purge_batch(csigd_medium *m, int64_t before, size_t *n)
{
    uint8_t ids[BATCH][CSIGD_ID_BYTES];

    CSIGD_STORE_TRY(choose(m, before, ids, n));
    for (size_t i = 0; i < *n; i++)
        CSIGD_STORE_TRY(forget(m, ids[i]));
    return CSIGD_STORED;
}

csigd_stored csigd_sqlite_purge(csigd_medium *m, int64_t answers_before)
{
    size_t n = BATCH;

    for (unsigned i = 0; i < BATCHES_MAX && n == BATCH; i++) {
        CSIGD_STORE_TRY(csigd_sql_begin(m));
        CSIGD_STORE_TRY(csigd_sql_end(m, purge_batch(m, answers_before - KEPT_SECONDS, &n)));
    }
    return CSIGD_STORED;
}
