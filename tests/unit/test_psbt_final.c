/* Finished inputs: which signatures count in a multisig, and what opens each kind of coin. */
#include "payload/psbt_final.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <secp256k1.h>

#include "base/mem.h"
#include "support/bitcoin.h"
#include "support/psbts.h"

/* The stranger of support/psbts.h is the key 1. */
static size_t signed_by_stranger(uint8_t der[72], const uint8_t digest[32])
{
    secp256k1_context *ctx = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    const uint8_t one[32] = {[31] = 1};
    secp256k1_ecdsa_signature sig;
    size_t len = 72;

    assert_int_equal(secp256k1_ecdsa_sign(ctx, &sig, digest, one, NULL, NULL), 1);
    assert_int_equal(secp256k1_ecdsa_signature_serialize_der(ctx, der, &len, &sig), 1);
    secp256k1_context_destroy(ctx);
    return len;
}

typedef struct fixture {
    uint8_t *octets;
    csig_psbt psbt;
    csig_coin coin;
    csig_final final;
} fixture;

static void setup(fixture *x, const psbts *made)
{
    size_t len;

    *x = (fixture){0};
    x->octets = psbts_octets(made, &len);
    assert_int_equal(csig_psbt_read(&x->psbt, (csig_span){x->octets, len}, NULL), CSIG_OK);
    assert_int_equal(csig_coin_read(&x->coin, &x->psbt, 0, NULL), CSIG_OK);
}

static void teardown(fixture *x)
{
    csig_public_free(x->final.memory);
    csig_psbt_free(&x->psbt);
    free(x->octets);
}

/* The stranger's own coin of each kind, signed by it: what opens it begins and ends as it must. */
static void single_keys(void **state)
{
    static const csig_btc_kind kinds[] = {CSIG_BTC_P2PKH, CSIG_BTC_P2SH, CSIG_BTC_P2WPKH};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(kinds) + 1; i++) {
        psbts made = psbts_simple(kinds[i % CSIG_ARRAY_LEN(kinds)]);
        uint8_t digest[32], der[72], key[CSIG_POINT_BYTES];
        csig_btc_made redeem;
        fixture x;

        if (i == CSIG_ARRAY_LEN(kinds)) {
            made = psbts_simple(CSIG_BTC_P2SH);
            made.in[0].hides_scripts = true;
        }
        made.in[0].is_strange = true;
        setup(&x, &made);
        psbts_key(key, &made.in[0]);
        csig_coin_digest(digest, &x.coin, &x.psbt.tx, 0, key, CSIG_SIGHASH_ALL_ANYONE);
        csig_partial_make(&x.final.own, key, der, signed_by_stranger(der, digest),
                          CSIG_SIGHASH_ALL_ANYONE);
        assert_int_equal(csig_final_make(&x.final, &x.psbt, &x.coin, 0), CSIG_OK);
        assert_true(x.final.is_final);
        if (made.in[0].kind == CSIG_BTC_P2PKH) {
            assert_int_equal(x.final.witness.len, 0);
            assert_int_equal(x.final.script.p[0], x.final.own.field.value.len);
            assert_memory_equal(x.final.script.p + x.final.script.len - 33, key, 33);
        } else {
            assert_int_equal(x.final.witness.p[0], 2);
            assert_memory_equal(x.final.witness.p + x.final.witness.len - 33, key, 33);
            assert_int_equal(x.final.script.len, made.in[0].kind == CSIG_BTC_P2SH ? 23 : 0);
        }
        if (made.in[0].kind == CSIG_BTC_P2SH) {
            csig_btc_script_pay(&redeem, CSIG_BTC_P2WPKH, key);
            assert_int_equal(x.final.script.p[0], 22);
            assert_memory_equal(x.final.script.p + 1, redeem.b, 22);
        }
        teardown(&x);
    }
}

static void no_signature(void **state)
{
    const psbts made = psbts_simple(CSIG_BTC_P2WPKH);
    fixture x;

    (void)state;
    setup(&x, &made);
    assert_int_equal(csig_final_make(&x.final, &x.psbt, &x.coin, 0), CSIG_OK);
    assert_false(x.final.is_final);
    teardown(&x);
}

/* A valid signature by a key that the coin is not locked to. */
static void another_key(void **state)
{
    const psbts made = psbts_simple(CSIG_BTC_P2WPKH);
    const psbts_party stranger = {.is_strange = true};
    uint8_t digest[32], der[72], key[CSIG_POINT_BYTES];
    fixture x;

    (void)state;
    setup(&x, &made);
    psbts_key(key, &stranger);
    csig_coin_digest(digest, &x.coin, &x.psbt.tx, 0, key, CSIG_SIGHASH_ALL);
    csig_partial_make(&x.final.own, key, der, signed_by_stranger(der, digest), CSIG_SIGHASH_ALL);
    assert_int_equal(csig_final_make(&x.final, &x.psbt, &x.coin, 0), CSIG_OK);
    assert_false(x.final.is_final);
    teardown(&x);
}

/* More signatures than the script wants: it gets as many as it wants. */
static void too_many_signatures(void **state)
{
    const psbts made = psbts_simple(CSIG_BTC_P2WSH);
    const psbts_party stranger = {.is_strange = true};
    csig_payload *p = psbts_bound(&made);
    csig_signature sig[CSIG_INPUTS_MAX];
    csig_partial own = {0};
    uint8_t digest[32], der[72], key[CSIG_POINT_BYTES];
    size_t len;
    fixture x;

    (void)state;
    setup(&x, &made);
    payloads_sign(sig, p);
    assert_int_equal(csig_signature_der(&sig[0], der, &len), CSIG_OK);
    csig_partial_make(&own, sig[0].public_key, der, len, CSIG_SIGHASH_ALL);
    psbts_key(key, &stranger);
    csig_coin_digest(digest, &x.coin, &x.psbt.tx, 0, key, CSIG_SIGHASH_ALL);
    csig_partial_make(&x.final.own, key, der, signed_by_stranger(der, digest), CSIG_SIGHASH_ALL);
    x.psbt.in[0] = (csig_psbt_map){.field = &own.field, .n = 1};
    x.coin.multisig.m = 1;
    assert_int_equal(csig_final_make(&x.final, &x.psbt, &x.coin, 0), CSIG_OK);
    assert_true(x.final.is_final);
    assert_int_equal(x.final.witness.p[0], 3); /* nothing, a signature, the script */
    /* the first of the script's keys is ours */
    assert_memory_equal(x.final.witness.p + 3, own.value, own.field.value.len);
    teardown(&x);
    csig_payload_free(p);
}

/* 2 of 2 with the stranger's signature in the PSBT: valid, of another digest, of a type that is
 * not counted, or by another key. */
static void multisig(void **state)
{
    (void)state;
    for (int lie = 0; lie < 4; lie++) {
        psbts made = psbts_simple(CSIG_BTC_P2WSH);
        psbts_party stranger = {.is_strange = true};
        uint8_t digest[32], der[73], key[CSIG_POINT_BYTES];
        char more[2 * (2 + 33 + 1 + 73) + 1], *at = more;
        size_t len;
        fixture x;
        csig_payload *p;
        char *out;

        setup(&x, &made);
        psbts_key(key, &stranger);
        csig_coin_digest(digest, &x.coin, &x.psbt.tx, 0, key, CSIG_SIGHASH_ALL);
        teardown(&x);
        if (lie == 1) digest[0] ^= 1;
        len = signed_by_stranger(der, digest);
        der[len++] = lie == 2 ? 2 : 1;
        if (lie == 3) {
            made.in[0].index = 5; /* any key but those in the script */
            psbts_key(key, &made.in[0]);
            made.in[0].index = 0;
        }
        at += sprintf(at, "2202");
        for (size_t i = 0; i < sizeof key; i++)
            at += sprintf(at, "%02x", key[i]);
        at += sprintf(at, "%02x", (unsigned)len);
        for (size_t i = 0; i < len; i++)
            at += sprintf(at, "%02x", der[i]);
        made.more_in = more;
        p = psbts_bound(&made);
        out = payloads_finished(p);
        assert_int_equal(strstr(out, "\"transaction\"") != NULL, lie == 0);
        free(out);
        csig_payload_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_keys), cmocka_unit_test(no_signature),
        cmocka_unit_test(another_key), cmocka_unit_test(too_many_signatures),
        cmocka_unit_test(multisig),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
