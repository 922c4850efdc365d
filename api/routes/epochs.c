/* GET /v1/wallets/{w}/epochs/{state} */
#include <string.h>

#include "routes/routes.h"

/* It is not the current epoch, no refresh runs that could make it so, and no later one comes to the
 * same state. A client deletes what it has staged on this alone, never on a status. */
static csig_err sign_dead(const csigd_call *call, uint8_t signature[64])
{
    uint8_t statement[CSIGD_ID_BYTES + CSIGD_HASH_BYTES];

    memcpy(statement, call->id, CSIGD_ID_BYTES);
    memcpy(statement + CSIGD_ID_BYTES, call->epoch_state, CSIGD_HASH_BYTES);
    return csig_identity_sign(call->service->identity, "epoch-dead", statement, sizeof statement,
                              signature);
}

static csigd_reply tell_current(csigd_json *body, const csigd_epoch_answer *answer)
{
    csigd_json_text(body, "state", "current");
    csigd_json_uint(body, "epoch", answer->current.number);
    csigd_json_uint(body, "attempt", answer->current.attempt);
    csigd_json_hex(body, "commit", answer->commit, sizeof answer->commit);
    return csigd_reply_value(200, body);
}

static csigd_reply tell_dead(csigd_json *body, const csigd_call *call,
                             const csigd_epoch_answer *answer)
{
    uint8_t signature[64];

    if (sign_dead(call, signature) != CSIG_OK) {
        csigd_json_free(body);
        return csigd_reply_code(CSIGD_INTERNAL);
    }
    csigd_json_text(body, "state", "dead");
    csigd_json_uint(body, "epoch", answer->current.number);
    csigd_json_hex(body, "signature", signature, sizeof signature);
    return csigd_reply_value(200, body);
}

csigd_reply csigd_epoch_show(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    csigd_epoch_answer answer;
    const csigd_stored stored = store->epoch_ask(store, call->id, call->epoch_state, &answer);
    csigd_json *body;

    if (stored == CSIGD_STORE_NONE) return csigd_reply_unborn(call->service, call->id);
    if (stored != CSIGD_STORED) return csigd_reply_code(csigd_code_of_store(stored));
    body = csigd_json_object();
    csigd_json_hex(body, "wallet", call->id, CSIGD_ID_BYTES);
    csigd_json_wanted(body, call, call->id);
    switch (answer.fate) {
    case CSIGD_EPOCH_CURRENT:
        return tell_current(body, &answer);
    case CSIGD_EPOCH_UNDECIDED:
        csigd_json_text(body, "state", "undecided");
        csigd_json_hex(body, "session", answer.session, sizeof answer.session);
        return csigd_reply_value(200, body);
    case CSIGD_EPOCH_DEAD:
        return tell_dead(body, call, &answer);
    }
    csigd_json_free(body);
    return csigd_reply_code(CSIGD_INTERNAL);
}
