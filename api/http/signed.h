/* Requests are signed and so are their answers: the profile of auth/ between server.c, which has
 * the headers, and the service, which has the keys. Knows no socket. */
#ifndef CSIGD_HTTP_SIGNED_H
#define CSIGD_HTTP_SIGNED_H

#include "auth/digest.h"
#include "auth/profile.h"
#include "http/router.h"
#include "service/keys.h"

#define CSIGD_FIELDS_MAX 64

/* One request as its signature sees it. Strings are borrowed. */
typedef struct csigd_signed {
    csigd_message message;
    csigd_field fields[CSIGD_FIELDS_MAX];
    char keyid[CSIGD_KEY_ID_BYTES];
    char nonce[CSIGD_NONCE_MAX + 1];
    int64_t expires;
    csigd_caller caller;
    csigd_proof *proof; /* of a stranger, until the body has come with the key */
} csigd_signed;

/* What the head alone decides: whose signature it is, and that it is good; of a key that is not
 * known only with `strangers`, and then not yet that it is good. All codes of 401. */
csigd_code csigd_signed_open(csigd_signed *s, const csigd_service *service, bool strangers,
                             csigd_problem *why);
/* Once the body is there, before anything is done: a stranger's signature by the key in the body
 * (own, else NULL), the key is not revoked meanwhile, the signature is taken for the first time and
 * the body is the one it names. Waits for the disk. */
csigd_code csigd_signed_admit(csigd_signed *s, const csigd_service *service, const csigd_key *own,
                              const uint8_t *body, size_t len, csigd_problem *why);
void csigd_signed_free(csigd_signed *s);

/* The headers that sign a reply. */
typedef struct csigd_reply_signature {
    char digest[CSIGD_DIGEST_BYTES]; /* "": no body */
    csigd_signature_fields fields;
} csigd_reply_signature;

/* request: the one it answers, signed or not. false: it cannot be signed. */
bool csigd_reply_is_signed(csigd_reply_signature *out, const csigd_message *request,
                           const csigd_service *service, const csigd_reply *reply);

#endif
