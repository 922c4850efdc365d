/* The command line: the table of commands and of options. */
#ifndef CSIG_CLI_ARGS_H
#define CSIG_CLI_ARGS_H

#include "cli/cli.h"

typedef struct cli_command {
    const char *noun, *verb; /* verb NULL: the noun alone */
    cli_exit (*run)(cli *c);
    enum { TAKES_NOTHING, TAKES_WALLET, TAKES_FILE, TAKES_FILES, TAKES_MAYBE, TAKES_ANY } words;
    uint64_t options; /* that it takes, by bit */
    const char *usage;
} cli_command;

extern const cli_command cli_commands[];
extern const size_t cli_commands_count;

/* Fill in c and find the command; *command NULL: help or the version was asked for and printed.
 * CLI_USAGE. c->json is right also after a failure. */
CLI_MUST cli_exit args_read(cli *c, int argc, char **argv, const cli_command **command);

/* help.c */
void args_print_help(const cli_command *commands, size_t count);
CLI_MUST cli_exit args_print_version(cli *c);

#endif
