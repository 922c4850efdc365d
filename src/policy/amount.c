/* 256-bit amounts that end at all ones instead of wrapping around: a sum that does not fit is above
 * every limit. */
#include "policy/amount.h"

#include <string.h>

/* a = 10 a + digit; false: no room. */
static bool is_shifted(uint8_t a[CSIG_AMOUNT_BYTES], unsigned digit)
{
    unsigned carry = digit;

    for (size_t i = CSIG_AMOUNT_BYTES; i-- > 0;) {
        const unsigned v = a[i] * 10U + carry;

        a[i] = (uint8_t)v;
        carry = v >> 8;
    }
    return carry == 0;
}

bool csig_amount_is_read(uint8_t amount[CSIG_AMOUNT_BYTES], const char *decimal)
{
    memset(amount, 0, CSIG_AMOUNT_BYTES);
    if (decimal[0] == '\0' || (decimal[0] == '0' && decimal[1] != '\0')) return false;
    for (; *decimal != '\0'; decimal++) {
        if (*decimal < '0' || *decimal > '9') return false;
        if (!is_shifted(amount, (unsigned)(*decimal - '0'))) return false;
    }
    return true;
}

void csig_amount_add(uint8_t to[CSIG_AMOUNT_BYTES], const uint8_t more[CSIG_AMOUNT_BYTES])
{
    unsigned carry = 0;

    for (size_t i = CSIG_AMOUNT_BYTES; i-- > 0;) {
        const unsigned v = (unsigned)to[i] + more[i] + carry;

        to[i] = (uint8_t)v;
        carry = v >> 8;
    }
    if (carry != 0) memset(to, 0xff, CSIG_AMOUNT_BYTES);
}

bool csig_amount_is_above(const uint8_t a[CSIG_AMOUNT_BYTES], const uint8_t b[CSIG_AMOUNT_BYTES])
{
    for (size_t i = 0; i < CSIG_AMOUNT_BYTES; i++) {
        if (a[i] != b[i]) return a[i] > b[i];
    }
    return false;
}
