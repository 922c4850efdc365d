/* The payload type "psbt" from its text to the transaction: each kind of coin, members, and that
 * whatever octet is changed, it is refused or told. */
#include "payload/psbt_kind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/psbts.h"

static void each_kind(void **state)
{
    static const csig_btc_kind kinds[] = {CSIG_BTC_P2PKH, CSIG_BTC_P2SH, CSIG_BTC_P2WPKH};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(kinds); i++) {
        const psbts made = psbts_simple(kinds[i]);
        csig_payload *p = psbts_bound(&made);

        assert_int_equal(csig_payload_inputs(p), 1);
        assert_string_equal(csig_payload_type(p), "psbt");
        payloads_expect_inside(payloads_finished(p), "\"transaction\":\"0200000");
        csig_payload_free(p);
    }
}

/* One of two signatures: no transaction yet. */
static void multisig_waits(void **state)
{
    const psbts made = psbts_simple(CSIG_BTC_P2WSH);
    csig_payload *p = psbts_bound(&made);
    char *done = payloads_finished(p);

    (void)state;
    assert_null(strstr(done, "transaction"));
    assert_memory_equal(done, "{\"psbt\":\"", 9);
    free(done);
    csig_payload_free(p);
}

static void members(void **state)
{
    psbts made = psbts_simple(CSIG_BTC_P2WPKH);
    const csig_facts *f;
    csig_payload *p;

    (void)state;
    payloads_refused("{\"type\":\"psbt\"}", "\"psbt\" must be text");
    payloads_refused("{\"type\":\"psbt\",\"psbt\":1}", "\"psbt\" must be text");
    payloads_refused("{\"type\":\"psbt\",\"psbt\":\"cHNi*\"}", "must be base64");
    payloads_refused("{\"type\":\"psbt\",\"psbt\":\"\"}", "does not start");
    payloads_refused("{\"type\":\"psbt\",\"psbt\":\"cHNidP8=\"}", "is empty");
    made.members = ",\"network\":\"signet\"";
    psbts_refused(&made, "\"network\" must be");
    made.members = ",\"network\":1";
    psbts_refused(&made, "\"network\" must be text");
    made.members = ",\"amount\":1";
    psbts_refused(&made, "no member \"amount\"");
    made.members = ",\"network\":\"regtest\"";
    p = psbts_bound(&made);
    f = csig_payload_facts(p);
    assert_string_equal(f->chain, "bip122:0f9188f13cb7b2c71f2a335e3a4fc328");
    assert_memory_equal(f->transfers[0].to, "bcrt1q", 6);
    csig_payload_free(p);
}

static void stated_digest(void **state)
{
    psbts made = psbts_simple(CSIG_BTC_P2WPKH);
    csig_payload *p = psbts_bound(&made);
    const csig_account account = payloads_account();
    char *json;

    (void)state;
    csig_payload_free(p);
    made.members =
        ",\"digest\":\"0000000000000000000000000000000000000000000000000000000000000000\"";
    json = psbts_json(&made);
    p = payloads_read(json);
    assert_int_equal(csig_payload_bind(p, &account, NULL, 0, NULL), CSIG_E_MISMATCH);
    csig_payload_free(p);
    free(json);
    made.in[1] = made.in[0];
    made.n_in = 2;
    psbts_refused(&made, "is for payloads with one signature");
}

/* What is told of an altered PSBT is what its octets say: the outputs, and the digest of them. */
static void expect_true(csig_payload *p)
{
    const csig_psbt_body *b = p->body;
    const csig_facts *f = csig_payload_facts(p);
    uint64_t out = 0, in = 0, told = 0;

    assert_int_equal(f->n_transfers, b->psbt.tx.n_out);
    for (size_t i = 0; i < f->n_transfers; i++) {
        char to[CSIG_ADDRESS_BYTES];

        csig_btc_address(to, b->network, b->psbt.tx.out[i].script);
        assert_string_equal(f->transfers[i].to, to);
        out += b->psbt.tx.out[i].amount;
    }
    for (size_t i = 0; i < b->psbt.tx.n_in; i++)
        in += b->coins[i].out.amount;
    for (size_t i = 0; i < 8; i++)
        told = told << 8 | f->fee[24 + i];
    assert_int_equal(told, in - out);
    for (size_t i = 0; i < p->n_inputs; i++) {
        uint8_t digest[CSIG_SHA256_BYTES];

        csig_coin_digest(digest, &b->coins[b->input[i]], &b->psbt.tx, b->input[i],
                         p->inputs[i].public_key, b->type[i]);
        assert_memory_equal(digest, p->inputs[i].digest, sizeof digest);
    }
    free(payloads_description(p));
    free(payloads_words(p));
}

static size_t try(uint8_t *octets, size_t len)
{
    const csig_account account = payloads_account();
    char *json = psbts_wrapped(octets, len, NULL);
    csig_payload *p;
    csig_err err = csig_payload_read(&p, json, strlen(json), NULL);
    size_t taken = 0;

    free(json);
    if (err == CSIG_OK) {
        err = csig_payload_bind(p, &account, NULL, 0, NULL);
        if (err == CSIG_OK) {
            expect_true(p);
            taken = 1;
        }
        csig_payload_free(p);
    }
    assert_true(err == CSIG_OK || err == CSIG_E_PAYLOAD);
    return taken;
}

static void altered(void **state)
{
    psbts made = psbts_simple(CSIG_BTC_P2WPKH);
    size_t len, taken = 0;
    uint8_t *octets;

    (void)state;
    made.in[0].proof = PSBTS_BOTH;
    octets = psbts_octets(&made, &len);
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(try(octets, cut), 0);
    for (size_t i = 0; i < len; i++) {
        for (unsigned bit = 0; bit < 8; bit += i % 2 == 0 ? 1 : 3) {
            octets[i] ^= (uint8_t)(1 << bit);
            taken += try(octets, len);
            octets[i] ^= (uint8_t)(1 << bit);
        }
    }
    assert_true(taken > 100); /* the outputs may be any */
    assert_int_equal(try(octets, len), 1);
    free(octets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind), cmocka_unit_test(multisig_waits),
        cmocka_unit_test(members),   cmocka_unit_test(stated_digest),
        cmocka_unit_test(altered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
