/* Whose inputs: by derivation, by the path asked for, or nobody's here. */
#include "payload/psbt_kind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/bitcoin.h"
#include "support/psbts.h"

/* Bound at a path; the number of signatures, 0 when none is to be made. */
static size_t bound_at(const psbts *made, const uint32_t *path, size_t depth, csig_payload **p)
{
    const csig_account account = payloads_account();
    char *json = psbts_json(made);
    csig_err err;

    *p = payloads_read(json);
    free(json);
    err = csig_payload_bind(*p, &account, path, depth, NULL);
    assert_true(err == CSIG_OK || err == CSIG_E_PAYLOAD);
    return csig_payload_inputs(*p);
}

static void expect_path(const csig_payload *p, size_t i, const uint32_t *want, size_t want_depth)
{
    uint8_t digest[CSIG_DIGEST_BYTES];
    uint32_t path[CSIG_PATH_MAX];
    size_t depth;

    assert_int_equal(csig_payload_input(p, i, digest, path, &depth), CSIG_OK);
    assert_int_equal(depth, want_depth);
    assert_memory_equal(path, want, depth * sizeof *path);
}

/* Each by its own path, those of strangers left out. */
static void by_derivation(void **state)
{
    psbts made = psbts_simple(CSIG_BTC_P2WPKH);
    const uint32_t other[] = {9, 9};
    csig_payload *p;

    (void)state;
    made.n_in = 5;
    for (uint32_t i = 1; i < 5; i++) {
        made.in[i] = made.in[0];
        made.in[i].index = i;
        made.in[i].is_strange = i == 2;
    }
    made.in[3].kind = CSIG_BTC_P2WSH;
    made.in[4].kind = CSIG_BTC_P2SH;
    assert_int_equal(bound_at(&made, other, 2, &p), 4);
    expect_path(p, 0, (uint32_t[]){0, 0}, 2);
    expect_path(p, 1, (uint32_t[]){0, 1}, 2);
    expect_path(p, 2, (uint32_t[]){0, 3}, 2);
    expect_path(p, 3, (uint32_t[]){0, 4}, 2);
    csig_payload_free(p);
}

/* No derivation: only the key at the path asked for. */
static void by_the_path(void **state)
{
    static const csig_btc_kind kinds[] = {CSIG_BTC_P2PKH, CSIG_BTC_P2SH, CSIG_BTC_P2WPKH,
                                          CSIG_BTC_P2WSH};
    const uint32_t path[] = {0, 3}, other[] = {0, 4};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(kinds); i++) {
        psbts made = psbts_simple(kinds[i]);
        csig_payload *p;

        made.in[0].is_derived = false;
        made.in[0].index = 3;
        for (int hides = 0; hides < 2; hides++) {
            /* a P2SH-P2WPKH is known without its redeemScript, a P2WSH is not */
            const size_t want = hides == 1 && kinds[i] == CSIG_BTC_P2WSH ? 0 : 1;

            made.in[0].hides_scripts = hides == 1;
            assert_int_equal(bound_at(&made, path, 2, &p), want);
            if (want == 1) expect_path(p, 0, path, 2);
            csig_payload_free(p);
        }
        made.in[0].hides_scripts = false;
        assert_int_equal(bound_at(&made, other, 2, &p), 0);
        csig_payload_free(p);
    }
}

/* A derivation that is true of another key than the one that the coin is locked to, or that leads
 * elsewhere, or has hardened steps. */
static void derivations_that_lie(void **state)
{
    psbts made = psbts_simple(CSIG_BTC_P2WPKH);
    uint32_t path[CSIG_PATH_MAX];
    const uint8_t value[4 + 4 * (CSIG_PATH_MAX + 1)] = {0, 0, 0, 0, 1, 0, 0, 0x80};
    char more[256] = "2206";
    uint8_t key[CSIG_POINT_BYTES], *octets;
    size_t depth, len;

    (void)state;
    made.in[0].is_strange = true;
    psbts_refused(&made, "no input of the transaction is this key's");
    made = psbts_simple(CSIG_BTC_P2WPKH);
    /* a stranger's coin with a derivation that is true of ours */
    psbts_key(key, &made.in[0]);
    for (size_t i = 0; i < sizeof key; i++)
        (void)snprintf(more + strlen(more), 3, "%02x", key[i]);
    strcat(more, "0c010203040000000000000000");
    made.in[0].is_strange = true;
    made.in[0].is_derived = false;
    made.more_in = more;
    psbts_refused(&made, "no input of the transaction is this key's");
    made = psbts_simple(CSIG_BTC_P2WPKH);
    octets = psbts_octets(&made, &len);
    for (size_t i = 0; i + 12 <= len; i++) /* the first path: m/0/0 becomes m/0/1 */
        if (memcmp(octets + i, "\1\2\3\4\0\0\0\0\0\0\0\0", 12) == 0) octets[i + 8] = 1;
    psbts_refused_text(psbts_wrapped(octets, len, NULL), "no input of the transaction");
    free(octets);

    assert_int_equal(csig_psbt_path(path, &depth, (csig_span){value, 4}), CSIG_OK);
    assert_int_equal(depth, 0);
    assert_int_equal(csig_psbt_path(path, &depth, (csig_span){value, 8}), CSIG_E_PATH);
    assert_int_equal(csig_psbt_path(path, &depth, (csig_span){value, sizeof value}), CSIG_E_PATH);
    assert_int_equal(csig_psbt_path(path, &depth, (csig_span){value, 3}), CSIG_E_PATH);
}

static void signature_types(void **state)
{
    static const uint32_t bad[] = {2, 3, 0x82, 0x83, 0x80, 0x101, 0x10001, 0x40};
    psbts made = psbts_simple(CSIG_BTC_P2WPKH);
    csig_payload *p;

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(bad); i++) {
        made.in[0].type = bad[i];
        psbts_refused(&made, "input 0 asks for the signature type 0x");
    }
    made.in[0].type = 1;
    p = psbts_bound(&made);
    assert_int_equal(csig_payload_facts(p)->sighash_flags, 0);
    csig_payload_free(p);
    made.in[0].type = 0x81;
    p = psbts_bound(&made);
    assert_int_equal(csig_payload_facts(p)->sighash_flags, CSIG_ANYONECANPAY);
    csig_payload_free(p);
    /* the type of a stranger's input is the stranger's */
    made.in[1] = made.in[0];
    made.in[1].is_strange = true;
    made.in[1].type = 2;
    made.n_in = 2;
    p = psbts_bound(&made);
    assert_int_equal(csig_payload_inputs(p), 1);
    csig_payload_free(p);
}

static void too_many(void **state)
{
    psbts made = psbts_simple(CSIG_BTC_P2WPKH);
    csig_payload *p;

    (void)state;
    for (uint32_t i = 1; i < CSIG_INPUTS_MAX + 1; i++) {
        made.in[i] = made.in[0];
        made.in[i].index = i;
    }
    made.n_in = CSIG_INPUTS_MAX;
    p = psbts_bound(&made);
    assert_int_equal(csig_payload_inputs(p), CSIG_INPUTS_MAX);
    csig_payload_free(p);
    made.n_in++;
    psbts_refused(&made, "more than 64 inputs are this key's");
}

/* What this key has signed, or somebody finished, is not signed again. */
static void signed_before(void **state)
{
    psbts made = psbts_simple(CSIG_BTC_P2WPKH);
    char more[256] = "2202";
    uint8_t key[CSIG_POINT_BYTES];
    csig_payload *p;

    (void)state;
    psbts_key(key, &made.in[0]);
    for (size_t i = 0; i < sizeof key; i++)
        (void)snprintf(more + strlen(more), 3, "%02x", key[i]);
    strcat(more, "09300602010102010101");
    made.more_in = more;
    psbts_refused(&made, "all inputs of this key are signed already");
    made.more_in = "0108"
                   "0100";
    psbts_refused(&made, "all inputs of this key are signed already");
    made.in[1] = made.in[0];
    made.in[1].index = 1;
    made.n_in = 2;
    p = psbts_bound(&made);
    assert_int_equal(csig_payload_inputs(p), 1);
    expect_path(p, 0, (uint32_t[]){0, 1}, 2);
    csig_payload_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_derivation),
        cmocka_unit_test(by_the_path),
        cmocka_unit_test(derivations_that_lie),
        cmocka_unit_test(signature_types),
        cmocka_unit_test(too_many),
        cmocka_unit_test(signed_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
