/* Recovery keys of a wallet, and what there is for who recovers a share. */
#ifndef CSIGD_STORE_RECOVERY_H
#define CSIGD_STORE_RECOVERY_H

#include "countersign/recovery.h"
#include "store/blob.h"

/* An index with a recovery key. */
typedef struct csigd_recovery_key {
    uint16_t index;
    bool offline; /* from birth: it had no device then */
    uint8_t key[CSIG_RECOVERY_KEY_BYTES];
} csigd_recovery_key;

/* Of an epoch of a wallet with recovery keys, for who recovers a share; all empty without. */
typedef struct csigd_recoverable {
    csigd_blob epoch;   /* its public state */
    csigd_blob escrows; /* CSIG_ESCROW_BYTES each, in order of (index, dealer) */
} csigd_recoverable;

#endif
