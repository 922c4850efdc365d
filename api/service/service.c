#include "service/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "clock.h"
#include "log.h"
#include "service/audit.h"
#include "service/device.h"
#include "service/events.h"
#include "service/hook.h"
#include "service/keys.h"
#include "service/meter.h"
#include "service/metrics.h"
#include "service/own_aux.h"
#include "service/policy.h"
#include "service/presigs.h"
#include "service/primes.h"
#include "service/ready.h"
#include "service/request.h"
#include "service/rotation.h"
#include "service/server_keys.h"
#include "service/session.h"
#include "service/shares.h"
#include "service/webhooks.h"

#define QUEUE_MAX 512

csigd_code csigd_code_of_store(csigd_stored stored)
{
    switch (stored) {
    case CSIGD_STORED:
        return CSIGD_OK;
    case CSIGD_STORE_NONE:
        return CSIGD_NOT_FOUND;
    case CSIGD_STORE_CONFLICT:
        return CSIGD_STATE_CONFLICT;
    case CSIGD_STORE_LOCKED:
    case CSIGD_STORE_SPENT:
        return CSIGD_KEY_LOCKED;
    case CSIGD_STORE_EPOCH:
        return CSIGD_EPOCH_CHANGED;
    case CSIGD_STORE_DENIED:
        return CSIGD_POLICY_DENIED;
    case CSIGD_STORE_LATER:
        return CSIGD_REFRESH_LATER;
    case CSIGD_STORE_FAILED:
        return CSIGD_STORE_UNAVAILABLE;
    }
    return CSIGD_INTERNAL;
}

csig_err csigd_export(csigd_blob *out, csigd_export_fn *export_fn, const void *object,
                      const csig_sealer *sealer)
{
    csig_err err;

    *out = (csigd_blob){NULL, 0};
    err = export_fn(object, sealer, NULL, &out->len);
    if (err != CSIG_E_BUFFER) return err == CSIG_OK ? CSIG_E_HOST : err;
    out->p = malloc(out->len);
    if (out->p == NULL) return CSIG_E_MEMORY;
    err = export_fn(object, sealer, out->p, &out->len);
    if (err != CSIG_OK) csigd_blob_free(out);
    return err;
}

/* --- identity and vault --- */

static csig_err export_identity(const void *id, const csig_sealer *sealer, uint8_t *out,
                                size_t *len)
{
    return csig_identity_export(id, sealer, out, len);
}

bool csigd_service_is_fresh(csigd_store *store)
{
    csigd_boot boot;

    if (store->boot_get(store, &boot) != CSIGD_STORED) return true;
    csigd_blob_free(&boot.wrap);
    csigd_blob_free(&boot.identity);
    return false;
}

/* At first start: a master key and an identity, in one write. */
static csig_err make_boot(csigd_service *s, const csigd_secret *secret)
{
    csigd_boot boot = {.wrap = {NULL, 0}};
    csig_err err = csigd_vault_make(&s->vault, &boot.wrap, secret);

    if (err == CSIG_OK) err = csig_identity_new(&s->identity);
    if (err == CSIG_OK)
        err = csigd_export(&boot.identity, export_identity, s->identity,
                           csigd_vault_sealer(s->vault, CSIGD_SEAL_IDENTITY));
    if (err == CSIG_OK && s->store->boot_put(s->store, &boot) != CSIGD_STORED) err = CSIG_E_HOST;
    csigd_blob_free(&boot.wrap);
    csigd_blob_free(&boot.identity);
    return err;
}

static csig_err load_boot(csigd_service *s, const csigd_boot *boot, const csigd_secret *secret)
{
    csig_err err = csigd_vault_open(&s->vault, &boot->wrap, secret);

    if (err == CSIG_OK)
        err = csig_identity_import(&s->identity, csigd_vault_sealer(s->vault, CSIGD_SEAL_IDENTITY),
                                   boot->identity.p, boot->identity.len);
    return err;
}

static const char *boot_words(csig_err err, const csigd_secret *secret)
{
    const bool key = secret->kind == CSIGD_KEY_FILE;

    if (err == CSIG_E_SEAL)
        return key ? "this is not the key file of this state folder"
                   : "wrong passphrase, or the store was altered";
    if (err == CSIG_E_STATE)
        return key ? "this state folder is opened by a passphrase, not by a key file"
                   : "this state folder is opened by a key file, not by a passphrase";
    if (err == CSIG_E_MEMORY)
        return "not enough memory, or it cannot be locked: raise RLIMIT_MEMLOCK (ulimit -l)";
    if (err == CSIG_E_HOST) return "the store cannot be written";
    return csig_err_text(err);
}

static bool boot_is_done(csigd_service *s, const csigd_secret *secret, char *why, size_t why_len)
{
    csigd_boot boot;
    const csigd_stored stored = s->store->boot_get(s->store, &boot);
    csig_err err = CSIG_E_HOST;

    if (stored == CSIGD_STORE_NONE) {
        err = make_boot(s, secret);
    } else if (stored == CSIGD_STORED) {
        err = load_boot(s, &boot, secret);
        csigd_blob_free(&boot.wrap);
        csigd_blob_free(&boot.identity);
    }
    if (err != CSIG_OK) {
        snprintf(why, why_len, "%s", boot_words(err, secret));
        return false;
    }
    csig_identity_public(s->identity, s->identity_pub);
    return true;
}

/* --- locked memory --- */

/* Effective capabilities of this process, from the kernel; CAP_IPC_LOCK is bit 14. */
static bool lock_is_unlimited(void)
{
    FILE *f = fopen("/proc/self/status", "re");
    char line[256];
    unsigned long long caps = 0;

    if (f == NULL) return false;
    while (fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, "CapEff:", 7) == 0) caps = strtoull(line + 7, NULL, 16);
    }
    fclose(f);
    return (caps >> 14 & 1) != 0;
}

#define UNLIMITED_OCTETS (UINT64_C(512) << 20)
#define OWN_OCTETS       (UINT64_C(256) << 10) /* vault, identity, own auxiliary info, a search */

/* What sessions may lock, with the limit raised as far as it goes. */
static uint64_t lockable_octets(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return 0;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_MEMLOCK, &limit);
    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return 0;
    if (limit.rlim_cur == RLIM_INFINITY || lock_is_unlimited()) return UNLIMITED_OCTETS;
    return limit.rlim_cur > OWN_OCTETS ? limit.rlim_cur - OWN_OCTETS : 0;
}

static bool memory_is_there(csigd_service *s, char *why, size_t why_len)
{
    const uint64_t octets = lockable_octets();
    uint64_t room;

    s->sessions = csigd_sessions_new(s, octets);
    room = s->sessions != NULL ? csigd_sessions_room(s->sessions) : 0;
    if (room == 0) {
        snprintf(why, why_len,
                 "not one session fits into locked memory: raise RLIMIT_MEMLOCK (ulimit -l)");
        return false;
    }
    csigd_log_line(CSIGD_INFO, "locked memory", CSIGD_NUMBER("octets", octets),
                   CSIGD_NUMBER("two_party_sessions", room));
    return true;
}

/* --- housekeeping --- */

#define TICK_MILLISECONDS 500
#define SWEEP_SECONDS     3600
#define ANSWERS_SECONDS   (24 * 3600)
#define FORGET_SECONDS    20 /* signatures and mailboxes that have expired */

static void keep_house(void *ctx)
{
    const csigd_service *s = ctx;
    int64_t swept = 0, forgotten = 0;

    while (!csigd_event_is_set(s->stop, TICK_MILLISECONDS)) {
        const int64_t now = csigd_clock_now();

        csigd_sessions_tick(s);
        csigd_approvals_tick(s);
        csigd_waiting_tick(s->waiting);
        csigd_requests_tick(s);
        if (now - forgotten >= FORGET_SECONDS) {
            (void)csigd_replay_sweep(&s->store->replay, now);
            (void)s->store->mailboxes.sweep(s->store, now);
            forgotten = now;
        }
        csigd_rotation_tidy(s);
        csigd_meter_tidy(s->meter);
        csigd_audit_tidy(s);
        csigd_server_keys_tidy(s);
        if (now - swept < SWEEP_SECONDS) continue;
        (void)s->store->sweep(s->store, now - ANSWERS_SECONDS);
        swept = now;
    }
}

/* --- life --- */

static bool parts_are_started(csigd_service *s, unsigned workers, char *why, size_t why_len)
{
    snprintf(why, why_len, "out of memory or threads");
    s->stop = csigd_event_new();
    s->peers = csigd_peers_new();
    s->presigs = csigd_presigs_new();
    s->waiting = csigd_waiting_new();
    s->own = csigd_own_new(s);
    s->jobs = csigd_jobs_new(workers, QUEUE_MAX);
    s->meter = csigd_meter_new();
    s->refusals = csigd_refusals_new();
    s->metrics = csigd_metrics_new(csigd_routes_count);
    if (s->stop == NULL || s->peers == NULL || s->presigs == NULL || s->waiting == NULL ||
        s->meter == NULL || s->refusals == NULL || s->metrics == NULL || s->own == NULL ||
        s->jobs == NULL)
        return false;
    if (!memory_is_there(s, why, why_len)) return false;
    if (!csigd_audit_is_started(s, why, why_len)) return false;
    if (s->store->recover(s->store) != CSIGD_STORED ||
        s->store->mailboxes.sweep(s->store, csigd_clock_now()) != CSIGD_STORED ||
        csigd_shares_learn_epochs(s) != CSIGD_STORED) {
        snprintf(why, why_len, "the store cannot be written");
        return false;
    }
    s->store->events.listen(s->store, csigd_events_tell, s);
    if (!csigd_keys_is_started(s, why, why_len) || !csigd_server_keys_is_started(s, why, why_len))
        return false;
    s->primes = csigd_primes_start(s, why, why_len);
    if (s->primes == NULL) return false;
    snprintf(why, why_len, "out of memory or threads");
    s->ready = csigd_ready_start(s);
    s->house = csigd_thread_start(keep_house, s);
    return s->ready != NULL && s->house != NULL;
}

bool csigd_service_is_started(csigd_service *service, csigd_store *store,
                              const csigd_secret *secret, unsigned workers, char *why,
                              size_t why_len)
{
    *service = (csigd_service){.store = store};
    if (boot_is_done(service, secret, why, why_len) &&
        parts_are_started(service, workers, why, why_len))
        return true;
    csigd_service_stop(service);
    return false;
}

void csigd_service_drain(csigd_service *service)
{
    if (service->stop != NULL) csigd_event_set(service->stop);
    csigd_thread_join(service->house);
    service->house = NULL;
    csigd_waiting_stop(service->waiting);
    if (service->jobs != NULL) csigd_jobs_stop(service->jobs);
    csigd_audit_flush(service);
    if (service->store != NULL) service->store->events.listen(service->store, NULL, NULL);
    csigd_webhooks_stop(service->webhooks);
    service->webhooks = NULL;
    csigd_hook_stop(service->hook);
    service->hook = NULL;
}

void csigd_service_stop(csigd_service *service)
{
    csigd_service_drain(service);
    csigd_ready_stop(service->ready);
    csigd_primes_stop(service->primes);
    csigd_sessions_free(service->sessions);
    csigd_keys_free(service->keys);
    csigd_meter_free(service->meter);
    csigd_refusals_free(service->refusals);
    csigd_metrics_free(service->metrics);
    csigd_server_keys_free(service->server_keys);
    csigd_own_free(service->own);
    csigd_presigs_free(service->presigs);
    csigd_peers_free(service->peers);
    csigd_waiting_free(service->waiting);
    csigd_jobs_free(service->jobs);
    csigd_event_free(service->stop);
    csig_identity_free(service->identity);
    csigd_vault_free(service->vault);
    if (service->store != NULL) service->store->close(service->store);
    *service = (csigd_service){.store = NULL};
}
