/* Base58Check: BIP32's extended keys read and written again, known addresses, leading zeros, and
 * every single changed character refused. */
#include "payload/base58.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/hex.h"
#include "vectors/bitcoin/bip32.h"

static csig_err decode(const char *text)
{
    uint8_t out[CSIG_BASE58_MAX];
    size_t len;

    return csig_base58check_decode(out, &len, text);
}

static void extended_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(xpub_vectors); i++) {
        uint8_t octets[CSIG_BASE58_MAX];
        char again[CSIG_BASE58_TEXT_ROOM];
        size_t len;

        assert_int_equal(csig_base58check_decode(octets, &len, xpub_vectors[i].xpub), CSIG_OK);
        assert_int_equal(len, CSIG_BASE58_MAX);
        hex_expect(octets, 4, "0488b21e");
        csig_base58check_encode(again, octets, len);
        assert_string_equal(again, xpub_vectors[i].xpub);
    }
}

/* The address of the genesis block's key, and of hash160 = 0. */
static void addresses(void **state)
{
    uint8_t octets[21] = {0};
    char text[CSIG_BASE58_TEXT_ROOM];

    (void)state;
    csig_base58check_encode(text, octets, sizeof octets);
    assert_string_equal(text, "1111111111111111111114oLvT2");
    hex_read(octets + 1, 20, "62e907b15cbf27d5425399ebf6f0fb50ebb88f18");
    csig_base58check_encode(text, octets, sizeof octets);
    assert_string_equal(text, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa");
}

static void every_length(void **state)
{
    uint8_t octets[CSIG_BASE58_MAX], out[CSIG_BASE58_MAX];
    char text[CSIG_BASE58_TEXT_ROOM];

    (void)state;
    for (unsigned fill = 0; fill < 256; fill += 51) {
        memset(octets, (int)fill, sizeof octets);
        for (size_t len = 0; len <= sizeof octets; len++) {
            size_t got;

            csig_base58check_encode(text, octets, len);
            assert_int_equal(csig_base58check_decode(out, &got, text), CSIG_OK);
            assert_int_equal(got, len);
            assert_memory_equal(out, octets, len);
        }
    }
}

static void other_texts(void **state)
{
    char text[] = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", longer[200];
    const char instead[] = "123ZYzy0OIl \x80";

    (void)state;
    for (size_t i = 0; text[i] != 0; i++) {
        const char was = text[i];

        for (size_t k = 0; instead[k] != 0; k++) {
            if (instead[k] == was) continue;
            text[i] = instead[k];
            assert_int_equal(decode(text), CSIG_E_FORMAT);
        }
        text[i] = was;
    }
    assert_int_equal(decode(text), CSIG_OK);
    for (size_t i = sizeof text - 1; i-- > 0;) { /* cut off */
        text[i] = 0;
        assert_int_equal(decode(text), CSIG_E_FORMAT);
    }
    memset(longer, '1', sizeof longer);
    longer[199] = 0;
    assert_int_equal(decode(longer), CSIG_E_FORMAT);
    longer[112] = 0; /* 112 zeros */
    assert_int_equal(decode(longer), CSIG_E_FORMAT);
    memset(longer, 'z', 112);
    assert_int_equal(decode(longer), CSIG_E_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extended_keys),
        cmocka_unit_test(addresses),
        cmocka_unit_test(every_length),
        cmocka_unit_test(other_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
