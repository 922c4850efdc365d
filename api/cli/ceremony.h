/* A ceremony: a plan that everybody has signed, carried out by one process for each participant.
 * First the meeting in which the key is made; then the closing one, in which every participant
 * signs what it has seen and holds, and all get the same transcript. What a process needs after it
 * was ended is in the state folder, ceremonies/HASH/ (the plan's hash, 32 hex digits):
 *
 *   log       the attempts so far: {"attempts": [{"meeting", "number", "outcome"}]}, canonical JSON
 *   wallet    its id, as soon as the server has said it
 *   record    of the session that made the key, before the birth counts here
 *   next      of who leaves: the public state of the epoch that is made, before its receipt leaves
 *   test      the test signature of a new key, where the host is: as in the transcript
 *   progress  what `ceremony status` shows, canonical JSON
 *   aborted   an empty file: this ceremony is not gone on with */
#ifndef CSIG_CLI_CEREMONY_H
#define CSIG_CLI_CEREMONY_H

#include "cli/plan.h"
#include "cli/transcript.h"

#define CEREMONY_PHASE_ROOM 40

/* Messages of the closing meeting: ceremony_close.c. */
enum { CEREMONY_BUNDLE = 16, CEREMONY_CONTENT = 17, CEREMONY_RECEIPT = 18 };

typedef struct ceremony_row {
    char phase[CEREMONY_PHASE_ROOM];
    int64_t seen; /* seconds since 1970; 0: not yet */
    bool awaited;
    uint8_t round;
} ceremony_row;

typedef struct ceremony {
    cli *c;
    plan p;
    devices all;
    const device *d; /* of the participant here */
    uint16_t self;   /* its seat */
    bool is_host;
    bool is_rehearsal;
    char folder[PATH_ROOM];
    const char *file;    /* for the transcript */
    const char *purpose; /* of the meeting that comes first */
    json *attempts;
    unsigned attempt; /* the one that runs, from 1 */
    const char *phase;
    ceremony_row row[PLAN_SEATS_MAX]; /* by index - 1 */
} ceremony;

/* --- ceremony.c: what is there --- */

void ceremony_close(ceremony *x);
#define AUTO_CEREMONY __attribute__((cleanup(ceremony_close))) ceremony
/* The plan, and the device here that takes part in it. */
CLI_MUST cli_exit ceremony_open(cli *c, const char *path, ceremony *x);
/* A file of the ceremony's folder. */
CLI_MUST cli_exit ceremony_path(cli *c, const ceremony *x, const char *name, char out[PATH_ROOM]);
CLI_MUST cli_exit ceremony_begin_attempt(cli *c, ceremony *x);
/* How it ended, durably. Notes that it cannot be kept. */
void ceremony_end_attempt(cli *c, ceremony *x, cli_exit code);
CLI_MUST cli_exit ceremony_name_meeting(cli *c, ceremony *x, const char *id);
/* Is it made: does this device hold the share that an attempt was for? CLI_AGAIN: not decided;
 * CLI_REFUSED: the wallet has gone another way. */
CLI_MUST cli_exit ceremony_is_made(cli *c, const ceremony *x, bool *made,
                                   char wallet[2 * WALLET_ID_BYTES + 1]);

/* Does it leave, and has it destroyed its share with the epoch of this public state? */
CLI_MUST cli_exit ceremony_next_epoch(cli *c, const ceremony *x, uint8_t next[CSIG_EPOCH_BYTES]);

/* --- ceremony_check.c: preflight --- */

/* One check after the other; each one told, where `tell`. The first that fails. */
CLI_MUST cli_exit ceremony_preflight(cli *c, ceremony *x, bool tell);

/* --- ceremony_table.c: who is where --- */

void ceremony_set_phase(ceremony *x, const char *phase);
void ceremony_watch(ceremony *x, meeting *m);
/* After an attempt that failed: who was behind the others, and what to do next. */
cli_exit ceremony_blame(cli *c, ceremony *x, cli_exit code);
/* From the file, to people. */
CLI_MUST cli_exit ceremony_show(cli *c, const json *progress);

/* --- ceremony_meet.c --- */

/* The invitation of this ceremony's host for such a purpose. */
CLI_MUST cli_exit ceremony_find(cli *c, const ceremony *x, meeting *m, const char *purpose);
/* A plan of a meeting, which names the ceremony. */
json *ceremony_invitation(const ceremony *x);
/* What earlier processes of this device left open for this plan: dropped, and the session given
 * up. */
CLI_MUST cli_exit ceremony_clear(cli *c, const ceremony *x);

/* One that takes part, in its place. */
void ceremony_seat(const ceremony *x, meeting *m, uint16_t index, bool signs);

/* --- ceremony_run.c --- */

/* A key by those of w who take part, in a meeting of x->purpose. */
CLI_MUST cli_exit ceremony_make_key(cli *c, ceremony *x, creation *w, meeting *m);

/* --- ceremony_rehearse.c --- */

/* A refresh or a resharing on a throw-away key, which those make first that have a share to deal.
 */
CLI_MUST cli_exit ceremony_rehearse(cli *c, ceremony *x);
/* Of its first meeting, as this device takes part. */
const char *ceremony_first_purpose(const ceremony *x);

/* --- ceremony_change.c --- */

/* A refresh or a resharing, to its end. */
CLI_MUST cli_exit ceremony_change(cli *c, ceremony *x, meeting *m);

/* --- ceremony_close.c: receipts --- */

/* Everybody's receipt, and the transcript into the file. */
CLI_MUST cli_exit ceremony_receipts(cli *c, ceremony *x, const char *wallet, const char *file);

#endif
