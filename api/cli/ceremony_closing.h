/* The closing meeting of a ceremony, shared by the files that hold it. */
#ifndef CSIG_CLI_CEREMONY_CLOSING_H
#define CSIG_CLI_CEREMONY_CLOSING_H

#include "cli/ceremony.h"
#include "cli/meeting.h"

typedef struct closing {
    ceremony *x;
    meeting *m;
    const char *wallet;
    blob record;                /* one that is good; owned */
    blob shown[PLAN_SEATS_MAX]; /* by index - 1; owned */
    bool has_shown[PLAN_SEATS_MAX];
    json *content, *test; /* test NULL: a change's is in its record */
    transcript_info info;
    uint8_t hash[TRANSCRIPT_HASH];
    json *receipt[CSIG_PARTIES_MAX]; /* by place in the record */
} closing;

/* --- ceremony_test.c --- */

/* Is there still a test to be signed in this meeting? By the host's invitation, or own file. */
CLI_MUST cli_exit closing_wants_test(cli *c, const ceremony *x, const meeting *m, bool *wanted);
/* Does this seat sign it? */
bool closing_is_tester(const ceremony *x, uint16_t index);
/* Signs it with the others; at the host the signature is in k->test afterwards, and kept. */
CLI_MUST cli_exit closing_test(cli *c, closing *k);

/* --- ceremony_bundle.c --- */

/* Everybody's, until all are there. CLI_INPUT: one is none. CLI_REFUSED: nobody has a record. */
CLI_MUST cli_exit closing_gather_bundles(cli *c, closing *k);
/* CLI_INPUT, and whose message is no good. */
cli_exit closing_no_good(cli *c, const closing *k, uint16_t index, const char *what);
/* By index - 1, of those that take part. */
bool closing_all_have(const closing *k, const bool *has);
/* The next message, of the participant with this index; waits for those that have not. */
CLI_MUST cli_exit closing_hear(cli *c, closing *k, const bool *has, uint16_t *index,
                               mailbox_message *message);

#endif
