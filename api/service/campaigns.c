#include "service/campaigns.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "http/json.h"

csigd_code csigd_campaign_begin(const csigd_service *service, csigd_campaign *c,
                                const uint8_t (*wallets)[CSIGD_ID_BYTES], size_t n,
                                csigd_problem *why)
{
    csigd_stored stored;

    c->state = CSIGD_CAMPAIGN_RUNNING;
    c->created = c->changed = csigd_clock_now();
    if (c->deadline <= c->created) return csigd_problem_field(why, CSIGD_BAD_REQUEST, "deadline");
    randombytes_buf(c->id, sizeof c->id);
    stored = service->store->campaigns.put(service->store, c, wallets, n);
    if (stored == CSIGD_STORE_NONE) return csigd_problem_field(why, CSIGD_BAD_REQUEST, "wallets");
    if (stored == CSIGD_STORE_CONFLICT) {
        csigd_problem_set(why, CSIGD_STATE_CONFLICT);
        snprintf(why->detail, sizeof why->detail, "No active wallet is selected.");
        return why->code;
    }
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    return CSIGD_OK;
}

csigd_code csigd_campaign_move(const csigd_service *service, const uint8_t *id,
                               csigd_campaign_state state, csigd_campaign *campaign,
                               csigd_problem *why)
{
    csigd_store *store = service->store;
    csigd_stored stored = store->campaigns.move(store, id, state, csigd_clock_now());

    if (stored == CSIGD_STORED) stored = store->campaigns.get(store, id, campaign);
    return stored == CSIGD_STORED ? CSIGD_OK : csigd_problem_set(why, csigd_code_of_store(stored));
}

csigd_code csigd_campaign_admit(const csigd_service *service, const uint8_t *wallet,
                                csigd_problem *why)
{
    csigd_store *store = service->store;
    char campaign[2 * CSIGD_ID_BYTES + 1];
    uint8_t id[CSIGD_ID_BYTES];
    const csigd_stored stored = store->campaigns.missed(store, wallet, csigd_clock_now(), id);

    if (stored == CSIGD_STORE_NONE) return CSIGD_OK;
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    csigd_hex_write(campaign, id, sizeof id);
    csigd_problem_set(why, CSIGD_REFRESH_REQUIRED);
    snprintf(why->detail, sizeof why->detail,
             "The deadline of campaign %s is over: refresh the wallet, then sign.", campaign);
    return why->code;
}

bool csigd_campaign_has_wanted(const csigd_service *service, const uint8_t *wallet,
                               uint8_t id[CSIGD_ID_BYTES])
{
    csigd_store *store = service->store;

    return store->campaigns.wanted(store, wallet, csigd_clock_now(), id) == CSIGD_STORED;
}
