/* What an operation on the store answers, and octets that go in and out. */
#ifndef CSIGD_STORE_STORED_H
#define CSIGD_STORE_STORED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum csigd_stored {
    CSIGD_STORED = 0,
    CSIGD_STORE_NONE,     /* there is no such thing */
    CSIGD_STORE_CONFLICT, /* it exists already, or its state forbids this */
    CSIGD_STORE_LOCKED,   /* a pair of devices is locked */
    CSIGD_STORE_SPENT,    /* a pair's budget of unfinished sessions is used up */
    CSIGD_STORE_EPOCH,    /* the wallet is at another epoch */
    CSIGD_STORE_LATER,    /* the campaign starts no more refreshes now */
    CSIGD_STORE_DENIED,   /* the judge that was asked says no */
    CSIGD_STORE_FAILED    /* the medium failed */
} csigd_stored;

#endif
