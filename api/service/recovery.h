/* Recovery keys: who has one, and what every dealer has encrypted for them in an epoch. */
#ifndef CSIGD_SERVICE_RECOVERY_H
#define CSIGD_SERVICE_RECOVERY_H

#include "service/live.h"

/* A wallet's recovery keys, as the library wants them. */
typedef struct csigd_recovery_lists {
    uint16_t indices[CSIG_PARTIES_MAX];
    uint8_t keys[CSIG_PARTIES_MAX][CSIG_RECOVERY_KEY_BYTES];
    uint16_t count;
} csigd_recovery_lists;

void csigd_recovery_list(const csigd_wallet *w, csigd_recovery_lists *lists);
/* Borrows the lists. */
csig_recovery_keys csigd_recovery_keys(const csigd_recovery_lists *lists);
bool csigd_wallet_has_recovery(const csigd_wallet *w, uint16_t index);
/* What a live session has to hand out at its end: the indices online, by live->device_index, and
 * those with a key. */
void csigd_recovery_expect(csigd_live *live, const csigd_wallet *w);
/* Public state and escrows of the epoch that this share of the session is of; nothing when the
 * wallet has no recovery keys. CSIG_E_MEMORY, errors of the session. */
csig_err csigd_recovery_gather(const csigd_live *live, const csig_share *share,
                               csigd_recoverable *out);
void csigd_recoverable_free(csigd_recoverable *r);

#endif
