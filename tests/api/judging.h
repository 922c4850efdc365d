/* A daemon's service inside of a test, with a wallet, a clock that the test moves, people with keys
 * and what they say. */
#ifndef TESTS_API_JUDGING_H
#define TESTS_API_JUDGING_H

#include <stdatomic.h>

#include "api/records.h"
#include "service/keys.h"
#include "service/policy.h"
#include "service/request.h"

#define PEOPLE 4

typedef struct person {
    csigd_key_secret secret;
    uint8_t id[32];
    char hex[CSIGD_KEY_ID_BYTES];
} person;

extern csigd_service judging;
extern person people[PEOPLE];
/* Seconds that the clock is ahead of the real one, or behind. */
extern _Atomic int64_t judging_ahead;

int judging_setup(void **state);
int judging_teardown(void **state);

/* In force for all wallets from now on; %1$s ... %4$s: the people. */
void judging_policy(const char *text);
/* A request of wallet 1 for a digest of this octet, made by a person (NULL: the operator). */
csigd_code judging_ask(uint8_t digest, const person *creator, csigd_request *request);
/* Somebody's word about it, as it is given to the server. */
csigd_code judging_say(const csigd_request *request, const person *who, bool approves);
/* The same, signed as if it were about another one. */
csigd_code judging_say_as(const csigd_request *request, const csigd_request *as, uint8_t digest,
                          const person *who, bool approves, bool signs_approval);
/* The state that it is in by now. */
csigd_request_state judging_state(const csigd_request *request);
/* May something of it leave now? */
csigd_code judging_release(const csigd_request *request);
/* Why the last of all these was refused. */
extern csigd_problem judging_why;

#endif
