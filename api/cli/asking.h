/* Requests as they are asked for. */
#ifndef CSIG_CLI_ASKING_H
#define CSIG_CLI_ASKING_H

#include "cli/json.h"

/* POST .../requests under a fresh name (Idempotency-Key): tried again like what may be repeated,
 * and made once. */
CLI_MUST cli_exit asking_make(cli *c, const char *wallet, const json *body, json **answer);

#endif
