/* Auxiliary info and key generation begin. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "countersign/keygen.h"
#include "http/json.h"
#include "service/live.h"
#include "service/primes.h"

const char *csigd_kind_name(csigd_kind kind)
{
    switch (kind) {
    case CSIGD_KIND_AUX:
        return "aux";
    case CSIGD_KIND_KEYGEN:
        return "keygen";
    case CSIGD_KIND_PRESIGN:
        return "presign";
    case CSIGD_KIND_SIGN:
        return "sign";
    case CSIGD_KIND_ONLINE:
        return "online";
    case CSIGD_KIND_REFRESH:
        return "refresh";
    }
    return "";
}

const char *csigd_session_state_name(csigd_session_state state)
{
    switch (state) {
    case CSIGD_SESSION_RUNNING:
        return "running";
    case CSIGD_SESSION_DONE:
        return "done";
    case CSIGD_SESSION_FAILED:
        return "failed";
    case CSIGD_SESSION_EXPIRED:
        return "expired";
    case CSIGD_SESSION_ABORTED:
        return "aborted";
    case CSIGD_SESSION_LOST:
        return "lost";
    case CSIGD_SESSION_OUTDATED:
        return "outdated";
    }
    return "";
}

/* --- auxiliary info --- */

/* The device's last generation may be shown again (the phone ended before it stored ours), an older
 * one may not. */
static csigd_code last_generation(const csigd_service *service, const uint8_t *device,
                                  uint64_t *above, csigd_problem *why)
{
    csigd_peer_row peer;
    const csigd_stored stored = service->store->peer_get(
        service->store, device, csigd_primes_generation(service->primes), &peer);

    *above = 0;
    if (stored == CSIGD_STORE_NONE) return CSIGD_OK;
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    *above = peer.generation - 1;
    csigd_blob_free(&peer.sealed);
    return CSIGD_OK;
}

static csigd_code start_aux(const csigd_service *service, csigd_live *live, uint64_t above,
                            csigd_opened *opened, csigd_problem *why)
{
    csig_aux_params params = {
        .identity = service->identity,
        .aux = csigd_primes_aux(service->primes),
        .peer_generation_above = above,
        .moves_last = 1,
    };
    csig_err err;

    memcpy(params.peer, live->row.devices[0], sizeof params.peer);
    memcpy(params.nonce_first, opened->nonces[0], CSIG_NONCE_BYTES);
    memcpy(params.nonce_second, opened->nonces[1], CSIG_NONCE_BYTES);
    err = csig_aux_session(&live->run[0], &params);
    if (err != CSIG_OK) return csigd_problem_err(why, err);
    return csigd_live_open(service, live, NULL, NULL, why);
}

csigd_code csigd_open_aux(const csigd_service *service, const uint8_t *device,
                          const uint8_t nonce[CSIG_NONCE_BYTES], csigd_opened *opened,
                          csigd_problem *why)
{
    csigd_session_row row = {.kind = CSIGD_KIND_AUX, .n_devices = 1};
    csigd_device known;
    csigd_live *live;
    uint64_t above;
    csigd_stored stored;
    csigd_code code;

    stored = service->store->device_get(service->store, device, &known);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    if (csigd_primes_aux(service->primes) == NULL)
        return csigd_primes_not_ready(service->primes, why);
    code = last_generation(service, device, &above, why);
    if (code != CSIGD_OK) return code;

    memcpy(row.devices[0], device, CSIG_IDENTITY_BYTES);
    code = csigd_live_new(service, &live, &row, 1, why);
    if (code != CSIGD_OK) return code;
    live->device_index[0] = 1;
    opened->n_nonces = 2;
    memcpy(opened->nonces[0], nonce, CSIG_NONCE_BYTES);
    randombytes_buf(opened->nonces[1], CSIG_NONCE_BYTES);
    code = start_aux(service, live, above, opened, why);
    if (code == CSIGD_OK)
        opened->row = live->row;
    else
        csigd_live_drop(service, live);
    return code;
}

/* --- key generation --- */

static csigd_code check_devices(const csigd_service *service, const csigd_keygen_wish *wish,
                                csigd_problem *why)
{
    if (wish->n_devices != wish->parties - 1 || wish->signers_required > wish->parties)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "parties");
    if (wish->n_nonces != wish->n_devices)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "nonces");
    for (size_t i = 0; i < wish->n_devices; i++) {
        csigd_device known;
        csigd_stored stored;

        for (size_t j = 0; j < i; j++) {
            if (memcmp(wish->devices[i], wish->devices[j], CSIG_IDENTITY_BYTES) == 0)
                return csigd_problem_field(why, CSIGD_BAD_REQUEST, "devices");
        }
        stored = service->store->device_get(service->store, wish->devices[i], &known);
        if (stored == CSIGD_STORE_NONE) return csigd_problem_field(why, CSIGD_NOT_FOUND, "devices");
        if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    }
    return CSIGD_OK;
}

static void make_wallet(const csigd_keygen_wish *wish, csigd_wallet *w)
{
    *w = (csigd_wallet){
        .state = CSIGD_PENDING,
        .signers_required = (uint16_t)wish->signers_required,
        .parties = (uint16_t)wish->parties,
        .allow = wish->allow,
        .created = csigd_clock_now(),
        .n_devices = wish->n_devices,
    };
    randombytes_buf(w->id, sizeof w->id);
    memcpy(w->devices, wish->devices, wish->n_devices * sizeof w->devices[0]);
}

/* Identities and nonces of all parties in order of index: the first device, the server, the others.
 */
static csigd_code start_keygen(const csigd_service *service, csigd_live *live,
                               const csigd_keygen_wish *wish, csigd_opened *opened,
                               csigd_problem *why)
{
    uint8_t identities[CSIG_PARTIES_MAX][CSIG_IDENTITY_BYTES];
    const csig_keygen_params params = {
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

    memcpy(identities[CSIGD_SERVER_INDEX - 1], service->identity_pub, CSIG_IDENTITY_BYTES);
    /* Our nonce begins with the wallet's id: every message is bound to it, and so is the client. */
    randombytes_buf(opened->nonces[CSIGD_SERVER_INDEX - 1], CSIG_NONCE_BYTES);
    memcpy(opened->nonces[CSIGD_SERVER_INDEX - 1], opened->wallet.id, CSIGD_ID_BYTES);
    for (size_t i = 0; i < wish->n_devices; i++) {
        const size_t at = i == 0 ? 0 : i + 1;

        memcpy(identities[at], wish->devices[i], CSIG_IDENTITY_BYTES);
        memcpy(opened->nonces[at], wish->nonces[i], CSIG_NONCE_BYTES);
        live->device_index[i] = (uint16_t)(at + 1);
    }
    opened->n_nonces = wish->parties;
    err = csig_keygen_session(&live->run[0], &params);
    if (err != CSIG_OK) return csigd_problem_err(why, err);
    return csigd_live_open(service, live, &opened->wallet, NULL, why);
}

csigd_code csigd_open_keygen(const csigd_service *service, const csigd_keygen_wish *wish,
                             csigd_opened *opened, csigd_problem *why)
{
    csigd_session_row row = {.kind = CSIGD_KIND_KEYGEN, .has_wallet = true};
    csigd_live *live;
    csigd_code code = check_devices(service, wish, why);

    if (code != CSIGD_OK) return code;
    make_wallet(wish, &opened->wallet);
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
