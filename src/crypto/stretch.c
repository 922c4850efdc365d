/* Argon2id of libsodium. */
#include "crypto/stretch.h"

#include <sodium.h>

_Static_assert(CSIG_STRETCH_SALT_BYTES == crypto_pwhash_SALTBYTES, "Argon2id salt");
_Static_assert(CSIG_STRETCH_KEY_BYTES >= crypto_pwhash_BYTES_MIN, "Argon2id output");

csig_err csig_stretch_key(uint8_t key[CSIG_STRETCH_KEY_BYTES], const csig_stretch *how,
                          const uint8_t *passphrase, size_t len)
{
    const uint64_t octets = (uint64_t)how->memory << 10;

    CSIG_REQUIRE(how->ops >= crypto_pwhash_OPSLIMIT_MIN, CSIG_E_RANGE);
    CSIG_REQUIRE(octets >= crypto_pwhash_MEMLIMIT_MIN && octets <= SIZE_MAX, CSIG_E_RANGE);
    CSIG_REQUIRE(octets <= crypto_pwhash_MEMLIMIT_MAX, CSIG_E_RANGE);
    CSIG_REQUIRE(len <= crypto_pwhash_PASSWD_MAX, CSIG_E_RANGE);
    /* What else can fail is the allocation of its blocks. */
    CSIG_REQUIRE(crypto_pwhash(key, CSIG_STRETCH_KEY_BYTES, (const char *)passphrase, len,
                               how->salt, how->ops, (size_t)octets,
                               crypto_pwhash_ALG_ARGON2ID13) == 0,
                 CSIG_E_MEMORY);
    return CSIG_OK;
}
