/* Measures in CPU time of the thread: one JSON line each, median and 90th percentile, and the ratio
 * to a reference measured in the same run, which holds on a busy machine where times do not. */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include "base/base.h"

typedef struct bench_result {
    double median_us;
    double p90_us;
    size_t n; /* samples */
} bench_result;

/* CPU time of this thread. */
double bench_cpu_us(void);
/* Sample fn(arg) often enough; quick ones are repeated within a sample. */
bench_result bench_measure(void (*fn)(void *arg), void *arg);
/* Print the line. reference_us 0: there is none, the ratio is null. */
void bench_print(const char *name, const bench_result *r, double reference_us);
/* Both; returns the median. */
double bench_run(const char *name, void (*fn)(void *arg), void *arg, double reference_us);

#endif
