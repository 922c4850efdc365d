#include "faults/stumbling.h"

#include <string.h>

/* Does this operation fail before it begins? */
static bool fails_before(stumbling *s, bool writes)
{
    const int how = atomic_load(&s->how);
    const unsigned at = atomic_load(&s->at);
    unsigned n;

    if (writes)
        atomic_fetch_add(&s->writes, 1);
    else
        atomic_fetch_add(&s->reads, 1);
    if (how == STUMBLE_NEVER || (how != STUMBLE_BEFORE && !writes)) return false;
    n = atomic_fetch_add(&s->count, 1) + 1;
    return (how == STUMBLE_BEFORE && n == at) || (how == STUMBLE_FULL && n >= at);
}

static csigd_stored after(stumbling *s, csigd_stored stored)
{
    const bool lost =
        atomic_load(&s->how) == STUMBLE_AFTER && atomic_load(&s->count) == atomic_load(&s->at);

    if (!lost || stored != CSIGD_STORED) return stored;
    atomic_store(&s->how, STUMBLE_NEVER);
    return CSIGD_STORE_FAILED;
}

#define INNER(door) ((stumbling *)(door))

#define READ(name, params, ...)                                                                    \
    static csigd_stored name params                                                                \
    {                                                                                              \
        stumbling *s = INNER(door);                                                                \
        if (fails_before(s, false)) return CSIGD_STORE_FAILED;                                     \
        return s->inner->name(s->inner, __VA_ARGS__);                                              \
    }

#define WRITE(name, params, ...)                                                                   \
    static csigd_stored name params                                                                \
    {                                                                                              \
        stumbling *s = INNER(door);                                                                \
        if (fails_before(s, true)) return CSIGD_STORE_FAILED;                                      \
        return after(s, s->inner->name(s->inner, __VA_ARGS__));                                    \
    }

/* The same of a part of the store. */
#define READ_OF(part, name, params, ...)                                                           \
    static csigd_stored part##_##name params                                                       \
    {                                                                                              \
        stumbling *s = INNER(door);                                                                \
        if (fails_before(s, false)) return CSIGD_STORE_FAILED;                                     \
        return s->inner->part.name(s->inner, __VA_ARGS__);                                         \
    }

#define WRITE_OF(part, name, params, ...)                                                          \
    static csigd_stored part##_##name params                                                       \
    {                                                                                              \
        stumbling *s = INNER(door);                                                                \
        if (fails_before(s, true)) return CSIGD_STORE_FAILED;                                      \
        return after(s, s->inner->part.name(s->inner, __VA_ARGS__));                               \
    }

WRITE(device_put, (csigd_store * door, const csigd_device *d), d)
READ(device_get, (csigd_store * door, const uint8_t *id, csigd_device *d), id, d)
READ(peer_get, (csigd_store * door, const uint8_t *d, uint64_t g, csigd_peer_row *p), d, g, p)
READ(aux_choose,
     (csigd_store * door, const uint8_t (*d)[CSIG_IDENTITY_BYTES], size_t n, uint64_t *g), d, n, g)
READ(aux_to_come, (csigd_store * door, uint64_t g, uint64_t *n), g, n)
WRITE(aux_drop, (csigd_store * door, uint64_t g, bool anyway), g, anyway)
READ(device_generation, (csigd_store * door, const uint8_t *d, uint64_t *g), d, g)
WRITE(pair_unlock, (csigd_store * door, const uint8_t *d), d)
READ(wallet_get, (csigd_store * door, const uint8_t *id, uint64_t g, csigd_wallet *w), id, g, w)
READ(wallet_list,
     (csigd_store * door, uint64_t g, const csigd_look *l,
      void (*each)(void *, const csigd_wallet *), void *ctx),
     g, l, each, ctx)
READ(share_get, (csigd_store * door, const uint8_t *w, csigd_share_row *s_), w, s_)
READ(wallet_count, (csigd_store * door, csigd_wallet_counts *c), c)
READ(epoch_ask,
     (csigd_store * door, const uint8_t *w, const uint8_t e[CSIGD_HASH_BYTES],
      csigd_epoch_answer *a),
     w, e, a)
WRITE(backup_put,
      (csigd_store * door, const uint8_t *w, const uint8_t e[CSIGD_HASH_BYTES],
       const csigd_backup_row *b),
      w, e, b)
READ(backup_get, (csigd_store * door, const uint8_t *w, uint16_t party, csigd_blob *b), w, party, b)
WRITE_OF(requests, make, (csigd_store * door, const csigd_making *m), m)
READ_OF(requests, get, (csigd_store * door, const uint8_t *id, uint32_t n, csigd_request *r), id, n,
        r)
READ_OF(requests, payload, (csigd_store * door, const uint8_t *id, csigd_blob *b), id, b)
READ_OF(requests, known, (csigd_store * door, csigd_idempotency *k), k)
WRITE_OF(requests, cancel,
         (csigd_store * door, const uint8_t *id, bool *running, uint8_t session[CSIGD_ID_BYTES]),
         id, running, session)
WRITE(session_open, (csigd_store * door, const csigd_opening *o), o)
READ(session_of, (csigd_store * door, const uint8_t *r, uint8_t id[CSIGD_ID_BYTES]), r, id)
READ(refresh_of, (csigd_store * door, const uint8_t *w, uint8_t id[CSIGD_ID_BYTES]), w, id)
READ(session_get, (csigd_store * door, const uint8_t *id, csigd_session_row *r), id, r)
WRITE(session_end, (csigd_store * door, const uint8_t *id, csigd_session_state state), id, state)
READ(round_get, (csigd_store * door, const uint8_t *id, uint32_t n, csigd_answer *a), id, n, a)
WRITE(round_put, (csigd_store * door, const csigd_answer *a, const csigd_effects *e), a, e)
WRITE(session_fail, (csigd_store * door, const uint8_t *id, const csigd_effects *e), id, e)
READ(evidence_get, (csigd_store * door, const uint8_t *id, csigd_blob *b), id, b)
WRITE(presig_destroy, (csigd_store * door, const uint8_t *id), id)

static void close_both(csigd_store *door)
{
    INNER(door)->inner->close(INNER(door)->inner);
}

/* What is not overridden here goes to the inner store directly: the medium is its own. */
void stumbling_open(stumbling *s, csigd_store *inner)
{
    memset(s, 0, sizeof *s);
    s->inner = inner;
    s->door = *inner;
    s->door.device_put = device_put;
    s->door.device_get = device_get;
    s->door.peer_get = peer_get;
    s->door.aux_choose = aux_choose;
    s->door.aux_to_come = aux_to_come;
    s->door.aux_drop = aux_drop;
    s->door.device_generation = device_generation;
    s->door.pair_unlock = pair_unlock;
    s->door.wallet_get = wallet_get;
    s->door.wallet_list = wallet_list;
    s->door.share_get = share_get;
    s->door.wallet_count = wallet_count;
    s->door.epoch_ask = epoch_ask;
    s->door.backup_put = backup_put;
    s->door.backup_get = backup_get;
    s->door.requests.make = requests_make;
    s->door.requests.get = requests_get;
    s->door.requests.payload = requests_payload;
    s->door.requests.known = requests_known;
    s->door.requests.cancel = requests_cancel;
    s->door.session_open = session_open;
    s->door.session_of = session_of;
    s->door.refresh_of = refresh_of;
    s->door.session_get = session_get;
    s->door.session_end = session_end;
    s->door.round_get = round_get;
    s->door.round_put = round_put;
    s->door.session_fail = session_fail;
    s->door.evidence_get = evidence_get;
    s->door.presig_destroy = presig_destroy;
    s->door.close = close_both;
}

void stumble_at(stumbling *s, stumble how, unsigned at)
{
    atomic_store(&s->how, STUMBLE_NEVER);
    atomic_store(&s->count, 0);
    atomic_store(&s->writes, 0);
    atomic_store(&s->reads, 0);
    atomic_store(&s->at, at);
    atomic_store(&s->how, (int)how);
}
