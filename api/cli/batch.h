/* A request with a payload that says what it is: read here, shown, and all its inputs signed. */
#ifndef CSIG_CLI_BATCH_H
#define CSIG_CLI_BATCH_H

#include "cli/device.h"

/* `sign` with a payload, or with --request. */
CLI_MUST cli_exit sign_payload(cli *c);
/* A request that somebody else has made, of the wallet c->wallet: shown, agreed to, signed. */
CLI_MUST cli_exit sign_request(cli *c, const devices *all, const char *request);

/* The same; but what a device's own policy denies, or its user, is declined: the server is told,
 * for good. */
CLI_MUST cli_exit sign_or_decline(cli *c, const devices *all, const char *request, bool *declined);

#endif
