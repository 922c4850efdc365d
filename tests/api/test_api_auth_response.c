/* Signed responses: they answer one request, and say nothing that was not signed. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "api/signed.h"

static void check(const signed_pair *p, csigd_auth want, const char *field)
{
    csigd_refusal why = {.error = CSIGD_AUTH_OK};

    assert_int_equal(signed_check_response(p, &why), want);
    assert_string_equal(why.field, field);
}

static void an_honest_response_is_taken(void **state)
{
    csigd_refusal why;
    int64_t created = 0;
    signed_pair p;

    (void)state;
    signed_make(&p, CSIGD_KEY_P256);
    check(&p, CSIGD_AUTH_OK, "");
    assert_int_equal(csigd_response_verify(&p.response.message, &p.server.key, &created, &why),
                     CSIGD_AUTH_OK);
    assert_int_equal(created, SIGNED_NOW + 1);
}

static void an_altered_response_is_refused(void **state)
{
    char digest[CSIGD_DIGEST_BYTES];
    signed_pair p;

    (void)state;
    signed_make(&p, CSIGD_KEY_ED25519);
    p.response.message.status = 200;
    check(&p, CSIGD_AUTH_BAD_SIGNATURE, "");
    p.response.message.status = 201;
    signed_set(&p.response, "Countersign-Session", "done");
    check(&p, CSIGD_AUTH_BAD_SIGNATURE, "");
    signed_set(&p.response, "Countersign-Session", NULL);
    check(&p, CSIGD_AUTH_COMPONENT, "countersign-session");
    signed_set(&p.response, "Countersign-Session", "running");
    check(&p, CSIGD_AUTH_OK, "");
    csigd_digest_make(digest, (const uint8_t *)"{}", 2);
    signed_set(&p.response, "Content-Digest", digest);
    check(&p, CSIGD_AUTH_BAD_SIGNATURE, "");
    signed_set(&p.response, "Content-Digest", p.response.digest);
    signed_set(&p.response, "Location", "https://evil.example");
    check(&p, CSIGD_AUTH_COVERAGE, "location");
    signed_set(&p.response, "Location", NULL);
    signed_set(&p.response, "Retry-After", "9");
    check(&p, CSIGD_AUTH_COVERAGE, "retry-after");
    signed_set(&p.response, "Retry-After", NULL);
    signed_set(&p.response, "Signature", NULL);
    signed_set(&p.response, "Signature-Input", NULL);
    check(&p, CSIGD_AUTH_MISSING, "");
}

/* Somebody else's answer, or an older one of our own, even to the very same request. */
static void a_response_to_another_request_is_refused(void **state)
{
    signed_pair p, thief;

    (void)state;
    signed_make(&p, CSIGD_KEY_ED25519);
    signed_sign_request(&p, "another nonce of 16 and more", SIGNED_NOW);
    check(&p, CSIGD_AUTH_BAD_SIGNATURE, "");
    signed_sign_response(&p, SIGNED_NOW + 2);
    check(&p, CSIGD_AUTH_OK, "");

    /* A thief with a key of his own asks for the same with the same nonce. */
    signed_make(&thief, CSIGD_KEY_ED25519);
    thief.server = p.server;
    thief.server.context = &p.server_secret;
    signed_sign_request(&p, SIGNED_NONCE, SIGNED_NOW);
    signed_sign_response(&thief, SIGNED_NOW + 1);
    thief.response.message.request = &p.request.message;
    p.response = thief.response;
    check(&p, CSIGD_AUTH_BAD_SIGNATURE, "");
}

static void a_response_that_leaves_the_request_out_is_refused(void **state)
{
    signed_pair p;
    csigd_message bare;

    (void)state;
    signed_make(&p, CSIGD_KEY_ED25519);
    /* The server answered what came without a signature: the client, who signed, will not have it.
     */
    bare = p.request.message;
    bare.n_fields = 4;
    p.response.message.request = &bare;
    assert_int_equal(csigd_response_sign(&p.response.made, &p.response.message, &p.server,
                                         SIGNED_NOW, &(csigd_refusal){.error = CSIGD_AUTH_OK}),
                     CSIGD_AUTH_OK);
    check(&p, CSIGD_AUTH_OK, "");
    p.response.message.request = &p.request.message;
    check(&p, CSIGD_AUTH_COVERAGE, "signature-input");
}

static void a_message_of_the_other_kind_is_none(void **state)
{
    csigd_refusal why;
    csigd_proof proof;
    int64_t created;
    signed_pair p;

    (void)state;
    signed_make(&p, CSIGD_KEY_ED25519);
    assert_int_equal(csigd_response_verify(&p.request.message, &p.client.key, &created, &why),
                     CSIGD_AUTH_PARAMETER);
    assert_int_equal(csigd_request_open(&proof, &p.response.message, SIGNED_NOW, &why),
                     CSIGD_AUTH_PARAMETER);
    assert_int_equal(csigd_response_verify(&p.response.message, &p.client.key, &created, &why),
                     CSIGD_AUTH_BAD_SIGNATURE);
}

static void every_error_has_its_words(void **state)
{
    csigd_refusal why;

    (void)state;
    for (unsigned e = CSIGD_AUTH_OK; e < CSIGD_AUTH_COUNT; e++) {
        const unsigned status = csigd_auth_status((csigd_auth)e);

        assert_true(e == CSIGD_AUTH_OK ? status == 200 : status >= 400 && status < 600);
        assert_true(strlen(csigd_auth_text((csigd_auth)e)) > 0);
        for (unsigned k = 0; k < e; k++)
            assert_string_not_equal(csigd_auth_name((csigd_auth)e), csigd_auth_name((csigd_auth)k));
    }
    assert_int_equal(csigd_auth_status(CSIGD_AUTH_REPLAY), 401);
    assert_string_equal(csigd_auth_name(CSIGD_AUTH_REPLAY), "replay-detected");
    assert_int_equal(csigd_refuse(&why, CSIGD_AUTH_COVERAGE, "a\nb"), CSIGD_AUTH_COVERAGE);
    assert_string_equal(why.field, "a");
    csigd_refuse(&why, CSIGD_AUTH_COVERAGE,
                 "a23456789012345678901234567890123456789012345678901234567890123456789");
    assert_int_equal(strlen(why.field), sizeof why.field - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_honest_response_is_taken),
        cmocka_unit_test(an_altered_response_is_refused),
        cmocka_unit_test(a_response_to_another_request_is_refused),
        cmocka_unit_test(a_response_that_leaves_the_request_out_is_refused),
        cmocka_unit_test(a_message_of_the_other_kind_is_none),
        cmocka_unit_test(every_error_has_its_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
