/* Amounts, fees, and what comes back. */
#include "payload/psbt_kind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/psbts.h"

static uint64_t number(const uint8_t amount[CSIG_AMOUNT_BYTES])
{
    uint64_t v = 0;

    for (size_t i = 0; i < CSIG_AMOUNT_BYTES; i++) {
        assert_true(i >= 24 || amount[i] == 0);
        v = v << 8 | amount[i];
    }
    return v;
}

static void transfers_and_fee(void **state)
{
    const psbts made = psbts_simple(CSIG_BTC_P2WPKH);
    csig_payload *p = psbts_bound(&made);
    const csig_facts *f = csig_payload_facts(p);

    (void)state;
    assert_string_equal(f->chain, "bip122:000000000019d6689c085ae165831e93");
    assert_int_equal(f->n_transfers, 2);
    assert_string_equal(f->transfers[0].to, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");
    assert_string_equal(f->transfers[0].asset, "bip122:000000000019d6689c085ae165831e93/slip44:0");
    assert_int_equal(number(f->transfers[0].amount), 60000);
    assert_int_equal(f->transfers[0].to_self, 0);
    assert_int_equal(f->transfers[1].to_self, 1);
    assert_int_equal(f->has_fee, 1);
    assert_int_equal(number(f->fee), 1000);
    assert_string_equal(f->fee_asset, f->transfers[0].asset);
    assert_int_equal(f->blind + f->delegates + f->sighash_flags, 0);
    assert_int_equal(f->n_calls + f->n_approvals, 0);
    csig_payload_free(p);
}

/* One P2WPKH input and two outputs are 140.25 to 141 virtual octets; one P2PKH input and two
 * P2WPKH outputs 219 to 220. What is counted is the least: never a rate too low. */
static void fee_rate(void **state)
{
    psbts made = psbts_simple(CSIG_BTC_P2WPKH);
    csig_payload *p = psbts_bound(&made);
    uint64_t rate = number(csig_payload_facts(p)->fee_rate);

    (void)state;
    assert_in_range(rate, 1000000 / 141, 1000000 / 138);
    csig_payload_free(p);
    made = psbts_simple(CSIG_BTC_P2PKH);
    made.out[1].kind = CSIG_BTC_P2WPKH;
    p = psbts_bound(&made);
    rate = number(csig_payload_facts(p)->fee_rate);
    assert_in_range(rate, 1000000 / 220, 1000000 / 216);
    csig_payload_free(p);
    /* 2 of 2: 32 + 4 + 1 + 4 outside, 1 + 1 + 70 + 70 + 72 in the witness */
    made = psbts_simple(CSIG_BTC_P2WSH);
    p = psbts_bound(&made);
    rate = number(csig_payload_facts(p)->fee_rate);
    assert_in_range(rate, 1000000 / 183, 1000000 / 175);
    csig_payload_free(p);
}

static void no_fee(void **state)
{
    psbts made = psbts_simple(CSIG_BTC_P2WPKH);
    csig_payload *p;

    (void)state;
    made.out[0].amount = 61000;
    p = psbts_bound(&made);
    assert_int_equal(number(csig_payload_facts(p)->fee), 0);
    assert_int_equal(number(csig_payload_facts(p)->fee_rate), 0);
    csig_payload_free(p);
    made.out[0].amount = 61001;
    psbts_refused(&made, "the outputs are more than the inputs");
    made.out[0].amount = 60000;
    made.in[1] = (psbts_party){
        .kind = CSIG_BTC_P2WPKH, .is_strange = true, .amount = 5, .proof = PSBTS_NOTHING};
    made.n_in = 2;
    psbts_refused(&made, "input 1: the PSBT does not say how much it spends");
    made.in[1].proof = PSBTS_STATED;
    made.in[1].amount = CSIG_BTC_MONEY_MAX;
    psbts_refused(&made, "the inputs are more than all money");
    made.n_in = 0;
    psbts_refused(&made, "this has 0 and 2");
    made.n_in = 1;
    made.n_out = 0;
    psbts_refused(&made, "this has 1 and 0");
}

static void many_outputs(void **state)
{
    psbts made = psbts_simple(CSIG_BTC_P2WPKH);
    csig_payload *p;

    (void)state;
    for (size_t i = 0; i < CSIG_TRANSFERS_MAX + 1; i++)
        made.out[i] = (psbts_party){.kind = CSIG_BTC_P2WPKH, .is_strange = true, .amount = 600 + i};
    made.n_out = CSIG_TRANSFERS_MAX;
    p = psbts_bound(&made);
    assert_int_equal(csig_payload_facts(p)->n_transfers, CSIG_TRANSFERS_MAX);
    assert_int_equal(number(csig_payload_facts(p)->transfers[63].amount), 663);
    csig_payload_free(p);
    made.n_out++;
    psbts_refused(&made, "more than 64 outputs");
}

static void expect_self(const psbts *made, int want)
{
    csig_payload *p = psbts_bound(made);

    assert_int_equal(csig_payload_facts(p)->transfers[1].to_self, want);
    csig_payload_free(p);
}

/* Output 1 in all the ways in which it comes back, and those that only look so. */
static void change(void **state)
{
    static const csig_btc_kind kinds[] = {CSIG_BTC_P2PKH, CSIG_BTC_P2SH, CSIG_BTC_P2WPKH};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(kinds); i++) {
        psbts made = psbts_simple(CSIG_BTC_P2WPKH);

        made.out[1].kind = kinds[i];
        expect_self(&made, 1);
        made.out[1].is_derived = false; /* m/0/7, and nobody says so */
        expect_self(&made, 0);
        made.out[1].index = 0; /* the input's key */
        expect_self(&made, 1);
        made.out[1].is_derived = true; /* a stranger's, with a path of the account's */
        made.out[1].is_strange = true;
        expect_self(&made, 0);
    }
}

/* A multisig's money comes back only into the script that it was in: another one with our key in
 * it may be anybody's. */
static void change_of_multisig(void **state)
{
    psbts made = psbts_simple(CSIG_BTC_P2WSH);

    (void)state;
    expect_self(&made, 0);
    made.out[1].index = 0;
    expect_self(&made, 1);
    made.in[0].kind = CSIG_BTC_P2WPKH;
    expect_self(&made, 0);
}

/* A few satoshi lie in a multisig of our key and a stranger's, who has put them there. Signed
 * together with our own coin, it gets that coin: nothing comes back. */
static void money_of_one_key_into_a_multisig(void **state)
{
    psbts made = psbts_simple(CSIG_BTC_P2WPKH);

    (void)state;
    made.in[1] = (psbts_party){.kind = CSIG_BTC_P2WSH,
                               .amount = 600,
                               .index = 7,
                               .is_derived = true,
                               .proof = PSBTS_PROVEN};
    made.n_in = 2;
    made.out[1].kind = CSIG_BTC_P2WSH;
    expect_self(&made, 0);
    /* of that script alone all comes from where it goes */
    made.in[0] = made.in[1];
    made.in[0].amount = 100000;
    expect_self(&made, 1);
    /* a stranger's coin beside it gives, and takes nothing */
    made.in[1] = (psbts_party){
        .kind = CSIG_BTC_P2WPKH, .amount = 600, .is_strange = true, .proof = PSBTS_PROVEN};
    expect_self(&made, 1);
}

/* Our key's derivation beside an output that does not pay to it. */
static void a_derivation_beside(void **state)
{
    psbts made = psbts_simple(CSIG_BTC_P2WPKH);
    char more[256] = "2202";
    uint8_t key[CSIG_POINT_BYTES];
    csig_payload *p;

    (void)state;
    psbts_key(key, &made.in[0]);
    for (size_t i = 0; i < sizeof key; i++)
        (void)snprintf(more + strlen(more), 3, "%02x", key[i]);
    strcat(more, "0c010203040000000000000000");
    made.more_out = more;
    p = psbts_bound(&made);
    assert_int_equal(csig_payload_facts(p)->transfers[0].to_self, 0);
    csig_payload_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transfers_and_fee),
        cmocka_unit_test(fee_rate),
        cmocka_unit_test(no_fee),
        cmocka_unit_test(many_outputs),
        cmocka_unit_test(change),
        cmocka_unit_test(change_of_multisig),
        cmocka_unit_test(money_of_one_key_into_a_multisig),
        cmocka_unit_test(a_derivation_beside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
