/* Refresh by a real daemon: the shares change, the key does not, signing never stops, and nothing
 * of an old epoch is honoured. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "e2e/fixture.h"

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

/* Ten minutes for all of it. */
static void a_refresh_has_its_time(void **state)
{
    const time_t least = time(NULL) + 599;
    run r = run_refresh(&server, &two);
    const time_t most = time(NULL) + 601;
    char path[128], want[32];
    json_t *shown;

    (void)state;
    snprintf(path, sizeof path, "/v1/sessions/%s", r.session);
    shown = call_json(&server, 200, "GET", path, NULL);
    strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%SZ", gmtime(&least));
    assert_true(strcmp(text_of(shown, "deadline"), want) > 0);
    strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%SZ", gmtime(&most));
    assert_true(strcmp(text_of(shown, "deadline"), want) < 0);
    assert_int_equal(json_integer_value(json_object_get(shown, "attempt")), r.attempt);
    json_decref(shown);
    json_decref(call_json(&server, 204, "DELETE", path, NULL));
    run_free(&r);
}

/* A wallet that is not born has no epoch, one that never was is signed to be unborn. */
static void epochs_of_other_wallets(void **state)
{
    device *one[1] = {&phone};
    char path[160];
    http_reply reply;
    wallet w;
    run r = wallet_begin(&server, &w, 2, one, 1);

    (void)state;
    snprintf(path, sizeof path, "/v1/wallets/%s/epochs/%s", w.id, phone.hex);
    call_problem(&server, "state-conflict", "GET", path, NULL);
    snprintf(path, sizeof path, "/v1/wallets/%.32s/epochs/%s", phone.hex, phone.hex);
    reply = http_call(&server, "GET", path, NULL, NULL, 0);
    assert_int_equal(reply.status, 404);
    assert_non_null(strstr((const char *)reply.body, "\"unborn\":"));
    http_free(&reply);
    run_free(&r);
    wallet_free(&w);
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
        {"\"kind\":\"reborn\",\"signers\":[1,2],\"count\":1", "kind"},
        {"\"kind\":\"presign\",\"count\":1", "signers"},
        {"\"kind\":\"refresh\",\"signers\":[1,2,3],\"test_signers\":[1,2],\"signers_required\":2",
         "signers_required"},
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
        cmocka_unit_test(one_refresh_at_a_time),
        cmocka_unit_test(a_refresh_has_its_time),
        cmocka_unit_test(epochs_of_other_wallets),
        cmocka_unit_test(what_cannot_be_asked_for),
        cmocka_unit_test(every_round_is_answered_the_same_again),
    };

    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
