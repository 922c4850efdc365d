/* GET, DELETE /v1/sessions/{s}, PUT /v1/sessions/{s}/rounds/{n}, GET /v1/sessions/{s}/evidence */
#include "clock.h"
#include "routes/routes.h"

csigd_json *csigd_json_session(const csigd_session_row *row)
{
    csigd_json *body = csigd_json_object();
    char deadline[CSIGD_RFC3339_BYTES];

    csigd_clock_format(deadline, row->deadline);
    csigd_json_hex(body, "session", row->id, sizeof row->id);
    csigd_json_text(body, "kind", csigd_kind_name(row->kind));
    csigd_json_text(body, "state", csigd_session_state_name(row->state));
    if (row->has_wallet) csigd_json_hex(body, "wallet", row->wallet, sizeof row->wallet);
    if (row->has_request) csigd_json_hex(body, "request", row->request, sizeof row->request);
    csigd_json_uint(body, "epoch", row->epoch);
    csigd_json_uint(body, "generation", row->own_generation);
    if (csigd_kind_is_refresh(row->kind)) csigd_json_uint(body, "attempt", row->attempt);
    csigd_json_text(body, "deadline", deadline);
    csigd_json_uint(body, "next_round", row->next_round);
    return body;
}

csigd_json *csigd_json_opened(csigd_opened *opened)
{
    csigd_json *body = csigd_json_session(&opened->row), *nonces = csigd_json_list();

    for (size_t i = 0; i < opened->n_nonces; i++)
        csigd_json_append_hex(nonces, opened->nonces[i], CSIG_NONCE_BYTES);
    csigd_json_put(body, "nonces", nonces);
    if (opened->row.kind == CSIGD_KIND_PRESIGN) {
        csigd_json_uint(body, "number", opened->number);
        csigd_json_uint(body, "count", opened->count);
    }
    if (opened->row.kind == CSIGD_KIND_ONLINE) {
        csigd_json_hex(body, "presignature", opened->presig, sizeof opened->presig);
        csigd_json_hex(body, "envelopes", opened->envelopes.p, opened->envelopes.len);
    }
    csigd_blob_free(&opened->envelopes);
    return body;
}

csigd_reply csigd_session_show(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    csigd_session_row row;
    const csigd_stored stored = store->session_get(store, call->id, &row);

    if (stored != CSIGD_STORED) return csigd_reply_code(csigd_code_of_store(stored));
    return csigd_reply_value(200, csigd_json_session(&row));
}

csigd_reply csigd_session_round(const csigd_call *call)
{
    return csigd_session_put(call->service, call->id, call->round, call->body, call->len);
}

csigd_reply csigd_session_delete(const csigd_call *call)
{
    csigd_problem why;

    if (csigd_session_abort(call->service, call->id, &why) != CSIGD_OK)
        return csigd_reply_problem(&why);
    return (csigd_reply){.status = 204};
}

csigd_reply csigd_session_evidence(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    csigd_blob evidence;
    const csigd_stored stored = store->evidence_get(store, call->id, &evidence);

    if (stored != CSIGD_STORED) return csigd_reply_code(csigd_code_of_store(stored));
    return (csigd_reply){
        .status = 200, .type = "application/octet-stream", .body = evidence.p, .len = evidence.len};
}
