/* A client that does what a client must, whatever happens to it; and what must hold afterwards. */
#ifndef TESTS_FAULTS_AGREE_H
#define TESTS_FAULTS_AGREE_H

#include "faults/inside.h"

/* Called with the run before exchange n, and what is to be sent in it; true: go on with it. */
typedef bool before_exchange(run *r, unsigned n, const octets *body, void *ctx);

/* One refresh of `two`, or where inside_reshares one resharing, as far as it comes: opened (a
 * session in the way is given up), every exchange sent, as it is, up to `tries` times while the
 * answer is 503. `before` may be NULL. What the client keeps is in *r: r->session is empty when
 * none was opened. */
void refresh_try(run *r, unsigned tries, before_exchange *before, void *ctx);
/* What a client does at its next start: gives the session up, asks, follows. Frees r. true: the
 * wallet is at the new epoch. */
bool refresh_settle(run *r);
/* Another one is refused with this code, naming this session. */
void turnover_refused(const char *code, const char *session);
/* Server and client are at one epoch with shares of the key; nothing is staged; the shares of the
 * epoch before are worth nothing with them. Every fiftieth time it signs. */
void expect_agreement(void);
/* How often so far, and how often with a signature. */
unsigned agreements(void);
/* Does this run of the program meet the next fault? One in four, drawn, and all with FAULTS=all in
 * the environment. What was drawn, in words. */
bool fault_is_drawn(void);
const char *faults_drawn(void);
/* No lock, and no session that is counted as unfinished, of any device. */
void unlock_all(void);
/* A signature with the shares as they are. */
void expect_signature(void);

#endif
