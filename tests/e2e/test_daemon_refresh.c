/* Refresh by a real daemon: the shares change, the key does not, signing never stops, and nothing
 * of an old epoch is honoured. */
#include <stdio.h>
#include <string.h>

#include "e2e/fixture.h"

static char request[65];

/* One refresh of a wallet to its end. */
static void refresh(wallet *w)
{
    const uint64_t before = wallet_epoch(&server, w);
    run r = run_refresh(&server, w);

    run_finish(&server, &r);
    assert_int_equal(wallet_epoch(&server, w), before + 1);
    assert_int_equal(epoch_ask(&server, w, w->share[0]), EPOCH_DEAD);
    run_refresh_adopt(&r, w);
    for (size_t i = 0; i < w->n; i++)
        assert_int_equal(epoch_ask(&server, w, w->share[i]), EPOCH_CURRENT);
    run_free(&r);
}

static run begin_sign(const wallet *w)
{
    fixture_new_digest();
    request_make(&server, w, digest, "m/1", NULL, false, request);
    return run_sign(&server, w, request, digest, "m/1", NULL);
}

static json_t *show_wallet(const wallet *w)
{
    char path[64];

    snprintf(path, sizeof path, "/v1/wallets/%s", w->id);
    return call_json(&server, 200, "GET", path, NULL);
}

/* --- to the end --- */

static void two_of_two_in_four_exchanges(void **state)
{
    run r;

    (void)state;
    fixture_sign_with(&two);
    assert_int_equal(epoch_ask(&server, &two, two.share[0]), EPOCH_CURRENT);
    r = run_refresh(&server, &two);
    assert_int_equal(r.attempt, 1);
    for (unsigned i = 1; i <= 4; i++) {
        assert_false(r.done);
        run_step(&server, &r);
    }
    assert_true(r.done);
    run_refresh_adopt(&r, &two);
    run_free(&r);
    assert_int_equal(epoch_ask(&server, &two, two.share[0]), EPOCH_CURRENT);
    fixture_sign_with(&two);
    refresh(&two);
    fixture_sign_with(&two);
}

static void two_of_three(void **state)
{
    (void)state;
    fixture_sign_with(&three);
    refresh(&three);
    fixture_sign_with(&three);
    refresh(&three);
    fixture_sign_with(&three);
}

/* What the wallet says of itself, before and after, and after a restart. */
static void the_wallet_tells_its_epoch(void **state)
{
    const uint64_t before = wallet_epoch(&server, &two);
    csig_share_info info;
    uint8_t epoch_state[32], key[CSIG_PUBKEY_BYTES], commit[64];
    json_t *shown;

    (void)state;
    refresh(&two);
    daemon_kill(&server);
    daemon_start(&server);
    daemon_wait_ready(&server);
    shown = show_wallet(&two);
    csig_share_describe(two.share[0], &info);
    hex_of(json_object_get(shown, "epoch_state"), epoch_state, sizeof epoch_state);
    hex_of(json_object_get(shown, "public_key"), key, sizeof key);
    hex_of(json_object_get(shown, "commit"), commit, sizeof commit);
    assert_memory_equal(epoch_state, info.epoch_state, sizeof epoch_state);
    assert_memory_equal(key, two.public_key, sizeof key);
    assert_int_equal(csig_refresh_commit_verify(two.share[0], 2, commit), CSIG_OK);
    assert_int_equal(json_integer_value(json_object_get(shown, "epoch")), before + 1);
    assert_int_equal(json_integer_value(json_object_get(shown, "epoch_attempt")), 1);
    assert_string_equal(text_of(shown, "refreshed"), "shares-only");
    assert_int_equal(json_array_size(json_object_get(shown, "backups")), 1);
    json_decref(shown);
    fixture_sign_with(&two);
}

/* --- signing meanwhile --- */

static void signing_goes_on_until_the_commit(void **state)
{
    run r = run_refresh(&server, &two);

    (void)state;
    for (unsigned i = 1; i <= 4; i++) {
        fixture_sign_with(&two);
        if (i < 4) run_step(&server, &r);
    }
    assert_int_equal(epoch_ask(&server, &two, r.staged[0]), EPOCH_UNDECIDED);
    assert_int_equal(epoch_ask(&server, &two, two.share[0]), EPOCH_CURRENT);
    run_step(&server, &r);
    run_refresh_adopt(&r, &two);
    run_free(&r);
    fixture_sign_with(&two);
}

/* A session of the old epoch is over, the request is not. */
static void sessions_of_the_old_epoch_end(void **state)
{
    run r = run_refresh(&server, &two), early = begin_sign(&two), late, batch;
    char first[65], path[128];
    octets body, again;
    json_t *shown;

    (void)state;
    snprintf(first, sizeof first, "%s", request);
    again = run_collect(&early);
    {
        http_reply reply = run_put(&server, &early, &again);

        run_take(&early, &reply);
    }
    late = begin_sign(&two);
    batch = run_presign(&server, &two, 2);
    run_step(&server, &batch);
    run_finish(&server, &r);
    body = run_collect(&early);
    fixture_expect(run_put(&server, &early, &body), 409, "epoch-changed");
    fixture_expect(run_put_as(&server, &early, 1, &again), 409, "epoch-changed");
    octets_free(&body);
    octets_free(&again);
    body = run_collect(&late);
    fixture_expect(run_put(&server, &late, &body), 409, "epoch-changed");
    octets_free(&body);
    body = run_collect(&batch);
    fixture_expect(run_put(&server, &batch, &body), 409, "epoch-changed");
    octets_free(&body);
    snprintf(path, sizeof path, "/v1/sessions/%s", early.session);
    shown = call_json(&server, 200, "GET", path, NULL);
    assert_string_equal(text_of(shown, "state"), "outdated");
    json_decref(shown);
    json_decref(call_json(&server, 204, "DELETE", path, NULL));
    assert_false(fixture_is_locked());
    snprintf(path, sizeof path, "/v1/requests/%s", first);
    shown = call_json(&server, 200, "GET", path, NULL);
    assert_string_equal(text_of(shown, "state"), "approved");
    json_decref(shown);
    /* With the old share a new session is another session's; with the new one it signs. */
    run_free(&early);
    early = run_sign(&server, &two, request, digest, "m/1", NULL);
    body = run_collect(&early);
    fixture_expect(run_put(&server, &early, &body), 409, "ssid-mismatch");
    octets_free(&body);
    snprintf(path, sizeof path, "/v1/sessions/%s", early.session);
    json_decref(call_json(&server, 204, "DELETE", path, NULL));
    run_free(&early);
    run_refresh_adopt(&r, &two);
    early = run_sign(&server, &two, request, digest, "m/1", NULL);
    run_finish(&server, &early);
    run_check_signature(&early, &two, "m/1", digest);
    run_free(&early);
    run_free(&late);
    run_free(&batch);
    run_free(&r);
}

static void presignatures_of_the_old_epoch_are_gone(void **state)
{
    run halves = run_presign(&server, &two, 3), fresh, s;
    char path[128];
    json_t *shown;

    (void)state;
    run_finish(&server, &halves);
    shown = show_wallet(&two);
    assert_int_equal(json_array_size(json_object_get(shown, "presignatures")), 3);
    json_decref(shown);
    refresh(&two);
    shown = show_wallet(&two);
    assert_int_equal(json_array_size(json_object_get(shown, "presignatures")), 0);
    json_decref(shown);
    fixture_new_digest();
    request_make(&server, &two, digest, "m", NULL, true, request);
    snprintf(path, sizeof path, "/v1/requests/%s/sessions", request);
    call_problem(&server, "no-presignature", "POST", path, "{s:[ii],s:[s]}", "signers", 1, 2,
                 "nonces", phone.hex);
    fresh = run_presign(&server, &two, 1);
    run_finish(&server, &fresh);
    s = run_online(&server, &two, request, digest, "m", &fresh);
    run_finish(&server, &s);
    run_check_signature(&s, &two, "m", digest);
    run_free(&s);
    run_free(&fresh);
    run_free(&halves);
}

/* --- what is refused --- */

static void one_refresh_at_a_time(void **state)
{
    run r = run_refresh(&server, &two), other = run_refresh(&server, &three);
    char path[128], nonce[65];
    http_reply reply;
    char body[256];

    (void)state;
    snprintf(nonce, sizeof nonce, "%s", phone.hex);
    snprintf(path, sizeof path, "/v1/wallets/%s/sessions", two.id);
    snprintf(body, sizeof body,
             "{\"kind\":\"refresh\",\"signers\":[1,2],\"nonces\":[\"%s\"],\"test_signers\":[1,2]}",
             nonce);
    reply = http_call(&server, "POST", path, "application/json", body, strlen(body));
    assert_int_equal(reply.status, 409);
    assert_true(reply_has_code(&reply, "state-conflict"));
    assert_non_null(strstr((const char *)reply.body, r.session));
    http_free(&reply);
    /* Those of two wallets have nothing to do with each other. */
    run_finish(&server, &r);
    run_finish(&server, &other);
    run_refresh_adopt(&r, &two);
    run_refresh_adopt(&other, &three);
    run_free(&r);
    run_free(&other);
    fixture_sign_with(&three);
}

static void expect_field(const wallet *w, const char *body, const char *field)
{
    char path[128], want[64];
    http_reply reply;

    snprintf(path, sizeof path, "/v1/wallets/%s/sessions", w->id);
    snprintf(want, sizeof want, "\"field\":\"%s\"", field);
    reply = http_call(&server, "POST", path, "application/json", body, strlen(body));
    if (reply.status != 400 || strstr((const char *)reply.body, want) == NULL)
        fail_msg("%s: %ld %s", body, reply.status, (const char *)reply.body);
    http_free(&reply);
}

static void what_cannot_be_asked_for(void **state)
{
    static const struct {
        const char *members, *field;
    } wrong[] = {
        {"\"kind\":\"refresh\",\"signers\":[1,2],\"test_signers\":[1,2]", "signers"},
        {"\"kind\":\"refresh\",\"signers\":[1,3],\"test_signers\":[1,2]", "signers"},
        {"\"kind\":\"refresh\",\"signers\":[2,1,3],\"test_signers\":[1,2]", "signers"},
        {"\"kind\":\"refresh\",\"signers\":[1,2,4],\"test_signers\":[1,2]", "signers"},
        {"\"kind\":\"refresh\",\"signers\":[1,2,3],\"test_signers\":[1,2]", "nonces"},
        {"\"kind\":\"refresh\",\"signers\":[1,2,3]", "test_signers"},
        {"\"kind\":\"refresh\",\"signers\":[1,2,3],\"count\":1,\"test_signers\":[1,2]", "count"},
        {"\"kind\":\"presign\",\"signers\":[1,2],\"count\":1,\"test_signers\":[1,2]",
         "test_signers"},
        {"\"kind\":\"presign\",\"signers\":[1,2]", "count"},
        {"\"kind\":\"reshare\",\"signers\":[1,2],\"count\":1", "kind"},
    };
    char body[512];

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(body, sizeof body, "{%s,\"nonces\":[\"%s\"]}", wrong[i].members, phone.hex);
        expect_field(&three, body, wrong[i].field);
    }
    for (size_t i = 0; i < 3; i++) {
        static const char *const tests[] = {"[1,3]", "[1,2,3]", "[2,2]"};

        snprintf(body, sizeof body,
                 "{\"kind\":\"refresh\",\"signers\":[1,2,3],\"nonces\":[\"%s\",\"%s\"],"
                 "\"test_signers\":%s}",
                 phone.hex, phone.hex, tests[i]);
        expect_field(&three, body, "test_signers");
    }
}

/* --- the same again --- */

static void every_round_is_answered_the_same_again(void **state)
{
    run r = run_refresh(&server, &two);
    octets bodies[4];
    http_reply first[4], again;

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        bodies[i] = run_collect(&r);
        first[i] = run_put(&server, &r, &bodies[i]);
        again = run_put(&server, &r, &bodies[i]);
        assert_int_equal(again.status, 200);
        assert_int_equal(again.len, first[i].len);
        assert_memory_equal(again.body, first[i].body, again.len);
        run_take(&r, &again);
    }
    daemon_kill(&server);
    daemon_start(&server);
    daemon_wait_ready(&server);
    for (unsigned i = 0; i < 4; i++) {
        again = run_put_as(&server, &r, i + 1, &bodies[i]);
        assert_int_equal(again.len, first[i].len);
        assert_memory_equal(again.body, first[i].body, again.len);
        assert_string_equal(again.session, i < 3 ? "running" : "done");
        http_free(&again);
        http_free(&first[i]);
        octets_free(&bodies[i]);
    }
    run_refresh_adopt(&r, &two);
    run_free(&r);
    fixture_sign_with(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_of_two_in_four_exchanges),
        cmocka_unit_test(two_of_three),
        cmocka_unit_test(the_wallet_tells_its_epoch),
        cmocka_unit_test(signing_goes_on_until_the_commit),
        cmocka_unit_test(sessions_of_the_old_epoch_end),
        cmocka_unit_test(presignatures_of_the_old_epoch_are_gone),
        cmocka_unit_test(one_refresh_at_a_time),
        cmocka_unit_test(what_cannot_be_asked_for),
        cmocka_unit_test(every_round_is_answered_the_same_again),
    };

    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
