/* Policies, approvals and what was spent, as they are stored. The numbers are in stores: never
 * renumber them. */
#ifndef CSIGD_STORE_POLICY_H
#define CSIGD_STORE_POLICY_H

#include "countersign/policy.h"
#include "store/request.h"

#define CSIGD_SUBJECT_BYTES 80 /* "label/" and a label */

/* A policy in force. */
typedef struct csigd_policy_row {
    char subject[CSIGD_SUBJECT_BYTES];
    uint32_t version;
    int64_t created;
    csigd_blob text;
} csigd_policy_row;

typedef enum csigd_change_state {
    CSIGD_CHANGE_PENDING = 1,
    CSIGD_CHANGE_DONE = 2,
    CSIGD_CHANGE_REJECTED = 3
} csigd_change_state;

typedef struct csigd_change {
    uint8_t id[32];
    char subject[CSIGD_SUBJECT_BYTES];
    char over[CSIGD_SUBJECT_BYTES]; /* the subject of the policy whose approvers are asked */
    uint32_t over_version;
    csigd_change_state state;
    int64_t created, expires;
    bool has_creator;
    uint8_t creator[32];
    csigd_blob text;
} csigd_change;

/* What somebody has said about a request or a change. */
typedef struct csigd_approval {
    uint8_t key[32];
    bool approves;
    uint8_t signature[64];
    int64_t said;
} csigd_approval;

typedef struct csigd_spending {
    char asset[CSIG_ASSET_BYTES];
    uint8_t amount[CSIG_AMOUNT_BYTES];
} csigd_spending;

typedef struct csigd_spendings {
    size_t n;
    csigd_spending of[CSIG_TRANSFERS_MAX];
} csigd_spendings;

typedef struct csigd_verdict {
    char rule[CSIG_RULE_BYTES];
    char because[CSIG_BECAUSE_BYTES];
    int64_t until; /* when it is rejected; 0: it does not wait */
    /* The hook is to be asked, for this version of a policy; not read back. */
    bool asks_hook;
    char policy[CSIGD_SUBJECT_BYTES];
    uint32_t version;
} csigd_verdict;

/* Asked inside of the write that settles a request, so that no other write comes between what it
 * reads and what follows; it may read the store. The request's new state: approved, pending or
 * rejected. DENIED, or what failed: nothing is written. */
struct csigd_judge {
    void *ctx;
    csigd_stored (*judge)(void *ctx, csigd_request_state *state, csigd_verdict *verdict);
    const uint8_t *wallet;     /* the request's, borrowed */
    csigd_spendings spendings; /* reserved when it is approved */
};

/* The same of a change: whether it is done, goes on waiting or is rejected. */
typedef struct csigd_change_judge {
    void *ctx;
    csigd_stored (*judge)(void *ctx, csigd_change_state *state);
} csigd_change_judge;

typedef struct csigd_policy_store {
    /* The one in force for a wallet: its own, or that of its label or the nearest above it, or that
     * of all. NONE. */
    csigd_stored (*of_wallet)(csigd_store *s, const uint8_t *wallet, csigd_policy_row *row);
    /* The same for a subject, which may have none itself yet. */
    csigd_stored (*of_subject)(csigd_store *s, const char *subject, csigd_policy_row *row);
    /* Are there any? */
    csigd_stored (*count)(csigd_store *s, uint64_t *n);
    /* Those in force, by subject, without their text. `each` must not call the store. */
    csigd_stored (*list)(csigd_store *s, void (*each)(void *ctx, const csigd_policy_row *row),
                         void *ctx);
    /* In force from now on. over NULL: nothing is in force for the subject; else this version of
     * this policy is. CONFLICT: not so. */
    csigd_stored (*put)(csigd_store *s, const char *subject, const char *text, int64_t now,
                        const char *over, uint32_t over_version);

    csigd_stored (*change_put)(csigd_store *s, const csigd_change *change);
    csigd_stored (*change_get)(csigd_store *s, const uint8_t *id, csigd_change *change);
    /* Something is said about a change; then the judge is asked. CONFLICT: it has ended, this key
     * has said something else, or another policy has come into force: then it is rejected. */
    csigd_stored (*change_say)(csigd_store *s, const uint8_t *id, const csigd_approval *approval,
                               const csigd_change_judge *judge);
    /* Changes whose time is up are rejected. */
    csigd_stored (*changes_expire)(csigd_store *s, int64_t now);

    /* Something is said about a request; then the judge is asked. CONFLICT: it is not pending, or
     * this key has said something else. The same again is fine. */
    csigd_stored (*say)(csigd_store *s, const uint8_t *request, const csigd_approval *approval,
                        const csigd_judge *judge);
    /* What was said, in order. */
    csigd_stored (*said)(csigd_store *s, const uint8_t *about,
                         void (*each)(void *ctx, const csigd_approval *approval), void *ctx);
    csigd_stored (*verdict)(csigd_store *s, const uint8_t *request, csigd_verdict *verdict);
    /* A request whose time to be approved is up is rejected. NONE: there is none. */
    csigd_stored (*reject_late)(csigd_store *s, int64_t now);

    /* What other requests of the wallet spend: reserved, or left after this moment. */
    csigd_stored (*sum)(csigd_store *s, const uint8_t *wallet, const uint8_t *but,
                        const char *asset, int64_t after, uint8_t sum[CSIG_AMOUNT_BYTES]);
    csigd_stored (*spent)(csigd_store *s, const uint8_t *wallet, const uint8_t *but, int64_t after,
                          uint64_t *count);
} csigd_policy_store;

/* "wallet/" and its id; and back: false: it is no wallet's. */
void csigd_subject_of_wallet(char subject[CSIGD_SUBJECT_BYTES], const uint8_t *wallet);
bool csigd_subject_has_wallet(const char *subject, uint8_t wallet[CSIGD_ID_BYTES]);

void csigd_policy_row_clear(csigd_policy_row *row);
void csigd_change_clear(csigd_change *change);

#endif
