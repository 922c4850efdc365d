/* Records of the daemon itself. */
#ifndef CSIGD_STORE_OWN_H
#define CSIGD_STORE_OWN_H

#include "store/blob.h"

/* Written once, at first start. */
typedef struct csigd_boot {
    csigd_blob wrap;     /* how the master key is wrapped */
    csigd_blob identity; /* own identity, sealed */
} csigd_boot;

typedef struct csigd_own_aux {
    uint64_t generation;
    csigd_blob sealed;
} csigd_own_aux;

#endif
