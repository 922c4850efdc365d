/* Requests that a device does not sign: its word, once and for good, and what follows of it. */
#include <string.h>

#include "store/sqlite.h"

#define ID(p)     CSIGD_BYTES((p), CSIG_REQUEST_ID_BYTES)
#define DEVICE(p) CSIGD_BYTES((p), CSIG_IDENTITY_BYTES)

#define TOO_FEW "Declined: too few devices are left that may sign."

/* --- said --- */

static bool wallet_read(sqlite3_stmt *stmt, void *wallet)
{
    return csigd_column_is_bytes(stmt, 0, wallet, CSIGD_ID_BYTES);
}

/* CONFLICT: there is nothing to decline any more. */
static csigd_stored put(csigd_medium *m, const uint8_t *id, const csigd_decline *d)
{
    CSIGD_STORE_TRY(csigd_sql_run(
        m,
        "INSERT INTO declines (request, device, rule, because, signature, said) "
        "SELECT id, ?2, ?3, ?4, ?5, ?6 FROM requests WHERE id = ?1 AND state IN (1, 2, 7) AND NOT "
        "EXISTS (SELECT 1 FROM request_inputs WHERE request = ?1 AND (released != 0 OR signature "
        "IS NOT NULL))",
        CSIGD_VALUES(ID(id), DEVICE(d->device), CSIGD_STRING(d->rule), CSIGD_STRING(d->because),
                     CSIGD_BYTES(d->signature, sizeof d->signature), CSIGD_INT(d->said))));
    return csigd_sql_changed(m) == 1 ? CSIGD_STORED : CSIGD_STORE_CONFLICT;
}

/* --- what follows --- */

/* The session of the request, where this device is in it. */
static csigd_stored stop(csigd_medium *m, const uint8_t *id, const uint8_t *device, bool *running,
                         uint8_t session[CSIGD_ID_BYTES])
{
    const csigd_stored stored = csigd_sql_fetch(
        m,
        "SELECT s.id FROM sessions AS s JOIN session_devices AS d ON d.session = s.id "
        "WHERE s.request = ?1 AND s.state = 1 AND d.device = ?2",
        CSIGD_VALUES(ID(id), DEVICE(device)), wallet_read, session);

    *running = stored == CSIGD_STORED;
    if (stored == CSIGD_STORE_NONE) return CSIGD_STORED;
    return *running ? csigd_sqlite_end_session(m, session, CSIGD_SESSION_ABORTED) : stored;
}

/* Who may sign is enrolled and has not declined; the server signs always. */
static csigd_stored reject_when_too_few(csigd_medium *m, const uint8_t *wallet, const uint8_t *id,
                                        const csigd_decline *d)
{
    CSIGD_STORE_TRY(csigd_sql_run(
        m,
        "UPDATE requests SET state = 8 WHERE id = ?1 AND state IN (1, 7) AND "
        "(SELECT signers_required FROM wallets WHERE id = ?2) > 1 + "
        "(SELECT count(*) FROM wallet_devices AS w JOIN devices AS e ON e.identity = w.device "
        "WHERE w.wallet = ?2 AND NOT EXISTS (SELECT 1 FROM declines AS d WHERE d.request = ?1 "
        "AND d.device = w.device))",
        CSIGD_VALUES(ID(id), CSIGD_BYTES(wallet, CSIGD_ID_BYTES))));
    if (csigd_sql_changed(m) != 1) return CSIGD_STORED;
    CSIGD_STORE_TRY(csigd_sql_run(m, "UPDATE verdicts SET because = ?2 WHERE request = ?1",
                                  CSIGD_VALUES(ID(id), CSIGD_STRING(TOO_FEW))));
    return csigd_sqlite_audit_line(m, "request.rejected", CSIGD_OF_REQUEST(wallet, id),
                                   CSIGD_HEX("device", d->device, sizeof d->device),
                                   CSIGD_TEXT("rule", d->rule), CSIGD_TEXT("reason", TOO_FEW));
}

static csigd_stored decline_within(csigd_medium *m, const uint8_t *id, const csigd_decline *d,
                                   bool *running, uint8_t session[CSIGD_ID_BYTES])
{
    const csigd_value both[] = {ID(id), DEVICE(d->device)};
    uint8_t wallet[CSIGD_ID_BYTES];
    int64_t n = 0;

    *running = false;
    CSIGD_STORE_TRY(csigd_sql_fetch(m,
                                    "SELECT r.wallet FROM requests AS r JOIN wallet_devices AS w "
                                    "ON w.wallet = r.wallet WHERE r.id = ?1 AND w.device = ?2",
                                    both, 2, wallet_read, wallet));
    CSIGD_STORE_TRY(csigd_sql_number(
        m, &n, "SELECT count(*) FROM declines WHERE request = ?1 AND device = ?2", both, 2));
    if (n == 1) return CSIGD_STORED;
    CSIGD_STORE_TRY(put(m, id, d));
    CSIGD_STORE_TRY(
        csigd_sqlite_audit_line(m, "request.declined", CSIGD_OF_REQUEST(wallet, id),
                                CSIGD_HEX("device", d->device, sizeof d->device),
                                CSIGD_TEXT("rule", d->rule), CSIGD_TEXT("because", d->because),
                                CSIGD_HEX("signature", d->signature, sizeof d->signature)));
    CSIGD_STORE_TRY(stop(m, id, d->device, running, session));
    return reject_when_too_few(m, wallet, id, d);
}

static csigd_stored decline(csigd_store *s, const uint8_t *id, const csigd_decline *d,
                            bool *running, uint8_t session[CSIGD_ID_BYTES])
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, decline_within(m, id, d, running, session));
}

/* --- read --- */

static bool decline_is_read(sqlite3_stmt *stmt, csigd_decline *d)
{
    *d = (csigd_decline){.said = sqlite3_column_int64(stmt, 4)};
    return csigd_column_is_bytes(stmt, 0, d->device, sizeof d->device) &&
           csigd_column_is_text(stmt, 1, d->rule, sizeof d->rule) &&
           csigd_column_is_text(stmt, 2, d->because, sizeof d->because) &&
           csigd_column_is_bytes(stmt, 3, d->signature, sizeof d->signature);
}

static csigd_stored declined_within(csigd_medium *m, const uint8_t *id,
                                    void (*each)(void *ctx, const csigd_decline *d), void *ctx)
{
    csigd_decline d;
    sqlite3_stmt *stmt;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_query(m, &stmt,
                                    "SELECT device, rule, because, signature, said FROM declines "
                                    "WHERE request = ?1 ORDER BY said, device",
                                    CSIGD_VALUES(ID(id))));
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED) {
        if (!decline_is_read(stmt, &d)) {
            result = csigd_sql_failed(m, "decline");
            break;
        }
        each(ctx, &d);
    }
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : result;
}

static csigd_stored declined(csigd_store *s, const uint8_t *id,
                             void (*each)(void *ctx, const csigd_decline *d), void *ctx)
{
    csigd_stored result;

    csigd_sql_lock(s->medium);
    result = declined_within(s->medium, id, each, ctx);
    csigd_sql_unlock(s->medium);
    return result;
}

void csigd_sqlite_declines(csigd_store *s)
{
    s->requests.decline = decline;
    s->requests.declined = declined;
}
