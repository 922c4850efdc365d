/* Shared by the files of a meeting. */
#ifndef CSIG_CLI_MEETING_INSIDE_H
#define CSIG_CLI_MEETING_INSIDE_H

#include "cli/meeting.h"

#define MEETING_VERSION   1
#define MEETING_HEAD      2 /* kind, version */
#define MEETING_SIGNATURE 64

/* The body with a signature of `by` behind it. */
CLI_MUST cli_exit meeting_say_signed(cli *c, meeting *m, uint8_t kind, const csig_identity *by,
                                     const uint8_t *p, size_t len);
/* A signed message of somebody: its body. CLI_INPUT. */
CLI_MUST cli_exit meeting_verify(cli *c, const meeting *m, const mailbox_message *message,
                                 const uint8_t by[CSIG_IDENTITY_BYTES], blob *lent);
/* How long without a word. */
unsigned meeting_patience(const cli *c);
/* The next frame, own ones and ends too. *found false: none within so many seconds. */
CLI_MUST cli_exit meeting_take(cli *c, meeting *m, unsigned wait, bool *found,
                               mailbox_message *message);
void meeting_await_nobody(meeting *m);

#endif
