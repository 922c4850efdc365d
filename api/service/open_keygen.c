/* Key generation begins. */
#include <sodium.h>
#include <string.h>

#include "clock.h"
#include "countersign/keygen.h"
#include "countersign/transcript.h"
#include "http/json.h"
#include "service/recovery.h"

/* --- what is asked for --- */

static csigd_code check_numbers(const csigd_keygen_wish *wish, const csigd_wallet *w,
                                csigd_problem *why)
{
    /* All that deal the key together would have it: hence at least so many as sign. */
    if (w->n_devices != wish->parties - 1 || wish->signers_required > wish->n_devices + 1)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "parties");
    if (wish->n_nonces != wish->n_devices)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "nonces");
    return CSIGD_OK;
}

/* Keys, and behind the devices the identities of those that have none: of the last indices, so that
 * the k-th of them is the k-th index after the devices. */
static csigd_code add_recovery(const csigd_keygen_wish *wish, csigd_wallet *w, csigd_problem *why)
{
    for (size_t i = 0; i < wish->n_recovery; i++) {
        const csigd_recovery_wish *asked = &wish->recovery[i];
        csigd_recovery_key *k = &w->recovery[w->n_recovery++];

        *k = (csigd_recovery_key){.index = (uint16_t)asked->index,
                                  .offline = asked->identity[0] != '\0'};
        memcpy(k->key, asked->key, sizeof k->key);
        if (asked->index > w->parties || (i > 0 && asked->index <= wish->recovery[i - 1].index))
            return csigd_problem_field(why, CSIGD_BAD_REQUEST, "recovery");
        if (k->offline != (asked->index > wish->n_devices + 1))
            return csigd_problem_field(why, CSIGD_BAD_REQUEST, "recovery");
        if (!k->offline) continue;
        if (w->n_devices == CSIGD_DEVICES_MAX ||
            !csigd_hex_is_read(w->devices[w->n_devices], CSIG_IDENTITY_BYTES, asked->identity,
                               strlen(asked->identity)))
            return csigd_problem_field(why, CSIGD_BAD_REQUEST, "recovery");
        w->n_devices++;
    }
    return CSIGD_OK;
}

static csigd_code make_wallet(const csigd_keygen_wish *wish, csigd_wallet *w, csigd_problem *why)
{
    csigd_code code;

    *w = (csigd_wallet){
        .state = CSIGD_PENDING,
        .signers_required = (uint16_t)wish->signers_required,
        .parties = (uint16_t)wish->parties,
        .allow = wish->allow,
        .rehearsal = wish->rehearsal,
        .created = csigd_clock_now(),
        .n_devices = wish->n_devices,
    };
    randombytes_buf(w->id, sizeof w->id);
    memcpy(w->label, wish->label, sizeof w->label);
    memcpy(w->devices, wish->devices, wish->n_devices * sizeof w->devices[0]);
    code = add_recovery(wish, w, why);
    return code == CSIGD_OK ? check_numbers(wish, w, why) : code;
}

/* Everybody once, the server once; who is online has enrolled. */
static csigd_code check_devices(const csigd_service *service, const csigd_keygen_wish *wish,
                                const csigd_wallet *w, csigd_problem *why)
{
    for (size_t i = 0; i < w->n_devices; i++) {
        const char *field = i < wish->n_devices ? "devices" : "recovery";
        csigd_device known;
        csigd_stored stored;

        for (size_t j = 0; j < i; j++) {
            if (memcmp(w->devices[i], w->devices[j], CSIG_IDENTITY_BYTES) == 0)
                return csigd_problem_field(why, CSIGD_BAD_REQUEST, field);
        }
        if (memcmp(w->devices[i], service->identity_pub, CSIG_IDENTITY_BYTES) == 0)
            return csigd_problem_field(why, CSIGD_BAD_REQUEST, field);
        if (i >= wish->n_devices) continue;
        stored = service->store->device_get(service->store, w->devices[i], &known);
        if (stored == CSIGD_STORE_NONE) return csigd_problem_field(why, CSIGD_NOT_FOUND, field);
        if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    }
    return CSIGD_OK;
}

/* --- the session --- */

/* In order of index: the first device, the server, the others. */
static void list_parties(const csigd_service *service, csigd_live *live,
                         const csigd_keygen_wish *wish, csigd_opened *opened,
                         uint8_t (*identities)[CSIG_IDENTITY_BYTES])
{
    const csigd_wallet *w = &opened->wallet;

    memcpy(identities[CSIGD_SERVER_INDEX - 1], service->identity_pub, CSIG_IDENTITY_BYTES);
    /* Our nonce begins with the wallet's id: every message is bound to it, and so is the client. */
    randombytes_buf(opened->nonces[CSIGD_SERVER_INDEX - 1], CSIG_NONCE_BYTES);
    memcpy(opened->nonces[CSIGD_SERVER_INDEX - 1], w->id, CSIGD_ID_BYTES);
    for (size_t i = 0; i < w->n_devices; i++) {
        const size_t at = i == 0 ? 0 : i + 1;

        memcpy(identities[at], w->devices[i], CSIG_IDENTITY_BYTES);
        if (i >= wish->n_devices) continue;
        memcpy(opened->nonces[at], wish->nonces[i], CSIG_NONCE_BYTES);
        live->device_index[i] = (uint16_t)(at + 1);
    }
    opened->n_nonces = wish->n_devices + 1;
}

static csigd_code start_keygen(const csigd_service *service, csigd_live *live,
                               const csigd_keygen_wish *wish, csigd_opened *opened,
                               csigd_problem *why)
{
    uint8_t identities[CSIG_PARTIES_MAX][CSIG_IDENTITY_BYTES];
    csigd_recovery_lists lists;
    csig_keygen_params params = {
        .identity = service->identity,
        .signers_required = (uint16_t)wish->signers_required,
        .parties = (uint16_t)wish->parties,
        .self = CSIGD_SERVER_INDEX,
        .commits = CSIGD_SERVER_INDEX,
        .identities = identities[0],
        .nonces = opened->nonces[0],
        .moves_last = 1,
    };
    csig_err err;

    list_parties(service, live, wish, opened, identities);
    csigd_recovery_list(&opened->wallet, &lists);
    csigd_recovery_expect(live, &opened->wallet);
    params.indices = live->escrows.dealers;
    params.count = (uint16_t)live->escrows.n_dealers;
    params.recovery = csigd_recovery_keys(&lists);
    err = csig_keygen_session(&live->run[0], &params);
    /* Equal keys that together would have the wallet, or one that is nobody's. */
    if (err == CSIG_E_PARTIES || err == CSIG_E_POINT)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "recovery");
    if (err == CSIG_OK) err = csig_session_keep_record(live->run[0]);
    if (err != CSIG_OK) return csigd_problem_err(why, err);
    return csigd_live_open(service, live, &opened->wallet, NULL, why);
}

csigd_code csigd_open_keygen(const csigd_service *service, const csigd_keygen_wish *wish,
                             csigd_opened *opened, csigd_problem *why)
{
    csigd_session_row row = {.kind = CSIGD_KIND_KEYGEN, .has_wallet = true};
    csigd_live *live;
    csigd_code code = make_wallet(wish, &opened->wallet, why);

    if (code == CSIGD_OK) code = check_devices(service, wish, &opened->wallet, why);
    if (code != CSIGD_OK) return code;
    memcpy(row.wallet, opened->wallet.id, sizeof row.wallet);
    row.n_devices = wish->n_devices;
    memcpy(row.devices, wish->devices, wish->n_devices * sizeof row.devices[0]);
    code = csigd_live_new(service, &live, &row, 1, why);
    if (code != CSIGD_OK) return code;
    code = start_keygen(service, live, wish, opened, why);
    if (code == CSIGD_OK)
        opened->row = live->row;
    else
        csigd_live_drop(service, live);
    return code;
}
