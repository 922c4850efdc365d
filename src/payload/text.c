#include "payload/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "countersign/payload.h"

csig_err csig_why(char *why, const char *format, ...)
{
    va_list args;

    if (why != NULL) {
        va_start(args, format);
        (void)vsnprintf(why, CSIG_WHY_BYTES, format, args);
        va_end(args);
    }
    return CSIG_E_PAYLOAD;
}

void csig_printable(char out[CSIG_PRINTABLE_BYTES], const char *text)
{
    size_t i = 0;

    while (i + 1 < CSIG_PRINTABLE_BYTES && text[i] >= 0x20 && text[i] < 0x7f && text[i] != '"') {
        out[i] = text[i];
        i++;
    }
    out[i] = '\0';
}

/* --- growing --- */

static void put(csig_text *t, const char *p, size_t len)
{
    if (t->len < t->room && len <= t->room - t->len) memcpy(t->out + t->len, p, len);
    t->len += len;
}

void csig_text_add(csig_text *t, const char *format, ...)
{
    char line[512];
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    CSIG_ASSERT(n >= 0 && (size_t)n < sizeof line);
    put(t, line, (size_t)n);
}

/* One code point of valid UTF-8. */
static uint32_t code_point(const char *text, size_t *octets)
{
    const uint8_t *p = (const uint8_t *)text;

    *octets = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    switch (*octets) {
    case 1:
        return p[0];
    case 2:
        return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
    case 3:
        return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
    default:
        return (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
    }
}

/* Shown as \u{...}: controls, what has no width or looks like a space, what turns directions, what
 * is no character. */
static const struct {
    uint32_t first, last;
} hidden[] = {
    {0x00, 0x1f},       {0x7f, 0xa0},       {0xad, 0xad},        {0x34f, 0x34f},
    {0x61c, 0x61c},     {0x115f, 0x1160},   {0x1680, 0x1680},    {0x17b4, 0x17b5},
    {0x180b, 0x180f},   {0x2000, 0x200f},   {0x2028, 0x202f},    {0x205f, 0x206f},
    {0x2800, 0x2800},   {0x3000, 0x3000},   {0x3164, 0x3164},    {0xd800, 0xf8ff},
    {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},    {0xffa0, 0xffa0},
    {0xfff0, 0xffff},   {0x13430, 0x1345f}, {0x1bca0, 0x1bca3},  {0x1d173, 0x1d17a},
    {0x1fffe, 0x1ffff}, {0x2fffe, 0x2ffff}, {0x3fffe, 0x10ffff},
};

static bool code_point_is_hidden(uint32_t c)
{
    for (size_t i = 0; i < CSIG_ARRAY_LEN(hidden); i++) {
        if (c >= hidden[i].first && c <= hidden[i].last) return true;
    }
    return false;
}

void csig_text_quote(csig_text *t, const char *text, size_t len)
{
    put(t, "\"", 1);
    for (size_t i = 0, octets; i < len; i += octets) {
        const uint32_t c = code_point(text + i, &octets);

        if (c == '"' || c == '\\') put(t, "\\", 1);
        if (c == '\n')
            put(t, "\\n", 2);
        else if (code_point_is_hidden(c))
            csig_text_add(t, "\\u{%x}", (unsigned)c);
        else
            put(t, text + i, octets);
    }
    put(t, "\"", 1);
}

void csig_text_0x(csig_text *t, const uint8_t *p, size_t len)
{
    char pair[sizeof "0x00"];

    put(t, "0x", 2);
    for (size_t i = 0; i < len; i++) {
        csig_hex_write(pair, p + i, 1);
        put(t, pair + 2, 2);
    }
}

void csig_text_decimal(csig_text *t, const uint8_t *n, size_t len, unsigned decimals)
{
    char digits[CSIG_DECIMAL_BYTES];
    size_t count, last;

    csig_decimal(digits, n, len);
    count = strlen(digits);
    last = count > decimals ? decimals : count; /* digits that stand behind the point */
    if (count > last)
        put(t, digits, count - last);
    else
        put(t, "0", 1);
    while (last > 0 && digits[count - 1] == '0') {
        count--;
        last--;
        decimals--;
    }
    if (last == 0) return;
    put(t, ".", 1);
    for (size_t i = last; i < decimals; i++)
        put(t, "0", 1);
    put(t, digits + count - last, last);
}

csig_err csig_text_end(csig_text *t, size_t *len)
{
    put(t, "", 1);
    *len = t->len;
    return t->out != NULL && t->len <= t->room ? CSIG_OK : CSIG_E_BUFFER;
}

/* --- digits --- */

void csig_hex_write(char *out, const uint8_t *p, size_t len)
{
    static const char digits[] = "0123456789abcdef";

    *out++ = '0';
    *out++ = 'x';
    for (size_t i = 0; i < len; i++) {
        *out++ = digits[p[i] >> 4];
        *out++ = digits[p[i] & 15];
    }
    *out = '\0';
}

static int digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool csig_hex_is_read(uint8_t *out, size_t len, const char *text, size_t text_len)
{
    if (text_len != 2 * len) return false;
    for (size_t i = 0; i < len; i++) {
        const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

        if (high < 0 || low < 0) return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

bool csig_0x_is_read(uint8_t *out, size_t room, size_t *len, const char *text, size_t text_len)
{
    if (text_len < 2 || text[0] != '0' || text[1] != 'x' || text_len % 2 != 0) return false;
    *len = text_len / 2 - 1;
    return *len <= room && csig_hex_is_read(out, *len, text + 2, text_len - 2);
}

void csig_decimal(char out[CSIG_DECIMAL_BYTES], const uint8_t *n, size_t len)
{
    uint8_t rest[32];
    char *at = out + CSIG_DECIMAL_BYTES - 1;
    unsigned left;

    CSIG_ASSERT(len <= sizeof rest);
    if (len > 0) memcpy(rest, n, len);
    *at = '\0';
    do { /* long division by ten; the remainder is the next digit */
        unsigned r = 0;

        left = 0;
        for (size_t i = 0; i < len; i++) {
            r = r << 8 | rest[i];
            rest[i] = (uint8_t)(r / 10);
            r %= 10;
            left |= rest[i];
        }
        *--at = (char)('0' + r);
    } while (left != 0);
    memmove(out, at, (size_t)(out + CSIG_DECIMAL_BYTES - at));
}

bool csig_utf8_is_valid(const uint8_t *p, size_t len)
{
    static const uint32_t least[] = {0, 0x01, 0x80, 0x800, 0x10000};

    for (size_t i = 0, octets; i < len; i += octets) {
        uint32_t c;

        if (p[i] >= 0xf8 || (p[i] >= 0x80 && p[i] < 0xc0)) return false;
        octets = p[i] < 0x80 ? 1 : p[i] < 0xe0 ? 2 : p[i] < 0xf0 ? 3 : 4;
        if (octets > len - i) return false;
        for (size_t k = 1; k < octets; k++) {
            if ((p[i + k] & 0xc0) != 0x80) return false;
        }
        c = code_point((const char *)p + i, &octets);
        if (c < least[octets] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return false;
    }
    return true;
}
