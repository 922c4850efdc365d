/* How far campaigns are with a wallet, as part of the transactions that change it. */
#include "clock.h"
#include "store/sqlite.h"

/* What is so by now of the wallets of ?1 that campaigns are not done with; ?2 is the time, ?3 the
 * reason of one that waits again. Nothing is written where nothing has changed. */
#define LOOK(these)                                                                                \
    "WITH now AS MATERIALIZED (SELECT w.id AS wallet, " CSIGD_STANDING_RUNS " AS running, "        \
    "CASE WHEN " CSIGD_STANDING_RUNS " THEN 0 ELSE " CSIGD_STANDING_REASON " END AS reason "       \
    "FROM wallets AS w WHERE " these " AND EXISTS (SELECT 1 FROM campaign_wallets AS o "           \
    "WHERE o.wallet = w.id AND o.state != 3)) "                                                    \
    "UPDATE campaign_wallets AS c SET since = ?2, state = " CSIGD_STANDING_STATE ", "              \
    "reason = CASE WHEN now.running OR now.reason > 0 THEN now.reason ELSE ?3 END FROM now "       \
    "WHERE c.wallet = now.wallet AND c.state != 3 AND (c.state != " CSIGD_STANDING_STATE           \
    " OR (now.reason > 0 AND c.reason != now.reason)) "                                            \
    "AND (c.state = 2 OR c.campaign IN (SELECT id FROM campaigns WHERE state != 3))"

csigd_stored csigd_sqlite_standing(csigd_medium *m, const uint8_t *wallet, csigd_miss_reason reason)
{
    return csigd_sql_run(m, LOOK("w.id = ?1"),
                         CSIGD_VALUES(CSIGD_BYTES(wallet, CSIGD_ID_BYTES),
                                      CSIGD_INT(csigd_clock_now()), CSIGD_INT(reason)));
}

csigd_stored csigd_sqlite_standing_device(csigd_medium *m, const uint8_t *device)
{
    return csigd_sql_run(m, LOOK("w.id IN (SELECT wallet FROM wallet_devices WHERE device = ?1)"),
                         CSIGD_VALUES(CSIGD_BYTES(device, CSIG_IDENTITY_BYTES),
                                      CSIGD_INT(csigd_clock_now()), CSIGD_INT(CSIGD_REASON_NONE)));
}

csigd_stored csigd_sqlite_standing_done(csigd_medium *m, const uint8_t *wallet)
{
    const csigd_value values[] = {CSIGD_BYTES(wallet, CSIGD_ID_BYTES),
                                  CSIGD_INT(csigd_clock_now())};

    CSIGD_STORE_TRY(
        csigd_sql_run(m, "UPDATE wallets SET epoch_since = ?2 WHERE id = ?1", values, 2));
    return csigd_sql_run(
        m,
        "UPDATE campaign_wallets SET state = 3, since = ?2, reason = 0, "
        "epoch_after = (SELECT epoch FROM wallets WHERE id = ?1) WHERE wallet = ?1 AND state != 3 "
        "AND (state = 2 OR campaign IN (SELECT id FROM campaigns WHERE state != 3))",
        values, 2);
}

/* The pace holds here: who was told to refresh is many. */
csigd_stored csigd_sqlite_standing_start(csigd_medium *m, const uint8_t *campaign,
                                         const csigd_session_row *row)
{
    const csigd_value values[] = {CSIGD_BYTES(campaign, CSIGD_ID_BYTES), CSIGD_INT(row->created),
                                  CSIGD_BYTES(row->wallet, sizeof row->wallet),
                                  CSIGD_BYTES(row->id, sizeof row->id)};
    int64_t may = 0;

    CSIGD_STORE_TRY(csigd_sql_number(
        m, &may,
        "SELECT count(*) FROM campaign_wallets AS w JOIN campaigns AS c ON c.id = w.campaign "
        "WHERE c.id = ?1 AND w.wallet = ?3 AND w.state = 1 AND c.state = 1 "
        "AND " CSIGD_STANDING_PACE("?2"),
        values, 3));
    if (may == 0) return CSIGD_STORE_LATER;
    CSIGD_STORE_TRY(csigd_sql_run(
        m, "DELETE FROM campaign_starts WHERE campaign = ?1 AND started <= ?2 - 60", values, 2));
    return csigd_sql_run(
        m, "INSERT INTO campaign_starts (campaign, started, session) VALUES (?1, ?2, ?4)", values,
        4);
}
