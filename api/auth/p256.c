#include "auth/p256.h"

#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#define NUMBER_BYTES 32

/* GnuTLS only reads these. */
static gnutls_datum_t datum(const uint8_t *octets, size_t len)
{
    return (gnutls_datum_t){.data = (unsigned char *)(uintptr_t)octets, .size = (unsigned)len};
}

static gnutls_pubkey_t point_opened(const uint8_t point[CSIGD_P256_POINT_BYTES])
{
    const gnutls_datum_t x = datum(point + 1, NUMBER_BYTES);
    const gnutls_datum_t y = datum(point + 1 + NUMBER_BYTES, NUMBER_BYTES);
    gnutls_pubkey_t key;

    if (point[0] != 0x04 || gnutls_pubkey_init(&key) != 0) return NULL;
    if (gnutls_pubkey_import_ecc_raw(key, GNUTLS_ECC_CURVE_SECP256R1, &x, &y) == 0) return key;
    gnutls_pubkey_deinit(key);
    return NULL;
}

bool csigd_p256_point_is_sound(const uint8_t point[CSIGD_P256_POINT_BYTES])
{
    gnutls_pubkey_t key = point_opened(point);
    bool good;

    if (key == NULL) return false;
    good = gnutls_pubkey_verify_params(key) == 0;
    gnutls_pubkey_deinit(key);
    return good;
}

/* A number without leading zeros, which DER does not want; empty: zero. */
static gnutls_datum_t shortened(const uint8_t number[NUMBER_BYTES])
{
    size_t skip = 0;

    while (skip < NUMBER_BYTES && number[skip] == 0)
        skip++;
    return datum(number + skip, NUMBER_BYTES - skip);
}

bool csigd_p256_signature_is_valid(const uint8_t point[CSIGD_P256_POINT_BYTES],
                                   const uint8_t *message, size_t len, const uint8_t rs[64])
{
    const gnutls_datum_t r = shortened(rs), s = shortened(rs + NUMBER_BYTES);
    const gnutls_datum_t text = datum(message, len);
    gnutls_datum_t der = {.data = NULL};
    gnutls_pubkey_t key;
    bool good;

    if (r.size == 0 || s.size == 0) return false;
    key = point_opened(point);
    if (key == NULL) return false;
    good = gnutls_encode_rs_value(&der, &r, &s) == 0 &&
           gnutls_pubkey_verify_data2(key, GNUTLS_SIGN_ECDSA_SECP256R1_SHA256, 0, &text, &der) >= 0;
    gnutls_free(der.data);
    gnutls_pubkey_deinit(key);
    return good;
}

/* --- the secret half --- */

/* Right-aligned in 32 octets; false: longer. */
static bool is_padded(uint8_t out[NUMBER_BYTES], const gnutls_datum_t *number)
{
    const unsigned char *at = number->data;
    size_t len = number->size;

    while (len > NUMBER_BYTES && *at == 0) {
        at++;
        len--;
    }
    if (len > NUMBER_BYTES) return false;
    memset(out, 0, NUMBER_BYTES - len);
    memcpy(out + NUMBER_BYTES - len, at, len);
    return true;
}

static void wipe(gnutls_datum_t *d)
{
    if (d->data != NULL) gnutls_memset(d->data, 0, d->size);
    gnutls_free(d->data);
}

bool csigd_p256_is_made(uint8_t secret[CSIGD_P256_SECRET_BYTES])
{
    gnutls_datum_t x = {.data = NULL}, y = {.data = NULL}, k = {.data = NULL};
    gnutls_privkey_t key;
    bool good;

    if (gnutls_privkey_init(&key) != 0) return false;
    good = gnutls_privkey_generate(key, GNUTLS_PK_ECDSA,
                                   GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0) == 0 &&
           gnutls_privkey_export_ecc_raw(key, NULL, &x, &y, &k) == 0 && is_padded(secret, &k) &&
           is_padded(secret + NUMBER_BYTES, &x) && is_padded(secret + 2 * NUMBER_BYTES, &y);
    wipe(&k);
    gnutls_free(x.data);
    gnutls_free(y.data);
    gnutls_privkey_deinit(key);
    return good;
}

static gnutls_privkey_t secret_opened(const uint8_t secret[CSIGD_P256_SECRET_BYTES])
{
    const gnutls_datum_t k = datum(secret, NUMBER_BYTES);
    const gnutls_datum_t x = datum(secret + NUMBER_BYTES, NUMBER_BYTES);
    const gnutls_datum_t y = datum(secret + 2 * NUMBER_BYTES, NUMBER_BYTES);
    gnutls_privkey_t key;

    if (gnutls_privkey_init(&key) != 0) return NULL;
    if (gnutls_privkey_import_ecc_raw(key, GNUTLS_ECC_CURVE_SECP256R1, &x, &y, &k) == 0) return key;
    gnutls_privkey_deinit(key);
    return NULL;
}

bool csigd_p256_point_is_of(uint8_t point[CSIGD_P256_POINT_BYTES],
                            const uint8_t secret[CSIGD_P256_SECRET_BYTES])
{
    gnutls_privkey_t key = secret_opened(secret);
    bool good;

    if (key == NULL) return false;
    good = gnutls_privkey_verify_params(key) == 0;
    gnutls_privkey_deinit(key);
    point[0] = 0x04;
    memcpy(point + 1, secret + NUMBER_BYTES, 2 * NUMBER_BYTES);
    return good;
}

bool csigd_p256_is_signed(uint8_t rs[64], const uint8_t secret[CSIGD_P256_SECRET_BYTES],
                          const uint8_t *message, size_t len)
{
    const gnutls_datum_t text = datum(message, len);
    gnutls_datum_t der = {.data = NULL}, r = {.data = NULL}, s = {.data = NULL};
    gnutls_privkey_t key = secret_opened(secret);
    bool good;

    if (key == NULL) return false;
    good =
        gnutls_privkey_sign_data2(key, GNUTLS_SIGN_ECDSA_SECP256R1_SHA256, 0, &text, &der) == 0 &&
        gnutls_decode_rs_value(&der, &r, &s) == 0 && is_padded(rs, &r) &&
        is_padded(rs + NUMBER_BYTES, &s);
    gnutls_free(der.data);
    gnutls_free(r.data);
    gnutls_free(s.data);
    gnutls_privkey_deinit(key);
    return good;
}
