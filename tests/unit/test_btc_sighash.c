/* Signature hashes: BIP143's examples; the old hash by the signatures of BIP143's and BIP174's
 * transactions, which verify under no other digest. */
#include "payload/btc_sighash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/ecdsa.h"
#include "support/bitcoin.h"
#include "support/hex.h"
#include "vectors/bitcoin/bip143.h"
#include "vectors/bitcoin/bip174.h"

static void bip143(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(bip143_vectors); i++) {
        const bip143_vector *v = &bip143_vectors[i];
        uint8_t digest[CSIG_SHA256_BYTES];
        csig_btc_tx tx;
        csig_btc_spend spend = {.tx = &tx, .input = v->input, .amount = v->amount, .type = v->type};
        size_t len;
        uint8_t *octets = octets_of_hex(v->unsigned_tx, &len);
        uint8_t *code = octets_of_hex(v->script_code, &spend.code.len);

        spend.code.p = code;
        assert_int_equal(csig_btc_tx_read(&tx, (csig_span){octets, len}, CSIG_BTC_PLAIN), CSIG_OK);
        csig_sighash_witness(digest, &spend);
        hex_expect(digest, sizeof digest, v->sighash);
        csig_btc_tx_free(&tx);
        free(octets);
        free(code);
    }
}

/* The signature that a script pushes at `at`, with its type behind it, is of this digest. */
static void expect_signed(csig_span script, size_t at, const char *public_key,
                          const csig_btc_spend *spend)
{
    uint8_t digest[CSIG_SHA256_BYTES], key[CSIG_POINT_BYTES];
    const size_t len = script.p[at];
    csig_point Q;

    assert_true(at + len < script.len);
    assert_int_equal(script.p[at + len], spend->type);
    hex_read(key, sizeof key, public_key);
    assert_int_equal(csig_point_from_bytes(&Q, key), CSIG_OK);
    csig_sighash_legacy(digest, spend);
    assert_int_equal(csig_ecdsa_verify_der(script.p + at + 1, len - 1, &Q, digest), CSIG_OK);
    digest[0] ^= 1;
    assert_int_equal(csig_ecdsa_verify_der(script.p + at + 1, len - 1, &Q, digest), CSIG_E_OUTPUT);
}

/* BIP143's first transaction spends a P2PK output: its scriptSig is one push. */
static void old_hash(void **state)
{
    csig_btc_tx tx;
    csig_btc_spend spend = {.tx = &tx, .input = 0, .type = CSIG_SIGHASH_ALL};
    size_t len;
    uint8_t *octets = octets_of_hex(bip143_signed[0], &len);
    uint8_t *code = octets_of_hex(
        "2103c9f4836b9a4f77fc0d81f7bcb01b7f1b35916864b9476c241ce9fc198bd25432ac", &spend.code.len);

    (void)state;
    spend.code.p = code;
    assert_int_equal(csig_btc_tx_read(&tx, (csig_span){octets, len}, CSIG_BTC_FULL), CSIG_OK);
    expect_signed(tx.in[0].script, 0,
                  "03c9f4836b9a4f77fc0d81f7bcb01b7f1b35916864b9476c241ce9fc198bd25432", &spend);
    csig_btc_tx_free(&tx);
    free(octets);
    free(code);
}

/* BIP174's first input is a multisig in P2SH: OP_0, two signatures, the script. */
static void old_hash_multisig(void **state)
{
    csig_btc_tx tx;
    csig_btc_spend spend = {.tx = &tx, .input = 0, .type = CSIG_SIGHASH_ALL};
    size_t len;
    uint8_t *octets = octets_of_hex(psbt_transaction, &len);

    (void)state;
    assert_int_equal(csig_btc_tx_read(&tx, (csig_span){octets, len}, CSIG_BTC_FULL), CSIG_OK);
    const csig_span script = tx.in[0].script;
    const size_t second = 2 + (size_t)script.p[1], third = second + 1 + script.p[second];

    spend.code = (csig_span){script.p + third + 1, script.len - third - 1};
    expect_signed(script, 1, "029583bf39ae0a609747ad199addd634fa6108559d6c5cd39b4c2183f1ab96e07f",
                  &spend);
    expect_signed(script, second,
                  "02dab61ff49a14db6a7d02b0cd1fbb78fc4b18312b5b4e54dae4dba2fbfef536d7", &spend);
    csig_btc_tx_free(&tx);
    free(octets);
}

/* What ANYONECANPAY leaves open, and what it does not. */
static void anyone(void **state)
{
    size_t len;
    uint8_t *octets = octets_of_hex(bip143_vectors[0].unsigned_tx, &len);
    uint8_t before[2][CSIG_SHA256_BYTES], after[2][CSIG_SHA256_BYTES];
    csig_btc_tx tx;
    const uint8_t code[] = {0xac};
    const csig_btc_spend spend = {&tx, 1, {code, 1}, 5, CSIG_SIGHASH_ALL_ANYONE};

    (void)state;
    assert_int_equal(csig_btc_tx_read(&tx, (csig_span){octets, len}, CSIG_BTC_PLAIN), CSIG_OK);
    csig_sighash_legacy(before[0], &spend);
    csig_sighash_witness(before[1], &spend);
    tx.in[0].vout++;
    tx.in[0].sequence--;
    csig_sighash_legacy(after[0], &spend);
    csig_sighash_witness(after[1], &spend);
    assert_memory_equal(before, after, sizeof before);
    tx.out[1].amount--;
    csig_sighash_legacy(after[0], &spend);
    csig_sighash_witness(after[1], &spend);
    assert_memory_not_equal(before[0], after[0], sizeof before[0]);
    assert_memory_not_equal(before[1], after[1], sizeof before[1]);
    csig_btc_tx_free(&tx);
    free(octets);
}

static void types(void **state)
{
    (void)state;
    for (uint32_t type = 0; type < 0x200; type++)
        assert_int_equal(csig_sighash_is_known(type), type == 1 || type == 0x81);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bip143), cmocka_unit_test(old_hash), cmocka_unit_test(old_hash_multisig),
        cmocka_unit_test(anyone), cmocka_unit_test(types),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
