/* The flows over HTTP, with a real countersignd: key generation, signing both ways, presigned,
 * several at once; what resources show. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "e2e/fixture.h"

static json_t *shown(const char *format, const char *id)
{
    char path[128];

    snprintf(path, sizeof path, format, id);
    return call_json(&server, 200, "GET", path, NULL);
}

/* Mode phone: the phone has the signature after two exchanges and reports it with the third; what
 * the server let go is on record before. */
static void the_phone_has_it_first(void **state)
{
    csig_signature signature;
    char request[65];
    json_t *r;
    run s;

    (void)state;
    fixture_new_digest();
    request_make(&server, &two, digest, "m/44/60/0", NULL, false, request);
    s = run_sign(&server, &two, request, digest, "m/44/60/0", NULL);
    r = shown("/v1/requests/%s", request);
    assert_string_equal(text_of(r, "state"), "signing");
    assert_null(json_object_get(r, "released"));
    json_decref(r);
    run_step(&server, &s);
    run_step(&server, &s);
    assert_int_equal(csig_session_phase(s.s[0]), CSIG_DONE);
    run_check_signature(&s, &two, "m/44/60/0", digest);
    r = shown("/v1/requests/%s", request);
    assert_string_equal(text_of(r, "state"), "signing");
    assert_non_null(json_object_get(r, "released"));
    json_decref(r);
    assert_false(s.done);
    run_step(&server, &s);
    assert_true(s.done);
    assert_true(request_is_signed(&server, request, digest, &signature));
    run_free(&s);
}

static void the_server_has_it_first(void **state)
{
    csig_signature signature;
    char request[65];
    run s;

    (void)state;
    fixture_new_digest();
    request_make(&server, &two, digest, "m", "server", false, request);
    s = run_sign(&server, &two, request, digest, "m", "server");
    run_step(&server, &s);
    run_step(&server, &s);
    assert_int_equal(csig_session_phase(s.s[0]), CSIG_RUNNING);
    assert_false(request_is_signed(&server, request, digest, &signature));
    run_step(&server, &s);
    assert_true(s.done);
    run_check_signature(&s, &two, "m", digest);
    assert_true(request_is_signed(&server, request, digest, &signature));
    run_free(&s);
}

static void sign_presigned(const wallet *w, run *halves, const char *path)
{
    csig_signature signature;
    char request[65];
    run s;

    fixture_new_digest();
    request_make(&server, w, digest, path, NULL, true, request);
    s = run_online(&server, w, request, digest, path, halves);
    run_step(&server, &s); /* one exchange */
    assert_true(s.done);
    run_check_signature(&s, w, path, digest);
    assert_true(request_is_signed(&server, request, digest, &signature));
    run_free(&s);
}

static size_t stock(const wallet *w)
{
    json_t *r = shown("/v1/wallets/%s", w->id);
    const size_t n = json_array_size(json_object_get(r, "presignatures"));

    json_decref(r);
    return n;
}

static void presignatures_are_made_and_used(void **state)
{
    const wallet *const both[2] = {&two, &three};
    char request[65], path[128];

    (void)state;
    for (int i = 0; i < 2; i++) {
        run halves = run_presign(&server, both[i], 3);

        run_finish(&server, &halves);
        assert_int_equal(stock(both[i]), 3);
        sign_presigned(both[i], &halves, "m/1");
        sign_presigned(both[i], &halves, "m/1/2");
        assert_int_equal(stock(both[i]), 1);
        sign_presigned(both[i], &halves, "m");
        assert_int_equal(stock(both[i]), 0);
        run_free(&halves);
    }
    request_make(&server, &two, digest, "m", NULL, true, request);
    snprintf(path, sizeof path, "/v1/requests/%s/sessions", request);
    call_problem(&server, "no-presignature", "POST", path, "{s:[ii],s:[s]}", "signers", 1, 2,
                 "nonces", phone.hex);
}

static void ask_in_vain(const char *request, const char *code)
{
    char path[128];

    snprintf(path, sizeof path, "/v1/requests/%s/sessions", request);
    call_problem(&server, code, "POST", path, "{s:[ii],s:[s]}", "signers", 1, 2, "nonces",
                 phone.hex);
}

/* Whoever asks in vain takes none: of another wallet, not held by the client, for a request that
 * has its session. */
static void a_presignature_is_not_wasted(void **state)
{
    run halves = run_presign(&server, &two, 2), s;
    char of_two[65], of_three[65], path[128];

    (void)state;
    run_finish(&server, &halves);
    fixture_new_digest();
    request_make(&server, &three, digest, "m", NULL, true, of_three);
    ask_in_vain(of_three, "no-presignature");
    request_make(&server, &two, digest, "m", NULL, true, of_two);
    snprintf(path, sizeof path, "/v1/requests/%s/sessions", of_two);
    call_problem(&server, "no-presignature", "POST", path, "{s:[ii],s:[s],s:[s]}", "signers", 1, 2,
                 "nonces", phone.hex, "presignatures", phone.hex);
    assert_int_equal(stock(&two), 2);
    s = run_online(&server, &two, of_two, digest, "m", &halves);
    ask_in_vain(of_two, "state-conflict");
    assert_int_equal(stock(&two), 1);
    run_finish(&server, &s);
    ask_in_vain(of_two, "state-conflict");
    assert_int_equal(stock(&two), 1);
    run_free(&s);
    sign_presigned(&two, &halves, "m/9");
    run_free(&halves);
}

static void two_of_three_signs_in_full(void **state)
{
    static const char *const modes[2] = {NULL, "server"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        csig_signature signature;
        char request[65];
        run s;

        fixture_new_digest();
        request_make(&server, &three, digest, "m/7", modes[i], false, request);
        s = run_sign(&server, &three, request, digest, "m/7", modes[i]);
        run_finish(&server, &s);
        run_check_signature(&s, &three, "m/7", digest);
        assert_true(request_is_signed(&server, request, digest, &signature));
        run_free(&s);
    }
}

/* --- several at once --- */

#define AT_ONCE 6

typedef struct job {
    uint8_t digest[32];
    char request[65];
    run s;
    pthread_t thread;
} job;

static void *finish(void *ctx)
{
    job *j = ctx;

    run_finish(&server, &j->s);
    return NULL;
}

/* Sessions of one wallet, and of two, run side by side. */
static void sessions_run_side_by_side(void **state)
{
    static job jobs[AT_ONCE];

    (void)state;
    for (int i = 0; i < AT_ONCE; i++) {
        const wallet *w = i % 3 == 2 ? &three : &two;
        const char *mode = i % 2 == 0 ? "phone" : "server";

        fixture_new_digest();
        memcpy(jobs[i].digest, digest, sizeof digest);
        request_make(&server, w, jobs[i].digest, "m/5", mode, false, jobs[i].request);
        jobs[i].s = run_sign(&server, w, jobs[i].request, jobs[i].digest, "m/5", mode);
    }
    /* One exchange each, then all together. */
    for (int i = 0; i < AT_ONCE; i++)
        run_step(&server, &jobs[AT_ONCE - 1 - i].s);
    for (int i = 0; i < AT_ONCE; i++)
        assert_int_equal(pthread_create(&jobs[i].thread, NULL, finish, &jobs[i]), 0);
    for (int i = 0; i < AT_ONCE; i++) {
        csig_signature signature;

        pthread_join(jobs[i].thread, NULL);
        run_check_signature(&jobs[i].s, i % 3 == 2 ? &three : &two, "m/5", jobs[i].digest);
        assert_true(request_is_signed(&server, jobs[i].request, jobs[i].digest, &signature));
        run_free(&jobs[i].s);
    }
}

/* --- what is shown --- */

static void resources_show_themselves(void **state)
{
    json_t *r = call_json(&server, 200, "GET", "/healthz", NULL);

    (void)state;
    assert_string_equal(text_of(r, "state"), "ready");
    assert_int_equal(json_integer_value(json_object_get(r, "level")), csig_level());
    assert_int_equal(strlen(text_of(r, "server_identity")), 64);
    json_decref(r);
    r = call_json(&server, 200, "GET", "/v1/wallets", NULL);
    assert_int_equal(json_array_size(json_object_get(r, "wallets")), 2);
    json_decref(r);
    r = shown("/v1/wallets/%s", three.id);
    assert_int_equal(json_integer_value(json_object_get(r, "signers_required")), 2);
    assert_int_equal(json_integer_value(json_object_get(r, "parties")), 3);
    assert_int_equal(json_array_size(json_object_get(r, "devices")), 2);
    assert_int_equal(json_array_size(json_object_get(r, "locked")), 0);
    json_decref(r);
}

static void a_session_shows_its_state(void **state)
{
    char request[65], path[128];
    json_t *r;
    run s;

    (void)state;
    fixture_new_digest();
    request_make(&server, &two, digest, "m", NULL, false, request);
    s = run_sign(&server, &two, request, digest, "m", NULL);
    run_step(&server, &s);
    r = shown("/v1/sessions/%s", s.session);
    assert_string_equal(text_of(r, "kind"), "sign");
    assert_string_equal(text_of(r, "state"), "running");
    assert_string_equal(text_of(r, "request"), request);
    assert_string_equal(text_of(r, "wallet"), two.id);
    assert_int_equal(json_integer_value(json_object_get(r, "next_round")), 2);
    json_decref(r);
    snprintf(path, sizeof path, "/v1/sessions/%s", s.session);
    json_decref(call_json(&server, 204, "DELETE", path, NULL));
    json_decref(call_json(&server, 204, "DELETE", path, NULL));
    r = shown("/v1/sessions/%s", s.session);
    assert_string_equal(text_of(r, "state"), "aborted");
    json_decref(r);
    r = shown("/v1/requests/%s", request);
    assert_string_equal(text_of(r, "state"), "approved");
    json_decref(r);
    run_free(&s);
}

/* The policy is asked again before our part leaves, on what is stored: a session that was opened
 * under another one ends there. */
static void the_policy_is_asked_again_at_release(void **state)
{
    static const char *const modes[2] = {"phone", "server"};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        csig_signature signature;
        char request[65];
        http_reply reply;
        octets body;
        run s;

        fixture_new_digest();
        request_make(&server, &two, digest, "m", modes[i], false, request);
        s = run_sign(&server, &two, request, digest, "m", modes[i]);
        for (unsigned j = 0; j < 1 + i; j++)
            run_step(&server, &s);
        daemon_sql(&server, "UPDATE wallets SET allow = 0");
        body = run_collect(&s);
        reply = run_put(&server, &s, &body);
        assert_int_equal(reply.status, 403);
        assert_true(reply_has_code(&reply, "policy-denied"));
        assert_string_equal(reply.session, "failed");
        http_free(&reply);
        daemon_sql(&server, "UPDATE wallets SET allow = 1");
        reply = run_put(&server, &s, &body);
        assert_int_equal(reply.status, 403);
        http_free(&reply);
        assert_false(request_is_signed(&server, request, digest, &signature));
        assert_false(fixture_is_locked());
        octets_free(&body);
        run_free(&s);
    }
}

/* The same device and server again: pairing twice is harmless, enrolling twice too. */
static void pairing_again_is_harmless(void **state)
{
    (void)state;
    device_enrol(&server, &phone);
    device_pair(&server, &phone);
    fixture_sign("m/3", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_phone_has_it_first),
        cmocka_unit_test(the_server_has_it_first),
        cmocka_unit_test(two_of_three_signs_in_full),
        cmocka_unit_test(presignatures_are_made_and_used),
        cmocka_unit_test(a_presignature_is_not_wasted),
        cmocka_unit_test(sessions_run_side_by_side),
        cmocka_unit_test(resources_show_themselves),
        cmocka_unit_test(a_session_shows_its_state),
        cmocka_unit_test(the_policy_is_asked_again_at_release),
        cmocka_unit_test(pairing_again_is_harmless),
    };

    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
