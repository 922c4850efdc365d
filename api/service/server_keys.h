/* The keys that the server signs its answers with. One signs; while it is being replaced the next
 * one is told to everybody who asks, under the identity's signature, until it takes over and the
 * one before is destroyed. Generations only rise: who has followed never goes back. */
#ifndef CSIGD_SERVICE_SERVER_KEYS_H
#define CSIGD_SERVICE_SERVER_KEYS_H

#include "auth/profile.h"
#include "service/service.h"

#define CSIGD_SERVER_KEYS_MAX 2
/* From the rotation until the next key signs. */
#define CSIGD_OVERLAP_SECONDS     86400
#define CSIGD_OVERLAP_SECONDS_MAX 2592000

/* Loads them; at first start makes one. false with a sentence in why. */
bool csigd_server_keys_is_started(csigd_service *service, char *why, size_t why_len);
void csigd_server_keys_free(csigd_server_keys *keys);

/* With the key that signs now. */
csigd_auth csigd_server_keys_sign(csigd_server_keys *keys, csigd_signature_fields *out,
                                  const csigd_message *response, csigd_refusal *why);

/* What the server sends of its own accord, with one of profile.h's tags for it. */
csigd_auth csigd_server_keys_push(csigd_server_keys *keys, csigd_signature_fields *out,
                                  const csigd_message *m, const char *tag, const char *nonce,
                                  csigd_refusal *why);

/* A key and its identity's signature: use "http-key", over identity and SubjectPublicKeyInfo, for
 * the first generation; use "server-http-key", over identity, generation (8 octets, the highest
 * first) and SubjectPublicKeyInfo, for all others. */
typedef struct csigd_server_key {
    uint64_t generation;
    int64_t since;
    uint8_t der[CSIGD_KEY_PUBLIC_MAX];
    size_t len;
    uint8_t signature[64];
} csigd_server_key;

/* The one that signs now, then the next if there is one; how many. */
csig_err csigd_server_keys_show(const csigd_service *service,
                                csigd_server_key key[CSIGD_SERVER_KEYS_MAX], size_t *n);
/* Makes the next one, which signs in so many seconds. STATE_CONFLICT: there is one already. */
csigd_code csigd_server_keys_rotate(const csigd_service *service, uint32_t seconds,
                                    csigd_problem *why);
/* From time to time: destroys the one that does not sign any more. */
void csigd_server_keys_tidy(const csigd_service *service);

#endif
