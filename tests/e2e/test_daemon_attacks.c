/* A cheating phone over HTTP: one answer for every failed check, a lock that is there before it,
 * and a daemon that lives. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e/fixture.h"
#include "e2e/forge.h"

static char request[65];

static run begin(const char *mode)
{
    fixture_new_digest();
    request_make(&server, &two, digest, "m/1", mode, false, request);
    return run_sign(&server, &two, request, digest, "m/1", mode);
}

static void expect(http_reply reply, long status, const char *code)
{
    if (reply.status != status || !reply_has_code(&reply, code))
        fail_msg("%ld %s, not %ld %s", reply.status,
                 reply.body != NULL ? (const char *)reply.body : "", status, code);
    http_free(&reply);
}

/* Caught: one code, no word about which check, no envelope, and the pair is locked. */
static void expect_caught(http_reply reply)
{
    static const char *const words[] = {"E_",      "proof is",  "partial",
                                        "modulus", "\"error\"", "round"};

    assert_string_equal(reply.session, "failed");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strstr((const char *)reply.body, words[i]) != NULL)
            fail_msg("tells %s: %s", words[i], (const char *)reply.body);
    }
    expect(reply, 422, "proof-failed");
    assert_true(fixture_is_locked());
    assert_true(daemon_is_alive(&server));
}

static void expect_locked_out(const wallet *w)
{
    char other[65], path[128];

    fixture_new_digest();
    request_make(&server, w, digest, "m", NULL, false, other);
    snprintf(path, sizeof path, "/v1/requests/%s/sessions", other);
    call_problem(&server, "key-locked", "POST", path, "{s:[ii],s:[s]}", "signers", 1, 2, "nonces",
                 phone.hex);
}

/* B9: a partial signature that is not valid. The device is out, for every wallet it shares with the
 * server and also after a restart, until the operator lets it in. */
static void B9_a_malformed_partial_locks_until_unlocked(void **state)
{
    run s = begin("server");
    octets body;
    http_reply reply;
    char path[128];

    (void)state;
    run_step(&server, &s);
    run_step(&server, &s);
    body = run_collect(&s);
    forge_flip(&body, 0, forge_body_len(&body, 0) - 1, &phone);
    expect_caught(run_put(&server, &s, &body));
    assert_true(daemon_has_logged(&server, "E_PARTIAL"));
    /* The answer stays the same, also after a restart. */
    reply = run_put(&server, &s, &body);
    assert_int_equal(reply.status, 422);
    http_free(&reply);
    expect_locked_out(&two);
    expect_locked_out(&three);
    daemon_kill(&server);
    daemon_start(&server);
    daemon_wait_ready(&server);
    reply = run_put(&server, &s, &body);
    assert_int_equal(reply.status, 422);
    http_free(&reply);
    expect_locked_out(&two);
    snprintf(path, sizeof path, "/v1/devices/%s/sessions", phone.hex);
    call_problem(&server, "key-locked", "POST", path, "{s:s}", "nonce", phone.hex);
    snprintf(path, sizeof path, "/v1/wallets/%s/sessions", two.id);
    call_problem(&server, "key-locked", "POST", path, "{s:s,s:[ii],s:[s],s:i}", "kind", "presign",
                 "signers", 1, 2, "nonces", phone.hex, "count", 1);
    fixture_unlock();
    fixture_sign("m/1", NULL);
    octets_free(&body);
    run_free(&s);
}

/* A lock that falls while another session of the device runs ends that one, too: nothing more of it
 * leaves. */
static void a_lock_ends_the_sessions_that_run(void **state)
{
    run other = begin(NULL), s;
    octets body;

    (void)state;
    run_step(&server, &other);
    s = begin("server");
    body = run_collect(&s);
    forge(&body, 0, 200, 32, 0, &phone);
    expect_caught(run_put(&server, &s, &body));
    octets_free(&body);
    body = run_collect(&other);
    expect(run_put(&server, &other, &body), 423, "key-locked");
    expect(run_put(&server, &other, &body), 423, "key-locked");
    fixture_unlock();
    octets_free(&body);
    run_free(&other);
    run_free(&s);
}

/* E2 and the rest of the matrix, by the wire: stretches of every message of a signing session
 * become zeros or ones. Never a crash, never a signature. */
static void E2_stretches_of_zeros_and_ones(void **state)
{
    static const uint8_t with[2] = {0x00, 0xff};

    (void)state;
    for (unsigned round = 1; round <= 2; round++) {
        for (unsigned i = 0; i < 10; i++) {
            run s = begin(NULL);
            csig_signature signature;
            octets body;
            size_t len;

            for (unsigned r = 1; r < round; r++)
                run_step(&server, &s);
            body = run_collect(&s);
            len = forge_body_len(&body, 0);
            /* After the preamble, which is about circumstances. */
            forge(&body, 0, len / 10 + (len - len / 10 - 300) * i / 9, 300, with[i % 2], &phone);
            expect_caught(run_put(&server, &s, &body));
            assert_false(request_is_signed(&server, request, digest, &signature));
            fixture_unlock();
            octets_free(&body);
            run_free(&s);
        }
    }
    fixture_sign("m", "server");
}

/* The same for auxiliary info: moduli of zeros, ones, and even ones. */
static void E2_auxiliary_info_of_nonsense(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        run s = run_aux(&server, &phone);
        octets body = run_collect(&s);
        const size_t len = forge_body_len(&body, 0);

        forge(&body, 0, (len - 600) * (i + 1) / 9, 300, i % 2 == 0 ? 0x00 : 0xff, &phone);
        expect_caught(run_put(&server, &s, &body));
        fixture_unlock();
        octets_free(&body);
        run_free(&s);
    }
    device_pair(&server, &phone);
}

/* A key generation that goes wrong leaves no wallet. */
static void a_cheated_key_generation_leaves_nothing(void **state)
{
    device *one[1] = {&phone};
    wallet w;
    run s = wallet_begin(&server, &w, 2, one, 1);
    octets body;
    char path[64];

    (void)state;
    run_step(&server, &s);
    body = run_collect(&s);
    forge(&body, 0, forge_body_len(&body, 0) / 2, 32, 0xff, &phone);
    expect_caught(run_put(&server, &s, &body));
    snprintf(path, sizeof path, "/v1/wallets/%s", w.id);
    call_problem(&server, "not-found", "GET", path, NULL);
    fixture_unlock();
    octets_free(&body);
    run_free(&s);
    wallet_free(&w);
}

/* Of three parties: the recovery device says one round in two ways. It is named and locked; the
 * phone is not. */
static void one_of_three_is_named(void **state)
{
    device *both[2] = {&phone, &recovery};
    wallet w;
    run s = wallet_begin(&server, &w, 2, both, 2);
    octets body;
    size_t n;

    (void)state;
    run_step(&server, &s);
    body = run_collect(&s);
    n = forge_find(&body, 3, 65535);
    forge_twice(&body, n, forge_body_len(&body, n) - 1, &recovery);
    fixture_expect_verdict(run_put(&server, &s, &body), &s, 1, &recovery, CSIG_E_EQUIVOCATE);
    assert_false(fixture_has_locked(&phone));
    assert_true(fixture_has_locked(&recovery));
    fixture_unlock_device(&recovery);
    octets_free(&body);
    run_free(&s);
    wallet_free(&w);
}

/* C10: client and server with another threshold: told at once, nobody locked. */
static void C10_another_threshold_is_told(void **state)
{
    device *both[2] = {&phone, &recovery};
    wallet w;
    run s = wallet_begin_as(&server, &w, 2, 3, both, 2);
    octets body = run_collect(&s);
    http_reply reply = run_put(&server, &s, &body);

    (void)state;
    assert_int_equal(reply.status, 409);
    assert_non_null(strstr((const char *)reply.body, "ssid-mismatch"));
    http_free(&reply);
    assert_false(fixture_is_locked());
    octets_free(&body);
    run_free(&s);
    wallet_free(&w);
}

/* --- D6: one presignature, one signature --- */

#define RIVALS 100

typedef struct rival {
    char request[65];
    http_reply reply;
    pthread_t thread;
} rival;

static void *ask(void *ctx)
{
    rival *r = ctx;
    char path[128], body[256];

    snprintf(path, sizeof path, "/v1/requests/%s/sessions", r->request);
    snprintf(body, sizeof body, "{\"signers\":[1,2],\"nonces\":[\"%s\"]}", phone.hex);
    r->reply = http_call(&server, "POST", path, "application/json", body, strlen(body));
    return NULL;
}

static void D6_a_hundred_at_once_get_one(void **state)
{
    static rival rivals[RIVALS];
    run halves = run_presign(&server, &two, 1);
    int won = 0;

    (void)state;
    run_finish(&server, &halves);
    for (int i = 0; i < RIVALS; i++) {
        fixture_new_digest();
        request_make(&server, &two, digest, "m", NULL, true, rivals[i].request);
    }
    for (int i = 0; i < RIVALS; i++)
        assert_int_equal(pthread_create(&rivals[i].thread, NULL, ask, &rivals[i]), 0);
    for (int i = 0; i < RIVALS; i++) {
        pthread_join(rivals[i].thread, NULL);
        won += rivals[i].reply.status == 201;
        if (rivals[i].reply.status != 201)
            expect(rivals[i].reply, 409, "no-presignature");
        else
            http_free(&rivals[i].reply);
    }
    assert_int_equal(won, 1);
    run_free(&halves);
}

/* An online session that its client leaves takes its presignature with it. */
static void D6_assigned_never_becomes_ready(void **state)
{
    run halves = run_presign(&server, &two, 1), s;
    char path[128];

    (void)state;
    run_finish(&server, &halves);
    fixture_new_digest();
    request_make(&server, &two, digest, "m", NULL, true, request);
    s = run_online(&server, &two, request, digest, "m", &halves);
    snprintf(path, sizeof path, "/v1/sessions/%s", s.session);
    json_decref(call_json(&server, 204, "DELETE", path, NULL));
    snprintf(path, sizeof path, "/v1/requests/%s/sessions", request);
    call_problem(&server, "no-presignature", "POST", path, "{s:[ii],s:[s]}", "signers", 1, 2,
                 "nonces", phone.hex);
    run_free(&s);
    run_free(&halves);
}

/* Kill between burn and reply; and an old copy of the store brought back: nothing is ever ready
 * again that was ready in another process. */
static void D6_no_restart_and_no_old_copy_revives_one(void **state)
{
    run halves = run_presign(&server, &two, 3), s;
    csig_signature signature;
    char path[128], copy[128];
    octets body;

    (void)state;
    run_finish(&server, &halves);
    snprintf(copy, sizeof copy, "%s/copy", server.folder);
    daemon_copy_state(&server, copy);
    fixture_new_digest();
    request_make(&server, &two, digest, "m", NULL, true, request);
    s = run_online(&server, &two, request, digest, "m", &halves);
    body = run_collect(&s);
    daemon_kill(&server);
    daemon_start(&server);
    daemon_wait_ready(&server);
    expect(run_put(&server, &s, &body), 410, "session-gone");
    snprintf(path, sizeof path, "/v1/requests/%s/sessions", request);
    call_problem(&server, "no-presignature", "POST", path, "{s:[ii],s:[s]}", "signers", 1, 2,
                 "nonces", phone.hex);
    assert_false(request_is_signed(&server, request, digest, &signature));
    daemon_kill(&server);
    daemon_run_shell("rm -rf %s && mv %s %s", server.state, copy, server.state);
    daemon_start(&server);
    daemon_wait_ready(&server);
    request_make(&server, &two, digest, "m", NULL, true, request);
    snprintf(path, sizeof path, "/v1/requests/%s/sessions", request);
    call_problem(&server, "no-presignature", "POST", path, "{s:[ii],s:[s]}", "signers", 1, 2,
                 "nonces", phone.hex);
    fixture_sign("m", NULL);
    octets_free(&body);
    run_free(&s);
    run_free(&halves);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(B9_a_malformed_partial_locks_until_unlocked),
        cmocka_unit_test(a_lock_ends_the_sessions_that_run),
        cmocka_unit_test(E2_stretches_of_zeros_and_ones),
        cmocka_unit_test(E2_auxiliary_info_of_nonsense),
        cmocka_unit_test(a_cheated_key_generation_leaves_nothing),
        cmocka_unit_test(one_of_three_is_named),
        cmocka_unit_test(C10_another_threshold_is_told),
        cmocka_unit_test(D6_a_hundred_at_once_get_one),
        cmocka_unit_test(D6_assigned_never_becomes_ready),
        cmocka_unit_test(D6_no_restart_and_no_old_copy_revives_one),
    };

    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
