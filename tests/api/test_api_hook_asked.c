/* The hook as it is asked: how often, when, and what becomes of what it never decides. The test has
 * the clock; nobody waits. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "api/judging.h"
#include "clock.h"
#include "service/hook.h"

/* --- a hook that takes calls and says nothing --- */

static int listener;
static unsigned calls;
static char url[64], key_file[160];

static int setup(void **state)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    uint8_t der[CSIGD_KEY_PUBLIC_MAX];
    csigd_key_secret secret;
    csigd_key key;

    assert_int_equal(judging_setup(state), 0);
    calls = 0;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, 64), 0);
    assert_int_equal(fcntl(listener, F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", ntohs(at.sin_port));
    assert_int_equal(csigd_key_make(&secret, CSIGD_KEY_ED25519), CSIGD_AUTH_OK);
    assert_int_equal(csigd_key_public(&key, &secret), CSIGD_AUTH_OK);
    temp_write("hook", der, csigd_key_write(der, &key), 0600);
    snprintf(key_file, sizeof key_file, "%s", temp_path("hook"));
    judging_policy(
        "{\"version\":1,\"default\":\"deny\",\"rules\":[{\"id\":\"ask\",\"if\":{\"blind\":"
        "true,\"types\":[\"digest\"]},\"then\":\"hook\"}]}");
    return 0;
}

static int teardown(void **state)
{
    close(listener);
    return judging_teardown(state);
}

static void hook_with(uint32_t seconds)
{
    const csigd_hook_plan plan = {.url = url, .key_file = key_file, .seconds = seconds};
    char why[256] = "";

    if (!csigd_hook_is_started(&judging, &plan, why, sizeof why)) fail_msg("%s", why);
}

static void take_calls(void)
{
    int fd;

    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        close(fd);
        calls++;
    }
}

/* Whatever is due is due: the clock goes on, and the hook looks. */
static void until(const csigd_request *r, csigd_request_state state, int64_t step)
{
    const time_t end = time(NULL) + 120;
    const struct timespec moment = {.tv_nsec = 1000000};

    while (judging_state(r) != state && time(NULL) < end) {
        judging_ahead += step;
        csigd_hook_wake(judging.hook);
        take_calls();
        (void)nanosleep(&moment, NULL);
    }
    take_calls();
    assert_int_equal(judging_state(r), state);
}

/* So many attempts are written down, by a clock that stands. */
static void until_asked(int64_t attempts)
{
    const time_t end = time(NULL) + 60;
    const struct timespec moment = {.tv_nsec = 1000000};

    while (peek("SELECT attempts FROM hook_asks") < attempts && time(NULL) < end) {
        csigd_hook_wake(judging.hook);
        take_calls();
        (void)nanosleep(&moment, NULL);
    }
    assert_true(peek("SELECT attempts FROM hook_asks") >= attempts);
}

static bool text_is_because(const csigd_request *r, const char *text)
{
    csigd_verdict v;

    assert_int_equal(judging.store->policies.verdict(judging.store, r->id, &v), CSIGD_STORED);
    return strcmp(v.because, text) == 0 && strcmp(v.rule, "ask") == 0;
}

/* --- the tests --- */

static void the_twentieth_attempt_is_the_last(void **state)
{
    csigd_request r;

    (void)state;
    hook_with(CSIGD_HOOK_SECONDS_MAX);
    assert_int_equal(judging_ask(0x11, NULL, &r), CSIGD_OK);
    assert_int_equal(r.state, CSIGD_REQUEST_PENDING);
    until(&r, CSIGD_REQUEST_REJECTED, 61);
    assert_int_equal(calls, CSIGD_HOOK_ATTEMPTS_MAX);
    assert_true(text_is_because(&r, "The hook has not decided."));
    assert_int_equal(peek("SELECT count(*) FROM hook_asks"), 0);
    assert_int_equal(peek("SELECT count(*) FROM events WHERE kind = 'request.rejected'"), 1);
    /* nobody is asked again, whatever the time */
    judging_ahead += 86400;
    csigd_hook_wake(judging.hook);
    assert_int_equal(judging_release(&r), CSIGD_POLICY_DENIED);
    take_calls();
    assert_int_equal(calls, CSIGD_HOOK_ATTEMPTS_MAX);
}

static void what_is_not_decided_in_time_is_rejected(void **state)
{
    csigd_request r;

    (void)state;
    hook_with(60);
    assert_int_equal(judging_ask(0x11, NULL, &r), CSIGD_OK);
    judging_ahead = 61;
    csigd_approvals_tick(&judging);
    assert_int_equal(judging_state(&r), CSIGD_REQUEST_REJECTED);
    assert_int_equal(peek("SELECT count(*) FROM hook_asks"), 0);
}

/* Its next attempt is days ahead by the clock that is right now: it is asked all the same. */
static void a_clock_that_jumps_back_keeps_nobody_waiting(void **state)
{
    csigd_request r;

    (void)state;
    judging_ahead = 3 * 86400;
    hook_with(CSIGD_HOOK_SECONDS_MAX);
    assert_int_equal(judging_ask(0x11, NULL, &r), CSIGD_OK);
    until_asked(1);
    judging_ahead = 0;
    until_asked(2);
    assert_int_equal(judging_state(&r), CSIGD_REQUEST_PENDING);
    assert_int_equal(peek("SELECT count(*) FROM hook_decisions"), 0);
}

static void without_a_hook_it_is_denied(void **state)
{
    csigd_request r;

    (void)state;
    assert_int_equal(judging_ask(0x11, NULL, &r), CSIGD_POLICY_DENIED);
    assert_string_equal(judging_why.rule, "ask");
}

/* What was approved by the hook that was pinned then is nothing by another one. */
static void what_a_hook_has_said_is_of_its_key_and_of_this_policy(void **state)
{
    csigd_hook_ask ask = {.rule = "ask", .policy = "all", .version = 1};
    csigd_hook_word word = {.verb = CSIGD_HOOK_APPROVE};
    csigd_request r;

    (void)state;
    hook_with(CSIGD_HOOK_SECONDS_MAX);
    word.decided = csigd_clock_now();
    assert_int_equal(judging_ask(0x11, NULL, &r), CSIGD_OK);
    memcpy(ask.request, r.id, sizeof ask.request);
    memcpy(word.key, csigd_hook_key(judging.hook), sizeof word.key);
    /* to another rule or version than is waited for */
    ask.version = 2;
    assert_int_equal(csigd_request_decide(&judging, &ask, &word), CSIGD_STORE_CONFLICT);
    ask.version = 1;
    snprintf(ask.rule, sizeof ask.rule, "other");
    assert_int_equal(csigd_request_decide(&judging, &ask, &word), CSIGD_STORE_CONFLICT);
    snprintf(ask.rule, sizeof ask.rule, "ask");
    assert_int_equal(csigd_request_decide(&judging, &ask, &word), CSIGD_STORED);
    assert_int_equal(judging_state(&r), CSIGD_APPROVED);
    assert_int_equal(judging_release(&r), CSIGD_OK);
    assert_int_equal(csigd_request_decide(&judging, &ask, &word), CSIGD_STORE_CONFLICT);
    /* the policy changes before it leaves: the newest decides, and has not asked */
    judging_policy(
        "{\"version\":1,\"default\":\"deny\",\"rules\":[{\"id\":\"ask\",\"if\":{\"blind\":"
        "true,\"types\":[\"digest\"]},\"then\":\"hook\",\"because\":\"Anew.\"}]}");
    assert_int_equal(judging_release(&r), CSIGD_POLICY_DENIED);
    assert_string_equal(judging_why.detail, "Anew.");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_twentieth_attempt_is_the_last),
        TEST(what_is_not_decided_in_time_is_rejected),
        TEST(a_clock_that_jumps_back_keeps_nobody_waiting),
        TEST(without_a_hook_it_is_denied),
        TEST(what_a_hook_has_said_is_of_its_key_and_of_this_policy),
    };

    temp_quiet();
    return csig_init() == CSIG_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
