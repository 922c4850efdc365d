/* What becomes of a PSBT: BIP174's story with its own signatures, from the updater's PSBT to the
 * transaction; unknown fields; BIP143's P2SH-P2WPKH. */
#include "payload/psbt_kind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/bitcoin.h"
#include "support/hex.h"
#include "support/psbts.h"
#include "vectors/bitcoin/bip143.h"
#include "vectors/bitcoin/bip174.h"

/* r and s out of DER, right-aligned; the recovery id that verifies. */
static csig_signature signature_of(csig_span der, const uint8_t key[CSIG_PUBKEY_BYTES],
                                   const uint8_t digest[32])
{
    csig_signature sig = {0};
    const uint8_t *r = der.p + 4, *s = r + der.p[3] + 2;

    for (size_t i = 0; i < 32 && i < der.p[3]; i++)
        sig.r[31 - i] = r[der.p[3] - 1 - i];
    for (size_t i = 0; i < 32 && i < s[-1]; i++)
        sig.s[31 - i] = s[s[-1] - 1 - i];
    memcpy(sig.public_key, key, sizeof sig.public_key);
    while (sig.recovery_id < 4 && csig_signature_verify(&sig, digest) != CSIG_OK)
        sig.recovery_id++;
    assert_true(sig.recovery_id < 4);
    return sig;
}

/* The result for a key at m, with the signature from `from`'s input. */
static char *signed_by(const char *psbt, const char *public_key, csig_span der)
{
    csig_account account = {{0}, {0}};
    uint8_t digest[32];
    uint32_t path[CSIG_PATH_MAX];
    size_t depth, len = 16384;
    char *json = malloc(strlen(psbt) + 64), *out = malloc(len);
    csig_payload *p;
    csig_signature sig;

    (void)sprintf(json, "{\"type\":\"psbt\",\"psbt\":\"%s\",\"network\":\"test\"}", psbt);
    hex_read(account.public_key, sizeof account.public_key, public_key);
    p = payloads_read(json);
    assert_int_equal(csig_payload_bind(p, &account, NULL, 0, NULL), CSIG_OK);
    assert_int_equal(csig_payload_inputs(p), 1);
    assert_int_equal(csig_payload_input(p, 0, digest, path, &depth), CSIG_OK);
    sig = signature_of(der, account.public_key, digest);
    assert_int_equal(csig_payload_finish(p, &sig, 1, out, &len), CSIG_OK);
    csig_payload_free(p);
    free(json);
    return out;
}

/* The member's text, cut out in place. */
static char *member(char *json, const char *name)
{
    char *at = strstr(json, name);

    assert_non_null(at);
    at += strlen(name) + 3;
    *strchr(at, '"') = 0;
    return at;
}

static csig_span partial_of(const csig_psbt *psbt, size_t input, const char *public_key)
{
    uint8_t key[CSIG_PUBKEY_BYTES];

    hex_read(key, sizeof key, public_key);
    for (size_t i = 0; i < psbt->in[input].n; i++) {
        const csig_psbt_field *f = &psbt->in[input].field[i];

        if (f->type == CSIG_PSBT_IN_PARTIAL_SIG &&
            csig_span_is_eq(f->data, (csig_span){key, sizeof key}))
            return f->value;
    }
    fail();
    return (csig_span){0};
}

static void bip174(void **state)
{
    static const struct {
        size_t input;
        const char *key, *psbt; /* NULL: not in the story */
    } steps[] = {
        {0, "029583bf39ae0a609747ad199addd634fa6108559d6c5cd39b4c2183f1ab96e07f", NULL},
        {1, "03089dc10c7ac6db54f91329af617333db388cead0c231f723379d1b99030b02dc",
         psbt_signed_first},
        {0, "02dab61ff49a14db6a7d02b0cd1fbb78fc4b18312b5b4e54dae4dba2fbfef536d7", NULL},
        {1, "023add904f3d6dcf59ddb906b0dee23529b7ffb9ed50e5e86151926860221f0e73", psbt_finalised},
    };
    size_t len;
    uint8_t *octets = octets_of_base64(psbt_combined, &len);
    csig_psbt combined;
    char *now = strdup(psbt_updated);

    (void)state;
    assert_int_equal(csig_psbt_read(&combined, (csig_span){octets, len}, NULL), CSIG_OK);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(steps); i++) {
        char *out =
            signed_by(now, steps[i].key, partial_of(&combined, steps[i].input, steps[i].key));
        char *tx = i == 3 ? strdup(strstr(out, "\"transaction")) : NULL;

        assert_true((strstr(out, "\"txid\"") != NULL) == (i == 3));
        free(now);
        now = strdup(member(out, "psbt"));
        if (steps[i].psbt != NULL) assert_string_equal(now, steps[i].psbt);
        if (tx != NULL) assert_string_equal(member(tx, "transaction"), psbt_transaction);
        free(tx);
        free(out);
    }
    free(now);
    csig_psbt_free(&combined);
    free(octets);
}

/* BIP143's example as a PSBT without a redeemScript: the key tells what it is. */
static void bip143(void **state)
{
    const char *key = "03ad1d8e89212f0b92c74d23bb710c00662ad1470198ac48c43f7d6f93a2a26873";
    size_t tx_len, der_len;
    uint8_t *tx = octets_of_hex(bip143_vectors[1].unsigned_tx, &tx_len);
    uint8_t *der = octets_of_hex("3044022047ac8e878352d3ebbde1c94ce3a10d057c24175747116f8288e5d7"
                                 "94d12d482f0220217f36a485cae903c713331d877c1f64677e3622ad401072"
                                 "6870540656fe9dcb01",
                                 &der_len);
    uint8_t octets[512], coin[32];
    char *out, *json;
    csig_sink s = {.out = octets, .room = sizeof octets}, c = {.out = coin, .room = sizeof coin};

    (void)state;
    csig_sink_u64(&c, 1000000000);
    hex_read(coin + 8, 24, "17a9144733f37cf4db86fbc2efed2500b4f4e49f31202387");
    csig_psbt_magic_write(&s);
    csig_sink_bytes(&s, "\1\0", 2);
    csig_sink_run(&s, (csig_span){tx, tx_len});
    csig_sink_bytes(&s, "\0\1\1", 3);
    csig_sink_run(&s, (csig_span){coin, 32});
    csig_sink_bytes(&s, "\0\0\0", 3);
    json = psbts_wrapped(octets, s.at, NULL);
    out = signed_by(member(json, "psbt\",\"psbt"), key, (csig_span){der, der_len});
    assert_string_equal(member(strstr(out, "\"transaction"), "transaction"), bip143_signed[1]);
    free(out);
    free(json);
    free(tx);
    free(der);
}

/* Fields that are not known stay, where they were, in finished and in unfinished inputs. */
static void unknown_fields(void **state)
{
    static const csig_btc_kind kinds[] = {CSIG_BTC_P2WPKH, CSIG_BTC_P2WSH};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(kinds); i++) {
        psbts made = psbts_simple(kinds[i]);
        size_t len, found = 0;
        uint8_t *octets;
        csig_psbt psbt;
        csig_payload *p;
        char *out;

        made.more_in = "02f0aa"
                       "0411223344"
                       "03fc0100"
                       "00";
        made.more_out = "02f0bb"
                        "00";
        p = psbts_bound(&made);
        out = payloads_finished(p);
        octets = octets_of_base64(member(out, "psbt"), &len);
        assert_int_equal(csig_psbt_read(&psbt, (csig_span){octets, len}, NULL), CSIG_OK);
        for (size_t k = 0; k < psbt.in[0].n; k++) {
            const csig_psbt_field *f = &psbt.in[0].field[k];

            found += f->type == 0xf0 && f->value.len == 4;
            found += f->type == 0xfc;
            /* a finished input has forgotten how it was signed, another has not */
            if (f->type == CSIG_PSBT_IN_BIP32_DERIVATION)
                assert_int_equal(kinds[i], CSIG_BTC_P2WSH);
            assert_int_equal(f->type == CSIG_PSBT_IN_PARTIAL_SIG && kinds[i] != CSIG_BTC_P2WSH, 0);
            if (k > 0 && f->type < 0xf0) assert_true(f->type >= f[-1].type || f[-1].type >= 0xf0);
        }
        assert_int_equal(found, 2);
        found = 0;
        for (size_t k = 0; k < psbt.out[0].n; k++)
            found += psbt.out[0].field[k].type == 0xf0;
        assert_int_equal(found, 1);
        csig_psbt_free(&psbt);
        free(octets);
        free(out);
        csig_payload_free(p);
    }
}

/* Two inputs, one of them a stranger's: the PSBT is signed, the transaction waits. */
static void waits_for_others(void **state)
{
    psbts made = psbts_simple(CSIG_BTC_P2WPKH);
    csig_payload *p;
    char *out;

    (void)state;
    made.in[1] = made.in[0];
    made.in[1].is_strange = true;
    made.n_in = 2;
    p = psbts_bound(&made);
    out = payloads_finished(p);
    assert_null(strstr(out, "txid"));
    free(out);
    csig_payload_free(p);
}

/* A signature of another digest or by another key makes nothing. */
static void wrong_signatures(void **state)
{
    const psbts made = psbts_simple(CSIG_BTC_P2WPKH);
    csig_payload *p = psbts_bound(&made);
    csig_signature sigs[CSIG_INPUTS_MAX];
    char out[4096];
    size_t len = sizeof out;

    (void)state;
    payloads_sign(sigs, p);
    sigs[0].r[31] ^= 1;
    assert_int_equal(csig_payload_finish(p, sigs, 1, out, &len), CSIG_E_OUTPUT);
    sigs[0].r[31] ^= 1;
    sigs[0].public_key[0] ^= 1;
    assert_int_equal(csig_payload_finish(p, sigs, 1, out, &len), CSIG_E_OUTPUT);
    sigs[0].public_key[0] ^= 1;
    assert_int_equal(csig_payload_finish(p, sigs, 1, out, &len), CSIG_OK);
    csig_payload_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bip174),           cmocka_unit_test(bip143),
        cmocka_unit_test(unknown_fields),   cmocka_unit_test(waits_for_others),
        cmocka_unit_test(wrong_signatures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
