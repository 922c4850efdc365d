/* Bech32 (BIP173) and Bech32m (BIP350), and the addresses of witness programs in them. */
#ifndef CSIG_PAYLOAD_BECH32_H
#define CSIG_PAYLOAD_BECH32_H

#include "base/base.h"

#define CSIG_BECH32_MAX          90 /* characters */
#define CSIG_BECH32_ROOM         (CSIG_BECH32_MAX + 1)
#define CSIG_WITNESS_VERSION_MAX 16
#define CSIG_WITNESS_PROGRAM_MAX 40 /* octets; at least 2 */

typedef enum csig_bech32_kind { CSIG_BECH32 = 1, CSIG_BECH32M } csig_bech32_kind;

typedef struct csig_bech32 {
    csig_bech32_kind kind;
    char hrp[CSIG_BECH32_ROOM];    /* lower case */
    uint8_t data[CSIG_BECH32_MAX]; /* values of 5 bits, without the checksum */
    size_t len;
} csig_bech32;

/* CSIG_E_FORMAT: mixed case, too long, another alphabet or no valid checksum of either kind. */
CSIG_MUST csig_err csig_bech32_decode(csig_bech32 *b, const char *text);

/* A witness program of version 0 .. 16 and 2 .. 40 octets, under the network's prefix. */
void csig_segwit_encode(char out[CSIG_BECH32_ROOM], const char *hrp, unsigned version,
                        const uint8_t *program, size_t len);
/* CSIG_E_FORMAT: not the address of a witness program under that prefix. */
CSIG_MUST csig_err csig_segwit_decode(unsigned *version, uint8_t program[CSIG_WITNESS_PROGRAM_MAX],
                                      size_t *len, const char *hrp, const char *text);

#endif
