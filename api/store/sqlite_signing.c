/* What sessions do to the requests that they sign. */
#include <string.h>

#include "store/sqlite.h"

#define SIGNATURE_BYTES (32 + 32 + 1 + CSIG_PUBKEY_BYTES)

#define ID(p) CSIGD_BYTES((p), CSIG_REQUEST_ID_BYTES)

csigd_stored csigd_sqlite_request_begins(csigd_medium *m, const csigd_session_row *row)
{
    const csigd_value values[] = {ID(row->request), CSIGD_INT(row->input), CSIGD_INT(row->created)};

    /* What has left counts as signed, and may be told again after its time. */
    CSIGD_STORE_TRY(csigd_sql_run(m,
                                  "UPDATE requests SET state = 2 WHERE id = ?1 AND state = 1 "
                                  "AND EXISTS (SELECT 1 FROM request_inputs WHERE request = ?1 "
                                  "AND input = ?2 AND signature IS NULL "
                                  "AND (released != 0 OR requests.expires > ?3))",
                                  values, 3));
    if (csigd_sql_changed(m) != 1) return CSIGD_STORE_CONFLICT;
    return csigd_sql_run(
        m, "UPDATE request_inputs SET sessions = sessions + 1 WHERE request = ?1 AND input = ?2",
        values, 2);
}

csigd_stored csigd_sqlite_request_waits(csigd_medium *m, const csigd_session_row *row)
{
    const csigd_value values[] = {ID(row->request), CSIGD_INT(row->input),
                                  CSIGD_INT(CSIGD_SESSIONS_PER_INPUT)};

    CSIGD_STORE_TRY(csigd_sql_run(m,
                                  "UPDATE requests SET state = 4 WHERE id = ?1 AND state = 2 AND "
                                  "(SELECT sessions FROM request_inputs WHERE request = ?1 AND "
                                  "input = ?2) >= ?3",
                                  values, 3));
    if (csigd_sql_changed(m) == 1)
        return csigd_sqlite_audit_line(m, "request.failed",
                                       CSIGD_OF_REQUEST(row->wallet, row->request),
                                       CSIGD_HEX("session", row->id, sizeof row->id));
    return csigd_sql_run(m, "UPDATE requests SET state = 1 WHERE id = ?1 AND state = 2", values, 1);
}

csigd_stored csigd_sqlite_release(csigd_medium *m, const uint8_t *session, int64_t when)
{
    return csigd_sql_run(m,
                         "UPDATE request_inputs SET released = ?2 WHERE (request, input) = "
                         "(SELECT request, input FROM sessions WHERE id = ?1) AND released = 0",
                         CSIGD_VALUES(CSIGD_BYTES(session, CSIGD_ID_BYTES), CSIGD_INT(when)));
}

csigd_stored csigd_sqlite_sign(csigd_medium *m, const uint8_t *session, const csig_signature *sig)
{
    const csigd_value self = CSIGD_BYTES(session, CSIGD_ID_BYTES);
    uint8_t packed[SIGNATURE_BYTES];

    memcpy(packed, sig->r, 32);
    memcpy(packed + 32, sig->s, 32);
    packed[64] = sig->recovery_id;
    memcpy(packed + 65, sig->public_key, CSIG_PUBKEY_BYTES);
    CSIGD_STORE_TRY(csigd_sql_run(m,
                                  "UPDATE request_inputs SET signature = ?2 WHERE (request, input) "
                                  "= (SELECT request, input FROM sessions WHERE id = ?1) AND "
                                  "signature IS NULL",
                                  CSIGD_VALUES(self, CSIGD_BYTES(packed, sizeof packed))));
    if (csigd_sql_changed(m) != 1) return CSIGD_STORE_CONFLICT;
    CSIGD_STORE_TRY(csigd_sql_run(
        m,
        "UPDATE requests SET state = CASE WHEN EXISTS (SELECT 1 FROM request_inputs AS i "
        "WHERE i.request = requests.id AND i.signature IS NULL) THEN 1 ELSE 3 END "
        "WHERE id = (SELECT request FROM sessions WHERE id = ?1) AND state = 2",
        &self, 1));
    if (csigd_sql_changed(m) != 1) return CSIGD_STORE_CONFLICT;
    return csigd_sql_run(m, "UPDATE presignatures SET state = 4 WHERE used_by = ?1 AND state = 3",
                         &self, 1);
}
