/* A signed request and its signed response, field by field, to be altered by tests. */
#ifndef TESTS_API_SIGNED_H
#define TESTS_API_SIGNED_H

#include "auth/digest.h"
#include "auth/profile.h"

#define SIGNED_NOW   INT64_C(1790000000)
#define SIGNED_NONCE "0123456789abcdef0123456789abcdef"
#define SIGNED_BODY  "{\"payload\":{}}"
#define SIGNED_REPLY "{\"request\":\"00\"}"

#define SIGNED_FIELDS 10

typedef struct signed_message {
    csigd_message message; /* its fields are these */
    csigd_field fields[SIGNED_FIELDS];
    char digest[CSIGD_DIGEST_BYTES];
    csigd_signature_fields made;
} signed_message;

typedef struct signed_pair {
    csigd_key_secret client_secret, server_secret;
    csigd_signer client, server;
    signed_message request, response;
} signed_pair;

/* A field of it, by its name; one that is new is put behind the others. value NULL: takes it away.
 */
void signed_set(signed_message *m, const char *name, const char *value);
const char *signed_get(const signed_message *m, const char *name);
/* Signs it as it is now. */
void signed_sign_request(signed_pair *p, const char *nonce, int64_t now);
void signed_sign_response(signed_pair *p, int64_t now);
/* Both, with keys of their own. The request is a POST with a body and an Idempotency-Key. */
void signed_make(signed_pair *p, csigd_key_algorithm algorithm);

/* Signs whatever input says, profile or not: "csig=(...);..."; %s is the client's key id. */
void signed_by_hand(signed_pair *p, const char *input);

/* The whole way of a request and its body; the first thing that is wrong. */
csigd_auth signed_check_request(const signed_pair *p, int64_t now, csigd_refusal *why);
csigd_auth signed_check_response(const signed_pair *p, csigd_refusal *why);

#endif
