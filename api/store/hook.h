/* What the hook is asked about requests and has said, as it is stored. The numbers are in stores:
 * never renumber them. */
#ifndef CSIGD_STORE_HOOK_H
#define CSIGD_STORE_HOOK_H

#include "auth/trace.h"
#include "store/policy.h"

#define CSIGD_HOOK_NONCE_BYTES 16
#define CSIGD_HOOK_LISTED      64

typedef enum csigd_hook_verb {
    CSIGD_HOOK_APPROVE = 1,
    CSIGD_HOOK_REJECT = 2,
    CSIGD_HOOK_IGNORE = 3, /* it has no opinion: the rule is passed over */
    CSIGD_HOOK_RETRY = 4   /* later; never stored */
} csigd_hook_verb;

/* A rule that is to be settled for a request, of this version of a policy. */
typedef struct csigd_hook_ask {
    uint8_t request[CSIG_REQUEST_ID_BYTES];
    char rule[CSIG_RULE_BYTES];
    char policy[CSIGD_SUBJECT_BYTES];
    uint32_t version;
    uint32_t attempts;
    int64_t due;
    char trace[CSIGD_TRACE_PARENT_BYTES]; /* "": it is of none */
} csigd_hook_ask;

typedef struct csigd_hook_word {
    csigd_hook_verb verb;
    char because[CSIG_BECAUSE_BYTES];
    uint8_t key[32];
    uint8_t nonce[CSIGD_HOOK_NONCE_BYTES];
    uint8_t signature[64];
    int64_t decided;
} csigd_hook_word;

typedef struct csigd_hook_store {
    /* Those that wait, whose next attempt is first. `each` must not call the store. */
    csigd_stored (*asks)(csigd_store *s, void (*each)(void *ctx, const csigd_hook_ask *ask),
                         void *ctx);
    /* One more attempt has come to nothing; the next is due then. */
    csigd_stored (*tried)(csigd_store *s, const uint8_t *request, int64_t due);
    /* The hook has decided; then the judge is asked. CONFLICT: it is not waited for any more. */
    csigd_stored (*say)(csigd_store *s, const csigd_hook_ask *ask, const csigd_hook_word *word,
                        const csigd_judge *judge);
    /* What the holder of this key has decided. NONE. */
    csigd_stored (*said)(csigd_store *s, const csigd_hook_ask *ask, const uint8_t *key,
                         csigd_hook_word *word);
    /* Nobody asks any more: the request is rejected. NONE: it does not wait. */
    csigd_stored (*give_up)(csigd_store *s, const csigd_hook_ask *ask, const char *because);
} csigd_hook_store;

#endif
