#include "service/moves.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "service/access.h"

static csigd_code refused(csigd_problem *why, csigd_code code, const char *field, const char *words)
{
    csigd_problem_field(why, code, field);
    snprintf(why->detail, sizeof why->detail, "%s", words);
    return code;
}

/* A device gives wallets only such labels as its own key has: what the operator has put in its
 * hands otherwise he moves himself. */
static csigd_code check_wallet(const csigd_service *service, const csigd_caller *caller,
                               const csigd_move *move, const uint8_t *id, csigd_problem *why)
{
    csigd_wallet wallet;
    const csigd_stored stored = service->store->wallet_get(service->store, id, 0, &wallet);
    size_t i = 0;

    if (stored == CSIGD_STORE_NONE) return csigd_problem_field(why, CSIGD_NOT_FOUND, "wallets");
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    while (i < wallet.n_devices && memcmp(wallet.devices[i], move->device, CSIG_IDENTITY_BYTES))
        i++;
    if (i == wallet.n_devices || wallet.rehearsal || wallet.state != CSIGD_ACTIVE)
        return csigd_problem_field(why, CSIGD_NOT_FOUND, "wallets");
    if (!csigd_caller_has_label(caller, wallet.label))
        return refused(why, CSIGD_FORBIDDEN, "wallets",
                       "The wallet's label is not the device's to give: the operator moves it.");
    return CSIGD_OK;
}

csigd_code csigd_move_begin(const csigd_service *service, const csigd_caller *caller,
                            csigd_move *move, uint32_t seconds, csigd_problem *why)
{
    const int64_t now = csigd_clock_now();
    csigd_stored stored;

    for (size_t i = 0; i < move->n_wallets; i++) {
        const csigd_code code = check_wallet(service, caller, move, move->wallets[i], why);

        if (code != CSIGD_OK) return code;
    }
    move->expires = now + seconds;
    move->has_key = caller != NULL;
    if (caller != NULL) memcpy(move->key, caller->key.id, sizeof move->key);
    stored = service->store->moves.put(service->store, move, now);
    if (stored == CSIGD_STORE_NONE) return csigd_problem_field(why, CSIGD_STATE_CONFLICT, "device");
    if (stored == CSIGD_STORE_CONFLICT)
        return csigd_problem_field(why, CSIGD_STATE_CONFLICT, "token_sha256");
    if (stored == CSIGD_STORE_SPENT)
        return refused(why, CSIGD_SESSION_LIMIT, "device",
                       "So many new devices have come by this one and have no wallet yet.");
    return stored == CSIGD_STORED ? CSIGD_OK : csigd_problem_set(why, csigd_code_of_store(stored));
}

csigd_code csigd_move_end(const csigd_service *service, const uint8_t *device, csigd_problem *why)
{
    const csigd_stored stored =
        service->store->moves.drop(service->store, device, csigd_clock_now());

    return stored == CSIGD_STORED ? CSIGD_OK : csigd_problem_set(why, csigd_code_of_store(stored));
}

csigd_code csigd_move_check(const csigd_service *service, const uint8_t *mover,
                            const uint8_t *wallet, const uint8_t *successor, csigd_problem *why)
{
    const csigd_stored stored =
        service->store->moves.begin(service->store, mover, wallet, successor, csigd_clock_now());

    if (stored == CSIGD_STORED) return CSIGD_OK;
    if (stored == CSIGD_STORE_CONFLICT)
        return refused(why, CSIGD_STATE_CONFLICT, "devices",
                       "The device's open move is to another one, or not of this wallet.");
    return csigd_problem_set(why, csigd_code_of_store(stored));
}
