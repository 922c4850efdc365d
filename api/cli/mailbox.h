/* A mailbox of the daemon: an ordered board of octets among devices (api/README.md). It is not
 * trusted: what is on it counts by the signatures in it, and that it is all there, in the order in
 * which everybody else sees it, is looked at here. */
#ifndef CSIG_CLI_MAILBOX_H
#define CSIG_CLI_MAILBOX_H

#include "cli/device.h"
#include "cli/json.h"

#define MAILBOX_ID_BYTES    16
#define MAILBOX_MEMBERS_MAX 16
/* The most that the daemon waits before it answers. */
#define MAILBOX_PATIENCE 60

typedef struct mailbox_message {
    uint32_t position, number; /* on the board; of the member's own messages. From 1 */
    size_t member;
    const uint8_t *p; /* in the frames it was read from */
    size_t len;
} mailbox_message;

/* A device's key signs each of these calls over TCP. */
typedef struct mailbox {
    char id[2 * MAILBOX_ID_BYTES + 1];
    uint8_t octets[MAILBOX_ID_BYTES];
    const device *as;
    uint8_t member[MAILBOX_MEMBERS_MAX][CSIG_IDENTITY_BYTES];
    size_t members;
    size_t self; /* place of `as` among them */
} mailbox;

/* For members, the first of them `as`, for so many seconds. */
CLI_MUST cli_exit mailbox_make(cli *c, mailbox *m, unsigned seconds);
/* One that is there: its id and `as` are given. CLI_REFUSED: `as` is no member. */
CLI_MUST cli_exit mailbox_look(cli *c, mailbox *m);
/* When that member last read or wrote, RFC 3339, or "never": for people. */
CLI_MUST cli_exit mailbox_seen(cli *c, const mailbox *m, size_t member, char seen[32]);
/* "mailboxes" of the device, after at most so many seconds. */
CLI_MUST cli_exit mailbox_list(cli *c, const device *d, unsigned wait, json **list);
/* Message n of `as`; again is fine. */
CLI_MUST cli_exit mailbox_write(cli *c, const mailbox *m, uint32_t n, const uint8_t *p, size_t len);
/* Frames behind a position, after at most so many seconds; none then. */
CLI_MUST cli_exit mailbox_read(cli *c, const mailbox *m, uint32_t after, unsigned wait,
                               blob *frames);
/* The next one of the frames from *at on. CLI_INPUT: these are none. */
CLI_MUST cli_exit mailbox_next(cli *c, const mailbox *m, const blob *frames, size_t *at,
                               mailbox_message *message);
/* Gone with everything in it. */
CLI_MUST cli_exit mailbox_drop(cli *c, const mailbox *m);

#endif
