#include "service/rotation.h"

#include <inttypes.h>
#include <stdio.h>

#include "service/own_aux.h"
#include "service/primes.h"

/* At most two: a device that does not come by for years must not keep them all. */
static csigd_code older_is_there(const csigd_service *service, uint64_t older, csigd_problem *why)
{
    const uint64_t newest = csigd_own_newest(service->own);
    uint64_t devices = 0;

    if (service->store->aux_to_come(service->store, newest, &devices) != CSIGD_STORED)
        return csigd_problem_set(why, CSIGD_STORE_UNAVAILABLE);
    csigd_problem_set(why, CSIGD_STATE_CONFLICT);
    snprintf(why->detail, sizeof why->detail,
             "Generation %" PRIu64 " is still there for %" PRIu64 " devices that have to come by: "
             "wait for them, or DELETE /v1/aux/%" PRIu64 ".",
             older, devices, older);
    return why->code;
}

static csigd_code make(const csigd_service *service, csig_primes *spare, uint64_t generation,
                       csigd_problem *why)
{
    csig_aux *aux = NULL;
    const csig_err err = csig_aux_new(&aux, spare, service->identity, generation, NULL);
    csigd_stored stored;

    /* What was read is the next search already: somebody was faster. */
    if (err == CSIG_E_STATE) return csigd_primes_not_ready(service->primes, why);
    if (err != CSIG_OK) return csigd_problem_own(why, err);
    stored = csigd_own_put(service->own, aux);
    if (stored == CSIGD_STORED) return CSIGD_OK;
    csig_aux_free(aux);
    return csigd_problem_set(why, csigd_code_of_store(stored));
}

csigd_code csigd_rotate(const csigd_service *service, uint64_t *generation, csigd_problem *why)
{
    const uint64_t newest = csigd_own_newest(service->own), older = csigd_own_older(service->own);
    csig_primes *spare;
    csigd_code code;

    if (older != 0) return older_is_there(service, older, why);
    if (newest == 0) return csigd_primes_not_ready(service->primes, why);
    code = csigd_primes_take(service->primes, &spare, why);
    if (code != CSIGD_OK) return code;
    *generation = newest + 1;
    code = make(service, spare, *generation, why);
    if (code == CSIGD_OK) csigd_primes_taken(service->primes);
    return code;
}

csigd_code csigd_rotation_drop(const csigd_service *service, uint64_t generation,
                               csigd_problem *why)
{
    const csigd_stored stored = csigd_own_drop(service->own, generation, true);

    return stored == CSIGD_STORED ? CSIGD_OK : csigd_problem_set(why, csigd_code_of_store(stored));
}

void csigd_rotation_tidy(const csigd_service *service)
{
    const uint64_t older = csigd_own_older(service->own);
    uint64_t devices;

    if (older == 0) return;
    if (service->store->aux_to_come(service->store, csigd_own_newest(service->own), &devices) !=
            CSIGD_STORED ||
        devices > 0)
        return;
    /* A store that cannot write says so itself, and it is tried again. */
    (void)csigd_own_drop(service->own, older, false);
}
