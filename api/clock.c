#include "clock.h"

#include <stdio.h>
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

/* Days from 1970 to the first of March of a year, and from there to a month: the year begins with
 * March, so that the day that some have comes last. */
static int64_t days_to(int year, int month, int day)
{
    const int y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;

    return 365 * (int64_t)y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

bool csigd_clock_is_read(int64_t *seconds, const char *text)
{
    int year, month, day, hour, minute, second;
    char same[CSIGD_RFC3339_BYTES];

    if (strlen(text) != CSIGD_RFC3339_BYTES - 1 ||
        sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2dZ", &year, &month, &day, &hour, &minute, &second) != 6)
        return false;
    *seconds = days_to(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    /* There is no such day, or no such second: then it is written as another one. */
    csigd_clock_format(same, *seconds);
    return year >= 1970 && strcmp(same, text) == 0;
}
