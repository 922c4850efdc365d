/* Base64 by libsodium, whose decoder refuses stray bits; the rest of strictness is here. */
#include "base/base64.h"

#include <sodium.h>

void csig_base64_encode(char *out, size_t room, const uint8_t *octets, size_t len)
{
    CSIG_ASSERT(room >= CSIG_BASE64_ROOM(len));
    (void)sodium_bin2base64(out, room, octets, len, sodium_base64_VARIANT_ORIGINAL);
}

csig_err csig_base64_decode(uint8_t *out, size_t *len, const char *text, size_t text_len)
{
    const size_t most = text_len / 4 * 3;
    const char *end;
    size_t got;

    CSIG_REQUIRE(text_len % 4 == 0, CSIG_E_FORMAT);
    /* Two octets of the last four characters may be padding. */
    CSIG_REQUIRE(most <= *len || most - *len <= 2, CSIG_E_BUFFER);
    /* libsodium 1.0.18 takes some octets above 127 for letters where char is signed. */
    for (size_t i = 0; i < text_len; i++)
        CSIG_REQUIRE(((uint8_t)text[i] & 0x80) == 0, CSIG_E_FORMAT);
    CSIG_REQUIRE(sodium_base642bin(out, *len, text, text_len, NULL, &got, &end,
                                   sodium_base64_VARIANT_ORIGINAL) == 0,
                 CSIG_E_FORMAT);
    CSIG_REQUIRE(end == text + text_len, CSIG_E_FORMAT);
    *len = got;
    return CSIG_OK;
}
