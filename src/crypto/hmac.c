/* HMAC-SHA512 by libsodium. */
#include "crypto/hmac.h"

#include <sodium.h>

#include "base/mem.h"

_Static_assert(CSIG_HMAC_BYTES == crypto_auth_hmacsha512_BYTES, "HMAC-SHA512");

void csig_hmac_sha512(uint8_t mac[CSIG_HMAC_BYTES], const uint8_t *key, size_t key_len,
                      const uint8_t *msg, size_t len)
{
    crypto_auth_hmacsha512_state h;

    crypto_auth_hmacsha512_init(&h, key, key_len);
    crypto_auth_hmacsha512_update(&h, msg, len);
    crypto_auth_hmacsha512_final(&h, mac);
    csig_wipe(&h, sizeof h);
}
