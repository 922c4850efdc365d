#include "service/waiting.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "service/jobs.h"

struct csigd_waiting {
    csigd_mutex *lock;
    csigd_waiter *first; /* all that came in, parked or looking */
    size_t n, n_parked;
    bool stopping;
};

csigd_waiting *csigd_waiting_new(void)
{
    csigd_waiting *w = calloc(1, sizeof *w);

    if (w == NULL) return NULL;
    w->lock = csigd_mutex_new();
    if (w->lock != NULL) return w;
    free(w);
    return NULL;
}

void csigd_waiting_free(csigd_waiting *w)
{
    if (w == NULL) return;
    csigd_mutex_free(w->lock);
    free(w);
}

/* --- coming and leaving --- */

static size_t count_of_key(const csigd_waiting *w, const csigd_waiter *waiter)
{
    size_t n = 0;

    for (const csigd_waiter *o = w->first; o != NULL && waiter->has_key; o = o->next)
        n += o->has_key && memcmp(o->key, waiter->key, sizeof o->key) == 0;
    return n;
}

bool csigd_waiting_has_room(csigd_waiting *w, csigd_waiter *waiter)
{
    bool room;

    waiter->until = csigd_clock_ticks() + (int64_t)waiter->seconds * 1000;
    waiter->parked = waiter->told = false;
    waiter->before = NULL;
    csigd_mutex_lock(w->lock);
    room =
        !w->stopping && w->n < CSIGD_WAITING_MAX && count_of_key(w, waiter) < CSIGD_WAITING_OF_KEY;
    if (room) {
        waiter->next = w->first;
        if (w->first != NULL) w->first->before = waiter;
        w->first = waiter;
        w->n++;
    }
    csigd_mutex_unlock(w->lock);
    return room;
}

void csigd_waiting_leave(csigd_waiting *w, csigd_waiter *waiter)
{
    csigd_mutex_lock(w->lock);
    if (waiter->before != NULL)
        waiter->before->next = waiter->next;
    else
        w->first = waiter->next;
    if (waiter->next != NULL) waiter->next->before = waiter->before;
    w->n--;
    csigd_mutex_unlock(w->lock);
}

/* --- looking --- */

void csigd_waiting_begin(csigd_waiting *w, csigd_waiter *waiter)
{
    csigd_mutex_lock(w->lock);
    waiter->told = false;
    csigd_mutex_unlock(w->lock);
}

csigd_parked csigd_waiting_park(csigd_waiting *w, csigd_waiter *waiter, int64_t expires)
{
    const int64_t now = csigd_clock_ticks();
    csigd_parked result = CSIGD_WAIT_OVER;

    if (expires != 0) {
        const int64_t end = now + (expires - csigd_clock_now()) * 1000;

        if (end < waiter->until) waiter->until = end;
    }
    csigd_mutex_lock(w->lock);
    if (!w->stopping && waiter->told) {
        result = CSIGD_LOOK_AGAIN;
    } else if (!w->stopping && now < waiter->until) {
        result = CSIGD_PARKED;
        waiter->parked = true;
        w->n_parked++;
    }
    csigd_mutex_unlock(w->lock);
    return result;
}

/* --- waking --- */

/* With the lock held: it belongs to the caller now, who wakes it when the lock is free. */
static void take(csigd_waiting *w, csigd_waiter *waiter, csigd_waiter **list)
{
    waiter->parked = false;
    w->n_parked--;
    waiter->woken = *list;
    *list = waiter;
}

/* Without the lock. */
static void wake_all(csigd_waiter *list, bool look)
{
    while (list != NULL) {
        csigd_waiter *next = list->woken;

        list->wake(list, look);
        list = next;
    }
}

void csigd_waiting_tell(csigd_waiting *w, const uint8_t *topic)
{
    csigd_waiter *list = NULL;

    csigd_mutex_lock(w->lock);
    for (csigd_waiter *o = w->first; o != NULL; o = o->next) {
        if (memcmp(o->topic, topic, sizeof o->topic) != 0) continue;
        o->told = true;
        if (o->parked) take(w, o, &list);
    }
    csigd_mutex_unlock(w->lock);
    wake_all(list, true);
}

void csigd_waiting_tick(csigd_waiting *w)
{
    const int64_t now = csigd_clock_ticks();
    csigd_waiter *late = NULL, *left = NULL;

    csigd_mutex_lock(w->lock);
    for (csigd_waiter *o = w->first; o != NULL; o = o->next) {
        if (!o->parked) continue;
        if (o->is_left(o))
            take(w, o, &left);
        else if (o->until <= now)
            take(w, o, &late);
    }
    csigd_mutex_unlock(w->lock);
    wake_all(late, true);
    wake_all(left, false);
}

void csigd_waiting_stop(csigd_waiting *w)
{
    csigd_waiter *list = NULL;

    if (w == NULL) return;
    csigd_mutex_lock(w->lock);
    w->stopping = true;
    for (csigd_waiter *o = w->first; o != NULL; o = o->next) {
        if (o->parked) take(w, o, &list);
    }
    csigd_mutex_unlock(w->lock);
    wake_all(list, false);
}

size_t csigd_waiting_count(csigd_waiting *w)
{
    size_t n;

    csigd_mutex_lock(w->lock);
    n = w->n_parked;
    csigd_mutex_unlock(w->lock);
    return n;
}
