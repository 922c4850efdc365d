/* Permits: typed data that lets somebody take tokens, known by its whole type. */
#include "payload/permit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "support/typed.h"

#define TOKEN   "0x7070707070707070707070707070707070707070"
#define OTHER   "0x3535353535353535353535353535353535353535"
#define SPENDER "0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa"
#define DOMAIN  "{'name':'T','chainId':10,'verifyingContract':'" TOKEN "'}"
#define MOST    "115792089237316195423570985008687907853269984665640564039457584007913129639935"

#define EIP2612                                                                                    \
    "{'Permit':[{'name':'owner','type':'address'},{'name':'spender','type':'address'},"            \
    "{'name':'value','type':'uint256'},{'name':'nonce','type':'uint256'},"                         \
    "{'name':'deadline','type':'uint256'}]}"
#define DAI                                                                                        \
    "{'Permit':[{'name':'holder','type':'address'},{'name':'spender','type':'address'},"           \
    "{'name':'nonce','type':'uint256'},{'name':'expiry','type':'uint256'},"                        \
    "{'name':'allowed','type':'bool'}]}"
#define SINGLE                                                                                     \
    "{'PermitSingle':[{'name':'details','type':'PermitDetails'},{'name':'spender','type':"         \
    "'address'},{'name':'sigDeadline','type':'uint256'}],'PermitDetails':[{'name':'token',"        \
    "'type':'address'},{'name':'amount','type':'uint160'},{'name':'expiration','type':'uint48'},"  \
    "{'name':'nonce','type':'uint48'}]}"
#define FROM                                                                                       \
    "{'PermitTransferFrom':[{'name':'permitted','type':'TokenPermissions'},{'name':'spender',"     \
    "'type':'address'},{'name':'nonce','type':'uint256'},{'name':'deadline','type':'uint256'}],"   \
    "'TokenPermissions':[{'name':'token','type':'address'},{'name':'amount','type':'uint256'}]}"

#define EIP3009(primary)                                                                           \
    "{'" primary "':[{'name':'from','type':'address'},{'name':'to','type':'address'},"             \
    "{'name':'value','type':'uint256'},{'name':'validAfter','type':'uint256'},"                    \
    "{'name':'validBefore','type':'uint256'},{'name':'nonce','type':'bytes32'}]}"

#define EIP3009_OF(value)                                                                          \
    "{'from':'" OTHER "','to':'" SPENDER "','value':" value                                        \
    ",'validAfter':0,'validBefore':9,'nonce':'0x11111111111111111111111111111111"                  \
    "11111111111111111111111111111111'}"
#define EIP2612_OF(value)                                                                          \
    "{'owner':'" OTHER "','spender':'" SPENDER "','value':" value ",'nonce':0,'deadline':1}"
#define DAI_OF(allowed)                                                                            \
    "{'holder':'" OTHER "','spender':'" SPENDER "','nonce':0,'expiry':0,'allowed':" allowed "}"
#define SINGLE_OF(amount)                                                                          \
    "{'details':{'token':'" OTHER "','amount':" amount                                             \
    ",'expiration':0,'nonce':0},'spender':'" SPENDER "','sigDeadline':1}"
#define FROM_OF(amount)                                                                            \
    "{'permitted':{'token':'" OTHER "','amount':" amount "},'spender':'" SPENDER                   \
    "','nonce':0,'deadline':1}"

static const struct {
    const char *types, *primary, *message, *asset;
    uint8_t amount; /* the last octet */
    uint8_t has_amount, unlimited, delegates;
} permits[] = {
    {EIP2612, "Permit", EIP2612_OF("7"), TOKEN, 7, 1, 0, 1},
    {EIP2612, "Permit", EIP2612_OF("'0'"), TOKEN, 0, 1, 0, 0},
    {EIP2612, "Permit", EIP2612_OF("'" MOST "'"), TOKEN, 0xff, 1, 1, 1},
    {DAI, "Permit", DAI_OF("true"), TOKEN, 0xff, 0, 1, 1},
    {DAI, "Permit", DAI_OF("false"), TOKEN, 0, 1, 0, 0},
    {SINGLE, "PermitSingle", SINGLE_OF("9"), OTHER, 9, 1, 0, 1},
    {SINGLE, "PermitSingle", SINGLE_OF("'0xffffffffffffffffffffffffffffffffffffffff'"), OTHER, 0xff,
     1, 1, 1},
    {FROM, "PermitTransferFrom", FROM_OF("5"), OTHER, 5, 1, 0, 1},
    {EIP3009("TransferWithAuthorization"), "TransferWithAuthorization", EIP3009_OF("6"), TOKEN, 6,
     1, 0, 1},
    {EIP3009("ReceiveWithAuthorization"), "ReceiveWithAuthorization", EIP3009_OF("8"), TOKEN, 8, 1,
     0, 1},
};

static void known_permits(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(permits); i++) {
        csig_payload *p =
            typed_bound(permits[i].types, permits[i].primary, DOMAIN, permits[i].message);
        const csig_facts *f = csig_payload_facts(p);
        const csig_approval *a = &f->approvals[0];
        char asset[CSIG_ASSET_BYTES];

        (void)snprintf(asset, sizeof asset, "eip155:10/erc20:%s", permits[i].asset);
        assert_int_equal(f->n_approvals, 1);
        assert_string_equal(a->asset, asset);
        assert_string_equal(a->spender, SPENDER);
        assert_int_equal(a->amount[31], permits[i].amount);
        assert_int_equal(a->has_amount, permits[i].has_amount);
        assert_int_equal(a->unlimited, permits[i].unlimited);
        assert_int_equal(f->delegates, permits[i].delegates);
        assert_true(!a->unlimited || a->amount[0] == 0xff);
        csig_payload_free(p);
    }
}

static void permits_in_words(void **state)
{
    csig_payload *p = typed_bound(DAI, "Permit", DOMAIN, DAI_OF("true"));

    (void)state;
    payloads_expect_inside(payloads_words(p), "It GIVES POWER over tokens to somebody.\n");
    payloads_expect_inside(payloads_words(p),
                           "Allows " SPENDER " to take WITHOUT LIMIT of eip155:10/erc20:" TOKEN);
    csig_payload_free(p);
}

/* Of what is only called so it is not said what it gives, but that it does. */
static void what_is_called_a_permit(void **state)
{
    static const char *const types = "{'PermitBatch':[{'name':'x','type':'bool'}]}";
    csig_payload *p = typed_bound(types, "PermitBatch", DOMAIN, "{'x':true}");

    (void)state;
    assert_true(csig_payload_facts(p)->delegates == 1 && csig_payload_facts(p)->n_approvals == 0);
    csig_payload_free(p);
    p = typed_bound("{'BatchWithAuthorization':[{'name':'x','type':'bool'}]}",
                    "BatchWithAuthorization", DOMAIN, "{'x':true}");
    assert_true(csig_payload_facts(p)->delegates == 1 && csig_payload_facts(p)->n_approvals == 0);
    csig_payload_free(p);
    /* without its contract or its chain a permit is for no token that is known */
    p = typed_bound(EIP2612, "Permit", "{'chainId':10}", EIP2612_OF("7"));
    assert_true(csig_payload_facts(p)->delegates == 1 && csig_payload_facts(p)->n_approvals == 0);
    csig_payload_free(p);
    p = typed_bound(EIP2612, "Permit", "{'verifyingContract':'" TOKEN "'}", EIP2612_OF("0"));
    assert_true(csig_payload_facts(p)->delegates == 1 && csig_payload_facts(p)->n_approvals == 0);
    csig_payload_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_permits),
        cmocka_unit_test(permits_in_words),
        cmocka_unit_test(what_is_called_a_permit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
