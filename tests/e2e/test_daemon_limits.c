/* How many sessions there may be, how many failures that name nobody, and what comes in that is no
 * HTTP. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "e2e/fixture.h"
#include "e2e/forge.h"

#define OTHER_ID "00112233445566778899aabbccddeeff"

static char sessions_of_two[128];

static void one_session_of_a_request_at_a_time_and_eight_in_all(void **state)
{
    char request[65], path[128], session[128];

    (void)state;
    fixture_new_digest();
    request_make(&server, &two, digest, "m", NULL, false, request);
    snprintf(path, sizeof path, "/v1/requests/%s/sessions", request);
    for (int i = 0; i < 8; i++) {
        json_t *r = call_json(&server, 201, "POST", path, "{s:[ii],s:[s]}", "signers", 1, 2,
                              "nonces", phone.hex);
        http_reply again;
        char body[256];

        snprintf(session, sizeof session, "/v1/sessions/%s", text_of(r, "session"));
        snprintf(body, sizeof body, "{\"signers\":[1,2],\"nonces\":[\"%s\"]}", phone.hex);
        again = http_call(&server, "POST", path, "application/json", body, strlen(body));
        assert_true(reply_has_code(&again, "state-conflict"));
        /* It says which session is in the way. */
        assert_non_null(strstr((const char *)again.body, text_of(r, "session")));
        http_free(&again);
        json_decref(r);
        json_decref(call_json(&server, 204, "DELETE", session, NULL));
    }
    call_problem(&server, "state-conflict", "POST", path, "{s:[ii],s:[s]}", "signers", 1, 2,
                 "nonces", phone.hex);
}

static void a_wallet_has_so_many_sessions_and_presignatures(void **state)
{
    char session[17][128];
    int opened = 0;

    (void)state;
    for (int i = 0; i < 2; i++) {
        json_t *r = call_json(&server, 201, "POST", sessions_of_two, "{s:s,s:[ii],s:[s],s:i}",
                              "kind", "presign", "signers", 1, 2, "nonces", phone.hex, "count", 16);

        snprintf(session[opened++], sizeof session[0], "/v1/sessions/%s", text_of(r, "session"));
        json_decref(r);
    }
    call_problem(&server, "session-limit", "POST", sessions_of_two, "{s:s,s:[ii],s:[s],s:i}",
                 "kind", "presign", "signers", 1, 2, "nonces", phone.hex, "count", 1);
    while (opened > 0)
        json_decref(call_json(&server, 204, "DELETE", session[--opened], NULL));
    for (; opened < 16; opened++) {
        json_t *r = call_json(&server, 201, "POST", sessions_of_two, "{s:s,s:[ii],s:[s],s:i}",
                              "kind", "presign", "signers", 1, 2, "nonces", phone.hex, "count", 1);

        snprintf(session[opened], sizeof session[0], "/v1/sessions/%s", text_of(r, "session"));
        json_decref(r);
    }
    call_problem(&server, "session-limit", "POST", sessions_of_two, "{s:s,s:[ii],s:[s],s:i}",
                 "kind", "presign", "signers", 1, 2, "nonces", phone.hex, "count", 1);
    while (opened > 0)
        json_decref(call_json(&server, 204, "DELETE", session[--opened], NULL));
    fixture_sign("m", NULL);
}

/* --- below HTTP --- */

static void send_raw(const char *text, size_t len)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_usec = 200000};
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    char reply[256];

    snprintf(address.sun_path, sizeof address.sun_path, "%s", server.socket);
    assert_int_equal(connect(fd, (struct sockaddr *)(void *)&address, sizeof address), 0);
    (void)!write(fd, text, len);
    /* Some wait for the rest of the request. */
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    while (read(fd, reply, sizeof reply) > 0) {
    }
    close(fd);
}

static void octets_that_are_not_http(void **state)
{
    static const char *const raw[] = {
        "\r\n\r\n",
        "GET\r\n\r\n",
        "GET /healthz HTTP/9.9\r\n\r\n",
        "POST /v1/wallets HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /v1/wallets HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST /v1/wallets HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Content-Length: 100\r\n\r\n{\"half",
        "PUT /v1/sessions/" OTHER_ID "/rounds/1 HTTP/1.1\r\nHost: x\r\nContent-Type: "
        "application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
    };
    static char noise[100000];

    (void)state;
    for (size_t i = 0; i < sizeof raw / sizeof raw[0]; i++)
        send_raw(raw[i], strlen(raw[i]));
    memset(noise, 'A', sizeof noise);
    send_raw(noise, sizeof noise);
    assert_true(daemon_is_alive(&server));
}

/* C4: the recovery device echoes something else to the server than to the phone. The phone has what
 * names the culprit. When it does not say, nobody can, and the third time nobody of
 * them goes on. */
static void C4_views_that_differ(void **state)
{
    device *both[2] = {&phone, &recovery};

    (void)state;
    for (int i = 1; i <= 4; i++) {
        wallet w;
        run s = wallet_begin(&server, &w, 2, both, 2);
        http_reply reply;
        octets body;

        run_step(&server, &s);
        body = run_collect(&s);
        forge_flip(&body, forge_find(&body, 3, 65535), 60, &recovery);
        reply = fixture_until_asked(&s, &body);
        if (i == 1)
            fixture_expect_verdict(fixture_tell(&s, 0, &reply), &s, 1, &recovery,
                                   CSIG_E_EQUIVOCATE);
        else
            fixture_abort(&s);
        assert_int_equal(fixture_has_locked(&phone), i == 4);
        assert_int_equal(fixture_has_locked(&recovery), i == 1 || i == 4);
        if (i == 1) fixture_unlock_device(&recovery);
        http_free(&reply);
        octets_free(&body);
        run_free(&s);
        wallet_free(&w);
    }
    fixture_unlock_device(&recovery);
    fixture_unlock();
    fixture_sign("m", NULL);
}

static int setup(void **state)
{
    const int result = fixture_setup(state);

    snprintf(sessions_of_two, sizeof sessions_of_two, "/v1/wallets/%s/sessions", two.id);
    return result;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_session_of_a_request_at_a_time_and_eight_in_all),
        cmocka_unit_test(a_wallet_has_so_many_sessions_and_presignatures),
        cmocka_unit_test(octets_that_are_not_http),
        cmocka_unit_test(C4_views_that_differ),
    };

    return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
