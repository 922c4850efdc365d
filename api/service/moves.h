/* A device gives its place to another one: it says so beforehand, with the hash of a token that it
 * gives to the other one itself, which enrols with it as a device that has a wallet first, and
 * roles and label then. */
#ifndef CSIGD_SERVICE_MOVES_H
#define CSIGD_SERVICE_MOVES_H

#include "service/keys.h"

#define CSIGD_MOVE_SECONDS     600 /* when nothing is said */
#define CSIGD_MOVE_SECONDS_MIN 60
#define CSIGD_MOVE_SECONDS_MAX 3600

/* device, token and wallets as given; the rest is filled in. caller: NULL, the operator. With field
 * `wallets`: NOT_FOUND: one is none of the device's, FORBIDDEN: its label is none of the key's.
 * KEY_LOCKED; STATE_CONFLICT: the token is known, the device has no key; SESSION_LIMIT. */
csigd_code csigd_move_begin(const csigd_service *service, const csigd_caller *caller,
                            csigd_move *move, uint32_t seconds, csigd_problem *why);
/* NOT_FOUND. */
csigd_code csigd_move_end(const csigd_service *service, const uint8_t *device, csigd_problem *why);
/* A resharing in which mover gives its place in the wallet is about to begin. STATE_CONFLICT. */
csigd_code csigd_move_check(const csigd_service *service, const uint8_t *mover,
                            const uint8_t *wallet, const uint8_t *successor, csigd_problem *why);

#endif
