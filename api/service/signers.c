#include "service/signers.h"

#include <sodium.h>
#include <string.h>

#include "service/device.h"
#include "service/own_aux.h"
#include "service/primes.h"
#include "service/shares.h"

csigd_code csigd_wallet_find(const csigd_service *service, const uint8_t *id, csigd_wallet *w,
                             csigd_problem *why)
{
    const csigd_stored stored =
        service->store->wallet_get(service->store, id, csigd_primes_generation(service->primes), w);

    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    if (w->state != CSIGD_ACTIVE) return csigd_problem_set(why, CSIGD_STATE_CONFLICT);
    if (csigd_own_newest(service->own) == 0) return csigd_primes_not_ready(service->primes, why);
    return CSIGD_OK;
}

const uint8_t *csigd_wallet_device(const csigd_wallet *w, uint16_t index)
{
    return w->devices[index == 1 ? 0 : index - 2];
}

/* --- what is asked for --- */

csigd_code csigd_indices_check(const csigd_wallet *w, const uint16_t *indices, size_t n,
                               const char *field, csigd_problem *why)
{
    bool server = false;

    for (size_t i = 0; i < n; i++) {
        if (indices[i] < 1 || indices[i] > w->parties || (i > 0 && indices[i] <= indices[i - 1]))
            return csigd_problem_field(why, CSIGD_BAD_REQUEST, field);
        server = server || indices[i] == CSIGD_SERVER_INDEX;
    }
    return server ? CSIGD_OK : csigd_problem_field(why, CSIGD_BAD_REQUEST, field);
}

csigd_code csigd_signers_check(const csigd_wallet *w, const csigd_signing_wish *wish,
                               csigd_problem *why)
{
    csigd_code code;

    if (wish->n_signers != w->signers_required)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "signers");
    code = csigd_indices_check(w, wish->signers, wish->n_signers, "signers", why);
    if (code != CSIGD_OK) return code;
    if (wish->n_nonces != wish->n_signers - 1)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "nonces");
    return CSIGD_OK;
}

/* --- what they bring along --- */

void csigd_signers_list(csigd_session_row *row, const csigd_wallet *w,
                        const csigd_signing_wish *wish)
{
    row->has_wallet = true;
    row->epoch = w->epoch;
    memcpy(row->wallet, w->id, sizeof row->wallet);
    for (size_t i = 0; i < wish->n_signers; i++) {
        if (wish->signers[i] == CSIGD_SERVER_INDEX) continue;
        memcpy(row->devices[row->n_devices++], csigd_wallet_device(w, wish->signers[i]),
               CSIG_IDENTITY_BYTES);
    }
}

void csigd_signers_nonces(csigd_live *live, const csigd_signing_wish *wish, csigd_opened *opened)
{
    size_t client = 0;

    opened->n_nonces = wish->n_signers;
    for (size_t i = 0; i < wish->n_signers; i++) {
        if (wish->signers[i] == CSIGD_SERVER_INDEX) {
            randombytes_buf(opened->nonces[i], CSIG_NONCE_BYTES);
            continue;
        }
        live->device_index[client] = wish->signers[i];
        memcpy(opened->nonces[i], wish->nonces[client++], CSIG_NONCE_BYTES);
    }
}

csigd_code csigd_signers_generation(const csigd_service *service, csigd_session_row *row,
                                    const csigd_wallet *w, const uint16_t *indices, size_t n,
                                    csigd_problem *why)
{
    uint8_t devices[CSIGD_DEVICES_MAX][CSIG_IDENTITY_BYTES];
    size_t count = 0;
    csigd_stored stored;

    for (size_t i = 0; i < n; i++) {
        if (indices[i] != CSIGD_SERVER_INDEX)
            memcpy(devices[count++], csigd_wallet_device(w, indices[i]), CSIG_IDENTITY_BYTES);
    }
    stored = service->store->aux_choose(service->store, devices, count, &row->own_generation);
    if (stored == CSIGD_STORED) return CSIGD_OK;
    if (stored != CSIGD_STORE_NONE) return csigd_problem_set(why, CSIGD_STORE_UNAVAILABLE);
    row->own_generation = csigd_own_newest(service->own);
    return CSIGD_OK;
}

csigd_code csigd_signers_peers(const csigd_service *service, csigd_live *live,
                               const csigd_wallet *w, csigd_problem *why)
{
    live->n_peers = live->key.n_signers;
    for (size_t i = 0; i < live->n_peers; i++) {
        const uint16_t index = live->key.signers[i];
        csigd_code code;

        if (index == CSIGD_SERVER_INDEX) continue;
        code = csigd_peer_acquire(service, csigd_wallet_device(w, index), live->row.own_generation,
                                  &live->peer[i], why);
        if (code != CSIGD_OK) return code;
    }
    return CSIGD_OK;
}

csigd_code csigd_signers_gather(const csigd_service *service, csigd_live *live,
                                const csigd_wallet *w, const csigd_signing_wish *wish,
                                csigd_opened *opened, csigd_problem *why)
{
    csigd_code code;

    live->key = (csigd_presig_key){.n_signers = wish->n_signers};
    memcpy(live->key.wallet, w->id, sizeof live->key.wallet);
    memcpy(live->key.signers, wish->signers, sizeof live->key.signers);
    csigd_signers_nonces(live, wish, opened);
    code = csigd_signers_peers(service, live, w, why);
    return code == CSIGD_OK ? csigd_share_load(service, w, &live->share, why) : code;
}

csig_signers csigd_signers_of(const csigd_service *service, const csigd_live *live,
                              const uint8_t *nonces)
{
    return (csig_signers){
        .identity = service->identity,
        .share = live->share,
        .aux = live->aux,
        .indices = live->key.signers,
        .peers = live->peer,
        .nonces = nonces,
        .count = (uint16_t)live->key.n_signers,
        .moves_last = 1,
    };
}

csigd_code csigd_live_finish(const csigd_service *service, csigd_live *live, csigd_code code,
                             csigd_opened *opened)
{
    if (code == CSIGD_OK)
        opened->row = live->row;
    else
        csigd_live_drop(service, live);
    return code;
}
