/* Ethereum addresses and signatures. Source: the Yellow Paper, appendix F; EIP-55. */
#include <string.h>

#include "crypto/keccak.h"
#include "payload/address.h"
#include "payload/kind.h"

void csig_ethereum_of(uint8_t out[CSIG_ETHEREUM_BYTES], const csig_point *key)
{
    uint8_t xy[64], hash[CSIG_KECCAK_BYTES];

    csig_point_xy(xy, key);
    csig_keccak256(hash, xy, sizeof xy);
    memcpy(out, hash + sizeof hash - CSIG_ETHEREUM_BYTES, CSIG_ETHEREUM_BYTES);
}

/* EIP-55: a letter is upper case where the digit of the hash of the lower-case digits is 8 or more.
 */
void csig_ethereum_address(char out[CSIG_ADDRESS_BYTES], const uint8_t address[CSIG_ETHEREUM_BYTES])
{
    uint8_t hash[CSIG_KECCAK_BYTES];
    char *digits = out + 2;

    csig_hex_write(out, address, CSIG_ETHEREUM_BYTES);
    csig_keccak256(hash, digits, 2 * CSIG_ETHEREUM_BYTES);
    for (size_t i = 0; i < 2 * CSIG_ETHEREUM_BYTES; i++) {
        const unsigned digit = (unsigned)hash[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15u;

        if (digits[i] >= 'a' && digit >= 8) digits[i] = (char)(digits[i] - 'a' + 'A');
    }
}

/* Has it a letter of that case after the 0x? */
static bool has_letter(const char *text, char first, char last)
{
    for (text += 2; *text != '\0'; text++) {
        if (*text >= first && *text <= last) return true;
    }
    return false;
}

bool csig_ethereum_address_is_read(uint8_t address[CSIG_ETHEREUM_BYTES], const char *text)
{
    char canonical[CSIG_ADDRESS_BYTES];
    size_t len;

    if (!csig_0x_is_read(address, CSIG_ETHEREUM_BYTES, &len, text, strlen(text))) return false;
    if (len != CSIG_ETHEREUM_BYTES) return false;
    if (!has_letter(text, 'a', 'f') || !has_letter(text, 'A', 'F')) return true;
    csig_ethereum_address(canonical, address);
    return strcmp(canonical, text) == 0;
}

csig_err csig_ethereum_signature_put(csig_json **o, const csig_signature *sig)
{
    uint8_t rsv[65];

    CSIG_REQUIRE(sig->recovery_id <= 1, CSIG_E_OUTPUT);
    memcpy(rsv, sig->r, 32);
    memcpy(rsv + 32, sig->s, 32);
    rsv[64] = (uint8_t)(27 + sig->recovery_id);
    csig_json_put(o, "signature", csig_json_0x(rsv, sizeof rsv));
    return CSIG_OK;
}
