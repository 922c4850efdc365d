/* The keys that sign HTTP messages: those of devices, backends and people, which may do what their
 * roles say; and tokens, with which a device brings its own. In memory as far as they
 * are not revoked, so that looking one up waits for no disk. */
#ifndef CSIGD_SERVICE_KEYS_H
#define CSIGD_SERVICE_KEYS_H

#include "auth/role.h"
#include "service/device.h"

#define CSIGD_TOKEN_BYTES       32
#define CSIGD_TOKEN_SECONDS     3600 /* when nothing is said */
#define CSIGD_TOKEN_SECONDS_MAX 604800
/* What a token may give besides `device`. */
#define CSIGD_TOKEN_ROLES                                                                          \
    (CSIGD_ROLE_BIT(CSIGD_ROLE_CREATE) | CSIGD_ROLE_BIT(CSIGD_ROLE_SIGN) |                         \
     CSIGD_ROLE_BIT(CSIGD_ROLE_APPROVE))

/* Who asks. */
typedef struct csigd_caller csigd_caller;
struct csigd_caller {
    bool is_stranger; /* who shows a key that is not enrolled, and may do nothing but that */
    csigd_key_row key;
};

/* Loads the keys. false with a sentence in why. */
bool csigd_keys_is_started(csigd_service *service, char *why, size_t why_len);
void csigd_keys_free(csigd_keys *keys);

/* The live key of this id (64 lower-case hex digits); row: a copy. */
bool csigd_keys_has_key(csigd_keys *keys, const char *keyid, csigd_key_row *row);

/* row->id, key, created are filled in from the SubjectPublicKeyInfo. BAD_KEY, STATE_CONFLICT: it is
 * or was there. */
csigd_code csigd_key_add(const csigd_service *service, csigd_key_row *row, const uint8_t *der,
                         size_t len, csigd_problem *why);
/* From now on, also for requests that wait for a worker. NOT_FOUND. */
csigd_code csigd_key_remove(const csigd_service *service, const uint8_t id[CSIGD_KEY_HASH_BYTES],
                            csigd_problem *why);
/* label: "" none. */
csigd_code csigd_token_make(const csigd_service *service, uint32_t roles, const char *label,
                            uint32_t seconds, uint8_t token[CSIGD_TOKEN_BYTES], int64_t *expires,
                            csigd_problem *why);

/* A device's key, with the identity's signature on it (use "http-key", over identity and
 * SubjectPublicKeyInfo), and the token that allows it. */
typedef struct csigd_key_wish {
    uint8_t der[CSIGD_KEY_PUBLIC_MAX];
    size_t len;
    uint8_t signature[64];
    bool has_token;
    uint8_t token[CSIGD_TOKEN_BYTES];
} csigd_key_wish;

/* The device, if it is not there, and its key. A token that is given is spent; without one the key
 * must be there for this device, or by_operator. BAD_KEY, BAD_SIGNATURE, FORBIDDEN with field
 * `token`, STATE_CONFLICT: the key is or was somebody else's. */
csigd_code csigd_key_enrol(const csigd_service *service, const csigd_device *device,
                           const csigd_key_wish *wish, bool by_operator, csigd_problem *why);
/* The key of the wish takes the place of the one with this id, or, NULL, of all of the device;
 * roles and limit stay. *key: as it is now. BAD_KEY, BAD_SIGNATURE, NOT_FOUND, STATE_CONFLICT. */
csigd_code csigd_key_change(const csigd_service *service, const uint8_t *device,
                            const csigd_key_wish *wish, const uint8_t *old, csigd_key_row *key,
                            csigd_problem *why);

/* The keys of these devices are as the store has them by now: roles may have come to them. */
void csigd_keys_follow(const csigd_service *service, const uint8_t (*devices)[CSIG_IDENTITY_BYTES],
                       size_t n);

/* The problem that a refusal is. */
csigd_code csigd_problem_refusal(csigd_problem *why, const csigd_refusal *refusal);

#endif
