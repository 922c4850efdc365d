/* What a hook answers: read, and believed or not. Knows no network. */
#ifndef CSIGD_SERVICE_HOOK_REPLY_H
#define CSIGD_SERVICE_HOOK_REPLY_H

#include "auth/key.h"
#include "auth/message.h"
#include "store/hook.h"

#define CSIGD_HOOK_REPLY_MAX 4096 /* octets of a body */
#define CSIGD_HOOK_RETRY_MAX 300
#define CSIGD_HOOK_SIGNATURE "countersign-hook-signature" /* the field: 128 hex digits */

/* What was asked. */
typedef struct csigd_hook_question {
    uint8_t request[CSIG_REQUEST_ID_BYTES];
    uint8_t nonce[CSIGD_HOOK_NONCE_BYTES]; /* of this attempt alone */
    uint8_t payload[32];                   /* SHA-256 of its canonical text */
} csigd_hook_question;

typedef struct csigd_hook_reply {
    csigd_hook_verb verb;
    uint32_t seconds; /* until it is asked again; 0: it did not say */
    char because[CSIG_BECAUSE_BYTES];
    uint8_t signature[CSIGD_KEY_SIGNATURE_BYTES];
} csigd_hook_reply;

/* A response as it came. */
typedef struct csigd_hook_response {
    unsigned status;
    const csigd_field *fields;
    size_t n_fields;
    const uint8_t *body;
    size_t len;
} csigd_hook_response;

#define CSIGD_HOOK_RETRY_SECONDS 10 /* when it did not say */

/* The octets that are signed, of everything that is said: lines of text, the last without a
 * newline. Their length. */
#define CSIGD_HOOK_TEXT_BYTES 512
size_t csigd_hook_text(char text[CSIGD_HOOK_TEXT_BYTES], const csigd_hook_question *question,
                       const csigd_hook_reply *said);
/* NULL: it is an answer to this question, by this key; else why it is none. */
const char *csigd_hook_reply_read(csigd_hook_reply *reply, const csigd_hook_question *question,
                                  const csigd_key *key, const csigd_hook_response *response);

#endif
