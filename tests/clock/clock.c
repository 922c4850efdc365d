/* Preloaded into processes under test: their clock is CLOCK_SHIFT seconds ahead. */
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

time_t time(time_t *out);

time_t time(time_t *out)
{
    const char *shift = getenv("CLOCK_SHIFT");
    struct timespec now;
    time_t t;

    clock_gettime(CLOCK_REALTIME, &now);
    t = now.tv_sec + (shift != NULL ? atol(shift) : 0);
    if (out != NULL) *out = t;
    return t;
}
