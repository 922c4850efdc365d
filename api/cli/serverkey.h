/* The key that the server signs its answers with, which its identity vouches for: file
 * DIR/server.key, [header][identity's signature 64][SubjectPublicKeyInfo], behind it from the
 * second generation on [generation 8]. Nobody goes back to an older one. */
#ifndef CSIG_CLI_SERVERKEY_H
#define CSIG_CLI_SERVERKEY_H

#include "cli/json.h"

#define SERVER_KEYS_PATH "/v1/server-keys"

/* From an enrolment's reply: of `identity`, which must have signed it. From now on answers are
 * verified with it. CLI_CHEAT: also when it is older than the one that is known. */
CLI_MUST cli_exit server_key_learn(cli *c, const json *reply,
                                   const uint8_t identity[CSIG_IDENTITY_BYTES]);
/* The same of an entry of the list of keys, for the pinned identity. */
CLI_MUST cli_exit server_key_follow(cli *c, const json *entry);
/* The pinned one; none is fine. */
CLI_MUST cli_exit server_key_load(cli *c);
/* Keeps the one that is known, for later runs. */
CLI_MUST cli_exit server_key_pin(cli *c);

#endif
