/* What the data of a transaction is taken for: the calls of ERC-20 that are known, however they are
 * written; whatever else stays unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "crypto/keccak.h"
#include "payload/eth_tx.h"
#include "support/payloads.h"
#include "support/transactions.h"

#define A      "0x3535353535353535353535353535353535353535"
#define B      "0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa"
#define T      "0x7070707070707070707070707070707070707070"
#define TOKEN  "eip155:1/erc20:" T
#define TOKENS "eip155:1/erc721:" T
#define ALL_OF_THEM(yes)                                                                           \
    "0x02f86d0107843b9aca008506fc23ac0082ea609470707070707070707070707070707070707070"             \
    "7080b844a22cb465000000000000000000000000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"             \
    "00000000000000000000000000000000000000000000000000000000000000" yes "c0"

static const struct {
    const char *json, *method, *words;
    uint8_t delegates;
} known[] = {
    {ETH_TX(TRANSFER), "transfer(address,uint256)",
     "Sends 1000000 base units of the token " T " to " B "\n", 0},
    {ETH_TX(TRANSFER_FROM), "transferFrom(address,address,uint256)",
     "Sends 5 base units of the token " T " from " A " to " B "\n", 0},
    {ETH_TX(APPROVE), "approve(address,uint256)",
     "Allows " B " to take WITHOUT LIMIT of " TOKEN "\n", 1},
    {ETH_TX(REVOKE), "approve(address,uint256)",
     "Allows " B " to take up to 0 base units of the token " T "\n", 0},
    {ETH_TX(MORE), "increaseAllowance(address,uint256)",
     "Allows " B " to take more than before, by 7 base units of the token " T "\n", 1},
    {ETH_TX(ALL_OF_THEM("01")), "setApprovalForAll(address,bool)",
     "taken as tokens by ERC-721 or ERC-1155\nAllows " B " to take WITHOUT LIMIT of " TOKENS "\n",
     1},
    {ETH_TX(ALL_OF_THEM("00")), "setApprovalForAll(address,bool)",
     "Allows " B " to take up to 0 of " TOKENS "\n", 0},
};

static void the_calls_of_erc20(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(known); i++) {
        csig_payload *p = payloads_bound(known[i].json);
        const csig_facts *f = csig_payload_facts(p);

        assert_int_equal(f->n_calls, 1);
        assert_string_equal(f->calls[0].method, known[i].method);
        assert_string_equal(f->calls[0].contract, T);
        assert_int_equal(f->n_transfers + f->n_approvals, 1);
        assert_string_equal(f->n_transfers > 0 ? f->transfers[0].asset : f->approvals[0].asset,
                            strstr(known[i].method, "ForAll") == NULL ? TOKEN : TOKENS);
        assert_int_equal(f->delegates, known[i].delegates);
        payloads_expect_inside(payloads_words(p), known[i].words);
        csig_payload_free(p);
    }
}

static void selectors_follow_from_signatures(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(known); i++) {
        csig_payload *p = payloads_read(known[i].json);
        const csig_call *c = &csig_payload_facts(p)->calls[0];
        uint8_t hash[CSIG_KECCAK_BYTES];

        csig_keccak256(hash, c->method, strlen(c->method));
        assert_memory_equal(c->selector, hash, sizeof c->selector);
        csig_payload_free(p);
    }
}

/* The i-th digit of the data of TRANSFER becomes another. */
static char *with_digit(size_t i, char digit)
{
    char *json = strdup(ETH_TX(TRANSFER));

    assert_non_null(json);
    strstr(json, "a9059cbb")[i] = digit;
    return json;
}

static void expect_unknown(const char *json)
{
    csig_payload *p = payloads_read(json);
    const csig_facts *f = csig_payload_facts(p);

    assert_true(f->n_calls == 1 && f->n_transfers == 0 && f->n_approvals == 0);
    assert_string_equal(f->calls[0].method, "");
    payloads_expect_inside(payloads_words(p), "NOT KNOWN");
    csig_payload_free(p);
}

static void another_selector_is_unknown(void **state)
{
    (void)state;
    for (size_t i = 0; i < 8; i++) {
        char *json = with_digit(i, '1');

        expect_unknown(json);
        free(json);
    }
}

/* Contracts do what it says, whatever else stands in the data. */
static void expect_loose(const char *json, const char *words, uint8_t delegates)
{
    csig_payload *p = payloads_read(json);
    const csig_facts *f = csig_payload_facts(p);

    assert_int_equal(f->n_transfers + f->n_approvals, 1);
    assert_int_equal(f->delegates, delegates);
    assert_string_equal(f->calls[0].method, "");
    payloads_expect_inside(payloads_words(p), words);
    csig_payload_free(p);
}

#define ELSE_UNKNOWN "what it does beside what follows is NOT KNOWN.\n"

static void what_is_nearly_such_a_call_does_the_same(void **state)
{
    (void)state;
    /* the twelve octets before the address */
    for (size_t i = 8; i < 8 + 24; i++) {
        char *json = with_digit(i, '1');

        expect_loose(json, ELSE_UNKNOWN "Sends 1000000 base units of the token " T " to " B "\n",
                     0);
        free(json);
    }
    {
        char *json = with_digit(8 + 24, '1'); /* the address: another recipient */
        csig_payload *p = payloads_read(json);

        assert_string_equal(csig_payload_facts(p)->transfers[0].to,
                            "0x1aaAAaaaaaAAAAaAAAaAaAaaAAAaaaaAAaAAAAaA");
        csig_payload_free(p);
        free(json);
    }
    /* an octet less, an octet more: 0x43, 0x45 octets of data */
    expect_loose(ETH_TX("0x02f86c0107843b9aca008506fc23ac0082ea6094707070707070707070707070707070"
                        "707070707080b843a9059cbb000000000000000000000000aaaaaaaaaaaaaaaaaaaaaaaaaa"
                        "aaaaaaaaaaaaaa00000000000000000000000000000000000000000000000000000000000f"
                        "42c0"),
                 ELSE_UNKNOWN "Sends 999936 base units of the token " T " to " B "\n", 0);
    expect_loose(ETH_TX("0x02f86e0107843b9aca008506fc23ac0082ea6094707070707070707070707070707070"
                        "707070707080b845a9059cbb000000000000000000000000aaaaaaaaaaaaaaaaaaaaaaaaaa"
                        "aaaaaaaaaaaaaa00000000000000000000000000000000000000000000000000000000000f"
                        "424000c0"),
                 ELSE_UNKNOWN "Sends 1000000 base units of the token " T " to " B "\n", 0);
    /* a power, and an octet behind it */
    expect_loose(ETH_TX("0x02f86e0107843b9aca008506fc23ac0082ea6094707070707070707070707070707070"
                        "707070707080b845095ea7b3000000000000000000000000aaaaaaaaaaaaaaaaaaaaaaaaaa"
                        "aaaaaaaaaaaaaaffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
                        "ffff01c0"),
                 ELSE_UNKNOWN "Allows " B " to take WITHOUT LIMIT of " TOKEN "\n", 1);
    /* any yes */
    expect_loose(ETH_TX(ALL_OF_THEM("02")),
                 ELSE_UNKNOWN "Allows " B " to take WITHOUT LIMIT of " TOKENS "\n", 1);
    /* the selector alone: nothing to nobody */
    expect_loose(ETH_TX("0x02ec0107843b9aca008506fc23ac0082ea60947070707070707070707070707070707070"
                        "7070708084a9059cbbc0"),
                 ELSE_UNKNOWN "Sends 0 base units of the token " T " to "
                              "0x0000000000000000000000000000000000000000\n",
                 0);
}

static void signatures_have_selectors(void **state)
{
    static const char *const none[] = {"",
                                       "transfer",
                                       "(address)",
                                       "transfer(address, uint256)",
                                       "transfer(address to,uint256)",
                                       "transfer(address,uint)",
                                       "transfer(address,int)",
                                       "transfer(address,uint256",
                                       "transfer(address,uint256))",
                                       "transfer(address,uint256) ",
                                       "transfer(address,)",
                                       "transfer(,address)",
                                       "transfer(address,uint7)",
                                       "transfer(Person)",
                                       "transfer(Person[])",
                                       "transfer(address[x])",
                                       "trans fer(address)",
                                       "f((address,uint256))"};
    uint8_t selector[4];

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(none); i++)
        assert_false(csig_eth_selector_is_of(selector, none[i]));
    assert_true(csig_eth_selector_is_of(selector, "setApprovalForAll(address,bool)"));
    assert_memory_equal(selector, "\xa2\x2c\xb4\x65", 4);
    assert_true(csig_eth_selector_is_of(selector, "deposit()"));
    assert_memory_equal(selector, "\xd0\xe3\x0d\xb0", 4);
    assert_true(csig_eth_selector_is_of(selector, "multicall(bytes[])"));
    assert_memory_equal(selector, "\xac\x96\x50\xd8", 4);
}

/* Less than a selector. */
static void a_few_octets(void **state)
{
    csig_payload *p = payloads_read(
        ETH_TX("0xe001010194707070707070707070707070707070707070707080838182830a8080"));

    (void)state;
    assert_int_equal(csig_payload_facts(p)->calls[0].has_selector, 0);
    payloads_expect_inside(payloads_words(p),
                           "Calls the contract " T " with 3 octets of data: what it does is NOT "
                           "KNOWN.\nFee");
    csig_payload_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_calls_of_erc20),
        cmocka_unit_test(selectors_follow_from_signatures),
        cmocka_unit_test(another_selector_is_unknown),
        cmocka_unit_test(what_is_nearly_such_a_call_does_the_same),
        cmocka_unit_test(signatures_have_selectors),
        cmocka_unit_test(a_few_octets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
