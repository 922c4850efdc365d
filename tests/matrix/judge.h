/* What must be so after a case. Everything here ends the process with PERFORM_BAD and a line on
 * stderr when it is not so. */
#ifndef TESTS_MATRIX_JUDGE_H
#define TESTS_MATRIX_JUDGE_H

#include "matrix/perform.h"

/* The case that is under way, for the line. */
void judge_case(const stage *st, const matrix_case *c);
#define JUDGE(cond) ((cond) ? (void)0 : judge_bad(#cond))
_Noreturn void judge_bad(const char *what);

/* Everything of a session but the last blame. */
typedef struct judge_state {
    uint8_t hash[64];
} judge_state;
judge_state judge_state_of(csig_session *s);

/* An honest party has failed, and rightly so, in one of the rounds up to `latest`; its error. */
csig_err judge_failed(const stage *st, uint8_t latest);
/* No honest party has failed and none has the output. */
void judge_waits(const stage *st);
/* The victim was given something by nobody it knows: refused, and as it was. */
csig_err judge_refused(const stage *st, csig_err err, const judge_state *before);

#endif
