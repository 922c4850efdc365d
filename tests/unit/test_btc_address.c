/* Addresses of Bitcoin: BIP84's and BIP49's keys, BIP173's scripts, what has no address; each
 * address is read as the script it was made of, on its network alone. */
#include "payload/btc_address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/bitcoin.h"
#include "support/hex.h"
#include "vectors/bitcoin/bip173.h"

static void expect_address(csig_address_kind kind, csig_network network, const char *public_key,
                           const char *want)
{
    uint8_t key[CSIG_PUBKEY_BYTES];
    char out[CSIG_ADDRESS_BYTES];

    hex_read(key, sizeof key, public_key);
    assert_int_equal(csig_address(kind, network, key, out), CSIG_OK);
    assert_string_equal(out, want);
}

/* github.com/bitcoin/bips: BIP84's first receiving and change address, BIP49's example; the key 1
 * on all networks. */
static void published_keys(void **state)
{
    const char *one = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

    (void)state;
    expect_address(CSIG_ADDRESS_P2WPKH, CSIG_NETWORK_MAIN,
                   "0330d54fd0dd420a6e5f8d3624f5f3482cae350f79d5f0753bf5beef9c2d91af3c",
                   "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu");
    expect_address(CSIG_ADDRESS_P2WPKH, CSIG_NETWORK_MAIN,
                   "03025324888e429ab8e3dbaf1f7802648b9cd01e9b418485c5fa4c1b9b5700e1a6",
                   "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el");
    expect_address(CSIG_ADDRESS_P2SH_P2WPKH, CSIG_NETWORK_TEST,
                   "03a1af804ac108a8a51782198c2d034b28bf90c8803f5a53f76276fa69a4eae77f",
                   "2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2");
    expect_address(CSIG_ADDRESS_P2PKH, CSIG_NETWORK_MAIN, one,
                   "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH");
    expect_address(CSIG_ADDRESS_P2PKH, CSIG_NETWORK_TEST, one,
                   "mrCDrCybB6J1vRfbwM5hemdJz73FwDBC8r");
    expect_address(CSIG_ADDRESS_P2WPKH, CSIG_NETWORK_TEST, one,
                   "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx");
    expect_address(CSIG_ADDRESS_P2WPKH, CSIG_NETWORK_REGTEST, one,
                   "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080");
    expect_address(CSIG_ADDRESS_P2SH_P2WPKH, CSIG_NETWORK_MAIN, one,
                   "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN");
}

static void scripts(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(segwit_valid); i++) {
        const segwit_vector *v = &segwit_valid[i];
        const bool is_test = v->address[0] == 't';
        const csig_btc_network *network =
            csig_btc_network_of(is_test ? CSIG_NETWORK_TEST : CSIG_NETWORK_MAIN);
        char out[CSIG_ADDRESS_BYTES];
        csig_btc_made made;
        size_t len;
        uint8_t *script = octets_of_hex(v->script, &len);
        const csig_btc_kind kind = csig_btc_script_of((csig_span){script, len}).kind;

        csig_btc_address(out, network, (csig_span){script, len});
        if (kind == CSIG_BTC_OTHER) { /* a version that means nothing yet */
            assert_memory_equal(out, "script:", 7);
            assert_string_equal(out + 7, v->script);
            assert_int_equal(csig_btc_address_script(&made, network, v->address), CSIG_E_FORMAT);
        } else {
            assert_int_equal(csig_btc_address_script(&made, network, v->address), CSIG_OK);
            span_expect(csig_btc_made_span(&made), v->script);
            assert_int_equal(csig_btc_address_script(&made, network, out), CSIG_OK);
            span_expect(csig_btc_made_span(&made), v->script);
        }
        free(script);
    }
}

static void every_network(void **state)
{
    const uint8_t program[32] = {7};
    static const csig_btc_kind kinds[] = {CSIG_BTC_P2PKH, CSIG_BTC_P2SH, CSIG_BTC_P2WPKH,
                                          CSIG_BTC_P2WSH, CSIG_BTC_P2TR};

    (void)state;
    for (size_t k = 0; k < CSIG_ARRAY_LEN(kinds); k++) {
        for (csig_network n = CSIG_NETWORK_MAIN; n <= CSIG_NETWORK_REGTEST; n++) {
            const csig_btc_network *network = csig_btc_network_of(n);
            char out[CSIG_ADDRESS_BYTES];
            csig_btc_made made, again;

            assert_ptr_equal(csig_btc_network_named(network->name), network);
            csig_btc_script_make(&made, kinds[k], program);
            csig_btc_address(out, network, csig_btc_made_span(&made));
            assert_int_equal(csig_btc_address_script(&again, network, out), CSIG_OK);
            assert_true(csig_span_is_eq(csig_btc_made_span(&made), csig_btc_made_span(&again)));
            if (n != CSIG_NETWORK_MAIN)
                assert_int_equal(
                    csig_btc_address_script(&again, csig_btc_network_of(CSIG_NETWORK_MAIN), out),
                    CSIG_E_FORMAT);
        }
    }
    assert_null(csig_btc_network_of(0));
    assert_null(csig_btc_network_of(4));
    assert_null(csig_btc_network_named("signet"));
    assert_null(csig_btc_network_named(""));
}

static void no_addresses(void **state)
{
    const csig_btc_network *network = csig_btc_network_of(CSIG_NETWORK_MAIN);
    static const char *const bad[] = {"", "1", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMh",
                                      "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"};
    const uint8_t data[] = {0x6a, 2, 'h', 'i'}, other[] = {0x51, 0xab};
    uint8_t long_data[200] = {0x6a};
    char out[CSIG_ADDRESS_BYTES];
    csig_btc_made made;

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(bad); i++)
        assert_int_equal(csig_btc_address_script(&made, network, bad[i]), CSIG_E_FORMAT);
    csig_btc_address(out, network, (csig_span){data, sizeof data});
    assert_string_equal(out, "data:026869");
    csig_btc_address(out, network, (csig_span){data, 1});
    assert_string_equal(out, "data:");
    csig_btc_address(out, network, (csig_span){other, sizeof other});
    assert_string_equal(out, "script:51ab");
    csig_btc_address(out, network, (csig_span){long_data, 48}); /* the longest in full */
    assert_int_equal(strlen(out), 5 + 2 * 47);
    csig_btc_address(out, network, (csig_span){long_data, 49});
    assert_memory_equal(out, "data:sha256:", 12);
    assert_int_equal(strlen(out), 12 + 64);
    long_data[0] = 0;
    csig_btc_address(out, network, (csig_span){long_data, sizeof long_data});
    assert_memory_equal(out, "script:sha256:", 14);
    assert_int_equal(strlen(out), 14 + 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_keys),
        cmocka_unit_test(scripts),
        cmocka_unit_test(every_network),
        cmocka_unit_test(no_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
