/* The server this folder enrolled with: file DIR/server, [header][identity 32][address]. */
#ifndef CSIG_CLI_SERVER_H
#define CSIG_CLI_SERVER_H

#include "cli/json.h"

/* The pinned identity. Sets c->server where the command line names none. CLI_REFUSED: no device has
 * enrolled yet. */
CLI_MUST cli_exit server_pinned(cli *c, uint8_t id[CSIG_IDENTITY_BYTES]);
CLI_MUST cli_exit server_is_pinned(cli *c, bool *pinned);
/* After an enrolment whose signature is good: pins identity and address at the first one, the new
 * address of the same identity later. CLI_CHEAT: another identity, for ever refused. */
CLI_MUST cli_exit server_pin(cli *c, const uint8_t id[CSIG_IDENTITY_BYTES]);
/* A reply that names the server's identity names the pinned one. CLI_CHEAT. */
CLI_MUST cli_exit server_check(cli *c, const json *reply);

#endif
