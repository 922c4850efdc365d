/* Keccak-256 as Ethereum uses it: the Keccak team's submission to the SHA-3 competition with
 * capacity 512 and its own padding (FIPS 202 pads otherwise). Over public data. */
#ifndef CSIG_CRYPTO_KECCAK_H
#define CSIG_CRYPTO_KECCAK_H

#include "base/base.h"

#define CSIG_KECCAK_BYTES 32
#define CSIG_KECCAK_RATE  136

typedef struct csig_keccak {
    uint64_t A[25]; /* lane x, y at x + 5 y */
    size_t at;      /* octets of the current block, below CSIG_KECCAK_RATE */
} csig_keccak;

void csig_keccak_init(csig_keccak *h);
void csig_keccak_update(csig_keccak *h, const void *p, size_t len);
void csig_keccak_final(csig_keccak *h, uint8_t out[CSIG_KECCAK_BYTES]);

/* All at once. */
void csig_keccak256(uint8_t out[CSIG_KECCAK_BYTES], const void *p, size_t len);

#endif
