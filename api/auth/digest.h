/* Content-Digest (RFC 9530): sha-256 and sha-512. */
#ifndef CSIGD_AUTH_DIGEST_H
#define CSIGD_AUTH_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "auth/error.h"

#define CSIGD_DIGEST_BYTES 56 /* sha-256=:44 characters: and NUL */

/* The field's value for a body: sha-256. */
void csigd_digest_make(char field[CSIGD_DIGEST_BYTES], const uint8_t *body, size_t len);
/* Every digest that is known must be the body's; at least one must be known, others are passed
 * over. field: NULL when the message has none, which is right for an empty body alone.
 * CSIGD_AUTH_DIGEST_MISSING, _MALFORMED, _MISMATCH. */
csigd_auth csigd_digest_verify(const char *field, const uint8_t *body, size_t len);

#endif
