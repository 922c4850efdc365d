/* Signed requests: the profile, and everything that is not it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/signed.h"

static void check(const signed_pair *p, int64_t now, csigd_auth want, const char *field)
{
    csigd_refusal why = {.error = CSIGD_AUTH_OK};

    assert_int_equal(signed_check_request(p, now, &why), want);
    assert_int_equal(why.error, want);
    assert_string_equal(why.field, field);
}

static void an_honest_request_is_taken(void **state)
{
    signed_pair p;

    (void)state;
    for (csigd_key_algorithm a = CSIGD_KEY_ED25519; a <= CSIGD_KEY_P256; a++) {
        signed_make(&p, a);
        check(&p, SIGNED_NOW, CSIGD_AUTH_OK, "");
        /* Case of names, blanks, order and further fields do not matter. */
        p.request.fields[1].name = "CONTENT-TYPE";
        p.request.fields[1].value = " application/json ";
        signed_set(&p.request, "User-Agent", "phone/1");
        check(&p, SIGNED_NOW, CSIGD_AUTH_OK, "");
    }
}

/* What a thief between client and server may try with a request that is not his. */
static void an_altered_request_is_refused(void **state)
{
    signed_pair p;
    csigd_message *m = &p.request.message;
    char digest[CSIGD_DIGEST_BYTES];

    (void)state;
    for (csigd_key_algorithm a = CSIGD_KEY_ED25519; a <= CSIGD_KEY_P256; a++) {
        signed_make(&p, a);
        m->method = "PUT";
        check(&p, SIGNED_NOW, CSIGD_AUTH_BAD_SIGNATURE, "");
        m->method = "POST";
        m->target = "/v1/wallets/01/requests?dry=1";
        check(&p, SIGNED_NOW, CSIGD_AUTH_BAD_SIGNATURE, "");
        m->target = "/v1/wallets/00/requests";
        check(&p, SIGNED_NOW, CSIGD_AUTH_BAD_SIGNATURE, "");
        m->target = "/v1/wallets/00/requests?dry=1";
        m->authority = "other.example";
        check(&p, SIGNED_NOW, CSIGD_AUTH_BAD_SIGNATURE, "");
        m->authority = "sign.example";
        m->scheme = "http";
        check(&p, SIGNED_NOW, CSIGD_AUTH_BAD_SIGNATURE, "");
        m->scheme = "https";
        signed_set(&p.request, "Content-Type", "text/plain");
        check(&p, SIGNED_NOW, CSIGD_AUTH_BAD_SIGNATURE, "");
        signed_set(&p.request, "Content-Type", "application/json");
        signed_set(&p.request, "Idempotency-Key", "\"order-2\"");
        check(&p, SIGNED_NOW, CSIGD_AUTH_BAD_SIGNATURE, "");
        signed_set(&p.request, "Idempotency-Key", "\"order-1\"");
        /* Another body: with the signed digest, and with its own. */
        csigd_digest_make(digest, (const uint8_t *)"{}", 2);
        signed_set(&p.request, "Content-Digest", digest);
        check(&p, SIGNED_NOW, CSIGD_AUTH_BAD_SIGNATURE, "");
        signed_set(&p.request, "Content-Digest", p.request.digest);
        check(&p, SIGNED_NOW, CSIGD_AUTH_OK, "");
        assert_int_equal(csigd_digest_verify(p.request.digest, (const uint8_t *)"{}", 2),
                         CSIGD_AUTH_DIGEST_MISMATCH);
    }
}

/* Fields that say what a message means may be neither added nor taken away. */
static void fields_are_not_added_or_removed(void **state)
{
    static const char *const added[] = {"Content-Encoding", "Prefer"};
    static const char *const there[] = {"Content-Type", "Content-Digest", "Idempotency-Key"};
    static const char *const lower[] = {"content-type", "content-digest", "idempotency-key"};
    signed_pair p;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        signed_make(&p, CSIGD_KEY_ED25519);
        signed_set(&p.request, added[i], "x");
        check(&p, SIGNED_NOW, CSIGD_AUTH_COVERAGE, i == 0 ? "content-encoding" : "prefer");
    }
    for (size_t i = 0; i < 3; i++) {
        signed_make(&p, CSIGD_KEY_ED25519);
        signed_set(&p.request, there[i], NULL);
        check(&p, SIGNED_NOW, CSIGD_AUTH_COMPONENT, lower[i]);
        /* A second one is joined to the first. */
        signed_make(&p, CSIGD_KEY_ED25519);
        signed_set(&p.request, lower[i], "x");
        check(&p, SIGNED_NOW, CSIGD_AUTH_BAD_SIGNATURE, "");
    }
    /* A body without a digest is for the body's check to refuse. */
    signed_make(&p, CSIGD_KEY_ED25519);
    signed_set(&p.request, "Content-Digest", NULL);
    signed_sign_request(&p, SIGNED_NONCE, SIGNED_NOW);
    check(&p, SIGNED_NOW, CSIGD_AUTH_DIGEST_MISSING, "");
}

/* What the server sends of its own accord is no request to a server. */
static void what_is_pushed_is_no_request(void **state)
{
    csigd_signature_fields fields;
    csigd_refusal why;
    signed_pair p;

    (void)state;
    signed_make(&p, CSIGD_KEY_ED25519);
    assert_int_equal(csigd_push_sign(&fields, &p.request.message, CSIGD_WEBHOOK_TAG, &p.server,
                                     SIGNED_NONCE, SIGNED_NOW, &why),
                     CSIGD_AUTH_OK);
    signed_set(&p.request, "Signature-Input", fields.input);
    signed_set(&p.request, "Signature", fields.signature);
    check(&p, SIGNED_NOW, CSIGD_AUTH_PARAMETER, "tag");
    assert_int_equal(csigd_push_sign(&fields, &p.request.message, CSIGD_WEBHOOK_TAG, &p.server,
                                     "too short", SIGNED_NOW, &why),
                     CSIGD_AUTH_PARAMETER);
}

/* --- what signers may get wrong --- */

#define COVERED                                                                                    \
    "csig=(\"@method\" \"@target-uri\" \"content-type\" \"content-digest\" \"idempotency-key\")"
#define TIMES ";created=1790000000;expires=1790000060"
#define NONCE ";nonce=\"" SIGNED_NONCE "\""
#define ALG   ";alg=\"ed25519\""
#define KEYID ";keyid=\"%s\""
#define TAG   ";tag=\"countersign-v1-request\""

static const struct {
    const char *input;
    csigd_auth error;
    const char *field;
} by_hand[] = {
    {COVERED TIMES NONCE ALG KEYID TAG, CSIGD_AUTH_OK, ""},
    {COVERED TAG KEYID ALG NONCE TIMES, CSIGD_AUTH_OK, ""},
    {"csig=(\"idempotency-key\" \"host\" \"@authority\" \"content-digest\" \"content-type\" "
     "\"@path\" \"@query\" \"@target-uri\" \"@method\")" TIMES NONCE ALG KEYID TAG,
     CSIGD_AUTH_OK, ""},
    /* coverage */
    {"csig=(\"@target-uri\" \"content-type\" \"content-digest\" \"idempotency-key\")" TIMES NONCE
         ALG KEYID TAG,
     CSIGD_AUTH_COVERAGE, "@method"},
    {"csig=(\"@method\" \"content-type\" \"content-digest\" \"idempotency-key\")" TIMES NONCE ALG
         KEYID TAG,
     CSIGD_AUTH_COVERAGE, "@target-uri"},
    {"csig=(\"@method\" \"@authority\" \"@path\" \"content-type\" \"content-digest\" "
     "\"idempotency-key\")" TIMES NONCE ALG KEYID TAG,
     CSIGD_AUTH_COVERAGE, "@target-uri"},
    {"csig=(\"@method\" \"@target-uri\" \"content-digest\" \"idempotency-key\")" TIMES NONCE ALG
         KEYID TAG,
     CSIGD_AUTH_COVERAGE, "content-type"},
    {"csig=(\"@method\" \"@target-uri\" \"content-type\" \"idempotency-key\")" TIMES NONCE ALG KEYID
         TAG,
     CSIGD_AUTH_COVERAGE, "content-digest"},
    {"csig=(\"@method\" \"@target-uri\" \"content-type\" \"content-digest\")" TIMES NONCE ALG KEYID
         TAG,
     CSIGD_AUTH_COVERAGE, "idempotency-key"},
    {"csig=()" TIMES NONCE ALG KEYID TAG, CSIGD_AUTH_COVERAGE, "@method"},
    /* components */
    {"csig=(\"@method\" \"@target-uri\" \"content-type\" \"content-digest\" \"idempotency-key\" "
     "\"@method\")" TIMES NONCE ALG KEYID TAG,
     CSIGD_AUTH_COMPONENT, "@method"},
    {"csig=(\"@method\" \"@target-uri\" \"content-type\" \"content-digest\" \"idempotency-key\" "
     "\"@status\")" TIMES NONCE ALG KEYID TAG,
     CSIGD_AUTH_COMPONENT, "@status"},
    {"csig=(\"@method\";req \"@target-uri\" \"content-type\" \"content-digest\" "
     "\"idempotency-key\")" TIMES NONCE ALG KEYID TAG,
     CSIGD_AUTH_COVERAGE, "@method"},
    /* parameters */
    {COVERED ";expires=1790000060" NONCE ALG KEYID TAG, CSIGD_AUTH_PARAMETER, "created"},
    {COVERED ";created=1790000000" NONCE ALG KEYID TAG, CSIGD_AUTH_PARAMETER, "expires"},
    {COVERED TIMES ALG KEYID TAG, CSIGD_AUTH_PARAMETER, "nonce"},
    {COVERED TIMES NONCE KEYID TAG, CSIGD_AUTH_PARAMETER, "alg"},
    {COVERED TIMES NONCE ALG TAG, CSIGD_AUTH_PARAMETER, "keyid"},
    {COVERED TIMES NONCE ALG KEYID, CSIGD_AUTH_PARAMETER, "tag"},
    {COVERED TIMES NONCE ALG KEYID TAG ";x=1", CSIGD_AUTH_PARAMETER, "x"},
    {COVERED TIMES NONCE ALG KEYID TAG ";sig", CSIGD_AUTH_PARAMETER, "sig"},
    {COVERED TIMES ";nonce=\"0123456789abcde\"" ALG KEYID TAG, CSIGD_AUTH_PARAMETER, "nonce"},
    {COVERED TIMES ";nonce=0123456789" ALG KEYID TAG, CSIGD_AUTH_PARAMETER, "nonce"},
    {COVERED TIMES ";nonce=abcdefghijklmnop" ALG KEYID TAG, CSIGD_AUTH_PARAMETER, "nonce"},
    {COVERED TIMES ";nonce=\"" SIGNED_NONCE SIGNED_NONCE "x\"" ALG KEYID TAG, CSIGD_AUTH_PARAMETER,
     "nonce"},
    {COVERED TIMES NONCE ";alg=\"hmac-sha256\"" KEYID TAG, CSIGD_AUTH_PARAMETER, "alg"},
    {COVERED TIMES NONCE ";alg=\"rsa-pss-sha512\"" KEYID TAG, CSIGD_AUTH_PARAMETER, "alg"},
    {COVERED TIMES NONCE ";alg=\"\"" KEYID TAG, CSIGD_AUTH_PARAMETER, "alg"},
    {COVERED TIMES NONCE ALG ";keyid=\"phone\"" TAG, CSIGD_AUTH_PARAMETER, "keyid"},
    {COVERED TIMES NONCE ALG KEYID ";tag=\"countersign-v1-response\"", CSIGD_AUTH_PARAMETER, "tag"},
    {COVERED TIMES NONCE ALG KEYID ";tag=\"\"", CSIGD_AUTH_PARAMETER, "tag"},
    {COVERED ";created=\"1790000000\";expires=1790000060" NONCE ALG KEYID TAG, CSIGD_AUTH_PARAMETER,
     "created"},
    {COVERED ";created=-1;expires=59" NONCE ALG KEYID TAG, CSIGD_AUTH_PARAMETER, "created"},
    /* the algorithm is the key's */
    {COVERED TIMES NONCE ";alg=\"ecdsa-p256-sha256\"" KEYID TAG, CSIGD_AUTH_BAD_SIGNATURE, ""},
    /* windows */
    {COVERED ";created=1790000000;expires=1790000061" NONCE ALG KEYID TAG, CSIGD_AUTH_WINDOW,
     "expires"},
    {COVERED ";created=1790000000;expires=1790000000" NONCE ALG KEYID TAG, CSIGD_AUTH_WINDOW,
     "expires"},
    {COVERED ";created=1790000001;expires=1790000000" NONCE ALG KEYID TAG, CSIGD_AUTH_WINDOW,
     "expires"},
    {COVERED ";created=0;expires=999999999999999" NONCE ALG KEYID TAG, CSIGD_AUTH_WINDOW,
     "expires"},
    {COVERED ";created=1790000031;expires=1790000060" NONCE ALG KEYID TAG, CSIGD_AUTH_EARLY,
     "created"},
    {COVERED ";created=1790000030;expires=1790000060" NONCE ALG KEYID TAG, CSIGD_AUTH_OK, ""},
    {COVERED ";created=1789999940;expires=1790000000" NONCE ALG KEYID TAG, CSIGD_AUTH_OK, ""},
    {COVERED ";created=1789999939;expires=1789999999" NONCE ALG KEYID TAG, CSIGD_AUTH_EXPIRED,
     "expires"},
    /* the field itself */
    {"csig=1", CSIGD_AUTH_MALFORMED, "signature-input"},
    {"csig", CSIGD_AUTH_MALFORMED, "signature-input"},
    {"", CSIGD_AUTH_MALFORMED, "signature-input"},
    {"csig=(", CSIGD_AUTH_MALFORMED, "signature-input"},
    {COVERED TIMES NONCE NONCE ALG KEYID TAG, CSIGD_AUTH_MALFORMED, "signature-input"},
    {COVERED TIMES NONCE ALG KEYID TAG ", csig=()", CSIGD_AUTH_MALFORMED, "signature-input"},
    {COVERED TIMES NONCE ALG KEYID TAG ", other=()", CSIGD_AUTH_MALFORMED, "signature-input"},
    {"other=()" TIMES NONCE ALG KEYID TAG, CSIGD_AUTH_MALFORMED, "signature"},
};

static void what_is_not_of_the_profile_is_named(void **state)
{
    signed_pair p;

    (void)state;
    for (size_t i = 0; i < sizeof by_hand / sizeof by_hand[0]; i++) {
        signed_make(&p, CSIGD_KEY_ED25519);
        signed_by_hand(&p, by_hand[i].input);
        check(&p, SIGNED_NOW, by_hand[i].error, by_hand[i].field);
    }
}

static void the_window_is_that_of_the_callers_clock(void **state)
{
    signed_pair p;

    (void)state;
    signed_make(&p, CSIGD_KEY_ED25519);
    check(&p, SIGNED_NOW - CSIGD_SIGNATURE_SKEW - 1, CSIGD_AUTH_EARLY, "created");
    check(&p, SIGNED_NOW - CSIGD_SIGNATURE_SKEW, CSIGD_AUTH_OK, "");
    check(&p, SIGNED_NOW + CSIGD_SIGNATURE_SECONDS, CSIGD_AUTH_OK, "");
    check(&p, SIGNED_NOW + CSIGD_SIGNATURE_SECONDS + 1, CSIGD_AUTH_EXPIRED, "expires");
}

static void the_fields_of_the_signature_are_exact(void **state)
{
    static const char *const malformed[] = {
        "csig=:AAAA:", "csig", "csig=()", "", "csig=\"AAAA\"", "csig=:AAAA",
    };
    signed_pair p;
    char text[512];

    (void)state;
    signed_make(&p, CSIGD_KEY_ED25519);
    signed_set(&p.request, "Signature", NULL);
    check(&p, SIGNED_NOW, CSIGD_AUTH_MALFORMED, "signature");
    signed_set(&p.request, "Signature-Input", NULL);
    check(&p, SIGNED_NOW, CSIGD_AUTH_MISSING, "");
    signed_make(&p, CSIGD_KEY_ED25519);
    signed_set(&p.request, "Signature-Input", NULL);
    check(&p, SIGNED_NOW, CSIGD_AUTH_MALFORMED, "signature-input");
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        signed_make(&p, CSIGD_KEY_ED25519);
        signed_set(&p.request, "Signature", malformed[i]);
        check(&p, SIGNED_NOW, CSIGD_AUTH_MALFORMED, "signature");
    }
    /* Another label in one of them, a parameter, a second signature, a second line. */
    signed_make(&p, CSIGD_KEY_ED25519);
    (void)snprintf(text, sizeof text, "x%s", p.request.made.signature);
    signed_set(&p.request, "Signature", text);
    check(&p, SIGNED_NOW, CSIGD_AUTH_MALFORMED, "signature");
    (void)snprintf(text, sizeof text, "%s;a", p.request.made.signature);
    signed_set(&p.request, "Signature", text);
    check(&p, SIGNED_NOW, CSIGD_AUTH_MALFORMED, "signature");
    (void)snprintf(text, sizeof text, "%s, b=:AA==:", p.request.made.signature);
    signed_set(&p.request, "Signature", text);
    check(&p, SIGNED_NOW, CSIGD_AUTH_MALFORMED, "signature");
    signed_set(&p.request, "Signature", p.request.made.signature);
    check(&p, SIGNED_NOW, CSIGD_AUTH_OK, "");
    signed_set(&p.request, "signature", p.request.made.signature);
    check(&p, SIGNED_NOW, CSIGD_AUTH_MALFORMED, "signature");
    signed_set(&p.request, "signature", NULL);
    signed_set(&p.request, "signature-input", p.request.made.input);
    check(&p, SIGNED_NOW, CSIGD_AUTH_MALFORMED, "signature-input");
}

static void only_the_key_that_is_named_is_asked(void **state)
{
    signed_pair p, other;
    csigd_refusal why;
    csigd_proof proof;

    (void)state;
    for (csigd_key_algorithm a = CSIGD_KEY_ED25519; a <= CSIGD_KEY_P256; a++) {
        signed_make(&p, a);
        signed_make(&other, a);
        assert_int_equal(csigd_request_open(&proof, &p.request.message, SIGNED_NOW, &why),
                         CSIGD_AUTH_OK);
        assert_int_equal(csigd_request_verify(&proof, &p.client.key, &why), CSIGD_AUTH_OK);
        assert_int_equal(csigd_request_verify(&proof, &other.client.key, &why),
                         CSIGD_AUTH_BAD_SIGNATURE);
        /* A key that is not known: the same words. */
        assert_int_equal(csigd_request_verify(&proof, NULL, &why), CSIGD_AUTH_BAD_SIGNATURE);
        assert_string_equal(why.field, "");
        /* Signed by the other with the first one's name. */
        proof.signature.params.keyid[0] ^= 1;
        assert_int_equal(csigd_request_verify(&proof, &p.client.key, &why),
                         CSIGD_AUTH_BAD_SIGNATURE);
    }
}

/* The keys that stand in for unknown ones are the generators: everybody can sign with that of
 * P-256. */
static void the_stand_in_for_an_unknown_key_opens_nothing(void **state)
{
    static const uint8_t one_and_generator[CSIGD_KEY_SECRET_BYTES] = {
        [31] = 0x01, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5,
        0x63,        0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4,
        0xa1,        0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a,
        0x7f,        0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33,
        0x57,        0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};
    csigd_refusal why;
    csigd_proof proof;
    signed_pair p;

    (void)state;
    signed_make(&p, CSIGD_KEY_P256);
    memcpy(p.client_secret.octets, one_and_generator, sizeof one_and_generator);
    assert_int_equal(csigd_signer_of(&p.client, &p.client_secret), CSIGD_AUTH_OK);
    signed_sign_request(&p, SIGNED_NONCE, SIGNED_NOW);
    check(&p, SIGNED_NOW, CSIGD_AUTH_OK, "");
    assert_int_equal(csigd_request_open(&proof, &p.request.message, SIGNED_NOW, &why),
                     CSIGD_AUTH_OK);
    assert_int_equal(csigd_request_verify(&proof, NULL, &why), CSIGD_AUTH_BAD_SIGNATURE);
}

static void a_signer_that_fails_signs_nothing(void **state)
{
    csigd_signature_fields fields;
    csigd_refusal why;
    signed_pair p;
    static char target[CSIGD_BASE_MAX + 2];

    (void)state;
    signed_make(&p, CSIGD_KEY_P256);
    assert_int_equal(
        csigd_request_sign(&fields, &p.request.message, &p.client, "short", SIGNED_NOW, &why),
        CSIGD_AUTH_PARAMETER);
    memset(p.client_secret.octets, 0, 32); /* no secret number */
    assert_int_equal(
        csigd_request_sign(&fields, &p.request.message, &p.client, SIGNED_NONCE, SIGNED_NOW, &why),
        CSIGD_AUTH_SIGNER);
    memset(target, '/', sizeof target - 1);
    p.request.message.target = target;
    assert_int_equal(
        csigd_request_sign(&fields, &p.request.message, &p.client, SIGNED_NONCE, SIGNED_NOW, &why),
        CSIGD_AUTH_TOO_LONG);
    check(&p, SIGNED_NOW, CSIGD_AUTH_TOO_LONG, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_honest_request_is_taken),
        cmocka_unit_test(an_altered_request_is_refused),
        cmocka_unit_test(fields_are_not_added_or_removed),
        cmocka_unit_test(what_is_pushed_is_no_request),
        cmocka_unit_test(what_is_not_of_the_profile_is_named),
        cmocka_unit_test(the_window_is_that_of_the_callers_clock),
        cmocka_unit_test(the_fields_of_the_signature_are_exact),
        cmocka_unit_test(only_the_key_that_is_named_is_asked),
        cmocka_unit_test(the_stand_in_for_an_unknown_key_opens_nothing),
        cmocka_unit_test(a_signer_that_fails_signs_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
