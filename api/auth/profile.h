/* How countersign signs HTTP messages: the one profile of RFC 9421 that daemon, command line and
 * phones speak. What a signature must cover, which parameters it must have and how long it holds.
 *
 * A request covers @method and @target-uri; a response covers @status, @method;req and
 * @target-uri;req and, when its request was signed, that request's signature-input and signature:
 * so it answers this request and no other. Beyond these, fields that change what a message means
 * (content-type, content-digest and others: see the table in profile.c) are covered whenever they
 * are there. More may be covered. */
#ifndef CSIGD_AUTH_PROFILE_H
#define CSIGD_AUTH_PROFILE_H

#include "auth/signature.h"

#define CSIGD_SIGNATURE_SECONDS 60 /* from created to expires, at most */
#define CSIGD_SIGNATURE_SKEW    30 /* a sender's clock may be ahead */
#define CSIGD_REQUEST_TAG       "countersign-v1-request"
#define CSIGD_RESPONSE_TAG      "countersign-v1-response"
#define CSIGD_WEBHOOK_TAG       "countersign-v1-webhook"
#define CSIGD_SIGNATURE_LABEL   "csig"

/* What was checked before the key is known. */
typedef struct csigd_proof {
    csigd_signature signature;
    char base[CSIGD_BASE_MAX];
    size_t base_len;
} csigd_proof;

/* Everything about a request's signature but the key: look the key up by
 * proof->signature.params.keyid next. Content-Digest is covered if it is there; whether the body is
 * the one it names is csigd_digest_verify's to say, once the body has come. */
csigd_auth csigd_request_open(csigd_proof *proof, const csigd_message *m, int64_t now,
                              csigd_refusal *why);
/* key: NULL when no such key is known: the same work, and the same answer as for a wrong signature.
 * What comes next is csigd_replay_admit, and only then may the request do anything. */
csigd_auth csigd_request_verify(const csigd_proof *proof, const csigd_key *key, csigd_refusal *why);

/* A response, by whom its key is pinned. A signed request in m->request makes it fresh; of an
 * unsigned one it says only that the server gave such an answer once. *created: the server's clock.
 */
csigd_auth csigd_response_verify(const csigd_message *m, const csigd_key *key, int64_t *created,
                                 csigd_refusal *why);

/* nonce: 16 to 64 printable characters, never used with this key before. The message must have all
 * its fields, Content-Digest too (csigd_digest_make). */
csigd_auth csigd_request_sign(csigd_signature_fields *out, const csigd_message *m,
                              const csigd_signer *signer, const char *nonce, int64_t now,
                              csigd_refusal *why);
/* What the server sends of its own accord, which is no request to a server such as this one: with
 * one of the tags above for it, else as a request. */
csigd_auth csigd_push_sign(csigd_signature_fields *out, const csigd_message *m, const char *tag,
                           const csigd_signer *signer, const char *nonce, int64_t now,
                           csigd_refusal *why);
csigd_auth csigd_response_sign(csigd_signature_fields *out, const csigd_message *m,
                               const csigd_signer *signer, int64_t now, csigd_refusal *why);

#endif
