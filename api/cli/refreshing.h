/* Refresh: what `wallet refresh`, and who joins it, have in common. */
#ifndef CSIG_CLI_REFRESHING_H
#define CSIG_CLI_REFRESHING_H

#include "cli/meeting.h"
#include "cli/turnover.h"

typedef struct refreshing {
    turnover t;
    bool keys_known;                      /* by the devices here, not from cards */
    uint16_t far[CSIG_PARTIES_MAX], fars; /* online elsewhere; the caller's */
    uint16_t index[CSIG_PARTIES_MAX];     /* of those online, ascending */
    uint16_t count;
    uint8_t nonces[CSIG_PARTIES_MAX][CSIG_NONCE_BYTES]; /* likewise */
} refreshing;

/* Who takes part: the devices here that hold a share, those far and the server; and the recovery
 * keys. CLI_REFUSED: somebody is neither there nor has a recovery key. */
CLI_MUST cli_exit refreshing_gather(cli *c, const devices *all, refreshing *w);
/* Everybody online but the server, into a meeting. */
void refreshing_seat(const refreshing *w, meeting *m);
/* What the host's POST says, with the nonces of the meeting. */
void refreshing_describe(const cli *c, const refreshing *w, const meeting *m, json *body);
/* From the daemon's answer to the end. */
CLI_MUST cli_exit refreshing_run(cli *c, refreshing *w, meeting *m, const json *answer);

#endif
