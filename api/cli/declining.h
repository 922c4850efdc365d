/* A device's word that it does not sign a request: signed with its identity, lines of
 * api/README.md. File DIR/devices/NAME/declines/REQUEST, [header][the body that is sent]: written
 * before it leaves, removed once the server has answered, sent again by every command until then.
 * Nothing in it is secret. */
#ifndef CSIG_CLI_DECLINING_H
#define CSIG_CLI_DECLINING_H

#include "cli/device.h"
#include "countersign/payload.h"

typedef struct decline {
    const char *request, *wallet, *path; /* as the server has them */
    const csig_payload *payload;         /* as it was read here */
    const char *rule;                    /* of the device's policy; "": a person says no */
    const char *because;
} decline;

/* What the server makes of it is told as a note; that it takes none is no failure. CLI_OFFLINE,
 * CLI_AGAIN: it will be sent again. */
CLI_MUST cli_exit declining_say(cli *c, const device *d, const decline *no);
/* What an earlier process has said and no server has answered. */
CLI_MUST cli_exit declining_resend(cli *c, const device *d);

#endif
