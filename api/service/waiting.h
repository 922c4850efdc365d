/* Who waits until something happens. Nobody's thread does: a waiter is a record that is parked
 * here, and woken exactly once for each time.
 *
 * A waiter belongs to whoever looks for it, and while it is parked to this module. Looking goes so:
 * csigd_waiting_begin, look, and csigd_waiting_park when there is nothing; what was told of since
 * the look began is never missed. */
#ifndef CSIGD_SERVICE_WAITING_H
#define CSIGD_SERVICE_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CSIGD_WAITING_MAX         256
#define CSIGD_WAITING_OF_KEY      8
#define CSIGD_WAITING_SECONDS     60
#define CSIGD_WAITING_TOPIC_BYTES 16

typedef struct csigd_waiting csigd_waiting;
typedef struct csigd_waiter csigd_waiter;

struct csigd_waiter {
    /* As given: what it waits for, whose it is, how long at most. */
    uint8_t topic[CSIGD_WAITING_TOPIC_BYTES];
    bool has_key; /* else it is the operator's */
    uint8_t key[32];
    uint32_t seconds;
    /* It is no longer parked. look: something happened, or its time is up; false: it is to end with
     * what it has. Called without a lock, from any thread; the waiter may be gone when it returns.
     */
    void (*wake)(csigd_waiter *waiter, bool look);
    /* Is nobody there any more who wants to know? Called while it is parked; must not wait. */
    bool (*is_left)(csigd_waiter *waiter);
    /* Inside. */
    csigd_waiter *next, *before, *woken;
    int64_t until; /* csigd_clock_ticks */
    bool parked, told;
};

typedef enum csigd_parked {
    CSIGD_PARKED = 0, /* it is woken later: hands off from here on */
    CSIGD_LOOK_AGAIN, /* something happened meanwhile */
    CSIGD_WAIT_OVER   /* its time is up, or nobody waits any more */
} csigd_parked;

/* NULL: no memory. */
csigd_waiting *csigd_waiting_new(void);
/* After csigd_waiting_stop, when all have left. */
void csigd_waiting_free(csigd_waiting *waiting);

/* false: too many wait already, in all or with this key, or the end has come. */
bool csigd_waiting_has_room(csigd_waiting *waiting, csigd_waiter *waiter);
/* It begins to look. */
void csigd_waiting_begin(csigd_waiting *waiting, csigd_waiter *waiter);
/* There is nothing to see. expires: seconds since 1970 when it ends at the latest; 0: never. */
csigd_parked csigd_waiting_park(csigd_waiting *waiting, csigd_waiter *waiter, int64_t expires);
/* Of one that came in. */
void csigd_waiting_leave(csigd_waiting *waiting, csigd_waiter *waiter);

/* Something happened. */
void csigd_waiting_tell(csigd_waiting *waiting, const uint8_t *topic);
/* Wakes those whose time is up and those that were left. Called all the time. */
void csigd_waiting_tick(csigd_waiting *waiting);
/* Wakes all; nobody waits from now on. */
void csigd_waiting_stop(csigd_waiting *waiting);
/* How many are parked. */
size_t csigd_waiting_count(csigd_waiting *waiting);

#endif
