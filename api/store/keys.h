/* A key that signs requests, as it is stored. */
#ifndef CSIGD_STORE_KEYS_H
#define CSIGD_STORE_KEYS_H

#include "auth/key.h"
#include "auth/role.h"
#include "store/blob.h"
#include "store/stored.h"

#define CSIGD_KEY_HASH_BYTES  32
#define CSIGD_KEY_WALLETS_MAX 64

typedef struct csigd_key_row {
    uint8_t id[CSIGD_KEY_HASH_BYTES]; /* SHA-256 of its SubjectPublicKeyInfo */
    csigd_key key;
    char owner[65];  /* its name, as of a device */
    bool has_device; /* then it is good for the wallets this device is a party of */
    uint8_t device[32];
    uint32_t roles; /* CSIGD_ROLE_BIT */
    bool all_wallets;
    size_t n_wallets;
    uint8_t wallets[CSIGD_KEY_WALLETS_MAX][16];
    uint32_t per_minute;             /* requests; 0: as the daemon was told */
    char label[CSIGD_LABEL_MAX + 1]; /* "": none. A device's: what its wallets may have */
    int64_t created;
    int64_t revoked; /* 0: not */
} csigd_key_row;

/* The server's own, sealed. */
typedef struct csigd_store csigd_store;
typedef struct csigd_server_key_store {
    /* Oldest first. `each` must not call the store. */
    csigd_stored (*list)(csigd_store *s,
                         void (*each)(void *ctx, uint64_t generation, int64_t since,
                                      const csigd_blob *sealed),
                         void *ctx);
    /* CONFLICT: there is one of this generation. */
    csigd_stored (*put)(csigd_store *s, uint64_t generation, int64_t since,
                        const csigd_blob *sealed);
    /* Destroys all of lower generations. */
    csigd_stored (*drop)(csigd_store *s, uint64_t below);
} csigd_server_key_store;

#endif
