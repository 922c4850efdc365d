/* What is told of a PSBT, word for word. */
#include "payload/psbt_kind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/psbts.h"

static void one_input(void **state)
{
    const psbts made = psbts_simple(CSIG_BTC_P2WPKH);
    csig_payload *p = psbts_bound(&made);

    (void)state;
    payloads_expect(
        payloads_description(p),
        "{\"approvals\":[],\"calls\":[],\"chain\":\"bip122:000000000019d6689c085ae165831e"
        "93\",\"digests\":[\"d26a85200ff68b824eaa5549f8b844dd2a5c61a1b351afbbda340b682611"
        "1018\"],\"fee\":{\"amount\":\"1000\",\"asset\":\"bip122:000000000019d6689c085ae1"
        "65831e93/slip44:0\",\"rate\":\"7182\"},\"psbt\":{\"inputs\":[{\"address\":\"bc1q"
        "6rr6txf8m075apfu62az08kn96xe0ax0thmjc0\",\"amount\":\"100000\",\"amount_unproven"
        "\":true,\"own\":true,\"path\":\"m/0/0\",\"sequence\":4294967293,\"sighash\":1,\""
        "txid\":\"2a1156bd95af0299715ea620e039687658c668ae92997e5c7bdbad6cbab65ef6\",\"vo"
        "ut\":1}],\"locktime\":0,\"network\":\"main\",\"outputs\":[{\"address\":\"bc1qw50"
        "8d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4\",\"amount\":\"60000\"},{\"address\":\"bc1qd"
        "9hkfqxplls88k872l9ujhwul3jdqvx5e0tykj\",\"amount\":\"39000\",\"own\":true,\"path"
        "\":\"m/0/7\"}],\"unsigned_txid\":\"ba4c2003b47bb7c88904caf6f84097fe34d2614ec387a"
        "d5dba7c2b4b1f7162ba\",\"version\":2},\"transfers\":[{\"amount\":\"60000\",\"asse"
        "t\":\"bip122:000000000019d6689c085ae165831e93/slip44:0\",\"to\":\"bc1qw508d6qejx"
        "tdg4y5r3zarvary0c5xw7kv8f3t4\"},{\"amount\":\"39000\",\"asset\":\"bip122:0000000"
        "00019d6689c085ae165831e93/slip44:0\",\"to\":\"bc1qd9hkfqxplls88k872l9ujhwul3jdqv"
        "x5e0tykj\",\"to_self\":true}],\"type\":\"psbt\"}");
    payloads_expect(payloads_words(p),
                    "A Bitcoin transaction on the main network: 1 input(s), 2 output(s).\n"
                    "Signs 1 input(s) of 0.001 BTC together.\n"
                    "Sends 0.0006 BTC to bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4\n"
                    "Keeps 0.00039 BTC at bc1qd9hkfqxplls88k872l9ujhwul3jdqvx5e0tykj (own)\n"
                    "Fee: at most 0.00001 BTC\n");
    csig_payload_free(p);
}

/* A multisig on a test network, beside a stranger's input, open for more of them. */
static void with_others(void **state)
{
    psbts made = psbts_simple(CSIG_BTC_P2WSH);
    csig_payload *p;

    (void)state;
    made.in[0].type = 0x81;
    made.in[1] = (psbts_party){
        .kind = CSIG_BTC_P2WPKH, .is_strange = true, .amount = 5, .proof = PSBTS_BOTH};
    made.n_in = 2;
    made.members = ",\"network\":\"test\"";
    p = psbts_bound(&made);
    payloads_expect(
        payloads_description(p),
        "{\"approvals\":[],\"calls\":[],\"chain\":\"bip122:000000000933ea01ad0ee984209779"
        "ba\",\"digests\":[\"44ad3c27b2a00fbc4ca7d7f4be3872c5b103bdc0287b8a2929e4882a838b"
        "1aa5\"],\"fee\":{\"amount\":\"1005\",\"asset\":\"bip122:000000000933ea01ad0ee984"
        "209779ba/slip44:1\",\"rate\":\"4094\"},\"psbt\":{\"inputs\":[{\"address\":\"tb1q"
        "3v9pck78rz0604etnf2lq0tm2kl3ehdm4qy5ae7lxr0pq7w7kxpscset4v\",\"amount\":\"100000"
        "\",\"amount_unproven\":true,\"own\":true,\"path\":\"m/0/0\",\"sequence\":4294967"
        "293,\"sighash\":129,\"signers\":2,\"signers_required\":2,\"txid\":\"707f0fca2767"
        "212c64188128c9e9a1713053d01bb4e4f434b0c525a4edd38844\",\"vout\":1},{\"address\":"
        "\"tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx\",\"amount\":\"5\",\"sequence\":429"
        "4967293,\"txid\":\"ee48982a519e8596f8293307d12bd26f858cebb7be9f544bcb89dc05c7aa1"
        "a6b\",\"vout\":1}],\"locktime\":0,\"network\":\"test\",\"outputs\":[{\"address\""
        ":\"tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx\",\"amount\":\"60000\"},{\"address"
        "\":\"tb1qhl9rwy6r94ty6lshn354rkcg64230mg8kvj5t8l274ryyxe7655spxp0vq\",\"amount\""
        ":\"39000\"}],\"unsigned_txid\":\"bb553cfda8b8c2432f17e4069f5729df4f60bf21ba1155f"
        "526e6f08df9624920\",\"version\":2},\"sighash_flags\":128,\"transfers\":[{\"amoun"
        "t\":\"60000\",\"asset\":\"bip122:000000000933ea01ad0ee984209779ba/slip44:1\",\"t"
        "o\":\"tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx\"},{\"amount\":\"39000\",\"asse"
        "t\":\"bip122:000000000933ea01ad0ee984209779ba/slip44:1\",\"to\":\"tb1qhl9rwy6r94"
        "ty6lshn354rkcg64230mg8kvj5t8l274ryyxe7655spxp0vq\"}],\"type\":\"psbt\"}");
    payloads_expect(
        payloads_words(p),
        "A Bitcoin transaction on the test network: 2 input(s), 2 output(s).\n"
        "Nothing that is signed says which network: coins of the main one are spent as well.\n"
        "Signs 1 input(s) of 0.001 test BTC together.\n"
        "The other 1 input(s), of 0.00000005 test BTC together, are signed by others or already.\n"
        "The amounts of 1 input(s) are what the PSBT says, not proven: the fee may be higher if "
        "this is not the only transaction they are shown in.\n"
        "Others may add inputs to it afterwards (ANYONECANPAY).\n"
        "Sends 0.0006 test BTC to tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx\n"
        "Sends 0.00039 test BTC to tb1qhl9rwy6r94ty6lshn354rkcg64230mg8kvj5t8l274ryyxe7655spxp0vq\n"
        "Fee: at most 0.00001005 test BTC\n");
    csig_payload_free(p);
}

/* Outputs that have no address, and a lock: set in the octets, where the builder has none. */
static csig_payload *altered(const char *script, uint32_t locktime)
{
    const psbts made = psbts_simple(CSIG_BTC_P2WPKH);
    size_t len;
    uint8_t *octets = psbts_octets(&made, &len);
    csig_psbt psbt;
    char *json;
    csig_payload *p;

    assert_int_equal(csig_psbt_read(&psbt, (csig_span){octets, len}, NULL), CSIG_OK);
    memcpy(octets + (psbt.tx.out[0].script.p - octets), script, strlen(script));
    const csig_span tx = csig_psbt_value(&psbt.global, 0);
    for (size_t i = 0; i < 4; i++)
        octets[(size_t)(tx.p - octets) + tx.len - 4 + i] = (uint8_t)(locktime >> (8 * i));
    csig_psbt_free(&psbt);
    json = psbts_wrapped(octets, len, NULL);
    p = payloads_bound(json);
    free(json);
    free(octets);
    return p;
}

static void no_addresses(void **state)
{
    csig_payload *p = altered("\x6a\x14 twenty characters..", 800000);

    (void)state;
    payloads_expect_inside(payloads_description(p),
                           "{\"amount\":\"60000\",\"data\":\"14207477656e74");
    payloads_expect_inside(payloads_words(p), "BTC to data:14207477656e74");
    payloads_expect_inside(payloads_words(p), "Locked until 800000 (a block's height).\n");
    csig_payload_free(p);
    p = altered("\x51", 1700000000);
    payloads_expect_inside(payloads_description(p), "{\"amount\":\"60000\",\"script\":\"5114751e");
    payloads_expect_inside(payloads_words(p), "BTC to script:5114751e");
    payloads_expect_inside(payloads_words(p), "Locked until 1700000000 (seconds since 1970).\n");
    csig_payload_free(p);
}

/* Before it is known whose key signs, nothing is said to be anybody's. */
static void before_bind(void **state)
{
    const psbts made = psbts_simple(CSIG_BTC_P2WPKH);
    char *json = psbts_json(&made), *told;
    csig_payload *p = payloads_read(json);

    (void)state;
    told = payloads_description(p);
    assert_null(strstr(told, "own"));
    assert_null(strstr(told, "to_self"));
    free(told);
    told = payloads_words(p);
    assert_null(strstr(told, "Signs"));
    assert_null(strstr(told, "signed by others"));
    free(told);
    csig_payload_free(p);
    free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_input),
        cmocka_unit_test(with_others),
        cmocka_unit_test(no_addresses),
        cmocka_unit_test(before_bind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
