/* Ethereum transactions: the example of EIP-155 and one of each type, signed as ethers signs them;
 * what is said of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "support/payloads.h"
#include "support/transactions.h"

#define FROM "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F"
#define A    "0x3535353535353535353535353535353535353535"
#define B    "0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa"

static const struct {
    const char *transaction, *digest, *signed_transaction, *hash;
} known[] = {
    {LEGACY, "daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53",
     "0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400"
     "008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d899"
     "7f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83",
     "0x33469b22e9f636356c4160a87eb19df52b7412e8eac32a4a55ffe88ea8350788"},
    {ACCESS, "c3fe83e82cfb1e89974c77b927f10116d1097afbaff3ced379fb37a7347b4b94",
     "0x01f8ad01098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a7"
     "6400008612345678abcdf838f794aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaae1a0010101010101"
     "010101010101010101010101010101010101010101010101010101a05f9f2298b5abed17ab5c5c97ee68"
     "3857b98df15a8c291f0895b5a5fb46163133a07b6a4f0b92da074b997fbcc646f55e8a3f0aa69d0c721a"
     "545b46e02a40683552",
     "0x1ee92ba1a1ae33b2a2841d05c4f0ce1345b32b0c308f73e0b3ca7647da3069c6"},
    {CREATE, "bbf5a0541be35f6f19945ddcbf7506cf6287699260b671e6f151c61a95c38708",
     "0x02f85101800102830186a08001826000c080a04fe5665f443b9d4775cbdf52f3e0c69e767b93600e1c"
     "44fb54c32ebb2f59cc79a0210123b737a09cbb13ac4cb81c76a1b41db09f522c42bdb88f55d59c8d3be0"
     "32",
     "0xbb64a240e83462f31485e876b5ead5fd1ce5d68142c73517cd1d8367ff16f632"},
    {TRANSFER, "eeef6d90494ba8e9af96c85d7ec22405729116af91729f9d2a1269310c8da097",
     "0x02f8b00107843b9aca008506fc23ac0082ea6094707070707070707070707070707070707070707080"
     "b844a9059cbb000000000000000000000000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa00000000"
     "000000000000000000000000000000000000000000000000000f4240c001a0ddd182576e7234123e7b5e"
     "01947cd1249d4ccee919107cbc0c0e856898be0ac9a07396d9cb9581de93e34e51eb4bda525f382d96e3"
     "d4fc0c5e0c0ac51e60e8e4d5",
     "0x23aa225a4a6746a5e4fc631e8701e378ee9eb72cdcf1356ec318c2b28c1ae13e"},
    {BLOB, "b8a3caa8644422120fcf241c17e39e091a00bc56c3eb7481d8b1fb013f6a8573",
     "0x03f8a70101010a8252089435353535353535353535353535353535353535358080c003f842a0012222"
     "2222222222222222222222222222222222222222222222222222222222a0013333333333333333333333"
     "333333333333333333333333333333333333333380a00f1e085ed5af2022689edeabe15083947e1fd2c6"
     "893c8d190c43a701636c2df3a06a0927b3693174a51fa381ba9da0a206f916d4844c156441cd6d6ffc40"
     "0ea123",
     "0x2fbee5416efed6c49f58b5f3aa9e2a7c06fab289adb8c915d2cf335338b40315"},
    {SET_CODE, "0d19ecb21e7d6280d661193378695a4c844d4be0e28f5076a589a431f57ab705",
     "0x04f9011d0101010a830186a09435353535353535353535353535353535353535358080c0f8b8f85a01"
     "94aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa0501a0ff25c1436dac56a0daec6455ac818a1ffd03"
     "893fe8bf6eaa7585b35083af3a78a00a0009b5a839c377685df290af2fd5f84cfba4ae35ed66e6355479"
     "b53aad8e2df85a8094aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa8001a01c43130623ec84bcdf9c"
     "1d4592577e9dc221c022da32df6319867dddff560a41a02f35e05725dce9acd9b21b3a6ffbc9e4ee18f8"
     "4a6fd24eb8188003cd29fba45080a0365020f43406bf29198721094bb298f04ac06204c27154c581ef0f"
     "a21bef1153a01a17db16687ca732b1e762b8b09ca2c932edb69bf9faa92650133bcc30bd5df0",
     "0x02ca40e1a21c317b92203576225e4091d3514e9abd218470a2411477d64d0fb7"},
    {SELF, "b8830bdfe886b2b9e45b1b05ce83521e4c2f6c57393963ea54f99f70c53d5158",
     "0x02f86a01098001825208949d8a62f656a8d1615c1294fd71e9cfb3e4855a4f880de0b6b3a764000080"
     "c080a05dadf20a99fe8b409a0b619fb1964445a71730613cc7dc0d30b4b7d3e7540da8a077f88e5be277"
     "d133e7617e8f41bb2dbbf4c47386765bd5ca6f1da112d5c3186a",
     "0x139c1527825eaca9cefeed6581c675b2a120bf91950baee0381d32ec35721016"},
};

static void as_ethers_signs_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(known); i++) {
        char json[2000], want[2000];

        (void)snprintf(json, sizeof json,
                       "{\"type\":\"eth_tx\",\"transaction\":\"%s\",\"digest\":\"%s\"}",
                       known[i].transaction, known[i].digest);
        (void)snprintf(want, sizeof want,
                       "{\"from\":\"" FROM
                       "\",\"signed_transaction\":\"%s\",\"transaction_hash\":\"%s\"}",
                       known[i].signed_transaction, known[i].hash);
        payloads_expect_signed(json, known[i].digest, want);
    }
}

static const struct {
    const char *json, *words;
} told[] = {
    {ETH_TX(LEGACY), "Ethereum transaction on chain 1, nonce 9, gas limit 21000\n"
                     "Sends 1 ETH to " A "\n"
                     "Fee: at most 0.00042 ETH\n"},
    {ETH_TX(SELF), "Ethereum transaction on chain 1, nonce 9, gas limit 21000\n"
                   "Keeps 1 ETH at " FROM " (own)\n"
                   "Fee: at most 0.000000000000021 ETH\n"},
    {ETH_TX(ACCESS), "Ethereum transaction on chain 1, nonce 9, gas limit 21000\n"
                     "Calls the contract " A ", method 0x12345678 with 6 octets of data: what it "
                     "does is NOT KNOWN.\n"
                     "Access list: 1 addresses\n"
                     "Sends 1 ETH to " A "\n"
                     "Fee: at most 0.00042 ETH\n"},
    {ETH_TX(CREATE),
     "Ethereum transaction on chain 1, nonce 0, gas limit 100000\n"
     "Creates a contract at 0x72665d3e94Cb4f374b7728F1ab21A3115C4D50Eb from 2 "
     "octets: what they do is NOT KNOWN.\n"
     "Sends 0.000000000000000001 ETH to 0x72665d3e94Cb4f374b7728F1ab21A3115C4D50Eb\n"
     "Fee: at most 0.0000000000002 ETH\n"},
    {ETH_TX(BLOB), "Ethereum transaction on chain 1, nonce 1, gas limit 21000\n"
                   "Carries blobs: 2\n"
                   "Sends 0 ETH to " A "\n"
                   "Fee: at most 0.000000000000996432 ETH\n"},
    {ETH_TX(SET_CODE), "Ethereum transaction on chain 1, nonce 1, gas limit 100000\n"
                       "Gives the code " B " ALL POWER over the account "
                       "0xb595B18c88b1f651cA387489067f855b5C8E6720, on chain 1.\n"
                       "Gives the code " B " ALL POWER over the account "
                       "0xb595B18c88b1f651cA387489067f855b5C8E6720, on EVERY chain.\n"
                       "Sends 0 ETH to " A "\n"
                       "Fee: at most 0.000000000001 ETH\n"},
};

static void in_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(told); i++) {
        csig_payload *p = payloads_bound(told[i].json);

        payloads_expect(payloads_words(p), told[i].words);
        csig_payload_free(p);
    }
}

static void before_it_is_known_who_signs(void **state)
{
    csig_payload *p = payloads_read(ETH_TX(CREATE));

    (void)state;
    assert_string_equal(csig_payload_facts(p)->calls[0].contract, "");
    assert_string_equal(csig_payload_facts(p)->transfers[0].to, "");
    payloads_expect_inside(payloads_words(p), "Creates a contract from 2 octets");
    payloads_expect_inside(payloads_words(p), "ETH to the contract that it creates\n");
    csig_payload_free(p);
}

static void in_json(void **state)
{
    csig_payload *p = payloads_bound(ETH_TX(BLOB));

    (void)state;
    payloads_expect(
        payloads_description(p),
        "{\"approvals\":[],\"calls\":[],\"chain\":\"eip155:1\",\"digests\":["
        "\"b8a3caa8644422120fcf241c17e39e091a00bc56c3eb7481d8b1fb013f6a8573\"],\"eth_tx\":{"
        "\"access_list\":[],\"blob_versioned_hashes\":["
        "\"0x0122222222222222222222222222222222222222222222222222222222222222\","
        "\"0x0133333333333333333333333333333333333333333333333333333333333333\"],\"data\":\"0x\","
        "\"from\":\"" FROM "\",\"gas_limit\":\"21000\",\"max_fee_per_blob_gas\":\"3\","
        "\"max_fee_per_gas\":\"10\",\"max_priority_fee_per_gas\":\"1\",\"nonce\":\"1\",\"to\":\"" A
        "\",\"type\":3,\"value\":\"0\"},\"fee\":{\"amount\":\"996432\",\"asset\":"
        "\"eip155:1/slip44:60\",\"rate\":\"10\"},\"transfers\":[{\"amount\":\"0\",\"asset\":"
        "\"eip155:1/slip44:60\",\"to\":\"" A "\"}],\"type\":\"eth_tx\"}");
    csig_payload_free(p);

    p = payloads_bound(ETH_TX(SET_CODE));
    assert_int_equal(csig_payload_facts(p)->delegates, 1);
    assert_int_equal(csig_payload_facts(p)->authorizes, 1);
    payloads_expect_inside(
        payloads_description(p),
        "\"authorization_list\":[{\"address\":\"" B "\",\"authority\":"
        "\"0xb595B18c88b1f651cA387489067f855b5C8E6720\",\"chain_id\":\"1\",\"nonce\":\"5\","
        "\"r\":\"0xff25c1436dac56a0daec6455ac818a1ffd03893fe8bf6eaa7585b35083af3a78\",\"s\":"
        "\"0x0a0009b5a839c377685df290af2fd5f84cfba4ae35ed66e6355479b53aad8e2d\",\"y_parity\":1},");
    csig_payload_free(p);

    p = payloads_bound(ETH_TX(ACCESS));
    payloads_expect_inside(
        payloads_description(p),
        "\"access_list\":[{\"address\":\"" B "\",\"storage_keys\":["
        "\"0x0101010101010101010101010101010101010101010101010101010101010101\"]}]");
    csig_payload_free(p);
}

/* An authorization whose signature is nobody's is not said to give power over somebody. */
static void an_authorization_of_nobody(void **state)
{
    char json[] = ETH_TX(SET_CODE);
    char *at = strstr(json, "01a0ff25"); /* y parity 1 and r of the first */
    csig_payload *p;

    (void)state;
    at[1] = '2';
    p = payloads_bound(json);
    payloads_expect_inside(payloads_words(p),
                           "Has an authorization for the code " B " that nobody signed.\n");
    csig_payload_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_ethers_signs_them),         cmocka_unit_test(in_words),
        cmocka_unit_test(before_it_is_known_who_signs), cmocka_unit_test(in_json),
        cmocka_unit_test(an_authorization_of_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
