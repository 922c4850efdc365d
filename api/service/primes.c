#include "service/primes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "log.h"
#include "service/own_aux.h"

/* One slice of work between looking at the clock and at the jobs. */
#define SLICE_MILLISECONDS 250
#define SAVE_MILLISECONDS  3000
#define LOG_MILLISECONDS   10000

struct csigd_primes {
    const csigd_service *service;
    csigd_thread *thread;
    csigd_mutex *lock; /* of progress */
    csigd_progress progress;
    /* of the thread alone */
    csig_primes *search;
    int64_t slice_end, saved, logged;
};

/* --- sealed state --- */

static csig_err export_search(const void *search, const csig_sealer *sealer, uint8_t *out,
                              size_t *len)
{
    return csig_primes_export(search, sealer, out, len);
}

static bool search_is_saved(csigd_primes *p)
{
    const csigd_service *service = p->service;
    csigd_blob sealed;
    const csig_err err = csigd_export(&sealed, export_search, p->search,
                                      csigd_vault_sealer(service->vault, CSIGD_SEAL_PRIMES));
    csigd_stored stored;

    p->saved = csigd_clock_ticks();
    if (err != CSIG_OK) {
        csigd_log_line(CSIGD_WARNING, "primes not saved", CSIGD_TEXT("error", csig_err_name(err)));
        return false;
    }
    /* A store that cannot write says so itself; the search goes on in memory. */
    stored = service->store->primes_put(service->store, &sealed);
    csigd_blob_free(&sealed);
    return stored == CSIGD_STORED;
}

static bool search_is_there(csigd_primes *p)
{
    const csigd_service *service = p->service;
    csigd_blob sealed;
    csig_err err;

    if (service->store->primes_get(service->store, &sealed) != CSIGD_STORED)
        return csig_primes_new(&p->search) == CSIG_OK;
    err = csig_primes_import(&p->search, csigd_vault_sealer(service->vault, CSIGD_SEAL_PRIMES),
                             sealed.p, sealed.len);
    csigd_blob_free(&sealed);
    if (err == CSIG_OK) return true;
    csigd_log_line(CSIGD_WARNING, "saved primes not usable, starting again",
                   CSIGD_TEXT("error", csig_err_name(err)));
    return csig_primes_new(&p->search) == CSIG_OK;
}

/* --- the search --- */

static int slice_is_over(void *ctx)
{
    const csigd_primes *p = ctx;

    return csigd_clock_ticks() >= p->slice_end || csigd_event_is_set(p->service->stop, 0);
}

static void show_progress(csigd_primes *p)
{
    const int64_t now = csigd_clock_ticks();
    csigd_progress g;

    csig_primes_progress(p->search, &g.made, &g.expected, &g.found);
    csigd_mutex_lock(p->lock);
    p->progress.made = g.made;
    p->progress.expected = g.expected;
    p->progress.found = g.found;
    csigd_mutex_unlock(p->lock);
    if (now - p->logged < LOG_MILLISECONDS && g.found < 4) return;
    p->logged = now;
    csigd_log_line(CSIGD_INFO, "primes", CSIGD_NUMBER("found", g.found),
                   CSIGD_NUMBER("tests", g.made), CSIGD_NUMBER("tests_expected", g.expected));
}

/* Until all four are found (true) or the daemon ends. A spare is sought only while nobody works. */
static bool search_is_done(csigd_primes *p, bool spare)
{
    csigd_event *stop = p->service->stop;
    int done = 0;

    while (
        !csigd_event_is_set(stop, spare && csigd_jobs_pending(p->service->jobs) > 0 ? 1000 : 0)) {
        csig_err err;

        if (spare && csigd_jobs_pending(p->service->jobs) > 0) continue;
        p->slice_end = csigd_clock_ticks() + SLICE_MILLISECONDS;
        err = csig_primes_step(p->search, UINT32_MAX, slice_is_over, p, &done);
        if (err != CSIG_OK) {
            csigd_log_line(CSIGD_ERROR, "search for primes failed",
                           CSIGD_TEXT("error", csig_err_name(err)));
            return false;
        }
        show_progress(p);
        if (done) break;
        if (csigd_clock_ticks() - p->saved >= SAVE_MILLISECONDS) (void)search_is_saved(p);
    }
    (void)search_is_saved(p);
    return done != 0;
}

/* Keeps trying: without a place to write it there is no auxiliary info. */
static bool aux_is_stored(csigd_primes *p, csig_aux *aux)
{
    const csigd_service *service = p->service;

    while (!csigd_event_is_set(service->stop, 0)) {
        if (csigd_own_put(service->own, aux) == CSIGD_STORED) return true;
        (void)csigd_event_is_set(service->stop, 1000);
    }
    return false;
}

static bool aux_is_made(csigd_primes *p)
{
    csig_aux *aux = NULL;
    const csig_err err = csig_aux_new(&aux, p->search, p->service->identity, 1, NULL);

    p->search = NULL;
    if (err != CSIG_OK || !aux_is_stored(p, aux)) {
        if (err != CSIG_OK)
            csigd_log_line(CSIGD_ERROR, "auxiliary info not made",
                           CSIGD_TEXT("error", csig_err_name(err)));
        csig_aux_free(aux);
        return false;
    }
    csigd_mutex_lock(p->lock);
    p->progress.ready = true;
    csigd_mutex_unlock(p->lock);
    return true;
}

/* In the store, sealed, and nowhere else: until somebody takes it (true) or the daemon ends. */
static bool spare_is_taken(csigd_primes *p)
{
    csigd_event *stop = p->service->stop;

    while (!search_is_saved(p)) {
        if (csigd_event_is_set(stop, 1000)) return false;
    }
    csig_primes_free(p->search);
    p->search = NULL;
    csigd_mutex_lock(p->lock);
    p->progress.spare = true;
    csigd_mutex_unlock(p->lock);
    while (csigd_primes_show(p).spare) {
        if (csigd_event_is_set(stop, 200)) return false;
    }
    return true;
}

static void run(void *ctx)
{
    csigd_primes *p = ctx;

    if (csigd_own_newest(p->service->own) == 0) {
        if (!search_is_there(p) || !search_is_done(p, false) || !aux_is_made(p)) return;
    }
    csigd_thread_yield_to_all(); /* the first set is waited for, a spare is not */
    do {
        if (!search_is_there(p) || !search_is_done(p, true)) return;
    } while (spare_is_taken(p));
}

/* --- the door --- */

static bool aux_is_loaded(csigd_primes *p, char *why, size_t why_len)
{
    const csig_err err = csigd_own_load(p->service->own);

    p->progress.ready = csigd_own_newest(p->service->own) > 0;
    if (err == CSIG_E_HOST)
        snprintf(why, why_len, "the store cannot be read");
    else if (err != CSIG_OK)
        snprintf(why, why_len, "own auxiliary info in the store: %s", csig_err_text(err));
    return err == CSIG_OK;
}

static void primes_free(csigd_primes *p)
{
    if (p == NULL) return;
    csig_primes_free(p->search);
    csigd_mutex_free(p->lock);
    free(p);
}

csigd_primes *csigd_primes_start(const csigd_service *service, char *why, size_t why_len)
{
    csigd_primes *p = calloc(1, sizeof *p);

    snprintf(why, why_len, "out of memory");
    if (p == NULL) return NULL;
    p->service = service;
    p->lock = csigd_mutex_new();
    if (p->lock == NULL || !aux_is_loaded(p, why, why_len)) {
        primes_free(p);
        return NULL;
    }
    p->thread = csigd_thread_start(run, p);
    if (p->thread != NULL) return p;
    primes_free(p);
    return NULL;
}

uint64_t csigd_primes_generation(csigd_primes *primes)
{
    const uint64_t newest = csigd_own_newest(primes->service->own);

    return newest > 0 ? newest : 1;
}

csigd_progress csigd_primes_show(csigd_primes *primes)
{
    csigd_progress progress;

    csigd_mutex_lock(primes->lock);
    progress = primes->progress;
    csigd_mutex_unlock(primes->lock);
    return progress;
}

csigd_code csigd_primes_take(csigd_primes *primes, csig_primes **spare, csigd_problem *why)
{
    const csigd_service *service = primes->service;
    const csigd_progress progress = csigd_primes_show(primes);
    csigd_blob sealed;
    csigd_stored stored;
    csig_err err;

    if (!progress.spare) return csigd_primes_not_ready(primes, why);
    stored = service->store->primes_get(service->store, &sealed);
    if (stored == CSIGD_STORE_NONE) return csigd_primes_not_ready(primes, why);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, CSIGD_STORE_UNAVAILABLE);
    err = csig_primes_import(spare, csigd_vault_sealer(service->vault, CSIGD_SEAL_PRIMES), sealed.p,
                             sealed.len);
    csigd_blob_free(&sealed);
    return err == CSIG_OK ? CSIGD_OK : csigd_problem_own(why, err);
}

void csigd_primes_taken(csigd_primes *primes)
{
    csigd_mutex_lock(primes->lock);
    primes->progress = (csigd_progress){.ready = true};
    csigd_mutex_unlock(primes->lock);
}

csigd_code csigd_primes_not_ready(csigd_primes *primes, csigd_problem *why)
{
    const csigd_progress g = csigd_primes_show(primes);

    csigd_problem_set(why, CSIGD_NOT_READY);
    why->retry_after = 2;
    snprintf(why->detail, sizeof why->detail,
             "The server is looking for its primes: %u of 4 found, %" PRIu64 " of about %" PRIu64
             " tests made. Try again later; see /healthz.",
             g.found, g.made, g.expected);
    return why->code;
}

void csigd_primes_stop(csigd_primes *primes)
{
    if (primes == NULL) return;
    csigd_thread_join(primes->thread);
    primes_free(primes);
}
