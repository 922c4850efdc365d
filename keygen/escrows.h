/* The escrows of a session: which indices have a recovery key, and what every dealer encrypts for
 * them. The same in key generation and in refresh. Source: protocol.md 7.7. */
#ifndef CSIG_KEYGEN_ESCROWS_H
#define CSIG_KEYGEN_ESCROWS_H

#include "countersign/recovery.h"
#include "proto/round.h"
#include "share/parcel.h"
#include "share/share.h"

/* One dealer's for one index, on the wire: what it is about follows from the session. */
typedef struct csig_escrow_msg {
    csig_escrow escrow;
    uint8_t cc[CSIG_ESCROW_BOX_BYTES];
} csig_escrow_msg;

typedef struct csig_escrows {
    uint16_t count;
    uint16_t index[CSIG_MAX_PARTIES];
    uint8_t ek[CSIG_MAX_PARTIES][CSIG_ESCROW_KEY_BYTES];
    /* of the epoch that is made */
    uint64_t epoch, attempt;
    uint16_t t, n;
    uint8_t before[32];  /* state hash of the epoch before it; zeros at key generation */
    csig_parcel *parcel; /* count for each place, in this order; owned */
} csig_escrows;

/* Whose sub-shares: g with commitments C, of the dealer at a position with this index. share: what
 * is public of the key, and its chain code. */
typedef struct csig_escrow_dealer {
    uint16_t position, index;
    const csig_poly_commit *C;
    const csig_share *share;
} csig_escrow_dealer;

/* Can these be the recovery keys of a key for any t of n? online[i - 1]: index i speaks for itself
 * in the session; every other one must have a key. CSIG_E_ARGUMENT; CSIG_E_PARTIES: indices, or t
 * with one key; CSIG_E_POINT: the key of nobody. */
CSIG_MUST csig_err csig_escrows_check(const csig_recovery_keys *keys, const bool *online,
                                      uint16_t t, uint16_t n);
/* As checked; the other fields are the caller's. CSIG_E_MEMORY. */
CSIG_MUST csig_err csig_escrows_init(csig_escrows *e, const csig_recovery_keys *keys,
                                     uint16_t positions);
void csig_escrows_free(csig_escrows *e);
/* The field of the ssid: index and key of each. */
void csig_escrows_ssid(csig_ssid *ssid, const csig_recovery_keys *keys);

/* shape->escrows of them. */
void csig_escrows_wire(csig_wire *w, csig_escrow_msg *msg);
/* What the dealer encrypts for index[k]. CSIG_E_SHARE: nothing, it is zero. */
CSIG_MUST csig_err csig_escrows_stmt(csig_escrow_stmt *stmt, const csig_escrows *e,
                                     const csig_escrow_dealer *d, uint16_t k);
/* sigma[k] = g(index[k]). */
CSIG_MUST csig_err csig_escrows_make(csig_escrow_msg *msg, const csig_escrows *e,
                                     const csig_env *env, const csig_escrow_dealer *d,
                                     const csig_scalar *sigma);
/* CSIG_E_SHARE, CSIG_E_PROOF */
CSIG_MUST csig_err csig_escrows_verify(const csig_escrow_msg *msg, const csig_escrows *e,
                                       const csig_escrow_dealer *d);
/* For whoever asks. CSIG_E_SHARE */
CSIG_MUST csig_err csig_escrows_keep(csig_escrows *e, const csig_escrow_msg *msg,
                                     const csig_escrow_dealer *d);
/* What the dealer at a position has encrypted for an index. CSIG_E_ARGUMENT: no such index. */
CSIG_MUST csig_err csig_escrows_write(const csig_escrows *e, uint16_t position, uint16_t index,
                                      uint8_t out[CSIG_ESCROW_BYTES]);

#endif
