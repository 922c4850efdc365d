/* Little locked memory: the daemon knows how many sessions fit, and refuses more without harm. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "e2e/fixture.h"

static int setup(void **state)
{
    daemon_prepare(&server);
    daemon_take(&server);
    server.lock_limit = 1 << 20;
    if (geteuid() == 0) daemon_run_shell("chown -R 65534:65534 %s", server.folder);
    return fixture_setup_prepared(state);
}

static http_reply open_presign(const wallet *w, unsigned count)
{
    char path[128], body[256];

    snprintf(path, sizeof path, "/v1/wallets/%s/sessions", w->id);
    snprintf(body, sizeof body,
             "{\"kind\":\"presign\",\"signers\":[1,2],\"nonces\":[\"%s\"],\"count\":%u}", phone.hex,
             count);
    return http_call(&server, "POST", path, "application/json", body, strlen(body));
}

static void more_than_fits_is_refused_and_what_fits_works(void **state)
{
    run first = run_presign(&server, &two, 16), second;
    http_reply r = open_presign(&three, 16);

    (void)state;
    assert_int_equal(r.status, 503);
    assert_true(reply_has_code(&r, "overloaded"));
    assert_true(r.retry_after > 0);
    http_free(&r);
    run_finish(&server, &first);
    /* The halves stay, the sessions do not. */
    second = run_presign(&server, &three, 16);
    run_finish(&server, &second);
    fixture_sign("m", NULL);
    assert_true(daemon_has_logged(&server, "two_party_sessions"));
    assert_false(daemon_has_logged(&server, "E_MEMORY"));
    run_free(&first);
    run_free(&second);
}

static void without_room_for_one_it_does_not_start(void **state)
{
    daemon_process d;
    int code = -1;

    (void)state;
    daemon_prepare(&d);
    d.lock_limit = 200 << 10;
    if (geteuid() == 0) daemon_run_shell("chown -R 65534:65534 %s", d.folder);
    assert_false(daemon_is_started(&d, &code));
    assert_int_equal(code, 3);
    assert_true(daemon_has_logged(&d, "RLIMIT_MEMLOCK"));
    daemon_remove(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_than_fits_is_refused_and_what_fits_works),
        cmocka_unit_test(without_room_for_one_it_does_not_start),
    };

    return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
