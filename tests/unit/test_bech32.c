/* Bech32 and Bech32m: every vector of BIP173 and BIP350. */
#include "payload/bech32.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/hex.h"
#include "vectors/bitcoin/bip173.h"

static void expect_all(const char *const *texts, size_t n, csig_err err, csig_bech32_kind kind)
{
    csig_bech32 b;

    for (size_t i = 0; i < n; i++) {
        assert_int_equal(csig_bech32_decode(&b, texts[i]), err);
        if (err == CSIG_OK) assert_int_equal(b.kind, kind);
    }
}

static void texts(void **state)
{
    (void)state;
    expect_all(bech32_valid, CSIG_ARRAY_LEN(bech32_valid), CSIG_OK, CSIG_BECH32);
    expect_all(bech32m_valid, CSIG_ARRAY_LEN(bech32m_valid), CSIG_OK, CSIG_BECH32M);
    expect_all(bech32_invalid, CSIG_ARRAY_LEN(bech32_invalid), CSIG_E_FORMAT, 0);
    expect_all(bech32m_invalid, CSIG_ARRAY_LEN(bech32m_invalid), CSIG_E_FORMAT, 0);
}

static csig_err either(const char *address, const char **hrp, unsigned *version, uint8_t *program,
                       size_t *len)
{
    *hrp = "bc";
    if (csig_segwit_decode(version, program, len, *hrp, address) == CSIG_OK) return CSIG_OK;
    *hrp = "tb";
    return csig_segwit_decode(version, program, len, *hrp, address);
}

/* Read as the script they stand for, and written again in lower case. */
static void addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(segwit_valid); i++) {
        const segwit_vector *v = &segwit_valid[i];
        uint8_t script[2 + CSIG_WITNESS_PROGRAM_MAX];
        char again[CSIG_BECH32_ROOM], lower[CSIG_BECH32_ROOM];
        const char *hrp;
        unsigned version;
        size_t len, k = 0;

        assert_int_equal(either(v->address, &hrp, &version, script + 2, &len), CSIG_OK);
        script[0] = (uint8_t)(version == 0 ? 0 : 0x50 + version);
        script[1] = (uint8_t)len;
        hex_expect(script, len + 2, v->script);
        csig_segwit_encode(again, hrp, version, script + 2, len);
        do
            lower[k] = (char)tolower(v->address[k]);
        while (v->address[k++] != 0);
        assert_string_equal(again, lower);
    }
}

static void no_addresses(void **state)
{
    uint8_t program[CSIG_WITNESS_PROGRAM_MAX];
    const char *hrp;
    unsigned version;
    size_t len;

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(segwit_invalid); i++)
        assert_int_equal(either(segwit_invalid[i], &hrp, &version, program, &len), CSIG_E_FORMAT);
    /* the right address of another network */
    assert_int_equal(csig_segwit_decode(&version, program, &len, "tb", segwit_valid[0].address),
                     CSIG_E_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(addresses),
        cmocka_unit_test(no_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
