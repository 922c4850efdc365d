/* What the two files of policies and approvals share. */
#ifndef CSIGD_STORE_SQLITE_POLICY_H
#define CSIGD_STORE_SQLITE_POLICY_H

#include "store/sqlite.h"

/* Within a transaction. The same again is fine; CONFLICT: the key has said something else. */
csigd_stored csigd_sqlite_put_approval(csigd_medium *m, const uint8_t *about,
                                       const csigd_approval *approval);
void csigd_sqlite_approvals(csigd_store *s);

#endif
