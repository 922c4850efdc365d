/* What the two files of policies and approvals share. */
#ifndef CSIGD_STORE_SQLITE_POLICY_H
#define CSIGD_STORE_SQLITE_POLICY_H

#include "store/sqlite.h"

/* Within a transaction. The same again is fine; CONFLICT: the key has said something else. */
csigd_stored csigd_sqlite_put_approval(csigd_medium *m, const uint8_t *about,
                                       const csigd_approval *approval);
/* Within a transaction: something was said about a pending request, and it is judged. */
csigd_stored csigd_sqlite_judge_again(csigd_medium *m, const uint8_t *request,
                                      const csigd_judge *judge);
/* Within a transaction: a request is pending, and waits for the hook or for people alone. */
csigd_stored csigd_sqlite_ask_hook(csigd_medium *m, const uint8_t *request,
                                   const csigd_verdict *verdict);
void csigd_sqlite_approvals(csigd_store *s);
void csigd_sqlite_hooks(csigd_store *s);

#endif
