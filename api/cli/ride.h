/* A campaign of the server's wants a wallet refreshed: the refresh rides on a command that has to
 * do with the wallet anyway. It never comes before a signature, and what becomes of it is a note
 * and changes nothing of the command. Once in a process. */
#ifndef CSIG_CLI_RIDE_H
#define CSIG_CLI_RIDE_H

#include "cli/json.h"

/* The server has answered about this wallet: does it want it refreshed? */
void ride_hear(cli *c, const char *wallet, const json *answer);
/* Was a refresh heard of, and not begun? */
bool ride_is_wanted(const cli *c);
/* The ordinary refresh. The caller has no device open. */
void ride(cli *c);
/* The same when the command has ended with this code and told all it has to tell. */
void ride_at_end(cli *c, cli_exit ended);

#endif
