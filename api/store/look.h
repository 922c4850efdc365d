/* Which part of a list: what comes behind a row, so many of them. */
#ifndef CSIGD_STORE_LOOK_H
#define CSIGD_STORE_LOOK_H

#include <stddef.h>
#include <stdint.h>

/* Rows of a page, when nothing is said, and at most. */
#define CSIGD_PAGE_ROWS 100

typedef struct csigd_look {
    const uint8_t *device; /* of wallets: those that it is a party of; NULL: all */
    const uint8_t *after;  /* id of a row, which need not be in the list; NULL: the beginning */
    size_t n;              /* rows at most; 0: all */
} csigd_look;

#endif
