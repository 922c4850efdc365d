/* From method and path to a route: every route of the table, and everything beside it. */
#include <string.h>

#include "api/temp.h"
#include "http/router.h"

#define ID16 "00112233445566778899aabbccddeeff"
#define ID32 ID16 ID16

static csigd_code find(const char *method, const char *path, csigd_call *call, const char **allow)
{
    const csigd_route *route;

    memset(call, 0, sizeof *call);
    return csigd_route_find(&route, call, allow, method, path);
}

static const struct {
    const char *method, *path;
} good[] = {
    {"GET", "/healthz"},
    {"GET", "/openapi.json"},
    {"GET", "/readyz"},
    {"GET", "/metrics"},
    {"GET", "/v1/aux"},
    {"POST", "/v1/aux"},
    {"DELETE", "/v1/aux/1"},
    {"POST", "/v1/devices"},
    {"POST", "/v1/devices/" ID32 "/sessions"},
    {"POST", "/v1/devices/" ID32 "/keys"},
    {"PUT", "/v1/devices/" ID32 "/move"},
    {"DELETE", "/v1/devices/" ID32 "/move"},
    {"POST", "/v1/wallets"},
    {"GET", "/v1/wallets"},
    {"GET", "/v1/wallets/" ID16},
    {"DELETE", "/v1/wallets/" ID16},
    {"POST", "/v1/wallets/" ID16 "/sessions"},
    {"POST", "/v1/wallets/" ID16 "/requests"},
    {"GET", "/v1/wallets/" ID16 "/requests"},
    {"GET", "/v1/wallets/" ID16 "/requests/999999999"},
    {"POST", "/v1/wallets/" ID16 "/describe"},
    {"GET", "/v1/wallets/" ID16 "/addresses/p2sh-p2wpkh/regtest/m.0.1"},
    {"GET", "/v1/wallets/" ID16 "/xpub"},
    {"GET", "/v1/wallets/" ID16 "/epochs/" ID32},
    {"PUT", "/v1/wallets/" ID16 "/backups/1"},
    {"GET", "/v1/wallets/" ID16 "/backups/16"},
    {"GET", "/v1/wallets/" ID16 "/escrows"},
    {"GET", "/v1/wallets/" ID16 "/record"},
    {"POST", "/v1/wallets/" ID16 "/unlock"},
    {"GET", "/v1/requests/" ID32},
    {"POST", "/v1/requests/" ID32 "/cancel"},
    {"POST", "/v1/requests/" ID32 "/sessions"},
    {"GET", "/v1/sessions/" ID16},
    {"DELETE", "/v1/sessions/" ID16},
    {"PUT", "/v1/sessions/" ID16 "/rounds/1"},
    {"GET", "/v1/sessions/" ID16 "/evidence"},
    {"POST", "/v1/mailboxes"},
    {"GET", "/v1/mailboxes/" ID16},
    {"DELETE", "/v1/mailboxes/" ID16},
    {"PUT", "/v1/mailboxes/" ID16 "/messages/" ID32 "/1"},
    {"GET", "/v1/mailboxes/" ID16 "/messages/0"},
    {"GET", "/v1/devices/" ID32 "/mailboxes"},
    {"GET", "/v1/devices/" ID32 "/mailboxes/0"},
    {"GET", "/v1/devices/" ID32 "/requests"},
    {"POST", "/v1/requests/" ID32 "/approvals"},
    {"PUT", "/v1/requests/" ID32 "/declines/" ID32},
    {"GET", "/v1/wallets/" ID16 "/policy"},
    {"PUT", "/v1/wallets/" ID16 "/policy"},
    {"GET", "/v1/policies"},
    {"PUT", "/v1/policies"},
    {"GET", "/v1/policy-changes/" ID32},
    {"POST", "/v1/policy-changes/" ID32 "/approvals"},
    {"POST", "/v1/campaigns"},
    {"GET", "/v1/campaigns"},
    {"GET", "/v1/campaigns/" ID16},
    {"GET", "/v1/campaigns/" ID16 "/wallets/1"},
    {"POST", "/v1/campaigns/" ID16 "/pause"},
    {"POST", "/v1/campaigns/" ID16 "/resume"},
    {"POST", "/v1/campaigns/" ID16 "/cancel"},
    {"GET", "/v1/events/0"},
    {"POST", "/v1/webhooks"},
    {"GET", "/v1/webhooks"},
    {"GET", "/v1/webhooks/" ID16},
    {"DELETE", "/v1/webhooks/" ID16},
    {"POST", "/v1/webhooks/" ID16 "/test"},
    {"POST", "/v1/tokens"},
    {"POST", "/v1/keys"},
    {"GET", "/v1/keys"},
    {"DELETE", "/v1/keys/" ID32},
    {"GET", "/v1/server-keys"},
    {"POST", "/v1/server-keys"},
    {"GET", "/v1/audit"},
    {"GET", "/v1/audit/0"},
};

static void every_route_is_found(void **state)
{
    (void)state;
    assert_int_equal(csigd_routes_count, sizeof good / sizeof good[0]);
    for (size_t i = 0; i < csigd_routes_count; i++) {
        const csigd_route *route;
        const char *allow;
        csigd_call call;

        assert_int_equal(csigd_route_find(&route, &call, &allow, good[i].method, good[i].path),
                         CSIGD_OK);
        assert_ptr_equal(route, &csigd_routes[i]);
        assert_non_null(route->handler);
    }
}

static void a_query_is_a_part_of_a_list(void **state)
{
    static const char *const none[] = {"/v1/wallets?after=",          "/v1/wallets?limit=101",
                                       "/v1/wallets?limit=-1",        "/v1/wallets?after=A",
                                       "/v1/wallets?after=1&after=1", "/v1/wallets?x",
                                       "/v1/wallets?limit=1&",        "/v1/wallets??limit=1"};
    const csigd_route *route;
    const char *allow;
    csigd_problem why;
    csigd_look look;
    uint8_t id[16];
    csigd_call call = {.body = NULL};

    (void)state;
    assert_int_equal(csigd_route_find(&route, &call, &allow, "GET", "/v1/wallets"), CSIGD_OK);
    assert_int_equal(csigd_query_read(&call, route, "/v1/wallets", &why), CSIGD_OK);
    assert_true(csigd_call_has_look(&call, &look, id, sizeof id));
    assert_null(look.after);
    assert_int_equal(look.n, CSIGD_PAGE_ROWS);
    assert_int_equal(csigd_query_read(&call, route, "/v1/wallets?limit=7&after=" ID16, &why),
                     CSIGD_OK);
    assert_true(csigd_call_has_look(&call, &look, id, sizeof id));
    assert_ptr_equal(look.after, id);
    assert_int_equal(look.n, 7);
    assert_false(csigd_call_has_look(&call, &look, id, sizeof id - 1));
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        call = (csigd_call){.body = NULL};
        assert_int_equal(csigd_query_read(&call, route, none[i], &why), CSIGD_BAD_REQUEST);
        assert_string_equal(why.field, "query");
    }
    assert_int_equal(csigd_route_find(&route, &call, &allow, "GET", "/v1/aux"), CSIGD_OK);
    assert_int_equal(csigd_query_read(&call, route, "/v1/aux?", &why), CSIGD_OK);
    assert_int_equal(csigd_query_read(&call, route, "/v1/aux?limit=1", &why), CSIGD_BAD_REQUEST);
}

static void parameters_are_taken_out(void **state)
{
    csigd_call call;
    const char *allow;
    const uint8_t id[4] = {0x00, 0x11, 0x22, 0x33};

    (void)state;
    assert_int_equal(find("PUT", "/v1/sessions/" ID16 "/rounds/120", &call, &allow), CSIGD_OK);
    assert_memory_equal(call.id, id, sizeof id);
    assert_int_equal(call.id[15], 0xff);
    assert_int_equal(call.round, 120);
    assert_int_equal(find("GET", "/v1/requests/" ID32, &call, &allow), CSIGD_OK);
    assert_int_equal(call.id[31], 0xff);
    assert_int_equal(
        find("PUT", "/v1/mailboxes/" ID16 "/messages/" ID32 "/999999999", &call, &allow), CSIGD_OK);
    assert_memory_equal(call.member, id, sizeof id);
    assert_int_equal(call.member[31], 0xff);
    assert_int_equal(call.id[15], 0xff);
    assert_int_equal(call.id[16], 0);
    assert_int_equal(call.number, 999999999);
    assert_int_equal(find("GET", "/v1/mailboxes/" ID16 "/messages/0", &call, &allow), CSIGD_OK);
    assert_int_equal(call.after, 0);
}

static void what_is_nearly_a_path_is_not_found(void **state)
{
    static const char *const paths[] = {
        "",
        "/",
        "*",
        "healthz",
        "/healthz/",
        "//healthz",
        "/healthz%00",
        "/Healthz",
        "/v1",
        "/v1/",
        "/v1/wallets/",
        "/v1/wallets/" ID16 "/",
        "/v1/wallets/" ID16 "0",
        "/v1/wallets/" ID32,
        "/v1/wallets/00112233445566778899AABBCCDDEEFF",
        "/v1/wallets/00112233445566778899aabbccddeef",
        "/v1/wallets/00112233445566778899aabbccddeef/",
        "/v1/wallets/" ID16 "/session",
        "/v1/wallets/" ID16 "/sessions/x",
        "/v1/wallets/../wallets",
        "/v1/requests/" ID16,
        "/v1/devices/" ID16 "/sessions",
        "/v1/sessions/" ID16 "/rounds",
        "/v1/sessions/" ID16 "/rounds/",
        "/v1/sessions/" ID16 "/rounds/0",
        "/v1/sessions/" ID16 "/rounds/01",
        "/v1/sessions/" ID16 "/rounds/-1",
        "/v1/sessions/" ID16 "/rounds/+1",
        "/v1/sessions/" ID16 "/rounds/1000",
        "/v1/sessions/" ID16 "/rounds/4294967297",
        "/v1/sessions/" ID16 "/rounds/1 ",
        "/v1/mailboxes/" ID16 "/messages/" ID32 "/0",
        "/v1/mailboxes/" ID16 "/messages/" ID32 "/01",
        "/v1/mailboxes/" ID16 "/messages/" ID16 "/1",
        "/v1/mailboxes/" ID32,
        "/v1/mailboxes/" ID16 "/messages/00",
        "/v1/mailboxes/" ID16 "/messages/1000000000",
        "/v1/devices/" ID32 "/mailboxes/",
        "/v1/aux/0",
        "/v1/aux/01",
        "/v1/aux/-1",
        "/v1/aux/1000000000",
        "/v1/aux/4294967297",
        "/v2/wallets",
    };

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        csigd_call call;
        const char *allow;

        if (find("GET", paths[i], &call, &allow) != CSIGD_NOT_FOUND) fail_msg("%s", paths[i]);
        if (find("PUT", paths[i], &call, &allow) != CSIGD_NOT_FOUND) fail_msg("%s", paths[i]);
    }
}

static void other_methods_hear_which_there_are(void **state)
{
    csigd_call call;
    const char *allow;

    (void)state;
    assert_int_equal(find("HEAD", "/healthz", &call, &allow), CSIGD_METHOD_NOT_ALLOWED);
    assert_string_equal(allow, "GET");
    assert_int_equal(find("get", "/healthz", &call, &allow), CSIGD_METHOD_NOT_ALLOWED);
    assert_int_equal(find("DELETE", "/v1/wallets", &call, &allow), CSIGD_METHOD_NOT_ALLOWED);
    assert_string_equal(allow, "GET, POST");
    assert_int_equal(find("PUT", "/v1/sessions/" ID16, &call, &allow), CSIGD_METHOD_NOT_ALLOWED);
    assert_string_equal(allow, "GET, DELETE");
    assert_int_equal(find("GET", "/v1/sessions/" ID16 "/rounds/1", &call, &allow),
                     CSIGD_METHOD_NOT_ALLOWED);
    assert_string_equal(allow, "PUT");
    assert_int_equal(find("GET", "/v1/aux/999999999", &call, &allow), CSIGD_METHOD_NOT_ALLOWED);
    assert_string_equal(allow, "DELETE");
    assert_int_equal(call.generation, 999999999);
    assert_int_equal(find("PATCH", "/v1/devices", &call, &allow), CSIGD_METHOD_NOT_ALLOWED);
    assert_string_equal(allow, "POST");
}

static csigd_code admit(const char *method, const char *path, bool unix_socket, const char *type,
                        uint64_t announced)
{
    const csigd_route *route;
    const char *allow;
    csigd_call call = {.unix_socket = unix_socket};

    assert_int_equal(csigd_route_find(&route, &call, &allow, method, path), CSIGD_OK);
    return csigd_route_admit(route, &call, type, announced);
}

static void content_types_are_exact(void **state)
{
    static const char wallets[] = "/v1/wallets", round[] = "/v1/sessions/" ID16 "/rounds/1";

    (void)state;
    assert_int_equal(admit("POST", wallets, true, "application/json", 2), CSIGD_OK);
    assert_int_equal(admit("POST", wallets, true, "application/json; charset=utf-8", 2), CSIGD_OK);
    assert_int_equal(admit("POST", wallets, true, "application/jsonp", 2),
                     CSIGD_WRONG_CONTENT_TYPE);
    assert_int_equal(admit("POST", wallets, true, "text/plain", 2), CSIGD_WRONG_CONTENT_TYPE);
    assert_int_equal(admit("POST", wallets, true, NULL, 2), CSIGD_WRONG_CONTENT_TYPE);
    assert_int_equal(admit("PUT", round, true, "application/octet-stream", 2), CSIGD_OK);
    assert_int_equal(admit("PUT", round, true, "application/json", 2), CSIGD_WRONG_CONTENT_TYPE);
    assert_int_equal(admit("GET", wallets, true, NULL, 0), CSIGD_OK);
}

static void sizes_have_their_limits(void **state)
{
    static const char wallets[] = "/v1/wallets", round[] = "/v1/sessions/" ID16 "/rounds/1";

    (void)state;
    assert_int_equal(admit("POST", wallets, true, "application/json", 65536), CSIGD_OK);
    assert_int_equal(admit("POST", wallets, true, "application/json", 65537), CSIGD_TOO_LARGE);
    assert_int_equal(admit("PUT", round, true, "application/octet-stream", 8u << 20), CSIGD_OK);
    assert_int_equal(admit("PUT", round, true, "application/octet-stream", (8u << 20) + 1),
                     CSIGD_TOO_LARGE);
    assert_int_equal(admit("GET", wallets, true, NULL, 1), CSIGD_TOO_LARGE);
    assert_int_equal(admit("PUT", round, true, "application/octet-stream", UINT64_MAX),
                     CSIGD_TOO_LARGE);
}

static void the_operator_uses_the_unix_socket(void **state)
{
    static const char unlock[] = "/v1/wallets/" ID16 "/unlock";

    (void)state;
    assert_int_equal(admit("POST", unlock, true, "application/json", 2), CSIGD_OK);
    assert_int_equal(admit("POST", unlock, false, "application/json", 2), CSIGD_UNIX_SOCKET_ONLY);
    for (size_t i = 0; i < csigd_routes_count; i++)
        assert_int_equal(csigd_routes[i].unix_only,
                         strstr(csigd_routes[i].path, "unlock") != NULL ||
                             strstr(csigd_routes[i].path, "/v1/keys") != NULL ||
                             (strstr(csigd_routes[i].path, "/v1/server-keys") != NULL &&
                              strcmp(csigd_routes[i].method, "POST") == 0) ||
                             strstr(csigd_routes[i].path, "/v1/tokens") != NULL ||
                             (strstr(csigd_routes[i].path, "/aux") != NULL &&
                              strcmp(csigd_routes[i].method, "GET") != 0) ||
                             (strstr(csigd_routes[i].path, "backups") != NULL &&
                              strcmp(csigd_routes[i].method, "GET") == 0));
}

/* Only health and the server's keys are for all, only an enrolment for strangers; what has an id
 * says of what. */
static void every_route_asks_who_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < csigd_routes_count; i++) {
        const csigd_route *r = &csigd_routes[i];
        const bool enrols = strcmp(r->path, "/v1/devices") == 0;
        const csigd_about about = strstr(r->path, ":device") != NULL    ? CSIGD_ABOUT_DEVICE
                                  : strstr(r->path, "/epochs/") != NULL ? CSIGD_ABOUT_EPOCH
                                  : strstr(r->path, ":wallet") != NULL  ? CSIGD_ABOUT_WALLET
                                  : strstr(r->path, ":request") != NULL ? CSIGD_ABOUT_REQUEST
                                  : strstr(r->path, ":session") != NULL ? CSIGD_ABOUT_SESSION
                                  : strstr(r->path, ":mailbox") != NULL ? CSIGD_ABOUT_MAILBOX
                                  : strstr(r->path, ":change") != NULL  ? CSIGD_ABOUT_CHANGE
                                                                        : CSIGD_ABOUT_NOTHING;

        const bool open = strcmp(r->path, "/healthz") == 0 ||
                          strcmp(r->path, "/openapi.json") == 0 ||
                          strcmp(r->path, "/readyz") == 0 ||
                          (strcmp(r->path, "/v1/server-keys") == 0 && !r->unix_only);

        assert_int_equal(r->who, open     ? CSIGD_FOR_ALL
                                 : enrols ? CSIGD_FOR_STRANGERS
                                          : CSIGD_FOR_KEYS);
        assert_int_equal(r->key_is_read != NULL, enrols);
        assert_int_equal(r->about, about);
        assert_true(r->act < CSIGD_ACT_COUNT);
        /* Who only reads changes nothing. */
        if (r->who == CSIGD_FOR_KEYS && strcmp(r->method, "GET") != 0 &&
            strstr(r->path, "/describe") == NULL)
            assert_int_equal(csigd_role_table[CSIGD_ROLE_READ][r->act], CSIGD_DENY);
    }
}

static void replies_say_what_they_are(void **state)
{
    csigd_reply reply = csigd_reply_code(CSIGD_NOT_FOUND);

    (void)state;
    assert_int_equal(reply.status, 404);
    assert_string_equal(reply.type, "application/problem+json");
    assert_true(reply.len > 0);
    csigd_reply_free(&reply);
    assert_null(reply.body);
    reply = csigd_reply_json(200, NULL, 0);
    assert_int_equal(reply.status, 500);
    assert_null(reply.body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_found),
        cmocka_unit_test(a_query_is_a_part_of_a_list),
        cmocka_unit_test(parameters_are_taken_out),
        cmocka_unit_test(what_is_nearly_a_path_is_not_found),
        cmocka_unit_test(other_methods_hear_which_there_are),
        cmocka_unit_test(content_types_are_exact),
        cmocka_unit_test(sizes_have_their_limits),
        cmocka_unit_test(the_operator_uses_the_unix_socket),
        cmocka_unit_test(every_route_asks_who_it_is),
        cmocka_unit_test(replies_say_what_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
