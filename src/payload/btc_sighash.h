/* What an input's signature signs: the hash of the transaction, as of old and as of BIP143. Only
 * for SIGHASH_ALL, alone or with ANYONECANPAY: all outputs are always signed. */
#ifndef CSIG_PAYLOAD_BTC_SIGHASH_H
#define CSIG_PAYLOAD_BTC_SIGHASH_H

#include "payload/btc_tx.h"

#define CSIG_SIGHASH_ALL        UINT32_C(0x01)
#define CSIG_SIGHASH_ALL_ANYONE UINT32_C(0x81) /* others may add inputs */

bool csig_sighash_is_known(uint32_t type);

typedef struct csig_btc_spend {
    const csig_btc_tx *tx;
    size_t input;    /* of tx */
    csig_span code;  /* scriptCode: the script that checks the signature */
    uint64_t amount; /* of the output spent; the old hash has no place for it */
    uint32_t type;   /* one of the two above */
} csig_btc_spend;

void csig_sighash_legacy(uint8_t digest[CSIG_SHA256_BYTES], const csig_btc_spend *spend);
/* Witness version 0. */
void csig_sighash_witness(uint8_t digest[CSIG_SHA256_BYTES], const csig_btc_spend *spend);

#endif
