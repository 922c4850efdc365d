/* The pool of presignature halves: in locked memory of this process and nowhere else. Taking one
 * removes it; whatever happens next, it is gone. The store knows ids and states only. */
#ifndef CSIGD_SERVICE_PRESIGS_H
#define CSIGD_SERVICE_PRESIGS_H

#include "countersign/sign.h"
#include "service/service.h"

#define CSIGD_STOCK_MAX         32 /* per wallet */
#define CSIGD_STOCK_AGE_SECONDS (24 * 3600)

/* Who made it: only the same signers can use it. */
typedef struct csigd_presig_key {
    uint8_t wallet[CSIGD_ID_BYTES];
    uint16_t signers[CSIG_PARTIES_MAX];
    size_t n_signers;
} csigd_presig_key;

csigd_presigs *csigd_presigs_new(void);
void csigd_presigs_free(csigd_presigs *pool);
/* Takes *half and sets it to NULL. OVERLOADED: no memory, and then it is gone. */
csigd_code csigd_presigs_put(csigd_presigs *pool, const csigd_presig_key *key, csig_presig **half);
/* Removes one of these ids (none given: any) that fits. NULL: there is none. */
csig_presig *csigd_presigs_take(csigd_presigs *pool, const csigd_presig_key *key,
                                const uint8_t (*ids)[CSIG_PRESIG_ID_BYTES], size_t n_ids);
/* Of one wallet; of all. */
size_t csigd_presigs_count(csigd_presigs *pool, const uint8_t *wallet);
size_t csigd_presigs_total(csigd_presigs *pool);
/* The ids of a wallet, at most max of them; returns how many. */
size_t csigd_presigs_list(csigd_presigs *pool, const uint8_t *wallet,
                          uint8_t (*ids)[CSIG_PRESIG_ID_BYTES], size_t max);
/* Wipes all of a wallet. */
void csigd_presigs_drop(csigd_presigs *pool, const uint8_t *wallet);
/* Removes one that is too old; NULL: none is. */
csig_presig *csigd_presigs_take_old(csigd_presigs *pool);

#endif
