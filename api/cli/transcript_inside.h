/* Shared by transcript_verify.c and transcript_plan.c. */
#ifndef CSIG_CLI_TRANSCRIPT_INSIDE_H
#define CSIG_CLI_TRANSCRIPT_INSIDE_H

#include "cli/transcript.h"

/* CLI_INPUT: a member is not there, or is no such value. */
CLI_MUST cli_exit transcript_lacks(cli *c, const char *where, const char *name);
/* Of a planned ceremony, once the record is verified: everybody has signed the plan, what was done
 * is what it says, by whom it says. */
CLI_MUST cli_exit transcript_check_plan(cli *c, const json *j, transcript_info *info);

#endif
