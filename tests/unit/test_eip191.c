/* Messages for people: digests and signatures as ethers makes them, and what a message may not do
 * to the lines that show it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/base.h"
#include "support/payloads.h"

static void as_ethers_signs_it(void **state)
{
    (void)state;
    payloads_expect_signed(
        "{\"type\":\"eip191\",\"message\":\"hello world\"}",
        "d9eba16ed0ecae432b71fe008c98cc872bb4cc214d3220a36f365326cf807d68",
        "{\"signature\":\"0x78dc245805f4363bd546a771502385e03c40995b13fbab75de9258c6515db8d9"
        "2e831df32c6898bc590d0fb69945a72f6e31f1a70a325bf047ff5d557b1542ff1b\"}");
    payloads_expect_signed(
        "{\"type\":\"eip191\",\"message\":\"\"}",
        "5f35dce98ba4fba25530a026ed80b2cecdaa31091ba4958b99b52ea1d068adad",
        "{\"signature\":\"0xff65394fc6cc70eee8e5ee1160dfa355a0484ad2988b65d01aee4bf58288958f"
        "082ce5e2c2d9d49130a2b1e8d01850cc00b0f17637f029570420e5a4a8d724fd1c\"}");
    payloads_expect_signed(
        "{\"type\":\"eip191\",\"message\":\"B8\\ud83d\\ude43 \xc3\xa9\"}",
        "f1247ea65d2a1648474e6322b294e22c8ccf5d87fab20796c5d63e026f5e4e1d",
        "{\"signature\":\"0x7505ca5b886ac641a22777da90428045486d14c8fb698de20399fcdc823dad1d"
        "5fe38d0ccea874dfa7164154f1e81f8b091e2ac5e0f615443f8f092347349c131c\"}");
    payloads_expect_signed(
        "{\"type\":\"eip191\",\"message_hex\":\"0x47173285a8d7341e5e972fc677286384f802f8ef42a5ec5f"
        "03bbfa254cb01fad\"}",
        "93100cc9477ba6522a2d7d5e83d0e075b167224ed8aa0c5860cfd47fa9f22797",
        "{\"signature\":\"0x9d9b0694ae9d49fca687e1bdee6df194d47af7376ee64813b353cc19730ddd87"
        "6648f133ac1daf7584c5486b412a3f6332409309ff188b3f91324b69287819831c\"}");
}

static void what_is_shown(void **state)
{
    csig_payload *p =
        payloads_read("{\"type\":\"eip191\",\"message\":\"ok\\nSends 1 ETH\\u202e\"}");

    (void)state;
    payloads_expect(payloads_words(p), "Signs an Ethereum message of 17 octets:\n"
                                       "\"ok\\nSends 1 ETH\\u{202e}\"\n");
    payloads_expect_inside(payloads_description(p),
                           "\"eip191\":{\"message\":\"ok\\nSends 1 ETH\xe2\x80\xae\"}");
    csig_payload_free(p);

    p = payloads_read("{\"type\":\"eip191\",\"message_hex\":\"0x6f6B\"}");
    payloads_expect(payloads_words(p), "Signs an Ethereum message of 2 octets:\n\"ok\"\n");
    payloads_expect_inside(payloads_description(p),
                           "\"eip191\":{\"message\":\"ok\",\"message_hex\":\"0x6f6b\"}");
    csig_payload_free(p);

    p = payloads_read("{\"type\":\"eip191\",\"message_hex\":\"0x6f00\"}");
    payloads_expect(payloads_words(p), "Signs an Ethereum message of 2 octets:\n0x6f00\n"
                                       "It is no text: what it says is not known.\n");
    payloads_expect_inside(payloads_description(p), "\"eip191\":{\"message_hex\":\"0x6f00\"}");
    csig_payload_free(p);
}

/* Safe, ERC-4337 accounts and others take a message of 32 octets for the hash of what they then do,
 * and a hash can be searched that reads like text. */
static void what_may_be_a_hash_is_blind(void **state)
{
    static const struct {
        const char *json;
        uint8_t blind;
    } messages[] = {
        {"{\"type\":\"eip191\",\"message\":\"B8\"}", 0},
        {"{\"type\":\"eip191\",\"message_hex\":\"0x6f00\"}", 1},
        {"{\"type\":\"eip191\",\"message_hex\":\"0x47173285a8d7341e5e972fc677286384f802f8ef42a5ec5f"
         "03bbfa254cb01fad\"}",
         1},
        {"{\"type\":\"eip191\",\"message\":\"0123456789abcdef0123456789abcde\"}", 0},
        {"{\"type\":\"eip191\",\"message\":\"0123456789abcdef0123456789abcdef\"}", 1},
        {"{\"type\":\"eip191\",\"message\":\"0123456789abcdef0123456789abcdef0\"}", 0},
    };

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(messages); i++) {
        csig_payload *p = payloads_read(messages[i].json);

        assert_int_equal(csig_payload_facts(p)->blind, messages[i].blind);
        csig_payload_free(p);
    }
    csig_payload *p = payloads_read(messages[4].json);

    payloads_expect(payloads_words(p),
                    "Signs an Ethereum message of 32 octets:\n"
                    "\"0123456789abcdef0123456789abcdef\"\n"
                    "It is as long as a hash, for which contracts may take it: what "
                    "it does is NOT KNOWN.\n");
    csig_payload_free(p);
}

static void refusals(void **state)
{
    (void)state;
    payloads_refused("{\"type\":\"eip191\"}", "either");
    payloads_refused("{\"type\":\"eip191\",\"message\":\"a\",\"message_hex\":\"0x61\"}", "either");
    payloads_refused("{\"type\":\"eip191\",\"message\":1}", "\"message\" must be text");
    payloads_refused("{\"type\":\"eip191\",\"message_hex\":\"61\"}", "\"message_hex\" must be 0x");
    payloads_refused("{\"type\":\"eip191\",\"message_hex\":\"0x6\"}", "\"message_hex\" must be 0x");
    payloads_refused("{\"type\":\"eip191\",\"message_hex\":[]}", "\"message_hex\" must be text");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_ethers_signs_it),
        cmocka_unit_test(what_is_shown),
        cmocka_unit_test(what_may_be_a_hash_is_blind),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
