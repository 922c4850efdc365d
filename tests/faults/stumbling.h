/* A store that fails: at the n-th operation, before it does anything, or after it did everything
 * (the reply was lost); once, or from then on. */
#ifndef TESTS_FAULTS_STUMBLING_H
#define TESTS_FAULTS_STUMBLING_H

#include <stdatomic.h>

#include "store/store.h"

typedef enum stumble {
    STUMBLE_NEVER = 0,
    STUMBLE_BEFORE, /* any operation */
    STUMBLE_AFTER,  /* operations that write: written, and FAILED all the same */
    STUMBLE_FULL    /* operations that write, from the n-th on, until it is told otherwise */
} stumble;

typedef struct stumbling {
    csigd_store door; /* first: what the service gets */
    csigd_store *inner;
    _Atomic int how;
    _Atomic unsigned at, count;     /* of operations, or of those that write */
    _Atomic unsigned writes, reads; /* since stumble_at */
} stumbling;

/* Takes inner; door.close closes both. What the search for primes and the daemon's start do is
 * never counted. */
void stumbling_open(stumbling *s, csigd_store *inner);
/* From now on. */
void stumble_at(stumbling *s, stumble how, unsigned at);

#endif
