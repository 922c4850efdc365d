/* Campaigns: all wallets of a selection get new shares, each when its device comes by. */
#ifndef CSIGD_SERVICE_CAMPAIGNS_H
#define CSIGD_SERVICE_CAMPAIGNS_H

#include "service/service.h"

#define CSIGD_CAMPAIGN_PER_MINUTE_MAX 6000
#define CSIGD_CAMPAIGN_AT_ONCE_MAX    256

/* From the operator's wish (selection, pace, deadline, on_miss); the rest is filled in. wallets: of
 * a list. BAD_REQUEST with the field, STATE_CONFLICT: no wallet is selected. */
csigd_code csigd_campaign_begin(const csigd_service *service, csigd_campaign *campaign,
                                const uint8_t (*wallets)[CSIGD_ID_BYTES], size_t n,
                                const csigd_idempotency *known, bool *again, csigd_problem *why);
/* Pause, resume, cancel, for good; `campaign` is how it is then. NOT_FOUND, STATE_CONFLICT. */
csigd_code csigd_campaign_move(const csigd_service *service, const uint8_t *id,
                               csigd_campaign_state state, csigd_campaign *campaign,
                               csigd_problem *why);
/* May this wallet sign and presign? REFRESH_REQUIRED: it missed the deadline of a campaign that
 * locks. */
csigd_code csigd_campaign_admit(const csigd_service *service, const uint8_t *wallet,
                                csigd_problem *why);
/* Is a refresh of this wallet wanted now, and by which campaign? */
bool csigd_campaign_has_wanted(const csigd_service *service, const uint8_t *wallet,
                               uint8_t id[CSIGD_ID_BYTES]);

#endif
