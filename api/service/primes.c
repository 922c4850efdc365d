#include "service/primes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "log.h"

/* One slice of work between looking at the clock and at the jobs. */
#define SLICE_MILLISECONDS 250
#define SAVE_MILLISECONDS  3000
#define LOG_MILLISECONDS   10000

struct csigd_primes {
    const csigd_service *service;
    csigd_thread *thread;
    csigd_mutex *lock; /* of aux and progress */
    csig_aux *aux;
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

static csig_err export_aux(const void *aux, const csig_sealer *sealer, uint8_t *out, size_t *len)
{
    return csig_aux_export(aux, sealer, out, len);
}

static void save_search(csigd_primes *p)
{
    const csigd_service *service = p->service;
    csigd_blob sealed;
    const csig_err err = csigd_export(&sealed, export_search, p->search,
                                      csigd_vault_sealer(service->vault, CSIGD_SEAL_PRIMES));

    p->saved = csigd_clock_ticks();
    if (err != CSIG_OK) {
        csigd_log_line(CSIGD_WARNING, "primes not saved", CSIGD_TEXT("error", csig_err_name(err)));
        return;
    }
    /* A store that cannot write says so itself; the search goes on in memory. */
    (void)service->store->primes_put(service->store, &sealed);
    csigd_blob_free(&sealed);
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
        if (csigd_clock_ticks() - p->saved >= SAVE_MILLISECONDS) save_search(p);
    }
    save_search(p);
    return done != 0;
}

/* Keeps trying: without a place to write it there is no auxiliary info. */
static bool aux_is_stored(csigd_primes *p, const csig_aux *aux)
{
    const csigd_service *service = p->service;
    csigd_own_aux own = {.generation = csig_aux_generation(aux)};
    const csig_err err = csigd_export(&own.sealed, export_aux, aux,
                                      csigd_vault_sealer(service->vault, CSIGD_SEAL_AUX));
    csigd_stored stored = CSIGD_STORE_FAILED;

    if (err != CSIG_OK) return false;
    while (stored != CSIGD_STORED && !csigd_event_is_set(service->stop, 0)) {
        stored = service->store->aux_put(service->store, &own);
        if (stored != CSIGD_STORED) (void)csigd_event_is_set(service->stop, 1000);
    }
    csigd_blob_free(&own.sealed);
    return stored == CSIGD_STORED;
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
    csigd_log_line(CSIGD_AUDIT, "auxiliary info made",
                   CSIGD_NUMBER("generation", csig_aux_generation(aux)));
    csigd_mutex_lock(p->lock);
    p->aux = aux;
    p->progress.ready = true;
    csigd_mutex_unlock(p->lock);
    return true;
}

static void run(void *ctx)
{
    csigd_primes *p = ctx;

    if (csigd_primes_aux(p) == NULL) {
        if (!search_is_there(p) || !search_is_done(p, false) || !aux_is_made(p)) return;
    }
    csigd_thread_yield_to_all(); /* the first set is waited for, the spare is not */
    if (!search_is_there(p) || !search_is_done(p, true)) return;
    csigd_mutex_lock(p->lock);
    p->progress.spare = true;
    csigd_mutex_unlock(p->lock);
}

/* --- the door --- */

static bool aux_is_loaded(csigd_primes *p, char *why, size_t why_len)
{
    const csigd_service *service = p->service;
    csigd_own_aux own;
    csigd_stored stored = service->store->aux_get(service->store, &own);
    csig_err err;

    if (stored == CSIGD_STORE_NONE) return true;
    if (stored != CSIGD_STORED) {
        snprintf(why, why_len, "the store cannot be read");
        return false;
    }
    err = csig_aux_import(&p->aux, csigd_vault_sealer(service->vault, CSIGD_SEAL_AUX), own.sealed.p,
                          own.sealed.len);
    csigd_blob_free(&own.sealed);
    p->progress.ready = err == CSIG_OK;
    if (err != CSIG_OK)
        snprintf(why, why_len, "own auxiliary info in the store: %s", csig_err_text(err));
    return err == CSIG_OK;
}

static void primes_free(csigd_primes *p)
{
    if (p == NULL) return;
    csig_primes_free(p->search);
    csig_aux_free(p->aux);
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

const csig_aux *csigd_primes_aux(csigd_primes *primes)
{
    const csig_aux *aux;

    csigd_mutex_lock(primes->lock);
    aux = primes->aux;
    csigd_mutex_unlock(primes->lock);
    return aux;
}

uint64_t csigd_primes_generation(csigd_primes *primes)
{
    const csig_aux *aux = csigd_primes_aux(primes);

    return aux != NULL ? csig_aux_generation(aux) : 1;
}

csigd_progress csigd_primes_show(csigd_primes *primes)
{
    csigd_progress progress;

    csigd_mutex_lock(primes->lock);
    progress = primes->progress;
    csigd_mutex_unlock(primes->lock);
    return progress;
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
