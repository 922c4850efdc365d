/* Folders: the state folder, its lock, and walking it. */
#ifndef CSIG_CLI_FOLDER_H
#define CSIG_CLI_FOLDER_H

#include "cli/files.h"

/* c->state, where the command line names none: ~/.countersign. Nothing is looked at. CLI_USAGE */
CLI_MUST cli_exit folder_choose(cli *c);
/* Take the state folder, c->state or ~/.countersign: nobody else may enter it, and one process at a
 * time uses it. With `create` it is made where there is none. Removes what a crash left half
 * written.
 *
 * CLI_REFUSED: not there, or another process uses it; CLI_LOCAL: open to others. */
CLI_MUST cli_exit folder_take(cli *c, bool create);
/* A folder, mode 0700, its entry durable; one that is there already is fine. */
CLI_MUST cli_exit folder_make(cli *c, const char *path);
/* Calls fn for each entry not starting with '.', in order of name; an absent folder has none. */
CLI_MUST cli_exit folder_each(cli *c, const char *path,
                              cli_exit (*fn)(cli *c, const char *name, void *arg), void *arg);

#endif
