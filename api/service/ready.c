#include "service/ready.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "service/primes.h"

#define LOOK_MILLISECONDS  5000
#define OLD_MILLISECONDS   60000 /* of the last look */
#define STUCK_MILLISECONDS 60000
#define FREE_OCTETS        ((uint64_t)64 << 20)

struct csigd_ready {
    const csigd_service *service;
    csigd_mutex *lock;
    csigd_thread *thread;
    csigd_readiness last;
    int64_t looked; /* ticks */
    bool leaving;
};

const char *csigd_check_name(csigd_check check)
{
    static const char *const names[CSIGD_CHECK_COUNT] = {
        [CSIGD_CHECK_STORE] = "store",         [CSIGD_CHECK_VAULT] = "vault",
        [CSIGD_CHECK_AUXILIARY] = "auxiliary", [CSIGD_CHECK_DISK] = "disk",
        [CSIGD_CHECK_CLOCK] = "clock",         [CSIGD_CHECK_WORKERS] = "workers",
        [CSIGD_CHECK_FRESH] = "fresh",         [CSIGD_CHECK_STAYING] = "staying",
    };

    return names[check];
}

/* --- looking --- */

static bool vault_is_open(const csigd_service *s)
{
    static const uint8_t name[] = "ready", text[] = "octets";
    csigd_blob sealed = {NULL, 0}, opened = {NULL, 0};
    bool good = csigd_vault_seal(s->vault, CSIGD_SEAL_ANSWER, name, sizeof name, text, sizeof text,
                                 &sealed) == CSIG_OK &&
                csigd_vault_unseal(s->vault, CSIGD_SEAL_ANSWER, name, sizeof name, &sealed,
                                   &opened) == CSIG_OK;

    good = good && opened.len == sizeof text && memcmp(opened.p, text, sizeof text) == 0;
    csigd_blob_free(&sealed);
    csigd_blob_free(&opened);
    return good;
}

static csigd_readiness look(const csigd_service *s)
{
    csigd_readiness r = {.all = false};
    csigd_probe probe;

    r.good[CSIGD_CHECK_STORE] = s->store->probe(s->store, &probe) == CSIGD_STORED;
    r.good[CSIGD_CHECK_DISK] = probe.free_octets >= FREE_OCTETS;
    r.good[CSIGD_CHECK_CLOCK] = csigd_clock_now() > probe.horizon;
    r.good[CSIGD_CHECK_VAULT] = vault_is_open(s);
    return r;
}

/* What has changed is worth a line. */
static void tell(const csigd_readiness *before, const csigd_readiness *now)
{
    for (unsigned i = 0; i < CSIGD_CHECK_FRESH; i++) {
        /* Those that only asking looks at are the same here. */
        if (before->good[i] == now->good[i]) continue;
        csigd_log_line(now->good[i] ? CSIGD_INFO : CSIGD_ERROR, "ready",
                       CSIGD_TEXT("check", csigd_check_name((csigd_check)i)),
                       CSIGD_TEXT("state", now->good[i] ? "ok" : "failed"));
    }
}

static void look_and_keep(csigd_ready *ready)
{
    const csigd_readiness now = look(ready->service);

    csigd_mutex_lock(ready->lock);
    if (ready->looked != 0) tell(&ready->last, &now);
    ready->last = now;
    ready->looked = csigd_clock_ticks();
    csigd_mutex_unlock(ready->lock);
}

static void keep_looking(void *ctx)
{
    csigd_ready *ready = ctx;

    while (!csigd_event_is_set(ready->service->stop, LOOK_MILLISECONDS))
        look_and_keep(ready);
}

/* --- life --- */

csigd_ready *csigd_ready_start(const csigd_service *service)
{
    csigd_ready *ready = calloc(1, sizeof *ready);

    if (ready == NULL) return NULL;
    ready->service = service;
    ready->lock = csigd_mutex_new();
    if (ready->lock != NULL) {
        look_and_keep(ready);
        ready->thread = csigd_thread_start(keep_looking, ready);
        if (ready->thread != NULL) return ready;
    }
    csigd_mutex_free(ready->lock);
    free(ready);
    return NULL;
}

void csigd_ready_stop(csigd_ready *ready)
{
    if (ready == NULL) return;
    csigd_thread_join(ready->thread);
    csigd_mutex_free(ready->lock);
    free(ready);
}

/* --- asking --- */

csigd_readiness csigd_ready_show(csigd_ready *ready)
{
    const csigd_service *s = ready->service;
    csigd_readiness r;

    csigd_mutex_lock(ready->lock);
    r = ready->last;
    r.good[CSIGD_CHECK_FRESH] = csigd_clock_ticks() - ready->looked < OLD_MILLISECONDS;
    r.good[CSIGD_CHECK_STAYING] = !ready->leaving;
    csigd_mutex_unlock(ready->lock);
    r.good[CSIGD_CHECK_AUXILIARY] = csigd_primes_show(s->primes).ready;
    r.good[CSIGD_CHECK_WORKERS] = csigd_jobs_still(s->jobs) < STUCK_MILLISECONDS;
    r.all = true;
    for (unsigned i = 0; i < CSIGD_CHECK_COUNT; i++)
        r.all = r.all && r.good[i];
    return r;
}

void csigd_ready_leave(csigd_ready *ready)
{
    csigd_mutex_lock(ready->lock);
    ready->leaving = true;
    csigd_mutex_unlock(ready->lock);
}
