#include "service/declines.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "countersign/identity.h"
#include "http/json.h"
#include "service/primes.h"
#include "service/request.h"
#include "service/session.h"

size_t csigd_decline_text(char text[CSIGD_DECLINE_TEXT_BYTES], const csigd_request *r,
                          const uint8_t *payload, size_t len, const csigd_decline *d)
{
    char id[2 * sizeof r->id + 1], wallet[2 * sizeof r->wallet + 1];
    uint8_t hash[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof hash + 1];

    csigd_hex_write(id, r->id, sizeof r->id);
    csigd_hex_write(wallet, r->wallet, sizeof r->wallet);
    crypto_hash_sha256(hash, payload, len);
    csigd_hex_write(hex, hash, sizeof hash);
    /* What may have anything in it comes last. */
    return (size_t)snprintf(text, CSIGD_DECLINE_TEXT_BYTES,
                            "countersign-v1-decline\nrequest %s\nwallet %s\npath %s\npayload %s\n"
                            "rule %s\nbecause %s",
                            id, wallet, r->path, hex, d->rule, d->because);
}

/* The word is about the octets that are stored. */
static csigd_code check_word(const csigd_service *service, const csigd_request *r,
                             const csigd_decline *d, csigd_problem *why)
{
    char text[CSIGD_DECLINE_TEXT_BYTES];
    csigd_blob payload;
    const csigd_stored stored = service->store->requests.payload(service->store, r->id, &payload);
    size_t n;

    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    n = csigd_decline_text(text, r, payload.p, payload.len, d);
    csigd_blob_free(&payload);
    if (csig_identity_verify(d->device, "decline", (const uint8_t *)text, n, d->signature) !=
        CSIG_OK)
        return csigd_problem_field(why, CSIGD_BAD_SIGNATURE, "signature");
    return CSIGD_OK;
}

static csigd_code not_to_decline(csigd_problem *why)
{
    csigd_problem_set(why, CSIGD_STATE_CONFLICT);
    (void)snprintf(why->detail, sizeof why->detail,
                   "It has ended, or our part of a signature has left.");
    return why->code;
}

/* Others may be waiting for what this device's session kept from them. */
static csigd_code tell(const csigd_service *service, const uint8_t *wallet, csigd_problem *why)
{
    csigd_wallet w;
    const csigd_stored stored = service->store->wallet_get(
        service->store, wallet, csigd_primes_generation(service->primes), &w);

    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    csigd_request_tell(service, &w);
    return CSIGD_OK;
}

csigd_code csigd_request_decline(const csigd_service *service, const uint8_t *id,
                                 csigd_decline *decline, csigd_problem *why)
{
    csigd_store *s = service->store;
    uint8_t session[CSIGD_ID_BYTES];
    bool running = false;
    csigd_request r;
    csigd_stored stored = s->requests.get(s, id, 0, &r);
    csigd_code code;

    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    if (strspn(decline->rule, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != strlen(decline->rule))
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "rule");
    code = check_word(service, &r, decline, why);
    if (code != CSIGD_OK) return code;
    decline->said = csigd_clock_now();
    stored = s->requests.decline(s, id, decline, &running, session);
    if (stored == CSIGD_STORE_NONE) return csigd_problem_field(why, CSIGD_FORBIDDEN, "device");
    if (stored == CSIGD_STORE_CONFLICT) return not_to_decline(why);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    if (!running) return CSIGD_OK;
    csigd_sessions_stop(service, NULL, session);
    return tell(service, r.wallet, why);
}

/* --- who has --- */

typedef struct looking {
    const csigd_session_row *row;
    bool found;
} looking;

static void look_at(void *ctx, const csigd_decline *d)
{
    looking *l = ctx;

    for (size_t i = 0; i < l->row->n_devices; i++) {
        if (memcmp(l->row->devices[i], d->device, sizeof d->device) == 0) l->found = true;
    }
}

csigd_code csigd_decline_check(const csigd_service *service, const csigd_session_row *row,
                               csigd_problem *why)
{
    looking l = {.row = row};
    const csigd_stored stored =
        service->store->requests.declined(service->store, row->request, look_at, &l);

    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    if (!l.found) return CSIGD_OK;
    csigd_problem_field(why, CSIGD_STATE_CONFLICT, "signers");
    (void)snprintf(why->detail, sizeof why->detail, "One of these devices has declined it.");
    return why->code;
}
