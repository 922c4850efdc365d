/* Base58Check: the octets as one big number, by long division; leading zeros stay as '1'. */
#include "payload/base58.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/bitcoin_hash.h"

#define CHECKSUM 4
#define WHOLE    (CSIG_BASE58_MAX + CHECKSUM)

static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

static void checksum(uint8_t out[CHECKSUM], const uint8_t *octets, size_t len)
{
    uint8_t hash[CSIG_SHA256_BYTES];

    csig_sha256d(hash, octets, len);
    memcpy(out, hash, CHECKSUM);
}

/* number = number * factor + add, little-endian digits of a base; the digits in use grow. */
static csig_err grow(uint8_t *digits, size_t *n, size_t room, unsigned base, unsigned factor,
                     unsigned add)
{
    for (size_t i = 0; i < *n; i++) {
        add += digits[i] * factor;
        digits[i] = (uint8_t)(add % base);
        add /= base;
    }
    for (; add > 0; add /= base) {
        CSIG_REQUIRE(*n < room, CSIG_E_FORMAT);
        digits[(*n)++] = (uint8_t)(add % base);
    }
    return CSIG_OK;
}

void csig_base58check_encode(char out[CSIG_BASE58_TEXT_ROOM], const uint8_t *octets, size_t len)
{
    uint8_t whole[WHOLE], digits[CSIG_BASE58_TEXT_ROOM];
    size_t n = 0, zeros = 0, at = 0;

    CSIG_ASSERT(len <= CSIG_BASE58_MAX);
    memcpy(whole, octets, len);
    checksum(whole + len, octets, len);
    while (zeros < len + CHECKSUM && whole[zeros] == 0)
        zeros++;
    for (size_t i = zeros; i < len + CHECKSUM; i++)
        CSIG_ASSERT(grow(digits, &n, CSIG_BASE58_TEXT_ROOM - 1, 58, 256, whole[i]) == CSIG_OK);
    CSIG_ASSERT(zeros + n < CSIG_BASE58_TEXT_ROOM);
    while (at < zeros)
        out[at++] = alphabet[0];
    while (n > 0)
        out[at++] = alphabet[digits[--n]];
    out[at] = 0;
}

csig_err csig_base58check_decode(uint8_t out[CSIG_BASE58_MAX], size_t *len, const char *text)
{
    uint8_t whole[WHOLE], digits[WHOLE], sum[CHECKSUM];
    size_t n = 0, zeros = 0;

    CSIG_REQUIRE(strlen(text) < CSIG_BASE58_TEXT_ROOM, CSIG_E_FORMAT);
    while (text[zeros] == alphabet[0])
        zeros++;
    for (const char *c = text + zeros; *c != 0; c++) {
        const char *at = strchr(alphabet, *c);

        CSIG_REQUIRE(at != NULL, CSIG_E_FORMAT);
        CSIG_TRY(grow(digits, &n, sizeof digits, 256, 58, (unsigned)(at - alphabet)));
    }
    CSIG_REQUIRE(zeros + n >= CHECKSUM && zeros + n <= WHOLE, CSIG_E_FORMAT);
    memset(whole, 0, zeros);
    for (size_t i = 0; i < n; i++)
        whole[zeros + i] = digits[n - 1 - i];
    *len = zeros + n - CHECKSUM;
    checksum(sum, whole, *len);
    CSIG_REQUIRE(csig_is_same(sum, whole + *len, CHECKSUM), CSIG_E_FORMAT);
    memcpy(out, whole, *len);
    return CSIG_OK;
}
