/* A store with a few wallets, and campaigns over them: small numbers become ids. */
#ifndef TESTS_API_FLEET_H
#define TESTS_API_FLEET_H

#include "api/records.h"

#define FLEET_DEADLINE 100000

extern csigd_store *fleet;

/* Wallets 1 to 4, of devices 1 and 2 and the server, two of three; born at 2001, 2003, 2004, 2005.
 */
int fleet_setup(void **state);
int fleet_teardown(void **state);

/* Begun at 4000 + n, with much room, and locking. */
csigd_campaign fleet_campaign(uint8_t n, csigd_campaign_select selected);
/* It begins, with all wallets. */
void fleet_begin(uint8_t n);
/* These counts, which add up to eligible. */
void fleet_expect(uint8_t n, uint64_t waiting, uint64_t running, uint64_t done, uint64_t failed);

typedef struct fleet_rows {
    size_t n;
    csigd_campaign_wallet row[2000];
} fleet_rows;

/* For csigd_campaign_store.page, into fleet_rows. */
void fleet_keep(void *ctx, const csigd_campaign_wallet *w);
csigd_campaign_wallet fleet_row_of(uint8_t n, uint8_t wallet);

/* A refresh of any wallet opens; campaign 0: by hand. */
csigd_stored fleet_refresh_at(uint8_t session, uint8_t wallet, uint8_t campaign, uint64_t attempt,
                              int64_t when);
csigd_stored fleet_wanted_of(uint8_t wallet, int64_t now, uint8_t campaign);
csigd_stored fleet_missed_of(uint8_t wallet, int64_t now);
/* In a session of another kind. */
void fleet_lock_device(uint8_t session, uint8_t device);

#endif
