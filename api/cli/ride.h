/* A campaign of the server's wants a wallet refreshed: the refresh rides on a command that has to
 * do with the wallet anyway. It never comes before a signature, and what becomes of it is a note
 * and changes nothing of the command. Once in a process. */
#ifndef CSIG_CLI_RIDE_H
#define CSIG_CLI_RIDE_H

#include "cli/parties.h"

/* The server has answered about this wallet: does it want it refreshed? */
void ride_hear(cli *c, const char *wallet, const json *answer);
/* Was a refresh heard of, and not begun? */
bool ride_is_wanted(const cli *c);
/* The ordinary refresh. The caller has no device open. */
void ride(cli *c);
/* The same when the command has ended with this code and told all it has to tell. */
void ride_at_end(cli *c, cli_exit ended);

/* --- in a meeting: ride_along.c --- */

/* A host that signs with devices elsewhere: where those that sign are just those that refresh, the
 * plan says so, "refresh": the campaign. */
void ride_plan(cli *c, const devices *all, const parties *p, json *plan);
/* A guest: of what the plan says there the server has told it, too. CLI_AGAIN. */
CLI_MUST cli_exit ride_check(cli *c, const json *plan);
/* The refresh that the plan says, when all else is told: everybody here and elsewhere. */
void ride_along(cli *c, const devices *all, const parties *p, meeting *m);
/* Why it was not done. */
void ride_tell_failure(cli *c);

#endif
