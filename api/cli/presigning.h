/* Presigning: what the command and who joins it have in common. */
#ifndef CSIG_CLI_PRESIGNING_H
#define CSIG_CLI_PRESIGNING_H

#include "cli/parties.h"

#define PRESIGNING_MAX 16 /* at once */

/* So many presignatures, from the daemon's answer to the end: each device here has stored its half
 * before it says so, and told is how many there are. */
CLI_MUST cli_exit presigning_run(cli *c, parties *p, meeting *m, uint32_t count,
                                 const json *answer);

#endif
