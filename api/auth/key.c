/* Public keys in and out, and one face for both algorithms. Ed25519 by libsodium, which refuses
 * points of small order; P-256 in p256.c. */
#include "auth/key.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "auth/p256.h"

_Static_assert(CSIGD_KEY_SIGNATURE_BYTES == crypto_sign_BYTES, "Ed25519 signature");
_Static_assert(CSIGD_KEY_SECRET_BYTES == CSIGD_P256_SECRET_BYTES, "the larger of the two");

#define ED25519_BYTES 32

/* SubjectPublicKeyInfo up to the key's octets: RFC 8410, RFC 5480. */
static const uint8_t ed25519_head[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                       0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
static const uint8_t p256_head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                    0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                    0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

typedef struct form {
    const char *name;
    const uint8_t *head;
    size_t head_len, len;
} form;

static const form forms[] = {
    [CSIGD_KEY_ED25519] = {"ed25519", ed25519_head, sizeof ed25519_head, ED25519_BYTES},
    [CSIGD_KEY_P256] = {"ecdsa-p256-sha256", p256_head, sizeof p256_head, CSIGD_P256_POINT_BYTES},
};

const char *csigd_key_algorithm_name(csigd_key_algorithm algorithm)
{
    return forms[algorithm].name;
}

csigd_auth csigd_key_read(csigd_key *key, const uint8_t *der, size_t len)
{
    for (csigd_key_algorithm a = CSIGD_KEY_ED25519; a <= CSIGD_KEY_P256; a++) {
        const form *f = &forms[a];
        const uint8_t *octets = der + f->head_len;

        if (len != f->head_len + f->len || memcmp(der, f->head, f->head_len) != 0) continue;
        /* libsodium's check refuses small orders, mixed orders and other encodings. */
        if (a == CSIGD_KEY_ED25519 ? crypto_core_ed25519_is_valid_point(octets) != 1
                                   : !csigd_p256_point_is_sound(octets))
            break;
        *key = (csigd_key){.algorithm = a};
        memcpy(key->octets, octets, f->len);
        return CSIGD_AUTH_OK;
    }
    return CSIGD_AUTH_BAD_KEY;
}

size_t csigd_key_write(uint8_t der[CSIGD_KEY_PUBLIC_MAX], const csigd_key *key)
{
    const form *f = &forms[key->algorithm];

    memcpy(der, f->head, f->head_len);
    memcpy(der + f->head_len, key->octets, f->len);
    return f->head_len + f->len;
}

void csigd_key_id(char id[CSIGD_KEY_ID_BYTES], const csigd_key *key)
{
    uint8_t der[CSIGD_KEY_PUBLIC_MAX], hash[crypto_hash_sha256_BYTES];
    const size_t len = csigd_key_write(der, key);

    crypto_hash_sha256(hash, der, len);
    sodium_bin2hex(id, CSIGD_KEY_ID_BYTES, hash, sizeof hash);
}

csigd_auth csigd_key_verify(const csigd_key *key, const uint8_t *message, size_t len,
                            const uint8_t *signature, size_t signature_len)
{
    bool good = false;

    if (signature_len != CSIGD_KEY_SIGNATURE_BYTES) return CSIGD_AUTH_BAD_SIGNATURE;
    switch (key->algorithm) {
    case CSIGD_KEY_ED25519:
        good = crypto_sign_verify_detached(signature, message, len, key->octets) == 0;
        break;
    case CSIGD_KEY_P256:
        good = csigd_p256_signature_is_valid(key->octets, message, len, signature);
        break;
    }
    return good ? CSIGD_AUTH_OK : CSIGD_AUTH_BAD_SIGNATURE;
}

/* --- the secret half --- */

csigd_auth csigd_key_make(csigd_key_secret *secret, csigd_key_algorithm algorithm)
{
    *secret = (csigd_key_secret){.algorithm = algorithm};
    switch (algorithm) {
    case CSIGD_KEY_ED25519:
        randombytes_buf(secret->octets, crypto_sign_SEEDBYTES);
        return CSIGD_AUTH_OK;
    case CSIGD_KEY_P256:
        return csigd_p256_is_made(secret->octets) ? CSIGD_AUTH_OK : CSIGD_AUTH_SIGNER;
    }
    return CSIGD_AUTH_SIGNER;
}

csigd_auth csigd_key_public(csigd_key *key, const csigd_key_secret *secret)
{
    uint8_t expanded[crypto_sign_SECRETKEYBYTES];

    *key = (csigd_key){.algorithm = secret->algorithm};
    switch (secret->algorithm) {
    case CSIGD_KEY_ED25519:
        crypto_sign_seed_keypair(key->octets, expanded, secret->octets);
        sodium_memzero(expanded, sizeof expanded);
        return CSIGD_AUTH_OK;
    case CSIGD_KEY_P256:
        return csigd_p256_point_is_of(key->octets, secret->octets) ? CSIGD_AUTH_OK
                                                                   : CSIGD_AUTH_BAD_KEY;
    }
    return CSIGD_AUTH_BAD_KEY;
}

csigd_auth csigd_key_sign(uint8_t signature[CSIGD_KEY_SIGNATURE_BYTES],
                          const csigd_key_secret *secret, const uint8_t *message, size_t len)
{
    uint8_t public_key[ED25519_BYTES], expanded[crypto_sign_SECRETKEYBYTES];

    switch (secret->algorithm) {
    case CSIGD_KEY_ED25519:
        crypto_sign_seed_keypair(public_key, expanded, secret->octets);
        crypto_sign_detached(signature, NULL, message, len, expanded);
        sodium_memzero(expanded, sizeof expanded);
        return CSIGD_AUTH_OK;
    case CSIGD_KEY_P256:
        return csigd_p256_is_signed(signature, secret->octets, message, len) ? CSIGD_AUTH_OK
                                                                             : CSIGD_AUTH_SIGNER;
    }
    return CSIGD_AUTH_SIGNER;
}

void csigd_key_secret_wipe(csigd_key_secret *secret)
{
    sodium_memzero(secret, sizeof *secret);
}

static csigd_auth sign_with_secret(void *context, uint8_t signature[CSIGD_KEY_SIGNATURE_BYTES],
                                   const uint8_t *message, size_t len)
{
    return csigd_key_sign(signature, context, message, len);
}

csigd_auth csigd_signer_of(csigd_signer *signer, csigd_key_secret *secret)
{
    *signer = (csigd_signer){.context = secret, .sign = sign_with_secret};
    return csigd_key_public(&signer->key, secret);
}
