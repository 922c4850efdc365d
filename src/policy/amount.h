/* 256-bit amounts, big-endian octets; adding them is in policy.h. Public: nothing here is constant
 * time. */
#ifndef CSIG_POLICY_AMOUNT_H
#define CSIG_POLICY_AMOUNT_H

#include "base/base.h"
#include "countersign/policy.h"

/* "0" or decimal digits without a leading zero, below 2^256. */
bool csig_amount_is_read(uint8_t amount[CSIG_AMOUNT_BYTES], const char *decimal);
bool csig_amount_is_above(const uint8_t a[CSIG_AMOUNT_BYTES], const uint8_t b[CSIG_AMOUNT_BYTES]);

#endif
