/* E3: every route with bodies, types, sizes, methods and paths that it does not take; limits; what
 * the Unix socket alone may do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e/fixture.h"

#define OTHER_ID "00112233445566778899aabbccddeeff"

static char routes[7][128];

static void name_routes(void)
{
    char request[65];

    fixture_new_digest();
    request_make(&server, &two, digest, "m", NULL, false, request);
    snprintf(routes[0], sizeof routes[0], "/v1/devices");
    snprintf(routes[1], sizeof routes[0], "/v1/devices/%s/sessions", phone.hex);
    snprintf(routes[2], sizeof routes[0], "/v1/wallets");
    snprintf(routes[3], sizeof routes[0], "/v1/wallets/%s/sessions", two.id);
    snprintf(routes[4], sizeof routes[0], "/v1/wallets/%s/requests", two.id);
    snprintf(routes[5], sizeof routes[0], "/v1/wallets/%s/unlock", two.id);
    snprintf(routes[6], sizeof routes[0], "/v1/requests/%s/sessions", request);
}

static void expect(const char *method, const char *path, const char *type, const void *body,
                   size_t len, long status, const char *code)
{
    http_reply r = http_call(&server, method, path, type, body, len);

    if (r.status != status || (code != NULL && !reply_has_code(&r, code)))
        fail_msg("%s %s %s: %ld %s, not %ld", method, path, len < 200 ? (const char *)body : "",
                 r.status, r.body != NULL ? (const char *)r.body : "", status);
    http_free(&r);
}

static void E3_bodies_that_are_no_objects(void **state)
{
    static const char *const bodies[] = {
        "",
        "{",
        "}",
        "[]",
        "null",
        "1",
        "\"x\"",
        "{}",
        "{\"x\":1}",
        "{} {}",
        "\xff\xfe",
        "{\"a\":1,\"a\":1}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    };

    (void)state;
    for (size_t i = 0; i < 7; i++) {
        for (size_t j = 0; j < sizeof bodies / sizeof bodies[0]; j++)
            expect("POST", routes[i], "application/json", bodies[j], strlen(bodies[j]), 400,
                   "bad-request");
    }
    assert_true(daemon_is_alive(&server));
}

/* Each member of a good body, one after the other, replaced by what it is not. */
static void replace_members(const char *path, json_t *good)
{
    static const char *const values[] = {
        "null",  "true",       "-1",     "1.5",    "\"\"",
        "[]",    "{}",         "[null]", "\"zz\"", "99999999999999999999",
        "[[1]]", "\"\\u0000\""};
    const char *name;
    json_t *value;

    json_object_foreach(good, name, value)
    {
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
            json_t *bent = json_deep_copy(good);
            char *text, *whole;
            size_t len;

            json_object_del(bent, name);
            text = json_dumps(bent, JSON_COMPACT);
            len = strlen(text) + strlen(name) + strlen(values[i]) + 16;
            whole = malloc(len);
            snprintf(whole, len, "{\"%s\":%s%s%s", name, values[i], text[1] == '}' ? "" : ",",
                     text + 1);
            /* A boolean may be true, an optional list of what the client holds may not. */
            if (!(json_is_boolean(value) && strcmp(values[i], "true") == 0))
                expect("POST", path, "application/json", whole, strlen(whole), 400, "bad-request");
            free(text);
            free(whole);
            json_decref(bent);
        }
    }
    json_object_set_new(good, "more", json_null());
    {
        char *text = json_dumps(good, JSON_COMPACT);

        expect("POST", path, "application/json", text, strlen(text), 400, "bad-request");
        free(text);
    }
    json_decref(good);
}

static void E3_every_member_of_every_route(void **state)
{
    const char *id = phone.hex;

    (void)state;
    replace_members(routes[0], json_pack("{s:s,s:s+}", "identity", id, "signature", id, id));
    replace_members(routes[1], json_pack("{s:s}", "nonce", id));
    replace_members(routes[2],
                    json_pack("{s:i,s:i,s:[s],s:[s],s:[s]}", "signers_required", 2, "parties", 2,
                              "devices", id, "nonces", id, "allow", "digest"));
    replace_members(routes[3], json_pack("{s:s,s:[ii],s:[s],s:i}", "kind", "presign", "signers", 1,
                                         2, "nonces", id, "count", 1));
    replace_members(routes[4],
                    json_pack("{s:{s:s,s:s},s:s,s:b,s:s}", "payload", "type", "digest", "digest",
                              id, "path", "m", "presigned", 0, "mode", "phone"));
    replace_members(routes[5], json_pack("{s:s}", "device", id));
    replace_members(routes[6], json_pack("{s:[ii],s:[s],s:[s]}", "signers", 1, 2, "nonces", id,
                                         "presignatures", id));
    assert_true(daemon_is_alive(&server));
}

static void types_and_sizes_are_kept(void **state)
{
    static char large[1048577];
    static const char round[] = "/v1/sessions/" OTHER_ID "/rounds/1";

    (void)state;
    memset(large, ' ', sizeof large);
    for (size_t i = 0; i < 7; i++) {
        const size_t most = i == 4 ? 1048576 : 65536; /* a request has a payload */

        expect("POST", routes[i], "application/octet-stream", "{}", 2, 415, "wrong-content-type");
        expect("POST", routes[i], "text/plain", "{}", 2, 415, "wrong-content-type");
        expect("POST", routes[i], "application/json", large, most + 1, 413, "too-large");
        expect("POST", routes[i], "application/json", large, most, 400, "bad-request");
    }
    expect("PUT", round, "application/json", "{}", 2, 415, "wrong-content-type");
    expect("PUT", round, "application/octet-stream", "{}", 2, 404, "not-found");
    expect("GET", "/v1/wallets", "application/json", "{}", 2, 413, "too-large");
}

static void methods_and_paths_are_kept(void **state)
{
    (void)state;
    for (size_t i = 0; i < 7; i++) {
        expect("PUT", routes[i], "application/json", "{}", 2, 405, "method-not-allowed");
        expect("DELETE", routes[i], NULL, NULL, 0, 405, "method-not-allowed");
    }
    expect("HEAD", "/healthz", NULL, NULL, 0, 405, NULL);
    expect("GET", "/", NULL, NULL, 0, 404, "not-found");
    expect("GET", "/v1/../healthz", NULL, NULL, 0, 404, "not-found");
    expect("GET", "/healthz?x=1", NULL, NULL, 0, 400, "bad-request");
    expect("GET", "/v1/wallets/" OTHER_ID, NULL, NULL, 0, 404, "not-found");
    expect("GET", "/v1/requests/" OTHER_ID OTHER_ID, NULL, NULL, 0, 404, "not-found");
    expect("GET", "/v1/sessions/" OTHER_ID, NULL, NULL, 0, 404, "not-found");
    expect("DELETE", "/v1/sessions/" OTHER_ID, NULL, NULL, 0, 404, "not-found");
    expect("GET", "/v1/wallets/" OTHER_ID "/epochs/" OTHER_ID OTHER_ID, NULL, NULL, 0, 404,
           "not-found");
    expect("GET", "/v1/wallets/" OTHER_ID "/epochs/" OTHER_ID, NULL, NULL, 0, 404, "not-found");
    expect("GET", "/v1/wallets/" OTHER_ID "/backups/1", NULL, NULL, 0, 404, "not-found");
    expect("GET", "/v1/wallets/" OTHER_ID "/backups/17", NULL, NULL, 0, 404, "not-found");
    expect("GET", "/v1/wallets/" OTHER_ID "/backups/0", NULL, NULL, 0, 404, "not-found");
    expect("PUT", "/v1/wallets/" OTHER_ID "/backups/1", "application/octet-stream", "{}", 2, 404,
           "not-found");
    expect("DELETE", "/v1/wallets/" OTHER_ID "/backups/1", NULL, NULL, 0, 405,
           "method-not-allowed");
    expect("GET", "/v1/wallets/%00", NULL, NULL, 0, 404, "not-found");
}

/* --- what is well formed and still refused --- */

static void post(const char *path, const char *code, const char *body)
{
    http_reply r = http_call(&server, "POST", path, "application/json", body, strlen(body));

    if (!reply_has_code(&r, code))
        fail_msg("%s: not %s but %ld %s", body, code, r.status, (const char *)r.body);
    http_free(&r);
}

static void requests_that_may_not_be(void **state)
{
    static const char digest_of_ones[] =
        "1111111111111111111111111111111111111111111111111111111111111111";
    static const struct {
        const char *type, *digest, *rest, *code;
    } wrong[] = {
        {"digests", digest_of_ones, "\"path\":\"m\"", "bad-request"},
        {"digest", "0000000000000000000000000000000000000000000000000000000000000000",
         "\"path\":\"m\"", "bad-request"},
        {"digest", "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
         "\"path\":\"m\"", "bad-request"},
        {"digest", digest_of_ones, "\"path\":\"m/0'\"", "bad-request"},
        {"digest", digest_of_ones, "\"path\":\"m/2147483648\"", "bad-request"},
        {"digest", digest_of_ones, "\"path\":\"m/01\"", "bad-request"},
        {"digest", digest_of_ones, "\"path\":\"m/\"", "bad-request"},
        {"digest", digest_of_ones, "\"path\":\"0/1\"", "bad-request"},
        {"digest", digest_of_ones, "\"path\":\"m/1/2/3/4/5/6/7/8/9/10/11\"", "bad-request"},
        {"digest", digest_of_ones, "\"path\":\"m\",\"mode\":\"tablet\"", "bad-request"},
        {"digest", digest_of_ones, "\"path\":\"m\",\"mode\":\"phone\",\"presigned\":true",
         "bad-request"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char body[512];

        snprintf(body, sizeof body, "{\"payload\":{\"type\":\"%s\",\"digest\":\"%s\"},%s}",
                 wrong[i].type, wrong[i].digest, wrong[i].rest);
        post(routes[4], wrong[i].code, body);
    }
}

static void sets_of_signers_that_are_none(void **state)
{
    static const char *const signers[] = {"[1,3]",   "[2,1]", "[1,1]", "[2,2]",
                                          "[1,2,3]", "[0,2]", "[2,4]", "[2,65535]"};
    char path[128], request[65], body[256];

    (void)state;
    request_make(&server, &three, digest, "m", NULL, false, request);
    snprintf(path, sizeof path, "/v1/requests/%s/sessions", request);
    for (size_t i = 0; i < sizeof signers / sizeof signers[0]; i++) {
        snprintf(body, sizeof body, "{\"signers\":%s,\"nonces\":[\"%s\"]}", signers[i], phone.hex);
        post(path, "bad-request", body);
    }
    snprintf(body, sizeof body, "{\"signers\":[1,2],\"nonces\":[\"%s\",\"%s\"]}", phone.hex,
             phone.hex);
    post(path, "bad-request", body);
    /* The recovery device has no auxiliary info: the answer names it. */
    snprintf(body, sizeof body, "{\"signers\":[2,3],\"nonces\":[\"%s\"]}", phone.hex);
    {
        http_reply r = http_call(&server, "POST", path, "application/json", body, strlen(body));

        assert_true(reply_has_code(&r, "aux-missing"));
        assert_non_null(strstr((const char *)r.body, recovery.hex));
        http_free(&r);
    }
}

static void wallets_that_may_not_be(void **state)
{
    char body[1024];
    const char *a = phone.hex, *b = recovery.hex;
    static const char unknown[] =
        "1111111111111111111111111111111111111111111111111111111111111111";

    (void)state;
    snprintf(body, sizeof body,
             "{\"signers_required\":3,\"parties\":2,\"devices\":[\"%s\"],"
             "\"nonces\":[\"%s\"],\"allow\":[\"digest\"]}",
             a, a);
    post(routes[2], "bad-request", body);
    snprintf(body, sizeof body,
             "{\"signers_required\":2,\"parties\":3,\"devices\":[\"%s\",\"%s\"],"
             "\"nonces\":[\"%s\",\"%s\"],\"allow\":[\"digest\"]}",
             a, a, a, a);
    post(routes[2], "bad-request", body);
    snprintf(body, sizeof body,
             "{\"signers_required\":2,\"parties\":3,\"devices\":[\"%s\",\"%s\"],"
             "\"nonces\":[\"%s\"],\"allow\":[\"digest\"]}",
             a, b, a);
    post(routes[2], "bad-request", body);
    snprintf(body, sizeof body,
             "{\"signers_required\":2,\"parties\":2,\"devices\":[\"%s\"],"
             "\"nonces\":[\"%s\"],\"allow\":[\"everything\"]}",
             a, a);
    post(routes[2], "bad-request", body);
    snprintf(body, sizeof body,
             "{\"signers_required\":2,\"parties\":2,\"devices\":[\"%s\"],"
             "\"nonces\":[\"%s\"],\"allow\":[\"digest\"]}",
             unknown, a);
    post(routes[2], "not-found", body);
}

static void an_enrolment_must_be_signed(void **state)
{
    char body[512];

    (void)state;
    snprintf(body, sizeof body, "{\"identity\":\"%s\",\"signature\":\"%s%s\"}", phone.hex,
             phone.hex, phone.hex);
    post(routes[0], "bad-signature", body);
}

static int setup(void **state)
{
    const int result = fixture_setup(state);

    name_routes();
    return result;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(E3_bodies_that_are_no_objects),
        cmocka_unit_test(E3_every_member_of_every_route),
        cmocka_unit_test(types_and_sizes_are_kept),
        cmocka_unit_test(methods_and_paths_are_kept),
        cmocka_unit_test(requests_that_may_not_be),
        cmocka_unit_test(sets_of_signers_that_are_none),
        cmocka_unit_test(wallets_that_may_not_be),
        cmocka_unit_test(an_enrolment_must_be_signed),
    };

    return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
