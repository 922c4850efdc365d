/* Transactions: BIP143's and BIP174's, read and written in both forms, named; every truncation and
 * what else is not the one encoding. */
#include "payload/btc_tx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/bitcoin.h"
#include "support/hex.h"
#include "vectors/bitcoin/bip143.h"
#include "vectors/bitcoin/bip174.h"

static void round_trip(const char *hex, csig_btc_form form)
{
    size_t len;
    uint8_t *octets = octets_of_hex(hex, &len), *again = malloc(len);
    csig_sink s = {.out = again, .room = len};
    csig_btc_tx tx;

    assert_int_equal(csig_btc_tx_read(&tx, (csig_span){octets, len}, form), CSIG_OK);
    csig_btc_tx_write(&s, &tx, form);
    assert_int_equal(s.at, len);
    assert_memory_equal(again, octets, len);
    csig_btc_tx_free(&tx);
    for (size_t cut = 0; cut < len; cut++) {
        memcpy(again, octets, cut);
        assert_int_equal(csig_btc_tx_read(&tx, (csig_span){again, cut}, form), CSIG_E_FORMAT);
    }
    free(octets);
    free(again);
}

static void vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(bip143_vectors); i++) {
        round_trip(bip143_vectors[i].unsigned_tx, CSIG_BTC_PLAIN);
        round_trip(bip143_vectors[i].unsigned_tx, CSIG_BTC_FULL);
    }
    for (size_t i = 0; i < CSIG_ARRAY_LEN(bip143_signed); i++)
        round_trip(bip143_signed[i], CSIG_BTC_FULL);
    round_trip(psbt_transaction, CSIG_BTC_FULL);
}

static csig_err read_hex(csig_btc_tx *tx, const char *hex, csig_btc_form form, uint8_t **octets)
{
    size_t len;

    *octets = octets_of_hex(hex, &len);
    return csig_btc_tx_read(tx, (csig_span){*octets, len}, form);
}

/* A witness is no part of the name: the signed transaction of P2WPKH alone has the same. */
static void txids(void **state)
{
    csig_btc_tx tx;
    uint8_t *octets, txid[CSIG_TXID_BYTES];

    (void)state;
    assert_int_equal(read_hex(&tx, psbt_transaction, CSIG_BTC_FULL, &octets), CSIG_OK);
    assert_true(tx.has_witness);
    csig_btc_txid(txid, &tx);
    hex_expect(txid, sizeof txid,
               "cd66f9df46cc6e34f5e3775d8aa2f19e2e0d699423076023439c312bf1df01c0");
    csig_btc_tx_free(&tx);
    free(octets);
    /* a witness in the plain form is no transaction */
    assert_int_equal(read_hex(&tx, psbt_transaction, CSIG_BTC_PLAIN, &octets), CSIG_E_FORMAT);
    free(octets);
}

#define HEAD "01000000"
#define IN                                                                                         \
    "0000000000000000000000000000000000000000000000000000000000000000"                             \
    "00000000"                                                                                     \
    "00"                                                                                           \
    "ffffffff"
#define ONE  HEAD "01" IN
#define TAIL "00000000"
#define MARK                                                                                       \
    HEAD "0001"                                                                                    \
         "01" IN

static void other_octets(void **state)
{
    static const char *const bad[] = {
        ONE "01"
            "0140075af0750700"
            "00" TAIL, /* a satoshi more than all money */
        ONE "02"
            "0040075af0750700"
            "00"
            "0100000000000000"
            "00" TAIL, /* together */
        ONE "01"
            "ffffffffffffffff"
            "00" TAIL,
        ONE "fd0100"
            "0000000000000000" ONE "02"
            "0000000000000080"
            "00"
            "0000000000000080"
            "00" TAIL,             /* wrapping round */
        "00" TAIL,                 /* a longer count */
        HEAD "ffffffffffffffffff", /* more inputs than octets */
        ONE "feffffffff" TAIL,     /* more outputs than octets */
        ONE "01"
            "0000000000000000"
            "00" TAIL "00", /* something after it */
        MARK "01"
             "0000000000000000"
             "00"
             "00" TAIL, /* a witness form without a witness */
        HEAD "0002"
             "01" IN "01"
             "0000000000000000"
             "00"
             "0100" TAIL, /* another flag */
        MARK "01"
             "0000000000000000"
             "00"
             "02"
             "00" TAIL, /* a stack with one less */
    };

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(bad); i++) {
        csig_btc_tx tx;
        uint8_t *octets;

        assert_int_equal(read_hex(&tx, bad[i], CSIG_BTC_FULL, &octets), CSIG_E_FORMAT);
        free(octets);
    }
    round_trip(ONE "01"
                   "0040075af0750700"
                   "00" TAIL,
               CSIG_BTC_FULL);
    round_trip(MARK "01"
                    "0000000000000000"
                    "00"
                    "0100" TAIL,
               CSIG_BTC_FULL);
    round_trip(HEAD "00"
                    "00" TAIL,
               CSIG_BTC_PLAIN);
}

static void parts(void **state)
{
    const uint8_t output[] = {1, 0, 0, 0, 0, 0, 0, 0, 2, 0x6a, 0x00, 0x00};
    const uint8_t witness[] = {2, 1, 0xaa, 0, 0};
    uint8_t much[9];
    csig_btc_out out;

    (void)state;
    assert_int_equal(csig_btc_out_read(&out, (csig_span){output, 11}), CSIG_OK);
    assert_int_equal(out.amount, 1);
    span_expect(out.script, "6a00");
    assert_int_equal(csig_btc_out_read(&out, (csig_span){output, 10}), CSIG_E_FORMAT);
    assert_int_equal(csig_btc_out_read(&out, (csig_span){output, 12}), CSIG_E_FORMAT);
    hex_read(much, sizeof much, "0140075af075070000");
    assert_int_equal(csig_btc_out_read(&out, (csig_span){much, sizeof much}), CSIG_E_FORMAT);
    assert_int_equal(csig_btc_witness_read((csig_span){witness, 4}), CSIG_OK);
    assert_int_equal(csig_btc_witness_read((csig_span){witness, 3}), CSIG_E_FORMAT);
    assert_int_equal(csig_btc_witness_read((csig_span){witness, 5}), CSIG_E_FORMAT);
    assert_int_equal(csig_btc_witness_read((csig_span){0}), CSIG_E_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),
        cmocka_unit_test(txids),
        cmocka_unit_test(other_octets),
        cmocka_unit_test(parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
