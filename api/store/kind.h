/* What a session of the daemon is about. The numbers are in the store: never renumbered. */
#ifndef CSIGD_STORE_KIND_H
#define CSIGD_STORE_KIND_H

#include <stdbool.h>

typedef enum csigd_kind {
    CSIGD_KIND_AUX = 1,
    CSIGD_KIND_KEYGEN = 2,
    CSIGD_KIND_PRESIGN = 3,
    CSIGD_KIND_SIGN = 4,
    CSIGD_KIND_ONLINE = 5,
    CSIGD_KIND_REFRESH = 6,
    CSIGD_KIND_RESHARE = 7
} csigd_kind;

/* A refresh, or a resharing: the case in which the committee changes. */
bool csigd_kind_is_refresh(csigd_kind kind);
const char *csigd_kind_name(csigd_kind kind);

#endif
