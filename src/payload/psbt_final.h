/* Finishing one input of a PSBT: its signatures, and when they are enough, what opens the coin. */
#ifndef CSIG_PAYLOAD_PSBT_FINAL_H
#define CSIG_PAYLOAD_PSBT_FINAL_H

#include "payload/psbt_coin.h"

#define CSIG_PARTIAL_MAX 73 /* octets: DER and the type */

/* Our signature as a field of the input. The spans point into the struct: it must not move. */
typedef struct csig_partial {
    bool is_there;
    uint8_t key[1 + CSIG_POINT_BYTES];
    uint8_t value[CSIG_PARTIAL_MAX];
    csig_psbt_field field;
} csig_partial;

typedef struct csig_final {
    csig_partial own;
    bool is_final;
    uint8_t *memory; /* csig_public_free; of what was finished here */
    csig_span script, witness;
} csig_final;

void csig_partial_make(csig_partial *partial, const uint8_t key[CSIG_POINT_BYTES],
                       const uint8_t *der, size_t len, uint32_t type);

/* With final->own set if there is one: finishes the input if the valid signatures that are there
 * suffice. Those of others are verified. */
CSIG_MUST csig_err csig_final_make(csig_final *final, const csig_psbt *psbt, const csig_coin *coin,
                                   size_t input);

#endif
