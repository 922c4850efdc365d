/* The Ed25519 key that a device signs its requests with: DIR/devices/NAME/http, sealed like
 * everything of the device. No identity's key: it signs HTTP messages and nothing else. */
#ifndef CSIG_CLI_HTTPKEY_H
#define CSIG_CLI_HTTPKEY_H

#include "auth/key.h"
#include "cli/files.h"
#include "cli/json.h"

typedef struct http_key {
    csigd_key_secret *secret; /* locked; NULL: there is none */
    csigd_signer signer;
} http_key;

CLI_MUST cli_exit http_key_make(cli *c, http_key *key);
/* id: of the device; what is sealed for one does not open for another. */
CLI_MUST cli_exit http_key_save(cli *c, const http_key *key, const char *path,
                                const csig_sealer *sealer, const uint8_t id[CSIG_IDENTITY_BYTES]);
/* A file that is not there: no key. */
CLI_MUST cli_exit http_key_load(cli *c, http_key *key, const char *path, const csig_sealer *sealer,
                                const uint8_t id[CSIG_IDENTITY_BYTES]);
/* The identity vouches for it: members key and key_signature. */
CLI_MUST cli_exit http_key_vouch(cli *c, const http_key *key, const csig_identity *identity,
                                 json *body);
void http_key_free(http_key *key);

#endif
