#include "service/campaigns.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "http/json.h"

/* --- begun once --- */

#define NAME_BYTES 8

/* A campaign that its maker has named has an id by that name and by what was asked for; any other
 * one a random id. */
static void choose_id(csigd_campaign *c, const csigd_idempotency *known)
{
    crypto_generichash_state h;

    randombytes_buf(c->id, sizeof c->id);
    if (known->name[0] == '\0') return;
    (void)crypto_generichash_init(&h, NULL, 0, crypto_generichash_BYTES_MIN);
    (void)crypto_generichash_update(&h, known->credential, known->credential_len);
    (void)crypto_generichash_update(&h, (const uint8_t *)known->name, strlen(known->name) + 1);
    (void)crypto_generichash_final(&h, c->id, crypto_generichash_BYTES_MIN);
    memcpy(c->id + NAME_BYTES, known->hash, sizeof c->id - NAME_BYTES);
}

typedef struct named {
    uint8_t id[CSIGD_ID_BYTES];
    bool found, other;
} named;

static void look(void *ctx, const csigd_campaign *c)
{
    named *n = ctx;

    if (memcmp(c->id, n->id, NAME_BYTES) != 0) return;
    if (memcmp(c->id, n->id, sizeof c->id) == 0)
        n->found = true;
    else
        n->other = true;
}

/* NOT_FOUND: nothing has that name yet. */
static csigd_code find_named(const csigd_service *service, csigd_campaign *c, csigd_problem *why)
{
    csigd_store *store = service->store;
    named n = {.found = false};
    csigd_stored stored;

    memcpy(n.id, c->id, sizeof n.id);
    stored = store->campaigns.list(store, look, &n);
    if (stored == CSIGD_STORED && n.found) stored = store->campaigns.get(store, n.id, c);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    if (n.found) return CSIGD_OK;
    return csigd_problem_set(why, n.other ? CSIGD_IDEMPOTENCY_KEY_REUSED : CSIGD_NOT_FOUND);
}

static csigd_code begin(const csigd_service *service, csigd_campaign *c,
                        const uint8_t (*wallets)[CSIGD_ID_BYTES], size_t n, csigd_problem *why)
{
    csigd_stored stored;

    c->state = CSIGD_CAMPAIGN_RUNNING;
    c->created = c->changed = csigd_clock_now();
    if (c->deadline <= c->created) return csigd_problem_field(why, CSIGD_BAD_REQUEST, "deadline");
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

csigd_code csigd_campaign_begin(const csigd_service *service, csigd_campaign *c,
                                const uint8_t (*wallets)[CSIGD_ID_BYTES], size_t n,
                                const csigd_idempotency *known, bool *again, csigd_problem *why)
{
    const csigd_campaign asked = *c;
    csigd_problem lost;
    csigd_code code;

    choose_id(c, known);
    code = known->name[0] == '\0' ? CSIGD_NOT_FOUND : find_named(service, c, why);
    *again = code == CSIGD_OK;
    if (code != CSIGD_NOT_FOUND) return code;
    code = begin(service, c, wallets, n, why);
    if (code == CSIGD_OK || known->name[0] == '\0') return code;
    /* Another one with that name may have come at once, and was first. */
    *c = asked;
    choose_id(c, known);
    *again = find_named(service, c, &lost) == CSIGD_OK;
    return *again ? CSIGD_OK : code;
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
