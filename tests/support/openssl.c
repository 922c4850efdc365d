#include "support/openssl.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

static EVP_PKEY *load(const uint8_t public_key[33])
{
    char group[] = "secp256k1";
    uint8_t pub[33];
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;

    for (int i = 0; i < 33; i++)
        pub[i] = public_key[i];
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, pub, sizeof pub),
        OSSL_PARAM_construct_end(),
    };
    if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    return key;
}

bool openssl_verifies(const uint8_t public_key[33], const uint8_t digest[32], const uint8_t *der,
                      size_t der_len)
{
    EVP_PKEY *key = load(public_key);
    EVP_PKEY_CTX *ctx = key == NULL ? NULL : EVP_PKEY_CTX_new(key, NULL);
    const bool ok = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
                    EVP_PKEY_verify(ctx, der, der_len, digest, 32) == 1;

    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    return ok;
}
