/* A fleet: ten thousand wallets, two hundred of them really refreshed, the others waiting, late or
 * failing, with pauses, restarts and kills in between. Every count adds up at every look. */
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "e2e/fixture.h"

#define FLEET   10000
#define REAL    200
#define AT_ONCE 4
#define ABSENT  400 /* copies whose device never enrolled; as many with a locked one */

static wallet all[REAL + 1]; /* the last one is left over */
static char campaign[33];

/* --- the fleet --- */

/* Rows of a wallet, copied; what tells them apart is the id. Of the last ones the device is not
 * enrolled, or locked. */
static void copy_wallets(void)
{
    char sql[2048];

    snprintf(
        sql, sizeof sql,
        "BEGIN;"
        "INSERT INTO devices (identity, name, created) VALUES (zeroblob(32), 'lost', 1);"
        "INSERT INTO pairs (device, own_generation, locked, reason) "
        "VALUES (zeroblob(32), 1, 1, 'a lie');"
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
        "INSERT INTO wallets (id, state, signers_required, parties, allow, created, key_id, "
        "public_key, epoch, commit_signature, record, epoch_attempt, epoch_state) "
        "SELECT CAST(printf('copy %%011d', i) AS BLOB), state, signers_required, parties, "
        "allow, created + i, key_id, public_key, epoch, commit_signature, record, epoch_attempt, "
        "epoch_state FROM n, (SELECT * FROM wallets LIMIT 1);"
        "INSERT INTO wallet_devices SELECT id, 0, (SELECT identity FROM devices "
        "WHERE name != 'lost') FROM wallets WHERE CAST(id AS TEXT) LIKE 'copy%%';"
        "UPDATE wallet_devices SET device = zeroblob(32) WHERE wallet >= "
        "CAST('copy %011d' AS BLOB) AND wallet < CAST('copy z' AS BLOB);"
        "UPDATE wallet_devices SET device = CAST(printf('%%032d', 7) AS BLOB) WHERE wallet >= "
        "CAST('copy %011d' AS BLOB) AND wallet < CAST('copy z' AS BLOB);"
        "COMMIT;",
        FLEET - REAL - 1, FLEET - REAL - 2 * ABSENT, FLEET - REAL - ABSENT);
    daemon_sql(&server, sql);
}

static int setup(void **state)
{
    device *one[1] = {&phone};

    (void)state;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    assert_int_equal(csig_init(), CSIG_OK);
    daemon_prepare(&server);
    daemon_take(&server);
    daemon_start(&server);
    device_make(&phone, true);
    device_enrol(&server, &phone);
    for (size_t i = 0; i < REAL + 1; i++)
        wallet_make(&server, &all[i], 2, one, 1);
    daemon_wait_ready(&server);
    device_pair(&server, &phone);
    copy_wallets();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    daemon_remove(&server);
    for (size_t i = 0; i < REAL + 1; i++)
        wallet_free(&all[i]);
    device_free(&phone);
    return 0;
}

/* --- what is seen --- */

typedef struct counts {
    int64_t eligible, done, waiting, running, late, failed;
} counts;

static int64_t number(const json_t *j, const char *name)
{
    assert_true(json_is_integer(json_object_get(j, name)));
    return json_integer_value(json_object_get(j, name));
}

static counts look(void)
{
    char path[64];
    json_t *j;
    counts c;

    snprintf(path, sizeof path, "/v1/campaigns/%s", campaign);
    j = call_json(&server, 200, "GET", path, NULL);
    c = (counts){number(j, "eligible"), number(j, "done"), number(j, "waiting"),
                 number(j, "running"),  number(j, "late"), number(j, "failed")};
    json_decref(j);
    assert_int_equal(c.eligible, FLEET);
    assert_int_equal(c.done + c.waiting + c.running + c.late + c.failed, FLEET);
    return c;
}

static void expect(int64_t done, int64_t running)
{
    const counts c = look();

    assert_int_equal(c.done, done);
    assert_int_equal(c.running, running);
    assert_int_equal(c.failed, 2 * ABSENT);
}

static void move(const char *verb)
{
    char path[64];

    snprintf(path, sizeof path, "/v1/campaigns/%s/%s", campaign, verb);
    json_decref(call_json(&server, 200, "POST", path, NULL));
}

static bool is_wanted(const wallet *w)
{
    char path[64];
    json_t *j, *id;
    bool wanted;

    snprintf(path, sizeof path, "/v1/wallets/%s", w->id);
    j = call_json(&server, 200, "GET", path, NULL);
    id = json_object_get(j, "refresh_wanted");
    wanted = id != NULL;
    if (wanted) assert_string_equal(json_string_value(id), campaign);
    json_decref(j);
    return wanted;
}

/* --- what is done --- */

static void refuse_one_more(size_t i)
{
    run lists;
    http_reply reply = run_refresh_ask(&server, &all[i], &lists);

    fixture_expect(reply, 429, "refresh-later");
}

/* As many as may run at once, side by side; that many and no more. */
static void begin_batch(run *r, size_t first)
{
    for (size_t i = 0; i < AT_ONCE; i++) {
        assert_true(is_wanted(&all[first + i]));
        snprintf(all[first + i].campaign, sizeof all[first + i].campaign, "%s", campaign);
        r[i] = run_refresh(&server, &all[first + i]);
    }
    assert_false(is_wanted(&all[REAL]));
    expect((int64_t)first, AT_ONCE);
}

static void finish_batch(run *r, size_t first)
{
    for (unsigned step = 0; step < 4; step++) {
        for (size_t i = 0; i < AT_ONCE; i++)
            run_step(&server, &r[i]);
    }
    for (size_t i = 0; i < AT_ONCE; i++) {
        assert_true(r[i].done);
        run_refresh_adopt(&r[i], &all[first + i]);
        run_free(&r[i]);
        assert_int_equal(epoch_ask(&server, &all[first + i], all[first + i].share[0]),
                         EPOCH_CURRENT);
    }
}

static void refresh_many(size_t from, size_t to)
{
    for (size_t first = from; first < to; first += AT_ONCE) {
        run r[AT_ONCE];

        begin_batch(r, first);
        finish_batch(r, first);
    }
    expect((int64_t)to, 0);
}

/* --- the story --- */

static void ten_thousand_are_selected(void **state)
{
    json_t *j;

    (void)state;
    j = call_json(&server, 201, "POST", "/v1/campaigns", "{s:b,s:i,s:i,s:s,s:s}", "all_wallets", 1,
                  "per_minute", 6000, "at_once", AT_ONCE, "deadline", "2099-01-01T00:00:00Z",
                  "on_miss", "lock");
    snprintf(campaign, sizeof campaign, "%s", text_of(j, "campaign"));
    json_decref(j);
    expect(0, 0);
    assert_int_equal(look().waiting, FLEET - 2 * ABSENT);
}

static void what_is_paused_wants_nothing(void **state)
{
    (void)state;
    refresh_many(0, 40);
    move("pause");
    assert_false(is_wanted(&all[40]));
    snprintf(all[40].campaign, sizeof all[40].campaign, "%s", campaign);
    refuse_one_more(40);
    /* By hand is nobody's pace, and counts. */
    all[40].campaign[0] = '\0';
    fixture_refresh(&all[40]);
    expect(41, 0);
    move("resume");
    fixture_refresh(&all[41]);
    fixture_refresh(&all[42]);
    fixture_refresh(&all[43]);
    refresh_many(44, 80);
}

static void a_restart_goes_on(void **state)
{
    (void)state;
    move("pause");
    assert_int_equal(daemon_stop(&server), 0);
    daemon_start(&server);
    daemon_wait_ready(&server);
    assert_false(is_wanted(&all[80]));
    move("resume");
    refresh_many(80, 120);
}

/* Killed with as many running as may: they wait again. One of them had committed, and stays done
 * although nobody heard of it. */
static void a_kill_goes_on(void **state)
{
    run r[AT_ONCE];

    (void)state;
    begin_batch(r, 120);
    for (unsigned step = 0; step < 2; step++) {
        for (size_t i = 0; i < AT_ONCE; i++)
            run_step(&server, &r[i]);
    }
    run_finish(&server, &r[0]);
    daemon_kill(&server);
    daemon_start(&server);
    daemon_wait_ready(&server);
    expect(121, 0);
    run_refresh_adopt(&r[0], &all[120]);
    for (size_t i = 1; i < AT_ONCE; i++)
        assert_int_equal(epoch_ask(&server, &all[120 + i], r[i].staged[0]), EPOCH_DEAD);
    for (size_t i = 0; i < AT_ONCE; i++)
        run_free(&r[i]);
    for (size_t i = 121; i < 124; i++)
        fixture_refresh(&all[i]);
    refresh_many(124, REAL);
}

/* The deadline is over: who waited is late, does not sign, and can be refreshed all the same. */
static void who_is_late_is_locked(void **state)
{
    char path[128], request[65];

    (void)state;
    fixture_sign_with(&all[REAL]);
    daemon_sql(&server, "UPDATE campaigns SET deadline = 1");
    assert_int_equal(look().late, FLEET - REAL - 2 * ABSENT);
    fixture_sign_with(&all[0]);
    request_make(&server, &all[REAL], digest, "m/1", NULL, false, request);
    snprintf(path, sizeof path, "/v1/requests/%s/sessions", request);
    call_problem(&server, "refresh-required", "POST", path, "{s:[i,i],s:[s]}", "signers", 1, 2,
                 "nonces", phone.hex);
    assert_true(is_wanted(&all[REAL]));
    fixture_refresh(&all[REAL]);
    fixture_sign_with(&all[REAL]);
    expect(REAL + 1, 0);
}

/* --- the export --- */

typedef struct sums {
    int64_t done, late, failed;
} sums;

static void add_row(sums *s, const json_t *row)
{
    const char *is = text_of(row, "state");

    assert_int_equal(number(row, "epoch_before"), 0);
    s->done += strcmp(is, "done") == 0;
    s->late += strcmp(is, "late") == 0;
    s->failed += strcmp(is, "failed") == 0;
    if (strcmp(is, "done") == 0) assert_int_equal(number(row, "epoch_after"), 1);
    if (strcmp(is, "failed") == 0) assert_true(json_string_length(json_object_get(row, "do")) > 0);
}

static void the_export_says_the_same(void **state)
{
    const counts c = look();
    sums s = {0};
    size_t rows = 0;

    (void)state;
    for (int page = 1; page <= FLEET / 500; page++) {
        char path[96];
        json_t *j, *list;

        snprintf(path, sizeof path, "/v1/campaigns/%s/wallets/%d", campaign, page);
        j = call_json(&server, 200, "GET", path, NULL);
        list = json_object_get(j, "wallets");
        rows += json_array_size(list);
        for (size_t i = 0; i < json_array_size(list); i++)
            add_row(&s, json_array_get(list, i));
        json_decref(j);
    }
    assert_int_equal(rows, FLEET);
    assert_int_equal(s.done, c.done);
    assert_int_equal(s.late, c.late);
    assert_int_equal(s.failed, c.failed);
}

static void cancelled_locks_nobody(void **state)
{
    (void)state;
    move("cancel");
    assert_false(is_wanted(&all[REAL]));
    expect(REAL + 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_thousand_are_selected), cmocka_unit_test(what_is_paused_wants_nothing),
        cmocka_unit_test(a_restart_goes_on),         cmocka_unit_test(a_kill_goes_on),
        cmocka_unit_test(who_is_late_is_locked),     cmocka_unit_test(the_export_says_the_same),
        cmocka_unit_test(cancelled_locks_nobody),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
