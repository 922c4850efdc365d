/* Writes that come at the same time share one commit; one of them that fails, and a commit that
 * fails. */
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "api/records.h"
/* Who waits for a turn is seen from inside alone. */
#include "../../api/store/sqlite_group.c"

#define WRITERS 8

static csigd_store *s;
static csigd_medium *m;
static unsigned commits;
static bool commits_fail;

static int count_commit(void *ctx)
{
    (void)ctx;
    commits++;
    return commits_fail;
}

static int setup(void **state)
{
    (void)state;
    temp_folder();
    s = temp_store();
    m = s->medium;
    store_with_wallet(s);
    commits = 0;
    commits_fail = false;
    (void)sqlite3_commit_hook(m->db, count_commit, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    s->close(s);
    temp_remove();
    return 0;
}

typedef struct writer {
    pthread_t thread;
    uint8_t id[CSIGD_REPLAY_ID_BYTES];
    csigd_auth got;
} writer;

static void *write_one(void *arg)
{
    writer *w = arg;

    w->got = s->replay.remember(s->replay.context, w->id, NEVER);
    return NULL;
}

/* All of them have come, and have to wait. */
static void come(writer *w, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_int_equal(pthread_create(&w[i].thread, NULL, write_one, &w[i]), 0);
    while (atomic_load(&m->group->coming) != n)
        sched_yield();
}

static void join(const writer *w, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_int_equal(pthread_join(w[i].thread, NULL), 0);
}

/* Writes some, each its own; the first one of us has the turn until they have come. */
static csigd_stored all_at_once(writer *w, csigd_stored own)
{
    csigd_stored result;

    assert_int_equal(csigd_sql_begin(m), CSIGD_STORED);
    assert_int_equal(csigd_sqlite_audit_line(m, "probe", CSIGD_OF_NOTHING, CSIGD_NUMBER("n", 1)),
                     CSIGD_STORED);
    assert_int_equal(
        csigd_sql_write(m, "INSERT INTO replays (id, expires) VALUES (zeroblob(32), 1)", NULL, 0),
        CSIGD_STORED);
    come(w, WRITERS);
    result = csigd_sql_end(m, own);
    join(w, WRITERS);
    return result;
}

static void fill(writer *w)
{
    for (size_t i = 0; i < WRITERS; i++)
        w[i] = (writer){.id = {(uint8_t)(i + 1)}};
}

static void what_comes_together_is_committed_once(void **state)
{
    writer w[WRITERS];

    (void)state;
    fill(w);
    assert_int_equal(all_at_once(w, CSIGD_STORED), CSIGD_STORED);
    for (size_t i = 0; i < WRITERS; i++)
        assert_int_equal(w[i].got, CSIGD_AUTH_OK);
    assert_int_equal(peek("SELECT count(*) FROM replays"), WRITERS + 1);
    assert_int_equal(commits, 1);
    /* Alone: at once. */
    write_one(&w[0]);
    assert_int_equal(w[0].got, CSIGD_AUTH_REPLAY);
    w[0].id[0] = WRITERS + 1;
    write_one(&w[0]);
    assert_int_equal(w[0].got, CSIGD_AUTH_OK);
    assert_int_equal(peek("SELECT count(*) FROM replays"), WRITERS + 2);
}

static void one_that_fails_takes_nobody_along(void **state)
{
    writer w[WRITERS];

    (void)state;
    fill(w);
    w[3].id[0] = w[4].id[0] = 100;
    assert_int_equal(all_at_once(w, CSIGD_STORE_CONFLICT), CSIGD_STORE_CONFLICT);
    for (size_t i = 0; i < WRITERS; i++) {
        if (w[i].id[0] != 100) assert_int_equal(w[i].got, CSIGD_AUTH_OK);
    }
    /* Two of the same: whoever came first. */
    assert_true((w[3].got == CSIGD_AUTH_OK) != (w[4].got == CSIGD_AUTH_OK));
    assert_true((w[3].got == CSIGD_AUTH_REPLAY) != (w[4].got == CSIGD_AUTH_REPLAY));
    assert_int_equal(peek("SELECT count(*) FROM replays"), WRITERS - 1);
    assert_int_equal(peek("SELECT count(*) FROM replays WHERE id = zeroblob(32)"), 0);
    assert_int_equal(commits, 1);
}

static void a_commit_that_fails_fails_for_all(void **state)
{
    writer w[WRITERS];

    (void)state;
    fill(w);
    commits_fail = true;
    assert_int_equal(all_at_once(w, CSIGD_STORED), CSIGD_STORE_FAILED);
    for (size_t i = 0; i < WRITERS; i++)
        assert_int_equal(w[i].got, CSIGD_AUTH_STORE);
    assert_int_equal(peek("SELECT count(*) FROM replays"), 0);
    commits_fail = false;
    assert_int_equal(all_at_once(w, CSIGD_STORED), CSIGD_STORED);
    assert_int_equal(peek("SELECT count(*) FROM replays"), WRITERS + 1);
}

/* As SQLite does it where there is no memory or no disk. */
static void a_transaction_that_is_gone_is_gone_for_all(void **state)
{
    writer w[WRITERS];
    csigd_stored result;

    (void)state;
    fill(w);
    assert_int_equal(csigd_sql_begin(m), CSIGD_STORED);
    come(w, WRITERS);
    assert_int_equal(csigd_sql_run(m, "ROLLBACK", NULL, 0), CSIGD_STORED);
    result = csigd_sql_end(m, CSIGD_STORED);
    assert_int_equal(result, CSIGD_STORE_FAILED);
    join(w, WRITERS);
    /* They came after it. */
    for (size_t i = 0; i < WRITERS; i++)
        assert_int_equal(w[i].got, CSIGD_AUTH_OK);
    assert_int_equal(peek("SELECT count(*) FROM replays"), WRITERS);
}

static void *read_one(void *arg)
{
    csigd_device d;

    *(csigd_stored *)arg = s->device_get(s, octets(77), &d);
    return NULL;
}

static csigd_stored read_elsewhere(void)
{
    csigd_stored found = CSIGD_STORE_FAILED;
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, read_one, &found), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    return found;
}

static void who_reads_sees_what_is_durable_and_waits_for_nobody(void **state)
{
    csigd_device found;

    (void)state;
    assert_int_equal(csigd_sql_begin(m), CSIGD_STORED);
    assert_int_equal(csigd_sql_run(m,
                                   "INSERT INTO devices (identity, name, created) VALUES (?1, "
                                   "'x', 1)",
                                   CSIGD_VALUES(CSIGD_BYTES(octets(77), 32))),
                     CSIGD_STORED);
    assert_int_equal(s->device_get(s, octets(77), &found), CSIGD_STORED);
    assert_int_equal(read_elsewhere(), CSIGD_STORE_NONE);
    assert_int_equal(csigd_sql_end(m, CSIGD_STORED), CSIGD_STORED);
    assert_int_equal(read_elsewhere(), CSIGD_STORED);
    assert_int_equal(s->device_get(s, octets(77), &found), CSIGD_STORED);
}

static void *forget(void *arg)
{
    (void)arg;
    csigd_sqlite_forget(m);
    return NULL;
}

/* Who cuts the log off commits what waits. */
static void nobody_waits_for_one_who_does_not_write(void **state)
{
    pthread_t thread;

    (void)state;
    assert_int_equal(csigd_sql_begin(m), CSIGD_STORED);
    assert_int_equal(
        csigd_sql_write(m, "INSERT INTO replays (id, expires) VALUES (zeroblob(32), 1)", NULL, 0),
        CSIGD_STORED);
    assert_int_equal(pthread_create(&thread, NULL, forget, NULL), 0);
    while (atomic_load(&m->group->coming) != 1)
        sched_yield();
    assert_int_equal(csigd_sql_end(m, CSIGD_STORED), CSIGD_STORED);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(commits, 1);
    assert_int_equal(peek("SELECT count(*) FROM replays"), 1);
}

static void no_write_begins_inside_of_another(void **state)
{
    (void)state;
    assert_int_equal(csigd_sql_begin(m), CSIGD_STORED);
    assert_int_equal(csigd_sql_begin(m), CSIGD_STORE_FAILED);
    assert_int_equal(csigd_sql_end(m, CSIGD_STORED), CSIGD_STORED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_comes_together_is_committed_once, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_fails_takes_nobody_along, setup, teardown),
        cmocka_unit_test_setup_teardown(a_commit_that_fails_fails_for_all, setup, teardown),
        cmocka_unit_test_setup_teardown(a_transaction_that_is_gone_is_gone_for_all, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(who_reads_sees_what_is_durable_and_waits_for_nobody, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(nobody_waits_for_one_who_does_not_write, setup, teardown),
        cmocka_unit_test_setup_teardown(no_write_begins_inside_of_another, setup, teardown),
    };

    temp_quiet();
    return cmocka_run_group_tests_name("group commit", tests, NULL, NULL);
}
