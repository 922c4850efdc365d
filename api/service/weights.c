/* What sessions weigh in locked memory. */
#include "service/live.h"

/* Of one protocol session with its share; it grows with the peers. At both levels they take less
 * (tests/proto/test_locked.c). libsodium's guard pages are not locked. */
#define OCTETS_SESSION  (22u << 10)
#define OCTETS_PER_PEER (6u << 10)

uint64_t csigd_live_cost(csigd_kind kind, size_t parties)
{
    const uint64_t half = kind == CSIGD_KIND_PRESIGN ? CSIGD_LIVE_HALF : 0;

    return OCTETS_SESSION + (parties - 1) * OCTETS_PER_PEER + half;
}

uint64_t csigd_sessions_room(const csigd_sessions *sessions)
{
    return sessions->room / csigd_live_cost(CSIGD_KIND_SIGN, 2);
}

void csigd_sessions_weigh(csigd_sessions *sessions, size_t *running, uint64_t *locked,
                          uint64_t *room)
{
    *running = 0;
    *locked = csigd_presigs_total(sessions->service->presigs) * CSIGD_LIVE_HALF;
    *room = sessions->room;
    csigd_mutex_lock(sessions->lock);
    for (const csigd_live *l = sessions->first; l != NULL; l = l->next) {
        (*running)++;
        *locked += l->cost;
    }
    csigd_mutex_unlock(sessions->lock);
}
