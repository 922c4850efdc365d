/* Addresses of Ethereum: the examples of EIP-55, and a known key. */
#include "payload/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "payload/text.h"
#include "support/payloads.h"

/* EIP-55, test cases */
static const char *const published[] = {
    "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
};

static void eip55(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(published); i++) {
        uint8_t octets[CSIG_ETHEREUM_BYTES];
        char out[CSIG_ADDRESS_BYTES];
        size_t len;

        assert_true(csig_0x_is_read(octets, sizeof octets, &len, published[i], 42));
        csig_ethereum_address(out, octets);
        assert_string_equal(out, published[i]);
    }
}

/* EIP-155's example key */
static void of_a_key(void **state)
{
    csig_account account = payloads_account();
    char out[CSIG_ADDRESS_BYTES];

    (void)state;
    for (csig_network n = CSIG_NETWORK_MAIN; n <= CSIG_NETWORK_REGTEST; n++) {
        assert_int_equal(csig_address(CSIG_ADDRESS_ETHEREUM, n, account.public_key, out), CSIG_OK);
        assert_string_equal(out, "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F");
    }
    assert_int_equal(csig_address(CSIG_ADDRESS_ETHEREUM, 0, account.public_key, out),
                     CSIG_E_ARGUMENT);
    assert_int_equal(csig_address(CSIG_ADDRESS_ETHEREUM, 4, account.public_key, out),
                     CSIG_E_ARGUMENT);
    assert_int_equal(csig_address(0, CSIG_NETWORK_MAIN, account.public_key, out), CSIG_E_ARGUMENT);
    assert_int_equal(csig_address(CSIG_ADDRESS_ETHEREUM, 1, NULL, out), CSIG_E_ARGUMENT);
    assert_int_equal(csig_address(CSIG_ADDRESS_ETHEREUM, 1, account.public_key, NULL),
                     CSIG_E_ARGUMENT);
    account.public_key[0] = 4;
    assert_int_equal(csig_address(CSIG_ADDRESS_ETHEREUM, 1, account.public_key, out), CSIG_E_POINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eip55),
        cmocka_unit_test(of_a_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
