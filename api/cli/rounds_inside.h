/* Shared by rounds.c, which has the sessions, and rounds_run.c, which has the ways out. */
#ifndef CSIG_CLI_ROUNDS_INSIDE_H
#define CSIG_CLI_ROUNDS_INSIDE_H

#include "cli/rounds.h"

typedef struct outgoing {
    blob away;   /* envelopes and backups for who is elsewhere */
    size_t sent; /* envelopes of any destination: progress */
} outgoing;

CLI_MUST cli_exit rounds_append(cli *c, blob *b, const uint8_t *p, size_t len);
/* A party of the session with that id is held here: numbers mean something in one session alone. */
bool rounds_is_local(const rounds *r, const uint8_t id[32], uint16_t index);
/* One envelope to whom it is for. */
CLI_MUST cli_exit rounds_take(cli *c, rounds *r, const uint8_t *envelope, size_t len,
                              bool from_board);
/* Send, store and confirm until nobody here has anything left to do. */
CLI_MUST cli_exit rounds_settle(cli *c, rounds *r, outgoing *out);
bool rounds_are_done(const rounds *r);

#endif
