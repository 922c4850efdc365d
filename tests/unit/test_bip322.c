/* BIP322: its vectors of hashes, its simple signatures made again, P2SH-P2WPKH in full, and
 * addresses that are not the key's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/ecdsa.h"
#include "payload/btc_address.h"
#include "payload/btc_tx.h"
#include "support/bitcoin.h"
#include "support/hex.h"
#include "support/payloads.h"
#include "vectors/bitcoin/bip322.h"

#define JSON_ROOM 1024

static void payload_of(char out[JSON_ROOM], const char *message, const char *address)
{
    assert_true(snprintf(out, JSON_ROOM,
                         "{\"type\":\"bip322\",\"message\":\"%s\",\"address\":\"%s\"}", message,
                         address) < JSON_ROOM);
}

static void hashes(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(bip322_hash_vectors); i++) {
        const bip322_hashes *v = &bip322_hash_vectors[i];
        char json[JSON_ROOM], part[128];
        csig_payload *p;

        payload_of(json, v->message, v->address);
        p = payloads_read(json);
        (void)snprintf(part, sizeof part, "\"message_hash\":\"%s\"", v->message_hash);
        payloads_expect_inside(payloads_description(p), part);
        csig_payload_free(p);
    }
}

/* The vector's witness: a count of 2, the signature with its type, the key. */
static csig_account account_of(const uint8_t *witness, size_t len)
{
    csig_account account = {{0}, {0}};

    assert_int_equal(witness[0], 2);
    assert_int_equal(witness[1] + 2 + 1 + CSIG_PUBKEY_BYTES, len);
    memcpy(account.public_key, witness + len - CSIG_PUBKEY_BYTES, CSIG_PUBKEY_BYTES);
    return account;
}

/* r and s out of DER, right-aligned; the recovery id that verifies. */
static csig_signature signature_of(const uint8_t *der, const csig_account *account,
                                   const uint8_t digest[32])
{
    csig_signature sig = {0};
    const uint8_t *r = der + 4, *s = r + der[3] + 2;

    for (size_t i = 0; i < 32 && i < der[3]; i++)
        sig.r[31 - i] = r[der[3] - 1 - i];
    for (size_t i = 0; i < 32 && i < s[-1]; i++)
        sig.s[31 - i] = s[s[-1] - 1 - i];
    memcpy(sig.public_key, account->public_key, sizeof sig.public_key);
    while (sig.recovery_id < 4 && csig_signature_verify(&sig, digest) != CSIG_OK)
        sig.recovery_id++;
    assert_true(sig.recovery_id < 4);
    return sig;
}

/* With the vector's signature the result is the vector. */
static void simple(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(bip322_simple_vectors); i++) {
        const bip322_signature *v = &bip322_simple_vectors[i];
        size_t len, out_len = JSON_ROOM, depth;
        uint8_t *witness = octets_of_base64(v->signature + 3, &len), digest[32];
        const csig_account account = account_of(witness, len);
        char json[JSON_ROOM], out[JSON_ROOM], want[JSON_ROOM];
        uint32_t path[CSIG_PATH_MAX];
        csig_signature sig;
        csig_payload *p;

        payload_of(json, v->message, v->address);
        p = payloads_read(json);
        assert_int_equal(csig_payload_bind(p, &account, NULL, 0, NULL), CSIG_OK);
        assert_int_equal(csig_payload_input(p, 0, digest, path, &depth), CSIG_OK);
        sig = signature_of(witness + 2, &account, digest);
        assert_int_equal(csig_payload_finish(p, &sig, 1, out, &out_len), CSIG_OK);
        (void)snprintf(want, sizeof want, "{\"signature\":\"%s\",\"witness\":\"%s\"}", v->signature,
                       v->signature + 3);
        assert_string_equal(out, want);
        csig_payload_free(p);
        free(witness);
    }
}

/* In full: to_sign with the redeemScript and the witness; its prevout is to_spend. */
static void full(void **state)
{
    const csig_account account = payloads_account();
    char address[CSIG_ADDRESS_BYTES], json[JSON_ROOM], *out, *from;
    csig_payload *p;
    csig_btc_tx tx;
    csig_btc_made redeem;
    uint8_t *octets;
    size_t len;

    (void)state;
    assert_int_equal(
        csig_address(CSIG_ADDRESS_P2SH_P2WPKH, CSIG_NETWORK_MAIN, account.public_key, address),
        CSIG_OK);
    payload_of(json, "Hello World", address);
    p = payloads_bound(json);
    out = payloads_finished(p);
    from = strstr(out, "\"signature\":\"ful") + strlen("\"signature\":\"ful");
    *strchr(from, '"') = 0;
    octets = octets_of_base64(from, &len);
    assert_int_equal(csig_btc_tx_read(&tx, (csig_span){octets, len}, CSIG_BTC_FULL), CSIG_OK);
    assert_int_equal(tx.version, 0);
    assert_int_equal(tx.n_in, 1);
    assert_int_equal(tx.in[0].vout, 0);
    csig_btc_script_pay(&redeem, CSIG_BTC_P2WPKH, account.public_key);
    assert_int_equal(tx.in[0].script.len, 23);
    assert_memory_equal(tx.in[0].script.p + 1, redeem.b, 22);
    span_expect(tx.out[0].script, "6a");
    assert_int_equal(tx.in[0].witness.p[0], 2);
    csig_btc_tx_free(&tx);
    free(octets);
    free(out);
    csig_payload_free(p);
}

static void expect_unbound(const char *address, const char *in_why)
{
    const csig_account account = payloads_account();
    char json[JSON_ROOM], why[CSIG_WHY_BYTES];
    csig_payload *p;

    payload_of(json, "m", address);
    p = payloads_read(json);
    assert_int_equal(csig_payload_bind(p, &account, NULL, 0, why), CSIG_E_PAYLOAD);
    assert_non_null(strstr(why, in_why));
    csig_payload_free(p);
}

static void refused(void **state)
{
    char json[JSON_ROOM];

    (void)state;
    expect_unbound("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "is not the address of the key");
    expect_unbound("3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN", "is not the address of the key");
    payload_of(json, "m", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH");
    payloads_refused(json, "must be of the kind");
    payload_of(json, "m", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0");
    payloads_refused(json, "must be of the kind");
    payload_of(json, "m", "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx");
    payloads_refused(json, "is none on the network \"main\"");
    payloads_refused("{\"type\":\"bip322\",\"message\":\"m\"}", "\"address\" must be text");
    payloads_refused("{\"type\":\"bip322\",\"address\":\"m\"}", "\"message\" must be text");
    payloads_refused("{\"type\":\"bip322\",\"message\":\"m\",\"address\":\"m\",\"network\":\"x\"}",
                     "\"network\" must be");
}

static void told(void **state)
{
    char json[JSON_ROOM];
    csig_payload *p;

    (void)state;
    payload_of(json, "pay\\nme", bip322_hash_vectors[0].address);
    p = payloads_read(json);
    payloads_expect(payloads_words(p),
                    "Signs a message for the Bitcoin address "
                    "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l:\n\"pay\\nme\"\n");
    payloads_expect_inside(payloads_description(p), "\"network\":\"main\"");
    csig_payload_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes),  cmocka_unit_test(simple), cmocka_unit_test(full),
        cmocka_unit_test(refused), cmocka_unit_test(told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
