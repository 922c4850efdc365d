/* Extended public keys: BIP32's chains, every step that a public key can make, and the door. */
#include "payload/xpub.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "payload/base58.h"
#include "support/hex.h"
#include "vectors/bitcoin/bip32.h"

#define DEPTH_AT  4
#define PARENT_AT 5
#define CHILD_AT  9
#define CODE_AT   13
#define KEY_AT    45

static csig_extended decoded(const char *xpub)
{
    uint8_t b[CSIG_BASE58_MAX];
    csig_extended e = {0};
    size_t len;

    assert_int_equal(csig_base58check_decode(b, &len, xpub), CSIG_OK);
    assert_int_equal(len, sizeof b);
    e.depth = b[DEPTH_AT];
    memcpy(e.parent, b + PARENT_AT, sizeof e.parent);
    for (size_t i = 0; i < 4; i++)
        e.child = e.child << 8 | b[CHILD_AT + i];
    memcpy(e.account.chain_code, b + CODE_AT, sizeof e.account.chain_code);
    memcpy(e.account.public_key, b + KEY_AT, sizeof e.account.public_key);
    return e;
}

static void bip32(void **state)
{
    const csig_btc_network *network = csig_btc_network_of(CSIG_NETWORK_MAIN);
    size_t steps = 0;
    csig_extended before = {0};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(xpub_vectors); i++) {
        const xpub_vector *v = &xpub_vectors[i];
        const csig_extended e = decoded(v->xpub);
        char text[CSIG_XPUB_BYTES];

        assert_int_equal(e.depth, v->depth);
        csig_extended_text(text, &e, network);
        assert_string_equal(text, v->xpub);
        if (v->depth > 0 && v->hardened == 0) {
            assert_int_equal(csig_extended_child(&before, v->index), CSIG_OK);
            csig_extended_text(text, &before, network);
            assert_string_equal(text, v->xpub);
            steps++;
        }
        before = e;
    }
    assert_true(steps >= 5);
}

static void of_an_account(void **state)
{
    /* test vector 2: m and m/0 */
    const csig_extended m =
        decoded("xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED"
                "9W6oDMSgv6Zz8idoc4a6mr8BDzTJY47LJhkJ8UB7WEGuduB");
    const uint32_t path[CSIG_PATH_MAX + 1] = {0};
    char out[CSIG_XPUB_BYTES];

    (void)state;
    assert_int_equal(csig_xpub(&m.account, NULL, 0, CSIG_NETWORK_MAIN, out), CSIG_OK);
    assert_string_equal(out, "xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED"
                             "9W6oDMSgv6Zz8idoc4a6mr8BDzTJY47LJhkJ8UB7WEGuduB");
    assert_int_equal(csig_xpub(&m.account, path, 1, CSIG_NETWORK_MAIN, out), CSIG_OK);
    assert_string_equal(out, "xpub69H7F5d8KSRgmmdJg2KhpAK8SR3DjMwAdkxj3ZuxV27CprR9LgpeyGmXUbC6"
                             "wb7ERfvrnKZjXoUmmDznezpbZb7ap6r1D3tgFxHmwMkQTPH");
    assert_int_equal(csig_xpub(&m.account, path, CSIG_PATH_MAX, CSIG_NETWORK_TEST, out), CSIG_OK);
    assert_memory_equal(out, "tpub", 4);
    assert_int_equal(csig_xpub(&m.account, path, CSIG_PATH_MAX, CSIG_NETWORK_REGTEST, out),
                     CSIG_OK);
    assert_memory_equal(out, "tpub", 4);
}

static void refused(void **state)
{
    csig_extended m = decoded(xpub_vectors[0].xpub);
    const uint32_t path[CSIG_PATH_MAX + 1] = {0}, hardened = UINT32_C(1) << 31;
    char out[CSIG_XPUB_BYTES];

    (void)state;
    assert_int_equal(csig_xpub(NULL, NULL, 0, CSIG_NETWORK_MAIN, out), CSIG_E_ARGUMENT);
    assert_int_equal(csig_xpub(&m.account, NULL, 1, CSIG_NETWORK_MAIN, out), CSIG_E_ARGUMENT);
    assert_int_equal(csig_xpub(&m.account, NULL, 0, CSIG_NETWORK_MAIN, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_xpub(&m.account, NULL, 0, 0, out), CSIG_E_ARGUMENT);
    assert_int_equal(csig_xpub(&m.account, NULL, 0, 4, out), CSIG_E_ARGUMENT);
    assert_int_equal(csig_xpub(&m.account, &hardened, 1, CSIG_NETWORK_MAIN, out), CSIG_E_PATH);
    assert_int_equal(csig_xpub(&m.account, path, CSIG_PATH_MAX + 1, CSIG_NETWORK_MAIN, out),
                     CSIG_E_PATH);
    m.account.public_key[0] = 4;
    assert_int_equal(csig_xpub(&m.account, NULL, 0, CSIG_NETWORK_MAIN, out), CSIG_E_POINT);
    m.depth = UINT8_MAX;
    assert_int_equal(csig_extended_child(&m, 0), CSIG_E_PATH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bip32),
        cmocka_unit_test(of_an_account),
        cmocka_unit_test(refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
