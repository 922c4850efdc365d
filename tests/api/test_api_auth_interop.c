/* The profile as a stranger would write it: the octets that are signed, spelled out here and signed
 * and judged by OpenSSL. Who changes them breaks every client. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/judge.h"
#include "api/signed.h"

/* echo -n '{"payload":{}}' | openssl dgst -sha256 -binary | base64 */
#define BODY_DIGEST  "sha-256=:9BwAt/vMtQChvTB1TuQVBWNEGubCkA9dkXyAliQotIo=:"
#define REPLY_DIGEST "sha-256=:ugs+EpggY+xAJHks8HKuZjRA8yk2+UJG/oLdQNIENWE=:"

#define REQUEST_PARAMS                                                                             \
    "(\"@method\" \"@target-uri\" \"content-type\" \"content-digest\" \"idempotency-key\")"        \
    ";created=1790000000;expires=1790000060;nonce=\"0123456789abcdef0123456789abcdef\""            \
    ";alg=\"%s\";keyid=\"%s\";tag=\"countersign-v1-request\""

static const char request_base[] =
    "\"@method\": POST\n"
    "\"@target-uri\": https://sign.example/v1/wallets/00/requests?dry=1\n"
    "\"content-type\": application/json\n"
    "\"content-digest\": " BODY_DIGEST "\n"
    "\"idempotency-key\": \"order-1\"\n"
    "\"@signature-params\": " REQUEST_PARAMS;

#define RESPONSE_PARAMS                                                                            \
    "(\"@status\" \"@method\";req \"@target-uri\";req \"signature-input\";req \"signature\";req "  \
    "\"content-type\" \"content-digest\" \"countersign-session\")"                                 \
    ";created=1790000001;alg=\"ed25519\";keyid=\"%s\";tag=\"countersign-v1-response\""

static const char response_base[] =
    "\"@status\": 201\n"
    "\"@method\";req: POST\n"
    "\"@target-uri\";req: https://sign.example/v1/wallets/00/requests?dry=1\n"
    "\"signature-input\";req: %s\n"
    "\"signature\";req: %s\n"
    "\"content-type\": application/json\n"
    "\"content-digest\": " REPLY_DIGEST "\n"
    "\"countersign-session\": running\n"
    "\"@signature-params\": " RESPONSE_PARAMS;

static const char *const names[] = {
    [CSIGD_KEY_ED25519] = "ed25519", [CSIGD_KEY_P256] = "ecdsa-p256-sha256"};

/* The octets between the colons of csig=:...: */
static void octets_of(uint8_t octets[66], const char *field)
{
    char text[89];

    assert_int_equal(strlen(field), 6 + 88 + 1);
    memcpy(text, field + 6, 88);
    text[88] = '\0';
    assert_int_equal(EVP_DecodeBlock(octets, (const uint8_t *)text, 88), 66);
}

static bool judge_takes(const csigd_key *key, const char *base, const char *field)
{
    uint8_t der[CSIGD_KEY_PUBLIC_MAX], octets[66];
    EVP_PKEY *judge = judge_from_der(der, csigd_key_write(der, key));
    bool good;

    assert_non_null(judge);
    octets_of(octets, field);
    good = judge_accepts(judge, base, strlen(base), octets, 64);
    EVP_PKEY_free(judge);
    return good;
}

static void what_we_sign_is_what_is_written_here(void **state)
{
    char id[CSIGD_KEY_ID_BYTES], text[4096];
    signed_pair p;

    (void)state;
    for (csigd_key_algorithm a = CSIGD_KEY_ED25519; a <= CSIGD_KEY_P256; a++) {
        signed_make(&p, a);
        csigd_key_id(id, &p.client.key);
        (void)snprintf(text, sizeof text, "csig=" REQUEST_PARAMS, names[a], id);
        assert_string_equal(p.request.made.input, text);
        (void)snprintf(text, sizeof text, request_base, names[a], id);
        assert_true(judge_takes(&p.client.key, text, p.request.made.signature));
        text[0] = '\'';
        assert_false(judge_takes(&p.client.key, text, p.request.made.signature));

        csigd_key_id(id, &p.server.key);
        (void)snprintf(text, sizeof text, "csig=" RESPONSE_PARAMS, id);
        assert_string_equal(p.response.made.input, text);
        (void)snprintf(text, sizeof text, response_base, p.request.made.input,
                       p.request.made.signature, id);
        assert_true(judge_takes(&p.server.key, text, p.response.made.signature));
    }
}

/* A client that has never seen our code: a key of OpenSSL's, the base from the text above. */
static void what_a_stranger_signs_is_taken(void **state)
{
    (void)state;
    for (csigd_key_algorithm a = CSIGD_KEY_ED25519; a <= CSIGD_KEY_P256; a++) {
        EVP_PKEY *judge = judge_make(a == CSIGD_KEY_P256);
        uint8_t der[CSIGD_KEY_PUBLIC_MAX], octets[64];
        char id[CSIGD_KEY_ID_BYTES], base[4096], input[1024], signature[128], digits[96];
        csigd_refusal why;
        signed_pair p;

        signed_make(&p, a);
        assert_int_equal(csigd_key_read(&p.client.key, der, judge_der(der, sizeof der, judge)),
                         CSIGD_AUTH_OK);
        csigd_key_id(id, &p.client.key);
        (void)snprintf(base, sizeof base, request_base, names[a], id);
        judge_sign(octets, judge, base, strlen(base));
        assert_int_equal(EVP_EncodeBlock((uint8_t *)digits, octets, 64), 88);
        (void)snprintf(input, sizeof input, "csig=" REQUEST_PARAMS, names[a], id);
        (void)snprintf(signature, sizeof signature, "csig=:%s:", digits);
        signed_set(&p.request, "Signature-Input", input);
        signed_set(&p.request, "Signature", signature);
        assert_int_equal(signed_check_request(&p, SIGNED_NOW, &why), CSIGD_AUTH_OK);
        EVP_PKEY_free(judge);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_we_sign_is_what_is_written_here),
        cmocka_unit_test(what_a_stranger_signs_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
