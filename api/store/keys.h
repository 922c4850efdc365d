/* A key that signs requests, as it is stored. */
#ifndef CSIGD_STORE_KEYS_H
#define CSIGD_STORE_KEYS_H

#include "auth/key.h"

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
    uint32_t per_minute; /* requests; 0: as the daemon was told */
    int64_t created;
    int64_t revoked; /* 0: not */
} csigd_key_row;

#endif
