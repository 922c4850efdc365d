/* A refresh that does not go well: kill -9, aborts, an old copy of the store, missing backups, a
 * lying phone. What was staged is gone or it is the epoch, and the server says which. */
#include <stdio.h>
#include <string.h>

#include "e2e/fixture.h"
#include "e2e/forge.h"

static void restart(void)
{
    daemon_kill(&server);
    daemon_start(&server);
    daemon_wait_ready(&server);
}

static void put_again(const run *r, long status, const char *code)
{
    octets nothing = {(uint8_t *)(uintptr_t) "x", 1};

    fixture_expect(run_put(&server, r, &nothing), status, code);
}

/* --- kill -9 --- */

static void killed_before_the_commit_it_is_undone(void **state)
{
    (void)state;
    for (unsigned rounds = 0; rounds < 4; rounds++) {
        const uint64_t epoch = wallet_epoch(&server, &two);
        run r = run_refresh(&server, &two);

        assert_int_equal(r.attempt, rounds + 1);
        for (unsigned i = 0; i < rounds; i++)
            run_step(&server, &r);
        if (r.staged[0] != NULL)
            assert_int_equal(epoch_ask(&server, &two, r.staged[0]), EPOCH_UNDECIDED);
        restart();
        put_again(&r, 410, "session-gone");
        fixture_expect_undone(&r, &two, epoch);
        run_free(&r);
    }
    fixture_refresh(&two);
    fixture_sign_with(&two);
}

/* The commit is durable, its reply was lost: the store decides. */
static void killed_after_the_commit_it_is_done(void **state)
{
    run r = run_refresh(&server, &two);
    const uint64_t epoch = wallet_epoch(&server, &two);
    octets body;
    http_reply lost;

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        run_step(&server, &r);
    body = run_collect(&r);
    lost = run_put(&server, &r, &body);
    http_free(&lost);
    restart();
    assert_int_equal(wallet_epoch(&server, &two), epoch + 1);
    assert_int_equal(epoch_ask(&server, &two, r.staged[0]), EPOCH_CURRENT);
    assert_int_equal(epoch_ask(&server, &two, two.share[0]), EPOCH_DEAD);
    lost = run_put(&server, &r, &body);
    run_take(&r, &lost);
    assert_true(r.done);
    run_refresh_adopt(&r, &two);
    octets_free(&body);
    run_free(&r);
    fixture_sign_with(&two);
}

/* Brought back from before the refresh, the server is at an epoch below the client's, and shows it:
 * the wallet, the new session, the answer to what the client has. */
static void an_old_copy_of_the_store_shows(void **state)
{
    const uint64_t epoch = wallet_epoch(&server, &two);
    char copy[128], body[256], path[128];
    csig_share_info info;
    json_t *session;

    (void)state;
    snprintf(copy, sizeof copy, "%s/copy", server.folder);
    assert_int_equal(daemon_stop(&server), 0);
    daemon_copy_state(&server, copy);
    daemon_start(&server);
    daemon_wait_ready(&server);
    fixture_refresh(&two);
    daemon_kill(&server);
    daemon_run_shell("rm -rf %s && mv %s %s", server.state, copy, server.state);
    daemon_start(&server);
    daemon_wait_ready(&server);
    csig_share_describe(two.share[0], &info);
    assert_true(wallet_epoch(&server, &two) < info.epoch);
    assert_int_equal(wallet_epoch(&server, &two), epoch);
    assert_int_equal(epoch_ask(&server, &two, two.share[0]), EPOCH_DEAD);
    snprintf(path, sizeof path, "/v1/wallets/%s/sessions", two.id);
    snprintf(body, sizeof body,
             "{\"kind\":\"presign\",\"signers\":[1,2],\"nonces\":[\"%s\"],\"count\":1}", phone.hex);
    session = call_text(&server, 201, "POST", path, body);
    assert_true(json_integer_value(json_object_get(session, "epoch")) < (json_int_t)info.epoch);
    json_decref(session);
    /* Two copies of one store: this wallet's client goes on with neither. The other does. */
    fixture_sign_with(&three);
}

/* --- ended on purpose --- */

static void an_aborted_refresh_is_undone(void **state)
{
    char path[128];

    (void)state;
    for (unsigned rounds = 0; rounds < 6; rounds++) {
        const uint64_t epoch = wallet_epoch(&server, &three);
        run r = run_refresh(&server, &three);

        for (unsigned i = 0; i < rounds && !r.done; i++)
            run_step(&server, &r);
        snprintf(path, sizeof path, "/v1/sessions/%s", r.session);
        json_decref(call_json(&server, 204, "DELETE", path, NULL));
        if (r.done) {
            /* It was too late for that. */
            run_refresh_adopt(&r, &three);
            assert_int_equal(epoch_ask(&server, &three, three.share[0]), EPOCH_CURRENT);
            run_free(&r);
            break;
        }
        put_again(&r, 410, "session-gone");
        fixture_expect_undone(&r, &three, epoch);
        run_free(&r);
    }
    fixture_refresh(&three);
    fixture_sign_with(&three);
}

/* --- a lying phone --- */

/* The n-th envelope of the body before round `round` has its octet at `at` (from the end when
 * negative) flipped, and is signed again. */
static void expect_caught(unsigned round, size_t n, int at)
{
    const uint64_t epoch = wallet_epoch(&server, &three);
    device *one[1] = {&phone};
    wallet w;
    run r;
    octets body;
    http_reply reply;

    wallet_make(&server, &w, 2, one, 1);
    r = run_refresh(&server, &w);
    for (unsigned i = 1; i < round; i++)
        run_step(&server, &r);
    body = run_collect(&r);
    forge_flip(&body, n, at >= 0 ? (size_t)at : forge_body_len(&body, n) - (size_t)-at, &phone);
    reply = run_put(&server, &r, &body);
    octets_free(&body);
    if (reply.status == 200) {
        /* A commitment is only looked at when it is opened. */
        run_take(&r, &reply);
        if (r.done) fail_msg("not caught: round %u, envelope %zu", round, n);
        reply = fixture_go_on(&r);
    }
    assert_string_equal(reply.session, "failed");
    fixture_expect(reply, 422, "proof-failed");
    assert_true(fixture_is_locked());
    if (r.staged[0] != NULL) assert_int_equal(epoch_ask(&server, &w, r.staged[0]), EPOCH_DEAD);
    assert_int_equal(epoch_ask(&server, &w, w.share[0]), EPOCH_CURRENT);
    fixture_unlock();
    fixture_sign_with(&w);
    assert_int_equal(wallet_epoch(&server, &three), epoch);
    run_free(&r);
    wallet_free(&w);
}

static void lies_are_caught_and_lock(void **state)
{
    (void)state;
    expect_caught(1, 0, -60); /* the commitment: looked at when it is opened */
    expect_caught(2, 0, 5);   /* rid: not what was committed to */
    expect_caught(2, 0, -1);  /* the masked sub-share */
    expect_caught(2, 1, 700); /* the test's first message */
    expect_caught(2, 2, 3);   /* a receipt of another output */
    expect_caught(3, 0, 50);
    expect_caught(4, 0, -1); /* the partial signature */
}

/* Two receipts, validly signed: a clone, or a cheat. */
static void another_body_for_an_answered_round_ends_it(void **state)
{
    const uint64_t epoch = wallet_epoch(&server, &three);
    device *one[1] = {&phone};
    octets body;
    wallet w;
    run r;

    (void)state;
    wallet_make(&server, &w, 2, one, 1);
    r = run_refresh(&server, &w);
    run_step(&server, &r);
    body = run_collect(&r);
    {
        http_reply reply = run_put(&server, &r, &body);

        assert_int_equal(reply.status, 200);
        http_free(&reply);
    }
    forge_flip(&body, 2, 70, &phone);
    fixture_expect(run_put(&server, &r, &body), 409, "round-conflict");
    assert_true(fixture_is_locked());
    assert_int_equal(epoch_ask(&server, &w, r.staged[0]), EPOCH_DEAD);
    fixture_unlock();
    assert_int_equal(wallet_epoch(&server, &three), epoch);
    octets_free(&body);
    run_free(&r);
    wallet_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_before_the_commit_it_is_undone),
        cmocka_unit_test(killed_after_the_commit_it_is_done),
        cmocka_unit_test(an_aborted_refresh_is_undone),
        cmocka_unit_test(lies_are_caught_and_lock),
        cmocka_unit_test(another_body_for_an_answered_round_ends_it),
        cmocka_unit_test(an_old_copy_of_the_store_shows),
    };

    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
