/* Writes PSBTs field by field; shares with the code under test only its sink and its scripts. */
#include "support/psbts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"
#include "support/hex.h"

#define ROOM ((size_t)128 * 1024)

static const char stranger[] = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

psbts psbts_simple(csig_btc_kind kind)
{
    const psbts_proof proof = kind == CSIG_BTC_P2PKH ? PSBTS_PROVEN : PSBTS_STATED;

    return (psbts){
        .in = {{.kind = kind, .amount = 100000, .is_derived = true, .proof = proof}},
        .out = {{.kind = CSIG_BTC_P2WPKH, .amount = 60000, .is_strange = true},
                {.kind = kind, .amount = 39000, .index = 7, .is_derived = true}},
        .n_in = 1,
        .n_out = 2,
    };
}

void psbts_key(uint8_t key[CSIG_POINT_BYTES], const psbts_party *party)
{
    const csig_account account = payloads_account();
    const uint32_t path[] = {0, party->index};

    if (party->is_strange)
        hex_read(key, CSIG_POINT_BYTES, stranger);
    else
        assert_int_equal(csig_child(account.public_key, account.chain_code, path, 2, key, NULL),
                         CSIG_OK);
}

/* OP_2, two keys, OP_2, OP_CHECKMULTISIG */
static size_t multisig(uint8_t script[71], const psbts_party *party)
{
    csig_sink s = {.out = script, .room = 71};
    uint8_t key[CSIG_POINT_BYTES], other[CSIG_POINT_BYTES];

    psbts_key(key, party);
    hex_read(other, sizeof other, stranger);
    csig_sink_u8(&s, 0x52);
    csig_sink_run(&s, (csig_span){key, sizeof key});
    csig_sink_run(&s, (csig_span){other, sizeof other});
    csig_sink_u8(&s, 0x52);
    csig_sink_u8(&s, 0xae);
    return s.at;
}

void psbts_script(csig_btc_made *made, const psbts_party *party)
{
    uint8_t key[CSIG_POINT_BYTES], script[71], hash[CSIG_SHA256_BYTES];

    psbts_key(key, party);
    if (party->kind != CSIG_BTC_P2WSH) {
        csig_btc_script_pay(made, party->kind, key);
        return;
    }
    csig_sha256_of(hash, script, multisig(script, party));
    csig_btc_script_make(made, CSIG_BTC_P2WSH, hash);
}

static void put_output(csig_sink *s, const psbts_party *party)
{
    csig_btc_made made;

    psbts_script(&made, party);
    csig_sink_u64(s, party->amount);
    csig_sink_run(s, csig_btc_made_span(&made));
}

/* A transaction that pays the input's coin as its output 1, after another one. */
static void put_previous(csig_sink *s, const psbts_party *party, size_t number)
{
    const uint8_t none[36] = {(uint8_t)number, (uint8_t)(number >> 8)};

    csig_sink_u32(s, 2);
    csig_sink_u8(s, 1);
    csig_sink_bytes(s, none, sizeof none);
    csig_sink_u8(s, 0);
    csig_sink_u32(s, UINT32_MAX);
    csig_sink_u8(s, 2);
    csig_sink_u64(s, 1);
    csig_sink_u8(s, 0);
    put_output(s, party);
    csig_sink_u32(s, 0);
}

static void put_tx(csig_sink *s, const psbts *made)
{
    csig_sink_u32(s, 2);
    csig_sink_compact(s, made->n_in);
    for (size_t i = 0; i < made->n_in; i++) {
        uint8_t previous[512], txid[CSIG_TXID_BYTES];
        csig_sink p = {.out = previous, .room = sizeof previous};

        put_previous(&p, &made->in[i], i);
        csig_sha256d(txid, previous, p.at);
        csig_sink_bytes(s, txid, sizeof txid);
        csig_sink_u32(s, 1);
        csig_sink_u8(s, 0);
        csig_sink_u32(s, UINT32_MAX - 2);
    }
    csig_sink_compact(s, made->n_out);
    for (size_t i = 0; i < made->n_out; i++)
        put_output(s, &made->out[i]);
    csig_sink_u32(s, 0);
}

static void put_field(csig_sink *s, uint8_t type, csig_span data, csig_span value)
{
    csig_sink_compact(s, 1 + data.len);
    csig_sink_u8(s, type);
    csig_sink_span(s, data);
    csig_sink_run(s, value);
}

static void put_derivation(csig_sink *s, uint8_t type, const psbts_party *party)
{
    const uint8_t value[12] = {1, 2, 3, 4, 0, 0, 0, 0, (uint8_t)party->index};
    uint8_t key[CSIG_POINT_BYTES];

    psbts_key(key, party);
    if (party->is_derived)
        put_field(s, type, (csig_span){key, sizeof key}, (csig_span){value, sizeof value});
}

static void put_hex(csig_sink *s, const char *hex)
{
    uint8_t octets[512];
    const size_t len = hex == NULL ? 0 : strlen(hex) / 2;

    assert_true(len <= sizeof octets);
    if (len > 0) hex_read(octets, len, hex);
    csig_sink_bytes(s, octets, len);
}

static void put_in(csig_sink *s, const psbts_party *in, size_t number)
{
    const csig_span none = {0};
    uint8_t octets[512], key[CSIG_POINT_BYTES];
    csig_sink p = {.out = octets, .room = sizeof octets};
    csig_btc_made redeem;

    put_previous(&p, in, number);
    if (in->proof == PSBTS_PROVEN || in->proof == PSBTS_BOTH)
        put_field(s, CSIG_PSBT_IN_NON_WITNESS_UTXO, none, (csig_span){octets, p.at});
    p.at = 0;
    put_output(&p, in);
    if (in->proof == PSBTS_STATED || in->proof == PSBTS_BOTH)
        put_field(s, CSIG_PSBT_IN_WITNESS_UTXO, none, (csig_span){octets, p.at});
    p.at = 0;
    csig_sink_u32(&p, in->type);
    if (in->type != 0) put_field(s, CSIG_PSBT_IN_SIGHASH_TYPE, none, (csig_span){octets, p.at});
    psbts_key(key, in);
    csig_btc_script_pay(&redeem, CSIG_BTC_P2WPKH, key);
    if (in->kind == CSIG_BTC_P2SH && !in->hides_scripts)
        put_field(s, CSIG_PSBT_IN_REDEEM_SCRIPT, none, csig_btc_made_span(&redeem));
    if (in->kind == CSIG_BTC_P2WSH && !in->hides_scripts)
        put_field(s, CSIG_PSBT_IN_WITNESS_SCRIPT, none, (csig_span){octets, multisig(octets, in)});
    put_derivation(s, CSIG_PSBT_IN_BIP32_DERIVATION, in);
}

uint8_t *psbts_octets(const psbts *made, size_t *len)
{
    uint8_t *out = malloc(ROOM), *tx = malloc(ROOM), *exact;
    csig_sink s = {.out = out, .room = ROOM}, t = {.out = tx, .room = ROOM};

    csig_psbt_magic_write(&s);
    put_tx(&t, made);
    put_field(&s, 0, (csig_span){0}, (csig_span){tx, t.at});
    csig_sink_u8(&s, 0);
    for (size_t i = 0; i < made->n_in; i++) {
        put_in(&s, &made->in[i], i);
        if (i == 0) put_hex(&s, made->more_in);
        csig_sink_u8(&s, 0);
    }
    for (size_t i = 0; i < made->n_out; i++) {
        put_derivation(&s, CSIG_PSBT_OUT_BIP32_DERIVATION, &made->out[i]);
        if (i == 0) put_hex(&s, made->more_out);
        csig_sink_u8(&s, 0);
    }
    free(tx);
    *len = s.at;
    exact = realloc(out, s.at);
    assert_non_null(exact);
    return exact;
}

char *psbts_wrapped(const uint8_t *octets, size_t len, const char *members)
{
    const size_t room = CSIG_BASE64_ROOM(len);
    char *text = malloc(room), *json = malloc(room + 256);

    csig_base64_encode(text, room, octets, len);
    (void)snprintf(json, room + 256, "{\"type\":\"psbt\",\"psbt\":\"%s\"%s}", text,
                   members == NULL ? "" : members);
    free(text);
    return json;
}

char *psbts_json(const psbts *made)
{
    size_t len;
    uint8_t *octets = psbts_octets(made, &len);
    char *json = psbts_wrapped(octets, len, made->members);

    free(octets);
    return json;
}

csig_payload *psbts_bound(const psbts *made)
{
    char *json = psbts_json(made);
    csig_payload *p = payloads_bound(json);

    free(json);
    return p;
}

void psbts_refused_text(char *json, const char *in_why)
{
    const csig_account account = payloads_account();
    char why[CSIG_WHY_BYTES];
    csig_payload *p;
    csig_err err = csig_payload_read(&p, json, strlen(json), why);

    if (err == CSIG_OK) {
        err = csig_payload_bind(p, &account, NULL, 0, why);
        csig_payload_free(p);
    }
    assert_int_equal(err, CSIG_E_PAYLOAD);
    if (strstr(why, in_why) == NULL) fail_msg("\"%s\" is not in \"%s\"", in_why, why);
    free(json);
}

void psbts_refused(const psbts *made, const char *in_why)
{
    psbts_refused_text(psbts_json(made), in_why);
}
