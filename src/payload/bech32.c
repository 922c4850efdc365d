/* Bech32 and Bech32m: a BCH code over values of five bits. Names as in BIP173. */
#include "payload/bech32.h"

#include <string.h>

#define CHECKSUM 6
#define HRP_MAX  83

static const char charset[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/* What polymod leaves when the checksum is right. */
static const uint32_t residue[] = {[CSIG_BECH32] = 1, [CSIG_BECH32M] = 0x2bc830a3};

static uint32_t polymod_step(uint32_t chk, uint8_t value)
{
    static const uint32_t generator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                         0x2a1462b3};
    const uint32_t top = chk >> 25;

    chk = (chk & 0x1ffffff) << 5 ^ value;
    for (unsigned i = 0; i < 5; i++)
        if ((top >> i & 1) != 0) chk ^= generator[i];
    return chk;
}

static uint32_t polymod(const char *hrp, const uint8_t *data, size_t len)
{
    uint32_t chk = 1;

    for (const char *c = hrp; *c != 0; c++)
        chk = polymod_step(chk, (uint8_t)(*c >> 5));
    chk = polymod_step(chk, 0);
    for (const char *c = hrp; *c != 0; c++)
        chk = polymod_step(chk, *c & 31);
    for (size_t i = 0; i < len; i++)
        chk = polymod_step(chk, data[i]);
    return chk;
}

/* In lower case; *separator is where the last '1' is. */
static csig_err prepare(char lower[CSIG_BECH32_ROOM], size_t *separator, const char *text)
{
    const char *one = strrchr(text, '1');
    bool has_upper = false, has_lower = false;
    size_t len = strlen(text);

    CSIG_REQUIRE(len <= CSIG_BECH32_MAX && one != NULL && one != text, CSIG_E_FORMAT);
    *separator = (size_t)(one - text);
    CSIG_REQUIRE(*separator <= HRP_MAX && len - *separator > CHECKSUM, CSIG_E_FORMAT);
    for (size_t i = 0; i <= len; i++) {
        const char c = text[i];

        CSIG_REQUIRE(i == len || (c >= '!' && c <= '~'), CSIG_E_FORMAT);
        has_upper |= c >= 'A' && c <= 'Z';
        has_lower |= c >= 'a' && c <= 'z';
        lower[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    CSIG_REQUIRE(!(has_upper && has_lower), CSIG_E_FORMAT);
    return CSIG_OK;
}

csig_err csig_bech32_decode(csig_bech32 *b, const char *text)
{
    char lower[CSIG_BECH32_ROOM];
    size_t separator, n = 0;
    uint32_t left;

    CSIG_TRY(prepare(lower, &separator, text));
    memcpy(b->hrp, lower, separator);
    b->hrp[separator] = 0;
    for (const char *c = lower + separator + 1; *c != 0; c++) {
        const char *at = strchr(charset, *c);

        CSIG_REQUIRE(at != NULL, CSIG_E_FORMAT);
        b->data[n++] = (uint8_t)(at - charset);
    }
    left = polymod(b->hrp, b->data, n);
    CSIG_REQUIRE(left == residue[CSIG_BECH32] || left == residue[CSIG_BECH32M], CSIG_E_FORMAT);
    b->kind = left == residue[CSIG_BECH32] ? CSIG_BECH32 : CSIG_BECH32M;
    b->len = n - CHECKSUM;
    return CSIG_OK;
}

static csig_bech32_kind kind_of(unsigned version)
{
    return version == 0 ? CSIG_BECH32 : CSIG_BECH32M;
}

void csig_segwit_encode(char out[CSIG_BECH32_ROOM], const char *hrp, unsigned version,
                        const uint8_t *program, size_t len)
{
    uint8_t data[CSIG_BECH32_MAX] = {(uint8_t)version};
    uint32_t bits = 0, left;
    unsigned n_bits = 0;
    size_t n = 1, at = strlen(hrp);

    CSIG_ASSERT(version <= CSIG_WITNESS_VERSION_MAX && len <= CSIG_WITNESS_PROGRAM_MAX);
    for (size_t i = 0; i < len; i++) {
        bits = (bits << 8 | program[i]) & 0xfff;
        for (n_bits += 8; n_bits >= 5; n_bits -= 5)
            data[n++] = bits >> (n_bits - 5) & 31;
    }
    if (n_bits > 0) data[n++] = bits << (5 - n_bits) & 31;
    /* the checksum of a text that ends in six zeros */
    left = polymod(hrp, data, n + CHECKSUM) ^ residue[kind_of(version)];
    for (size_t i = 0; i < CHECKSUM; i++)
        data[n++] = left >> (5 * (CHECKSUM - 1 - i)) & 31;
    CSIG_ASSERT(at + 1 + n <= CSIG_BECH32_MAX);
    memcpy(out, hrp, at);
    out[at++] = '1';
    for (size_t i = 0; i < n; i++)
        out[at++] = charset[data[i]];
    out[at] = 0;
}

csig_err csig_segwit_decode(unsigned *version, uint8_t program[CSIG_WITNESS_PROGRAM_MAX],
                            size_t *len, const char *hrp, const char *text)
{
    csig_bech32 b;
    uint32_t bits = 0;
    unsigned n_bits = 0;

    CSIG_TRY(csig_bech32_decode(&b, text));
    CSIG_REQUIRE(strcmp(b.hrp, hrp) == 0 && b.len > 0, CSIG_E_FORMAT);
    *version = b.data[0];
    *len = 0;
    for (size_t i = 1; i < b.len; i++) {
        bits = (bits << 5 | b.data[i]) & 0xfff;
        n_bits += 5;
        if (n_bits < 8) continue;
        n_bits -= 8;
        CSIG_REQUIRE(*len < CSIG_WITNESS_PROGRAM_MAX, CSIG_E_FORMAT);
        program[(*len)++] = (uint8_t)(bits >> n_bits);
    }
    /* what is left over is padding: less than a value, and zero */
    CSIG_REQUIRE(n_bits < 5 && (bits & ((1u << n_bits) - 1)) == 0, CSIG_E_FORMAT);
    CSIG_REQUIRE(*version <= CSIG_WITNESS_VERSION_MAX && *len >= 2, CSIG_E_FORMAT);
    CSIG_REQUIRE(*version != 0 || *len == 20 || *len == 32, CSIG_E_FORMAT);
    CSIG_REQUIRE(b.kind == kind_of(*version), CSIG_E_FORMAT);
    return CSIG_OK;
}
