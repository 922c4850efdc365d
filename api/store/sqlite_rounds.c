/* A round's answer and everything it brought about: one transaction. */
#include <string.h>

#include "store/sqlite.h"

/* --- blame --- */

csigd_stored csigd_sqlite_check_locks(csigd_medium *m, const uint8_t *session)
{
    int64_t locked = 0;

    CSIGD_STORE_TRY(csigd_sql_number(
        m, &locked,
        "SELECT count(*) FROM session_devices AS d "
        "JOIN pairs AS p ON p.device = d.device WHERE d.session = ?1 AND p.locked != 0",
        CSIGD_VALUES(CSIGD_BYTES(session, CSIGD_ID_BYTES))));
    return locked == 0 ? CSIGD_STORED : CSIGD_STORE_LOCKED;
}

static csigd_stored put_evidence(csigd_medium *m, const uint8_t *session,
                                 const csigd_blob *evidence)
{
    if (evidence == NULL || evidence->len == 0) return CSIGD_STORED;
    return csigd_sql_run(m, "INSERT OR REPLACE INTO evidence (session, octets) VALUES (?1, ?2)",
                         CSIGD_VALUES(CSIGD_BYTES(session, CSIGD_ID_BYTES),
                                      CSIGD_BYTES(evidence->p, evidence->len)));
}

csigd_stored csigd_sqlite_blame(csigd_medium *m, const uint8_t *session,
                                const csigd_effects *effects)
{
    for (size_t i = 0; i < effects->n_blamed; i++) {
        const csigd_value values[] = {
            CSIGD_BYTES(effects->blamed[i], CSIG_IDENTITY_BYTES),
            CSIGD_BYTES(session, CSIGD_ID_BYTES),
            CSIGD_INT(effects->when),
            CSIGD_STRING(effects->reason),
            /* A name is enough; without one it takes several. */
            CSIGD_INT(effects->named ? CSIGD_SUSPICIONS_MAX : 1),
            CSIGD_INT(CSIGD_SUSPICIONS_MAX),
        };

        CSIGD_STORE_TRY(csigd_sql_run(
            m,
            "UPDATE pairs SET suspicions = suspicions + ?5, "
            "locked = CASE WHEN locked = 0 AND suspicions + ?5 >= ?6 THEN ?3 ELSE locked END, "
            "reason = CASE WHEN locked = 0 AND suspicions + ?5 >= ?6 THEN ?4 ELSE reason END "
            "WHERE device = ?1 AND own_generation = "
            "(SELECT own_generation FROM sessions WHERE id = ?2)",
            values, sizeof values / sizeof values[0]));
        CSIGD_STORE_TRY(csigd_sqlite_standing_device(m, effects->blamed[i]));
    }
    CSIGD_STORE_TRY(put_evidence(m, session, effects->evidence));
    return csigd_sqlite_tell_blame(m, session, effects);
}

/* --- effects --- */

static csigd_stored put_peer(csigd_medium *m, const csigd_peer_row *p)
{
    /* Whoever shows a newer generation of his own has none of the older ones any more. */
    CSIGD_STORE_TRY(csigd_sql_run(
        m, "DELETE FROM peers WHERE device = ?1 AND generation < ?2",
        CSIGD_VALUES(CSIGD_BYTES(p->device, sizeof p->device), CSIGD_INT(p->generation))));
    return csigd_sql_run(
        m,
        "INSERT OR REPLACE INTO peers (device, own_generation, generation, aux_id, sealed) "
        "VALUES (?1, ?2, ?3, ?4, ?5)",
        CSIGD_VALUES(CSIGD_BYTES(p->device, sizeof p->device), CSIGD_INT(p->own_generation),
                     CSIGD_INT(p->generation), CSIGD_BYTES(p->aux_id, sizeof p->aux_id),
                     CSIGD_BYTES(p->sealed.p, p->sealed.len)));
}

static csigd_stored move_presig(csigd_medium *m, const uint8_t *session, const csigd_presig_move *p)
{
    const csigd_value values[] = {CSIGD_BYTES(p->id, sizeof p->id),
                                  CSIGD_BYTES(session, CSIGD_ID_BYTES)};

    if (p->to == CSIGD_PRESIG_KEPT)
        CSIGD_STORE_TRY(csigd_sql_run(m,
                                      "INSERT INTO presignatures (id, wallet, session, state) "
                                      "SELECT ?1, wallet, id, 1 FROM sessions WHERE id = ?2",
                                      values, 2));
    else
        CSIGD_STORE_TRY(csigd_sql_run(m,
                                      "UPDATE presignatures SET state = 2 "
                                      "WHERE id = ?1 AND session = ?2 AND state = 1",
                                      values, 2));
    return csigd_sql_changed(m) == 1 ? CSIGD_STORED : CSIGD_STORE_CONFLICT;
}

/* Most rounds bring about nothing that the audit log is told. */
static csigd_stored tell_effects(csigd_medium *m, const uint8_t *session, const csigd_effects *e)
{
    csigd_store view = {.medium = m};
    csigd_session_row row;

    if (e->peer == NULL && e->birth == NULL && e->commit == NULL && !e->released &&
        e->signature == NULL)
        return CSIGD_STORED;
    csigd_sqlite_sessions(&view);
    CSIGD_STORE_TRY(view.session_get(&view, session, &row));
    return csigd_sqlite_tell_effects(m, &row, e);
}

static csigd_stored put_effects(csigd_medium *m, const uint8_t *session, const csigd_effects *e)
{
    if (e->peer != NULL) CSIGD_STORE_TRY(put_peer(m, e->peer));
    if (e->pending_share != NULL)
        CSIGD_STORE_TRY(csigd_sqlite_put_pending(m, session, e->pending_share));
    if (e->birth != NULL) CSIGD_STORE_TRY(csigd_sqlite_put_birth(m, session, e->birth));
    if (e->staged != NULL) CSIGD_STORE_TRY(csigd_sqlite_stage(m, session, e->staged));
    for (size_t i = 0; i < e->n_backups; i++)
        CSIGD_STORE_TRY(csigd_sqlite_stage_backup(m, session, &e->backups[i]));
    if (e->commit != NULL) CSIGD_STORE_TRY(csigd_sqlite_commit(m, session, e->commit));
    for (size_t i = 0; i < e->n_moves; i++)
        CSIGD_STORE_TRY(move_presig(m, session, &e->moves[i]));
    if (e->released) CSIGD_STORE_TRY(csigd_sqlite_release(m, session, e->when));
    if (e->signature != NULL) CSIGD_STORE_TRY(csigd_sqlite_sign(m, session, e->signature));
    CSIGD_STORE_TRY(tell_effects(m, session, e));
    return csigd_sqlite_blame(m, session, e);
}

/* --- rounds --- */

static csigd_stored put_answer(csigd_medium *m, const csigd_answer *a)
{
    const csigd_value values[] = {
        CSIGD_BYTES(a->session, sizeof a->session),
        CSIGD_INT(a->n),
        CSIGD_BYTES(a->hash, sizeof a->hash),
        CSIGD_INT(a->status),
        CSIGD_INT(a->state),
        CSIGD_BYTES(a->reply.p, a->reply.len),
        CSIGD_INT(a->when),
    };

    CSIGD_STORE_TRY(csigd_sql_run(m,
                                  "UPDATE sessions SET next_round = next_round + 1 "
                                  "WHERE id = ?1 AND state = 1 AND next_round = ?2",
                                  values, 2));
    if (csigd_sql_changed(m) != 1) return CSIGD_STORE_CONFLICT;
    return csigd_sql_run(m,
                         "INSERT INTO rounds (session, n, hash, status, state, sealed, answered) "
                         "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                         values, sizeof values / sizeof values[0]);
}

static csigd_stored put_all(csigd_medium *m, const csigd_answer *a, const csigd_effects *e)
{
    if (a->state != CSIGD_SESSION_FAILED) CSIGD_STORE_TRY(csigd_sqlite_check_locks(m, a->session));
    CSIGD_STORE_TRY(put_answer(m, a));
    CSIGD_STORE_TRY(put_effects(m, a->session, e));
    if (a->state == CSIGD_SESSION_RUNNING) return CSIGD_STORED;
    return csigd_sqlite_end_session(m, a->session, a->state);
}

static csigd_stored round_put(csigd_store *s, const csigd_answer *answer,
                              const csigd_effects *effects)
{
    csigd_medium *m = s->medium;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    result = csigd_sql_end(m, put_all(m, answer, effects));
    if (result == CSIGD_STORED && effects->commit != NULL) csigd_sqlite_forget(m);
    return result;
}

static bool answer_read(sqlite3_stmt *stmt, void *out)
{
    csigd_answer *a = out;

    *a = (csigd_answer){
        .n = (uint32_t)sqlite3_column_int64(stmt, 1),
        .status = (uint32_t)sqlite3_column_int64(stmt, 3),
        .state = (csigd_session_state)sqlite3_column_int(stmt, 4),
        .when = sqlite3_column_int64(stmt, 6),
    };
    return csigd_column_is_bytes(stmt, 0, a->session, sizeof a->session) &&
           csigd_column_is_bytes(stmt, 2, a->hash, sizeof a->hash) &&
           csigd_column_is_blob(stmt, 5, &a->reply);
}

static csigd_stored round_get(csigd_store *s, const uint8_t *session, uint32_t n,
                              csigd_answer *answer)
{
    return csigd_sql_fetch(s->medium,
                           "SELECT session, n, hash, status, state, sealed, answered FROM rounds "
                           "WHERE session = ?1 AND n = ?2",
                           CSIGD_VALUES(CSIGD_BYTES(session, CSIGD_ID_BYTES), CSIGD_INT(n)),
                           answer_read, answer);
}

static bool evidence_read(sqlite3_stmt *stmt, void *evidence)
{
    return csigd_column_is_blob(stmt, 0, evidence);
}

static csigd_stored evidence_get(csigd_store *s, const uint8_t *session, csigd_blob *evidence)
{
    return csigd_sql_fetch(s->medium, "SELECT octets FROM evidence WHERE session = ?1",
                           CSIGD_VALUES(CSIGD_BYTES(session, CSIGD_ID_BYTES)), evidence_read,
                           evidence);
}

void csigd_sqlite_rounds(csigd_store *s)
{
    s->evidence_get = evidence_get;
    s->round_get = round_get;
    s->round_put = round_put;
}
