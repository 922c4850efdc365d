#include "clock.h"

#include <string.h>
#include <time.h>

int64_t csigd_clock_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec;
}

int64_t csigd_clock_ticks(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void csigd_clock_format(char out[CSIGD_RFC3339_BYTES], int64_t seconds)
{
    const time_t when = (time_t)seconds;
    struct tm tm;

    out[0] = '\0';
    if (gmtime_r(&when, &tm) == NULL) return;
    if (strftime(out, CSIGD_RFC3339_BYTES, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) out[0] = '\0';
}
