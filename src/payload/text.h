/* Text for people: lines of words, quoted text, hexadecimal, decimal numbers of any size. */
#ifndef CSIG_PAYLOAD_TEXT_H
#define CSIG_PAYLOAD_TEXT_H

#include "base/base.h"

/* Octets of a 256-bit number in decimal, with a NUL. */
#define CSIG_DECIMAL_BYTES 79

/* The sentence into why, which may be NULL; gives CSIG_E_PAYLOAD. No text of a stranger goes into
 * it but through csig_printable. */
csig_err csig_why(char *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The first octets of a stranger's text that are harmless printable ASCII. */
#define CSIG_PRINTABLE_BYTES 41
void csig_printable(char out[CSIG_PRINTABLE_BYTES], const char *text);

/* Text that grows: what does not fit is counted. Start with {.out, .room}. */
typedef struct csig_text {
    char *out;
    size_t room;
    size_t len;
} csig_text;

void csig_text_add(csig_text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* In quotes: quotes, backslashes and whatever is invisible or turns the direction of a line is
 * escaped, so that different texts look different and no text looks like a line of ours. UTF-8. */
void csig_text_quote(csig_text *t, const char *text, size_t len);
void csig_text_0x(csig_text *t, const uint8_t *p, size_t len);
/* n is big-endian, of at most 32 octets; its last `decimals` digits stand behind the point. */
void csig_text_decimal(csig_text *t, const uint8_t *n, size_t len, unsigned decimals);
/* NUL-terminated, in room; *len is what is needed, with the NUL. CSIG_E_BUFFER. */
CSIG_MUST csig_err csig_text_end(csig_text *t, size_t *len);

/* "0x" and lower-case digits; out has 2 len + 3. */
void csig_hex_write(char *out, const uint8_t *p, size_t len);
/* Exactly 2 len digits, of either case. */
bool csig_hex_is_read(uint8_t *out, size_t len, const char *text, size_t text_len);
/* "0x" and an even number of digits into at most `room` octets. */
bool csig_0x_is_read(uint8_t *out, size_t room, size_t *len, const char *text, size_t text_len);
/* n is big-endian, of at most 32 octets. */
void csig_decimal(char out[CSIG_DECIMAL_BYTES], const uint8_t *n, size_t len);
bool csig_utf8_is_valid(const uint8_t *p, size_t len); /* and without NUL */

#endif
