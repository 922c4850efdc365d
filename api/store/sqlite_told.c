/* What the audit log says of sessions: what a round brought about, and ends that are none. */
#include "store/sqlite.h"

#define ROW_WALLET(row)  ((row)->has_wallet ? (row)->wallet : NULL)
#define ROW_REQUEST(row) ((row)->has_request ? (row)->request : NULL)

static csigd_audit_about about(const csigd_session_row *row)
{
    return (csigd_audit_about){ROW_WALLET(row), ROW_REQUEST(row)};
}

static csigd_stored tell_birth(csigd_medium *m, const csigd_session_row *row, const csigd_birth *b)
{
    return csigd_sqlite_audit_line(m, "wallet.born", CSIGD_OF_WALLET(row->wallet),
                                   CSIGD_HEX("session", row->id, sizeof row->id),
                                   CSIGD_HEX("public_key", b->public_key, sizeof b->public_key),
                                   CSIGD_NUMBER("epoch", b->epoch.number),
                                   CSIGD_HEX("epoch_state", b->epoch.state, CSIGD_HASH_BYTES));
}

static csigd_stored tell_commit(csigd_medium *m, const csigd_session_row *row,
                                const csigd_commit *c)
{
    const char *kind = c->committee != NULL ? "wallet.reshared" : "wallet.refreshed";

    return csigd_sqlite_audit_line(
        m, kind, CSIGD_OF_WALLET(row->wallet), CSIGD_HEX("session", row->id, sizeof row->id),
        CSIGD_NUMBER("epoch", c->epoch.number), CSIGD_NUMBER("attempt", c->epoch.attempt),
        CSIGD_HEX("epoch_state", c->epoch.state, CSIGD_HASH_BYTES));
}

static csigd_stored tell_signature(csigd_medium *m, const csigd_session_row *row,
                                   const csig_signature *sig)
{
    return csigd_sqlite_audit_line(
        m, "request.signed", about(row), CSIGD_HEX("session", row->id, sizeof row->id),
        CSIGD_NUMBER("input", row->input), CSIGD_HEX("r", sig->r, sizeof sig->r),
        CSIGD_HEX("s", sig->s, sizeof sig->s),
        CSIGD_HEX("public_key", sig->public_key, sizeof sig->public_key));
}

csigd_stored csigd_sqlite_tell_effects(csigd_medium *m, const csigd_session_row *row,
                                       const csigd_effects *e)
{
    if (e->peer != NULL)
        CSIGD_STORE_TRY(
            csigd_sqlite_audit_line(m, "aux.verified", CSIGD_OF_NOTHING,
                                    CSIGD_HEX("device", e->peer->device, CSIG_IDENTITY_BYTES),
                                    CSIGD_NUMBER("generation", e->peer->generation),
                                    CSIGD_NUMBER("own_generation", e->peer->own_generation)));
    if (e->birth != NULL) CSIGD_STORE_TRY(tell_birth(m, row, e->birth));
    if (e->commit != NULL) CSIGD_STORE_TRY(tell_commit(m, row, e->commit));
    if (e->released)
        CSIGD_STORE_TRY(csigd_sqlite_audit_line(m, "request.released", about(row),
                                                CSIGD_HEX("session", row->id, sizeof row->id),
                                                CSIGD_NUMBER("input", row->input)));
    if (e->signature != NULL) CSIGD_STORE_TRY(tell_signature(m, row, e->signature));
    return CSIGD_STORED;
}

csigd_stored csigd_sqlite_tell_blame(csigd_medium *m, const uint8_t *session,
                                     const csigd_effects *e)
{
    for (size_t i = 0; i < e->n_blamed; i++) {
        int64_t locked = 0;

        CSIGD_STORE_TRY(csigd_sql_number(
            m, &locked, "SELECT coalesce(max(locked), 0) != 0 FROM pairs WHERE device = ?1",
            CSIGD_VALUES(CSIGD_BYTES(e->blamed[i], CSIG_IDENTITY_BYTES))));
        CSIGD_STORE_TRY(csigd_sqlite_audit_line(
            m, locked != 0 ? "device.locked" : "device.suspected", CSIGD_OF_NOTHING,
            CSIGD_HEX("device", e->blamed[i], CSIG_IDENTITY_BYTES),
            CSIGD_HEX("session", session, CSIGD_ID_BYTES), CSIGD_TEXT("reason", e->reason)));
    }
    if (e->evidence == NULL || e->evidence->len == 0) return CSIGD_STORED;
    return csigd_sqlite_audit_line(m, "evidence.stored", CSIGD_OF_NOTHING,
                                   CSIGD_HEX("session", session, CSIGD_ID_BYTES),
                                   CSIGD_NUMBER("octets", e->evidence->len));
}

csigd_stored csigd_sqlite_tell_opening(csigd_medium *m, const csigd_opening *o)
{
    csigd_log_field fields[3] = {CSIGD_HEX("session", o->row.id, sizeof o->row.id),
                                 CSIGD_NUMBER("attempt", o->row.attempt)};
    size_t n = 2;

    if (!csigd_kind_is_refresh(o->row.kind)) return CSIGD_STORED;
    if (o->campaign != NULL) fields[n++] = CSIGD_HEX("campaign", o->campaign, CSIGD_ID_BYTES);
    return csigd_sqlite_audit_add(
        m, o->row.kind == CSIGD_KIND_RESHARE ? "wallet.resharing" : "wallet.refreshing",
        CSIGD_OF_WALLET(o->row.wallet), fields, n);
}

csigd_stored csigd_sqlite_tell_end(csigd_medium *m, const csigd_session_row *row,
                                   csigd_session_state state)
{
    if (state == CSIGD_SESSION_DONE) return CSIGD_STORED;
    return csigd_sqlite_audit_line(m, "session.ended", about(row),
                                   CSIGD_HEX("session", row->id, sizeof row->id),
                                   CSIGD_TEXT("session_kind", csigd_kind_name(row->kind)),
                                   CSIGD_TEXT("state", csigd_session_state_name(state)));
}
