/* A refresh begins. */
#include <string.h>

#include "countersign/refresh.h"
#include "countersign/transcript.h"
#include "http/json.h"
#include "service/primes.h"
#include "service/recovery.h"
#include "service/shares.h"
#include "service/signers.h"

static bool index_is_listed(uint16_t index, const uint16_t *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (list[i] == index) return true;
    }
    return false;
}

/* Who is not online gets its share by escrows: it must have a recovery key. */
static csigd_code check_absent(const csigd_wallet *w, const csigd_signing_wish *all,
                               csigd_problem *why)
{
    if (all->n_signers < w->signers_required)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "signers");
    for (uint16_t index = 1; index <= w->parties; index++) {
        if (!index_is_listed(index, all->signers, all->n_signers) &&
            !csigd_wallet_has_recovery(w, index))
            return csigd_problem_field(why, CSIGD_BAD_REQUEST, "signers");
    }
    return CSIGD_OK;
}

/* An index that was offline at birth comes online when its device has enrolled. */
static csigd_code check_enrolled(const csigd_service *service, const csigd_wallet *w,
                                 const csigd_signing_wish *all, csigd_problem *why)
{
    for (size_t i = 0; i < all->n_signers; i++) {
        csigd_device known;
        csigd_stored stored;

        if (all->signers[i] == CSIGD_SERVER_INDEX) continue;
        stored = service->store->device_get(service->store, csigd_wallet_device(w, all->signers[i]),
                                            &known);
        if (stored == CSIGD_STORE_NONE) return csigd_problem_field(why, CSIGD_NOT_FOUND, "signers");
        if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    }
    return CSIGD_OK;
}

/* The test's signers are online. */
static csigd_code check_test(const csigd_wallet *w, const csigd_refresh_wish *wish,
                             csigd_problem *why)
{
    if (wish->n_test_signers != w->signers_required)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "test_signers");
    for (size_t i = 0; i < wish->n_test_signers; i++) {
        if (!index_is_listed(wish->test_signers[i], wish->all.signers, wish->all.n_signers))
            return csigd_problem_field(why, CSIGD_BAD_REQUEST, "test_signers");
    }
    return csigd_indices_check(w, wish->test_signers, wish->n_test_signers, "test_signers", why);
}

static csigd_code check_wish(const csigd_service *service, const csigd_wallet *w,
                             const csigd_refresh_wish *wish, csigd_problem *why)
{
    const csigd_signing_wish *all = &wish->all;
    csigd_code code = csigd_indices_check(w, all->signers, all->n_signers, "signers", why);

    if (code == CSIGD_OK) code = check_absent(w, all, why);
    if (code != CSIGD_OK) return code;
    if (all->n_nonces != all->n_signers - 1)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "nonces");
    code = check_test(w, wish, why);
    return code == CSIGD_OK ? check_enrolled(service, w, all, why) : code;
}

/* One at a time: the client may want to end the one there is. */
csigd_code csigd_refresh_open(const csigd_service *service, csigd_live *live, csigd_problem *why)
{
    const uint8_t *wallet = live->row.wallet;
    uint8_t running[CSIGD_ID_BYTES];

    if (csigd_live_open(service, live, NULL, NULL, why) == CSIGD_OK) return CSIGD_OK;
    if (why->code != CSIGD_STATE_CONFLICT) return why->code;
    if (service->store->refresh_of(service->store, wallet, running) == CSIGD_STORED)
        csigd_hex_write(why->session, running, sizeof running);
    return why->code;
}

/* The test's signers, their peers, and their nonces out of all. */
static csigd_code prepare_test(const csigd_service *service, csigd_live *live,
                               const csigd_wallet *w, const csigd_refresh_wish *wish,
                               const csigd_opened *opened, csigd_problem *why)
{
    size_t n = 0;

    live->key = (csigd_presig_key){.n_signers = wish->n_test_signers};
    memcpy(live->key.wallet, w->id, sizeof live->key.wallet);
    memcpy(live->key.signers, wish->test_signers, sizeof live->key.signers);
    for (size_t i = 0; i < wish->all.n_signers; i++) {
        if (index_is_listed(wish->all.signers[i], wish->test_signers, wish->n_test_signers))
            memcpy(live->refresh.nonces[n++], opened->nonces[i], CSIG_NONCE_BYTES);
    }
    return csigd_signers_peers(service, live, w, why);
}

static csigd_code start_refresh(const csigd_service *service, csigd_live *live,
                                const csigd_wallet *w, const csigd_refresh_wish *wish,
                                const csigd_opened *opened, csigd_problem *why)
{
    static const uint8_t none[CSIGD_ID_BYTES] = {0};
    csigd_recovery_lists lists;
    csig_refresh_params params = {
        .identity = service->identity,
        .indices = wish->all.signers,
        .count = (uint16_t)wish->all.n_signers,
        .nonces = opened->nonces[0],
        .attempt = live->row.attempt,
        .commits = CSIGD_SERVER_INDEX,
        .moves_last = 1,
    };
    csig_share *share;
    csigd_code code = csigd_share_load(service, w, &share, why);
    csig_err err;

    if (code != CSIGD_OK) return code;
    csigd_recovery_list(w, &lists);
    params.recovery = csigd_recovery_keys(&lists);
    csigd_recovery_expect(live, w);
    params.share = share;
    err = csig_refresh_session(&live->run[0], &params);
    csig_share_free(share);
    if (err == CSIG_OK) err = csig_session_keep_record(live->run[0]);
    if (err != CSIG_OK) return csigd_problem_err(why, err);
    if (memcmp(wish->campaign, none, sizeof none) != 0) live->refresh.campaign = wish->campaign;
    code = csigd_refresh_open(service, live, why);
    live->refresh.campaign = NULL;
    return code;
}

csigd_code csigd_open_refresh(const csigd_service *service, const uint8_t *wallet,
                              const csigd_refresh_wish *wish, csigd_opened *opened,
                              csigd_problem *why)
{
    csigd_session_row row = {.kind = CSIGD_KIND_REFRESH};
    csigd_wallet w;
    csigd_live *live;
    csigd_code code = csigd_wallet_find(service, wallet, &w, why);

    if (code == CSIGD_OK) code = check_wish(service, &w, wish, why);
    if (code != CSIGD_OK) return code;
    row.attempt = w.refresh_attempts + 1;
    csigd_signers_list(&row, &w, &wish->all);
    code =
        csigd_signers_generation(service, &row, &w, wish->test_signers, wish->n_test_signers, why);
    if (code != CSIGD_OK) return code;
    /* Room for the test signature, too, which begins later. */
    code = csigd_live_new(service, &live, &row, CSIGD_REFRESH_RUNS, why);
    if (code != CSIGD_OK) return code;
    live->n_runs = 1;
    csigd_signers_nonces(live, &wish->all, opened);
    memcpy(live->refresh.place, live->device_index, sizeof live->refresh.place);
    code = prepare_test(service, live, &w, wish, opened, why);
    if (code == CSIGD_OK) code = start_refresh(service, live, &w, wish, opened, why);
    return csigd_live_finish(service, live, code, opened);
}
