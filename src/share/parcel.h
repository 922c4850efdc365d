/* An escrow with everything it is about, as it rests and travels outside of sessions, and the
 * recovery key that it is made for. */
#ifndef CSIG_SHARE_PARCEL_H
#define CSIG_SHARE_PARCEL_H

#include "countersign/recovery.h"
#include "crypto/escrow.h"

struct csig_recovery { /* lives in locked memory */
    uint8_t dk[CSIG_ESCROW_KEY_BYTES];
    uint8_t ek[CSIG_ESCROW_KEY_BYTES];
};

typedef struct csig_parcel {
    csig_escrow_stmt stmt;
    csig_escrow escrow;
    uint8_t cc[CSIG_ESCROW_BOX_BYTES]; /* of csig_escrow_cc_seal */
} csig_parcel;

/* Starts with kind, version and level: CSIG_ESCROW_BYTES. */
void csig_parcel_wire(csig_wire *w, void *parcel);

#endif
