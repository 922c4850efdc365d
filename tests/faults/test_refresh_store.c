/* A store that fails at every operation of a refresh (with the word "reshare": a resharing), once:
 * before it did anything, after it did everything, or for good until the client has given up. The
 * client sends the same again while it is told to, gives up, and asks. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "faults/agree.h"

#define TRIES 3

/* How many operations (of them that write) a refresh takes when nothing fails. */
static unsigned operations, writes;

static int setup(void **state)
{
    run r;

    if (inside_reshares)
        inside_setup_resharing(state);
    else
        inside_setup_escrowed(state);
    stumble_at(&store, STUMBLE_NEVER, 0);
    refresh_try(&r, TRIES, NULL, NULL);
    writes = atomic_load(&store.writes);
    operations = writes + atomic_load(&store.reads);
    assert_true(refresh_settle(&r));
    expect_agreement();
    return 0;
}

static int teardown(void **state)
{
    print_message("%u times, %u operations, %u of them write%s\n", agreements(), operations, writes,
                  faults_drawn());
    return inside_teardown(state);
}

/* One refresh that meets this; true: the wallet is refreshed. */
static bool meets(stumble how, unsigned at, before_exchange *hook, void *ctx)
{
    run r;
    bool refreshed;

    stumble_at(&store, how, at);
    refresh_try(&r, TRIES, hook, ctx);
    if (how == STUMBLE_FULL) stumble_at(&store, STUMBLE_NEVER, 0);
    refreshed = refresh_settle(&r);
    stumble_at(&store, STUMBLE_NEVER, 0);
    expect_agreement();
    return refreshed;
}

static void fails_once(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= operations; n++) {
        if (fault_is_drawn() && !meets(STUMBLE_BEFORE, n, NULL, NULL))
            fail_msg("given up at operation %u", n);
    }
}

/* As when the reply of a database is lost, or its process ends after it has written. */
static void writes_and_says_that_it_did_not(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= writes; n++) {
        if (!meets(STUMBLE_AFTER, n, NULL, NULL)) fail_msg("given up at write %u", n);
    }
}

/* What was computed waits for room, and giving up stores it first: the last write is the commit. */
static void is_full_until_the_client_gives_up(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= writes; n++)
        assert_int_equal(meets(STUMBLE_FULL, n, NULL, NULL), n == writes);
    assert_true(meets(STUMBLE_FULL, writes + 1, NULL, NULL));
}

static bool is_silent(run *r, unsigned n, const octets *body, void *ctx)
{
    const unsigned *last = ctx;

    (void)r, (void)body;
    return n <= *last;
}

/* It has tried to end the session, more than once. */
static void wait_for_housekeeping(void)
{
    for (int i = 0; i < 20000 && atomic_load(&store.count) < 2; i++)
        usleep(5000);
    assert_true(atomic_load(&store.count) >= 2);
}

/* Nobody comes back, and what is over cannot be written: it stays undecided, until there is room.
 */
static void is_full_for_a_week_of_silence(void **state)
{
    (void)state;
    for (unsigned last = 1; last <= 3; last++) {
        run end;

        if (!fault_is_drawn()) continue;
        refresh_try(&end, TRIES, is_silent, &last);
        stumble_at(&store, STUMBLE_FULL, 1);
        inside_clock(7 * 24 * 3600);
        wait_for_housekeeping();
        if (last > 1) assert_int_equal(epoch_ask(&inside, &two, end.staged[0]), EPOCH_UNDECIDED);
        stumble_at(&store, STUMBLE_NEVER, 0);
        inside_expire(&end);
        inside_clock(0);
        if (last > 1) assert_int_equal(epoch_ask(&inside, &two, end.staged[0]), EPOCH_DEAD);
        assert_false(refresh_settle(&end));
        expect_agreement();
    }
}

/* --- and while it is given up --- */

typedef struct end {
    unsigned before; /* this exchange the client gives up */
    bool lost;       /* after it was sent: its answer is lost */
    stumble how;
    unsigned at;
} end;

static bool stops(run *r, unsigned n, const octets *body, void *ctx)
{
    const end *e = ctx;

    if (n != e->before) return true;
    if (e->lost) {
        http_reply reply = run_put(&inside, r, body);

        http_free(&reply);
    }
    stumble_at(&store, e->how, e->at);
    return false;
}

static void fails_while_it_is_given_up(void **state)
{
    const unsigned exchanges = inside_reshares ? 5 : 4;
    end e;

    (void)state;
    for (unsigned i = 0; i < 2 * exchanges; i++) {
        e = (end){.before = i / 2 + 1, .lost = i % 2};
        unlock_all();
        for (e.how = STUMBLE_BEFORE; e.how <= STUMBLE_AFTER; e.how++) {
            for (e.at = 1; e.at <= 4; e.at++) {
                bool refreshed;

                if (!fault_is_drawn()) continue;
                refreshed = meets(STUMBLE_NEVER, 0, stops, &e);
                if (refreshed != (e.before == exchanges && e.lost))
                    fail_msg("before %u, lost %d, how %d at %u", e.before, e.lost, e.how, e.at);
            }
        }
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fails_once),
        cmocka_unit_test(writes_and_says_that_it_did_not),
        cmocka_unit_test(is_full_until_the_client_gives_up),
        cmocka_unit_test(is_full_for_a_week_of_silence),
        cmocka_unit_test(fails_while_it_is_given_up),
    };

    inside_reshares = argc > 1 && strcmp(argv[1], "reshare") == 0;
    return cmocka_run_group_tests(tests, setup, teardown);
}
