/* What most stories begin with: a daemon that is ready, a phone and a recovery device, a two-of-two
 * wallet and a two-of-three one. Made once per program. */
#ifndef TESTS_E2E_FIXTURE_H
#define TESTS_E2E_FIXTURE_H

#include "e2e/phone.h"

extern daemon_process server;
extern device phone, recovery;
extern wallet two, three; /* two of two; two of three */
extern uint8_t digest[32];

/* For cmocka's group. */
int fixture_setup(void **state);
/* The same after daemon_prepare(&server) and what a test adds to it. */
int fixture_setup_prepared(void **state);
int fixture_teardown(void **state);
/* Another digest from here on. */
void fixture_new_digest(void);
/* Full signing with `two` to its end. */
void fixture_sign(const char *path, const char *mode);
/* Full signing with any wallet to its end; a whole refresh. */
void fixture_sign_with(const wallet *w);
void fixture_refresh(wallet *w);
/* This problem. */
void fixture_expect(http_reply reply, long status, const char *code);
/* Nothing of a refresh is left, and the wallet is at this epoch and signs. */
void fixture_expect_undone(const run *r, const wallet *w, uint64_t epoch);
/* The session has failed, and what the daemon says of it convinces every party here but the one at
 * `liar` of what the daemon's evidence says: that the device at `liar` cheated. */
void fixture_expect_verdict(http_reply reply, const run *r, size_t liar, const device *who,
                            csig_err err);
/* Goes on with this body until the daemon says that a session has failed and asks what the others
 * got. */
http_reply fixture_until_asked(run *r, octets *body);
/* What the daemon said convinces session i, which says so: the daemon's answer to that. */
http_reply fixture_tell(run *r, size_t i, const http_reply *said);
void fixture_abort(const run *r);
/* Sends what there is to say until the daemon refuses, or says why it stops. */
http_reply fixture_go_on(run *r);
/* Is a device of `three` locked? Unlocks it. Without a name: the phone. */
bool fixture_has_locked(const device *dev);
bool fixture_is_locked(void);
void fixture_unlock_device(const device *dev);
void fixture_unlock(void);

#endif
