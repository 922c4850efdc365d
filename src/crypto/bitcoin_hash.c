/* Bitcoin's hashes on libsodium's SHA-256 and our RIPEMD-160. */
#include "crypto/bitcoin_hash.h"

#include <string.h>

#include "crypto/ripemd160.h"

_Static_assert(CSIG_SHA256_BYTES == crypto_hash_sha256_BYTES, "SHA-256");
_Static_assert(CSIG_HASH160_BYTES == CSIG_RIPEMD160_BYTES, "hash160");

void csig_sha256_init(csig_sha256 *h)
{
    crypto_hash_sha256_init(h);
}

void csig_sha256_add(csig_sha256 *h, const void *p, size_t len)
{
    if (len > 0) crypto_hash_sha256_update(h, p, len);
}

void csig_sha256_final(csig_sha256 *h, uint8_t out[CSIG_SHA256_BYTES])
{
    crypto_hash_sha256_final(h, out);
}

void csig_sha256_final_twice(csig_sha256 *h, uint8_t out[CSIG_SHA256_BYTES])
{
    uint8_t once[CSIG_SHA256_BYTES];

    csig_sha256_final(h, once);
    csig_sha256_of(out, once, sizeof once);
}

void csig_sha256_of(uint8_t out[CSIG_SHA256_BYTES], const void *msg, size_t len)
{
    csig_sha256 h;

    csig_sha256_init(&h);
    csig_sha256_add(&h, msg, len);
    csig_sha256_final(&h, out);
}

void csig_sha256d(uint8_t out[CSIG_SHA256_BYTES], const void *msg, size_t len)
{
    csig_sha256 h;

    csig_sha256_init(&h);
    csig_sha256_add(&h, msg, len);
    csig_sha256_final_twice(&h, out);
}

void csig_hash160(uint8_t out[CSIG_HASH160_BYTES], const void *msg, size_t len)
{
    uint8_t inner[CSIG_SHA256_BYTES];

    csig_sha256_of(inner, msg, len);
    csig_ripemd160(out, inner, sizeof inner);
}

void csig_tagged_hash(uint8_t out[CSIG_SHA256_BYTES], const char *tag, const void *msg, size_t len)
{
    uint8_t of_tag[CSIG_SHA256_BYTES];
    csig_sha256 h;

    csig_sha256_of(of_tag, tag, strlen(tag));
    csig_sha256_init(&h);
    csig_sha256_add(&h, of_tag, sizeof of_tag);
    csig_sha256_add(&h, of_tag, sizeof of_tag);
    csig_sha256_add(&h, msg, len);
    csig_sha256_final(&h, out);
}
