/* Who is to blame for a failed check, and the locks that follow. The subject of a lock is the pair
 * of a device and the server's own auxiliary generation, for all wallets they share. */
#ifndef CSIGD_SERVICE_LOCKS_H
#define CSIGD_SERVICE_LOCKS_H

#include "countersign/session.h"
#include "service/service.h"

typedef struct csigd_blamed {
    bool named; /* false: one of these, nobody knows which */
    size_t n;
    uint8_t devices[CSIGD_DEVICES_MAX][CSIG_IDENTITY_BYTES];
    char reason[64]; /* error, round and place: for the audit log and the store, never the wire */
} csigd_blamed;

/* From the library's words: class CHEAT locks, everything else blames nobody. index[i] is the party
 * that devices[i] is in this session. One line in the audit log. */
void csigd_blame(csigd_blamed *blamed, const csig_blame *blame, const csigd_session_row *row,
                 const uint16_t *index);

/* The operator's decision: a device starts afresh. NOT_FOUND: no such wallet, or device (field). */
csigd_code csigd_unlock(const csigd_service *service, const uint8_t *wallet, const uint8_t *device,
                        csigd_problem *why);

#endif
