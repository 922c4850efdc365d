#include "service/keys.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "http/json.h"

#define BUCKETS 1024

typedef struct entry entry;
struct entry {
    entry *next;
    csigd_key_row row;
};

struct csigd_keys {
    csigd_mutex *lock;
    csigd_mutex *changing; /* what is stored and what is known change together */
    entry *buckets[BUCKETS];
    bool is_short; /* of memory, while loading */
};

/* --- the table. Ids are hashes: their first octets spread. --- */

static entry **bucket_of(csigd_keys *keys, const uint8_t *id)
{
    return &keys->buckets[((unsigned)id[0] << 8 | id[1]) % BUCKETS];
}

static bool row_is_kept(csigd_keys *keys, const csigd_key_row *row)
{
    entry *e = calloc(1, sizeof *e);
    entry **at = bucket_of(keys, row->id);

    if (e == NULL) return false;
    csigd_mutex_lock(keys->lock);
    while (*at != NULL && memcmp((*at)->row.id, row->id, sizeof row->id) != 0)
        at = &(*at)->next;
    if (*at == NULL)
        *at = e;
    else
        free(e);
    (*at)->row = *row;
    csigd_mutex_unlock(keys->lock);
    return true;
}

static void drop(csigd_keys *keys, const uint8_t *id)
{
    csigd_mutex_lock(keys->lock);
    for (entry **at = bucket_of(keys, id); *at != NULL;) {
        entry *e = *at;

        if (memcmp(e->row.id, id, sizeof e->row.id) != 0) {
            at = &e->next;
            continue;
        }
        *at = e->next;
        free(e);
    }
    csigd_mutex_unlock(keys->lock);
}

bool csigd_keys_has_key(csigd_keys *keys, const char *keyid, csigd_key_row *row)
{
    uint8_t id[CSIGD_KEY_HASH_BYTES];
    bool found = false;

    if (!csigd_hex_is_read(id, sizeof id, keyid, strlen(keyid))) return false;
    csigd_mutex_lock(keys->lock);
    for (const entry *e = *bucket_of(keys, id); e != NULL && !found; e = e->next) {
        found = memcmp(e->row.id, id, sizeof id) == 0;
        if (found) *row = e->row;
    }
    csigd_mutex_unlock(keys->lock);
    return found;
}

/* --- at start --- */

static void load_one(void *ctx, const csigd_key_row *row)
{
    csigd_keys *keys = ctx;

    if (row->revoked == 0 && !row_is_kept(keys, row)) keys->is_short = true;
}

bool csigd_keys_is_started(csigd_service *service, char *why, size_t why_len)
{
    csigd_keys *keys = service->keys = calloc(1, sizeof *keys);

    snprintf(why, why_len, "the keys for HTTP cannot be read");
    if (keys == NULL) return false;
    keys->lock = csigd_mutex_new();
    keys->changing = csigd_mutex_new();
    if (keys->lock == NULL || keys->changing == NULL) return false;
    return service->store->key_list(service->store, load_one, keys) == CSIGD_STORED &&
           !keys->is_short;
}

void csigd_keys_free(csigd_keys *keys)
{
    if (keys == NULL) return;
    for (size_t i = 0; i < BUCKETS; i++) {
        for (entry *e = keys->buckets[i], *next; e != NULL; e = next) {
            next = e->next;
            free(e);
        }
    }
    csigd_mutex_free(keys->changing);
    csigd_mutex_free(keys->lock);
    free(keys);
}

/* --- changes --- */

static csigd_code name_row(csigd_key_row *row, const uint8_t *der, size_t len, csigd_problem *why)
{
    if (csigd_key_read(&row->key, der, len) != CSIGD_AUTH_OK)
        return csigd_problem_field(why, CSIGD_BAD_KEY, "key");
    crypto_hash_sha256(row->id, der, len);
    row->created = csigd_clock_now();
    return CSIGD_OK;
}

static csigd_code take_row(const csigd_service *s, csigd_stored stored, const csigd_key_row *row,
                           csigd_problem *why)
{
    if (stored == CSIGD_STORE_CONFLICT)
        return csigd_problem_field(why, CSIGD_STATE_CONFLICT, "key");
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    /* Stored, and from the next start on known. */
    return row_is_kept(s->keys, row) ? CSIGD_OK : csigd_problem_set(why, CSIGD_OVERLOADED);
}

csigd_code csigd_key_add(const csigd_service *service, csigd_key_row *row, const uint8_t *der,
                         size_t len, csigd_problem *why)
{
    csigd_code code = name_row(row, der, len, why);

    if (code != CSIGD_OK) return code;
    csigd_mutex_lock(service->keys->changing);
    code = take_row(service, service->store->key_put(service->store, row), row, why);
    csigd_mutex_unlock(service->keys->changing);
    return code;
}

csigd_code csigd_key_remove(const csigd_service *service, const uint8_t id[CSIGD_KEY_HASH_BYTES],
                            csigd_problem *why)
{
    csigd_stored stored;

    csigd_mutex_lock(service->keys->changing);
    stored = service->store->key_revoke(service->store, id, csigd_clock_now());
    if (stored == CSIGD_STORED) drop(service->keys, id);
    csigd_mutex_unlock(service->keys->changing);
    return stored == CSIGD_STORED ? CSIGD_OK : csigd_problem_set(why, csigd_code_of_store(stored));
}

csigd_code csigd_token_make(const csigd_service *service, uint32_t roles, const char *label,
                            uint32_t seconds, uint8_t token[CSIGD_TOKEN_BYTES], int64_t *expires,
                            csigd_problem *why)
{
    const int64_t now = csigd_clock_now();
    uint8_t hash[CSIGD_HASH_BYTES];
    csigd_stored stored;

    randombytes_buf(token, CSIGD_TOKEN_BYTES);
    crypto_hash_sha256(hash, token, CSIGD_TOKEN_BYTES);
    *expires = now + seconds;
    stored = service->store->token_put(service->store, hash, roles, label, now, *expires);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    return CSIGD_OK;
}

/* --- enrolment --- */

static csigd_code check_wish(const csigd_device *device, const csigd_key_wish *wish,
                             csigd_problem *why)
{
    uint8_t statement[CSIG_IDENTITY_BYTES + CSIGD_KEY_PUBLIC_MAX];

    memcpy(statement, device->identity, CSIG_IDENTITY_BYTES);
    memcpy(statement + CSIG_IDENTITY_BYTES, wish->der, wish->len);
    if (csig_identity_verify(device->identity, "http-key", statement,
                             CSIG_IDENTITY_BYTES + wish->len, wish->signature) == CSIG_OK)
        return CSIGD_OK;
    return csigd_problem_field(why, CSIGD_BAD_SIGNATURE, "key_signature");
}

/* A key that is there already is good for this device, or for another one. */
static csigd_code look_up(const csigd_service *service, csigd_key_row *row, bool *known,
                          csigd_problem *why)
{
    char keyid[CSIGD_KEY_ID_BYTES];
    csigd_key_row old;

    csigd_key_id(keyid, &row->key);
    *known = csigd_keys_has_key(service->keys, keyid, &old);
    if (!*known) return CSIGD_OK;
    if (!old.has_device || memcmp(old.device, row->device, sizeof row->device) != 0)
        return csigd_problem_field(why, CSIGD_STATE_CONFLICT, "key");
    row->roles |= old.roles;
    row->created = old.created;
    row->per_minute = old.per_minute;
    memcpy(row->label, old.label, sizeof row->label);
    return CSIGD_OK;
}

csigd_code csigd_key_enrol(const csigd_service *service, const csigd_device *device,
                           const csigd_key_wish *wish, bool by_operator, csigd_problem *why)
{
    csigd_key_row row = {.has_device = true, .roles = CSIGD_ROLE_BIT(CSIGD_ROLE_DEVICE)};
    uint8_t hash[CSIGD_HASH_BYTES];
    csigd_code code = name_row(&row, wish->der, wish->len, why);
    csigd_stored stored;
    bool known = false;

    memcpy(row.device, device->identity, sizeof row.device);
    memcpy(row.owner, device->name, sizeof row.owner);
    if (code == CSIGD_OK) code = check_wish(device, wish, why);
    if (code == CSIGD_OK) code = look_up(service, &row, &known, why);
    if (code != CSIGD_OK || (known && !wish->has_token)) return code;
    if (!wish->has_token && !by_operator) return csigd_problem_field(why, CSIGD_FORBIDDEN, "token");
    /* With a key that is known a token gives it more, or was sent before and the reply was lost. */
    crypto_hash_sha256(hash, wish->token, sizeof wish->token);
    csigd_mutex_lock(service->keys->changing);
    stored = service->store->enrol(service->store, device, &row, wish->has_token ? hash : NULL,
                                   csigd_clock_now());
    code = stored == CSIGD_STORE_NONE ? csigd_problem_field(why, CSIGD_FORBIDDEN, "token")
                                      : take_row(service, stored, &row, why);
    csigd_mutex_unlock(service->keys->changing);
    return code;
}

/* --- another key in the place of one --- */

static void drop_others(csigd_keys *keys, const csigd_key_row *row, const uint8_t *old)
{
    csigd_mutex_lock(keys->lock);
    for (size_t i = 0; i < BUCKETS; i++) {
        for (entry **at = &keys->buckets[i]; *at != NULL;) {
            entry *e = *at;
            const bool goes = e->row.has_device &&
                              memcmp(e->row.device, row->device, sizeof row->device) == 0 &&
                              memcmp(e->row.id, row->id, sizeof row->id) != 0 &&
                              (old == NULL || memcmp(e->row.id, old, sizeof e->row.id) == 0);

            if (!goes) {
                at = &e->next;
                continue;
            }
            *at = e->next;
            free(e);
        }
    }
    csigd_mutex_unlock(keys->lock);
}

csigd_code csigd_key_change(const csigd_service *service, const uint8_t *device,
                            const csigd_key_wish *wish, const uint8_t *old, csigd_key_row *key,
                            csigd_problem *why)
{
    csigd_device owner = {.name = ""};
    csigd_stored stored;
    csigd_code code;

    *key = (csigd_key_row){.has_device = true};
    memcpy(key->device, device, sizeof key->device);
    memcpy(owner.identity, device, sizeof owner.identity);
    code = name_row(key, wish->der, wish->len, why);
    if (code == CSIGD_OK) code = check_wish(&owner, wish, why);
    if (code != CSIGD_OK) return code;
    csigd_mutex_lock(service->keys->changing);
    stored = service->store->key_replace(service->store, key, old, csigd_clock_now());
    code = take_row(service, stored, key, why);
    if (code == CSIGD_OK) drop_others(service->keys, key, old);
    csigd_mutex_unlock(service->keys->changing);
    return code;
}

/* --- what the store has changed by itself --- */

typedef struct following {
    csigd_keys *keys;
    const uint8_t (*devices)[CSIG_IDENTITY_BYTES];
    size_t n;
} following;

static void follow_one(void *ctx, const csigd_key_row *row)
{
    const following *f = ctx;
    bool is_one = false;

    for (size_t i = 0; i < f->n && row->has_device && row->revoked == 0; i++)
        is_one = is_one || memcmp(f->devices[i], row->device, sizeof row->device) == 0;
    /* Without memory it is known from the next start on. */
    if (is_one) (void)row_is_kept(f->keys, row);
}

void csigd_keys_follow(const csigd_service *service, const uint8_t (*devices)[CSIG_IDENTITY_BYTES],
                       size_t n)
{
    following f = {.keys = service->keys, .devices = devices, .n = n};

    /* No key is revoked between its being read and being kept. */
    csigd_mutex_lock(service->keys->changing);
    (void)service->store->key_list(service->store, follow_one, &f);
    csigd_mutex_unlock(service->keys->changing);
}

/* --- refusals --- */

csigd_code csigd_problem_refusal(csigd_problem *why, const csigd_refusal *refusal)
{
    const char *name = csigd_auth_name(refusal->error);

    for (unsigned code = 1; code < CSIGD_CODE_COUNT; code++) {
        if (strcmp(csigd_code_name((csigd_code)code), name) != 0) continue;
        csigd_problem_field(why, (csigd_code)code, refusal->field);
        return why->code;
    }
    return csigd_problem_set(why, CSIGD_INTERNAL);
}
