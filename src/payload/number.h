/* Numbers of up to 256 bits as JSON has them: integers that every reader of JSON keeps exactly, or
 * text, decimal or 0x. */
#ifndef CSIG_PAYLOAD_NUMBER_H
#define CSIG_PAYLOAD_NUMBER_H

#include "payload/json.h"

typedef struct csig_number {
    uint8_t magnitude[32]; /* big-endian */
    bool negative;         /* and not zero */
} csig_number;

/* Decimal without leading zeros, with a minus before it; or 0x and digits of either case. */
bool csig_number_is_read(csig_number *n, const char *text, size_t len);
/* Of an integer between -2^53 and 2^53, or of text. */
bool csig_number_is_of(csig_number *n, const csig_json *v);
/* Is it one of intN (is_signed) or uintN? bits: 8 .. 256. */
bool csig_number_is_within(const csig_number *n, unsigned bits, bool is_signed);
/* 256 bits, two's complement. */
void csig_number_word(uint8_t out[32], const csig_number *n);

#endif
