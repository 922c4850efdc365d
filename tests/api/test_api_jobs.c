/* Jobs: lanes, keys, limits, the end; and log lines. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/temp.h"
#include "clock.h"
#include "log.h"
#include "service/jobs.h"

#define PATIENCE 100000 /* milliseconds that nothing takes */

static csigd_jobs *jobs;
static atomic_int running, most, done;

static int setup(void **state)
{
    (void)state;
    atomic_store(&running, 0);
    atomic_store(&most, 0);
    atomic_store(&done, 0);
    jobs = csigd_jobs_new(3, 64);
    return jobs != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    csigd_jobs_stop(jobs);
    csigd_jobs_free(jobs);
    return 0;
}

/* Notes how many of it run at once. */
static void enter(void)
{
    const int now = atomic_fetch_add(&running, 1) + 1;
    int before = atomic_load(&most);

    while (before < now && !atomic_compare_exchange_weak(&most, &before, now)) {
    }
}

static void leave(void)
{
    atomic_fetch_sub(&running, 1);
    atomic_fetch_add(&done, 1);
}

static void busy(void *ctx)
{
    (void)ctx;
    enter();
    usleep(20000);
    leave();
}

/* Until three have run at once. */
static void sociable(void *ctx)
{
    (void)ctx;
    enter();
    for (int i = 0; i < PATIENCE && atomic_load(&most) < 3; i++)
        usleep(1000);
    leave();
}

static void jobs_run_at_once(void **state)
{
    (void)state;
    for (int i = 0; i < 9; i++)
        assert_true(csigd_jobs_has_taken(jobs, CSIGD_PROTOCOL, NULL, sociable, NULL));
    csigd_jobs_stop(jobs);
    assert_int_equal(atomic_load(&done), 9);
    assert_int_equal(atomic_load(&most), 3);
    assert_int_equal(csigd_jobs_pending(jobs), 0);
}

static void jobs_of_one_key_run_one_after_the_other(void **state)
{
    const uint8_t key[CSIGD_JOB_KEY_BYTES] = {1};

    (void)state;
    for (int i = 0; i < 6; i++)
        assert_true(csigd_jobs_has_taken(jobs, i % 2 == 0 ? CSIGD_PROTOCOL : CSIGD_CONTROL, key,
                                         busy, NULL));
    csigd_jobs_stop(jobs);
    assert_int_equal(atomic_load(&done), 6);
    assert_int_equal(atomic_load(&most), 1);
}

static char order[16];
static atomic_int at;

static void note(void *ctx)
{
    usleep(1000);
    order[atomic_fetch_add(&at, 1)] = *(const char *)ctx;
}

static void a_key_keeps_the_order(void **state)
{
    static const char letters[] = "abcdefgh";
    const uint8_t key[CSIGD_JOB_KEY_BYTES] = {2};

    (void)state;
    memset(order, 0, sizeof order);
    atomic_store(&at, 0);
    for (size_t i = 0; i < sizeof letters - 1; i++)
        assert_true(
            csigd_jobs_has_taken(jobs, CSIGD_PROTOCOL, key, note, (void *)(uintptr_t)&letters[i]));
    csigd_jobs_stop(jobs);
    assert_string_equal(order, letters);
}

static void wait_for(void *ctx)
{
    (void)csigd_event_is_set(ctx, PATIENCE);
    atomic_fetch_add(&done, 1);
}

/* A queue behind one key leaves the workers to others. */
static void a_waiting_key_holds_no_worker(void **state)
{
    const uint8_t key[CSIGD_JOB_KEY_BYTES] = {3};
    csigd_event *hold = csigd_event_new(), *gate = csigd_event_new();

    (void)state;
    for (int i = 0; i < 10; i++)
        assert_true(csigd_jobs_has_taken(jobs, CSIGD_PROTOCOL, key, wait_for, hold));
    assert_true(
        csigd_jobs_has_taken(jobs, CSIGD_PROTOCOL, NULL, (void (*)(void *))csigd_event_set, gate));
    assert_true(csigd_event_is_set(gate, PATIENCE / 2));
    assert_int_equal(atomic_load(&done), 0);
    csigd_event_set(hold);
    csigd_jobs_stop(jobs);
    assert_int_equal(atomic_load(&done), 10);
    csigd_event_free(hold);
    csigd_event_free(gate);
}

static void control_is_never_behind_protocol(void **state)
{
    csigd_event *hold = csigd_event_new(), *gate = csigd_event_new();

    (void)state;
    for (int i = 0; i < 5; i++)
        assert_true(csigd_jobs_has_taken(jobs, CSIGD_PROTOCOL, NULL, wait_for, hold));
    assert_true(
        csigd_jobs_has_taken(jobs, CSIGD_CONTROL, NULL, (void (*)(void *))csigd_event_set, gate));
    assert_true(csigd_event_is_set(gate, PATIENCE / 2));
    assert_int_equal(atomic_load(&done), 0);
    assert_int_equal(csigd_jobs_pending(jobs), 5);
    csigd_event_set(hold);
    csigd_jobs_stop(jobs);
    csigd_event_free(hold);
    csigd_event_free(gate);
}

static void changes_are_made_one_by_one_and_questions_are_not_behind_them(void **state)
{
    csigd_event *hold = csigd_event_new(), *gate = csigd_event_new(), *next = csigd_event_new();

    (void)state;
    assert_true(csigd_jobs_has_taken(jobs, CSIGD_CONTROL, NULL, wait_for, hold));
    assert_true(
        csigd_jobs_has_taken(jobs, CSIGD_CONTROL, NULL, (void (*)(void *))csigd_event_set, next));
    /* Nor is one question behind another. */
    assert_true(csigd_jobs_has_taken(jobs, CSIGD_QUESTIONS, NULL, wait_for, hold));
    assert_true(
        csigd_jobs_has_taken(jobs, CSIGD_QUESTIONS, NULL, (void (*)(void *))csigd_event_set, gate));
    assert_true(csigd_event_is_set(gate, PATIENCE / 2));
    assert_false(csigd_event_is_set(next, 0));
    csigd_event_set(hold);
    csigd_jobs_stop(jobs);
    assert_true(csigd_event_is_set(next, 0));
    csigd_event_free(hold);
    csigd_event_free(gate);
    csigd_event_free(next);
}

static void a_full_queue_and_the_end_take_nothing(void **state)
{
    csigd_jobs *small = csigd_jobs_new(1, 2);
    csigd_event *hold = csigd_event_new();
    int taken = 0;

    (void)state;
    for (int i = 0; i < 8; i++)
        taken += csigd_jobs_has_taken(small, CSIGD_PROTOCOL, NULL, wait_for, hold);
    assert_true(taken == 2 || taken == 3); /* two wait, one may run already */
    csigd_event_set(hold);
    csigd_jobs_stop(small);
    assert_int_equal(atomic_load(&done), taken);
    assert_false(csigd_jobs_has_taken(small, CSIGD_CONTROL, NULL, wait_for, hold));
    csigd_jobs_free(small);
    csigd_event_free(hold);
}

static void events_time_out(void **state)
{
    csigd_event *e = csigd_event_new();
    const int64_t start = csigd_clock_ticks();

    (void)state;
    assert_false(csigd_event_is_set(e, 0));
    assert_false(csigd_event_is_set(e, 1050));
    assert_true(csigd_clock_ticks() - start >= 1000);
    csigd_event_set(e);
    assert_true(csigd_event_is_set(e, 0));
    csigd_event_free(e);
}

/* --- log and clock --- */

/* What one call writes to stderr. */
static void log_into(char *out, size_t size, const csigd_log_field *fields, size_t n)
{
    const int before = dup(STDERR_FILENO);
    int ends[2];
    ssize_t len;

    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    csigd_log(CSIGD_AUDIT, "ev\"ent", fields, n);
    dup2(before, STDERR_FILENO);
    close(before);
    close(ends[1]);
    len = read(ends[0], out, size - 1);
    assert_true(len > 0);
    out[len] = '\0';
    close(ends[0]);
}

static void a_log_line_is_one_object(void **state)
{
    const uint8_t octets[2] = {0x0f, 0xa0};
    const csigd_log_field fields[] = {CSIGD_TEXT("text", "a\n\"\\"), CSIGD_HEX("hex", octets, 2),
                                      CSIGD_NUMBER("number", -5)};
    char line[512];

    (void)state;
    log_into(line, sizeof line, fields, 3);
    assert_non_null(strstr(line,
                           ",\"level\":\"audit\",\"event\":\"ev\\\"ent\","
                           "\"text\":\"a\\u000a\\\"\\\\\",\"hex\":\"0fa0\",\"number\":-5}\n"));
    assert_int_equal(strncmp(line, "{\"time\":\"2", 10), 0);
}

static void a_long_log_line_is_cut_between_fields(void **state)
{
    static char words[3000];
    const csigd_log_field fields[] = {CSIGD_TEXT("short", "s"), CSIGD_TEXT("long", words),
                                      CSIGD_TEXT("after", "a")};
    char line[4096];

    (void)state;
    memset(words, 'w', sizeof words - 1);
    log_into(line, sizeof line, fields, 3);
    assert_non_null(strstr(line, ",\"short\":\"s\"}\n"));
    assert_null(strstr(line, "long"));
}

static void times_are_utc(void **state)
{
    char text[CSIGD_RFC3339_BYTES];

    (void)state;
    csigd_clock_format(text, 0);
    assert_string_equal(text, "1970-01-01T00:00:00Z");
    csigd_clock_format(text, 1767225599);
    assert_string_equal(text, "2025-12-31T23:59:59Z");
    csigd_clock_format(text, INT64_MAX);
    assert_string_equal(text, "");
    assert_true(csigd_clock_now() > 1700000000);
}

static void times_are_read_as_they_are_written(void **state)
{
    static const char *const none[] = {
        "",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T23:59:60Z",
        "2026-01-01T00:00:00",
        "2026-01-01t00:00:00z",
        "2026-01-01T00:00:00+00:00",
        " 026-01-01T00:00:00Z",
        "2026-+1-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
    };
    int64_t read;

    (void)state;
    for (int64_t when = 0; when < 253402300800; when += 86400 * 17 + 3607) {
        char text[CSIGD_RFC3339_BYTES];

        csigd_clock_format(text, when);
        assert_true(csigd_clock_is_read(&read, text));
        assert_int_equal(read, when);
    }
    assert_true(csigd_clock_is_read(&read, "2024-02-29T23:59:59Z"));
    assert_int_equal(read, 1709251199);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_false(csigd_clock_is_read(&read, none[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(jobs_run_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(jobs_of_one_key_run_one_after_the_other, setup, teardown),
        cmocka_unit_test_setup_teardown(a_key_keeps_the_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_waiting_key_holds_no_worker, setup, teardown),
        cmocka_unit_test_setup_teardown(control_is_never_behind_protocol, setup, teardown),
        cmocka_unit_test_setup_teardown(
            changes_are_made_one_by_one_and_questions_are_not_behind_them, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_queue_and_the_end_take_nothing, setup, teardown),
        cmocka_unit_test(events_time_out),
        cmocka_unit_test(a_log_line_is_one_object),
        cmocka_unit_test(a_long_log_line_is_cut_between_fields),
        cmocka_unit_test(times_are_utc),
        cmocka_unit_test(times_are_read_as_they_are_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
