#include "payload/number.h"

#include <string.h>

#define SAFE ((int64_t)1 << 53) /* ECMAScript keeps integers exactly below it */

/* n = n * base + digit; false: past 256 bits. */
static bool has_grown(uint8_t n[32], unsigned base, unsigned digit)
{
    unsigned carry = digit;

    for (size_t i = 32; i-- > 0;) {
        carry += n[i] * base;
        n[i] = (uint8_t)carry;
        carry >>= 8;
    }
    return carry == 0;
}

static bool digits_are_read(uint8_t n[32], const char *text, size_t len, unsigned base)
{
    if (len == 0) return false;
    for (size_t i = 0; i < len; i++) {
        const char *const all = "0123456789abcdefABCDEF";
        const char *at = text[i] == '\0' ? NULL : strchr(all, text[i]);
        unsigned digit;

        if (at == NULL) return false;
        digit = (unsigned)(at - all);
        if (digit > 15) digit -= 6;
        if (digit >= base || !has_grown(n, base, digit)) return false;
    }
    return true;
}

bool csig_number_is_read(csig_number *n, const char *text, size_t len)
{
    *n = (csig_number){.negative = len > 0 && text[0] == '-'};
    if (len > 2 && text[0] == '0' && text[1] == 'x')
        return digits_are_read(n->magnitude, text + 2, len - 2, 16);
    if (n->negative) {
        text++;
        len--;
    }
    if (len > 0 && text[0] == '0') return len == 1 && !n->negative;
    return digits_are_read(n->magnitude, text, len, 10);
}

bool csig_number_is_of(csig_number *n, const csig_json *v)
{
    const char *text;
    int64_t value;
    size_t len;

    if (csig_json_kind_of(v) == CSIG_JSON_TEXT) {
        text = csig_json_text_of(v, &len);
        return csig_number_is_read(n, text, len);
    }
    value = csig_json_integer_of(v);
    if (csig_json_kind_of(v) != CSIG_JSON_INTEGER || value >= SAFE || value <= -SAFE) return false;
    *n = (csig_number){.negative = value < 0};
    if (value < 0) value = -value;
    for (size_t i = 0; i < 8; i++)
        n->magnitude[31 - i] = (uint8_t)(value >> (8 * i));
    return true;
}

/* bits: 0 .. 256 */
static bool is_below_power(const uint8_t n[32], unsigned bits)
{
    for (unsigned i = 0; i < 32; i++) {
        const unsigned above = 8 * (31 - i); /* bits below this octet */

        if (above >= bits && n[i] != 0) return false;
        if (above < bits && above + 8 > bits && n[i] >> (bits - above) != 0) return false;
    }
    return true;
}

bool csig_number_is_within(const csig_number *n, unsigned bits, bool is_signed)
{
    uint8_t less[32];
    size_t i = sizeof less;

    if (!is_signed) return !n->negative && is_below_power(n->magnitude, bits);
    memcpy(less, n->magnitude, sizeof less);
    /* -2^(bits - 1) is one: what counts is the magnitude less one, which is not zero */
    if (n->negative)
        while (less[--i]-- == 0)
            ;
    return is_below_power(less, bits - 1);
}

void csig_number_word(uint8_t out[32], const csig_number *n)
{
    unsigned carry = 1;

    memcpy(out, n->magnitude, 32);
    for (size_t i = 32; n->negative && i-- > 0;) {
        carry += (uint8_t)~out[i];
        out[i] = (uint8_t)carry;
        carry >>= 8;
    }
}
