/* Calls to the daemon. The only file that knows libcurl. */
#ifndef CSIG_CLI_CLIENT_H
#define CSIG_CLI_CLIENT_H

#include "cli/files.h"
#include "cli/json.h"

typedef struct http_reply {
    long status;
    blob body; /* a NUL behind both */
    blob headers;
} http_reply;

void http_reply_free(http_reply *r);
#define AUTO_REPLY __attribute__((cleanup(http_reply_free))) http_reply

/* One call. Any status is an answer. What may be repeated (all but POST) is tried again, the same
 * octets, for some six seconds, when a server that has answered before falls silent or says 503 or
 * 429.
 *
 * CLI_OFFLINE: no answer. CLI_USAGE: the address is none. CLI_INPUT: too large. body NULL: none. */
CLI_MUST cli_exit client_call(cli *c, const char *method, const char *path, const char *type,
                              const uint8_t *body, size_t len, http_reply *r);
/* A control call: JSON both ways; a problem becomes a failure with the server's words. */
CLI_MUST cli_exit client_json(cli *c, const char *method, const char *path, const json *body,
                              json **out);
/* The failure a problem reply stands for; CLI_INPUT when it is none of countersignd's. */
CLI_MUST cli_exit client_problem(cli *c, const http_reply *r);
/* Is this the address of a server: the path of a socket, https://, or http:// and this
 * machine? CLI_USAGE. */
CLI_MUST cli_exit client_check_address(cli *c, const char *address);
bool client_address_is_url(const char *address);
void client_close(cli *c);

#endif
