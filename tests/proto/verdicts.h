/* What must come of a cheat with more than two signers: every honest party names the same one in
 * the same words, and what each has as evidence convinces somebody who was not there. */
#ifndef TESTS_PROTO_VERDICTS_H
#define TESTS_PROTO_VERDICTS_H

#include "countersign/evidence.h"
#include "proto/signing.h"

/* All but `cheat` (a position) have failed with this error, found in this round, and evidence of
 * it; nobody honest is accused by any. */
void expect_verdict(signing *g, csig_err err, uint8_t round, uint16_t cheat);
/* The same, where the cheat itself may have a signature. */
void expect_verdict_of_others(signing *g, csig_err err, uint8_t round, uint16_t cheat);
/* The evidence of one; freed by the caller. */
uint8_t *take_evidence(csig_session *s, size_t *len);

#endif
