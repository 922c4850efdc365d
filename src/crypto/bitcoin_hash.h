/* The hashes that Bitcoin's formats prescribe, over public data. Own constructions use transcripts.
 */
#ifndef CSIG_CRYPTO_BITCOIN_HASH_H
#define CSIG_CRYPTO_BITCOIN_HASH_H

#include <sodium.h>

#include "base/base.h"

#define CSIG_SHA256_BYTES  32
#define CSIG_HASH160_BYTES 20

typedef crypto_hash_sha256_state csig_sha256;

/* SHA-256, piece by piece. */
void csig_sha256_init(csig_sha256 *h);
void csig_sha256_add(csig_sha256 *h, const void *p, size_t len);
void csig_sha256_final(csig_sha256 *h, uint8_t out[CSIG_SHA256_BYTES]);
/* SHA256(SHA256(what was added)) */
void csig_sha256_final_twice(csig_sha256 *h, uint8_t out[CSIG_SHA256_BYTES]);

void csig_sha256_of(uint8_t out[CSIG_SHA256_BYTES], const void *msg, size_t len);
void csig_sha256d(uint8_t out[CSIG_SHA256_BYTES], const void *msg, size_t len);
/* RIPEMD160(SHA256(msg)) */
void csig_hash160(uint8_t out[CSIG_HASH160_BYTES], const void *msg, size_t len);
/* SHA256(SHA256(tag) || SHA256(tag) || msg), BIP340's tagged hash. */
void csig_tagged_hash(uint8_t out[CSIG_SHA256_BYTES], const char *tag, const void *msg, size_t len);

#endif
