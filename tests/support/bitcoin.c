/* Octets of test vectors. */
#include "support/bitcoin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"
#include "support/hex.h"

uint8_t *octets_of_hex(const char *hex, size_t *len)
{
    uint8_t *octets;

    *len = strlen(hex) / 2;
    octets = malloc(*len > 0 ? *len : 1);
    assert_non_null(octets);
    hex_read(octets, *len, hex);
    return octets;
}

uint8_t *octets_of_base64(const char *text, size_t *len)
{
    uint8_t *octets, *exact;

    *len = strlen(text) / 4 * 3 + 1;
    octets = malloc(*len);
    assert_non_null(octets);
    assert_int_equal(csig_base64_decode(octets, len, text, strlen(text)), CSIG_OK);
    exact = realloc(octets, *len > 0 ? *len : 1);
    assert_non_null(exact);
    return exact;
}

void span_expect(csig_span got, const char *hex)
{
    size_t len;
    uint8_t *want = octets_of_hex(hex, &len);

    assert_int_equal(got.len, len);
    assert_memory_equal(got.p, want, len);
    free(want);
}
