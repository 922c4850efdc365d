/* Typed data: the example of EIP-712, what it says, and what is no typed data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/typed.h"

#define CONTRACT "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"

/* EIP-712, example */
static void the_example(void **state)
{
    csig_payload *p = typed_bound(TYPED_MAIL, "Mail", TYPED_MAIL_DOMAIN, TYPED_MAIL_MESSAGE);
    const csig_facts *f = csig_payload_facts(p);

    (void)state;
    payloads_expect_digest(p, "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");
    assert_string_equal(f->chain, "eip155:1");
    assert_true(f->n_calls == 1 && f->n_transfers == 0 && f->n_approvals == 0 && !f->delegates);
    assert_string_equal(f->calls[0].contract, CONTRACT);
    assert_string_equal(f->calls[0].method, "Mail");
    assert_false(f->calls[0].has_selector);
    payloads_expect(payloads_words(p),
                    "Typed data (EIP-712): Mail\n"
                    "Domain:\n"
                    "  name (string): \"Ether Mail\"\n"
                    "  version (string): \"1\"\n"
                    "  chainId (uint256): 1\n"
                    "  verifyingContract (address): \"" CONTRACT "\"\n"
                    "Message:\n"
                    "  from (Person):\n"
                    "    name (string): \"Cow\"\n"
                    "    wallet (address): \"0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826\"\n"
                    "  to (Person):\n"
                    "    name (string): \"Bob\"\n"
                    "    wallet (address): \"0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB\"\n"
                    "  contents (string): \"Hello, Bob!\"\n"
                    "What the contract does with it is NOT KNOWN.\n");
    payloads_expect_inside(
        payloads_description(p),
        "\"eip712\":{\"domain\":{\"chainId\":1,\"name\":\"Ether "
        "Mail\",\"verifyingContract\":\"" CONTRACT
        "\",\"version\":\"1\"},\"encode_type\":\"Mail(Person from,Person to,string contents)"
        "Person(string name,address wallet)\",\"message\":{\"contents\":\"Hello, Bob!\",\"from\":{"
        "\"name\":\"Cow\",");
    payloads_expect_inside(payloads_finished(p), "{\"signature\":\"0x");
    csig_payload_free(p);
}

/* The same when the domain's type is left out, as libraries do that make it themselves. */
static void the_type_of_the_domain_follows(void **state)
{
    csig_payload *p = typed_bound(
        "{'Person':[{'name':'name','type':'string'},{'name':'wallet','type':'address'}],"
        "'Mail':[{'name':'from','type':'Person'},{'name':'to','type':'Person'},"
        "{'name':'contents','type':'string'}]}",
        "Mail", TYPED_MAIL_DOMAIN, TYPED_MAIL_MESSAGE);

    (void)state;
    payloads_expect_digest(p, "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");
    csig_payload_free(p);
}

#define T "{'T':[{'name':'x','type':'bool'}]}"
#define X "{'x':true}"

static const struct {
    const char *types, *primary, *domain, *message, *why;
} refused[] = {
    {T, "U", "{}", X, "\"primaryType\" is none"},
    {T, "bool", "{}", X, "\"primaryType\" is none"},
    {T, "T[]", "{}", X, "\"primaryType\" is none"},
    {T, "EIP712Domain", "{}", "{}", "\"primaryType\" is none"},
    {T, "T", "[]", X, "exactly types"},
    {T, "T", "{'chain':1}", X, "\"domain\" has only"},
    {T, "T", "{'name':1}", X, "name of a EIP712Domain is no string"},
    {T, "T", "{'chainId':0}", X, "chainId must be 1"},
    {T, "T", "{'chainId':-1}", X, "chainId of a EIP712Domain is no uint256"},
    {T, "T", "{'chainId':'9223372036854775772'}", X, "chainId must be 1"},
    {T, "T", "{'chainId':'18446744073709551617'}", X, "chainId must be 1"},
    {T, "T", "{'verifyingContract':'x'}", X, "verifyingContract of a EIP712Domain is no address"},
    {T, "T", "{'salt':'0x00'}", X, "salt of a EIP712Domain is no bytes32"},
    {T, "T", "{}", "[]", "a T must be an object"},
    {T, "T", "{}", "{'x':true,'y':1}", "a T must be an object"},
    {"{'T':[],'EIP712Domain':[{'name':'version','type':'string'},{'name':'name','type':'string'}]}",
     "T", "{'name':'a','version':'b'}", "{}", "in the order of EIP-712"},
    {"{'T':[],'EIP712Domain':[{'name':'name','type':'bytes'}]}", "T", "{'name':'a'}", "{}",
     "in the order of EIP-712"},
};

static void refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        typed_refused(refused[i].types, refused[i].primary, refused[i].domain, refused[i].message,
                      refused[i].why);
    payloads_refused("{\"type\":\"eip712\"}", "exactly types");
    payloads_refused("{\"type\":\"eip712\",\"typed_data\":1}", "exactly types");
    payloads_refused("{\"type\":\"eip712\",\"typed_data\":{\"types\":{},\"primaryType\":\"T\","
                     "\"domain\":{}}}",
                     "exactly types");
    payloads_refused("{\"type\":\"eip712\",\"typed_data\":{\"types\":{},\"primaryType\":\"T\","
                     "\"domain\":{},\"message\":{},\"more\":1}}",
                     "exactly types");
}

/* The description without its digest, and the digest. */
static char *said_of(const char *json, char digest[65])
{
    char why[CSIG_WHY_BYTES], *said, *at;
    csig_payload *p;

    if (csig_payload_read(&p, json, strlen(json), why) != CSIG_OK) return NULL;
    said = payloads_description(p);
    at = strstr(said, "\"digests\":[\"") + strlen("\"digests\":[\"");
    memcpy(digest, at, 64);
    digest[64] = '\0';
    memset(at, '-', 64);
    csig_payload_free(p);
    return said;
}

/* Whatever character is changed: it is refused, or it is told and signed. What is neither told nor
 * signed was of no type that the message leads to. */
static void every_changed_character_is_refused_or_told(void **state)
{
    static const char others[] = "0aZ\"}";
    char *json = typed_payload(TYPED_MAIL, "Mail", TYPED_MAIL_DOMAIN, TYPED_MAIL_MESSAGE);
    char right_digest[65], digest[65];
    char *right = said_of(json, right_digest);
    size_t told = 0;

    (void)state;
    assert_non_null(right);
    for (size_t at = 0; json[at] != '\0'; at++) {
        const char was = json[at];

        for (size_t k = 0; others[k] != '\0'; k++) {
            char *said;

            json[at] = others[k];
            said = said_of(json, digest);
            if (said != NULL)
                assert_int_equal(strcmp(said, right) == 0, strcmp(digest, right_digest) == 0);
            told += said != NULL && strcmp(said, right) != 0;
            free(said);
        }
        json[at] = was;
    }
    assert_true(told > 50);
    free(right);
    free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example),
        cmocka_unit_test(the_type_of_the_domain_follows),
        cmocka_unit_test(refusals),
        cmocka_unit_test(every_changed_character_is_refused_or_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
