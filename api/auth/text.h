/* Text that is put together in a fixed buffer. Too much does not overflow but spoils the whole,
 * which is asked once, at the end. */
#ifndef CSIGD_AUTH_TEXT_H
#define CSIGD_AUTH_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct csigd_text {
    char *at; /* NUL ended */
    size_t len, size;
    bool is_spoilt;
} csigd_text;

/* size: of the buffer, at least 1. */
csigd_text csigd_text_in(char *buffer, size_t size);
void csigd_text_add(csigd_text *t, const char *octets, size_t len);
void csigd_text_put(csigd_text *t, const char *text);
void csigd_text_char(csigd_text *t, char c);
void csigd_text_int(csigd_text *t, int64_t number);
/* Standard base64 with padding. */
void csigd_text_base64(csigd_text *t, const uint8_t *octets, size_t len);
/* Lower-case hexadecimal. */
void csigd_text_hex(csigd_text *t, const uint8_t *octets, size_t len);
/* A JSON string with its quotes, canonical: escaped is what must be. UTF-8 stays as it is. */
void csigd_text_json(csigd_text *t, const char *text);
/* Octets of the character that text begins with when it steers a terminal or the order of what is
 * shown (controls, line separators, directions); 0: it does not. text: UTF-8. */
size_t csigd_text_control(const char *text);
/* Nobody's terminal or log is steered by it, and it stays one line. */
bool csigd_text_is_plain(const char *text);
/* Everything that was added is there. */
bool csigd_text_is_whole(const csigd_text *t);

#endif
