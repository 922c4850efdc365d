/* Every message of a refresh, or with the word "reshare" of a resharing, once, with everything that
 * can happen to it and to the time around it: lost, its answer lost, sent twice, sent at once by
 * two, too early, too late, of another session; the wallet signs in between, another client wants
 * to refresh, the session is given up, the service restarted, the clock jumps, nobody comes for a
 * week. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "faults/agree.h"

#define EXCHANGES (inside_reshares ? 5U : 4U) /* the last commits */
#define MINUTE    60
#define DAY       (24 * 60 * MINUTE)

static unsigned faults;

typedef enum ends { GOES_ON, COMES_TO_NOTHING, COMMITS_AT_THE_LAST } ends;

/* What happens before exchange n; true: the client goes on with it. */
typedef bool event(run *r, unsigned n, const octets *body);

typedef struct fault {
    const char *name;
    event *happens;
    ends ends;
} fault;

static void put_and_lose(const run *r, unsigned n, const octets *body)
{
    http_reply reply = run_put_as(&inside, r, n, body);

    http_free(&reply);
}

static void expect_code(http_reply reply, const char *code)
{
    if (!reply_has_code(&reply, code))
        fail_msg("not %s but %ld %s", code, reply.status, (const char *)reply.body);
    http_free(&reply);
}

/* --- messages --- */

static bool is_lost(run *r, unsigned n, const octets *body)
{
    (void)r, (void)n, (void)body;
    return false;
}

static bool its_answer_is_lost(run *r, unsigned n, const octets *body)
{
    put_and_lose(r, n, body);
    return false;
}

static bool its_answer_is_lost_once(run *r, unsigned n, const octets *body)
{
    put_and_lose(r, n, body);
    return true;
}

static bool comes_too_early(run *r, unsigned n, const octets *body)
{
    expect_code(run_put_as(&inside, r, n + 1, body), "round-out-of-order");
    return true;
}

/* The body of this exchange in the place of every one before it: validly signed, and never said
 * there. */
static bool comes_in_the_place_of_others(run *r, unsigned n, const octets *body)
{
    http_reply reply = {.status = 0};

    for (unsigned other = 1; other < n; other++) {
        http_free(&reply);
        reply = run_put_as(&inside, r, other, body);
        assert_int_not_equal(reply.status, 200);
    }
    http_free(&reply);
    return n == 1;
}

static bool comes_in_another_session(run *r, unsigned n, const octets *body)
{
    run other = {.next = n};

    memset(other.session, '7', sizeof other.session - 1);
    expect_code(run_put(&inside, &other, body), "not-found");
    (void)r;
    return true;
}

typedef struct sending {
    const run *r;
    const octets *body;
    http_reply reply;
} sending;

static void *send_it(void *arg)
{
    sending *s = arg;

    s->reply = run_put(&inside, s->r, s->body);
    return NULL;
}

static bool is_sent_by_two_at_once(run *r, unsigned n, const octets *body)
{
    sending s[2] = {{.r = r, .body = body}, {.r = r, .body = body}};
    pthread_t thread[2];

    (void)n;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, send_it, &s[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(s[0].reply.status, 200);
    assert_int_equal(s[0].reply.len, s[1].reply.len);
    assert_memory_equal(s[0].reply.body, s[1].reply.body, s[0].reply.len);
    http_free(&s[0].reply);
    http_free(&s[1].reply);
    return true;
}

/* --- others --- */

static bool another_client_wants_to(run *r, unsigned n, const octets *body)
{
    (void)n, (void)body;
    turnover_refused("state-conflict", r->session);
    return true;
}

static run theirs;

/* The older one gives way, as the command line has it. */
static bool another_client_takes_over(run *r, unsigned n, const octets *body)
{
    (void)r, (void)n, (void)body;
    refresh_try(&theirs, 1, NULL, NULL);
    assert_true(theirs.done);
    return true;
}

static bool the_wallet_signs(run *r, unsigned n, const octets *body)
{
    (void)r, (void)n, (void)body;
    expect_signature();
    return true;
}

static bool a_signature_is_under_way(run *r, unsigned n, const octets *body)
{
    const uint8_t digest[32] = {(uint8_t)n, (uint8_t)agreements(), 3};
    char request[65];
    run s;

    request_make(&inside, &two, digest, "m", NULL, false, request);
    s = run_sign(&inside, &two, request, digest, "m", NULL);
    run_step(&inside, &s);
    put_and_lose(r, n, body);
    if (n == EXCHANGES) {
        octets more = run_collect(&s);

        expect_code(run_put(&inside, &s, &more), "epoch-changed");
        octets_free(&more);
    } else {
        run_finish(&inside, &s);
    }
    run_free(&s);
    return true;
}

static bool is_given_up(run *r, unsigned n, const octets *body)
{
    char path[128];

    snprintf(path, sizeof path, "/v1/sessions/%s", r->session);
    json_decref(call_json(&inside, 204, "DELETE", path, NULL));
    expect_code(run_put(&inside, r, body), "session-gone");
    (void)n;
    return false;
}

static bool is_given_up_at_the_same_time(run *r, unsigned n, const octets *body)
{
    sending s = {.r = r, .body = body};
    pthread_t thread;
    char path[128];

    snprintf(path, sizeof path, "/v1/sessions/%s", r->session);
    assert_int_equal(pthread_create(&thread, NULL, send_it, &s), 0);
    json_decref(call_json(&inside, 204, "DELETE", path, NULL));
    pthread_join(thread, NULL);
    http_free(&s.reply);
    (void)n;
    return false;
}

static bool the_service_restarts(run *r, unsigned n, const octets *body)
{
    inside_restart();
    expect_code(run_put(&inside, r, body), "session-gone");
    (void)n;
    return false;
}

static bool the_service_restarts_after_it(run *r, unsigned n, const octets *body)
{
    put_and_lose(r, n, body);
    inside_restart();
    return n == EXCHANGES;
}

/* --- time --- */

static bool nobody_comes_for_a_week(run *r, unsigned n, const octets *body)
{
    inside_clock(7 * DAY);
    inside_expire(r);
    expect_code(run_put(&inside, r, body), "session-gone");
    (void)n;
    return false;
}

static bool its_answer_is_lost_for_a_week(run *r, unsigned n, const octets *body)
{
    put_and_lose(r, n, body);
    inside_clock(7 * DAY);
    inside_expire(r);
    return false;
}

/* Before anybody has looked at deadlines. */
static bool is_a_moment_too_late(run *r, unsigned n, const octets *body)
{
    inside_clock(10 * MINUTE + 1);
    expect_code(run_put(&inside, r, body), "session-gone");
    (void)n;
    return false;
}

static bool is_just_in_time(run *r, unsigned n, const octets *body)
{
    (void)r, (void)body;
    inside_clock(n * 10 * MINUTE / (EXCHANGES + 1));
    return true;
}

static bool the_clock_is_set_back(run *r, unsigned n, const octets *body)
{
    (void)r, (void)n, (void)body;
    inside_clock(-400 * DAY);
    return true;
}

/* --- each of them at each exchange --- */

static const fault all[] = {
    {"is lost", is_lost, COMES_TO_NOTHING},
    {"its answer is lost", its_answer_is_lost, COMMITS_AT_THE_LAST},
    {"its answer is lost once", its_answer_is_lost_once, GOES_ON},
    {"comes too early", comes_too_early, GOES_ON},
    {"comes in another session", comes_in_another_session, GOES_ON},
    {"is sent by two at once", is_sent_by_two_at_once, GOES_ON},
    {"another client wants to", another_client_wants_to, GOES_ON},
    {"the wallet signs", the_wallet_signs, GOES_ON},
    {"a signature is under way", a_signature_is_under_way, GOES_ON},
    {"is given up", is_given_up, COMES_TO_NOTHING},
    {"the service restarts", the_service_restarts, COMES_TO_NOTHING},
    {"the service restarts after it", the_service_restarts_after_it, COMMITS_AT_THE_LAST},
    {"nobody comes for a week", nobody_comes_for_a_week, COMES_TO_NOTHING},
    {"its answer is lost for a week", its_answer_is_lost_for_a_week, COMMITS_AT_THE_LAST},
    {"is a moment too late", is_a_moment_too_late, COMES_TO_NOTHING},
    {"is just in time", is_just_in_time, GOES_ON},
    {"the clock is set back", the_clock_is_set_back, GOES_ON},
};

typedef struct happening {
    event *happens;
    unsigned n;
} happening;

static bool at(run *r, unsigned n, const octets *body, void *ctx)
{
    const happening *h = ctx;

    return n != h->n || h->happens(r, n, body);
}

/* true: refreshed */
static bool meets(event *happens, unsigned n)
{
    happening h = {happens, n};
    run r;
    bool refreshed;

    refresh_try(&r, 1, at, &h);
    assert_int_not_equal(r.session[0], 0);
    refreshed = refresh_settle(&r);
    inside_clock(0);
    faults++;
    return refreshed;
}

static void every_fault_at_every_exchange(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        for (unsigned n = 1; n <= EXCHANGES; n++) {
            const bool commits = all[i].ends == COMMITS_AT_THE_LAST && n == EXCHANGES;
            const bool wanted = all[i].ends == GOES_ON || commits;
            bool refreshed;

            if (!commits && !fault_is_drawn()) continue;
            refreshed = meets(all[i].happens, n);
            if (refreshed != wanted) fail_msg("%s, exchange %u", all[i].name, n);
            expect_agreement();
        }
    }
}

/* Whichever comes first: both sides say the same afterwards. */
static void given_up_while_it_is_answered(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= EXCHANGES; n++) {
        for (int again = 0; again < 4; again++) {
            bool refreshed;

            if (!fault_is_drawn()) continue;
            refreshed = meets(is_given_up_at_the_same_time, n);
            assert_true(n == EXCHANGES || !refreshed);
            expect_agreement();
        }
    }
}

/* A second client of the same device: the first one's session is over, and so is its epoch. */
static void two_clients_at_once(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= EXCHANGES; n++) {
        if (!fault_is_drawn()) continue;
        /* The first one does not follow what is not its own. */
        assert_false(meets(another_client_takes_over, n));
        assert_int_equal(epoch_ask(&inside, &two, theirs.staged[0]), EPOCH_CURRENT);
        assert_int_equal(epoch_ask(&inside, &two, two.share[0]), EPOCH_DEAD);
        assert_true(refresh_settle(&theirs));
        expect_agreement();
    }
}

/* What is said twice differently is cheating or a clone: the pair is locked, the epoch stays. */
static void a_message_in_the_place_of_another_locks(void **state)
{
    (void)state;
    for (unsigned n = 2; n <= EXCHANGES; n++) {
        if (!fault_is_drawn()) continue;
        assert_false(meets(comes_in_the_place_of_others, n));
        expect_agreement();
        unlock_all();
    }
}

static int teardown(void **state)
{
    print_message("%u faults of messages and time, %u agreements%s\n", faults, agreements(),
                  faults_drawn());
    return inside_teardown(state);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_at_every_exchange),
        cmocka_unit_test(given_up_while_it_is_answered),
        cmocka_unit_test(two_clients_at_once),
        cmocka_unit_test(a_message_in_the_place_of_another_locks),
    };

    inside_reshares = argc > 1 && strcmp(argv[1], "reshare") == 0;
    return cmocka_run_group_tests(tests, inside_reshares ? inside_setup_resharing : inside_setup,
                                  teardown);
}
