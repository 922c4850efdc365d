#include "service/request.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "service/policy.h"
#include "service/primes.h"
#include "service/session.h"

/* --- paths --- */

static const char *index_read(uint32_t *index, const char *text)
{
    uint64_t value = 0;
    size_t digits = 0;

    for (; text[digits] >= '0' && text[digits] <= '9'; digits++) {
        value = value * 10 + (uint64_t)(text[digits] - '0');
        if (digits == 10) return NULL;
    }
    if (digits == 0 || (digits > 1 && text[0] == '0') || value >= UINT64_C(0x80000000)) return NULL;
    *index = (uint32_t)value;
    return text + digits;
}

csig_err csigd_path_read(uint32_t path[CSIG_PATH_MAX], size_t *depth, const char *text)
{
    *depth = 0;
    if (*text++ != 'm') return CSIG_E_PATH;
    while (*text == '/') {
        if (*depth == CSIG_PATH_MAX) return CSIG_E_PATH;
        text = index_read(&path[*depth], text + 1);
        if (text == NULL) return CSIG_E_PATH;
        ++*depth;
    }
    return *text == '\0' ? CSIG_OK : CSIG_E_PATH;
}

/* --- requests --- */

const char *csigd_request_state_name(csigd_request_state state)
{
    switch (state) {
    case CSIGD_APPROVED:
        return "approved";
    case CSIGD_SIGNING:
        return "signing";
    case CSIGD_SIGNED:
        return "signed";
    case CSIGD_REQUEST_FAILED:
        return "failed";
    case CSIGD_REQUEST_EXPIRED:
        return "expired";
    case CSIGD_REQUEST_CANCELLED:
        return "cancelled";
    case CSIGD_REQUEST_PENDING:
        return "pending";
    case CSIGD_REQUEST_REJECTED:
        return "rejected";
    }
    return "";
}

bool csigd_wallet_has_type(const csigd_wallet *wallet, uint32_t type)
{
    return (wallet->allow & type) != 0;
}

csigd_code csigd_request_payload(const csigd_service *service, const csigd_request *request,
                                 const csig_account *account, csig_payload **payload,
                                 csigd_problem *why)
{
    csigd_blob text;
    const csigd_stored stored =
        service->store->requests.payload(service->store, request->id, &text);
    csigd_code code;

    *payload = NULL;
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    code = csigd_payload_read(payload, (const char *)text.p, text.len, why);
    csigd_blob_free(&text);
    if (code == CSIGD_OK) code = csigd_payload_bind(*payload, account, request->path, why);
    if (code == CSIGD_OK) return code;
    csig_payload_free(*payload);
    *payload = NULL;
    return code == CSIGD_OVERLOADED ? code : csigd_problem_set(why, CSIGD_INTERNAL);
}

static csigd_code read_mode(const csigd_request_wish *wish, csigd_mode *mode, csigd_problem *why)
{
    *mode = wish->presigned ? CSIGD_MODE_SERVER : CSIGD_MODE_PHONE;
    if (wish->mode[0] == '\0') return CSIGD_OK;
    if (strcmp(wish->mode, "server") == 0) {
        *mode = CSIGD_MODE_SERVER;
        return CSIGD_OK;
    }
    if (strcmp(wish->mode, "phone") == 0 && !wish->presigned) return CSIGD_OK;
    return csigd_problem_field(why, CSIGD_BAD_REQUEST, "mode");
}

/* Everything but its inputs. */
static csigd_code fill(const uint8_t *wallet, const csigd_request_wish *wish, csigd_request *r,
                       csigd_problem *why)
{
    *r = (csigd_request){.state = CSIGD_APPROVED,
                         .presigned = wish->presigned,
                         .created = csigd_clock_now(),
                         .has_creator = wish->has_creator};
    r->expires = r->created + wish->expires_in;
    randombytes_buf(r->id, sizeof r->id);
    memcpy(r->wallet, wallet, sizeof r->wallet);
    memcpy(r->path, wish->path, sizeof r->path);
    memcpy(r->creator, wish->creator, sizeof r->creator);
    return read_mode(wish, &r->mode, why);
}

/* What it asks to be signed, of the types that may be. */
static csigd_code bind(const csigd_service *service, const csigd_wallet *w, csigd_request *r,
                       csig_payload *payload, csigd_input inputs[CSIGD_INPUTS_MAX],
                       csigd_problem *why)
{
    csig_account account;
    csigd_code code;

    r->type = csigd_payload_type(csig_payload_type(payload));
    if (!csigd_wallet_has_type(w, r->type))
        return csigd_problem_field(why, CSIGD_POLICY_DENIED, "type");
    code = csigd_account_find(service, r->wallet, &account, why);
    if (code == CSIGD_OK) code = csigd_payload_bind(payload, &account, r->path, why);
    if (code == CSIGD_OK) code = csigd_payload_inputs(payload, inputs, why);
    if (code != CSIGD_OK) return code;
    r->n_inputs = (uint32_t)csig_payload_inputs(payload);
    r->input = inputs[0];
    return CSIGD_OK;
}

void csigd_request_fingerprint(uint8_t hash[CSIGD_HASH_BYTES], const uint8_t *wallet,
                               const uint8_t *body, size_t len)
{
    crypto_generichash_state state;

    crypto_generichash_init(&state, NULL, 0, CSIGD_HASH_BYTES);
    crypto_generichash_update(&state, wallet, CSIGD_ID_BYTES);
    crypto_generichash_update(&state, body, len);
    crypto_generichash_final(&state, hash, CSIGD_HASH_BYTES);
}

/* What was asked for under this name before, if anything was. NOT_FOUND: nothing. */
static csigd_code find_known(const csigd_service *service, const csigd_request_wish *wish,
                             csigd_request *r, csigd_problem *why)
{
    csigd_idempotency known = wish->known_as;
    csigd_store *store = service->store;
    csigd_stored stored = CSIGD_STORE_NONE;

    if (known.name[0] != '\0') stored = store->requests.known(store, &known);
    if (stored == CSIGD_STORED && memcmp(known.hash, wish->known_as.hash, sizeof known.hash) != 0)
        return csigd_problem_set(why, CSIGD_IDEMPOTENCY_KEY_REUSED);
    if (stored == CSIGD_STORED) stored = store->requests.get(store, known.request, 0, r);
    return stored == CSIGD_STORED ? CSIGD_OK : csigd_problem_set(why, csigd_code_of_store(stored));
}

void csigd_request_tell(const csigd_service *service, const csigd_wallet *w)
{
    for (size_t i = 0; i < w->n_devices; i++)
        csigd_waiting_tell(service->waiting, w->devices[i]);
}

static csigd_code store_made(const csigd_service *service, const csigd_request_wish *wish,
                             csigd_request *r, const csig_payload *payload,
                             const csigd_input *inputs, bool *again, csigd_problem *why)
{
    csigd_case c;
    const csigd_making making = {.request = r,
                                 .judge = &c.judge,
                                 .payload = wish->payload.text,
                                 .inputs = inputs,
                                 .n_inputs = csig_payload_inputs(payload),
                                 .known_as = &wish->known_as};
    csigd_stored stored;

    csigd_case_open(&c, service, r, payload);
    stored = service->store->requests.make(service->store, &making);
    *again = stored == CSIGD_STORE_CONFLICT;
    if (*again) return find_known(service, wish, r, why);
    if (stored == CSIGD_STORE_DENIED) return csigd_case_denied(&c, why);
    return stored == CSIGD_STORED ? CSIGD_OK : csigd_problem_set(why, csigd_code_of_store(stored));
}

static csigd_code make(const csigd_service *service, const uint8_t *wallet,
                       const csigd_request_wish *wish, csigd_request *r, bool *again,
                       csigd_problem *why)
{
    csigd_input inputs[CSIGD_INPUTS_MAX];
    csig_payload *payload;
    csigd_wallet w;
    csigd_stored stored;
    csigd_code code = fill(wallet, wish, r, why);

    if (code != CSIGD_OK) return code;
    stored = service->store->wallet_get(service->store, wallet,
                                        csigd_primes_generation(service->primes), &w);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    if (w.state != CSIGD_ACTIVE || w.rehearsal) return csigd_problem_set(why, CSIGD_STATE_CONFLICT);
    code = csigd_payload_read(&payload, wish->payload.text, wish->payload.len, why);
    if (code == CSIGD_OK) code = bind(service, &w, r, payload, inputs, why);
    if (code == CSIGD_OK) code = store_made(service, wish, r, payload, inputs, again, why);
    csig_payload_free(payload);
    if (code == CSIGD_OK && !*again) csigd_request_tell(service, &w);
    return code;
}

csigd_code csigd_request_make(const csigd_service *service, const uint8_t *wallet,
                              const csigd_request_wish *wish, csigd_request *request, bool *again,
                              csigd_problem *why)
{
    const csigd_code code = find_known(service, wish, request, why);

    *again = code == CSIGD_OK;
    return code == CSIGD_NOT_FOUND ? make(service, wallet, wish, request, again, why) : code;
}

/* --- their end --- */

csigd_code csigd_request_cancel(const csigd_service *service, const uint8_t *id, csigd_problem *why)
{
    uint8_t session[CSIGD_ID_BYTES];
    bool running = false;
    const csigd_stored stored =
        service->store->requests.cancel(service->store, id, &running, session);

    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    if (running) csigd_sessions_stop(service, NULL, session);
    return CSIGD_OK;
}

void csigd_requests_tick(const csigd_service *service)
{
    csigd_request request;

    while (service->store->requests.expire(service->store, csigd_clock_now(), &request) ==
           CSIGD_STORED)
        continue;
}
