/* HMAC-SHA512, for the formats that prescribe it (BIP32). Own constructions use transcripts. */
#ifndef CSIG_CRYPTO_HMAC_H
#define CSIG_CRYPTO_HMAC_H

#include "base/base.h"

#define CSIG_HMAC_BYTES 64

/* Any lengths; constant time but for them. */
void csig_hmac_sha512(uint8_t mac[CSIG_HMAC_BYTES], const uint8_t *key, size_t key_len,
                      const uint8_t *msg, size_t len);

#endif
