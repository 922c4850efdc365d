#include "service/metrics.h"

#include <stdatomic.h>
#include <stdlib.h>

/* What is answered; every other status counts as the last one. */
static const unsigned statuses[] = {200, 201, 202, 204, 400, 401, 403, 404, 405, 409, 410,
                                    413, 415, 421, 422, 423, 426, 429, 500, 503, 0};
#define STATUSES (sizeof statuses / sizeof statuses[0])

#define KINDS  (CSIGD_KIND_RESHARE + 1)
#define STATES (CSIGD_SESSION_OUTDATED + 1)

/* Milliseconds; what takes longer is in none of them. */
static const unsigned bounds[] = {25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000};
#define BOUNDS (sizeof bounds / sizeof bounds[0])

typedef struct histogram {
    atomic_ullong bucket[BOUNDS + 1]; /* the last one: longer */
    atomic_ullong milliseconds;
} histogram;

struct csigd_metrics {
    histogram full, presigned;
    atomic_ullong sessions[KINDS][STATES];
    size_t routes;
    atomic_ullong answered[][STATUSES];
};

csigd_metrics *csigd_metrics_new(size_t routes)
{
    csigd_metrics *m = calloc(1, sizeof *m + (routes + 1) * sizeof m->answered[0]);

    if (m != NULL) m->routes = routes;
    return m;
}

void csigd_metrics_free(csigd_metrics *metrics)
{
    free(metrics);
}

/* --- counting --- */

void csigd_metrics_answered(csigd_metrics *m, size_t route, unsigned status)
{
    size_t i = 0;

    while (i < STATUSES - 1 && statuses[i] != status)
        i++;
    atomic_fetch_add_explicit(&m->answered[route][i], 1, memory_order_relaxed);
}

void csigd_metrics_ended(csigd_metrics *m, csigd_kind kind, csigd_session_state state)
{
    atomic_fetch_add_explicit(&m->sessions[kind][state], 1, memory_order_relaxed);
}

void csigd_metrics_signed(csigd_metrics *m, csigd_kind kind, int64_t milliseconds)
{
    histogram *h = kind == CSIGD_KIND_ONLINE ? &m->presigned : &m->full;
    const unsigned long long took = milliseconds > 0 ? (unsigned long long)milliseconds : 0;
    size_t i = 0;

    while (i < BOUNDS && took > bounds[i])
        i++;
    atomic_fetch_add_explicit(&h->bucket[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&h->milliseconds, took, memory_order_relaxed);
}

/* --- telling --- */

static unsigned long long value_of(const atomic_ullong *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void write_requests(const csigd_metrics *m, FILE *out, csigd_route_name (*name)(size_t))
{
    fputs("# HELP countersign_requests_total Requests answered, by route and status.\n"
          "# TYPE countersign_requests_total counter\n",
          out);
    for (size_t r = 0; r <= m->routes; r++) {
        const csigd_route_name n =
            r < m->routes ? name(r) : (csigd_route_name){.method = "", .path = "none"};

        for (size_t i = 0; i < STATUSES; i++) {
            const unsigned long long count = value_of(&m->answered[r][i]);

            if (count > 0)
                fprintf(out,
                        "countersign_requests_total{method=\"%s\",route=\"%s\",status=\"%u\"} "
                        "%llu\n",
                        n.method, n.path, statuses[i], count);
        }
    }
}

static void write_sessions(const csigd_metrics *m, FILE *out)
{
    fputs("# HELP countersign_sessions_total Sessions that have ended, by kind and outcome.\n"
          "# TYPE countersign_sessions_total counter\n",
          out);
    for (unsigned kind = CSIGD_KIND_AUX; kind < KINDS; kind++) {
        for (unsigned state = CSIGD_SESSION_DONE; state < STATES; state++)
            fprintf(out, "countersign_sessions_total{kind=\"%s\",outcome=\"%s\"} %llu\n",
                    csigd_kind_name((csigd_kind)kind),
                    csigd_session_state_name((csigd_session_state)state),
                    value_of(&m->sessions[kind][state]));
    }
}

#define SECONDS "countersign_signing_seconds"

static void write_histogram(const histogram *h, FILE *out, const char *mode)
{
    unsigned long long count = 0;

    for (size_t i = 0; i < BOUNDS; i++) {
        count += value_of(&h->bucket[i]);
        fprintf(out, SECONDS "_bucket{mode=\"%s\",le=\"%g\"} %llu\n", mode, bounds[i] / 1000.0,
                count);
    }
    count += value_of(&h->bucket[BOUNDS]);
    fprintf(out, SECONDS "_bucket{mode=\"%s\",le=\"+Inf\"} %llu\n", mode, count);
    fprintf(out, SECONDS "_sum{mode=\"%s\"} %.3f\n", mode,
            (double)value_of(&h->milliseconds) / 1000.0);
    fprintf(out, SECONDS "_count{mode=\"%s\"} %llu\n", mode, count);
}

void csigd_metrics_write(const csigd_metrics *metrics, FILE *out, csigd_route_name (*name)(size_t))
{
    write_requests(metrics, out, name);
    write_sessions(metrics, out);
    fputs("# HELP " SECONDS " From opening a signing session to its signature.\n"
          "# TYPE " SECONDS " histogram\n",
          out);
    write_histogram(&metrics->full, out, "full");
    write_histogram(&metrics->presigned, out, "presigned");
}
