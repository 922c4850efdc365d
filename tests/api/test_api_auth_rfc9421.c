/* RFC 9421, appendix B: its keys, messages, signature bases and signatures. The RSA and HMAC ones
 * are not taken by us; that OpenSSL accepts them over our base says that the base is right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/hmac.h>

#include "api/judge.h"
#include "auth/digest.h"
#include "auth/signature.h"

/* --- B.1: keys --- */

static const char rsa_pss_public[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2\n"
    "+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+\n"
    "oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq\n"
    "gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W\n"
    "Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4\n"
    "aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI\n"
    "2wIDAQAB\n"
    "-----END PUBLIC KEY-----\n";
static const char p256_public[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf\n"
    "w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==\n"
    "-----END PUBLIC KEY-----\n";
static const char ed25519_public[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n"
    "-----END PUBLIC KEY-----\n";
static const char ed25519_secret[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n"
    "-----END PRIVATE KEY-----\n";
static const char shared_secret[] =
    "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==";

/* --- B.2, B.3, B.4: messages --- */

#define DIGEST                                                                                     \
    "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXv"  \
    "Jwew==:"
#define RESPONSE_DIGEST                                                                            \
    "sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aG"  \
    "gfLQ==:"
#define CLIENT_CERT                                                                                \
    ":MIIBqDCCAU6gAwIBAgIBBzAKBggqhkjOPQQDAjA6MRswGQYDVQQKDBJMZXQncyBBdXRoZW50aWNhdGUxGzAZBgNVBA"  \
    "MMEkxBIEludGVybWVkaWF0ZSBDQTAeFw0yMDAxMTQyMjU1MzNaFw0yMTAxMjMyMjU1MzNaMA0xCzAJBgNVBAMMAkJDMF" \
    "kwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8YnXXfaUgmnMtOXU/IncWalRhebrXmckC8vdgJ1p5Be5F/3YC8OthxM4+k" \
    "1M6aEAEFcGzkJiNy6J84y7uzo9M6NyMHAwCQYDVR0TBAIwADAfBgNVHSMEGDAWgBRm3WjLa38lbEYCuiCPct0ZaSED2D" \
    "AOBgNVHQ8BAf8EBAMCBsAwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYDVR0RAQH/BBMwEYEPYmRjQGV4YW1wbGUuY29tMA" \
    "oGCCqGSM49BAMCA0gAMEUCIBHda/r1vaL6G3VliL4/Di6YK0Q6bMjeSkC3dFCOOB8TAiEAx/kHSB4urmiZ0NX5r5Xarm" \
    "Pk0wmuydBVoU4hBVZ1yhk=:"

static const csigd_field request_fields[] = {
    {"Host", "example.com"},
    {"Date", "Tue, 20 Apr 2021 02:07:55 GMT"},
    {"Content-Type", "application/json"},
    {"Content-Digest", DIGEST},
    {"Content-Length", "18"},
};
static const csigd_field response_fields[] = {
    {"Date", "Tue, 20 Apr 2021 02:07:56 GMT"},
    {"Content-Type", "application/json"},
    {"Content-Digest", RESPONSE_DIGEST},
    {"Content-Length", "23"},
};
static const csigd_field proxy_fields[] = {
    {"Host", "service.internal.example"},
    {"Client-Cert", CLIENT_CERT},
};
static const csigd_field transform_fields[] = {
    {"Host", "example.org"},
    {"Date", "Fri, 15 Jul 2022 14:24:55 GMT"},
    {"Accept", "application/json"},
    {"Accept", "*/*"},
};

#define FIELDS(f) .fields = (f), .n_fields = sizeof(f) / sizeof(f)[0]

static const csigd_message request = {.method = "POST",
                                      .scheme = "https",
                                      .authority = "example.com",
                                      .target = "/foo?param=Value&Pet=dog",
                                      FIELDS(request_fields)};
static const csigd_message response = {.status = 200, FIELDS(response_fields)};
static const csigd_message proxied = {.method = "POST",
                                      .scheme = "https",
                                      .authority = "service.internal.example",
                                      .target = "/foo?param=Value&Pet=dog",
                                      FIELDS(proxy_fields)};
static const csigd_message transform = {.method = "GET",
                                        .scheme = "https",
                                        .authority = "example.org",
                                        .target = "/demo?name1=Value1&Name2=value2",
                                        FIELDS(transform_fields)};

/* --- the signatures --- */

typedef struct vector {
    const csigd_message *message;
    const char *pem; /* NULL: the shared secret */
    const char *input;
    const char *covered; /* the base without its last line */
    const char *signature;
} vector;

static const vector vectors[] = {
    {&request, rsa_pss_public,
     "();created=1618884473;keyid=\"test-key-rsa-pss\";nonce=\"b3k2pp5k7z-50gnwp.yemd\"", "",
     "d2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8U"
     "dx7zFZsckzXaJMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJz"
     "sPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s"
     "++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q=="},
    {&request, rsa_pss_public,
     "(\"date\" \"@method\" \"@path\" \"@query\" \"@authority\" \"content-type\" "
     "\"content-digest\" "
     "\"content-length\");created=1618884473;keyid=\"test-key-rsa-pss\"",
     "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n"
     "\"@method\": POST\n"
     "\"@path\": /foo\n"
     "\"@query\": ?param=Value&Pet=dog\n"
     "\"@authority\": example.com\n"
     "\"content-type\": application/json\n"
     "\"content-digest\": " DIGEST "\n"
     "\"content-length\": 18\n",
     "bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5"
     "p2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aY"
     "A2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+Q"
     "IF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA=="},
    {&response, p256_public,
     "(\"@status\" \"content-type\" \"content-digest\" "
     "\"content-length\");created=1618884473;keyid="
     "\"test-key-ecc-p256\"",
     "\"@status\": 200\n"
     "\"content-type\": application/json\n"
     "\"content-digest\": " RESPONSE_DIGEST "\n"
     "\"content-length\": 23\n",
     "wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw=="},
    {&request, NULL,
     "(\"date\" \"@authority\" \"content-type\");created=1618884473;keyid=\"test-shared-secret\"",
     "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n"
     "\"@authority\": example.com\n"
     "\"content-type\": application/json\n",
     "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="},
    {&request, ed25519_public,
     "(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \"content-length\");created="
     "1618884473;keyid=\"test-key-ed25519\"",
     "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n"
     "\"@method\": POST\n"
     "\"@path\": /foo\n"
     "\"@authority\": example.com\n"
     "\"content-type\": application/json\n"
     "\"content-length\": 18\n",
     "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="},
    {&proxied, p256_public,
     "(\"@path\" \"@query\" \"@method\" \"@authority\" \"client-cert\");created=1618884473;keyid="
     "\"test-key-ecc-p256\"",
     "\"@path\": /foo\n"
     "\"@query\": ?param=Value&Pet=dog\n"
     "\"@method\": POST\n"
     "\"@authority\": service.internal.example\n"
     "\"client-cert\": " CLIENT_CERT "\n",
     "xVMHVpawaAC/0SbHrKRs9i8I3eOs5RtTMGCWXm/9nvZzoHsIg6Mce9315T6xoklyy0yzhD9ah4JHRwMLOgmizw=="},
    {&transform, ed25519_public,
     "(\"@method\" \"@path\" \"@authority\" \"accept\");created=1618884473;keyid=\"test-key-ed25519"
     "\"",
     "\"@method\": GET\n"
     "\"@path\": /demo\n"
     "\"@authority\": example.org\n"
     "\"accept\": application/json, */*\n",
     "ZT1kooQsEHpZ0I1IjCqtQppOmIqlJPeo7DHR3SoMn0s5JZ1eRGS0A+vyYP9t/LXlh5QMFFQ6cpLt2m0pmj3NDA=="},
};

#define N_VECTORS (sizeof vectors / sizeof vectors[0])

static size_t base64(uint8_t *out, const char *text)
{
    const int len = EVP_DecodeBlock(out, (const uint8_t *)text, (int)strlen(text));
    const char *pad = strchr(text, '=');

    assert_true(len > 0);
    return (size_t)len - (pad != NULL ? strlen(pad) : 0);
}

static csigd_auth base_of(csigd_text *out, const csigd_message *m, const char *input)
{
    csigd_refusal why;
    csigd_sf sf;
    char field[1024];

    (void)snprintf(field, sizeof field, "sig=%s", input);
    assert_true(csigd_sf_dictionary_is_read(&sf, field, strlen(field)));
    return csigd_base_make(out, m, &sf, 0, &why);
}

static bool is_signed(const vector *v, const csigd_text *base)
{
    uint8_t signature[512], secret[128], mac[EVP_MAX_MD_SIZE];
    const size_t len = base64(signature, v->signature);
    EVP_PKEY *key;
    bool good;

    if (v->pem == NULL) {
        assert_non_null(HMAC(EVP_sha256(), secret, (int)base64(secret, shared_secret),
                             (const uint8_t *)base->at, base->len, mac, NULL));
        return len == 32 && memcmp(mac, signature, len) == 0;
    }
    key = judge_public(v->pem);
    good = judge_accepts(key, base->at, base->len, signature, len);
    EVP_PKEY_free(key);
    return good;
}

static void the_bases_are_those_that_were_signed(void **state)
{
    char text[CSIGD_BASE_MAX], want[CSIGD_BASE_MAX];

    (void)state;
    for (size_t i = 0; i < N_VECTORS; i++) {
        const vector *v = &vectors[i];
        csigd_text base = csigd_text_in(text, sizeof text);

        (void)snprintf(want, sizeof want, "%s\"@signature-params\": %s", v->covered, v->input);
        assert_int_equal(base_of(&base, v->message, v->input), CSIGD_AUTH_OK);
        assert_string_equal(text, want);
        assert_true(is_signed(v, &base));
        text[base.len - 1] ^= 1;
        assert_false(is_signed(v, &base));
    }
}

/* The whole way: two fields in the message, read, base, key. */
static csigd_auth verify(const csigd_message *m, const char *label, const char *input,
                         const char *signature, const char *pem)
{
    char input_field[1024], signature_field[512], base[CSIGD_BASE_MAX];
    csigd_text t = csigd_text_in(base, sizeof base);
    csigd_field fields[8];
    csigd_message copy = *m;
    uint8_t der[CSIGD_KEY_PUBLIC_MAX];
    csigd_refusal why;
    csigd_signature s;
    csigd_key key;
    EVP_PKEY *pkey = judge_public(pem);
    csigd_auth error;

    assert_int_equal(csigd_key_read(&key, der, judge_der(der, sizeof der, pkey)), CSIGD_AUTH_OK);
    EVP_PKEY_free(pkey);
    (void)snprintf(input_field, sizeof input_field, "%s=%s", label, input);
    (void)snprintf(signature_field, sizeof signature_field, "%s=:%s:", label, signature);
    memcpy(fields, m->fields, m->n_fields * sizeof *fields);
    fields[m->n_fields] = (csigd_field){"Signature-Input", input_field};
    fields[m->n_fields + 1] = (csigd_field){"Signature", signature_field};
    copy.fields = fields;
    copy.n_fields = m->n_fields + 2;
    error = csigd_signature_read(&s, &copy, &why);
    if (error == CSIGD_AUTH_OK) error = csigd_signature_base(&t, &s, &copy, &why);
    if (error != CSIGD_AUTH_OK) return error;
    return csigd_key_verify(&key, (const uint8_t *)t.at, t.len, s.octets, sizeof s.octets);
}

static csigd_auth verify_vector(size_t i, const csigd_message *m)
{
    const vector *v = &vectors[i];

    return verify(m, "sig-b", v->input, v->signature, v->pem);
}

static void ed25519_and_p256_signatures_verify(void **state)
{
    (void)state;
    assert_int_equal(verify_vector(2, &response), CSIGD_AUTH_OK);
    assert_int_equal(verify_vector(4, &request), CSIGD_AUTH_OK);
    assert_int_equal(verify_vector(5, &proxied), CSIGD_AUTH_OK);
    assert_int_equal(verify_vector(6, &transform), CSIGD_AUTH_OK);
    /* Another key, and a message the signature is not of. */
    assert_int_equal(verify(&request, "a", vectors[4].input, vectors[4].signature, p256_public),
                     CSIGD_AUTH_BAD_SIGNATURE);
    assert_int_equal(verify_vector(4, &proxied), CSIGD_AUTH_COMPONENT);
    /* RSA and HMAC are no signatures of ours. */
    assert_int_equal(verify(&request, "a", vectors[1].input, vectors[1].signature, p256_public),
                     CSIGD_AUTH_MALFORMED);
}

/* B.2.2 covers @query-param, which we do not take: @target-uri has the whole. */
static void a_query_parameter_alone_is_not_taken(void **state)
{
    char text[CSIGD_BASE_MAX];
    csigd_text base = csigd_text_in(text, sizeof text);

    (void)state;
    assert_int_equal(
        base_of(&base, &request,
                "(\"@authority\" \"content-digest\" \"@query-param\";name=\"Pet\");"
                "created=1618884473;keyid=\"test-key-rsa-pss\";tag=\"header-example\""),
        CSIGD_AUTH_COMPONENT);
}

/* B.4: what may be changed on the way, and what may not. */
static void transformations_are_judged_as_the_rfc_says(void **state)
{
    static const csigd_field more[] = {
        {"Host", "example.org"},
        {"Accept-Language", "en-US,en;q=0.5"},
        {"Accept", "application/json"},
        {"Date", "Fri, 15 Jul 2022 14:24:55 GMT"},
        {"Accept", "*/*"},
    };
    static const csigd_field joined[] = {{"accept", " application/json, */* "}};
    static const csigd_field swapped[] = {{"Accept", "*/*"}, {"Accept", "application/json"}};
    csigd_message m = transform;

    (void)state;
    m.fields = more;
    m.n_fields = 5;
    m.target = "/demo?name1=Value1&Name2=value2&param=added";
    assert_int_equal(verify_vector(6, &m), CSIGD_AUTH_OK);
    m.fields = joined;
    m.n_fields = 1;
    assert_int_equal(verify_vector(6, &m), CSIGD_AUTH_OK);
    m.fields = swapped;
    m.n_fields = 2;
    assert_int_equal(verify_vector(6, &m), CSIGD_AUTH_BAD_SIGNATURE);
    m = transform;
    m.method = "POST";
    assert_int_equal(verify_vector(6, &m), CSIGD_AUTH_BAD_SIGNATURE);
    m = transform;
    m.authority = "example.com";
    assert_int_equal(verify_vector(6, &m), CSIGD_AUTH_BAD_SIGNATURE);
}

/* Ed25519 is deterministic: ours is the RFC's, to the octet. */
static void we_make_the_rfcs_signature(void **state)
{
    static const csigd_component covered[] = {
        {"date", false},       {"@method", false},      {"@path", false},
        {"@authority", false}, {"content-type", false}, {"content-length", false},
    };
    const csigd_signature_params params = {.set = (unsigned)CSIGD_PARAM_CREATED | CSIGD_PARAM_KEYID,
                                           .created = 1618884473,
                                           .keyid = "test-key-ed25519"};
    csigd_key_secret secret = {.algorithm = CSIGD_KEY_ED25519};
    EVP_PKEY *key = judge_secret(ed25519_secret);
    size_t len = 32;
    csigd_signature_fields fields;
    csigd_signer signer;
    csigd_refusal why;

    (void)state;
    assert_int_equal(EVP_PKEY_get_raw_private_key(key, secret.octets, &len), 1);
    EVP_PKEY_free(key);
    assert_int_equal(csigd_signer_of(&signer, &secret), CSIGD_AUTH_OK);
    assert_int_equal(
        csigd_signature_make(&fields, &request, "sig-b26", covered, 6, &params, &signer, &why),
        CSIGD_AUTH_OK);
    assert_string_equal(fields.input + strlen("sig-b26="), vectors[4].input);
    assert_string_equal(
        fields.signature,
        "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQ"
        "v5lIp5WPpBKRCw==:");
}

static void the_digests_are_of_the_bodies(void **state)
{
    static const char body[] = "{\"hello\": \"world\"}";
    static const char answer[] = "{\"message\": \"good dog\"}";

    (void)state;
    assert_int_equal(csigd_digest_verify(DIGEST, (const uint8_t *)body, 18), CSIGD_AUTH_OK);
    assert_int_equal(csigd_digest_verify(DIGEST, (const uint8_t *)body, 17),
                     CSIGD_AUTH_DIGEST_MISMATCH);
    assert_int_equal(csigd_digest_verify(RESPONSE_DIGEST, (const uint8_t *)answer, 23),
                     CSIGD_AUTH_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bases_are_those_that_were_signed),
        cmocka_unit_test(ed25519_and_p256_signatures_verify),
        cmocka_unit_test(a_query_parameter_alone_is_not_taken),
        cmocka_unit_test(transformations_are_judged_as_the_rfc_says),
        cmocka_unit_test(we_make_the_rfcs_signature),
        cmocka_unit_test(the_digests_are_of_the_bodies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
