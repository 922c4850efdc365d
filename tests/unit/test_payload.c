/* The door of payloads: strict reading, the canonical text, binding to a key, finishing; with the
 * type "digest", which has nothing of its own. */
#include "countersign/payload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "support/payloads.h"

#define HEX    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define DIGEST "{\"type\":\"digest\",\"digest\":\"" HEX "\"}"

static const struct {
    const char *json, *why;
} refused[] = {
    {"", "not well-formed JSON (octet 0)"},
    {"{", "not well-formed JSON"},
    {"[]", "an object with the member \"type\""},
    {"null", "not well-formed JSON"},
    {"\"digest\"", "not well-formed JSON"},
    {"{}", "an object with the member \"type\""},
    {"{\"type\":1}", "an object with the member \"type\""},
    {"{\"type\":\"digest2\"}", "no kind of payload"},
    {"{\"type\":\"Digest\"}", "no kind of payload"},
    {"{\"type\":\"digest\"}", "\"digest\" is missing"},
    {"{\"type\":\"digest\",\"digest\":null}", "64 hexadecimal digits"},
    {"{\"type\":\"digest\",\"digest\":\"00\"}", "64 hexadecimal digits"},
    {"{\"type\":\"digest\",\"digest\":\"0x" HEX "\"}", "64 hexadecimal digits"},
    {"{\"type\":\"digest\",\"digest\":\"" HEX "\",\"path\":\"m\"}", "no member \"path\""},
    {"{\"type\":\"digest\",\"digest\":\"" HEX "\",\"a\\nb\":0}", "no member \"a\""},
    {"{\"type\":\"digest\",\"digest\":\"" HEX "\",\"type\":\"digest\"}", "twice"},
    {"{\"type\":\"digest\",\"digest\":\"" HEX "\"} x", "not well-formed JSON"},
    {"{\"type\":\"digest\",\"digest\":\"" HEX "\",\"a\":1.0}", "integers"},
    {"{\"type\":\"digest\",\"digest\":\"" HEX "\",\"a\":[{\"b\":1e3}]}", "integers"},
    {"{\"type\":\"digest\",\"digest\":\"" HEX "\",\"a\":9223372036854775808}", "too large"},
    {"{\"type\":\"digest\",\"digest\":\"" HEX "\",\"a\":\"\\u0000\"}", "not well-formed"},
    {"{\"type\":\"digest\",\"digest\":\"" HEX "\",\"a\":\"\\ud800\"}", "not well-formed"},
    {"{\"type\":\"digest\",\"digest\":\"" HEX "\",\"a\":\"\xff\"}", "not well-formed"},
};

static void what_is_no_payload_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(refused); i++)
        payloads_refused(refused[i].json, refused[i].why);
}

/* {"type": [[...]]} of so many levels, then so many blanks. */
static void depth_and_length(void **state)
{
    char *json = malloc(CSIG_PAYLOAD_MAX + 2);
    char deep[200];
    csig_payload *p;
    char why[CSIG_WHY_BYTES];

    (void)state;
    for (size_t levels = CSIG_PAYLOAD_DEPTH - 1; levels <= CSIG_PAYLOAD_DEPTH; levels++) {
        size_t n = 0;

        n += (size_t)sprintf(deep, "{\"type\":");
        for (size_t i = 0; i < levels; i++)
            deep[n++] = '[';
        for (size_t i = 0; i < levels; i++)
            deep[n++] = ']';
        deep[n++] = '}';
        deep[n] = '\0';
        payloads_refused(deep, levels < CSIG_PAYLOAD_DEPTH ? "\"type\"" : "too deep");
    }
    payloads_refused("{\"type\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\"}", "no kind");

    assert_non_null(json);
    memset(json, ' ', CSIG_PAYLOAD_MAX + 2);
    memcpy(json, DIGEST, sizeof DIGEST - 1);
    assert_int_equal(csig_payload_read(&p, json, CSIG_PAYLOAD_MAX, why), CSIG_OK);
    csig_payload_free(p);
    assert_int_equal(csig_payload_read(&p, json, CSIG_PAYLOAD_MAX + 1, why), CSIG_E_PAYLOAD);
    assert_non_null(strstr(why, "longer than 524288 octets"));
    free(json);
}

static void the_canonical_text(void **state)
{
    csig_payload *p = payloads_read(" { \"type\" :\n\"eip191\", \"message\": \"\\u00e9\\/\\n\" } ");

    (void)state;
    payloads_expect(payloads_text(p), "{\"message\":\"\xc3\xa9/\\n\",\"type\":\"eip191\"}");
    assert_string_equal(csig_payload_type(p), "eip191");
    csig_payload_free(p);
    csig_payload_free(NULL);
}

static void the_stated_digest(void **state)
{
    const char *const right =
        "{\"type\":\"eip191\",\"message\":\"hello world\",\"digest\":"
        "\"d9eba16ed0ecae432b71fe008c98cc872bb4cc214d3220a36f365326cf807d68\"}";
    char wrong[200], why[CSIG_WHY_BYTES];
    csig_payload *p = payloads_bound(right);

    (void)state;
    csig_payload_free(p);
    strcpy(wrong, right);
    wrong[strlen(wrong) - 3] = '9';
    assert_int_equal(csig_payload_read(&p, wrong, strlen(wrong), why), CSIG_E_MISMATCH);
    assert_null(p);
    assert_non_null(strstr(why, "another digest"));
}

static void binding(void **state)
{
    const csig_account account = payloads_account();
    const uint32_t path[] = {0, 7}, hardened[] = {UINT32_C(0x80000000)};
    uint32_t got[CSIG_PATH_MAX], longest[CSIG_PATH_MAX + 1] = {0};
    csig_payload *p = payloads_read(DIGEST);
    csig_account none = account;
    uint8_t digest[CSIG_DIGEST_BYTES];
    size_t depth, len = 0;
    csig_signature sig;

    (void)state;
    assert_int_equal(csig_payload_inputs(p), 0);
    assert_int_equal(csig_payload_input(p, 0, digest, got, &depth), CSIG_E_ARGUMENT);
    assert_int_equal(csig_payload_finish(p, &sig, 0, NULL, &len), CSIG_E_STATE);
    assert_int_equal(csig_payload_bind(p, &account, hardened, 1, NULL), CSIG_E_PATH);
    assert_int_equal(csig_payload_bind(p, &account, longest, CSIG_PATH_MAX + 1, NULL), CSIG_E_PATH);
    memset(none.public_key, 0, sizeof none.public_key);
    assert_int_equal(csig_payload_bind(p, &none, path, 2, NULL), CSIG_E_POINT);
    assert_int_equal(csig_payload_inputs(p), 0);
    assert_int_equal(csig_payload_bind(p, &account, path, 2, NULL), CSIG_OK);
    assert_int_equal(csig_payload_bind(p, &account, path, 2, NULL), CSIG_E_STATE);
    assert_int_equal(csig_payload_inputs(p), 1);
    assert_int_equal(csig_payload_input(p, 0, digest, got, &depth), CSIG_OK);
    assert_true(depth == 2 && got[0] == 0 && got[1] == 7);
    assert_int_equal(csig_payload_input(p, 1, digest, got, &depth), CSIG_E_ARGUMENT);
    payloads_expect(payloads_finished(p), "{}");
    csig_payload_free(p);
}

static void signatures_are_verified(void **state)
{
    csig_payload *p = payloads_bound(DIGEST);
    csig_signature sig, bad;
    char out[10];
    size_t len = sizeof out;

    (void)state;
    payloads_sign(&sig, p);
    assert_int_equal(csig_payload_finish(p, &sig, 0, out, &len), CSIG_E_ARGUMENT);
    assert_int_equal(csig_payload_finish(p, &sig, 2, out, &len), CSIG_E_ARGUMENT);
    assert_int_equal(csig_payload_finish(p, &sig, 1, out, &len), CSIG_OK);
    for (size_t i = 0; i < sizeof sig; i++) {
        bad = sig;
        ((uint8_t *)&bad)[i] ^= 1;
        assert_int_equal(csig_payload_finish(p, &bad, 1, out, &len), CSIG_E_OUTPUT);
    }
    csig_payload_free(p);
}

static void arguments(void **state)
{
    const csig_account account = payloads_account();
    csig_payload *p;
    size_t len = 0;
    char out[10];

    (void)state;
    assert_int_equal(csig_payload_read(NULL, "{}", 2, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_payload_read(&p, NULL, 2, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_payload_read(&p, NULL, 0, NULL), CSIG_E_PAYLOAD);
    p = payloads_read(DIGEST);
    assert_int_equal(csig_payload_bind(NULL, &account, NULL, 0, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_payload_bind(p, NULL, NULL, 0, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_payload_bind(p, &account, NULL, 1, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_payload_text(NULL, out, &len), CSIG_E_ARGUMENT);
    assert_int_equal(csig_payload_text(p, out, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_payload_describe(NULL, out, &len), CSIG_E_ARGUMENT);
    assert_int_equal(csig_payload_describe(p, out, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_payload_words(NULL, out, &len), CSIG_E_ARGUMENT);
    assert_int_equal(csig_payload_words(p, out, NULL), CSIG_E_ARGUMENT);
    csig_payload_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_payload_is_refused),
        cmocka_unit_test(depth_and_length),
        cmocka_unit_test(the_canonical_text),
        cmocka_unit_test(the_stated_digest),
        cmocka_unit_test(binding),
        cmocka_unit_test(signatures_are_verified),
        cmocka_unit_test(arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
