/* Addresses: one file per chain; payloads show and compare them as text. */
#ifndef CSIG_PAYLOAD_ADDRESS_H
#define CSIG_PAYLOAD_ADDRESS_H

#include "countersign/payload.h"
#include "num/point.h"

/* --- address_eth.c --- */
#define CSIG_ETHEREUM_BYTES 20
/* Of a public key: the last 20 octets of the Keccak of its coordinates. */
void csig_ethereum_of(uint8_t out[CSIG_ETHEREUM_BYTES], const csig_point *key);
/* 0x and 40 digits: all of one case, or in the mixed case of EIP-55. */
bool csig_ethereum_address_is_read(uint8_t address[CSIG_ETHEREUM_BYTES], const char *text);
/* 0x and 40 digits in the mixed case of EIP-55. */
void csig_ethereum_address(char out[CSIG_ADDRESS_BYTES],
                           const uint8_t address[CSIG_ETHEREUM_BYTES]);

#endif
