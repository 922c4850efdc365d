/* Campaigns, as they are stored: wallets that are to be refreshed, and how far each is. */
#ifndef CSIGD_STORE_CAMPAIGNS_H
#define CSIGD_STORE_CAMPAIGNS_H

#include "store/stored.h"

typedef struct csigd_store csigd_store;

/* What is listed by id in one campaign; wallets in one page of it. */
#define CSIGD_CAMPAIGN_LIST_MAX 1024
#define CSIGD_CAMPAIGN_PAGE     500

/* The numbers are in stores: never renumber them. */
typedef enum csigd_campaign_state {
    CSIGD_CAMPAIGN_RUNNING = 1,
    CSIGD_CAMPAIGN_PAUSED = 2,
    CSIGD_CAMPAIGN_CANCELLED = 3
} csigd_campaign_state;

typedef enum csigd_campaign_select {
    CSIGD_CAMPAIGN_ALL = 1,
    CSIGD_CAMPAIGN_LIST = 2,
    CSIGD_CAMPAIGN_BEFORE = 3 /* whose epoch began before a time */
} csigd_campaign_select;

/* What becomes of wallets that are not done at the deadline. */
typedef enum csigd_on_miss {
    CSIGD_MISS_WARN = 1,
    CSIGD_MISS_LOCK = 2 /* they do not sign before they are refreshed */
} csigd_on_miss;

typedef enum csigd_standing {
    CSIGD_STANDING_WAITING = 1, /* for its device; late, once the deadline is over */
    CSIGD_STANDING_RUNNING = 2,
    CSIGD_STANDING_DONE = 3,
    CSIGD_STANDING_FAILED = 4 /* it cannot refresh now: see the reason */
} csigd_standing;
#define CSIGD_STANDING_COUNT 5

typedef enum csigd_miss_reason {
    CSIGD_REASON_NONE = 0,
    CSIGD_REASON_LOCKED = 1, /* a device that it needs is locked */
    CSIGD_REASON_ABSENT = 2, /* a device that it needs is not enrolled */
    CSIGD_REASON_CUT_OFF = 3 /* waiting again: the last refresh came to nothing */
} csigd_miss_reason;

typedef struct csigd_campaign {
    uint8_t id[16];
    csigd_campaign_state state;
    csigd_campaign_select selected;
    int64_t before; /* with CSIGD_CAMPAIGN_BEFORE; else 0 */
    uint32_t per_minute, at_once;
    int64_t deadline;
    csigd_on_miss on_miss;
    int64_t created, changed;
    uint64_t eligible;
    uint64_t count[CSIGD_STANDING_COUNT]; /* by csigd_standing; together: eligible */
} csigd_campaign;

typedef struct csigd_campaign_wallet {
    uint8_t wallet[16];
    csigd_standing state;
    int64_t since;
    uint64_t epoch_before, epoch_after; /* after: when done */
    csigd_miss_reason reason;
} csigd_campaign_wallet;

/* A part of csigd_store. What a campaign knows of a wallet changes with the wallet, in the same
 * transaction: a refresh or resharing opens, ends, commits, whoever asked for it; a device is
 * locked, unlocked, enrolled. A cancelled campaign knows nothing new. */
typedef struct csigd_campaign_store {
    /* Begins; `wallets` of a list. Fills in eligible and count. NONE: one of the list is no active
     * wallet, or is there twice; CONFLICT: no wallet is selected. */
    csigd_stored (*put)(csigd_store *s, csigd_campaign *campaign, const uint8_t (*wallets)[16],
                        size_t n);
    csigd_stored (*get)(csigd_store *s, const uint8_t *id, csigd_campaign *campaign);
    /* All, oldest first, without counts. `each` must not call the store. */
    csigd_stored (*list)(csigd_store *s, void (*each)(void *ctx, const csigd_campaign *campaign),
                         void *ctx);
    /* CONFLICT: cancelled, and stays so. */
    csigd_stored (*move)(csigd_store *s, const uint8_t *id, csigd_campaign_state state,
                         int64_t when);
    /* Wallets of page n, from 1 on, in an order that stays. NONE: no such campaign. `each` must not
     * call the store. */
    csigd_stored (*page)(csigd_store *s, const uint8_t *id, uint32_t n,
                         void (*each)(void *ctx, const csigd_campaign_wallet *wallet), void *ctx);
    /* The oldest campaign that wants this wallet refreshed now, within its pace. NONE. */
    csigd_stored (*wanted)(csigd_store *s, const uint8_t *wallet, int64_t now, uint8_t id[16]);
    /* A campaign that locks this wallet because its deadline is over. NONE. */
    csigd_stored (*missed)(csigd_store *s, const uint8_t *wallet, int64_t now, uint8_t id[16]);
} csigd_campaign_store;

#endif
