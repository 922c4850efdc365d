/* ECDSA on P-256 with SHA-256, by GnuTLS: signatures are r and s, 32 octets each, big-endian, as
 * RFC 9421 has them. The one file that knows GnuTLS. */
#ifndef CSIGD_AUTH_P256_H
#define CSIGD_AUTH_P256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CSIGD_P256_POINT_BYTES  65 /* 04, x, y */
#define CSIGD_P256_SECRET_BYTES 96 /* the secret number, x, y */

/* Uncompressed and on the curve. */
bool csigd_p256_point_is_sound(const uint8_t point[CSIGD_P256_POINT_BYTES]);
bool csigd_p256_signature_is_valid(const uint8_t point[CSIGD_P256_POINT_BYTES],
                                   const uint8_t *message, size_t len, const uint8_t rs[64]);

/* A new key. While it is used it is in GnuTLS's memory, which GnuTLS wipes but does not lock. */
bool csigd_p256_is_made(uint8_t secret[CSIGD_P256_SECRET_BYTES]);
/* The point of a secret; false: they do not belong together. */
bool csigd_p256_point_is_of(uint8_t point[CSIGD_P256_POINT_BYTES],
                            const uint8_t secret[CSIGD_P256_SECRET_BYTES]);
bool csigd_p256_is_signed(uint8_t rs[64], const uint8_t secret[CSIGD_P256_SECRET_BYTES],
                          const uint8_t *message, size_t len);

#endif
