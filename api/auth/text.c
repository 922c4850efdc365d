#include "auth/text.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

csigd_text csigd_text_in(char *buffer, size_t size)
{
    buffer[0] = '\0';
    return (csigd_text){.at = buffer, .size = size};
}

void csigd_text_add(csigd_text *t, const char *octets, size_t len)
{
    if (len >= t->size - t->len) {
        t->is_spoilt = true;
        return;
    }
    if (len > 0) memcpy(t->at + t->len, octets, len);
    t->len += len;
    t->at[t->len] = '\0';
}

void csigd_text_put(csigd_text *t, const char *text)
{
    csigd_text_add(t, text, strlen(text));
}

void csigd_text_char(csigd_text *t, char c)
{
    csigd_text_add(t, &c, 1);
}

void csigd_text_int(csigd_text *t, int64_t number)
{
    char digits[24];

    (void)snprintf(digits, sizeof digits, "%" PRId64, number);
    csigd_text_put(t, digits);
}

void csigd_text_base64(csigd_text *t, const uint8_t *octets, size_t len)
{
    const size_t size = sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_ORIGINAL);

    if (size > t->size - t->len) {
        t->is_spoilt = true;
        return;
    }
    sodium_bin2base64(t->at + t->len, size, octets, len, sodium_base64_VARIANT_ORIGINAL);
    t->len += size - 1;
}

void csigd_text_hex(csigd_text *t, const uint8_t *octets, size_t len)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        csigd_text_char(t, digits[octets[i] >> 4]);
        csigd_text_char(t, digits[octets[i] & 15]);
    }
}

void csigd_text_json(csigd_text *t, const char *text)
{
    static const char short_ones[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
    char escaped[8];

    csigd_text_char(t, '"');
    for (const char *p = text; *p != '\0'; p++) {
        const char *found = strchr(short_ones, *p);

        if (found != NULL) {
            csigd_text_char(t, '\\');
            csigd_text_char(t, letters[found - short_ones]);
        } else if ((unsigned char)*p < 0x20) {
            (void)snprintf(escaped, sizeof escaped, "\\u%04X", (unsigned)*p);
            csigd_text_put(t, escaped);
        } else {
            csigd_text_char(t, *p);
        }
    }
    csigd_text_char(t, '"');
}

size_t csigd_text_control(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;

    if (*p == 0 || (*p >= 0x20 && *p < 0x7f)) return 0;
    if (*p < 0x80) return 1;
    /* U+0080 to U+009F */
    if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0) return 2;
    /* U+2028 to U+202E, U+2066 to U+2069 */
    if (p[0] == 0xe2 && ((p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae) ||
                         (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9)))
        return 3;
    return 0;
}

bool csigd_text_is_plain(const char *text)
{
    for (; *text != '\0'; text++) {
        if (csigd_text_control(text) > 0) return false;
    }
    return true;
}

bool csigd_text_is_whole(const csigd_text *t)
{
    return !t->is_spoilt;
}
