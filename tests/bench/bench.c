#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SAMPLES   21
#define SAMPLE_US 3000.0

double bench_cpu_us(void)
{
    struct timespec t;

    CSIG_ASSERT(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) == 0);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static double sample(void (*fn)(void *arg), void *arg, size_t times)
{
    const double start = bench_cpu_us();

    for (size_t i = 0; i < times; i++)
        fn(arg);
    return (bench_cpu_us() - start) / (double)times;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

bench_result bench_measure(void (*fn)(void *arg), void *arg)
{
    double us[SAMPLES];
    size_t times = 1;

    while (sample(fn, arg, times) * (double)times < SAMPLE_US)
        times *= 2;
    for (size_t i = 0; i < SAMPLES; i++)
        us[i] = sample(fn, arg, times);
    qsort(us, SAMPLES, sizeof *us, compare);
    return (bench_result){
        .median_us = us[SAMPLES / 2], .p90_us = us[SAMPLES * 9 / 10], .n = SAMPLES};
}

void bench_print(const char *name, const bench_result *r, double reference_us)
{
    printf("{\"name\":\"%s\",\"median_us\":%.3f,\"p90_us\":%.3f,\"n\":%zu,\"level\":%d,", name,
           r->median_us, r->p90_us, r->n, CSIG_LEVEL);
    if (reference_us > 0)
        printf("\"ratio_openssl\":%.3f}\n", r->median_us / reference_us);
    else
        printf("\"ratio_openssl\":null}\n");
    (void)fflush(stdout);
}

double bench_run(const char *name, void (*fn)(void *arg), void *arg, double reference_us)
{
    const bench_result r = bench_measure(fn, arg);

    bench_print(name, &r, reference_us);
    return r.median_us;
}
