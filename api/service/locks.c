#include "service/locks.h"

#include <stdio.h>
#include <string.h>

#include "log.h"
#include "service/primes.h"

static void add(csigd_blamed *blamed, const uint8_t *device)
{
    memcpy(blamed->devices[blamed->n++], device, CSIG_IDENTITY_BYTES);
}

void csigd_blame(csigd_blamed *blamed, const csig_blame *blame, const csigd_session_row *row,
                 const uint16_t *index)
{
    memset(blamed, 0, sizeof *blamed);
    if (!csigd_class_is_locking(csig_err_class(blame->err))) return;
    snprintf(blamed->reason, sizeof blamed->reason, "%s %.31s", csig_err_name(blame->err),
             blame->where);
    for (size_t i = 0; i < row->n_devices; i++) {
        if (index[i] == blame->culprit) add(blamed, row->devices[i]);
    }
    /* With one other device there is no doubt, named or not. */
    blamed->named = blamed->n == 1 || row->n_devices == 1;
    if (blamed->n == 0) {
        for (size_t i = 0; i < row->n_devices; i++)
            add(blamed, row->devices[i]);
    }
    csigd_log_line(CSIGD_AUDIT, "cheating", CSIGD_HEX("session", row->id, sizeof row->id),
                   CSIGD_TEXT("error", csig_err_name(blame->err)),
                   CSIGD_TEXT("where", blame->where), CSIGD_NUMBER("round", blame->round),
                   CSIGD_NUMBER("culprit", blame->culprit),
                   CSIGD_HEX("device", blamed->devices[0], CSIG_IDENTITY_BYTES),
                   CSIGD_TEXT("locked", blamed->named ? "yes" : "after the third time"));
}

/* It need not be a party: one that was to join, or has left, is locked like every other. */
csigd_code csigd_unlock(const csigd_service *service, const uint8_t *wallet, const uint8_t *device,
                        csigd_problem *why)
{
    const uint64_t own = csigd_primes_generation(service->primes);
    csigd_device known;
    csigd_wallet w;
    csigd_stored stored = service->store->wallet_get(service->store, wallet, own, &w);

    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    stored = service->store->device_get(service->store, device, &known);
    if (stored == CSIGD_STORE_NONE) return csigd_problem_field(why, CSIGD_NOT_FOUND, "device");
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    stored = service->store->pair_unlock(service->store, device);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    return CSIGD_OK;
}
