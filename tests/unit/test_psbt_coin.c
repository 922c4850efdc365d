/* The coins that inputs spend: proven, stated, contradicting each other; BIP174's cases that a
 * signer must refuse. */
#include "payload/psbt_coin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/bitcoin.h"
#include "support/hex.h"
#include "support/psbts.h"
#include "vectors/bitcoin/bip174.h"

/* Input 0 of the PSBT, which lives in *psbt and octets. */
static csig_err read_coin(csig_coin *coin, csig_psbt *psbt, uint8_t **octets, const psbts *made)
{
    char why[CSIG_WHY_BYTES];
    size_t len;

    *octets = psbts_octets(made, &len);
    assert_int_equal(csig_psbt_read(psbt, (csig_span){*octets, len}, why), CSIG_OK);
    return csig_coin_read(coin, psbt, 0, why);
}

static void proofs(void **state)
{
    static const struct {
        psbts_proof proof;
        csig_coin_proof want;
    } cases[] = {{PSBTS_NOTHING, CSIG_COIN_UNKNOWN},
                 {PSBTS_STATED, CSIG_COIN_STATED},
                 {PSBTS_PROVEN, CSIG_COIN_PROVEN},
                 {PSBTS_BOTH, CSIG_COIN_PROVEN}};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(cases); i++) {
        psbts made = psbts_simple(CSIG_BTC_P2WPKH);
        csig_psbt psbt;
        csig_coin coin;
        uint8_t *octets;

        made.in[0].proof = cases[i].proof;
        assert_int_equal(read_coin(&coin, &psbt, &octets, &made), CSIG_OK);
        assert_int_equal(coin.proof, cases[i].want);
        assert_int_equal(coin.out.amount, cases[i].want == CSIG_COIN_UNKNOWN ? 0 : 100000);
        csig_psbt_free(&psbt);
        free(octets);
    }
}

static void locks(void **state)
{
    static const struct {
        csig_btc_kind kind;
        bool hides;
        csig_coin_lock lock;
        bool is_witness;
    } cases[] = {{CSIG_BTC_P2PKH, false, CSIG_LOCK_KEY, false},
                 {CSIG_BTC_P2WPKH, false, CSIG_LOCK_KEY, true},
                 {CSIG_BTC_P2SH, false, CSIG_LOCK_KEY, true},
                 {CSIG_BTC_P2SH, true, CSIG_LOCK_HIDDEN, true},
                 {CSIG_BTC_P2WSH, false, CSIG_LOCK_MULTISIG, true},
                 {CSIG_BTC_P2WSH, true, CSIG_LOCK_OTHER, true}};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(cases); i++) {
        psbts made = psbts_simple(cases[i].kind);
        uint8_t key[CSIG_POINT_BYTES], *octets;
        csig_psbt psbt;
        csig_coin coin;

        made.in[0].hides_scripts = cases[i].hides;
        assert_int_equal(read_coin(&coin, &psbt, &octets, &made), CSIG_OK);
        assert_int_equal(coin.lock, cases[i].lock);
        assert_int_equal(coin.is_witness, cases[i].is_witness);
        psbts_key(key, &made.in[0]);
        assert_int_equal(csig_coin_has_key(&coin, key), cases[i].lock != CSIG_LOCK_OTHER);
        made.in[0].index = 99;
        psbts_key(key, &made.in[0]);
        assert_false(csig_coin_has_key(&coin, key));
        csig_psbt_free(&psbt);
        free(octets);
    }
}

/* Every octet of the transaction that the coin is from counts; so does what is stated beside it. */
static void contradictions(void **state)
{
    psbts made = psbts_simple(CSIG_BTC_P2WPKH);
    csig_psbt psbt;
    csig_coin coin;
    uint8_t *octets;
    csig_span whole, stated;

    (void)state;
    made.in[0].proof = PSBTS_BOTH;
    assert_int_equal(read_coin(&coin, &psbt, &octets, &made), CSIG_OK);
    whole = csig_psbt_value(&psbt.in[0], CSIG_PSBT_IN_NON_WITNESS_UTXO);
    stated = csig_psbt_value(&psbt.in[0], CSIG_PSBT_IN_WITNESS_UTXO);
    for (size_t k = 0; k < whole.len + stated.len; k++) {
        const csig_span in = k < whole.len ? whole : stated;
        uint8_t *at = octets + (in.p - octets) + (k < whole.len ? k : k - whole.len);

        *at ^= 1;
        assert_int_not_equal(csig_coin_read(&coin, &psbt, 0, NULL), CSIG_OK);
        *at ^= 1;
    }
    assert_int_equal(csig_coin_read(&coin, &psbt, 0, NULL), CSIG_OK);
    psbt.tx.in[0].vout = 2;
    assert_int_equal(csig_coin_read(&coin, &psbt, 0, NULL), CSIG_E_PAYLOAD);
    csig_psbt_free(&psbt);
    free(octets);
}

static void needs_more(void **state)
{
    psbts made = psbts_simple(CSIG_BTC_P2PKH);

    (void)state;
    made.in[0].proof = PSBTS_STATED;
    psbts_refused(&made, "input 0: the whole transaction that it spends from is needed");
    made = psbts_simple(CSIG_BTC_P2WPKH);
    made.more_in = "0104"
                   "0151";
    psbts_refused(&made, "input 0: its redeemScript is not of the coin");
    made.more_in = "0105"
                   "0151";
    psbts_refused(&made, "input 0: its witnessScript is not of the coin");
    made = psbts_simple(CSIG_BTC_P2SH);
    made.in[0].hides_scripts = true;
    made.more_in = "0104"
                   "0151";
    psbts_refused(&made, "input 0: its redeemScript is not of the coin");
}

/* Scripts of single keys inside P2SH that nobody uses: the lock is none that is opened here. */
static void locks_inside(void **state)
{
    uint8_t key[CSIG_POINT_BYTES];
    static const csig_btc_kind kinds[] = {CSIG_BTC_P2PKH, CSIG_BTC_P2SH};
    psbts made = psbts_simple(CSIG_BTC_P2SH);

    (void)state;
    psbts_key(key, &made.in[0]);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(kinds); i++) {
        uint8_t hash[CSIG_HASH160_BYTES], *octets, *script;
        csig_btc_made redeem, outer;
        csig_psbt psbt;
        csig_coin coin;

        made.in[0].hides_scripts = true;
        made.in[0].proof = PSBTS_BOTH;
        assert_int_equal(read_coin(&coin, &psbt, &octets, &made), CSIG_OK);
        csig_btc_script_pay(&redeem, kinds[i], key);
        csig_hash160(hash, redeem.b, redeem.len);
        csig_btc_script_make(&outer, CSIG_BTC_P2SH, hash);
        csig_psbt_field fields[2] = {
            {.type = CSIG_PSBT_IN_WITNESS_UTXO, .value = {NULL, 8 + 1 + outer.len}},
            {.type = CSIG_PSBT_IN_REDEEM_SCRIPT, .value = csig_btc_made_span(&redeem)}};
        script = calloc(1, fields[0].value.len);
        script[8] = (uint8_t)outer.len;
        memcpy(script + 9, outer.b, outer.len);
        fields[0].value.p = script;
        psbt.in[0] = (csig_psbt_map){fields, 2};
        /* without its transaction: it is not of SegWit */
        assert_int_equal(csig_coin_read(&coin, &psbt, 0, NULL), CSIG_E_PAYLOAD);
        assert_int_equal(coin.lock, CSIG_LOCK_OTHER);
        assert_false(csig_coin_has_key(&coin, key));
        csig_psbt_free(&psbt);
        free(script);
        free(octets);
    }
}

static void bip174(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(psbt_unsignable); i++) {
        size_t len;
        uint8_t *octets = octets_of_base64(psbt_unsignable[i].psbt, &len);
        csig_psbt psbt;
        csig_err err = CSIG_OK;

        assert_int_equal(csig_psbt_read(&psbt, (csig_span){octets, len}, NULL), CSIG_OK);
        for (size_t k = 0; k < psbt.tx.n_in && err == CSIG_OK; k++) {
            csig_coin coin;

            err = csig_coin_read(&coin, &psbt, k, NULL);
        }
        if (err != CSIG_E_PAYLOAD) fail_msg("%s", psbt_unsignable[i].name);
        csig_psbt_free(&psbt);
        free(octets);
    }
}

static void sighash_types(void **state)
{
    psbts made = psbts_simple(CSIG_BTC_P2WPKH);

    (void)state;
    for (uint32_t type = 0; type < 3; type++) {
        csig_psbt psbt;
        csig_coin coin;
        uint8_t *octets;

        made.in[0].type = type == 2 ? 0x1281 : type;
        assert_int_equal(read_coin(&coin, &psbt, &octets, &made), CSIG_OK);
        assert_int_equal(csig_psbt_sighash_type(&psbt.in[0]), type == 2 ? 0x1281 : 1);
        csig_psbt_free(&psbt);
        free(octets);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proofs),         cmocka_unit_test(locks),
        cmocka_unit_test(contradictions), cmocka_unit_test(locks_inside),
        cmocka_unit_test(needs_more),     cmocka_unit_test(bip174),
        cmocka_unit_test(sighash_types),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
