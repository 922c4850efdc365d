#include "service/server_keys.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define NAME_MAX_BYTES 12

typedef struct own_key {
    uint64_t generation;
    int64_t since;
    csigd_key_secret *secret; /* locked */
    csigd_signer signer;
} own_key;

struct csigd_server_keys {
    csigd_mutex *lock;
    size_t n;
    bool is_over; /* the next one has signed: whatever the clock says, there is no way back */
    own_key key[CSIGD_SERVER_KEYS_MAX];
    csigd_service *service; /* while loading */
    bool is_bad;
};

/* --- sealed --- */

/* What the seal binds. */
static size_t write_name(uint8_t name[NAME_MAX_BYTES], uint64_t generation)
{
    memcpy(name, "http", 4);
    if (generation == 1) return 4;
    for (size_t i = 0; i < 8; i++)
        name[4 + i] = (uint8_t)(generation >> (56 - 8 * i));
    return NAME_MAX_BYTES;
}

static void clear(own_key *k)
{
    csigd_locked_free(k->secret);
    *k = (own_key){.secret = NULL};
}

static bool key_is_opened(own_key *k, const csigd_service *s, const csigd_blob *sealed)
{
    csigd_blob plain = {NULL, 0};
    uint8_t name[NAME_MAX_BYTES];
    const size_t len = write_name(name, k->generation);
    const bool good =
        csigd_vault_unseal(s->vault, CSIGD_SEAL_HTTP, name, len, sealed, &plain) == CSIG_OK &&
        plain.len == crypto_sign_SEEDBYTES;

    k->secret = csigd_locked_alloc(sizeof *k->secret);
    if (good && k->secret != NULL) {
        k->secret->algorithm = CSIGD_KEY_ED25519;
        memcpy(k->secret->octets, plain.p, plain.len);
    }
    if (plain.p != NULL) sodium_memzero(plain.p, plain.len);
    csigd_blob_free(&plain);
    return good && k->secret != NULL && csigd_signer_of(&k->signer, k->secret) == CSIGD_AUTH_OK;
}

/* A fresh one, durable. */
static csigd_code make(own_key *k, const csigd_service *s, csigd_problem *why)
{
    csigd_blob sealed = {NULL, 0};
    uint8_t name[NAME_MAX_BYTES];
    const size_t len = write_name(name, k->generation);
    csigd_code code = CSIGD_INTERNAL;

    k->secret = csigd_locked_alloc(sizeof *k->secret);
    if (k->secret == NULL) return csigd_problem_set(why, CSIGD_OVERLOADED);
    if (csigd_key_make(k->secret, CSIGD_KEY_ED25519) == CSIGD_AUTH_OK &&
        csigd_signer_of(&k->signer, k->secret) == CSIGD_AUTH_OK &&
        csigd_vault_seal(s->vault, CSIGD_SEAL_HTTP, name, len, k->secret->octets,
                         crypto_sign_SEEDBYTES, &sealed) == CSIG_OK)
        code = csigd_code_of_store(
            s->store->server_keys.put(s->store, k->generation, k->since, &sealed));
    csigd_blob_free(&sealed);
    return csigd_problem_set(why, code);
}

/* --- life --- */

static void load_one(void *ctx, uint64_t generation, int64_t since, const csigd_blob *sealed)
{
    csigd_server_keys *keys = ctx;
    own_key *k = &keys->key[keys->n];

    if (keys->n == CSIGD_SERVER_KEYS_MAX) {
        keys->is_bad = true;
        return;
    }
    *k = (own_key){.generation = generation, .since = since};
    keys->n++;
    if (!key_is_opened(k, keys->service, sealed)) keys->is_bad = true;
}

bool csigd_server_keys_is_started(csigd_service *service, char *why, size_t why_len)
{
    csigd_server_keys *keys = service->server_keys = calloc(1, sizeof *keys);
    csigd_problem problem;

    snprintf(why, why_len, "the server's keys for HTTP cannot be read or made");
    if (keys == NULL) return false;
    keys->lock = csigd_mutex_new();
    keys->service = service;
    if (keys->lock == NULL ||
        service->store->server_keys.list(service->store, load_one, keys) != CSIGD_STORED ||
        keys->is_bad)
        return false;
    if (keys->n > 0) return true;
    keys->key[0] = (own_key){.generation = 1};
    keys->n = 1;
    return make(&keys->key[0], service, &problem) == CSIGD_OK;
}

void csigd_server_keys_free(csigd_server_keys *keys)
{
    if (keys == NULL) return;
    for (size_t i = 0; i < keys->n; i++)
        clear(&keys->key[i]);
    csigd_mutex_free(keys->lock);
    free(keys);
}

/* --- use --- */

/* Under the lock. */
static size_t signing_one(csigd_server_keys *keys)
{
    if (keys->n == 2 && csigd_clock_now() >= keys->key[1].since) keys->is_over = true;
    return keys->n == 2 && keys->is_over ? 1 : 0;
}

csigd_auth csigd_server_keys_sign(csigd_server_keys *keys, csigd_signature_fields *out,
                                  const csigd_message *response, csigd_refusal *why)
{
    csigd_auth error;

    csigd_mutex_lock(keys->lock);
    error = csigd_response_sign(out, response, &keys->key[signing_one(keys)].signer,
                                csigd_clock_now(), why);
    csigd_mutex_unlock(keys->lock);
    return error;
}

csigd_auth csigd_server_keys_push(csigd_server_keys *keys, csigd_signature_fields *out,
                                  const csigd_message *m, const char *tag, const char *nonce,
                                  csigd_refusal *why)
{
    csigd_auth error;

    csigd_mutex_lock(keys->lock);
    error = csigd_push_sign(out, m, tag, &keys->key[signing_one(keys)].signer, nonce,
                            csigd_clock_now(), why);
    csigd_mutex_unlock(keys->lock);
    return error;
}

static csig_err certify(const csigd_service *s, csigd_server_key *key)
{
    uint8_t said[CSIG_IDENTITY_BYTES + 8 + CSIGD_KEY_PUBLIC_MAX];
    size_t at = CSIG_IDENTITY_BYTES;

    memcpy(said, s->identity_pub, CSIG_IDENTITY_BYTES);
    for (size_t i = 0; i < 8 && key->generation > 1; i++)
        said[at++] = (uint8_t)(key->generation >> (56 - 8 * i));
    memcpy(said + at, key->der, key->len);
    return csig_identity_sign(s->identity, key->generation > 1 ? "server-http-key" : "http-key",
                              said, at + key->len, key->signature);
}

csig_err csigd_server_keys_show(const csigd_service *service,
                                csigd_server_key key[CSIGD_SERVER_KEYS_MAX], size_t *n)
{
    csigd_server_keys *keys = service->server_keys;
    csig_err err = CSIG_OK;
    size_t first;

    csigd_mutex_lock(keys->lock);
    first = signing_one(keys);
    *n = keys->n - first;
    for (size_t i = 0; i < *n; i++) {
        const own_key *k = &keys->key[first + i];

        key[i] = (csigd_server_key){.generation = k->generation, .since = k->since};
        key[i].len = csigd_key_write(key[i].der, &k->signer.key);
    }
    csigd_mutex_unlock(keys->lock);
    for (size_t i = 0; i < *n && err == CSIG_OK; i++)
        err = certify(service, &key[i]);
    return err;
}

/* --- rotation --- */

static csigd_code add_next(csigd_server_keys *keys, const csigd_service *s, uint32_t seconds,
                           csigd_problem *why)
{
    own_key *k = &keys->key[1];
    csigd_code code;

    if (keys->n == 2) return csigd_problem_set(why, CSIGD_STATE_CONFLICT);
    *k = (own_key){.generation = keys->key[0].generation + 1,
                   .since = csigd_clock_now() + (int64_t)seconds};
    code = make(k, s, why);
    if (code != CSIGD_OK) {
        clear(k);
        return code;
    }
    keys->is_over = false;
    keys->n = 2;
    return CSIGD_OK;
}

/* Under the lock: the one that does not sign any more goes from the store, then from memory. */
static void drop_old(csigd_server_keys *keys, const csigd_service *s)
{
    if (signing_one(keys) == 0) return;
    if (s->store->server_keys.drop(s->store, keys->key[1].generation) != CSIGD_STORED) return;
    clear(&keys->key[0]);
    keys->key[0] = keys->key[1];
    keys->key[1] = (own_key){.secret = NULL};
    keys->n = 1;
}

csigd_code csigd_server_keys_rotate(const csigd_service *service, uint32_t seconds,
                                    csigd_problem *why)
{
    csigd_server_keys *keys = service->server_keys;
    csigd_code code;

    csigd_mutex_lock(keys->lock);
    drop_old(keys, service);
    code = add_next(keys, service, seconds, why);
    csigd_mutex_unlock(keys->lock);
    return code;
}

void csigd_server_keys_tidy(const csigd_service *service)
{
    csigd_server_keys *keys = service->server_keys;

    csigd_mutex_lock(keys->lock);
    drop_old(keys, service);
    csigd_mutex_unlock(keys->lock);
}
