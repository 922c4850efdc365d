/* The field Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): what the client calls what
 * it asks for. */
#ifndef CSIGD_HTTP_IDEMPOTENCY_H
#define CSIGD_HTTP_IDEMPOTENCY_H

#include <stdbool.h>

#include "store/request.h"

/* "order-1", with the quotes of a string (RFC 8941) or, as many send it, without: 1 to 128
 * printable characters, and within quotes no escapes. */
bool csigd_idempotency_is_read(char out[CSIGD_IDEMPOTENCY_BYTES], const char *value);

#endif
