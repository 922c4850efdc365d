#include "support/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uint8_t digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c == '\0' ? NULL : strchr(digits, c);

    if (at == NULL) fail_msg("not lower-case hexadecimal");
    return (uint8_t)(at - digits);
}

void hex_read(uint8_t *out, size_t len, const char *hex)
{
    assert_int_equal(strlen(hex), 2 * len);
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
}

void hex_expect(const uint8_t *got, size_t len, const char *hex)
{
    for (size_t i = 0; i < len; i++) {
        char octet[3];

        snprintf(octet, sizeof octet, "%02x", got[i]);
        assert_true(strlen(hex) == 2 * len);
        if (memcmp(octet, hex + 2 * i, 2) != 0)
            fail_msg("octet %zu is %s instead of %.2s", i, octet, hex + 2 * i);
    }
}
