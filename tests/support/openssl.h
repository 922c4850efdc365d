/* An ECDSA signature judged by OpenSSL, which shares no code with ours. */
#ifndef TESTS_SUPPORT_OPENSSL_H
#define TESTS_SUPPORT_OPENSSL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* public_key: SEC1 compressed; der: the signature. */
bool openssl_verifies(const uint8_t public_key[33], const uint8_t digest[32], const uint8_t *der,
                      size_t der_len);

#endif
