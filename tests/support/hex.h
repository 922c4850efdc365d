/* Known answers as hexadecimal text. */
#ifndef TESTS_SUPPORT_HEX_H
#define TESTS_SUPPORT_HEX_H

#include <stddef.h>
#include <stdint.h>

/* Exactly len octets; anything else fails the test. */
void hex_read(uint8_t *out, size_t len, const char *hex);
/* got is, octet for octet, what hex says. */
void hex_expect(const uint8_t *got, size_t len, const char *hex);

#endif
