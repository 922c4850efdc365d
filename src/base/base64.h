/* Base64 (RFC 4648, section 4) with padding, strict: one text per octets. For public data. */
#ifndef CSIG_BASE_BASE64_H
#define CSIG_BASE_BASE64_H

#include "base/base.h"

/* Room for the text of len octets and its NUL. */
#define CSIG_BASE64_ROOM(len) (((len) + 2) / 3 * 4 + 1)

void csig_base64_encode(char *out, size_t room, const uint8_t *octets, size_t len);
/* *len: room before, octets after; text_len / 4 * 3 is always enough. CSIG_E_FORMAT: not base64,
 * not padded, or with bits that mean nothing; CSIG_E_BUFFER: longer than the room. */
CSIG_MUST csig_err csig_base64_decode(uint8_t *out, size_t *len, const char *text, size_t text_len);

#endif
