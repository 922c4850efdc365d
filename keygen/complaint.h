/* A sub-share that does not fit its dealer's commitments, shown to all: its receiver opens the
 * Diffie-Hellman point that the mask is made of, and proves that it is that of the two mask keys.
 * Then everybody takes off the mask and checks the same. It shows one sub-share of a dead session:
 * of a dealer that cheats, or, where the accuser does, what that one could show anyway.
 *
 * Source: protocol.md 2.3. */
#ifndef CSIG_KEYGEN_COMPLAINT_H
#define CSIG_KEYGEN_COMPLAINT_H

#include "proto/round.h"
#include "zk/dleq.h"

typedef struct csig_complaint {
    csig_point D; /* y_ij Y_ji: i accuses j */
    csig_zk_dleq proof;
} csig_complaint;

void csig_complaint_wire(csig_wire *w, void *complaint);
#define CSIG_COMPLAINT_BYTES 131

/* The mask keys that concern self, by position. */
typedef struct csig_mask_keys {
    csig_point mine[CSIG_MAX_PARTIES]; /* Y_self,j */
    csig_point theirs[CSIG_MAX_PARTIES];
    bool opened[CSIG_MAX_PARTIES]; /* watching: self's mask with j is known */
} csig_mask_keys;

/* y: of mine[accused]. */
CSIG_MUST csig_err csig_complaint_make(uint8_t out[CSIG_COMPLAINT_BYTES], const csig_run *run,
                                       const csig_mask_keys *keys, const csig_scalar *y,
                                       uint16_t accused);
/* dh: x and y of the opened point, as the parties have them. CSIG_E_PROOF, E_FORMAT. */
CSIG_MUST csig_err csig_complaint_take(uint8_t dh[64], const csig_run *run,
                                       const csig_mask_keys *keys, uint16_t accused,
                                       const uint8_t in[CSIG_COMPLAINT_BYTES]);

#endif
