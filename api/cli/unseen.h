/* Secrets that stand in arguments, where every user of the machine can read them in the list of
 * processes: in their place a file may be named, or "-", standard input. */
#ifndef CSIG_CLI_UNSEEN_H
#define CSIG_CLI_UNSEEN_H

#include "cli/files.h"

/* The first line of what is named, without its end. CLI_INPUT: empty, longer than room - 1 octets,
 * or no text. what: for the message, "the invitation". */
CLI_MUST cli_exit unseen_read(cli *c, const char *named, const char *what, char *out, size_t room);
/* The same for c->token, where it is not 64 digits: it then points to what was read. */
CLI_MUST cli_exit unseen_token(cli *c);

#endif
