/* Sessions about auxiliary info begin. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "http/json.h"
#include "service/device.h"
#include "service/live.h"
#include "service/own_aux.h"
#include "service/primes.h"

/* --- auxiliary info --- */

/* The device's last generation may be shown again (the phone ended before it stored ours), an older
 * one may not. */
static csigd_code last_generation(const csigd_service *service, const uint8_t *device,
                                  uint64_t *above, csigd_problem *why)
{
    uint64_t last;
    const csigd_code code = csigd_device_generation(service, device, &last, why);

    *above = code == CSIGD_OK && last > 0 ? last - 1 : 0;
    return code;
}

static csigd_code start_aux(const csigd_service *service, csigd_live *live, uint64_t above,
                            csigd_opened *opened, csigd_problem *why)
{
    csig_aux_params params = {
        .identity = service->identity,
        .aux = live->aux,
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
    if (csigd_own_newest(service->own) == 0) return csigd_primes_not_ready(service->primes, why);
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
