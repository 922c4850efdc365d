/* What the user gets to see: results on stdout, notes and failures on stderr; with --json each one
 * is an object on a line of its own. */
#ifndef CSIG_CLI_TELL_H
#define CSIG_CLI_TELL_H

#include "cli/json.h"

/* One result: the object with --json, else the text, which ends its own line. */
CLI_MUST cli_exit cli_tell(cli *c, const json *j, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Something to know that does not stop the command; however long, all of it. */
void cli_note(const cli *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* c->message and, where the server gave one, its code. */
void cli_tell_failure(const cli *c, cli_exit code);
/* With --json: the trace that the calls of this command were in, if it made any. */
void cli_tell_trace(const cli *c);
/* Everything told has left; CLI_LOCAL when stdout does not take it. */
CLI_MUST cli_exit cli_tell_end(cli *c);

#endif
