#include "auth/replay.h"

#include <sodium.h>
#include <stdbool.h>
#include <string.h>

_Static_assert(CSIGD_REPLAY_ID_BYTES == crypto_hash_sha256_BYTES, "an id is a hash");

/* Fixed length whatever the nonce; the NUL keeps key id and nonce apart. */
static void make_id(uint8_t id[CSIGD_REPLAY_ID_BYTES], const char *keyid, const char *nonce)
{
    crypto_hash_sha256_state h;

    crypto_hash_sha256_init(&h);
    crypto_hash_sha256_update(&h, (const uint8_t *)keyid, strlen(keyid) + 1);
    crypto_hash_sha256_update(&h, (const uint8_t *)nonce, strlen(nonce));
    crypto_hash_sha256_final(&h, id);
}

csigd_auth csigd_replay_admit(const csigd_replay_store *store, const char *keyid, const char *nonce,
                              int64_t expires, int64_t now, csigd_refusal *why)
{
    uint8_t id[CSIGD_REPLAY_ID_BYTES];
    csigd_auth error;

    /* Time has passed since the window was checked. */
    if (expires < now) return csigd_refuse(why, CSIGD_AUTH_EXPIRED, "expires");
    make_id(id, keyid, nonce);
    error = store->remember(store->context, id, expires);
    return error == CSIGD_AUTH_OK ? error : csigd_refuse(why, error, "nonce");
}

csigd_auth csigd_replay_sweep(const csigd_replay_store *store, int64_t now)
{
    /* What expires now is still taken. */
    return store->forget(store->context, now - 1);
}

/* --- in memory --- */

static csigd_auth remember(void *context, const uint8_t id[CSIGD_REPLAY_ID_BYTES], int64_t expires)
{
    csigd_replay_memory *m = context;
    csigd_replay_slot *empty = NULL;

    if (expires <= m->horizon) return CSIGD_AUTH_EXPIRED;
    for (size_t i = 0; i < m->n_slots; i++) {
        csigd_replay_slot *slot = &m->slots[i];

        if (slot->expires == 0)
            empty = slot;
        else if (memcmp(slot->id, id, CSIGD_REPLAY_ID_BYTES) == 0)
            return CSIGD_AUTH_REPLAY;
    }
    if (empty == NULL) return CSIGD_AUTH_OVERLOADED;
    empty->expires = expires;
    memcpy(empty->id, id, CSIGD_REPLAY_ID_BYTES);
    return CSIGD_AUTH_OK;
}

static csigd_auth forget(void *context, int64_t until)
{
    csigd_replay_memory *m = context;

    for (size_t i = 0; i < m->n_slots; i++) {
        csigd_replay_slot *slot = &m->slots[i];

        if (slot->expires == 0 || slot->expires > until) continue;
        if (slot->expires > m->horizon) m->horizon = slot->expires;
        slot->expires = 0;
    }
    return CSIGD_AUTH_OK;
}

csigd_replay_store csigd_replay_in_memory(csigd_replay_memory *memory)
{
    return (csigd_replay_store){.context = memory, .remember = remember, .forget = forget};
}
