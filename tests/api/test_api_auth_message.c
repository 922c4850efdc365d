/* Components and their values, and Content-Digest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "auth/digest.h"
#include "auth/message.h"

static const csigd_field fields[] = {
    {"Host", "www.Example.com"},
    {"X-OWS-Header", "  Leading and trailing whitespace.\t "},
    {"Cache-Control", "max-age=60"},
    {"cache-control", "   must-revalidate"},
    {"X-Empty", ""},
    {"X-Control", "a\x01z"},
    {"X-Latin", "a\xe4z"},
    {"X-Folded", "a\r\n b"},
    {"X-Tab", "a\tb"},
};

static const csigd_message request = {.method = "POST",
                                      .scheme = "https",
                                      .authority = "WWW.example.com:443",
                                      .target = "/path?param=value&foo=bar&baz=bat%2Dman",
                                      .fields = fields,
                                      .n_fields = sizeof fields / sizeof fields[0]};
static const csigd_message response = {.status = 503, .request = &request};

static void expect(const csigd_message *m, const char *name, bool of_request, const char *want)
{
    csigd_component c = {.is_of_request = of_request};
    char text[256];
    csigd_text t = csigd_text_in(text, sizeof text);
    csigd_auth error;

    (void)snprintf(c.name, sizeof c.name, "%s", name);
    error = csigd_component_value(&t, m, &c);
    if (want == NULL) {
        assert_int_equal(error, CSIGD_AUTH_COMPONENT);
        return;
    }
    assert_int_equal(error, CSIGD_AUTH_OK);
    assert_true(csigd_text_is_whole(&t));
    assert_string_equal(text, want);
}

static void fields_are_trimmed_and_joined(void **state)
{
    (void)state;
    expect(&request, "host", false, "www.Example.com");
    expect(&request, "x-ows-header", false, "Leading and trailing whitespace.");
    expect(&request, "cache-control", false, "max-age=60, must-revalidate");
    expect(&request, "x-empty", false, "");
    expect(&request, "x-tab", false, "a\tb");
    expect(&request, "x-missing", false, NULL);
    expect(&request, "", false, NULL);
    /* A name is in lower case, or it is none. */
    expect(&request, "Host", false, NULL);
    expect(&request, "x-control", false, NULL);
    expect(&request, "x-latin", false, NULL);
    expect(&request, "x-folded", false, NULL);
}

static void components_are_derived_from_a_request(void **state)
{
    (void)state;
    expect(&request, "@method", false, "POST");
    expect(&request, "@authority", false, "www.example.com");
    expect(&request, "@scheme", false, "https");
    expect(&request, "@target-uri", false,
           "https://www.example.com/path?param=value&foo=bar&baz=bat%2Dman");
    expect(&request, "@request-target", false, "/path?param=value&foo=bar&baz=bat%2Dman");
    expect(&request, "@path", false, "/path");
    expect(&request, "@query", false, "?param=value&foo=bar&baz=bat%2Dman");
    expect(&request, "@status", false, NULL);
    expect(&request, "@signature-params", false, NULL);
    expect(&request, "@query-param", false, NULL);
    expect(&request, "@unknown", false, NULL);
    expect(&request, "@method", true, NULL); /* a request answers none */
}

static void components_are_derived_from_a_response_and_its_request(void **state)
{
    (void)state;
    expect(&response, "@status", false, "503");
    expect(&response, "@method", false, NULL);
    expect(&response, "@method", true, "POST");
    expect(&response, "@path", true, "/path");
    expect(&response, "host", true, "www.Example.com");
    expect(&response, "host", false, NULL);
    expect(&response, "@status", true, NULL);
}

static void odd_requests_have_what_they_have(void **state)
{
    csigd_message m = request;

    (void)state;
    m.target = "/path?";
    expect(&m, "@query", false, "?");
    m.target = "/";
    expect(&m, "@query", false, "?");
    expect(&m, "@path", false, "/");
    m.target = "/a?b?c";
    expect(&m, "@path", false, "/a");
    expect(&m, "@query", false, "?b?c");
    m.target = "*";
    expect(&m, "@request-target", false, "*");
    expect(&m, "@path", false, NULL);
    expect(&m, "@query", false, NULL);
    expect(&m, "@target-uri", false, NULL);
    m.target = "/a b";
    expect(&m, "@path", false, NULL);
    expect(&m, "@request-target", false, NULL);
    m.target = "/a\n\"@method\": GET";
    expect(&m, "@path", false, NULL);
    m.target = NULL;
    expect(&m, "@path", false, NULL);
    expect(&m, "@request-target", false, NULL);
    m = request;
    m.authority = "example.com:80";
    expect(&m, "@authority", false, "example.com:80");
    m.scheme = "http";
    expect(&m, "@authority", false, "example.com");
    m.authority = "";
    expect(&m, "@authority", false, NULL);
    expect(&m, "@target-uri", false, NULL);
    m.authority = "a b";
    expect(&m, "@authority", false, NULL);
    m.authority = NULL;
    expect(&m, "@authority", false, NULL);
    m.method = "";
    expect(&m, "@method", false, NULL);
    m.scheme = NULL;
    expect(&m, "@scheme", false, NULL);
    m = response;
    m.request = NULL;
    expect(&m, "@method", true, NULL);
    m.status = 1000;
    expect(&m, "@status", false, NULL);
}

static csigd_auth base(char *out, size_t size, const char *input, csigd_refusal *why)
{
    csigd_text t = csigd_text_in(out, size);
    csigd_sf sf;

    assert_true(csigd_sf_dictionary_is_read(&sf, input, strlen(input)));
    return csigd_base_make(&t, &response, &sf, 0, why);
}

static void a_base_has_a_line_for_each_component(void **state)
{
    char text[512];
    csigd_refusal why;

    (void)state;
    assert_int_equal(
        base(text, sizeof text, "x=( \"@status\"  \"@method\";req );created=1;tag=\"a\\\"\"", &why),
        CSIGD_AUTH_OK);
    assert_string_equal(text, "\"@status\": 503\n\"@method\";req: POST\n"
                              "\"@signature-params\": (\"@status\" \"@method\";req);created=1;tag="
                              "\"a\\\"\"");
    assert_int_equal(base(text, 64, "x=(\"@status\" \"cache-control\";req)", &why),
                     CSIGD_AUTH_TOO_LONG);
}

static void what_cannot_be_covered_is_named(void **state)
{
    static const struct {
        const char *input, *field;
    } refused[] = {
        {"x=(\"@status\" \"@method\")", "@method"},
        {"x=(\"@status\" \"@status\")", "@status"},
        {"x=(\"@method\";req \"@method\";req)", "@method"},
        {"x=(\"@status\";req)", "@status"},
        {"x=(\"date\")", "date"},
        {"x=(\"@method\";req=?0)", "@method"},
        {"x=(\"@method\";req=1)", "@method"},
        {"x=(\"@method\";req;sf)", "@method"},
        {"x=(\"host\";req;bs)", "host"},
        {"x=(\"host\";req;key=\"a\")", "host"},
        {"x=(\"host\";req;tr)", "host"},
        {"x=(\"@query-param\";req;name=\"a\")", "@query-param"},
        {"x=(\"@signature-params\")", "@signature-params"},
        {"x=(host)", ""},
        {"x=(1)", ""},
        {"x=(:aG9zdA==:)", ""},
        {"x=(\"a234567890123456789012345678901234567890123456789012345678901234\")", ""},
    };
    char text[512];
    csigd_refusal why;

    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_int_equal(base(text, sizeof text, refused[i].input, &why), CSIGD_AUTH_COMPONENT);
        assert_int_equal(why.error, CSIGD_AUTH_COMPONENT);
        assert_string_equal(why.field, refused[i].field);
    }
}

/* --- Content-Digest --- */

/* RFC 9530, appendix B: of {"hello": "world"} and a newline. */
#define BODY   "{\"hello\": \"world\"}\n"
#define SHA256 "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
#define SHA512                                                                                     \
    "sha-512=:YMAam51Jz/jOATT6/zvHrLVgOYTGFy1d6GJiOHTohq4yP+pgk4vf2aCsyRZOtw8MjkM7iw7yZ/"          \
    "WkppmM44T3"                                                                                   \
    "qg==:"

static csigd_auth digest(const char *field, const char *body)
{
    return csigd_digest_verify(field, (const uint8_t *)body, strlen(body));
}

static void digests_are_made_and_verified(void **state)
{
    char field[CSIGD_DIGEST_BYTES];

    (void)state;
    csigd_digest_make(field, (const uint8_t *)BODY, strlen(BODY));
    assert_string_equal(field, SHA256);
    assert_int_equal(digest(SHA256, BODY), CSIGD_AUTH_OK);
    assert_int_equal(digest(SHA512, BODY), CSIGD_AUTH_OK);
    assert_int_equal(digest(SHA256 ", " SHA512, BODY), CSIGD_AUTH_OK);
    assert_int_equal(digest("md5=:1B2M2Y8AsgTpgAmY7PhCfg==:, " SHA256, BODY), CSIGD_AUTH_OK);
    assert_int_equal(digest(NULL, ""), CSIGD_AUTH_OK);
    csigd_digest_make(field, NULL, 0);
    assert_int_equal(digest(field, ""), CSIGD_AUTH_OK);
    assert_string_equal(field, "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
}

static void other_digests_are_refused(void **state)
{
    (void)state;
    assert_int_equal(digest(NULL, BODY), CSIGD_AUTH_DIGEST_MISSING);
    assert_int_equal(digest(SHA256, "{\"hello\": \"world\"}"), CSIGD_AUTH_DIGEST_MISMATCH);
    assert_int_equal(digest(SHA256, ""), CSIGD_AUTH_DIGEST_MISMATCH);
    assert_int_equal(digest(SHA512, ""), CSIGD_AUTH_DIGEST_MISMATCH);
    /* One that is wrong is enough, wherever it is. */
    assert_int_equal(
        digest(SHA512 ", sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:", BODY),
        CSIGD_AUTH_DIGEST_MISMATCH);
    assert_int_equal(digest("", BODY), CSIGD_AUTH_DIGEST_MALFORMED);
    assert_int_equal(digest("md5=:1B2M2Y8AsgTpgAmY7PhCfg==:", BODY), CSIGD_AUTH_DIGEST_MALFORMED);
    assert_int_equal(digest("sha-256", BODY), CSIGD_AUTH_DIGEST_MALFORMED);
    assert_int_equal(digest("sha-256=()", BODY), CSIGD_AUTH_DIGEST_MALFORMED);
    assert_int_equal(digest("sha-256=::", BODY), CSIGD_AUTH_DIGEST_MALFORMED);
    assert_int_equal(digest("sha-256=\"RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=\"", BODY),
                     CSIGD_AUTH_DIGEST_MALFORMED);
    assert_int_equal(digest(SHA256 "," SHA256, BODY), CSIGD_AUTH_DIGEST_MALFORMED);
    assert_int_equal(digest("sha-512=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:", BODY),
                     CSIGD_AUTH_DIGEST_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_trimmed_and_joined),
        cmocka_unit_test(components_are_derived_from_a_request),
        cmocka_unit_test(components_are_derived_from_a_response_and_its_request),
        cmocka_unit_test(odd_requests_have_what_they_have),
        cmocka_unit_test(a_base_has_a_line_for_each_component),
        cmocka_unit_test(what_cannot_be_covered_is_named),
        cmocka_unit_test(digests_are_made_and_verified),
        cmocka_unit_test(other_digests_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
