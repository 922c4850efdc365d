/* What a session of key generation, refresh or resharing was started with, as far as it is public:
 * from this a third party makes the session id again and follows what was said. */
#ifndef CSIG_KEYGEN_INPUTS_H
#define CSIG_KEYGEN_INPUTS_H

#include "countersign/epoch.h"
#include "countersign/recovery.h"
#include "proto/session.h"
#include "share/share.h"

/* Of key generation attempt, number and deals are not used. */
typedef struct csig_inputs {
    uint64_t attempt;
    uint16_t t, n; /* of the epoch that is made */
    uint16_t commits;
    uint16_t count; /* of members online, by position: */
    uint16_t number[CSIG_MAX_PARTIES], deals[CSIG_MAX_PARTIES], holds[CSIG_MAX_PARTIES];
    uint8_t nonce[CSIG_MAX_PARTIES][CSIG_NONCE_BYTES];
    uint8_t identity[CSIG_MAX_PARTIES][CSIG_ID_BYTES]; /* n of them, by index - 1 */
    uint16_t recoveries;
    uint16_t recovery[CSIG_MAX_PARTIES]; /* index */
    uint8_t key[CSIG_MAX_PARTIES][CSIG_RECOVERY_KEY_BYTES];
} csig_inputs;

#define CSIG_INPUTS_MAX 4096

void csig_inputs_recovery(csig_inputs *in, const csig_recovery_keys *keys);
/* Lent. */
csig_recovery_keys csig_inputs_keys(const csig_inputs *in);
/* For the record of a session that is not started yet. current: whose public part is the epoch
 * before; NULL at key generation. CSIG_E_MEMORY */
CSIG_MUST csig_err csig_inputs_keep(csig_session *s, const csig_inputs *in,
                                    const csig_share *current);
/* One encoding of one session's inputs; current as above, filled. CSIG_E_LENGTH, E_FORMAT,
 * E_PARTIES; errors of csig_epoch_read. Whether they make a session is not asked here. */
CSIG_MUST csig_err csig_inputs_read(csig_inputs *in, csig_share *current, const uint8_t *octets,
                                    size_t len);

#endif
