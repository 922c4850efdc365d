/* The table of live sessions: limits, deadlines, the end. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "context.h"
#include "http/json.h"
#include "log.h"
#include "service/device.h"
#include "service/evidence.h"
#include "service/live.h"
#include "service/metrics.h"
#include "service/own_aux.h"
#include "service/primes.h"

#define KEYGEN_SECONDS 600
#define SIGN_SECONDS   120

csigd_sessions *csigd_sessions_new(const csigd_service *service, uint64_t locked_octets)
{
    csigd_sessions *s = calloc(1, sizeof *s);

    if (s == NULL) return NULL;
    s->service = service;
    s->room = locked_octets;
    s->lock = csigd_mutex_new();
    if (s->lock != NULL) return s;
    free(s);
    return NULL;
}

/* --- the table --- */

static void live_free(const csigd_service *service, csigd_live *live)
{
    for (size_t i = 0; i < live->n_runs; i++) {
        csig_session_free(live->run[i]);
        csig_presig_free(live->half[i]);
    }
    csig_share_free(live->share);
    for (size_t i = 0; i < live->n_peers; i++)
        csigd_peer_release(service, live->peer[i]);
    csigd_own_release(service->own, live->aux);
    csigd_turn_clear(&live->turn);
    free(live);
}

void csigd_sessions_free(csigd_sessions *sessions)
{
    if (sessions == NULL) return;
    for (csigd_live *l = sessions->first, *next; l != NULL; l = next) {
        next = l->next;
        live_free(sessions->service, l);
    }
    csigd_mutex_free(sessions->lock);
    free(sessions);
}

/* Nobody takes all the room there is: what is of no wallet yet is counted by who asks for it. */
static void note_opener(csigd_live *live)
{
    const csigd_context *context = csigd_context_now();

    live->has_opener = context->has_device &&
                       (live->row.kind == CSIGD_KIND_AUX || live->row.kind == CSIGD_KIND_KEYGEN);
    memcpy(live->opener, context->device, sizeof live->opener);
}

/* Under the lock. */
static csigd_code within_limits(const csigd_service *service, const csigd_live *fresh,
                                csigd_problem *why)
{
    const csigd_session_row *row = &fresh->row;
    uint64_t used = fresh->cost + csigd_presigs_total(service->presigs) * CSIGD_LIVE_HALF;
    size_t of_wallet = 0, of_device = 0;

    for (const csigd_live *l = service->sessions->first; l != NULL; l = l->next) {
        used += l->cost;
        if (row->has_wallet && l->row.has_wallet &&
            memcmp(l->row.wallet, row->wallet, CSIGD_ID_BYTES) == 0)
            of_wallet++;
        of_device += fresh->has_opener && l->has_opener &&
                     memcmp(l->opener, fresh->opener, sizeof l->opener) == 0;
    }
    if (of_wallet >= CSIGD_LIVE_PER_WALLET || of_device >= CSIGD_LIVE_PER_DEVICE)
        return csigd_problem_set(why, CSIGD_SESSION_LIMIT);
    if (used <= service->sessions->room) return CSIGD_OK;
    csigd_problem_set(why, CSIGD_OVERLOADED);
    why->retry_after = 2;
    return why->code;
}

csigd_code csigd_live_new(const csigd_service *service, csigd_live **live,
                          const csigd_session_row *like, size_t runs, csigd_problem *why)
{
    csigd_sessions *s = service->sessions;
    const bool slow = like->kind == CSIGD_KIND_AUX || like->kind == CSIGD_KIND_KEYGEN ||
                      csigd_kind_is_refresh(like->kind);
    const int64_t seconds = slow ? KEYGEN_SECONDS : SIGN_SECONDS;
    const uint64_t cost = runs * csigd_live_cost(like->kind, like->n_devices + 1);
    csigd_live *fresh = calloc(1, sizeof *fresh);
    csigd_code code;

    *live = NULL;
    if (fresh == NULL) return csigd_problem_set(why, CSIGD_OVERLOADED);
    fresh->row = *like;
    fresh->cost = cost;
    fresh->n_runs = runs;
    randombytes_buf(fresh->row.id, sizeof fresh->row.id);
    fresh->row.state = CSIGD_SESSION_RUNNING;
    fresh->row.next_round = 1;
    if (fresh->row.own_generation == 0)
        fresh->row.own_generation = csigd_primes_generation(service->primes);
    fresh->row.created = csigd_clock_now();
    fresh->row.deadline = fresh->row.created + seconds;
    fresh->opened = csigd_clock_ticks();
    fresh->deadline = fresh->opened + seconds * 1000;
    note_opener(fresh);

    /* Dropped since it was chosen: the next time a newer one is. */
    fresh->aux = csigd_own_acquire(service->own, fresh->row.own_generation);
    if (fresh->aux == NULL && like->kind != CSIGD_KIND_KEYGEN) {
        free(fresh);
        return csigd_problem_set(why, CSIGD_OVERLOADED);
    }
    csigd_mutex_lock(s->lock);
    code = within_limits(service, fresh, why);
    if (code == CSIGD_OK) {
        fresh->next = s->first;
        s->first = fresh;
    }
    csigd_mutex_unlock(s->lock);
    if (code != CSIGD_OK) {
        live_free(service, fresh);
        return code;
    }
    *live = fresh;
    return CSIGD_OK;
}

csigd_live *csigd_live_find(const csigd_service *service, const uint8_t *id)
{
    csigd_sessions *s = service->sessions;
    csigd_live *found = NULL;

    csigd_mutex_lock(s->lock);
    for (csigd_live *l = s->first; l != NULL && found == NULL; l = l->next) {
        if (l->open && memcmp(l->row.id, id, CSIGD_ID_BYTES) == 0) found = l;
    }
    csigd_mutex_unlock(s->lock);
    return found;
}

void csigd_live_hurry(const csigd_service *service, csigd_live *live)
{
    csigd_mutex_lock(service->sessions->lock);
    live->deadline = csigd_clock_ticks();
    live->ending = false;
    csigd_mutex_unlock(service->sessions->lock);
}

void csigd_live_drop(const csigd_service *service, csigd_live *live)
{
    csigd_sessions *s = service->sessions;

    csigd_mutex_lock(s->lock);
    for (csigd_live **at = &s->first; *at != NULL; at = &(*at)->next) {
        if (*at == live) {
            *at = live->next;
            break;
        }
    }
    csigd_mutex_unlock(s->lock);
    live_free(service, live);
}

size_t csigd_live_presigning(const csigd_service *service, const uint8_t *wallet)
{
    csigd_sessions *s = service->sessions;
    size_t n = 0;

    csigd_mutex_lock(s->lock);
    for (const csigd_live *l = s->first; l != NULL; l = l->next) {
        if (l->row.kind == CSIGD_KIND_PRESIGN && memcmp(l->row.wallet, wallet, CSIGD_ID_BYTES) == 0)
            n += l->n_runs;
    }
    csigd_mutex_unlock(s->lock);
    return n;
}

/* --- into the store --- */

static csigd_code not_opened(csigd_stored stored, csigd_problem *why)
{
    switch (stored) {
    case CSIGD_STORED:
        return CSIGD_OK;
    case CSIGD_STORE_NONE:
        return csigd_problem_set(why, CSIGD_NOT_FOUND);
    case CSIGD_STORE_LOCKED:
        return csigd_problem_set(why, CSIGD_KEY_LOCKED);
    case CSIGD_STORE_SPENT:
        csigd_problem_set(why, CSIGD_KEY_LOCKED);
        snprintf(why->detail, sizeof why->detail,
                 "%d sessions with this device were begun and never finished. The operator can "
                 "unlock the device over the Unix socket after looking for the reason.",
                 CSIGD_UNFINISHED_MAX);
        return why->code;
    case CSIGD_STORE_CONFLICT:
        return csigd_problem_set(why, CSIGD_STATE_CONFLICT);
    case CSIGD_STORE_EPOCH:
        return csigd_problem_set(why, CSIGD_EPOCH_CHANGED);
    case CSIGD_STORE_DENIED:
        return csigd_problem_set(why, CSIGD_POLICY_DENIED);
    case CSIGD_STORE_LATER:
        return csigd_problem_set(why, CSIGD_REFRESH_LATER);
    case CSIGD_STORE_FAILED:
        return csigd_problem_set(why, CSIGD_STORE_UNAVAILABLE);
    }
    return csigd_problem_set(why, CSIGD_INTERNAL);
}

csigd_code csigd_live_open(const csigd_service *service, csigd_live *live,
                           const csigd_wallet *wallet, const uint8_t *presig, csigd_problem *why)
{
    const csigd_opening opening = {
        .row = live->row,
        .wallet = wallet,
        .presig = presig,
        .reveal = {live->turn.out, live->turn.out_len},
        .campaign = live->refresh.campaign,
    };
    const csigd_stored stored = service->store->session_open(service->store, &opening);

    if (stored != CSIGD_STORED) return not_opened(stored, why);
    csigd_mutex_lock(service->sessions->lock);
    live->open = true;
    csigd_mutex_unlock(service->sessions->lock);
    csigd_log_line(CSIGD_INFO, "session opened", CSIGD_HEX("session", live->row.id, CSIGD_ID_BYTES),
                   CSIGD_TEXT("kind", csigd_kind_name(live->row.kind)),
                   CSIGD_HEX("device", live->row.devices[0], CSIG_IDENTITY_BYTES));
    return CSIGD_OK;
}

/* --- the end --- */

csigd_session_state csigd_live_ended(const csigd_service *service, const csigd_live *live)
{
    csigd_session_row row;

    if (service->store->session_get(service->store, live->row.id, &row) == CSIGD_STORED &&
        (row.state == CSIGD_SESSION_OUTDATED || row.state == CSIGD_SESSION_ABORTED))
        return row.state;
    return CSIGD_SESSION_RUNNING;
}

static csigd_stored end(const csigd_service *service, csigd_live *live, csigd_session_state state)
{
    const csigd_session_state ended = csigd_live_ended(service, live);
    csigd_stored stored;

    if (ended != CSIGD_SESSION_RUNNING) {
        csigd_metrics_ended(service->metrics, live->row.kind, ended);
        return CSIGD_STORED;
    }
    /* An answer that waits to be stored may carry a lock: that first. */
    if (live->turn.complete) {
        stored = csigd_live_save(service, live);
        if (stored != CSIGD_STORED || live->turn.state != CSIGD_SESSION_RUNNING) return stored;
    }
    stored = csigd_silence_end(service, live);
    if (stored == CSIGD_STORED) state = CSIGD_SESSION_FAILED;
    if (stored == CSIGD_STORE_NONE)
        stored = service->store->session_end(service->store, live->row.id, state);
    /* It was over already: a store may have written and failed to say so. */
    if (stored == CSIGD_STORE_CONFLICT) return CSIGD_STORED;
    if (stored == CSIGD_STORED) csigd_metrics_ended(service->metrics, live->row.kind, state);
    if (stored == CSIGD_STORED)
        csigd_log_line(CSIGD_INFO, "session ended",
                       CSIGD_HEX("session", live->row.id, CSIGD_ID_BYTES),
                       CSIGD_TEXT("state", csigd_session_state_name(state)));
    return stored;
}

static bool is_opening(const csigd_service *service, const uint8_t *id)
{
    bool found = false;

    csigd_mutex_lock(service->sessions->lock);
    for (const csigd_live *l = service->sessions->first; l != NULL && !found; l = l->next)
        found = !l->open && memcmp(l->row.id, id, CSIGD_ID_BYTES) == 0;
    csigd_mutex_unlock(service->sessions->lock);
    return found;
}

/* Not in memory: over already, and nothing of it can go on, which is what was asked for. But a
 * store that wrote a session and failed to say so has one that nobody can go on with: it ends here.
 */
static csigd_code abort_stored(const csigd_service *service, const uint8_t *id, csigd_problem *why)
{
    csigd_session_row row;
    csigd_stored stored = service->store->session_get(service->store, id, &row);

    if (stored == CSIGD_STORED && row.state == CSIGD_SESSION_RUNNING) {
        if (is_opening(service, id)) return csigd_problem_set(why, CSIGD_STORE_UNAVAILABLE);
        stored = service->store->session_end(service->store, id, CSIGD_SESSION_ABORTED);
        if (stored == CSIGD_STORE_CONFLICT) stored = CSIGD_STORED;
    }
    return stored == CSIGD_STORED ? CSIGD_OK : csigd_problem_set(why, csigd_code_of_store(stored));
}

csigd_code csigd_session_abort(const csigd_service *service, const uint8_t *id, csigd_problem *why)
{
    csigd_live *live = csigd_live_find(service, id);
    csigd_stored stored;

    if (live == NULL) return abort_stored(service, id, why);
    stored = end(service, live, CSIGD_SESSION_ABORTED);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    csigd_live_drop(service, live);
    return CSIGD_OK;
}

void csigd_session_expire(const csigd_service *service, const uint8_t *id)
{
    csigd_live *live = csigd_live_find(service, id);

    if (live == NULL) return;
    if (end(service, live, CSIGD_SESSION_EXPIRED) == CSIGD_STORED)
        csigd_live_drop(service, live);
    else
        csigd_live_hurry(service, live);
}

typedef struct ending {
    const csigd_service *service;
    uint8_t id[CSIGD_ID_BYTES];
} ending;

static void run_ending(void *ctx)
{
    ending *e = ctx;

    csigd_session_expire(e->service, e->id);
    free(e);
}

/* Under the lock. */
static void submit_ending(const csigd_service *service, csigd_live *live)
{
    ending *e = malloc(sizeof *e);

    if (e == NULL) return;
    e->service = service;
    memcpy(e->id, live->row.id, sizeof e->id);
    live->ending = csigd_jobs_has_taken(service->jobs, CSIGD_CONTROL, e->id, run_ending, e);
    if (!live->ending) free(e);
}

void csigd_sessions_stop(const csigd_service *service, const uint8_t *wallet, const uint8_t *id)
{
    csigd_mutex_lock(service->sessions->lock);
    for (csigd_live *l = service->sessions->first; l != NULL; l = l->next) {
        const bool meant = id != NULL ? memcmp(l->row.id, id, CSIGD_ID_BYTES) == 0
                                      : !csigd_kind_is_refresh(l->row.kind) && l->row.has_wallet &&
                                            memcmp(l->row.wallet, wallet, CSIGD_ID_BYTES) == 0;

        if (!l->open || !meant) continue;
        l->deadline = csigd_clock_ticks();
        if (!l->ending) submit_ending(service, l);
    }
    csigd_mutex_unlock(service->sessions->lock);
}

void csigd_sessions_tick(const csigd_service *service)
{
    const int64_t now = csigd_clock_ticks();
    csig_presig *old;

    csigd_mutex_lock(service->sessions->lock);
    for (csigd_live *l = service->sessions->first; l != NULL; l = l->next) {
        if (l->open && !l->ending && now >= l->deadline) submit_ending(service, l);
    }
    csigd_mutex_unlock(service->sessions->lock);
    while ((old = csigd_presigs_take_old(service->presigs)) != NULL) {
        uint8_t id[CSIG_PRESIG_ID_BYTES];

        csig_presig_id(old, id);
        csig_presig_free(old);
        /* Gone already; a store that cannot be told calls it destroyed at the next start. */
        (void)service->store->presig_destroy(service->store, id);
    }
}
