/* The hook: somebody else's program that decides about requests where a rule of a policy says so.
 * It is asked over HTTPS by one thread of its own, and believed only what is signed with the key
 * that the operator has pinned. What waits for it is in the store. */
#ifndef CSIGD_SERVICE_HOOK_H
#define CSIGD_SERVICE_HOOK_H

#include "auth/key.h"
#include "service/hook_reply.h"
#include "service/service.h"

#define CSIGD_HOOK_SECONDS      900 /* to be decided in, when nothing is said */
#define CSIGD_HOOK_SECONDS_MAX  604800
#define CSIGD_HOOK_ATTEMPTS_MAX 20
#define CSIGD_HOOK_PAUSE_MAX    60 /* between two attempts that are not answered */
#define CSIGD_HOOK_ANSWER       30 /* seconds for one answer */

typedef struct csigd_hook_plan {
    const char *url;
    const char *key_file; /* its public key, PEM or DER */
    const char *ca;       /* NULL: the system's */
    bool odd_allowed;     /* addresses that are csigd_address_is_odd, too */
    uint32_t seconds;     /* a request waits so long for a rule to be settled */
} csigd_hook_plan;

/* Begins to ask. The plan's strings are borrowed. false with a sentence in why. */
bool csigd_hook_is_started(csigd_service *service, const csigd_hook_plan *plan, char *why,
                           size_t why_len);
/* What is under way is broken off, and asked again another time. */
void csigd_hook_stop(csigd_hook *hook);
/* There may be something to ask. NULL is fine. */
void csigd_hook_wake(csigd_hook *hook);

/* SHA-256 of the pinned key: decisions of another one count no more. */
const uint8_t *csigd_hook_key(const csigd_hook *hook);
uint32_t csigd_hook_seconds(const csigd_hook *hook);

/* Seconds until the next attempt, after so many that were not answered. */
uint32_t csigd_hook_pause(uint32_t attempts);

#endif
