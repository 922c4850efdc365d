#include "api/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

EVP_PKEY *judge_public(const char *pem)
{
    BIO *in = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = PEM_read_bio_PUBKEY(in, NULL, NULL, NULL);

    BIO_free(in);
    assert_non_null(key);
    return key;
}

EVP_PKEY *judge_secret(const char *pem)
{
    BIO *in = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);

    BIO_free(in);
    assert_non_null(key);
    return key;
}

size_t judge_der(uint8_t *der, size_t size, EVP_PKEY *key)
{
    unsigned char *at = der;
    const int len = i2d_PUBKEY(key, NULL);

    assert_true(len > 0 && (size_t)len <= size);
    assert_int_equal(i2d_PUBKEY(key, &at), len);
    return (size_t)len;
}

EVP_PKEY *judge_from_der(const uint8_t *der, size_t len)
{
    const unsigned char *at = der;

    return d2i_PUBKEY(NULL, &at, (long)len);
}

EVP_PKEY *judge_make(bool is_p256)
{
    EVP_PKEY *key = is_p256 ? EVP_EC_gen("P-256") : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

    assert_non_null(key);
    return key;
}

/* r and s as a DER sequence; its length. */
static size_t encode(uint8_t der[80], const uint8_t rs[64])
{
    ECDSA_SIG *sig = ECDSA_SIG_new();
    unsigned char *at = der;
    int len;

    assert_int_equal(ECDSA_SIG_set0(sig, BN_bin2bn(rs, 32, NULL), BN_bin2bn(rs + 32, 32, NULL)), 1);
    len = i2d_ECDSA_SIG(sig, &at);
    ECDSA_SIG_free(sig);
    assert_true(len > 0);
    return (size_t)len;
}

static void decode(uint8_t rs[64], const uint8_t *der, size_t len)
{
    const unsigned char *at = der;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)len);

    assert_non_null(sig);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(sig), rs, 32), 32);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(sig), rs + 32, 32), 32);
    ECDSA_SIG_free(sig);
}

static const EVP_MD *hash_of(EVP_PKEY *key)
{
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_ED25519:
        return NULL;
    case EVP_PKEY_EC:
        return EVP_sha256();
    default:
        return EVP_sha512();
    }
}

static void prepare(EVP_PKEY_CTX *ctx, EVP_PKEY *key)
{
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) return;
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, 64), 1);
}

bool judge_accepts(EVP_PKEY *key, const char *message, size_t len, const uint8_t *signature,
                   size_t signature_len)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *inner;
    uint8_t der[80];
    bool good;

    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC) {
        assert_int_equal(signature_len, 64);
        signature_len = encode(der, signature);
        signature = der;
    }
    assert_int_equal(EVP_DigestVerifyInit(ctx, &inner, hash_of(key), NULL, key), 1);
    prepare(inner, key);
    good = EVP_DigestVerify(ctx, signature, signature_len, (const uint8_t *)message, len) == 1;
    EVP_MD_CTX_free(ctx);
    return good;
}

void judge_sign(uint8_t signature[64], EVP_PKEY *key, const char *message, size_t len)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint8_t made[80];
    size_t made_len = sizeof made;

    assert_int_equal(EVP_DigestSignInit(ctx, NULL, hash_of(key), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(ctx, made, &made_len, (const uint8_t *)message, len), 1);
    EVP_MD_CTX_free(ctx);
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC) {
        decode(signature, made, made_len);
    } else {
        assert_int_equal(made_len, 64);
        memcpy(signature, made, 64);
    }
}
