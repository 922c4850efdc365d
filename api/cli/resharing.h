/* Resharing: what `wallet reshare`, and who joins it, have in common. */
#ifndef CSIG_CLI_RESHARING_H
#define CSIG_CLI_RESHARING_H

#include "cli/committee.h"
#include "cli/meeting.h"
#include "cli/turnover.h"

/* One that takes part, the server apart. */
typedef struct reshare_seat {
    uint8_t
        id[CSIG_IDENTITY_BYTES]; /* that it speaks with: of the next epoch, or leaving of this */
    uint16_t deals, holds;       /* 0: it joins, it leaves */
    const device *here;          /* NULL: elsewhere */
} reshare_seat;

typedef struct resharing {
    turnover t;
    committee next;
    uint8_t epoch[CSIG_EPOCH_BYTES];     /* the current one, for who joins */
    reshare_seat seat[CSIG_PARTIES_MAX]; /* who holds comes first, in order of index */
    size_t seats;
    uint8_t nonce[CSIG_PARTIES_MAX][CSIG_NONCE_BYTES]; /* in order of the members' list */
    uint16_t server;                                   /* the server's place in that list, from 1 */
} resharing;

/* The seats in their order, and the devices here with theirs in w->t. */
CLI_MUST cli_exit resharing_order(cli *c, resharing *w);
/* At this place of the members' list; NULL: the server. */
const reshare_seat *resharing_at(const resharing *w, uint16_t place);
/* The parties of the test, w->t.test->index and count, are known: those here among them sign. */
CLI_MUST cli_exit resharing_test(cli *c, resharing *w);
/* Everybody but the server, into a meeting. */
void resharing_seat(const resharing *w, meeting *m);
/* The peers of those here that sign the test. CLI_REFUSED: not paired. */
CLI_MUST cli_exit resharing_prepare(cli *c, resharing *w, const meeting *m);
/* "recovery" of a body or a plan. */
json *resharing_keys(const resharing *w);
/* From the daemon's answer to the end. */
CLI_MUST cli_exit resharing_run(cli *c, resharing *w, meeting *m, const json *answer);

#endif
