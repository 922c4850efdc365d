/* Base58Check: a version, what it is of, and four octets of SHA256d, in 58 characters that look
 * different. Source: bitcoin.org wiki "Base58Check encoding"; BIP32, serialization format. */
#ifndef CSIG_PAYLOAD_BASE58_H
#define CSIG_PAYLOAD_BASE58_H

#include "base/base.h"

#define CSIG_BASE58_MAX       78  /* octets before the checksum: an extended key */
#define CSIG_BASE58_TEXT_ROOM 113 /* text of as many, and its NUL */

/* len at most CSIG_BASE58_MAX. */
void csig_base58check_encode(char out[CSIG_BASE58_TEXT_ROOM], const uint8_t *octets, size_t len);
/* CSIG_E_FORMAT: another alphabet, too long or the checksum is wrong. */
CSIG_MUST csig_err csig_base58check_decode(uint8_t out[CSIG_BASE58_MAX], size_t *len,
                                           const char *text);

#endif
