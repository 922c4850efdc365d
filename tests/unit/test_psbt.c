/* PSBTs: BIP174's and BIP371's vectors, read and written again; every truncation and what else is
 * not one. */
#include "payload/psbt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "countersign/payload.h"
#include "support/bitcoin.h"
#include "vectors/bitcoin/bip371.h"

static csig_err refused(const uint8_t *octets, size_t len)
{
    csig_psbt psbt;
    char why[CSIG_WHY_BYTES] = "";
    const csig_err err = csig_psbt_read(&psbt, (csig_span){octets, len}, why);

    if (err == CSIG_OK) csig_psbt_free(&psbt);
    assert_true((err == CSIG_OK) == (why[0] == 0));
    assert_true(strlen(why) < CSIG_WHY_BYTES);
    return err;
}

static void round_trip(const char *text)
{
    size_t len;
    uint8_t *octets = octets_of_base64(text, &len), *again = malloc(len);
    csig_sink s = {.out = again, .room = len};
    csig_psbt psbt;

    assert_int_equal(csig_psbt_read(&psbt, (csig_span){octets, len}, NULL), CSIG_OK);
    csig_psbt_magic_write(&s);
    csig_psbt_map_write(&s, &psbt.global);
    for (size_t i = 0; i < psbt.tx.n_in; i++)
        csig_psbt_map_write(&s, &psbt.in[i]);
    for (size_t i = 0; i < psbt.tx.n_out; i++)
        csig_psbt_map_write(&s, &psbt.out[i]);
    assert_int_equal(s.at, len);
    assert_memory_equal(again, octets, len);
    csig_psbt_free(&psbt);
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *part = malloc(cut + 1); /* so that the sanitizers see the end */

        memcpy(part, octets, cut);
        assert_int_equal(refused(part, cut), CSIG_E_PAYLOAD);
        free(part);
    }
    free(octets);
    free(again);
}

static void valid(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(psbt_valid); i++)
        round_trip(psbt_valid[i].psbt);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(taproot_valid); i++)
        round_trip(taproot_valid[i].psbt);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(psbt_unknown); i++)
        round_trip(psbt_unknown[i]);
    round_trip(psbt_updated);
    round_trip(psbt_combined);
    round_trip(psbt_finalised);
}

static void expect_refused(const psbt_vector *v)
{
    size_t len;
    uint8_t *octets = octets_of_base64(v->psbt, &len);
    const csig_err err = refused(octets, len);

    if (err != CSIG_E_PAYLOAD) fail_msg("%s: %s", v->name, csig_err_name(err));
    free(octets);
}

static void invalid(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(psbt_invalid); i++)
        expect_refused(&psbt_invalid[i]);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(taproot_invalid); i++)
        expect_refused(&taproot_invalid[i]);
}

#define MAGIC "70736274ff"
/* one input, one output of 0 satoshi to an empty script */
#define TX                                                                                         \
    "01000000"                                                                                     \
    "01"                                                                                           \
    "00000000000000000000000000000000000000000000000000000000000000000000000000"                   \
    "ffffffff"                                                                                     \
    "01"                                                                                           \
    "0000000000000000"                                                                             \
    "00"                                                                                           \
    "00000000"
#define TXFIELD                                                                                    \
    "0100"                                                                                         \
    "3c" TX

/* The map of globals with this in it, then an input's and an output's. */
static csig_err with(const char *globals, const char *in, const char *out)
{
    char hex[2048];
    size_t len;
    csig_err err;

    assert_true((size_t)snprintf(hex, sizeof hex,
                                 MAGIC TXFIELD "%s00"
                                               "%s00"
                                               "%s00",
                                 globals, in, out) < sizeof hex);
    uint8_t *octets = octets_of_hex(hex, &len);

    err = refused(octets, len);
    free(octets);
    return err;
}

#define G   "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
#define SIG "300602010102010101"

static void fields(void **state)
{
    (void)state;
    assert_int_equal(with("", "", ""), CSIG_OK);
    assert_int_equal(with("01fb0400000000", "", ""), CSIG_OK);
    assert_int_equal(with("01fb0402000000", "", ""), CSIG_E_PAYLOAD); /* version 2 */
    assert_int_equal(with("0102"
                          "0402000000",
                          "", ""),
                     CSIG_E_PAYLOAD); /* of version 2 */
    assert_int_equal(with("",
                          "010e"
                          "00",
                          ""),
                     CSIG_E_PAYLOAD);
    assert_int_equal(with("", "",
                          "0103"
                          "080000000000000000"),
                     CSIG_E_PAYLOAD);
    assert_int_equal(with("",
                          "0103"
                          "0401000000",
                          ""),
                     CSIG_OK);
    assert_int_equal(with("",
                          "0103"
                          "03010000",
                          ""),
                     CSIG_E_PAYLOAD);
    assert_int_equal(with("",
                          "0103"
                          "0401000000"
                          "0103"
                          "0481000000",
                          ""),
                     CSIG_E_PAYLOAD);
    assert_int_equal(with("", "2202" G "09" SIG, ""), CSIG_OK);
    assert_int_equal(with("", "2202" G "00", ""), CSIG_E_PAYLOAD);
    assert_int_equal(with("", "2206" G "0411223344", ""), CSIG_OK); /* the path m */
    assert_int_equal(with("", "2206" G "0511223344aa", ""), CSIG_E_PAYLOAD);
    assert_int_equal(with("", "", "2202" G "0c112233440000000001000000"), CSIG_OK);
    assert_int_equal(with("", "", "2202" G "03112233"), CSIG_E_PAYLOAD);
    /* 02 and x = 5, which is on no point */
    assert_int_equal(with("",
                          "220602"
                          "0000000000000000000000000000000000000000000000000000000000000005"
                          "0411223344",
                          ""),
                     CSIG_E_PAYLOAD);
}

static void unknown_fields(void **state)
{
    (void)state;
    /* unknown, also of a type in three octets; a type in more octets than it needs; none */
    assert_int_equal(with("01f000",
                          "04fdff0001"
                          "02aabb",
                          "01f000"),
                     CSIG_OK);
    assert_int_equal(with("",
                          "04fdf00001"
                          "02aabb",
                          ""),
                     CSIG_E_PAYLOAD);
    assert_int_equal(with("",
                          "01fd"
                          "00",
                          ""),
                     CSIG_E_PAYLOAD);
    assert_int_equal(with("",
                          "01f000"
                          "01f000",
                          ""),
                     CSIG_E_PAYLOAD);
    /* a map too many, one too few */
    assert_int_equal(with("", "", "01f00000"), CSIG_E_PAYLOAD);
    assert_int_equal(with("00", "", ""), CSIG_E_PAYLOAD);
}

static void too_much(void **state)
{
    char hex[8 * CSIG_PSBT_FIELDS_MAX + 16] = "";
    size_t at = 0;

    (void)state;
    for (unsigned i = 0; i < CSIG_PSBT_FIELDS_MAX; i++)
        at += (size_t)snprintf(hex + at, sizeof hex - at, "02f0%02x00", i);
    {
        char whole[sizeof hex + 1024];
        size_t len;
        uint8_t *octets;

        for (unsigned extra = 0; extra < 2; extra++) {
            (void)snprintf(whole, sizeof whole,
                           MAGIC TXFIELD "00"
                                         "%s%s00"
                                         "00",
                           hex, extra == 1 ? "01f100" : "");
            octets = octets_of_hex(whole, &len);
            assert_int_equal(refused(octets, len), extra == 1 ? CSIG_E_PAYLOAD : CSIG_OK);
            free(octets);
        }
    }
}

static void the_same_coin_twice(void **state)
{
    size_t len;
    const char *in = "0000000000000000000000000000000000000000000000000000000000000000"
                     "00000000"
                     "00"
                     "ffffffff";
    char hex[1024];
    uint8_t *octets;

    (void)state;
    (void)snprintf(hex, sizeof hex,
                   MAGIC "0100"
                         "65"
                         "01000000"
                         "02%s%s"
                         "01"
                         "0000000000000000"
                         "00"
                         "00000000"
                         "00"
                         "00"
                         "00"
                         "00",
                   in, in);
    octets = octets_of_hex(hex, &len);
    assert_int_equal(refused(octets, len), CSIG_E_PAYLOAD);
    octets[5 + 3 + 5 + 41 + 32] = 1; /* the second's vout */
    assert_int_equal(refused(octets, len), CSIG_OK);
    free(octets);
}

static void lookup(void **state)
{
    size_t len;
    uint8_t *octets = octets_of_base64(psbt_updated, &len);
    csig_psbt psbt;

    (void)state;
    assert_int_equal(csig_psbt_read(&psbt, (csig_span){octets, len}, NULL), CSIG_OK);
    span_expect(csig_psbt_value(&psbt.in[0], CSIG_PSBT_IN_SIGHASH_TYPE), "01000000");
    assert_int_equal(csig_psbt_value(&psbt.in[0], CSIG_PSBT_IN_FINAL_SCRIPTSIG).len, 0);
    /* those with data are others */
    assert_null(csig_psbt_find(&psbt.in[0], CSIG_PSBT_IN_BIP32_DERIVATION));
    for (size_t i = 0; i < psbt.in[0].n; i++)
        assert_true(csig_psbt_in_is_known(&psbt.in[0].field[i]));
    csig_psbt_free(&psbt);
    free(octets);
    octets = octets_of_base64(psbt_unknown[0], &len);
    assert_int_equal(csig_psbt_read(&psbt, (csig_span){octets, len}, NULL), CSIG_OK);
    assert_false(csig_psbt_in_is_known(&psbt.in[0].field[0]));
    csig_psbt_free(&psbt);
    free(octets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid),    cmocka_unit_test(invalid),
        cmocka_unit_test(fields),   cmocka_unit_test(unknown_fields),
        cmocka_unit_test(too_much), cmocka_unit_test(the_same_coin_twice),
        cmocka_unit_test(lookup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
