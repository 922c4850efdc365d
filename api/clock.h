/* Time, for deadlines and records. The library has none. */
#ifndef CSIGD_CLOCK_H
#define CSIGD_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CSIGD_RFC3339_BYTES 21 /* 2026-01-02T03:04:05Z and NUL */

/* Seconds since 1970, UTC: for records. */
int64_t csigd_clock_now(void);
/* Milliseconds that only ever grow: for deadlines. */
int64_t csigd_clock_ticks(void);
void csigd_clock_format(char out[CSIGD_RFC3339_BYTES], int64_t seconds);
/* Exactly what csigd_clock_format writes, of the years 1970 to 9999; false: not that. */
bool csigd_clock_is_read(int64_t *seconds, const char *text);

#endif
