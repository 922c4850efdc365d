/* The daemon's service in this process, under the client of tests/e2e: http_call goes to the
 * handlers, by the same jobs as in the daemon, without sockets. Its clock and its store do what a
 * test wants. Nothing of this is in the product. */
#ifndef TESTS_FAULTS_INSIDE_H
#define TESTS_FAULTS_INSIDE_H

#include "e2e/phone.h"
#include "faults/stumbling.h"
#include "service/service.h"

/* What the client's functions are given; it says nothing. */
extern const daemon_process inside;
extern csigd_service service;
/* The service's store. */
extern stumbling store;
extern device phone;
extern wallet two; /* two of two; with escrows, or for resharings, two of three */
/* Set before the setup: every turnover is a resharing, in which the phone stays, and of the spare
 * devices one goes and one comes. */
extern bool inside_reshares;
extern device spare[2];
/* Of the third index, which is never online; NULL: there is none. */
extern csig_recovery *third;

/* For cmocka's group: a service with auxiliary info, a phone that is paired, a wallet. */
int inside_setup(void **state);
/* The same with a third index that has a recovery key and no device. */
int inside_setup_escrowed(void **state);
/* The same for resharings. */
int inside_setup_resharing(void **state);
int inside_teardown(void **state);
/* Ends the service and starts it again on the same store; what it had in memory is lost. */
void inside_restart(void);
/* What the service takes for the time, ahead of the true one; negative: behind. The second clock
 * only ever grows, and a jump back leaves it alone. */
void inside_clock(int64_t seconds);
/* How many shares are staged in its store. */
int inside_staged(void);
/* Waits until the sessions that are past their deadline are over. */
void inside_expire(const run *r);

#endif
