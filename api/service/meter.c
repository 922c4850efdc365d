#include "service/meter.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "service/jobs.h"

#define CHAINS 4096
/* A bucket of n a minute gets n units in a millisecond; a request takes this many. */
#define UNITS ((int64_t)60000)

typedef struct bucket bucket;
struct bucket {
    bucket *next;
    csigd_metered_id what;
    int64_t owed; /* units that are missing to a full one, at: */
    int64_t at;
    size_t held; /* octets */
};

struct csigd_meter {
    csigd_mutex *lock;
    csigd_meter_plan plan;
    int64_t started;
    uint8_t secret[crypto_shorthash_KEYBYTES]; /* nobody chooses the chain he lands in */
    bucket *chains[CHAINS];
    size_t count, addresses;
};

csigd_meter *csigd_meter_new(void)
{
    csigd_meter *m = calloc(1, sizeof *m);

    if (m == NULL) return NULL;
    m->lock = csigd_mutex_new();
    if (m->lock == NULL) {
        free(m);
        return NULL;
    }
    m->started = csigd_clock_ticks();
    randombytes_buf(m->secret, sizeof m->secret);
    csigd_meter_set(m, &(csigd_meter_plan){0, 0, 0});
    return m;
}

void csigd_meter_free(csigd_meter *meter)
{
    if (meter == NULL) return;
    for (size_t i = 0; i < CHAINS; i++) {
        for (bucket *b = meter->chains[i], *next; b != NULL; b = next) {
            next = b->next;
            free(b);
        }
    }
    csigd_mutex_free(meter->lock);
    free(meter);
}

void csigd_meter_set(csigd_meter *meter, const csigd_meter_plan *plan)
{
    meter->plan = (csigd_meter_plan){
        .key = plan->key != 0 ? plan->key : CSIGD_KEY_PER_MINUTE,
        .wallet = plan->wallet != 0 ? plan->wallet : CSIGD_WALLET_PER_MINUTE,
        .address = plan->address != 0 ? plan->address : CSIGD_ADDRESS_PER_MINUTE,
    };
}

csigd_metered_id csigd_metered_as(csigd_metered kind, const uint8_t *id, size_t len)
{
    csigd_metered_id what = {.kind = kind};

    memcpy(what.id, id, len < sizeof what.id ? len : sizeof what.id);
    return what;
}

/* --- buckets --- */

static uint32_t limit_of(const csigd_meter *m, const csigd_metered_id *what)
{
    if (what->per_minute != 0) return what->per_minute;
    switch (what->kind) {
    case CSIGD_METER_KEY:
        return m->plan.key;
    case CSIGD_METER_REQUESTS:
    case CSIGD_METER_SESSIONS:
    case CSIGD_METER_QUESTIONS:
        return m->plan.wallet;
    case CSIGD_METER_ADDRESS:
        return m->plan.address;
    }
    return 1;
}

/* Of one that nobody has touched yet. */
static int64_t owed_at_first(const csigd_meter *m, const csigd_metered_id *what, int64_t now)
{
    const int64_t limit = limit_of(m, what), age = now - m->started;

    if (what->kind == CSIGD_METER_ADDRESS || age >= UNITS) return 0;
    return (UNITS - age) * limit;
}

static int64_t owed_now(const csigd_meter *m, const bucket *b, const csigd_metered_id *what,
                        int64_t now)
{
    const int64_t limit = limit_of(m, what);
    const int64_t passed = now > b->at ? now - b->at : 0;
    const int64_t age = passed < UNITS ? passed : UNITS;
    const int64_t owed = b->owed - age * limit;

    return owed > 0 ? owed : 0;
}

static bucket **chain_of(csigd_meter *m, const csigd_metered_id *what)
{
    uint8_t name[1 + CSIGD_METER_ID_BYTES], hash[crypto_shorthash_BYTES];

    name[0] = (uint8_t)what->kind;
    memcpy(name + 1, what->id, CSIGD_METER_ID_BYTES);
    crypto_shorthash(hash, name, sizeof name, m->secret);
    return &m->chains[((size_t)hash[0] << 8 | hash[1]) % CHAINS];
}

static bucket *find(csigd_meter *m, const csigd_metered_id *what)
{
    for (bucket *b = *chain_of(m, what); b != NULL; b = b->next) {
        if (b->what.kind == what->kind && memcmp(b->what.id, what->id, sizeof what->id) == 0)
            return b;
    }
    return NULL;
}

/* Those that come when there are too many are one. */
static csigd_metered_id told_apart(csigd_meter *m, const csigd_metered_id *what)
{
    static const uint8_t nobody[CSIGD_METER_ID_BYTES] = {0};

    if (what->kind != CSIGD_METER_ADDRESS || m->addresses < CSIGD_METER_ADDRESSES ||
        find(m, what) != NULL)
        return *what;
    return csigd_metered_as(CSIGD_METER_ADDRESS, nobody, sizeof nobody);
}

/* NULL: no memory. */
static bucket *find_or_make(csigd_meter *m, const csigd_metered_id *what, int64_t now)
{
    bucket **chain = chain_of(m, what);
    bucket *b = find(m, what);

    if (b != NULL) return b;
    b = calloc(1, sizeof *b);
    if (b == NULL) return NULL;
    b->what = *what;
    b->owed = owed_at_first(m, what, now);
    b->at = now;
    b->next = *chain;
    *chain = b;
    m->count++;
    if (what->kind == CSIGD_METER_ADDRESS) m->addresses++;
    return b;
}

/* --- taking --- */

/* What is owed when n requests are taken now: at most a full bucket. */
static bool price_is_there(int64_t *owed, int64_t limit, uint32_t n, uint32_t *seconds)
{
    const int64_t whole = limit * UNITS;
    const int64_t price = (n < limit ? n : limit) * UNITS;
    const int64_t missing = *owed + price - whole;

    if (missing <= 0) {
        *owed += price;
        return true;
    }
    /* limit units come in a millisecond. */
    *seconds = (uint32_t)((missing + limit * 1000 - 1) / (limit * 1000));
    return false;
}

bool csigd_meter_has_taken(csigd_meter *meter, const csigd_metered_id *what, uint32_t n,
                           uint32_t *seconds)
{
    csigd_metered_id who;
    int64_t now, owed;
    bucket *b;
    bool taken = false;

    *seconds = 1;
    csigd_mutex_lock(meter->lock);
    now = csigd_clock_ticks();
    who = told_apart(meter, what);
    b = find_or_make(meter, &who, now);
    if (b != NULL) {
        owed = owed_now(meter, b, &who, now);
        taken = price_is_there(&owed, limit_of(meter, &who), n, seconds);
        b->owed = owed;
        b->at = now;
    }
    csigd_mutex_unlock(meter->lock);
    return taken;
}

bool csigd_meter_has_room(csigd_meter *meter, const csigd_metered_id *what, uint32_t n,
                          uint32_t *seconds)
{
    csigd_metered_id who;
    int64_t now, owed;
    const bucket *b;
    bool there;

    *seconds = 1;
    csigd_mutex_lock(meter->lock);
    now = csigd_clock_ticks();
    who = told_apart(meter, what);
    b = find(meter, &who);
    owed = b != NULL ? owed_now(meter, b, &who, now) : owed_at_first(meter, &who, now);
    there = price_is_there(&owed, limit_of(meter, &who), n, seconds);
    csigd_mutex_unlock(meter->lock);
    return there;
}

void csigd_meter_return(csigd_meter *meter, const csigd_metered_id *what, uint32_t n)
{
    csigd_metered_id who;
    int64_t limit, price;
    bucket *b;

    csigd_mutex_lock(meter->lock);
    who = told_apart(meter, what);
    b = find(meter, &who);
    if (b != NULL) {
        limit = limit_of(meter, &who);
        price = (n < limit ? n : limit) * UNITS;
        b->owed = b->owed > price ? b->owed - price : 0;
    }
    csigd_mutex_unlock(meter->lock);
}

/* --- octets --- */

bool csigd_meter_has_held(csigd_meter *meter, const csigd_metered_id *key, size_t octets)
{
    bucket *b;
    bool held = false;

    csigd_mutex_lock(meter->lock);
    b = find_or_make(meter, key, csigd_clock_ticks());
    held = b != NULL && octets <= CSIGD_KEY_OCTETS_MAX - b->held;
    if (held) b->held += octets;
    csigd_mutex_unlock(meter->lock);
    return held;
}

void csigd_meter_release(csigd_meter *meter, const csigd_metered_id *key, size_t octets)
{
    bucket *b;

    csigd_mutex_lock(meter->lock);
    /* It is remembered as long as it holds something. */
    b = find(meter, key);
    if (b != NULL) b->held -= octets < b->held ? octets : b->held;
    csigd_mutex_unlock(meter->lock);
}

/* --- housekeeping --- */

static bool is_as_new(const csigd_meter *m, const bucket *b, int64_t now)
{
    return b->held == 0 && owed_now(m, b, &b->what, now) <= owed_at_first(m, &b->what, now);
}

void csigd_meter_tidy(csigd_meter *meter)
{
    const int64_t now = csigd_clock_ticks();

    csigd_mutex_lock(meter->lock);
    for (size_t i = 0; i < CHAINS; i++) {
        for (bucket **at = &meter->chains[i]; *at != NULL;) {
            bucket *b = *at;

            if (!is_as_new(meter, b, now)) {
                at = &b->next;
                continue;
            }
            *at = b->next;
            meter->count--;
            if (b->what.kind == CSIGD_METER_ADDRESS) meter->addresses--;
            free(b);
        }
    }
    csigd_mutex_unlock(meter->lock);
}

size_t csigd_meter_count(csigd_meter *meter)
{
    size_t count;

    csigd_mutex_lock(meter->lock);
    count = meter->count;
    csigd_mutex_unlock(meter->lock);
    return count;
}
