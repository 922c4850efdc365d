/* Signatures judged and made by OpenSSL, which shares no code with ours. */
#ifndef TESTS_API_JUDGE_H
#define TESTS_API_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

/* A key in PEM; the test ends when it is none. EVP_PKEY_free. */
EVP_PKEY *judge_public(const char *pem);
EVP_PKEY *judge_secret(const char *pem);
/* Its SubjectPublicKeyInfo; how long. */
size_t judge_der(uint8_t *der, size_t size, EVP_PKEY *key);
/* From a SubjectPublicKeyInfo; NULL: OpenSSL takes it for none. */
EVP_PKEY *judge_from_der(const uint8_t *der, size_t len);
EVP_PKEY *judge_make(bool is_p256);

/* As RFC 9421 has them: Ed25519; P-256 with r and s; RSA-PSS with SHA-512. */
bool judge_accepts(EVP_PKEY *key, const char *message, size_t len, const uint8_t *signature,
                   size_t signature_len);
/* 64 octets: Ed25519 or P-256. */
void judge_sign(uint8_t signature[64], EVP_PKEY *key, const char *message, size_t len);

#endif
