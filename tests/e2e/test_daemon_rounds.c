/* Rounds that come again, late, too early, altered, or signed twice. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e/fixture.h"

static char request[65];

static run begin(void)
{
    fixture_new_digest();
    request_make(&server, &two, digest, "m/1", NULL, false, request);
    return run_sign(&server, &two, request, digest, "m/1", NULL);
}

static void expect(http_reply reply, long status, const char *code)
{
    if (reply.status != status || !reply_has_code(&reply, code))
        fail_msg("%ld %s, not %ld %s", reply.status,
                 reply.body != NULL ? (const char *)reply.body : "", status, code);
    http_free(&reply);
}

static void expect_same(const http_reply *first, http_reply again)
{
    assert_int_equal(again.status, first->status);
    assert_string_equal(again.session, first->session);
    assert_int_equal(again.len, first->len);
    assert_memory_equal(again.body, first->body, first->len);
    http_free(&again);
}

static http_reply copy_of(const http_reply *r)
{
    http_reply copy = *r;

    copy.body = malloc(r->len + 1);
    assert_non_null(copy.body);
    memcpy(copy.body, r->body, r->len);
    return copy;
}

/* The lost reply: the same octets give the same octets, in the middle, at the end, after a restart.
 */
static void the_same_body_gives_the_same_reply(void **state)
{
    http_reply reply[3];
    octets body[3];
    run s = begin();

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        http_reply again;

        body[i] = run_collect(&s);
        reply[i] = run_put(&server, &s, &body[i]);
        for (unsigned j = 0; j <= i; j++)
            expect_same(&reply[j], run_put_as(&server, &s, j + 1, &body[j]));
        again = copy_of(&reply[i]);
        run_take(&s, &again);
    }
    assert_true(s.done);
    run_check_signature(&s, &two, "m/1", digest);
    daemon_kill(&server);
    daemon_start(&server);
    daemon_wait_ready(&server);
    for (unsigned i = 0; i < 3; i++) {
        expect_same(&reply[i], run_put_as(&server, &s, i + 1, &body[i]));
        http_free(&reply[i]);
        octets_free(&body[i]);
    }
    run_free(&s);
}

static void rounds_ahead_and_behind_are_refused(void **state)
{
    run s = begin();
    octets body = run_collect(&s), other = {(uint8_t *)(uintptr_t) "junk", 4};
    http_reply reply = run_put_as(&server, &s, 2, &body);

    (void)state;
    assert_int_equal(reply.status, 409);
    assert_non_null(strstr((const char *)reply.body, "\"expected_round\":1"));
    expect(reply, 409, "round-out-of-order");
    reply = run_put(&server, &s, &body);
    run_take(&s, &reply);
    expect(run_put_as(&server, &s, 3, &body), 409, "round-out-of-order");
    expect(run_put_as(&server, &s, 999, &body), 409, "round-out-of-order");
    expect(run_put_as(&server, &s, 0, &body), 404, "not-found");
    expect(run_put_as(&server, &s, 1, &other), 400, "bad-envelope");
    run_finish(&server, &s);
    expect(run_put_as(&server, &s, s.next, &body), 410, "session-gone");
    octets_free(&body);
    run_free(&s);
}

/* Every part of an envelope altered: 4xx, nothing has changed, the honest body still works. E4:
 * octets behind the last envelope. */
static void altered_bodies_change_nothing(void **state)
{
    run s = begin();

    (void)state;
    while (!s.done) {
        octets body = run_collect(&s);
        http_reply reply;

        for (size_t i = 0; i < body.len; i += i < 60 ? 1 : 97) {
            octets bent = {malloc(body.len), body.len};

            memcpy(bent.p, body.p, body.len);
            bent.p[i] ^= 0x10;
            reply = run_put(&server, &s, &bent);
            if (reply.status != 400 && reply.status != 401 && reply.status != 426)
                fail_msg("octet %zu: %ld %s", i, reply.status, (const char *)reply.body);
            assert_string_equal(reply.session, "running");
            http_free(&reply);
            octets_free(&bent);
        }
        for (size_t len = 0; len < body.len; len += 211) {
            const octets cut = {body.p, len};

            expect(run_put(&server, &s, &cut), 400, "bad-envelope");
        }
        body.p = realloc(body.p, body.len + 1);
        body.p[body.len] = 0;
        body.len++;
        expect(run_put(&server, &s, &body), 400, "bad-envelope");
        body.len--;
        reply = run_put(&server, &s, &body);
        octets_free(&body);
        run_take(&s, &reply);
    }
    run_check_signature(&s, &two, "m/1", digest);
    assert_false(fixture_is_locked());
    run_free(&s);
}

/* Envelopes that were taken before the refused one may come again. */
static void a_refused_body_can_be_mended(void **state)
{
    run s = run_presign(&server, &two, 2);

    (void)state;
    while (!s.done) {
        octets body = run_collect(&s);
        http_reply reply;

        /* The last envelope's signature. */
        body.p[body.len - 1] ^= 1;
        expect(run_put(&server, &s, &body), 401, "bad-signature");
        body.p[body.len - 1] ^= 1;
        reply = run_put(&server, &s, &body);
        octets_free(&body);
        run_take(&s, &reply);
    }
    assert_false(fixture_is_locked());
    run_free(&s);
}

/* Another body for an answered round: not validly signed, nothing changes. */
static void a_forged_second_message_changes_nothing(void **state)
{
    run s = begin();
    octets body = run_collect(&s);
    http_reply reply = run_put(&server, &s, &body);

    (void)state;
    run_take(&s, &reply);
    body.p[body.len / 2] ^= 1;
    expect(run_put_as(&server, &s, 1, &body), 401, "bad-signature");
    run_finish(&server, &s);
    run_check_signature(&s, &two, "m/1", digest);
    expect(run_put_as(&server, &s, 1, &body), 409, "round-conflict");
    assert_false(fixture_is_locked());
    octets_free(&body);
    run_free(&s);
}

/* Two different messages of one round, both validly signed: a clone, or cheating. */
static void two_signed_messages_for_one_round_lock(void **state)
{
    run s = begin(), clone = s;
    octets body, other;
    http_reply reply;
    char path[128];

    (void)state;
    clone.s[0] = run_sign_again(&s, digest, "m/1");
    body = run_collect(&s);
    other = run_collect(&clone);
    assert_int_equal(body.len, other.len);
    reply = run_put(&server, &s, &body);
    run_take(&s, &reply);
    expect(run_put_as(&server, &s, 1, &other), 409, "round-conflict");
    assert_true(fixture_is_locked());
    octets_free(&body);
    body = run_collect(&s);
    expect(run_put(&server, &s, &body), 410, "session-gone");
    snprintf(path, sizeof path, "/v1/requests/%s/sessions", request);
    call_problem(&server, "key-locked", "POST", path, "{s:[ii],s:[s]}", "signers", 1, 2, "nonces",
                 phone.hex);
    fixture_unlock();
    assert_false(fixture_is_locked());
    fixture_sign("m/1", NULL);
    octets_free(&body);
    octets_free(&other);
    csig_session_free(clone.s[0]);
    run_free(&s);
}

/* Validly signed, but of a later round: the session cannot go on, and nobody is locked. */
static void a_later_message_for_an_answered_round_ends_the_session(void **state)
{
    run s = begin();
    octets body;

    (void)state;
    run_step(&server, &s);
    body = run_collect(&s);
    expect(run_put_as(&server, &s, 1, &body), 409, "round-conflict");
    expect(run_put(&server, &s, &body), 410, "session-gone");
    assert_false(fixture_is_locked());
    octets_free(&body);
    run_free(&s);
}

static void a_deleted_session_is_gone(void **state)
{
    run s = begin();
    octets body;
    char path[128];

    (void)state;
    run_step(&server, &s);
    snprintf(path, sizeof path, "/v1/sessions/%s", s.session);
    json_decref(call_json(&server, 204, "DELETE", path, NULL));
    body = run_collect(&s);
    expect(run_put(&server, &s, &body), 410, "session-gone");
    octets_free(&body);
    run_free(&s);
}

/* --- many at once --- */

#define CALLERS 16

typedef struct caller {
    const run *s;
    const octets *body;
    http_reply reply;
    pthread_t thread;
} caller;

static void *call(void *ctx)
{
    caller *c = ctx;

    c->reply = run_put(&server, c->s, c->body);
    return NULL;
}

/* One round sent sixteen times at the same moment is computed once. */
static void one_round_from_many_callers(void **state)
{
    run s = begin();

    (void)state;
    while (!s.done) {
        caller callers[CALLERS];
        octets body = run_collect(&s);

        for (int i = 0; i < CALLERS; i++) {
            callers[i] = (caller){.s = &s, .body = &body};
            assert_int_equal(pthread_create(&callers[i].thread, NULL, call, &callers[i]), 0);
        }
        for (int i = 0; i < CALLERS; i++)
            pthread_join(callers[i].thread, NULL);
        for (int i = 1; i < CALLERS; i++)
            expect_same(&callers[0].reply, callers[i].reply);
        octets_free(&body);
        run_take(&s, &callers[0].reply);
    }
    run_check_signature(&s, &two, "m/1", digest);
    run_free(&s);
}

/* --- other inputs --- */

/* D9, C10: a client that signs something else than the request says learns which input differs, at
 * the first message; nothing is locked and the session goes on for whoever sees it right. */
static void a_client_with_other_inputs_is_told_which(void **state)
{
    uint8_t other[32];
    run s = begin(), wrong = s;
    octets body;
    http_reply reply;

    (void)state;
    memcpy(other, digest, sizeof other);
    other[31] ^= 1;
    wrong.s[0] = run_sign_again(&s, other, "m/1");
    body = run_collect(&wrong);
    reply = run_put(&server, &s, &body);
    assert_non_null(strstr((const char *)reply.body, "\"field\":\"digest\""));
    assert_string_equal(reply.session, "running");
    expect(reply, 409, "ssid-mismatch");
    octets_free(&body);
    csig_session_free(wrong.s[0]);
    wrong.s[0] = run_sign_again(&s, digest, "m/2");
    body = run_collect(&wrong);
    reply = run_put(&server, &s, &body);
    assert_non_null(strstr((const char *)reply.body, "\"field\":\"path\""));
    expect(reply, 409, "ssid-mismatch");
    octets_free(&body);
    csig_session_free(wrong.s[0]);
    assert_false(fixture_is_locked());
    run_finish(&server, &s);
    run_check_signature(&s, &two, "m/1", digest);
    run_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_body_gives_the_same_reply),
        cmocka_unit_test(rounds_ahead_and_behind_are_refused),
        cmocka_unit_test(altered_bodies_change_nothing),
        cmocka_unit_test(a_refused_body_can_be_mended),
        cmocka_unit_test(a_forged_second_message_changes_nothing),
        cmocka_unit_test(two_signed_messages_for_one_round_lock),
        cmocka_unit_test(a_later_message_for_an_answered_round_ends_the_session),
        cmocka_unit_test(a_deleted_session_is_gone),
        cmocka_unit_test(one_round_from_many_callers),
        cmocka_unit_test(a_client_with_other_inputs_is_told_which),
    };

    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
