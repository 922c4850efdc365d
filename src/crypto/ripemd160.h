/* RIPEMD-160 (Dobbertin, Bosselaers, Preneel 1996; ISO/IEC 10118-3), which Bitcoin's addresses
 * prescribe. Not for new uses, and not for secrets. */
#ifndef CSIG_CRYPTO_RIPEMD160_H
#define CSIG_CRYPTO_RIPEMD160_H

#include "base/base.h"

#define CSIG_RIPEMD160_BYTES 20

void csig_ripemd160(uint8_t out[CSIG_RIPEMD160_BYTES], const uint8_t *msg, size_t len);

#endif
