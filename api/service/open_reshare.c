/* A resharing begins: a refresh in which the committee changes. */
#include "countersign/reshare.h"
#include "countersign/transcript.h"

#include <sodium.h>
#include <string.h>

#include "service/moves.h"
#include "service/primes.h"
#include "service/recovery.h"
#include "service/shares.h"
#include "service/signers.h"

/* --- the next committee --- */

static csigd_code add_recovery(const csigd_reshare_wish *wish, csigd_wallet *next,
                               csigd_problem *why)
{
    next->n_recovery = wish->n_recovery;
    for (size_t i = 0; i < wish->n_recovery; i++) {
        const csigd_recovery_wish *asked = &wish->recovery[i];

        if (asked->index > next->parties || (i > 0 && asked->index <= wish->recovery[i - 1].index))
            return csigd_problem_field(why, CSIGD_BAD_REQUEST, "recovery");
        next->recovery[i] = (csigd_recovery_key){.index = (uint16_t)asked->index};
        memcpy(next->recovery[i].key, asked->key, sizeof asked->key);
    }
    return CSIGD_OK;
}

/* Everybody once, the server not again. Whose identity has not enrolled is offline. */
static csigd_code check_devices(const csigd_service *service, csigd_wallet *next,
                                csigd_problem *why)
{
    for (size_t i = 0; i < next->n_devices; i++) {
        const uint16_t index = (uint16_t)(i == 0 ? 1 : i + 2);
        csigd_device known;
        csigd_stored stored;

        for (size_t j = 0; j < i; j++) {
            if (memcmp(next->devices[i], next->devices[j], CSIG_IDENTITY_BYTES) == 0)
                return csigd_problem_field(why, CSIGD_BAD_REQUEST, "devices");
        }
        if (memcmp(next->devices[i], service->identity_pub, CSIG_IDENTITY_BYTES) == 0)
            return csigd_problem_field(why, CSIGD_BAD_REQUEST, "devices");
        stored = service->store->device_get(service->store, next->devices[i], &known);
        if (stored != CSIGD_STORED && stored != CSIGD_STORE_NONE)
            return csigd_problem_set(why, csigd_code_of_store(stored));
        for (size_t k = 0; k < next->n_recovery; k++) {
            if (next->recovery[k].index == index)
                next->recovery[k].offline = stored == CSIGD_STORE_NONE;
        }
    }
    return CSIGD_OK;
}

static csigd_code make_next(const csigd_service *service, const csigd_wallet *w,
                            const csigd_reshare_wish *wish, csigd_wallet *next, csigd_problem *why)
{
    csigd_code code;

    *next = (csigd_wallet){
        .signers_required = (uint16_t)wish->signers_required,
        .parties = (uint16_t)(wish->n_devices + 1),
        .n_devices = wish->n_devices,
    };
    memcpy(next->id, w->id, sizeof next->id);
    memcpy(next->devices, wish->devices, sizeof next->devices);
    if (next->signers_required > next->parties)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "signers_required");
    code = add_recovery(wish, next, why);
    return code == CSIGD_OK ? check_devices(service, next, why) : code;
}

/* --- a device moves --- */

static bool recovery_is_same(const csigd_wallet *w, const csigd_wallet *next)
{
    if (w->n_recovery != next->n_recovery) return false;
    for (size_t i = 0; i < w->n_recovery; i++) {
        if (w->recovery[i].index != next->recovery[i].index ||
            memcmp(w->recovery[i].key, next->recovery[i].key, sizeof w->recovery[i].key) != 0)
            return false;
    }
    return true;
}

/* Everything stays what it is but who is at the mover's own index. */
static bool move_is_own(const csigd_wallet *w, const csigd_wallet *next, const uint8_t *mover,
                        size_t *at)
{
    size_t changed = 0;

    if (w->signers_required != next->signers_required || w->parties != next->parties ||
        w->n_devices != next->n_devices || !recovery_is_same(w, next))
        return false;
    for (size_t i = 0; i < w->n_devices; i++) {
        if (memcmp(w->devices[i], next->devices[i], CSIG_IDENTITY_BYTES) == 0) continue;
        changed++;
        *at = i;
    }
    return changed == 1 && memcmp(w->devices[*at], mover, CSIG_IDENTITY_BYTES) == 0;
}

static csigd_code check_move(const csigd_service *service, const csigd_wallet *w,
                             const csigd_wallet *next, const uint8_t *mover, csigd_problem *why)
{
    size_t at = 0;

    if (mover == NULL) return CSIGD_OK;
    if (!move_is_own(w, next, mover, &at)) return csigd_problem_set(why, CSIGD_UNIX_SOCKET_ONLY);
    return csigd_move_check(service, mover, w->id, next->devices[at], why);
}

/* --- who is online --- */

typedef struct presence {
    uint16_t server; /* its place in the list, from 1 */
    bool deals[CSIG_PARTIES_MAX + 1], holds[CSIG_PARTIES_MAX + 1]; /* by index */
    size_t n_deals, n_holds;
} presence;

/* The server deals and holds its index: it is no member that comes or goes. */
static bool member_is_taken(const csigd_wallet *w, const csigd_wallet *next,
                            const csigd_member_wish *m, uint16_t place, presence *p)
{
    const bool server = m->deals == CSIGD_SERVER_INDEX;

    if (m->deals == 0 && m->holds == 0) return false;
    if (server != (m->holds == CSIGD_SERVER_INDEX)) return false;
    if (m->deals > w->parties || m->holds > next->parties) return false;
    if ((m->deals > 0 && p->deals[m->deals]) || (m->holds > 0 && p->holds[m->holds])) return false;
    p->deals[m->deals] = p->holds[m->holds] = true;
    p->n_deals += m->deals > 0;
    p->n_holds += m->holds > 0;
    if (server) p->server = place;
    return true;
}

/* Who is not online at the next epoch gets its share by escrows: it must have a recovery key. */
static csigd_code check_members(const csigd_wallet *w, const csigd_wallet *next,
                                const csigd_reshare_wish *wish, presence *p, csigd_problem *why)
{
    *p = (presence){.server = 0};
    for (size_t i = 0; i < wish->n_members; i++) {
        if (!member_is_taken(w, next, &wish->members[i], (uint16_t)(i + 1), p))
            return csigd_problem_field(why, CSIGD_BAD_REQUEST, "members");
    }
    if (p->server == 0 || p->n_deals < w->signers_required || p->n_holds < next->signers_required)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "members");
    for (uint16_t index = 1; index <= next->parties; index++) {
        if (!p->holds[index] && !csigd_wallet_has_recovery(next, index))
            return csigd_problem_field(why, CSIGD_BAD_REQUEST, "members");
    }
    return wish->n_nonces == wish->n_members - 1
               ? CSIGD_OK
               : csigd_problem_field(why, CSIGD_BAD_REQUEST, "nonces");
}

/* The test's signers hold a share of the next epoch, and are online. */
static csigd_code check_test(const csigd_wallet *next, const csigd_reshare_wish *wish,
                             const presence *p, csigd_problem *why)
{
    csigd_code code;

    if (wish->n_test_signers != next->signers_required)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "test_signers");
    code = csigd_indices_check(next, wish->test_signers, wish->n_test_signers, "test_signers", why);
    if (code != CSIGD_OK) return code;
    for (size_t i = 0; i < wish->n_test_signers; i++) {
        if (!p->holds[wish->test_signers[i]])
            return csigd_problem_field(why, CSIGD_BAD_REQUEST, "test_signers");
    }
    return CSIGD_OK;
}

/* The devices online, under the identities that they speak with; each has enrolled. */
static csigd_code list_devices(const csigd_service *service, csigd_session_row *row,
                               const csigd_wallet *w, const csigd_wallet *next,
                               const csigd_reshare_wish *wish, csigd_problem *why)
{
    row->has_wallet = true;
    row->epoch = w->epoch;
    memcpy(row->wallet, w->id, sizeof row->wallet);
    for (size_t i = 0; i < wish->n_members; i++) {
        const csigd_member_wish *m = &wish->members[i];
        const uint8_t *device;
        csigd_device known;
        csigd_stored stored;

        if (m->deals == CSIGD_SERVER_INDEX) continue;
        device = m->holds > 0 ? csigd_wallet_device(next, (uint16_t)m->holds)
                              : csigd_wallet_device(w, (uint16_t)m->deals);
        for (size_t j = 0; j < row->n_devices; j++) {
            if (memcmp(row->devices[j], device, CSIG_IDENTITY_BYTES) == 0)
                return csigd_problem_field(why, CSIGD_BAD_REQUEST, "members");
        }
        stored = service->store->device_get(service->store, device, &known);
        if (stored == CSIGD_STORE_NONE) return csigd_problem_field(why, CSIGD_NOT_FOUND, "members");
        if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
        memcpy(row->devices[row->n_devices++], device, CSIG_IDENTITY_BYTES);
    }
    return CSIGD_OK;
}

/* --- the session --- */

/* Places, indices and nonces, ours among them. */
static void list_members(csigd_live *live, const csigd_reshare_wish *wish, csigd_opened *opened,
                         csig_reshare_member *members)
{
    size_t client = 0;

    opened->n_nonces = wish->n_members;
    for (size_t i = 0; i < wish->n_members; i++) {
        const csigd_member_wish *m = &wish->members[i];

        if (m->deals == CSIGD_SERVER_INDEX) {
            randombytes_buf(opened->nonces[i], CSIG_NONCE_BYTES);
        } else {
            live->device_index[client] = (uint16_t)m->holds;
            live->refresh.place[client] = (uint16_t)(i + 1);
            memcpy(opened->nonces[i], wish->nonces[client++], CSIG_NONCE_BYTES);
        }
        members[i] =
            (csig_reshare_member){.deals = (uint16_t)m->deals, .holds = (uint16_t)m->holds};
        memcpy(members[i].nonce, opened->nonces[i], CSIG_NONCE_BYTES);
    }
}

static void expect_escrows(csigd_live *live, const presence *p)
{
    csigd_escrowing *e = &live->escrows;
    const csigd_wallet *next = &live->refresh.next;

    for (size_t i = 0; i < next->n_recovery; i++)
        e->indices[e->n_indices++] = next->recovery[i].index;
    for (uint16_t index = 1; index <= CSIG_PARTIES_MAX; index++) {
        if (p->deals[index]) e->dealers[e->n_dealers++] = index;
    }
}

/* The test's signers, their peers, and their nonces out of all. */
static csigd_code prepare_test(const csigd_service *service, csigd_live *live,
                               const csigd_reshare_wish *wish, const csig_reshare_member *members,
                               csigd_problem *why)
{
    const csigd_wallet *next = &live->refresh.next;

    live->key = (csigd_presig_key){.n_signers = wish->n_test_signers};
    memcpy(live->key.wallet, next->id, sizeof live->key.wallet);
    memcpy(live->key.signers, wish->test_signers, sizeof live->key.signers);
    for (size_t k = 0; k < wish->n_test_signers; k++) {
        for (size_t i = 0; i < wish->n_members; i++) {
            if (members[i].holds == wish->test_signers[k])
                memcpy(live->refresh.nonces[k], members[i].nonce, CSIG_NONCE_BYTES);
        }
    }
    return csigd_signers_peers(service, live, next, why);
}

static void list_identities(const csigd_service *service, const csigd_wallet *next,
                            uint8_t (*identities)[CSIG_IDENTITY_BYTES])
{
    for (uint16_t index = 1; index <= next->parties; index++)
        memcpy(identities[index - 1],
               index == CSIGD_SERVER_INDEX ? service->identity_pub
                                           : csigd_wallet_device(next, index),
               CSIG_IDENTITY_BYTES);
}

static csigd_code start(const csigd_service *service, csigd_live *live, const csigd_wallet *w,
                        const csig_reshare_member *members, uint16_t count, uint16_t self,
                        csigd_problem *why)
{
    const csigd_wallet *next = &live->refresh.next;
    uint8_t identities[CSIG_PARTIES_MAX][CSIG_IDENTITY_BYTES];
    csigd_recovery_lists lists;
    csig_reshare_params params = {
        .identity = service->identity,
        .members = members,
        .count = count,
        .self = self,
        .signers_required = next->signers_required,
        .parties = next->parties,
        .identities = identities[0],
        .attempt = live->row.attempt,
        .commits = CSIGD_SERVER_INDEX,
        .moves_last = 1,
    };
    csig_share *share;
    csigd_code code = csigd_share_load(service, w, &share, why);
    csig_err err;

    if (code != CSIGD_OK) return code;
    list_identities(service, next, identities);
    csigd_recovery_list(next, &lists);
    params.recovery = csigd_recovery_keys(&lists);
    params.share = share;
    err = csig_reshare_session(&live->run[0], &params);
    csig_share_free(share);
    /* Equal keys that together would have the wallet, or one that is nobody's. */
    if (err == CSIG_E_PARTIES || err == CSIG_E_POINT)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "recovery");
    if (err == CSIG_OK) err = csig_session_keep_record(live->run[0]);
    if (err != CSIG_OK) return csigd_problem_err(why, err);
    return csigd_refresh_open(service, live, why);
}

csigd_code csigd_open_reshare(const csigd_service *service, const uint8_t *wallet,
                              const csigd_reshare_wish *wish, const uint8_t *mover,
                              csigd_opened *opened, csigd_problem *why)
{
    csigd_session_row row = {.kind = CSIGD_KIND_RESHARE};
    csig_reshare_member members[CSIG_PARTIES_MAX];
    csigd_wallet w, next;
    presence p;
    csigd_live *live;
    csigd_code code = csigd_wallet_find(service, wallet, &w, why);

    if (code == CSIGD_OK) code = make_next(service, &w, wish, &next, why);
    if (code == CSIGD_OK) code = check_members(&w, &next, wish, &p, why);
    if (code == CSIGD_OK) code = check_test(&next, wish, &p, why);
    if (code == CSIGD_OK) code = list_devices(service, &row, &w, &next, wish, why);
    if (code == CSIGD_OK) code = check_move(service, &w, &next, mover, why);
    if (code != CSIGD_OK) return code;
    row.attempt = w.refresh_attempts + 1;
    /* Room for the test signature, too, which begins later. */
    code = csigd_live_new(service, &live, &row, CSIGD_REFRESH_RUNS, why);
    if (code != CSIGD_OK) return code;
    live->n_runs = 1;
    live->refresh.next = next;
    list_members(live, wish, opened, members);
    expect_escrows(live, &p);
    code = prepare_test(service, live, wish, members, why);
    if (code == CSIGD_OK)
        code = start(service, live, &w, members, (uint16_t)wish->n_members, p.server, why);
    return csigd_live_finish(service, live, code, opened);
}
