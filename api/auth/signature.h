/* Signature-Input and Signature (RFC 9421, sections 3 and 4): exactly one signature in a message,
 * its parameters, making and checking one. Knows no profile. */
#ifndef CSIGD_AUTH_SIGNATURE_H
#define CSIGD_AUTH_SIGNATURE_H

#include "auth/key.h"
#include "auth/message.h"

#define CSIGD_BASE_MAX  16384
#define CSIGD_NONCE_MIN 16 /* characters */
#define CSIGD_NONCE_MAX 64

/* The parameters there are; in a set, one bit each. */
typedef enum csigd_signature_param {
    CSIGD_PARAM_CREATED = 1 << 0,
    CSIGD_PARAM_EXPIRES = 1 << 1,
    CSIGD_PARAM_NONCE = 1 << 2,
    CSIGD_PARAM_ALG = 1 << 3,
    CSIGD_PARAM_KEYID = 1 << 4,
    CSIGD_PARAM_TAG = 1 << 5
} csigd_signature_param;

typedef struct csigd_signature_params {
    unsigned set;             /* those that are given */
    int64_t created, expires; /* seconds since 1970 */
    char nonce[CSIGD_NONCE_MAX + 1];
    char alg[32];
    char keyid[129];
    char tag[65];
} csigd_signature_params;

typedef struct csigd_signature {
    csigd_sf input; /* its one member is node 0 */
    char label[CSIGD_COMPONENT_NAME];
    csigd_signature_params params;
    uint8_t octets[CSIGD_KEY_SIGNATURE_BYTES];
} csigd_signature;

/* CSIGD_AUTH_MISSING: neither field is there. _MALFORMED: one alone, more than one signature,
 * another label in each, no inner list, no signature of 64 octets. _PARAMETER: unknown or of a
 * wrong type. */
csigd_auth csigd_signature_read(csigd_signature *s, const csigd_message *m, csigd_refusal *why);
/* Does it cover this? */
bool csigd_signature_has_component(const csigd_signature *s, const csigd_component *c);
/* CSIGD_AUTH_COMPONENT, _TOO_LONG. base: CSIGD_BASE_MAX octets. */
csigd_auth csigd_signature_base(csigd_text *base, const csigd_signature *s, const csigd_message *m,
                                csigd_refusal *why);

/* The values of the two fields. */
typedef struct csigd_signature_fields {
    char input[2048];
    char signature[160];
} csigd_signature_fields;

/* Signs these components with these parameters (those in their set, in the order of the enum).
 * CSIGD_AUTH_COMPONENT, _TOO_LONG, _SIGNER. */
csigd_auth csigd_signature_make(csigd_signature_fields *out, const csigd_message *m,
                                const char *label, const csigd_component *components,
                                size_t n_components, const csigd_signature_params *params,
                                const csigd_signer *signer, csigd_refusal *why);

#endif
