/* Where the passphrase comes from: a file, a descriptor or the terminal; never the command line or
 * the environment, where others can see it. */
#ifndef CSIG_CLI_PASSPHRASE_H
#define CSIG_CLI_PASSPHRASE_H

#include "cli/cli.h"

#define PASSPHRASE_ROOM 1024

/* One line, without its end, as a string into locked memory of the caller. With `fresh` the
 * terminal asks twice.
 *
 * CLI_USAGE: no terminal to ask at; CLI_INPUT: empty, too long, not a line of text, or two
 * different ones; CLI_LOCAL: cannot be read, or others can read the file. */
CLI_MUST cli_exit passphrase_get(cli *c, bool fresh, char out[PASSPHRASE_ROOM]);
/* The first line of that file. */
CLI_MUST cli_exit passphrase_of_file(cli *c, const char *path, char out[PASSPHRASE_ROOM]);

#endif
