#include "service/presigs.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"

typedef struct entry entry;
struct entry {
    entry *next; /* oldest first */
    csigd_presig_key key;
    uint8_t id[CSIG_PRESIG_ID_BYTES];
    int64_t born; /* ticks */
    csig_presig *half;
};

struct csigd_presigs {
    csigd_mutex *lock;
    entry *first;
};

csigd_presigs *csigd_presigs_new(void)
{
    csigd_presigs *pool = calloc(1, sizeof *pool);

    if (pool == NULL) return NULL;
    pool->lock = csigd_mutex_new();
    if (pool->lock != NULL) return pool;
    free(pool);
    return NULL;
}

void csigd_presigs_free(csigd_presigs *pool)
{
    if (pool == NULL) return;
    for (entry *e = pool->first, *next; e != NULL; e = next) {
        next = e->next;
        csig_presig_free(e->half);
        free(e);
    }
    csigd_mutex_free(pool->lock);
    free(pool);
}

csigd_code csigd_presigs_put(csigd_presigs *pool, const csigd_presig_key *key, csig_presig **half)
{
    entry *e = calloc(1, sizeof *e);
    entry **end = &pool->first;

    if (e == NULL) {
        csig_presig_free(*half);
        *half = NULL;
        return CSIGD_OVERLOADED;
    }
    e->key = *key;
    e->born = csigd_clock_ticks();
    e->half = *half;
    *half = NULL;
    csig_presig_id(e->half, e->id);
    csigd_mutex_lock(pool->lock);
    while (*end != NULL)
        end = &(*end)->next;
    *end = e;
    csigd_mutex_unlock(pool->lock);
    return CSIGD_OK;
}

static bool key_is_same(const csigd_presig_key *a, const csigd_presig_key *b)
{
    if (memcmp(a->wallet, b->wallet, sizeof a->wallet) != 0) return false;
    if (a->n_signers != b->n_signers) return false;
    return memcmp(a->signers, b->signers, a->n_signers * sizeof a->signers[0]) == 0;
}

static bool id_is_listed(const uint8_t *id, const uint8_t (*ids)[CSIG_PRESIG_ID_BYTES], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (memcmp(id, ids[i], CSIG_PRESIG_ID_BYTES) == 0) return true;
    }
    return n == 0;
}

/* Out of the list, the entry freed, the half to the caller. Under the lock. */
static csig_presig *remove_entry(entry **at)
{
    entry *e = *at;
    csig_presig *half = e->half;

    *at = e->next;
    free(e);
    return half;
}

static bool is_old(const entry *e)
{
    return csigd_clock_ticks() - e->born >= (int64_t)CSIGD_STOCK_AGE_SECONDS * 1000;
}

csig_presig *csigd_presigs_take(csigd_presigs *pool, const csigd_presig_key *key,
                                const uint8_t (*ids)[CSIG_PRESIG_ID_BYTES], size_t n_ids)
{
    csig_presig *half = NULL;

    csigd_mutex_lock(pool->lock);
    for (entry **at = &pool->first; *at != NULL; at = &(*at)->next) {
        if (is_old(*at) || !key_is_same(&(*at)->key, key) || !id_is_listed((*at)->id, ids, n_ids))
            continue;
        half = remove_entry(at);
        break;
    }
    csigd_mutex_unlock(pool->lock);
    return half;
}

size_t csigd_presigs_list(csigd_presigs *pool, const uint8_t *wallet,
                          uint8_t (*ids)[CSIG_PRESIG_ID_BYTES], size_t max)
{
    size_t n = 0;

    csigd_mutex_lock(pool->lock);
    for (const entry *e = pool->first; e != NULL && n < max; e = e->next) {
        if (memcmp(e->key.wallet, wallet, CSIGD_ID_BYTES) == 0 && !is_old(e))
            memcpy(ids[n++], e->id, CSIG_PRESIG_ID_BYTES);
    }
    csigd_mutex_unlock(pool->lock);
    return n;
}

size_t csigd_presigs_count(csigd_presigs *pool, const uint8_t *wallet)
{
    uint8_t ids[CSIGD_STOCK_MAX][CSIG_PRESIG_ID_BYTES];

    return csigd_presigs_list(pool, wallet, ids, CSIGD_STOCK_MAX);
}

size_t csigd_presigs_total(csigd_presigs *pool)
{
    size_t n = 0;

    csigd_mutex_lock(pool->lock);
    for (const entry *e = pool->first; e != NULL; e = e->next)
        n++;
    csigd_mutex_unlock(pool->lock);
    return n;
}

void csigd_presigs_drop(csigd_presigs *pool, const uint8_t *wallet)
{
    csigd_mutex_lock(pool->lock);
    for (entry **at = &pool->first; *at != NULL;) {
        if (memcmp((*at)->key.wallet, wallet, CSIGD_ID_BYTES) == 0)
            csig_presig_free(remove_entry(at));
        else
            at = &(*at)->next;
    }
    csigd_mutex_unlock(pool->lock);
}

csig_presig *csigd_presigs_take_old(csigd_presigs *pool)
{
    csig_presig *half = NULL;

    csigd_mutex_lock(pool->lock);
    if (pool->first != NULL && is_old(pool->first)) half = remove_entry(&pool->first);
    csigd_mutex_unlock(pool->lock);
    return half;
}
