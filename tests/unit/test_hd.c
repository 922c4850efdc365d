/* Derivation against the published vectors of BIP32, and every refusal. */
#include "share/hd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "countersign/share.h"
#include "support/hex.h"

/* The non-hardened steps of test vectors 1 and 2: index; key and chain code of parent and child, as
 * in the published extended public keys. */
static const struct {
    uint32_t index;
    const char *parent, *parent_cc, *child, *child_cc;
} vectors[] = {
    {1, "035a784662a4a20a65bf6aab9ae98a6c068a81c52e4b032c0fb5400c706cfccc56",
     "47fdacbd0f1097043b78c63c20c34ef4ed9a111d980047ad16282c7ae6236141",
     "03501e454bf00751f24b1b489aa925215d66af2234e3891c3b21a52bedb3cd711c",
     "2a7857631386ba23dacac34180dd1983734e444fdbf774041578e9b6adb37c19"},
    {2, "0357bfe1e341d01c69fe5654309956cbea516822fba8a601743a012a7896ee8dc2",
     "04466b9cc8e161e966409ca52986c584f07e9dc81f735db683c3ff6ec7b1503f",
     "02e8445082a72f29b75ca48748a914df60622a609cacfce8ed0e35804560741d29",
     "cfb71883f01676f587d023cc53a35bc7f88f724b1f8c2892ac1275ac822a3edd"},
    {1000000000, "02e8445082a72f29b75ca48748a914df60622a609cacfce8ed0e35804560741d29",
     "cfb71883f01676f587d023cc53a35bc7f88f724b1f8c2892ac1275ac822a3edd",
     "022a471424da5e657499d1ff51cb43c47481a03b1e77f951fe64cec9f5a48f7011",
     "c783e67b921d2beb8f6b389cc646d7263b4145701dadd2161548a8b078e65e9e"},
    {0, "03cbcaa9c98c877a26977d00825c956a238e8dddfbd322cce4f74b0b5bd6ace4a7",
     "60499f801b896d83179a4374aeb7822aaeaceaa0db1f85ee3e904c4defbd9689",
     "02fc9e5af0ac8d9b3cecfe2a888e2117ba3d089d8585886c9c826b6b22a98d12ea",
     "f0909affaa7ee7abe5dd4e100598d4dc53cd709d5a5c2cac40e7412f232f7c9c"},
    {1, "03c01e7425647bdefa82b12d9bad5e3e6865bee0502694b94ca58b666abc0a5c3b",
     "be17a268474a6bb9c61e1d720cf6215e2a88c5406c4aee7b38547f585c9a37d9",
     "03a7d1d856deb74c508e05031f9895dab54626251b3806e16b4bd12e781a7df5b9",
     "f366f48f1ea9f2d1d3fe958c95ca84ea18e4c4ddb9366c336c927eb246fb38cb"},
    {2, "02d2b36900396c9282fa14628566582f206a5dd0bcc8d5e892611806cafb0301f0",
     "637807030d55d01f9a0cb3a7839515d796bd07706386a6eddf06cc29a65a0e29",
     "024d902e1a2fc7a8755ab5b694c575fce742c48d9ff192e63df5193e4c7afe1f9c",
     "9452b549be8cea3ecb7a84bec10dcfd94afe4d129ebfd3b3cb58eedf394ed271"},
};

static void parent_of(size_t i, uint8_t key[CSIG_PUBKEY_BYTES], uint8_t cc[32])
{
    hex_read(key, CSIG_PUBKEY_BYTES, vectors[i].parent);
    hex_read(cc, 32, vectors[i].parent_cc);
}

static void bip32_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(vectors); i++) {
        uint8_t parent[CSIG_PUBKEY_BYTES], cc[32], child[CSIG_PUBKEY_BYTES], child_cc[32];
        uint8_t want[CSIG_PUBKEY_BYTES], want_cc[32];

        parent_of(i, parent, cc);
        hex_read(want, sizeof want, vectors[i].child);
        hex_read(want_cc, sizeof want_cc, vectors[i].child_cc);
        assert_int_equal(csig_child(parent, cc, &vectors[i].index, 1, child, child_cc), CSIG_OK);
        assert_memory_equal(child, want, sizeof want);
        assert_memory_equal(child_cc, want_cc, sizeof want_cc);
        /* the chain code need not be asked for */
        memset(child, 0, sizeof child);
        assert_int_equal(csig_child(parent, cc, &vectors[i].index, 1, child, NULL), CSIG_OK);
        assert_memory_equal(child, want, sizeof want);
    }
}

/* Two steps at once are the two steps: m/0H/1/2H/2/1000000000 of vector 1. */
static void a_path_is_its_steps(void **state)
{
    const uint32_t path[] = {2, 1000000000};
    uint8_t parent[CSIG_PUBKEY_BYTES], cc[32], child[CSIG_PUBKEY_BYTES], child_cc[32];
    uint8_t want[CSIG_PUBKEY_BYTES], want_cc[32];

    (void)state;
    parent_of(1, parent, cc);
    hex_read(want, sizeof want, vectors[2].child);
    hex_read(want_cc, sizeof want_cc, vectors[2].child_cc);
    assert_int_equal(csig_child(parent, cc, path, 2, child, child_cc), CSIG_OK);
    assert_memory_equal(child, want, sizeof want);
    assert_memory_equal(child_cc, want_cc, sizeof want_cc);
}

/* child = parent + shift G, also over many steps, and no step at all. */
static void the_shift_leads_to_the_child(void **state)
{
    const uint32_t path[CSIG_MAX_PATH] = {0, 1, 2, 0x7fffffff, 44, 60, 0, 7, 9, 10};
    uint8_t parent[CSIG_PUBKEY_BYTES], cc[32], cc_out[32];
    csig_point K, child, shift_G, sum;
    csig_scalar shift;

    (void)state;
    parent_of(0, parent, cc);
    assert_int_equal(csig_point_from_bytes(&K, parent), CSIG_OK);
    for (size_t depth = 1; depth <= CSIG_MAX_PATH; depth++) {
        assert_int_equal(csig_hd_shift(&shift, &child, cc_out, &K, cc, path, depth), CSIG_OK);
        assert_true(csig_point_has_mul_g_var(&shift_G, &shift));
        assert_true(csig_point_has_add(&sum, &K, &shift_G));
        assert_true(csig_point_is_eq(&sum, &child));
        assert_memory_not_equal(cc_out, cc, sizeof cc);
    }
    assert_int_equal(csig_hd_shift(&shift, &child, cc_out, &K, cc, NULL, 0), CSIG_OK);
    assert_true(csig_scalar_is_zero(&shift));
    assert_true(csig_point_is_eq(&K, &child));
    assert_memory_equal(cc_out, cc, sizeof cc);
}

static void refusals(void **state)
{
    uint32_t path[CSIG_MAX_PATH + 1] = {0};
    uint8_t parent[CSIG_PUBKEY_BYTES], cc[32], child[CSIG_PUBKEY_BYTES];

    (void)state;
    parent_of(0, parent, cc);
    assert_int_equal(csig_child(parent, cc, path, CSIG_MAX_PATH, child, NULL), CSIG_OK);
    assert_int_equal(csig_child(parent, cc, path, CSIG_MAX_PATH + 1, child, NULL), CSIG_E_PATH);
    path[CSIG_MAX_PATH - 1] = UINT32_C(0x80000000); /* hardened, anywhere in the path */
    assert_int_equal(csig_child(parent, cc, path, CSIG_MAX_PATH, child, NULL), CSIG_E_PATH);
    assert_int_equal(csig_child(parent, cc, path, CSIG_MAX_PATH - 1, child, NULL), CSIG_OK);
    path[0] = UINT32_MAX;
    assert_int_equal(csig_child(parent, cc, path, 1, child, NULL), CSIG_E_PATH);
    path[0] = 0;
    assert_int_equal(csig_child(parent, cc, NULL, 1, child, NULL), CSIG_E_ARGUMENT);
    memset(parent + 1, 0xff, 32); /* x is not below p */
    assert_int_equal(csig_child(parent, cc, path, 1, child, NULL), CSIG_E_POINT);
    parent[0] = 4;
    assert_int_equal(csig_child(parent, cc, path, 1, child, NULL), CSIG_E_POINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bip32_vectors),
        cmocka_unit_test(a_path_is_its_steps),
        cmocka_unit_test(the_shift_leads_to_the_child),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
