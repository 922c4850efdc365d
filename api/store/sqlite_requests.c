/* Requests, their payloads, inputs and signatures, and what clients call them. */
#include <string.h>

#include "context.h"
#include "countersign/facts.h"
#include "store/sqlite.h"

#define SIGNATURE_BYTES (32 + 32 + 1 + CSIG_PUBKEY_BYTES)

#define ID(p) CSIGD_BYTES((p), CSIG_REQUEST_ID_BYTES)

/* --- made --- */

static csigd_stored next_number(csigd_medium *m, csigd_request *r)
{
    int64_t last = 0;

    CSIGD_STORE_TRY(csigd_sql_number(
        m, &last, "SELECT coalesce(max(number), 0) FROM requests WHERE wallet = ?1",
        CSIGD_VALUES(CSIGD_BYTES(r->wallet, sizeof r->wallet))));
    r->number = (uint32_t)last + 1;
    return CSIGD_STORED;
}

static csigd_stored put_request(csigd_medium *m, const csigd_request *r)
{
    const csigd_context *context = csigd_context_now();
    char trace[CSIGD_TRACE_PARENT_BYTES] = "";

    if (context->has_trace) csigd_trace_parent(&context->trace, trace);
    return csigd_sql_run(
        m,
        "INSERT INTO requests (id, wallet, number, state, type, path, mode, presigned, created, "
        "expires, creator, trace) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        CSIGD_VALUES(ID(r->id), CSIGD_BYTES(r->wallet, sizeof r->wallet), CSIGD_INT(r->number),
                     CSIGD_INT(r->state), CSIGD_INT(r->type), CSIGD_STRING(r->path),
                     CSIGD_INT(r->mode), CSIGD_INT(r->presigned), CSIGD_INT(r->created),
                     CSIGD_INT(r->expires),
                     r->has_creator ? CSIGD_BYTES(r->creator, sizeof r->creator) : CSIGD_NULL,
                     CSIGD_STRING(trace)));
}

static csigd_stored put_input(csigd_medium *m, const uint8_t *request, size_t n,
                              const csigd_input *input)
{
    return csigd_sql_run(
        m, "INSERT INTO request_inputs (request, input, digest, path) VALUES (?1, ?2, ?3, ?4)",
        CSIGD_VALUES(ID(request), CSIGD_INT(n), CSIGD_BYTES(input->digest, sizeof input->digest),
                     CSIGD_STRING(input->path)));
}

static csigd_stored put_name(csigd_medium *m, const csigd_idempotency *known,
                             const csigd_request *r)
{
    if (known->name[0] == '\0') return CSIGD_STORED;
    CSIGD_STORE_TRY(csigd_sql_run(
        m,
        "INSERT INTO idempotency (credential, name, hash, request) VALUES (?1, ?2, ?3, ?4) "
        "ON CONFLICT DO NOTHING",
        CSIGD_VALUES(CSIGD_BYTES(known->credential, known->credential_len),
                     CSIGD_STRING(known->name), CSIGD_BYTES(known->hash, sizeof known->hash),
                     ID(r->id))));
    return csigd_sql_changed(m) == 1 ? CSIGD_STORED : CSIGD_STORE_CONFLICT;
}

/* What the payload calls itself. */
static csigd_stored type_of(csigd_medium *m, const char *payload, char type[CSIG_TYPE_BYTES])
{
    sqlite3_stmt *stmt;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_query(m, &stmt, "SELECT coalesce(json_extract(?1, '$.type'), '')",
                                    CSIGD_VALUES(CSIGD_STRING(payload))));
    result = csigd_sql_row(m, stmt);
    if (result == CSIGD_STORED && !csigd_column_is_text(stmt, 0, type, CSIG_TYPE_BYTES))
        result = csigd_sql_failed(m, "payload");
    sqlite3_finalize(stmt);
    return result;
}

static csigd_stored tell_making(csigd_medium *m, const csigd_making *making)
{
    const csigd_request *r = making->request;
    char type[CSIG_TYPE_BYTES];

    CSIGD_STORE_TRY(type_of(m, making->payload, type));
    return csigd_sqlite_audit_line(
        m, "request.created", CSIGD_OF_REQUEST(r->wallet, r->id), CSIGD_TEXT("type", type),
        CSIGD_NUMBER("inputs", making->n_inputs),
        CSIGD_HEX("digest", making->inputs[0].digest, sizeof making->inputs[0].digest),
        CSIGD_TEXT("path", r->path),
        CSIGD_TEXT("mode", r->mode == CSIGD_MODE_PHONE ? "phone" : "server"),
        CSIGD_NUMBER("presigned", r->presigned), CSIGD_NUMBER("expires", (uint64_t)r->expires));
}

static csigd_stored make_within(csigd_medium *m, const csigd_making *making)
{
    csigd_request *r = making->request;
    csigd_verdict verdict;

    if (making->judge != NULL)
        CSIGD_STORE_TRY(csigd_sqlite_judge(making->judge, &r->state, &verdict));
    CSIGD_STORE_TRY(next_number(m, r));
    CSIGD_STORE_TRY(put_request(m, r));
    CSIGD_STORE_TRY(csigd_sql_run(m, "INSERT INTO request_payloads (request, text) VALUES (?1, ?2)",
                                  CSIGD_VALUES(ID(r->id), CSIGD_STRING(making->payload))));
    for (size_t i = 0; i < making->n_inputs; i++)
        CSIGD_STORE_TRY(put_input(m, r->id, i, &making->inputs[i]));
    CSIGD_STORE_TRY(put_name(m, making->known_as, r));
    CSIGD_STORE_TRY(tell_making(m, making));
    if (making->judge == NULL) return CSIGD_STORED;
    return csigd_sqlite_judged(m, r->id, making->judge, r->state, &verdict);
}

static csigd_stored make(csigd_store *s, const csigd_making *making)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, make_within(m, making));
}

static bool known_read(sqlite3_stmt *stmt, void *out)
{
    csigd_idempotency *known = out;

    return csigd_column_is_bytes(stmt, 0, known->hash, sizeof known->hash) &&
           csigd_column_is_bytes(stmt, 1, known->request, sizeof known->request);
}

static csigd_stored known(csigd_store *s, csigd_idempotency *named)
{
    return csigd_sql_fetch(
        s->medium, "SELECT hash, request FROM idempotency WHERE credential = ?1 AND name = ?2",
        CSIGD_VALUES(CSIGD_BYTES(named->credential, named->credential_len),
                     CSIGD_STRING(named->name)),
        known_read, named);
}

/* --- read --- */

#define REQUEST_COLUMNS                                                                            \
    "r.id, r.wallet, r.number, r.state, r.type, r.path, r.mode, r.presigned, r.created, "          \
    "r.expires, r.creator, (SELECT count(*) FROM request_inputs AS o WHERE o.request = r.id), "    \
    "(SELECT count(o.signature) FROM request_inputs AS o WHERE o.request = r.id), i.input, "       \
    "i.digest, i.path, i.released, i.signature, "                                                  \
    "(SELECT k.device FROM http_keys AS k WHERE k.id = r.creator) FROM requests AS r "             \
    "JOIN request_inputs AS i ON i.request = r.id "
/* The first that is not signed, or else the first. */
#define NEXT_INPUT                                                                                 \
    "i.input = coalesce((SELECT min(o.input) FROM request_inputs AS o WHERE o.request = r.id "     \
    "AND o.signature IS NULL), 0) "

static bool signature_is_read(sqlite3_stmt *stmt, int column, csig_signature *sig)
{
    uint8_t packed[SIGNATURE_BYTES];

    if (!csigd_column_is_bytes(stmt, column, packed, sizeof packed)) return false;
    memcpy(sig->r, packed, 32);
    memcpy(sig->s, packed + 32, 32);
    sig->recovery_id = packed[64];
    memcpy(sig->public_key, packed + 65, CSIG_PUBKEY_BYTES);
    return true;
}

static bool input_is_read(sqlite3_stmt *stmt, csigd_input *input)
{
    *input = (csigd_input){
        .n = (uint32_t)sqlite3_column_int(stmt, 13),
        .released = sqlite3_column_int64(stmt, 16),
        .is_signed = sqlite3_column_type(stmt, 17) != SQLITE_NULL,
    };
    return csigd_column_is_bytes(stmt, 14, input->digest, sizeof input->digest) &&
           csigd_column_is_text(stmt, 15, input->path, sizeof input->path) &&
           (!input->is_signed || signature_is_read(stmt, 17, &input->signature));
}

static bool request_read(sqlite3_stmt *stmt, void *out)
{
    csigd_request *r = out;

    *r = (csigd_request){
        .number = (uint32_t)sqlite3_column_int64(stmt, 2),
        .state = (csigd_request_state)sqlite3_column_int(stmt, 3),
        .type = (uint32_t)sqlite3_column_int64(stmt, 4),
        .mode = (csigd_mode)sqlite3_column_int(stmt, 6),
        .presigned = sqlite3_column_int(stmt, 7) != 0,
        .created = sqlite3_column_int64(stmt, 8),
        .expires = sqlite3_column_int64(stmt, 9),
        .n_inputs = (uint32_t)sqlite3_column_int(stmt, 11),
        .n_signed = (uint32_t)sqlite3_column_int(stmt, 12),
    };
    r->has_creator = csigd_column_is_bytes(stmt, 10, r->creator, sizeof r->creator);
    r->has_creator_device =
        csigd_column_is_bytes(stmt, 18, r->creator_device, sizeof r->creator_device);
    return csigd_column_is_bytes(stmt, 0, r->id, sizeof r->id) &&
           csigd_column_is_bytes(stmt, 1, r->wallet, sizeof r->wallet) &&
           csigd_column_is_text(stmt, 5, r->path, sizeof r->path) && input_is_read(stmt, &r->input);
}

static csigd_stored get(csigd_store *s, const uint8_t *id, uint32_t input, csigd_request *request)
{
    return csigd_sql_fetch(s->medium, "SELECT " REQUEST_COLUMNS "WHERE r.id = ?1 AND i.input = ?2",
                           CSIGD_VALUES(ID(id), CSIGD_INT(input)), request_read, request);
}

static bool payload_read(sqlite3_stmt *stmt, void *text)
{
    return csigd_column_is_blob(stmt, 0, text);
}

static csigd_stored payload(csigd_store *s, const uint8_t *id, csigd_blob *text)
{
    return csigd_sql_fetch(s->medium,
                           "SELECT CAST(text AS BLOB) FROM request_payloads WHERE request = ?1",
                           CSIGD_VALUES(ID(id)), payload_read, text);
}

static csigd_stored each_of(csigd_medium *m, const char *sql, const csigd_value *values, size_t n,
                            void (*each)(void *ctx, const csigd_request *request), void *ctx)
{
    csigd_request request;
    sqlite3_stmt *stmt;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_query(m, &stmt, sql, values, n));
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED) {
        if (!request_read(stmt, &request)) {
            result = csigd_sql_failed(m, "request");
            break;
        }
        each(ctx, &request);
    }
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : result;
}

static csigd_stored list(csigd_store *s, const uint8_t *wallet, uint32_t before, size_t n,
                         void (*each)(void *ctx, const csigd_request *request), void *ctx)
{
    csigd_medium *m = s->medium;
    csigd_stored result;

    csigd_sql_lock(m);
    result =
        each_of(m,
                "SELECT " REQUEST_COLUMNS "WHERE r.wallet = ?1 AND (?2 = 0 OR r.number < ?2) "
                "AND " NEXT_INPUT "ORDER BY r.number DESC LIMIT ?3",
                CSIGD_VALUES(CSIGD_BYTES(wallet, CSIGD_ID_BYTES), CSIGD_INT(before), CSIGD_INT(n)),
                each, ctx);
    csigd_sql_unlock(m);
    return result;
}

static csigd_stored wanted_within(csigd_medium *m, const csigd_look *look, int64_t now,
                                  void (*each)(void *ctx, const csigd_request *request), void *ctx)
{
    const csigd_value values[] = {CSIGD_BYTES(look->device, CSIG_IDENTITY_BYTES), CSIGD_INT(now),
                                  CSIGD_INT(look->n),
                                  look->after != NULL ? ID(look->after) : CSIGD_NULL};
    const csigd_value ids[] = {values[0], values[3]};
    int64_t there = 0;

    CSIGD_STORE_TRY(
        csigd_sql_number(m, &there,
                         "SELECT count(*) FROM devices WHERE identity = ?1 AND "
                         "(?2 IS NULL OR EXISTS (SELECT 1 FROM requests WHERE id = ?2))",
                         ids, 2));
    if (there == 0) return CSIGD_STORE_NONE;
    return each_of(m,
                   "SELECT " REQUEST_COLUMNS "WHERE r.state = 1 AND r.expires > ?2 AND r.wallet IN "
                   "(SELECT wallet FROM wallet_devices WHERE device = ?1) AND NOT EXISTS "
                   "(SELECT 1 FROM declines AS d WHERE d.request = r.id AND d.device = ?1) AND "
                   "(?4 IS NULL OR (r.created, r.wallet, r.number) > "
                   "(SELECT created, wallet, number FROM requests WHERE id = ?4)) AND " NEXT_INPUT
                   "ORDER BY r.created, r.wallet, r.number LIMIT ?3",
                   values, 4, each, ctx);
}

static csigd_stored wanted(csigd_store *s, const csigd_look *look, int64_t now,
                           void (*each)(void *ctx, const csigd_request *request), void *ctx)
{
    csigd_medium *m = s->medium;
    csigd_stored result;

    csigd_sql_lock(m);
    result = wanted_within(m, look, now, each, ctx);
    csigd_sql_unlock(m);
    return result;
}

/* --- ended without --- */

static bool session_read(sqlite3_stmt *stmt, void *id)
{
    return csigd_column_is_bytes(stmt, 0, id, CSIGD_ID_BYTES);
}

static bool wallet_read(sqlite3_stmt *stmt, void *out)
{
    csigd_request *r = out;

    r->state = (csigd_request_state)sqlite3_column_int(stmt, 0);
    return csigd_column_is_bytes(stmt, 1, r->wallet, sizeof r->wallet);
}

static csigd_stored stop_within(csigd_medium *m, const uint8_t *id, bool *running,
                                uint8_t session[CSIGD_ID_BYTES])
{
    const csigd_stored stored =
        csigd_sql_fetch(m, "SELECT id FROM sessions WHERE request = ?1 AND state = 1",
                        CSIGD_VALUES(ID(id)), session_read, session);

    *running = stored == CSIGD_STORED;
    if (stored == CSIGD_STORE_NONE) return CSIGD_STORED;
    return *running ? csigd_sqlite_end_session(m, session, CSIGD_SESSION_ABORTED) : stored;
}

static csigd_stored cancel_within(csigd_medium *m, const uint8_t *id, bool *running,
                                  uint8_t session[CSIGD_ID_BYTES])
{
    const csigd_value self = ID(id);
    csigd_request r;

    *running = false;
    CSIGD_STORE_TRY(csigd_sql_fetch(m, "SELECT state, wallet FROM requests WHERE id = ?1", &self, 1,
                                    wallet_read, &r));
    if (r.state == CSIGD_REQUEST_CANCELLED) return CSIGD_STORED;
    CSIGD_STORE_TRY(
        csigd_sql_run(m,
                      "UPDATE requests SET state = 6 WHERE id = ?1 AND state IN (1, 2, 7) "
                      "AND NOT EXISTS (SELECT 1 FROM request_inputs WHERE request = ?1 "
                      "AND (released != 0 OR signature IS NOT NULL))",
                      &self, 1));
    if (csigd_sql_changed(m) != 1) return CSIGD_STORE_CONFLICT;
    CSIGD_STORE_TRY(
        csigd_sqlite_audit_add(m, "request.cancelled", CSIGD_OF_REQUEST(r.wallet, id), NULL, 0));
    return stop_within(m, id, running, session);
}

static csigd_stored cancel(csigd_store *s, const uint8_t *id, bool *running,
                           uint8_t session[CSIGD_ID_BYTES])
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, cancel_within(m, id, running, session));
}

static csigd_stored expire_within(csigd_medium *m, int64_t now, csigd_request *request)
{
    CSIGD_STORE_TRY(csigd_sql_fetch(
        m,
        "SELECT " REQUEST_COLUMNS "WHERE r.state IN (1, 7) AND r.expires <= ?1 AND i.released = 0 "
        "AND i.signature IS NULL ORDER BY r.expires, r.id, i.input LIMIT 1",
        CSIGD_VALUES(CSIGD_INT(now)), request_read, request));
    request->state = CSIGD_REQUEST_EXPIRED;
    CSIGD_STORE_TRY(csigd_sql_run(m,
                                  "UPDATE requests SET state = 5 WHERE id = ?1 AND state IN (1, 7)",
                                  CSIGD_VALUES(ID(request->id))));
    return csigd_sqlite_audit_add(m, "request.expired",
                                  CSIGD_OF_REQUEST(request->wallet, request->id), NULL, 0);
}

static csigd_stored expire(csigd_store *s, int64_t now, csigd_request *request)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, expire_within(m, now, request));
}

void csigd_sqlite_requests(csigd_store *s)
{
    s->requests = (csigd_request_store){
        .make = make,
        .get = get,
        .payload = payload,
        .known = known,
        .list = list,
        .wanted = wanted,
        .cancel = cancel,
        .expire = expire,
    };
}
