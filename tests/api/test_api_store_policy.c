/* The store's policies: which one is in force, what is reserved and given back, and what people
 * have said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/records.h"
#include "store/sqlite.h"

static csigd_store *s;

static int setup(void **state)
{
    (void)state;
    temp_folder();
    temp_quiet();
    s = temp_store();
    store_with_wallet(s);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    s->close(s);
    temp_remove();
    return 0;
}

/* --- in force --- */

static void expect_in_force(const char *subject, uint32_t version)
{
    csigd_policy_row row;

    assert_int_equal(s->policies.of_wallet(s, octets(1), &row), CSIGD_STORED);
    assert_string_equal(row.subject, subject);
    assert_int_equal(row.version, version);
    csigd_policy_row_clear(&row);
}

static void the_nearest_is_in_force(void **state)
{
    char mine[CSIGD_SUBJECT_BYTES];
    csigd_policy_row row;
    uint64_t n = 9;

    (void)state;
    csigd_subject_of_wallet(mine, octets(1));
    assert_string_equal(mine, "wallet/01000000000000000000000000000000");
    assert_int_equal(s->policies.count(s, &n), CSIGD_STORED);
    assert_int_equal(n, 0);
    assert_int_equal(s->policies.of_wallet(s, octets(1), &row), CSIGD_STORE_NONE);
    assert_int_equal(s->policies.of_wallet(s, octets(9), &row), CSIGD_STORE_NONE);
    assert_int_equal(s->policies.put(s, "all", "{}", 5, "all", 1), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->policies.put(s, "all", "{}", 5, NULL, 0), CSIGD_STORED);
    expect_in_force("all", 1);
    /* what was looked at is not in force any more */
    assert_int_equal(s->policies.put(s, "all", "{}", 5, NULL, 0), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->policies.put(s, "all", "{}", 5, "all", 2), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->policies.put(s, "all", "{}", 5, "all", 1), CSIGD_STORED);
    expect_in_force("all", 2);
    /* a label that is not the wallet's */
    assert_int_equal(s->policies.put(s, "label/sales", "{}", 5, "all", 2), CSIGD_STORED);
    expect_in_force("all", 2);
    /* it has the label treasury/eu */
    assert_int_equal(s->policies.put(s, "label/treasury", "{}", 5, "all", 2), CSIGD_STORED);
    expect_in_force("label/treasury", 1);
    assert_int_equal(s->policies.of_subject(s, "label/treasury/eu", &row), CSIGD_STORED);
    assert_string_equal(row.subject, "label/treasury");
    csigd_policy_row_clear(&row);
    assert_int_equal(s->policies.of_subject(s, "label/treasury2", &row), CSIGD_STORED);
    assert_string_equal(row.subject, "all");
    csigd_policy_row_clear(&row);
    assert_int_equal(s->policies.put(s, mine, "{}", 5, "label/treasury", 1), CSIGD_STORED);
    expect_in_force(mine, 1);
    assert_int_equal(s->policies.count(s, &n), CSIGD_STORED);
    assert_int_equal(n, 4);
}

/* --- what is spent --- */

static csigd_request_state says;

static csigd_stored judge(void *ctx, csigd_request_state *state, csigd_verdict *verdict)
{
    snprintf(verdict->rule, sizeof verdict->rule, "r");
    if (says == CSIGD_REQUEST_PENDING) verdict->until = *(const int64_t *)ctx;
    *state = says;
    return says == CSIGD_REQUEST_FAILED ? CSIGD_STORE_DENIED : CSIGD_STORED;
}

static csigd_judge a_judge(int64_t *until, csigd_request_state state, uint8_t ether)
{
    csigd_judge j = {.ctx = until, .judge = judge, .wallet = octets(1)};

    says = state;
    j.spendings.n = 1;
    snprintf(j.spendings.of[0].asset, CSIG_ASSET_BYTES, "eip155:1/slip44:60");
    j.spendings.of[0].amount[31] = ether;
    return j;
}

static csigd_stored make(uint8_t n, csigd_request_state state, uint8_t ether, int64_t until)
{
    static const csigd_idempotency none = {.name = ""};
    csigd_request r = a_request(n, 1);
    const csigd_judge j = a_judge(&until, state, ether);
    const csigd_making making = {.request = &r,
                                 .payload = "{\"type\":\"digest\"}",
                                 .inputs = &r.input,
                                 .n_inputs = 1,
                                 .known_as = &none,
                                 .judge = &j};

    return s->requests.make(s, &making);
}

/* Of all requests but this one. */
static void expect_spent(uint8_t but, int64_t after, unsigned ether, unsigned requests)
{
    uint8_t sum[CSIG_AMOUNT_BYTES];
    uint64_t n = 0;

    assert_int_equal(s->policies.sum(s, octets(1), octets(but), "EIP155:1/slip44:60", after, sum),
                     CSIGD_STORED);
    assert_int_equal(sum[31], ether);
    assert_int_equal(s->policies.spent(s, octets(1), octets(but), after, &n), CSIGD_STORED);
    assert_int_equal(n, requests);
}

static void what_is_reserved_counts_until_it_is_given_back(void **state)
{
    uint8_t session[CSIGD_ID_BYTES];
    bool running;
    csigd_request r;

    (void)state;
    assert_int_equal(make(3, CSIGD_APPROVED, 10, 0), CSIGD_STORED);
    assert_int_equal(make(4, CSIGD_APPROVED, 20, 0), CSIGD_STORED);
    /* who waits has nothing reserved, who is denied is not there */
    assert_int_equal(make(5, CSIGD_REQUEST_PENDING, 40, 0), CSIGD_STORED);
    assert_int_equal(make(6, CSIGD_REQUEST_FAILED, 40, 0), CSIGD_STORE_DENIED);
    assert_int_equal(s->requests.get(s, octets(6), 0, &r), CSIGD_STORE_NONE);
    expect_spent(0, INT64_MAX - 1, 30, 2);
    expect_spent(4, 0, 10, 1);
    assert_int_equal(s->requests.cancel(s, octets(3), &running, session), CSIGD_STORED);
    expect_spent(0, 0, 20, 1);
    /* every end gives back */
    assert_int_equal(s->requests.expire(s, NEVER + 1, &r), CSIGD_STORED);
    assert_int_equal(s->requests.expire(s, NEVER + 1, &r), CSIGD_STORED);
    expect_spent(0, 0, 0, 0);
    assert_int_equal(store_request_state(s, 5), CSIGD_REQUEST_EXPIRED);
}

static void what_has_left_counts_from_then_on(void **state)
{
    const csigd_effects effects = {.released = true, .when = 1000};
    const csigd_answer answer = an_answer(50, 1, CSIGD_SESSION_EXPIRED);

    (void)state;
    assert_int_equal(make(3, CSIGD_APPROVED, 10, 0), CSIGD_STORED);
    assert_int_equal(store_open_sign(s, 50, 3), CSIGD_STORED);
    assert_int_equal(s->round_put(s, &answer, &effects), CSIGD_STORED);
    expect_spent(0, 999, 10, 1);
    expect_spent(0, 1000, 0, 0);
}

static int count_work(void *work)
{
    ++*(unsigned *)work;
    return 0;
}

/* However long a wallet has been used. */
static void what_left_before_the_window_is_not_looked_at(void **state)
{
    sqlite3 *db = ((csigd_medium *)s->medium)->reader->db;
    unsigned work = 0;

    (void)state;
    assert_int_equal(make(3, CSIGD_APPROVED, 10, 0), CSIGD_STORED);
    (void)peek("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) "
               "INSERT INTO spendings SELECT CAST(printf('%032d', i) AS BLOB), wallet, asset, "
               "amount, 500 FROM n, spendings");
    assert_int_equal(peek("SELECT count(*) FROM spendings"), 20002);
    sqlite3_progress_handler(db, 10, count_work, &work);
    expect_spent(0, 500, 10, 1);
    /* in tens of the steps of SQLite's machine */
    assert_in_range(work, 1, 500);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    expect_spent(0, 499, (10 + 10 * 10000) % 256, 10001);
}

/* --- what is said --- */

static csigd_approval an_approval(uint8_t key, bool approves, int64_t said)
{
    csigd_approval a = {.approves = approves, .said = said};

    memcpy(a.key, octets(key), sizeof a.key);
    return a;
}

static csigd_stored say(uint8_t request, uint8_t key, bool approves, int64_t said,
                        csigd_request_state state)
{
    int64_t until = 100;
    const csigd_judge j = a_judge(&until, state, 10);
    const csigd_approval a = an_approval(key, approves, said);

    return s->policies.say(s, octets(request), &a, &j);
}

static void count_said(void *ctx, const csigd_approval *approval)
{
    (void)approval;
    ++*(unsigned *)ctx;
}

static void what_is_said_decides_in_the_same_write(void **state)
{
    csigd_verdict v;
    unsigned n = 0;

    (void)state;
    assert_int_equal(make(3, CSIGD_REQUEST_PENDING, 10, 100), CSIGD_STORED);
    assert_int_equal(s->policies.verdict(s, octets(3), &v), CSIGD_STORED);
    assert_int_equal(v.until, 100);
    /* a judge that denies takes the word back with it */
    assert_int_equal(say(3, 7, true, 50, CSIGD_REQUEST_FAILED), CSIGD_STORE_DENIED);
    assert_int_equal(s->policies.said(s, octets(3), count_said, &n), CSIGD_STORED);
    assert_int_equal(n, 0);
    assert_int_equal(say(3, 7, true, 50, CSIGD_REQUEST_PENDING), CSIGD_STORED);
    assert_int_equal(say(3, 7, false, 50, CSIGD_REQUEST_REJECTED), CSIGD_STORE_CONFLICT);
    assert_int_equal(say(3, 8, true, 100, CSIGD_APPROVED), CSIGD_STORE_CONFLICT);
    expect_spent(0, 0, 0, 0);
    assert_int_equal(say(3, 8, true, 99, CSIGD_APPROVED), CSIGD_STORED);
    assert_int_equal(store_request_state(s, 3), CSIGD_APPROVED);
    expect_spent(0, 0, 10, 1);
    assert_int_equal(say(3, 9, true, 99, CSIGD_APPROVED), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->policies.said(s, octets(3), count_said, &n), CSIGD_STORED);
    assert_int_equal(n, 2);
    /* it waits no more */
    assert_int_equal(s->policies.reject_late(s, 1000), CSIGD_STORE_NONE);
}

static void late_is_rejected(void **state)
{
    (void)state;
    assert_int_equal(make(3, CSIGD_REQUEST_PENDING, 10, 100), CSIGD_STORED);
    assert_int_equal(make(4, CSIGD_REQUEST_PENDING, 10, 0), CSIGD_STORED);
    assert_int_equal(s->policies.reject_late(s, 99), CSIGD_STORE_NONE);
    assert_int_equal(s->policies.reject_late(s, 100), CSIGD_STORED);
    assert_int_equal(s->policies.reject_late(s, 100), CSIGD_STORE_NONE);
    assert_int_equal(store_request_state(s, 3), CSIGD_REQUEST_REJECTED);
    assert_int_equal(store_request_state(s, 4), CSIGD_REQUEST_PENDING);
    assert_int_equal(say(3, 7, true, 50, CSIGD_APPROVED), CSIGD_STORE_CONFLICT);
}

static csigd_stored done(void *ctx, csigd_change_state *state)
{
    *state = *(csigd_change_state *)ctx;
    return CSIGD_STORED;
}

static csigd_stored say_change(uint8_t id, uint8_t key, int64_t said, csigd_change_state state)
{
    const csigd_approval a = an_approval(key, true, said);
    const csigd_change_judge j = {.ctx = &state, .judge = done};

    return s->policies.change_say(s, octets(id), &a, &j);
}

static csigd_change_state state_of_change(uint8_t id)
{
    csigd_change c;
    csigd_change_state state;

    assert_int_equal(s->policies.change_get(s, octets(id), &c), CSIGD_STORED);
    state = c.state;
    csigd_change_clear(&c);
    return state;
}

static void propose(uint8_t id, int64_t expires)
{
    csigd_change c = {.subject = "all",
                      .over = "all",
                      .over_version = 1,
                      .state = CSIGD_CHANGE_PENDING,
                      .expires = expires,
                      .text = {(uint8_t *)(uintptr_t) "{\"a\":1}", 7}};

    memcpy(c.id, octets(id), sizeof c.id);
    assert_int_equal(s->policies.change_put(s, &c), CSIGD_STORED);
}

static void a_change_comes_into_force_over_what_it_was_made_for(void **state)
{
    (void)state;
    assert_int_equal(s->policies.put(s, "all", "{}", 5, NULL, 0), CSIGD_STORED);
    for (uint8_t i = 11; i <= 13; i++)
        propose(i, i == 13 ? 60 : 100);
    assert_int_equal(say_change(11, 7, 50, CSIGD_CHANGE_PENDING), CSIGD_STORED);
    assert_int_equal(say_change(11, 8, 100, CSIGD_CHANGE_DONE), CSIGD_STORE_CONFLICT);
    assert_int_equal(say_change(11, 8, 50, CSIGD_CHANGE_DONE), CSIGD_STORED);
    assert_int_equal(state_of_change(11), CSIGD_CHANGE_DONE);
    expect_in_force("all", 2);
    /* the other one was made for the policy before */
    assert_int_equal(say_change(12, 7, 50, CSIGD_CHANGE_DONE), CSIGD_STORED);
    assert_int_equal(state_of_change(12), CSIGD_CHANGE_REJECTED);
    expect_in_force("all", 2);
    assert_int_equal(s->policies.changes_expire(s, 59), CSIGD_STORED);
    assert_int_equal(state_of_change(13), CSIGD_CHANGE_PENDING);
    assert_int_equal(s->policies.changes_expire(s, 60), CSIGD_STORED);
    assert_int_equal(state_of_change(13), CSIGD_CHANGE_REJECTED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_nearest_is_in_force),
        TEST(what_is_reserved_counts_until_it_is_given_back),
        TEST(what_has_left_counts_from_then_on),
        TEST(what_left_before_the_window_is_not_looked_at),
        TEST(what_is_said_decides_in_the_same_write),
        TEST(late_is_rejected),
        TEST(a_change_comes_into_force_over_what_it_was_made_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
