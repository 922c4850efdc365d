/* What happened since the start, counted: requests, sessions, how long signing took. Counting takes
 * no lock. */
#ifndef CSIGD_SERVICE_METRICS_H
#define CSIGD_SERVICE_METRICS_H

#include <stdio.h>

#include "store/store.h"

typedef struct csigd_metrics csigd_metrics;

/* routes: how many there are. NULL: no memory. */
csigd_metrics *csigd_metrics_new(size_t routes);
void csigd_metrics_free(csigd_metrics *metrics);

/* route: its place in the table; of no route: how many there are. */
void csigd_metrics_answered(csigd_metrics *metrics, size_t route, unsigned status);
void csigd_metrics_ended(csigd_metrics *metrics, csigd_kind kind, csigd_session_state state);
/* A signing session is done, so long after it was opened. */
void csigd_metrics_signed(csigd_metrics *metrics, csigd_kind kind, int64_t milliseconds);

/* The Prometheus text of all this. name: method and path of a route. */
typedef struct csigd_route_name {
    const char *method, *path;
} csigd_route_name;
void csigd_metrics_write(const csigd_metrics *metrics, FILE *out,
                         csigd_route_name (*name)(size_t route));

#endif
