/* What a hook answers: what is its own signed answer to this question, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "http/json.h"
#include "service/hook.h"

static csigd_key_secret secret;
static csigd_key key;
static csigd_hook_question question;

static int setup(void **state)
{
    (void)state;
    assert_int_equal(csigd_key_make(&secret, CSIGD_KEY_ED25519), CSIGD_AUTH_OK);
    assert_int_equal(csigd_key_public(&key, &secret), CSIGD_AUTH_OK);
    memset(question.request, 0x11, sizeof question.request);
    memset(question.nonce, 0x22, sizeof question.nonce);
    memset(question.payload, 0x33, sizeof question.payload);
    return 0;
}

/* What is said, signed as this. */
static const char *answer_as(csigd_hook_reply *reply, const csigd_hook_reply *as, unsigned status,
                             const char *said, const char *name)
{
    char text[CSIGD_HOOK_TEXT_BYTES], body[512], request[65], nonce[33], field[140] = " ";
    uint8_t signature[CSIGD_KEY_SIGNATURE_BYTES];
    csigd_field fields[1] = {{name, field}};
    csigd_hook_response r = {.status = status, .fields = fields, .n_fields = 1};
    const size_t n = csigd_hook_text(text, &question, as);

    assert_int_equal(csigd_key_sign(signature, &secret, (const uint8_t *)text, n), CSIGD_AUTH_OK);
    csigd_hex_write(field + 1, signature, sizeof signature);
    csigd_hex_write(request, question.request, sizeof question.request);
    csigd_hex_write(nonce, question.nonce, sizeof question.nonce);
    r.len = (size_t)snprintf(body, sizeof body, "{\"request\":\"%s\",\"nonce\":\"%s\",%s}", request,
                             nonce, said);
    r.body = (const uint8_t *)body;
    return csigd_hook_reply_read(reply, &question, &key, &r);
}

static const char *answer(csigd_hook_reply *reply, csigd_hook_verb verb, unsigned status,
                          const char *said, const char *name)
{
    return answer_as(reply, &(csigd_hook_reply){.verb = verb}, status, said, name);
}

#define FIELD "Countersign-Hook-Signature"

static void the_text_is_to_the_octet(void **state)
{
    char text[CSIGD_HOOK_TEXT_BYTES];
    const csigd_hook_reply said = {
        .verb = CSIGD_HOOK_IGNORE, .seconds = 7, .because = "not mine\nseconds 8"};
    const size_t n = csigd_hook_text(text, &question, &said);

    (void)state;
    assert_int_equal(n, strlen(text));
    assert_string_equal(text, "countersign-v1-hook-decision\nignore\n"
                              "request 1111111111111111111111111111111111111111111111111111111111"
                              "111111\nnonce 22222222222222222222222222222222\n"
                              "payload 3333333333333333333333333333333333333333333333333333333333"
                              "333333\nseconds 7\nbecause not mine\nseconds 8");
}

static void answers_are_taken(void **state)
{
    static const csigd_hook_reply no = {.verb = CSIGD_HOOK_REJECT, .because = "no"},
                                  later = {.verb = CSIGD_HOOK_RETRY, .seconds = 300};
    csigd_hook_reply r;

    (void)state;
    assert_null(answer(&r, CSIGD_HOOK_APPROVE, 200, "\"decision\":\"approve\"", FIELD));
    assert_int_equal(r.verb, CSIGD_HOOK_APPROVE);
    assert_null(answer_as(&r, &no, 200, "\"decision\":\"reject\",\"because\":\"no\"",
                          "countersign-hook-signature"));
    assert_string_equal(r.because, "no");
    assert_null(answer(&r, CSIGD_HOOK_IGNORE, 200, "\"decision\":\"ignore\"", FIELD));
    assert_null(answer_as(&r, &later, 200, "\"decision\":\"retry\",\"seconds\":300", FIELD));
    assert_int_equal(r.verb, CSIGD_HOOK_RETRY);
    assert_int_equal(r.seconds, 300);
    assert_null(answer(&r, CSIGD_HOOK_RETRY, 200, "\"decision\":\"retry\"", FIELD));
    assert_int_equal(r.seconds, 0);
}

/* How long and why are said by whoever has the key, or by nobody. */
static void all_of_it_is_signed(void **state)
{
    static const csigd_hook_reply no = {.verb = CSIGD_HOOK_REJECT, .because = "no"},
                                  later = {.verb = CSIGD_HOOK_RETRY, .seconds = 1};
    static const char *const others[] = {
        "\"decision\":\"reject\"", "\"decision\":\"reject\",\"because\":\"No\"",
        "\"decision\":\"reject\",\"because\":\"\"",
        "\"decision\":\"reject\",\"because\":\"no\",\"seconds\":1"};
    static const char not_by_it[] = "its answer is not signed with the pinned key";
    csigd_hook_reply r;

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_string_equal(answer_as(&r, &no, 200, others[i], FIELD), not_by_it);
    assert_string_equal(answer_as(&r, &later, 200, "\"decision\":\"retry\"", FIELD), not_by_it);
    assert_string_equal(answer_as(&r, &later, 200, "\"decision\":\"retry\",\"seconds\":300", FIELD),
                        not_by_it);
}

static void everything_else_is_none(void **state)
{
    static const char *const none[] = {"\"decision\":\"APPROVE\"",
                                       "\"decision\":\"\"",
                                       "\"a\":1",
                                       "\"decision\":\"approve\",\"more\":1",
                                       "\"decision\":\"approve\",\"seconds\":0",
                                       "\"decision\":\"approve\",\"seconds\":301",
                                       "\"decision\":\"approve\",\"decision\":\"approve\""};
    csigd_hook_reply r;

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_string_equal(answer(&r, CSIGD_HOOK_APPROVE, 200, none[i], FIELD),
                            "its answer is none");
    assert_non_null(answer(&r, CSIGD_HOOK_APPROVE, 201, "\"decision\":\"approve\"", FIELD));
    assert_string_equal(answer(&r, CSIGD_HOOK_APPROVE, 200, "\"decision\":\"approve\"", "Other"),
                        "its answer is not signed");
    assert_string_equal(answer(&r, CSIGD_HOOK_REJECT, 200, "\"decision\":\"approve\"", FIELD),
                        "its answer is not signed with the pinned key");
}

static void pauses_grow_to_a_minute(void **state)
{
    (void)state;
    assert_int_equal(csigd_hook_pause(1), 1);
    assert_int_equal(csigd_hook_pause(6), 32);
    assert_int_equal(csigd_hook_pause(7), CSIGD_HOOK_PAUSE_MAX);
    assert_int_equal(csigd_hook_pause(20), CSIGD_HOOK_PAUSE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_is_to_the_octet), cmocka_unit_test(answers_are_taken),
        cmocka_unit_test(all_of_it_is_signed),      cmocka_unit_test(everything_else_is_none),
        cmocka_unit_test(pauses_grow_to_a_minute),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
