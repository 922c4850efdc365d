/* What there is, counted. */
#ifndef CSIGD_STORE_NUMBERS_H
#define CSIGD_STORE_NUMBERS_H

#include "store/campaigns.h"

typedef struct csigd_numbers {
    uint64_t wallets, wallets_without_backup; /* active; of the current epoch */
    uint64_t devices, devices_locked;
    uint64_t campaigns[CSIGD_CAMPAIGN_CANCELLED + 1];    /* by csigd_campaign_state */
    uint64_t campaign_wallets[CSIGD_STANDING_COUNT + 1]; /* of running campaigns; see there */
    uint64_t webhooks[3];                                /* by csigd_webhook_state */
    uint64_t webhooks_retrying;                          /* whose last delivery has failed */
    uint64_t events;                                     /* number of the newest */
    uint64_t audit_entries;
    uint64_t octets; /* of the store's files */
} csigd_numbers;

/* Wallets that are waiting although the deadline is over. */
#define CSIGD_NUMBERS_LATE CSIGD_STANDING_COUNT

typedef struct csigd_probe {
    uint64_t free_octets; /* where the store is */
    int64_t horizon;      /* no signature that expires at or before it is taken; 0: there is none */
} csigd_probe;

#endif
