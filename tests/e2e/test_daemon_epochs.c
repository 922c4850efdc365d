/* Signing goes on while a wallet is refreshed, and nothing of an old epoch is honoured. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "e2e/fixture.h"

static char request[65];

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

/* Half as long as their deadline. */
#define PATIENCE 60

/* As soon as there is a place for it; its path. */
static void open_session(char path[64], time_t until)
{
    char where[64], body[256];
    http_reply r = {.status = 0};
    json_t *session;

    snprintf(where, sizeof where, "/v1/wallets/%s/sessions", two.id);
    snprintf(body, sizeof body,
             "{\"kind\":\"presign\",\"signers\":[1,2],\"nonces\":[\"%s\"],\"count\":1}", phone.hex);
    do {
        http_free(&r);
        r = http_call(&server, "POST", where, "application/json", body, strlen(body));
        if (r.status != 201) usleep(20000);
    } while (reply_has_code(&r, "session-limit") && time(NULL) < until);
    if (r.status != 201) fail_msg("%ld %s", r.status, (const char *)r.body);
    session = json_loadb((const char *)r.body, r.len, 0, NULL);
    snprintf(path, 64, "/v1/sessions/%s", text_of(session, "session"));
    json_decref(session);
    http_free(&r);
}

/* They do not wait for their deadline: their places are free at once. */
static void sessions_of_the_old_epoch_make_room(void **state)
{
    enum { ALL = 16 };
    char fresh[ALL][64];
    time_t until;
    run old[ALL - 1], r = run_refresh(&server, &two);

    (void)state;
    for (int i = 0; i < ALL - 1; i++)
        old[i] = begin_sign(&two);
    run_finish(&server, &r);
    run_refresh_adopt(&r, &two);
    run_free(&r);
    for (int i = 0; i < ALL - 1; i++)
        run_free(&old[i]);
    until = time(NULL) + PATIENCE;
    for (int i = 0; i < ALL; i++)
        open_session(fresh[i], until);
    for (int i = 0; i < ALL; i++)
        json_decref(call_json(&server, 204, "DELETE", fresh[i], NULL));
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
    fixture_refresh(&two);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signing_goes_on_until_the_commit),
        cmocka_unit_test(sessions_of_the_old_epoch_end),
        cmocka_unit_test(sessions_of_the_old_epoch_make_room),
        cmocka_unit_test(presignatures_of_the_old_epoch_are_gone),
    };

    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
