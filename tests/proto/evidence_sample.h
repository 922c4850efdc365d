/* Evidence of each sort, from sessions of three in which the first signer cheats. */
#ifndef TESTS_PROTO_EVIDENCE_SAMPLE_H
#define TESTS_PROTO_EVIDENCE_SAMPLE_H

#include "proto/verdicts.h"

typedef enum evidence_sort {
    EVIDENCE_FIRST,      /* a proof of round 1 */
    EVIDENCE_SECOND,     /* a proof of round 2 for one verifier: with everybody's round 1 */
    EVIDENCE_TWO,        /* two messages of round 4 */
    EVIDENCE_FALSE,      /* an accusation that does not hold */
    EVIDENCE_SHARE,      /* of key generation: a sub-share, with the testimony of who got it */
    EVIDENCE_CHAIN_CODE, /* the same of a part of the chain code */
    EVIDENCE_SORTS
} evidence_sort;

/* *cheat is the culprit's identity. Freed by the caller. */
uint8_t *evidence_sample(evidence_sort sort, size_t *len, uint8_t cheat[CSIG_IDENTITY_BYTES]);
csig_err evidence_sample_err(evidence_sort sort);
uint8_t evidence_sample_round(evidence_sort sort);

#endif
