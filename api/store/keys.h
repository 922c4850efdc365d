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

typedef struct csigd_store csigd_store;

/* --- a device gives its place to another one --- */

#define CSIGD_MOVE_WALLETS_MAX 64
/* Devices that came by moves of one device and have no wallet yet. */
#define CSIGD_SUCCESSORS_MAX 8

typedef struct csigd_move {
    uint8_t device[32]; /* that goes */
    bool has_key;
    uint8_t key[CSIGD_KEY_HASH_BYTES]; /* that asks; without: the operator */
    uint8_t token[32];                 /* SHA-256 of what the other one enrols with */
    size_t n_wallets;
    uint8_t wallets[CSIGD_MOVE_WALLETS_MAX][16];
    int64_t expires;
    bool has_successor;
    uint8_t successor[32];
} csigd_move;

typedef struct csigd_move_store {
    /* In the place of the one that the device had; the same token again changes nothing, and *move
     * is as it is. NONE: the key, or without one every key of the device, is revoked. LOCKED: the
     * device is. SPENT: so many successors have no wallet yet. CONFLICT: the token is known. */
    csigd_stored (*put)(csigd_store *s, csigd_move *move, int64_t now);
    /* Its token is dead. NONE: there is no move. */
    csigd_stored (*drop)(csigd_store *s, const uint8_t *device, int64_t now);
    /* A resharing is about to put the successor in the device's place. With an open move: CONFLICT:
     * that is to somebody else, or not of this wallet; else its token is dead from now on. */
    csigd_stored (*begin)(csigd_store *s, const uint8_t *device, const uint8_t *wallet,
                          const uint8_t *successor, int64_t now);
} csigd_move_store;

/* --- the server's own, sealed --- */

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
