/* One case, in a process of its own. */
#ifndef TESTS_MATRIX_PERFORM_H
#define TESTS_MATRIX_PERFORM_H

#include "matrix/cases.h"

/* Exit codes: below these, the number of the error by which an honest party refused. */
enum {
    PERFORM_SAME = 200, /* nothing was altered */
    PERFORM_WAITS,
    PERFORM_WORKS,
    PERFORM_HARMLESS,
    PERFORM_BAD
};

/* thorough: afterwards the rest of the run, or a fresh one, must work. */
int perform_case(stage *st, const matrix_case *c, bool thorough);

#endif
