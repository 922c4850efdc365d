/* The shares of a wallet in their slots, each with its wrapping key in a row of its own. */
#include "store/sqlite.h"

enum { PENDING = 1, CURRENT = 2, STAGED = 3 };

void csigd_share_row_free(csigd_share_row *row)
{
    csigd_blob_free(&row->key);
    csigd_blob_free(&row->sealed);
}

/* Whatever was in the slot goes, and its key goes with it. */
static csigd_stored put_slot(csigd_medium *m, const uint8_t *session, int slot,
                             const csigd_epoch *epoch, const csigd_share_row *share)
{
    const csigd_value values[] = {
        CSIGD_BYTES(session, CSIGD_ID_BYTES),
        CSIGD_INT(slot),
        CSIGD_INT(epoch != NULL ? epoch->number : 0),
        CSIGD_INT(epoch != NULL ? epoch->attempt : 0),
        epoch != NULL ? CSIGD_BYTES(epoch->state, sizeof epoch->state) : CSIGD_NULL,
        CSIGD_BYTES(share->sealed.p, share->sealed.len),
    };

    CSIGD_STORE_TRY(csigd_sql_run(
        m,
        "DELETE FROM shares WHERE wallet = (SELECT wallet FROM sessions WHERE id = ?1) "
        "AND slot = ?2",
        values, 2));
    CSIGD_STORE_TRY(
        csigd_sql_run(m,
                      "INSERT INTO shares (wallet, slot, epoch, attempt, state, sealed) "
                      "SELECT wallet, ?2, ?3, ?4, ?5, ?6 FROM sessions WHERE id = ?1",
                      values, sizeof values / sizeof values[0]));
    return csigd_sql_run(
        m,
        "INSERT INTO share_keys (wallet, slot, sealed) "
        "SELECT wallet, ?2, ?3 FROM sessions WHERE id = ?1",
        CSIGD_VALUES(values[0], values[1], CSIGD_BYTES(share->key.p, share->key.len)));
}

/* --- key generation --- */

csigd_stored csigd_sqlite_put_pending(csigd_medium *m, const uint8_t *session,
                                      const csigd_share_row *share)
{
    return put_slot(m, session, PENDING, NULL, share);
}

/* What is signed in an epoch opens its shares to whoever gets the moduli it was signed under: kept
 * is the newest generation that each party has used in it. The first device is party 1, the server
 * 2, the other devices follow. */
csigd_stored csigd_sqlite_note_generations(csigd_medium *m, const csigd_session_row *row)
{
    const csigd_value values[] = {CSIGD_BYTES(row->wallet, sizeof row->wallet),
                                  CSIGD_BYTES(row->id, sizeof row->id),
                                  CSIGD_INT(row->own_generation)};

    return csigd_sql_run(
        m,
        "INSERT INTO generations (wallet, party, generation) "
        "SELECT ?1, CASE w.position WHEN 0 THEN 1 ELSE w.position + 2 END, p.generation "
        "FROM session_devices AS s JOIN wallet_devices AS w ON w.device = s.device "
        "JOIN peers AS p ON p.device = s.device "
        "WHERE s.session = ?2 AND w.wallet = ?1 AND p.own_generation = ?3 "
        "UNION ALL SELECT ?1, 2, ?3 WHERE true "
        "ON CONFLICT DO UPDATE SET generation = excluded.generation "
        "WHERE excluded.generation > generation",
        values, sizeof values / sizeof values[0]);
}

/* The generations of an epoch that begins: others of the wallet stay as they were. */
static csigd_stored put_generations(csigd_medium *m, const uint8_t *session,
                                    const csigd_party_generation *generations, size_t n)
{
    for (size_t i = 0; i < n; i++)
        CSIGD_STORE_TRY(csigd_sql_run(
            m,
            "INSERT OR REPLACE INTO generations (wallet, party, generation) "
            "SELECT wallet, ?2, ?3 FROM sessions WHERE id = ?1",
            CSIGD_VALUES(CSIGD_BYTES(session, CSIGD_ID_BYTES), CSIGD_INT(generations[i].party),
                         CSIGD_INT(generations[i].generation))));
    return CSIGD_STORED;
}

csigd_stored csigd_sqlite_put_birth(csigd_medium *m, const uint8_t *session, const csigd_birth *b)
{
    CSIGD_STORE_TRY(csigd_sql_run(
        m, "DELETE FROM shares WHERE wallet = (SELECT wallet FROM sessions WHERE id = ?1)",
        CSIGD_VALUES(CSIGD_BYTES(session, CSIGD_ID_BYTES))));
    CSIGD_STORE_TRY(put_slot(m, session, CURRENT, &b->epoch, &b->share));
    CSIGD_STORE_TRY(put_generations(m, session, b->generations, b->n_generations));
    CSIGD_STORE_TRY(csigd_sqlite_put_escrows(m, session, &b->recoverable));
    CSIGD_STORE_TRY(csigd_sql_run(
        m,
        "UPDATE wallets SET state = 2, key_id = ?2, public_key = ?3, epoch = ?4, "
        "epoch_attempt = ?5, epoch_state = ?6, commit_signature = ?7, record = ?8 "
        "WHERE id = (SELECT wallet FROM sessions WHERE id = ?1) AND state = 1",
        CSIGD_VALUES(
            CSIGD_BYTES(session, CSIGD_ID_BYTES), CSIGD_BYTES(b->key_id, sizeof b->key_id),
            CSIGD_BYTES(b->public_key, sizeof b->public_key), CSIGD_INT(b->epoch.number),
            CSIGD_INT(b->epoch.attempt), CSIGD_BYTES(b->epoch.state, sizeof b->epoch.state),
            CSIGD_BYTES(b->commit, sizeof b->commit), CSIGD_BYTES(b->record.p, b->record.len))));
    return csigd_sql_changed(m) == 1 ? CSIGD_STORED : CSIGD_STORE_CONFLICT;
}

/* --- refresh: staged --- */

csigd_stored csigd_sqlite_stage(csigd_medium *m, const uint8_t *session,
                                const csigd_staging *staging)
{
    return put_slot(m, session, STAGED, &staging->epoch, &staging->share);
}

csigd_stored csigd_sqlite_stage_backup(csigd_medium *m, const uint8_t *session,
                                       const csigd_backup_row *backup)
{
    return csigd_sql_run(m,
                         "INSERT OR REPLACE INTO backups (wallet, slot, party, sealed) "
                         "SELECT wallet, 3, ?2, ?3 FROM sessions WHERE id = ?1",
                         CSIGD_VALUES(CSIGD_BYTES(session, CSIGD_ID_BYTES),
                                      CSIGD_INT(backup->party),
                                      CSIGD_BYTES(backup->sealed.p, backup->sealed.len)));
}

csigd_stored csigd_sqlite_unstage(csigd_medium *m, const uint8_t *wallet)
{
    const csigd_value self = CSIGD_BYTES(wallet, CSIGD_ID_BYTES);

    CSIGD_STORE_TRY(
        csigd_sql_run(m, "DELETE FROM shares WHERE wallet = ?1 AND slot = 3", &self, 1));
    return csigd_sql_run(m, "DELETE FROM backups WHERE wallet = ?1 AND slot = 3", &self, 1);
}

/* --- refresh: the commit --- */

/* Did every party of the test sign with auxiliary info of a newer generation than any that it used
 * in the epoch before? What is not on record was the first. */
static csigd_stored judge_healing(csigd_medium *m, const uint8_t *wallet, const csigd_commit *c,
                                  csigd_refreshed *refreshed)
{
    /* Of another committee there is nothing to compare with. */
    *refreshed = c->committee != NULL ? CSIGD_REFRESHED_SHARES : CSIGD_REFRESHED_HEALING;
    for (size_t i = 0; i < c->n_generations; i++) {
        int64_t before = 1;
        const csigd_stored stored = csigd_sql_number(
            m, &before, "SELECT generation FROM generations WHERE wallet = ?1 AND party = ?2",
            CSIGD_VALUES(CSIGD_BYTES(wallet, CSIGD_ID_BYTES), CSIGD_INT(c->generations[i].party)));

        if (stored != CSIGD_STORED && stored != CSIGD_STORE_NONE) return stored;
        if (c->generations[i].generation <= (uint64_t)before) *refreshed = CSIGD_REFRESHED_SHARES;
    }
    return CSIGD_STORED;
}

/* Everything of the wallet that the old epoch had a part in. */
static csigd_stored end_others(csigd_medium *m, const uint8_t *wallet, const uint8_t *session)
{
    const csigd_value values[] = {CSIGD_BYTES(wallet, CSIGD_ID_BYTES),
                                  CSIGD_BYTES(session, CSIGD_ID_BYTES)};

    for (;;) {
        uint8_t id[CSIGD_ID_BYTES];
        sqlite3_stmt *stmt;
        csigd_stored result;

        CSIGD_STORE_TRY(csigd_sql_query(
            m, &stmt,
            "SELECT id FROM sessions WHERE wallet = ?1 AND state = 1 AND id != ?2 LIMIT 1", values,
            2));
        result = csigd_sql_row(m, stmt);
        if (result == CSIGD_STORED && !csigd_column_is_bytes(stmt, 0, id, sizeof id))
            result = CSIGD_STORE_FAILED;
        sqlite3_finalize(stmt);
        if (result == CSIGD_STORE_NONE) break;
        if (result != CSIGD_STORED) return result;
        CSIGD_STORE_TRY(csigd_sqlite_end_session(m, id, CSIGD_SESSION_OUTDATED));
    }
    return csigd_sql_run(m, "UPDATE presignatures SET state = 5 WHERE wallet = ?1 AND state < 4",
                         values, 1);
}

/* The staged share with its key, and the staged backups, in the place of the current ones. */
static csigd_stored move_slots(csigd_medium *m, const uint8_t *wallet, const csigd_epoch *epoch)
{
    const csigd_value values[] = {CSIGD_BYTES(wallet, CSIGD_ID_BYTES),
                                  CSIGD_BYTES(epoch->state, sizeof epoch->state)};

    CSIGD_STORE_TRY(
        csigd_sql_run(m, "DELETE FROM shares WHERE wallet = ?1 AND slot != 3", values, 1));
    CSIGD_STORE_TRY(csigd_sql_run(
        m, "UPDATE shares SET slot = 2 WHERE wallet = ?1 AND slot = 3 AND state = ?2", values, 2));
    if (csigd_sql_changed(m) != 1) return CSIGD_STORE_CONFLICT;
    CSIGD_STORE_TRY(
        csigd_sql_run(m, "DELETE FROM backups WHERE wallet = ?1 AND slot = 2", values, 1));
    return csigd_sql_run(m, "UPDATE backups SET slot = 2 WHERE wallet = ?1 AND slot = 3", values,
                         1);
}

static csigd_stored change_committee(csigd_medium *m, const uint8_t *wallet,
                                     const csigd_wallet *next)
{
    const csigd_value values[] = {CSIGD_BYTES(wallet, CSIGD_ID_BYTES),
                                  CSIGD_INT(next->signers_required), CSIGD_INT(next->parties)};

    CSIGD_STORE_TRY(csigd_sqlite_moved(m, wallet, next));
    CSIGD_STORE_TRY(csigd_sql_run(m, "DELETE FROM generations WHERE wallet = ?1", values, 1));
    CSIGD_STORE_TRY(csigd_sql_run(
        m, "UPDATE wallets SET signers_required = ?2, parties = ?3 WHERE id = ?1", values, 3));
    return csigd_sqlite_put_committee(m, wallet, next);
}

csigd_stored csigd_sqlite_commit(csigd_medium *m, const uint8_t *session, const csigd_commit *c)
{
    csigd_session_row row;
    csigd_store view = {.medium = m};
    csigd_refreshed refreshed;

    csigd_sqlite_sessions(&view);
    CSIGD_STORE_TRY(view.session_get(&view, session, &row));
    CSIGD_STORE_TRY(judge_healing(m, row.wallet, c, &refreshed));
    CSIGD_STORE_TRY(move_slots(m, row.wallet, &c->epoch));
    if (c->committee != NULL) CSIGD_STORE_TRY(change_committee(m, row.wallet, c->committee));
    CSIGD_STORE_TRY(put_generations(m, session, c->generations, c->n_generations));
    CSIGD_STORE_TRY(csigd_sqlite_put_escrows(m, session, &c->recoverable));
    CSIGD_STORE_TRY(
        csigd_sql_run(m,
                      "UPDATE wallets SET epoch = ?3, epoch_attempt = ?4, epoch_state = ?5, "
                      "commit_signature = ?6, record = ?7, refresh_attempts = 0, refreshed = ?8 "
                      "WHERE id = ?1 AND epoch = ?2 AND epoch + 1 = ?3",
                      CSIGD_VALUES(CSIGD_BYTES(row.wallet, sizeof row.wallet), CSIGD_INT(row.epoch),
                                   CSIGD_INT(c->epoch.number), CSIGD_INT(c->epoch.attempt),
                                   CSIGD_BYTES(c->epoch.state, sizeof c->epoch.state),
                                   CSIGD_BYTES(c->commit, sizeof c->commit),
                                   CSIGD_BYTES(c->record.p, c->record.len), CSIGD_INT(refreshed))));
    if (csigd_sql_changed(m) != 1) return CSIGD_STORE_CONFLICT;
    CSIGD_STORE_TRY(csigd_sqlite_standing_done(m, row.wallet));
    return end_others(m, row.wallet, session);
}
