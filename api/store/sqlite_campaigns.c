/* Campaigns: what is asked for, and what is told of them. How wallets move: sqlite_standing.c. */
#include <string.h>

#include "store/sqlite.h"

/* --- it begins --- */

static csigd_stored put_row(csigd_medium *m, const csigd_campaign *c)
{
    const csigd_value values[] = {
        CSIGD_BYTES(c->id, sizeof c->id),
        CSIGD_INT(c->state),
        CSIGD_INT(c->selected),
        CSIGD_INT(c->before),
        CSIGD_INT(c->per_minute),
        CSIGD_INT(c->at_once),
        CSIGD_INT(c->deadline),
        CSIGD_INT(c->on_miss),
        CSIGD_INT(c->created),
    };

    return csigd_sql_run(m,
                         "INSERT INTO campaigns (id, state, selected, before, per_minute, at_once, "
                         "deadline, on_miss, created, changed, eligible) "
                         "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, 0)",
                         values, sizeof values / sizeof values[0]);
}

/* One row for a wallet of the table w; position, campaign ?1, now ?2. */
#define ADD(position)                                                                              \
    "INSERT INTO campaign_wallets (campaign, position, wallet, state, since, epoch_before, "       \
    "reason) "                                                                                     \
    "SELECT ?1, " position ", id, " CSIGD_STANDING_STATE ", ?2, epoch, reason FROM ("              \
    "SELECT w.id, w.created, w.epoch, " CSIGD_STANDING_RUNS " AS running, "                        \
    "CASE WHEN " CSIGD_STANDING_RUNS " THEN 0 ELSE " CSIGD_STANDING_REASON " END AS reason "       \
    "FROM wallets AS w WHERE w.state = 2 AND w.rehearsal = 0 AND "

static csigd_stored select_many(csigd_medium *m, const csigd_campaign *c)
{
    return csigd_sql_run(
        m,
        ADD("row_number() OVER (ORDER BY created, id)") "(?3 = 1 OR max(w.created, w.epoch_since) "
                                                        "< ?4)) AS now",
        CSIGD_VALUES(CSIGD_BYTES(c->id, sizeof c->id), CSIGD_INT(c->created),
                     CSIGD_INT(c->selected), CSIGD_INT(c->before)));
}

static csigd_stored select_listed(csigd_medium *m, const csigd_campaign *c,
                                  const uint8_t (*wallets)[CSIGD_ID_BYTES], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        CSIGD_STORE_TRY(
            csigd_sql_run(m,
                          ADD("?3") "w.id = ?4 AND NOT EXISTS (SELECT 1 FROM campaign_wallets "
                                    "WHERE wallet = ?4 AND campaign = ?1)) AS now",
                          CSIGD_VALUES(CSIGD_BYTES(c->id, sizeof c->id), CSIGD_INT(c->created),
                                       CSIGD_INT(i + 1), CSIGD_BYTES(wallets[i], CSIGD_ID_BYTES))));
        if (csigd_sql_changed(m) != 1) return CSIGD_STORE_NONE;
    }
    return CSIGD_STORED;
}

static csigd_stored count(csigd_medium *m, csigd_campaign *c)
{
    sqlite3_stmt *stmt;
    csigd_stored result;

    memset(c->count, 0, sizeof c->count);
    CSIGD_STORE_TRY(csigd_sql_query(
        m, &stmt, "SELECT state, count(*) FROM campaign_wallets WHERE campaign = ?1 GROUP BY state",
        CSIGD_VALUES(CSIGD_BYTES(c->id, sizeof c->id))));
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED) {
        const int64_t state = sqlite3_column_int64(stmt, 0);

        if (state < 1 || state >= CSIGD_STANDING_COUNT) break;
        c->count[state] = (uint64_t)sqlite3_column_int64(stmt, 1);
    }
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : CSIGD_STORE_FAILED;
}

static csigd_stored put_within(csigd_medium *m, csigd_campaign *c,
                               const uint8_t (*wallets)[CSIGD_ID_BYTES], size_t n)
{
    CSIGD_STORE_TRY(put_row(m, c));
    CSIGD_STORE_TRY(c->selected == CSIGD_CAMPAIGN_LIST ? select_listed(m, c, wallets, n)
                                                       : select_many(m, c));
    CSIGD_STORE_TRY(count(m, c));
    c->eligible = 0;
    for (size_t i = 0; i < CSIGD_STANDING_COUNT; i++)
        c->eligible += c->count[i];
    if (c->eligible == 0) return CSIGD_STORE_CONFLICT;
    CSIGD_STORE_TRY(
        csigd_sql_run(m, "UPDATE campaigns SET eligible = ?2 WHERE id = ?1",
                      CSIGD_VALUES(CSIGD_BYTES(c->id, sizeof c->id), CSIGD_INT(c->eligible))));
    return csigd_sqlite_audit_line(
        m, "campaign.begun", CSIGD_OF_NOTHING, CSIGD_HEX("campaign", c->id, sizeof c->id),
        CSIGD_NUMBER("eligible", c->eligible), CSIGD_NUMBER("deadline", c->deadline),
        CSIGD_NUMBER("per_minute", c->per_minute), CSIGD_NUMBER("at_once", c->at_once),
        CSIGD_TEXT("on_miss", c->on_miss == CSIGD_MISS_LOCK ? "lock" : "warn"));
}

static csigd_stored put(csigd_store *s, csigd_campaign *campaign,
                        const uint8_t (*wallets)[CSIGD_ID_BYTES], size_t n)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, put_within(m, campaign, wallets, n));
}

/* --- it is looked at --- */

#define COLUMNS                                                                                    \
    "SELECT id, state, selected, before, per_minute, at_once, deadline, on_miss, created, "        \
    "changed, eligible FROM campaigns "

static bool campaign_read(sqlite3_stmt *stmt, void *out)
{
    csigd_campaign *c = out;

    *c = (csigd_campaign){
        .state = (csigd_campaign_state)sqlite3_column_int(stmt, 1),
        .selected = (csigd_campaign_select)sqlite3_column_int(stmt, 2),
        .before = sqlite3_column_int64(stmt, 3),
        .per_minute = (uint32_t)sqlite3_column_int64(stmt, 4),
        .at_once = (uint32_t)sqlite3_column_int64(stmt, 5),
        .deadline = sqlite3_column_int64(stmt, 6),
        .on_miss = (csigd_on_miss)sqlite3_column_int(stmt, 7),
        .created = sqlite3_column_int64(stmt, 8),
        .changed = sqlite3_column_int64(stmt, 9),
        .eligible = (uint64_t)sqlite3_column_int64(stmt, 10),
    };
    return csigd_column_is_bytes(stmt, 0, c->id, sizeof c->id);
}

static csigd_stored get(csigd_store *s, const uint8_t *id, csigd_campaign *campaign)
{
    csigd_medium *m = s->medium;
    csigd_stored result;

    csigd_sql_lock(m);
    result =
        csigd_sql_fetch(m, COLUMNS "WHERE id = ?1", CSIGD_VALUES(CSIGD_BYTES(id, CSIGD_ID_BYTES)),
                        campaign_read, campaign);
    if (result == CSIGD_STORED) result = count(m, campaign);
    csigd_sql_unlock(m);
    return result;
}

static csigd_stored list(csigd_store *s, void (*each)(void *ctx, const csigd_campaign *campaign),
                         void *ctx)
{
    static const char sql[] = COLUMNS "ORDER BY created, id";
    csigd_medium *m = s->medium;
    csigd_campaign campaign;
    sqlite3_stmt *stmt;
    csigd_stored result;

    csigd_sql_lock(m);
    result = csigd_sql_query(m, &stmt, sql, NULL, 0);
    while (result == CSIGD_STORED) {
        result = csigd_sql_row(m, stmt);
        if (result != CSIGD_STORED) break;
        if (campaign_read(stmt, &campaign))
            each(ctx, &campaign);
        else
            result = csigd_sql_failed(m, sql);
    }
    sqlite3_finalize(stmt);
    csigd_sql_unlock(m);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : result;
}

static bool wallet_is_read(sqlite3_stmt *stmt, csigd_campaign_wallet *w)
{
    *w = (csigd_campaign_wallet){
        .state = (csigd_standing)sqlite3_column_int(stmt, 1),
        .since = sqlite3_column_int64(stmt, 2),
        .epoch_before = (uint64_t)sqlite3_column_int64(stmt, 3),
        .epoch_after = (uint64_t)sqlite3_column_int64(stmt, 4),
        .reason = (csigd_miss_reason)sqlite3_column_int(stmt, 5),
    };
    return csigd_column_is_bytes(stmt, 0, w->wallet, sizeof w->wallet);
}

static csigd_stored read_page(csigd_medium *m, const uint8_t *id, uint32_t n,
                              void (*each)(void *ctx, const csigd_campaign_wallet *wallet),
                              void *ctx)
{
    static const char sql[] =
        "SELECT wallet, state, since, epoch_before, epoch_after, reason FROM campaign_wallets "
        "WHERE campaign = ?1 AND position > ?2 AND position <= ?3 ORDER BY position";
    const int64_t first = (int64_t)(n - 1) * CSIGD_CAMPAIGN_PAGE;
    csigd_campaign_wallet wallet;
    sqlite3_stmt *stmt;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_query(m, &stmt, sql,
                                    CSIGD_VALUES(CSIGD_BYTES(id, CSIGD_ID_BYTES), CSIGD_INT(first),
                                                 CSIGD_INT(first + CSIGD_CAMPAIGN_PAGE))));
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED && wallet_is_read(stmt, &wallet))
        each(ctx, &wallet);
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : csigd_sql_failed(m, sql);
}

static csigd_stored page(csigd_store *s, const uint8_t *id, uint32_t n,
                         void (*each)(void *ctx, const csigd_campaign_wallet *wallet), void *ctx)
{
    csigd_medium *m = s->medium;
    csigd_campaign campaign;
    csigd_stored result;

    csigd_sql_lock(m);
    result =
        csigd_sql_fetch(m, COLUMNS "WHERE id = ?1", CSIGD_VALUES(CSIGD_BYTES(id, CSIGD_ID_BYTES)),
                        campaign_read, &campaign);
    if (result == CSIGD_STORED) result = read_page(m, id, n, each, ctx);
    csigd_sql_unlock(m);
    return result;
}

/* --- it is stopped and goes on --- */

static const char *const moves[] = {
    [CSIGD_CAMPAIGN_RUNNING] = "campaign.resumed",
    [CSIGD_CAMPAIGN_PAUSED] = "campaign.paused",
    [CSIGD_CAMPAIGN_CANCELLED] = "campaign.cancelled",
};

static csigd_stored move_within(csigd_medium *m, const uint8_t *id, csigd_campaign_state state,
                                int64_t when)
{
    const csigd_value values[] = {CSIGD_BYTES(id, CSIGD_ID_BYTES), CSIGD_INT(state),
                                  CSIGD_INT(when)};
    int64_t now = 0;

    CSIGD_STORE_TRY(
        csigd_sql_number(m, &now, "SELECT state FROM campaigns WHERE id = ?1", values, 1));
    if (now == (int64_t)state) return CSIGD_STORED;
    if (now == CSIGD_CAMPAIGN_CANCELLED) return CSIGD_STORE_CONFLICT;
    CSIGD_STORE_TRY(
        csigd_sql_run(m, "UPDATE campaigns SET state = ?2, changed = ?3 WHERE id = ?1", values, 3));
    return csigd_sqlite_audit_line(m, moves[state], CSIGD_OF_NOTHING,
                                   CSIGD_HEX("campaign", id, CSIGD_ID_BYTES));
}

static csigd_stored move(csigd_store *s, const uint8_t *id, csigd_campaign_state state,
                         int64_t when)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, move_within(m, id, state, when));
}

/* --- what it wants of one wallet --- */

static bool id_read(sqlite3_stmt *stmt, void *id)
{
    return csigd_column_is_bytes(stmt, 0, id, CSIGD_ID_BYTES);
}

static csigd_stored wanted(csigd_store *s, const uint8_t *wallet, int64_t now, uint8_t id[16])
{
    return csigd_sql_fetch(
        s->medium,
        "SELECT c.id FROM campaign_wallets AS w JOIN campaigns AS c ON c.id = w.campaign "
        "WHERE w.wallet = ?1 AND w.state = 1 AND c.state = 1 AND " CSIGD_STANDING_PACE(
            "?2") " ORDER BY c.created, c.id LIMIT 1",
        CSIGD_VALUES(CSIGD_BYTES(wallet, CSIGD_ID_BYTES), CSIGD_INT(now)), id_read, id);
}

static csigd_stored missed(csigd_store *s, const uint8_t *wallet, int64_t now, uint8_t id[16])
{
    return csigd_sql_fetch(
        s->medium,
        "SELECT c.id FROM campaign_wallets AS w JOIN campaigns AS c ON c.id = w.campaign "
        "WHERE w.wallet = ?1 AND w.state != 3 AND c.state = 1 AND c.on_miss = 2 "
        "AND c.deadline <= ?2 ORDER BY c.created, c.id LIMIT 1",
        CSIGD_VALUES(CSIGD_BYTES(wallet, CSIGD_ID_BYTES), CSIGD_INT(now)), id_read, id);
}

void csigd_sqlite_campaigns(csigd_store *s)
{
    s->campaigns = (csigd_campaign_store){
        .put = put,
        .get = get,
        .list = list,
        .move = move,
        .page = page,
        .wanted = wanted,
        .missed = missed,
    };
}
