/* Sessions from opening to end, and what a restart does to them. */
#include <string.h>

#include "store/sqlite.h"

bool csigd_kind_is_refresh(csigd_kind kind)
{
    return kind == CSIGD_KIND_REFRESH || kind == CSIGD_KIND_RESHARE;
}

/* Of these an unfinished one may have taught the peer something (protocol: terminal abort). */
static bool kind_is_counted(csigd_kind kind)
{
    return kind == CSIGD_KIND_PRESIGN || kind == CSIGD_KIND_SIGN || csigd_kind_is_refresh(kind);
}

/* Of these a transcript and the moduli of a side give that side's share. The test of a refresh is
 * signed by other shares. */
static bool signs_under_moduli(const csigd_session_row *row)
{
    return row->has_wallet && (row->kind == CSIGD_KIND_PRESIGN || row->kind == CSIGD_KIND_SIGN);
}

/* --- open --- */

static csigd_stored open_pair(csigd_medium *m, const csigd_session_row *row, const uint8_t *device)
{
    const csigd_value pair[] = {CSIGD_BYTES(device, CSIG_IDENTITY_BYTES),
                                CSIGD_INT(row->own_generation),
                                CSIGD_INT(kind_is_counted(row->kind))};
    int64_t locked = 0, unfinished = 0;

    /* A new generation begins with a fresh budget of unfinished sessions, not with a fresh name. */
    CSIGD_STORE_TRY(csigd_sql_run(m,
                                  "INSERT INTO pairs (device, own_generation, suspicions) "
                                  "SELECT ?1, ?2, coalesce(max(suspicions), 0) FROM pairs "
                                  "WHERE device = ?1 ON CONFLICT DO NOTHING",
                                  pair, 2));
    CSIGD_STORE_TRY(csigd_sql_number(
        m, &locked, "SELECT coalesce(max(locked), 0) FROM pairs WHERE device = ?1", pair, 1));
    CSIGD_STORE_TRY(csigd_sql_number(
        m, &unfinished, "SELECT unfinished FROM pairs WHERE device = ?1 AND own_generation = ?2",
        pair, 2));
    if (locked != 0) return CSIGD_STORE_LOCKED;
    if (kind_is_counted(row->kind) && unfinished >= CSIGD_UNFINISHED_MAX) return CSIGD_STORE_SPENT;
    return csigd_sql_run(m,
                         "UPDATE pairs SET opened = opened + 1, unfinished = unfinished + ?3 "
                         "WHERE device = ?1 AND own_generation = ?2",
                         pair, 3);
}

static csigd_stored put_wallet(csigd_medium *m, const csigd_wallet *w)
{
    CSIGD_STORE_TRY(csigd_sql_run(
        m,
        "INSERT INTO wallets (id, state, signers_required, parties, allow, created, label, "
        "rehearsal) VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7)",
        CSIGD_VALUES(CSIGD_BYTES(w->id, sizeof w->id), CSIGD_INT(w->signers_required),
                     CSIGD_INT(w->parties), CSIGD_INT(w->allow), CSIGD_INT(w->created),
                     CSIGD_STRING(w->label), CSIGD_INT(w->rehearsal))));
    return csigd_sqlite_put_committee(m, w->id, w);
}

static csigd_stored put_session(csigd_medium *m, const csigd_session_row *row)
{
    CSIGD_STORE_TRY(csigd_sql_run(
        m,
        "INSERT INTO sessions (id, kind, state, wallet, request, own_generation, epoch, created, "
        "deadline, attempt, input) VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        CSIGD_VALUES(CSIGD_BYTES(row->id, sizeof row->id), CSIGD_INT(row->kind),
                     row->has_wallet ? CSIGD_BYTES(row->wallet, sizeof row->wallet) : CSIGD_NULL,
                     row->has_request ? CSIGD_BYTES(row->request, sizeof row->request) : CSIGD_NULL,
                     CSIGD_INT(row->own_generation), CSIGD_INT(row->epoch), CSIGD_INT(row->created),
                     CSIGD_INT(row->deadline), CSIGD_INT(row->attempt), CSIGD_INT(row->input))));
    for (size_t i = 0; i < row->n_devices; i++)
        CSIGD_STORE_TRY(csigd_sql_run(
            m, "INSERT INTO session_devices (session, position, device) VALUES (?1, ?2, ?3)",
            CSIGD_VALUES(CSIGD_BYTES(row->id, sizeof row->id), CSIGD_INT(i),
                         CSIGD_BYTES(row->devices[i], CSIG_IDENTITY_BYTES))));
    return CSIGD_STORED;
}

/* The presignature belongs to this request from now on, whatever becomes of it. */
static csigd_stored assign(csigd_medium *m, const csigd_opening *o)
{
    const csigd_session_row *row = &o->row;

    CSIGD_STORE_TRY(csigd_sql_run(
        m,
        "UPDATE presignatures SET state = 3, used_by = ?2, request = ?3, reveal = ?5, "
        "digest = (SELECT digest FROM request_inputs WHERE request = ?3 AND input = ?6), "
        "path = (SELECT path FROM request_inputs WHERE request = ?3 AND input = ?6) "
        "WHERE id = ?1 AND state = 2 AND wallet = ?4",
        CSIGD_VALUES(CSIGD_BYTES(o->presig, CSIG_PRESIG_ID_BYTES),
                     CSIGD_BYTES(row->id, sizeof row->id),
                     CSIGD_BYTES(row->request, sizeof row->request),
                     CSIGD_BYTES(row->wallet, sizeof row->wallet),
                     CSIGD_BYTES(o->reveal.p, o->reveal.len), CSIGD_INT(row->input))));
    return csigd_sql_changed(m) == 1 ? CSIGD_STORED : CSIGD_STORE_CONFLICT;
}

/* Shares of two epochs say nothing together: nothing begins at another epoch than the wallet's. */
static csigd_stored check_epoch(csigd_medium *m, const csigd_session_row *row)
{
    int64_t epoch = 0;

    CSIGD_STORE_TRY(csigd_sql_number(m, &epoch, "SELECT epoch FROM wallets WHERE id = ?1",
                                     CSIGD_VALUES(CSIGD_BYTES(row->wallet, sizeof row->wallet))));
    return (uint64_t)epoch == row->epoch ? CSIGD_STORED : CSIGD_STORE_EPOCH;
}

/* An attempt is used up when its session opens: no number is ever given twice for one epoch. */
static csigd_stored open_refresh(csigd_medium *m, const csigd_session_row *row)
{
    const csigd_value values[] = {CSIGD_BYTES(row->wallet, sizeof row->wallet),
                                  CSIGD_INT(row->attempt)};
    int64_t running = 0;

    CSIGD_STORE_TRY(csigd_sql_number(
        m, &running,
        "SELECT count(*) FROM sessions WHERE wallet = ?1 AND kind IN (6, 7) AND state = 1", values,
        1));
    if (running > 0) return CSIGD_STORE_CONFLICT;
    CSIGD_STORE_TRY(csigd_sql_run(m,
                                  "UPDATE wallets SET refresh_attempts = ?2 "
                                  "WHERE id = ?1 AND state = 2 AND refresh_attempts + 1 = ?2",
                                  values, 2));
    return csigd_sql_changed(m) == 1 ? CSIGD_STORED : CSIGD_STORE_CONFLICT;
}

static csigd_stored open_all(csigd_medium *m, const csigd_opening *o)
{
    for (size_t i = 0; i < o->row.n_devices; i++)
        CSIGD_STORE_TRY(open_pair(m, &o->row, o->row.devices[i]));
    if (o->wallet != NULL)
        CSIGD_STORE_TRY(put_wallet(m, o->wallet));
    else if (o->row.has_wallet)
        CSIGD_STORE_TRY(check_epoch(m, &o->row));
    if (o->campaign != NULL) CSIGD_STORE_TRY(csigd_sqlite_standing_start(m, o->campaign, &o->row));
    if (csigd_kind_is_refresh(o->row.kind)) CSIGD_STORE_TRY(open_refresh(m, &o->row));
    if (o->row.has_request) CSIGD_STORE_TRY(csigd_sqlite_request_begins(m, &o->row));
    CSIGD_STORE_TRY(put_session(m, &o->row));
    if (signs_under_moduli(&o->row)) CSIGD_STORE_TRY(csigd_sqlite_note_generations(m, &o->row));
    if (o->presig != NULL) CSIGD_STORE_TRY(assign(m, o));
    CSIGD_STORE_TRY(csigd_sqlite_tell_opening(m, o));
    if (!csigd_kind_is_refresh(o->row.kind)) return CSIGD_STORED;
    return csigd_sqlite_standing(m, o->row.wallet, CSIGD_REASON_NONE);
}

static csigd_stored session_open(csigd_store *s, const csigd_opening *opening)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, open_all(m, opening));
}

/* --- read --- */

static bool id_read(sqlite3_stmt *stmt, void *id)
{
    return csigd_column_is_bytes(stmt, 0, id, CSIGD_ID_BYTES);
}

static csigd_stored session_of(csigd_store *s, const uint8_t *request, uint8_t id[CSIGD_ID_BYTES])
{
    return csigd_sql_fetch(s->medium, "SELECT id FROM sessions WHERE request = ?1 AND state = 1",
                           CSIGD_VALUES(CSIGD_BYTES(request, CSIG_REQUEST_ID_BYTES)), id_read, id);
}

static csigd_stored refresh_of(csigd_store *s, const uint8_t *wallet, uint8_t id[CSIGD_ID_BYTES])
{
    return csigd_sql_fetch(
        s->medium, "SELECT id FROM sessions WHERE wallet = ?1 AND kind IN (6, 7) AND state = 1",
        CSIGD_VALUES(CSIGD_BYTES(wallet, CSIGD_ID_BYTES)), id_read, id);
}

static bool session_read(sqlite3_stmt *stmt, void *out)
{
    csigd_session_row *row = out;

    *row = (csigd_session_row){
        .kind = (csigd_kind)sqlite3_column_int(stmt, 1),
        .state = (csigd_session_state)sqlite3_column_int(stmt, 2),
        .own_generation = (uint64_t)sqlite3_column_int64(stmt, 5),
        .epoch = (uint64_t)sqlite3_column_int64(stmt, 6),
        .next_round = (uint32_t)sqlite3_column_int64(stmt, 7),
        .created = sqlite3_column_int64(stmt, 8),
        .deadline = sqlite3_column_int64(stmt, 9),
        .attempt = (uint64_t)sqlite3_column_int64(stmt, 10),
        .input = (uint32_t)sqlite3_column_int(stmt, 11),
    };
    row->has_wallet = csigd_column_is_bytes(stmt, 3, row->wallet, sizeof row->wallet);
    row->has_request = csigd_column_is_bytes(stmt, 4, row->request, sizeof row->request);
    return id_read(stmt, row->id);
}

static csigd_stored session_get(csigd_store *s, const uint8_t *id, csigd_session_row *row)
{
    return csigd_sql_fetch(
        s->medium,
        "SELECT id, kind, state, wallet, request, own_generation, epoch, "
        "next_round, created, deadline, attempt, input FROM sessions WHERE id = ?1",
        CSIGD_VALUES(CSIGD_BYTES(id, CSIGD_ID_BYTES)), session_read, row);
}

/* --- end --- */

static csigd_stored end_counts(csigd_medium *m, const csigd_session_row *row,
                               csigd_session_state state)
{
    if (!kind_is_counted(row->kind)) return CSIGD_STORED;
    /* Nothing of ours has left before the first answer. */
    if (state != CSIGD_SESSION_DONE && row->next_round > 1) return CSIGD_STORED;
    return csigd_sql_run(
        m,
        "UPDATE pairs SET unfinished = max(unfinished - 1, 0) "
        "WHERE own_generation = ?2 AND device IN "
        "(SELECT device FROM session_devices WHERE session = ?1)",
        CSIGD_VALUES(CSIGD_BYTES(row->id, sizeof row->id), CSIGD_INT(row->own_generation)));
}

/* Another session may try, or it was the last one. */
csigd_stored csigd_sqlite_end_session(csigd_medium *m, const uint8_t *id, csigd_session_state state)
{
    const csigd_value self = CSIGD_BYTES(id, CSIGD_ID_BYTES);
    csigd_session_row row;
    csigd_store view = {.medium = m};

    CSIGD_STORE_TRY(session_get(&view, id, &row));
    if (row.state != CSIGD_SESSION_RUNNING) return CSIGD_STORE_CONFLICT;
    CSIGD_STORE_TRY(csigd_sql_run(m, "UPDATE sessions SET state = ?2 WHERE id = ?1",
                                  CSIGD_VALUES(self, CSIGD_INT(state))));
    CSIGD_STORE_TRY(end_counts(m, &row, state));
    CSIGD_STORE_TRY(csigd_sqlite_tell_end(m, &row, state));
    /* Kept, but not by both: destroyed. Assigned and not spent: destroyed. */
    CSIGD_STORE_TRY(csigd_sql_run(
        m, "UPDATE presignatures SET state = 5 WHERE session = ?1 AND state = 1", &self, 1));
    CSIGD_STORE_TRY(csigd_sql_run(
        m, "UPDATE presignatures SET state = 5 WHERE used_by = ?1 AND state = 3", &self, 1));
    if (state == CSIGD_SESSION_DONE) return CSIGD_STORED;
    if (csigd_kind_is_refresh(row.kind)) {
        CSIGD_STORE_TRY(csigd_sqlite_unstage(m, row.wallet));
        CSIGD_STORE_TRY(csigd_sqlite_standing(m, row.wallet, CSIGD_REASON_CUT_OFF));
    }
    if (row.kind == CSIGD_KIND_KEYGEN)
        CSIGD_STORE_TRY(csigd_sql_run(m, "DELETE FROM wallets WHERE id = ?1 AND state = 1",
                                      CSIGD_VALUES(CSIGD_BYTES(row.wallet, sizeof row.wallet))));
    return row.has_request ? csigd_sqlite_request_waits(m, &row) : CSIGD_STORED;
}

static csigd_stored session_end(csigd_store *s, const uint8_t *id, csigd_session_state state)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, csigd_sqlite_end_session(m, id, state));
}

static csigd_stored session_fail(csigd_store *s, const uint8_t *id, const csigd_effects *effects)
{
    csigd_medium *m = s->medium;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    result = csigd_sqlite_blame(m, id, effects);
    if (result == CSIGD_STORED) result = csigd_sqlite_end_session(m, id, CSIGD_SESSION_FAILED);
    return csigd_sql_end(m, result);
}

static csigd_stored presig_destroy(csigd_store *s, const uint8_t *id)
{
    return csigd_sql_write(s->medium,
                           "UPDATE presignatures SET state = 5 WHERE id = ?1 AND state < 4",
                           CSIGD_VALUES(CSIGD_BYTES(id, CSIG_PRESIG_ID_BYTES)));
}

/* --- restart and age --- */

static csigd_stored lose_sessions(csigd_medium *m)
{
    uint8_t id[CSIGD_ID_BYTES];
    sqlite3_stmt *stmt;
    csigd_stored result;

    for (;;) {
        CSIGD_STORE_TRY(
            csigd_sql_query(m, &stmt, "SELECT id FROM sessions WHERE state = 1 LIMIT 1", NULL, 0));
        result = csigd_sql_row(m, stmt);
        if (result == CSIGD_STORED && !id_read(stmt, id)) result = CSIGD_STORE_FAILED;
        sqlite3_finalize(stmt);
        if (result == CSIGD_STORE_NONE) return CSIGD_STORED;
        if (result != CSIGD_STORED) return result;
        CSIGD_STORE_TRY(csigd_sqlite_end_session(m, id, CSIGD_SESSION_LOST));
    }
}

static csigd_stored recover(csigd_store *s)
{
    csigd_medium *m = s->medium;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    result = lose_sessions(m);
    if (result == CSIGD_STORED)
        result = csigd_sql_run(m, "UPDATE presignatures SET state = 5 WHERE state < 4", NULL, 0);
    if (result == CSIGD_STORED)
        result = csigd_sql_run(m, "DELETE FROM wallets WHERE rehearsal = 1", NULL, 0);
    return csigd_sql_end(m, result);
}

static csigd_stored sweep_all(csigd_medium *m, int64_t oldest)
{
    const csigd_value since = CSIGD_INT(oldest);

    CSIGD_STORE_TRY(csigd_sql_run(
        m, "UPDATE rounds SET sealed = NULL WHERE sealed IS NOT NULL AND answered < ?1", &since,
        1));
    return csigd_sql_run(m,
                         "DELETE FROM wallets AS w WHERE rehearsal = 1 AND created < ?1 AND NOT "
                         "EXISTS (SELECT 1 FROM sessions WHERE wallet = w.id AND state = 1)",
                         &since, 1);
}

static csigd_stored sweep(csigd_store *s, int64_t oldest)
{
    CSIGD_STORE_TRY(csigd_sql_begin(s->medium));
    CSIGD_STORE_TRY(csigd_sql_end(s->medium, sweep_all(s->medium, oldest)));
    return csigd_sqlite_purge(s->medium, oldest);
}

void csigd_sqlite_sessions(csigd_store *s)
{
    s->session_open = session_open;
    s->session_of = session_of;
    s->refresh_of = refresh_of;
    s->session_get = session_get;
    s->session_end = session_end;
    s->session_fail = session_fail;
    s->presig_destroy = presig_destroy;
    s->recover = recover;
    s->sweep = sweep;
}
