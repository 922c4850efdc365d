/* Refusals of known keys, in the audit log: nobody fills the disk by being refused. */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "context.h"
#include "service/audit.h"

#define KINDS_MAX      256
#define MINUTE_SECONDS 60

typedef struct refused {
    int64_t since; /* 0: free */
    bool told;     /* the first one */
    uint64_t more; /* not told */
    csigd_context context;
    const char *method, *route, *code; /* static text */
} refused;

struct csigd_refusals {
    csigd_mutex *lock;
    refused kind[KINDS_MAX];
};

csigd_refusals *csigd_refusals_new(void)
{
    csigd_refusals *r = calloc(1, sizeof *r);

    if (r == NULL) return NULL;
    r->lock = csigd_mutex_new();
    if (r->lock != NULL) return r;
    free(r);
    return NULL;
}

void csigd_refusals_free(csigd_refusals *refusals)
{
    if (refusals == NULL) return;
    csigd_mutex_free(refusals->lock);
    free(refusals);
}

static bool kind_is_same(const refused *a, const refused *b)
{
    return a->since != 0 && a->method == b->method && a->route == b->route && a->code == b->code &&
           memcmp(a->context.key, b->context.key, sizeof a->context.key) == 0;
}

/* Is it the first of its kind, that somebody has to tell of? Where there is no room every one is.
 */
static bool is_first(csigd_refusals *refusals, const refused *one)
{
    refused *free_one = NULL;

    for (size_t i = 0; i < KINDS_MAX; i++) {
        refused *r = &refusals->kind[i];

        if (kind_is_same(r, one)) {
            r->more++;
            return false;
        }
        if (r->since == 0) free_one = r;
    }
    if (free_one != NULL) *free_one = *one;
    return one->told;
}

static bool is_noted(const csigd_service *service, const char *method, const char *route,
                     const char *code, bool now)
{
    const refused one = {.since = csigd_clock_now(),
                         .told = now,
                         .more = now ? 0 : 1,
                         .context = *csigd_context_now(),
                         .method = method,
                         .route = route,
                         .code = code};
    bool first;

    csigd_mutex_lock(service->refusals->lock);
    first = is_first(service->refusals, &one);
    csigd_mutex_unlock(service->refusals->lock);
    return first;
}

static void tell(const csigd_service *service, const refused *r)
{
    (void)csigd_audit(service, "refused", CSIGD_OF_NOTHING, CSIGD_TEXT("code", r->code),
                      CSIGD_TEXT("method", r->method), CSIGD_TEXT("route", r->route),
                      CSIGD_NUMBER("times", r->more));
}

void csigd_audit_refusal(const csigd_service *service, const char *method, const char *route,
                         const char *code)
{
    const refused one = {.more = 1, .method = method, .route = route, .code = code};

    if (is_noted(service, method, route, code, true)) tell(service, &one);
}

void csigd_audit_refusal_later(const csigd_service *service, const char *method, const char *route,
                               const char *code)
{
    (void)is_noted(service, method, route, code, false);
}

/* --- those that are not told yet --- */

/* In the name of the first one's key, and in no trace. */
static void tell_later(const csigd_service *service, const refused *r)
{
    csigd_context context = r->context;

    if (r->more == 0) return;
    context.has_trace = false;
    csigd_context_enter(&context);
    tell(service, r);
    csigd_context_leave();
}

static void tell_until(const csigd_service *service, int64_t until)
{
    csigd_refusals *refusals = service->refusals;

    for (size_t i = 0; i < KINDS_MAX; i++) {
        refused *r = &refusals->kind[i];
        refused over = {.since = 0};

        csigd_mutex_lock(refusals->lock);
        if (r->since != 0 && (r->since <= until || !r->told)) over = *r;
        if (r->since <= until) r->since = 0;
        if (over.since != 0) {
            r->told = true;
            r->more = 0;
        }
        csigd_mutex_unlock(refusals->lock);
        if (over.since != 0) tell_later(service, &over);
    }
}

void csigd_audit_tidy(const csigd_service *service)
{
    tell_until(service, csigd_clock_now() - MINUTE_SECONDS);
}

void csigd_audit_flush(const csigd_service *service)
{
    if (service->refusals != NULL) tell_until(service, INT64_MAX);
}
