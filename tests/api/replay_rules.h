/* What every store of spent signatures must do: one clock that is ours to turn, restarts included.
 */
#ifndef TESTS_API_REPLAY_RULES_H
#define TESTS_API_REPLAY_RULES_H

#include "auth/replay.h"

#define REPLAY_NOW INT64_C(1790000000)
#define REPLAY_KEY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* A store under test, with room for 16 at least. */
typedef struct replay_disk replay_disk;
struct replay_disk {
    csigd_replay_store store;
    /* The process ends and another begins with what was written. */
    void (*restart)(replay_disk *disk);
};

/* Checks all rules, each on a store that fresh gives, empty. */
void replay_rules_check(replay_disk *(*fresh)(void));

/* csigd_replay_admit, where what is refused says so. */
csigd_auth replay_admit(const replay_disk *disk, const char *key, const char *nonce,
                        int64_t expires, int64_t now);

#endif
