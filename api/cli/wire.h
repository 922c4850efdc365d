/* Over TCP every request is signed by a device's key, and every answer must be signed by the
 * server's. The profile is that of auth/; file DIR/server.ca, [header][PEM]. */
#ifndef CSIG_CLI_WIRE_H
#define CSIG_CLI_WIRE_H

#include "auth/digest.h"
#include "auth/profile.h"
#include "cli/client.h"
#include "cli/json.h"

#define WIRE_FIELDS_MAX 64

/* A request as it is signed. Strings are borrowed. */
typedef struct wire {
    const char *method;
    char scheme[8];
    char authority[CLI_ADDRESS_ROOM];
    const char *path;
    const char *type; /* NULL: no body */
    char trace[CSIGD_TRACE_PARENT_BYTES];
    char prefer[24];   /* how long the answer may take; empty: not said */
    char known_as[40]; /* Idempotency-Key, with its quotes; empty: none */
    const uint8_t *body;
    size_t len;
    char digest[CSIGD_DIGEST_BYTES];
    csigd_signature_fields signature;
} wire;

/* From a checked URL. */
CLI_MUST cli_exit wire_begin(cli *c, wire *w, const char *method, const char *path);
/* Signs with the key of the device that this is about; again for each try. CLI_REFUSED: it has
 * none. */
CLI_MUST cli_exit wire_sign(cli *c, wire *w);
/* The answer is the server's to this very request: CLI_CHEAT; CLI_OFFLINE: it is not signed, so
 * something between has answered. headers: "Name: value" lines; altered. */
CLI_MUST cli_exit wire_verify(cli *c, const wire *w, const http_reply *r, char *headers);

/* --- what is kept of the server --- */

/* Keeps what was learnt, and the roots of --ca, for later runs. */
CLI_MUST cli_exit wire_pin(cli *c);
/* The file with the roots: --ca, or the pinned ones; "" when there are none of our own. */
CLI_MUST cli_exit wire_ca(cli *c, char path[PATH_ROOM]);

#endif
