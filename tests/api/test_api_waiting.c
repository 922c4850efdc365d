/* Who waits is woken once for each time: told of, late, left, stopped; nothing told of while it
 * looks is missed; and how long a client says that it would wait. */
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "api/temp.h"
#include "clock.h"
#include "http/prefer.h"
#include "service/jobs.h"
#include "service/waiting.h"

static csigd_waiting *w;

/* A waiter and what became of it. */
typedef struct guest {
    csigd_waiter waiter;
    unsigned woken, to_look;
    bool left;
} guest;

static guest *guest_of(csigd_waiter *waiter)
{
    return (guest *)(void *)waiter;
}

static void wake(csigd_waiter *waiter, bool look)
{
    guest_of(waiter)->woken++;
    guest_of(waiter)->to_look += look;
}

static bool is_left(csigd_waiter *waiter)
{
    return guest_of(waiter)->left;
}

static guest a_guest(uint8_t topic, uint8_t key, uint32_t seconds)
{
    return (guest){.waiter = {.topic = {topic},
                              .has_key = key != 0,
                              .key = {key},
                              .seconds = seconds,
                              .wake = wake,
                              .is_left = is_left}};
}

static int setup(void **state)
{
    (void)state;
    w = csigd_waiting_new();
    return w != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    csigd_waiting_free(w);
    return 0;
}

static void park(guest *g)
{
    assert_true(csigd_waiting_has_room(w, &g->waiter));
    csigd_waiting_begin(w, &g->waiter);
    assert_int_equal(csigd_waiting_park(w, &g->waiter, 0), CSIGD_PARKED);
}

static void tell(uint8_t topic)
{
    const uint8_t octets[CSIGD_WAITING_TOPIC_BYTES] = {topic};

    csigd_waiting_tell(w, octets);
}

static void who_is_told_of_is_woken(void **state)
{
    guest a = a_guest(1, 0, 60), b = a_guest(1, 0, 60), c = a_guest(2, 0, 60);

    (void)state;
    park(&a);
    park(&b);
    park(&c);
    assert_int_equal(csigd_waiting_count(w), 3);
    tell(1);
    assert_int_equal(csigd_waiting_count(w), 1);
    tell(1);
    csigd_waiting_tick(w);
    assert_int_equal(a.woken, 1);
    assert_int_equal(a.to_look, 1);
    assert_int_equal(b.woken, 1);
    assert_int_equal(c.woken, 0);
    csigd_waiting_leave(w, &b.waiter);
    /* Its look begins after both: it sees what there was to be told of. */
    csigd_waiting_begin(w, &a.waiter);
    assert_int_equal(csigd_waiting_park(w, &a.waiter, 0), CSIGD_PARKED);
    tell(1);
    assert_int_equal(a.woken, 2);
    assert_int_equal(b.woken, 1);
    csigd_waiting_leave(w, &a.waiter);
    tell(2);
    assert_int_equal(c.woken, 1);
    csigd_waiting_leave(w, &c.waiter);
    tell(1);
    assert_int_equal(a.woken, 2);
}

static void nothing_is_missed_while_it_looks(void **state)
{
    guest a = a_guest(1, 0, 60);

    (void)state;
    assert_true(csigd_waiting_has_room(w, &a.waiter));
    csigd_waiting_begin(w, &a.waiter);
    tell(2);
    tell(1);
    assert_int_equal(a.woken, 0);
    assert_int_equal(csigd_waiting_park(w, &a.waiter, 0), CSIGD_LOOK_AGAIN);
    csigd_waiting_begin(w, &a.waiter);
    assert_int_equal(csigd_waiting_park(w, &a.waiter, 0), CSIGD_PARKED);
    csigd_waiting_stop(w);
    csigd_waiting_leave(w, &a.waiter);
}

static void time_has_its_end(void **state)
{
    guest brief = a_guest(1, 0, 1), mortal = a_guest(1, 0, 60), gone = a_guest(1, 0, 60);
    const int64_t end = csigd_clock_ticks() + 30000;

    (void)state;
    park(&brief);
    assert_true(csigd_waiting_has_room(w, &mortal.waiter));
    csigd_waiting_begin(w, &mortal.waiter);
    assert_int_equal(csigd_waiting_park(w, &mortal.waiter, csigd_clock_now() + 1), CSIGD_PARKED);
    park(&gone);
    csigd_waiting_tick(w);
    gone.left = true;
    csigd_waiting_tick(w);
    assert_int_equal(gone.woken, 1);
    assert_int_equal(gone.to_look, 0);
    while (brief.woken + mortal.woken < 2 && csigd_clock_ticks() < end) {
        usleep(10000);
        csigd_waiting_tick(w);
    }
    assert_int_equal(brief.to_look, 1);
    assert_int_equal(mortal.to_look, 1);
    /* The last look: it does not wait any more. */
    csigd_waiting_begin(w, &brief.waiter);
    assert_int_equal(csigd_waiting_park(w, &brief.waiter, 0), CSIGD_WAIT_OVER);
    assert_int_equal(csigd_waiting_park(w, &mortal.waiter, csigd_clock_now() + 9), CSIGD_WAIT_OVER);
    csigd_waiting_leave(w, &brief.waiter);
    csigd_waiting_leave(w, &mortal.waiter);
    csigd_waiting_leave(w, &gone.waiter);
}

static void room_is_limited(void **state)
{
    static guest many[CSIGD_WAITING_MAX + 1];
    guest other = a_guest(1, 5, 60);

    (void)state;
    for (unsigned i = 0; i < CSIGD_WAITING_OF_KEY; i++) {
        many[i] = a_guest(1, 4, 60);
        assert_true(csigd_waiting_has_room(w, &many[i].waiter));
    }
    many[CSIGD_WAITING_OF_KEY] = a_guest(1, 4, 60);
    assert_false(csigd_waiting_has_room(w, &many[CSIGD_WAITING_OF_KEY].waiter));
    assert_true(csigd_waiting_has_room(w, &other.waiter));
    csigd_waiting_leave(w, &other.waiter);
    for (unsigned i = CSIGD_WAITING_OF_KEY; i < CSIGD_WAITING_MAX; i++) {
        many[i] = a_guest(1, 0, 60);
        assert_true(csigd_waiting_has_room(w, &many[i].waiter));
    }
    assert_false(csigd_waiting_has_room(w, &other.waiter));
    csigd_waiting_leave(w, &many[3].waiter);
    many[3] = a_guest(1, 4, 60);
    assert_true(csigd_waiting_has_room(w, &many[3].waiter));
    for (unsigned i = 0; i < CSIGD_WAITING_MAX; i++)
        csigd_waiting_leave(w, &many[i].waiter);
}

static void the_end_is_for_all(void **state)
{
    guest a = a_guest(1, 0, 60), looking = a_guest(1, 0, 60), late = a_guest(1, 0, 60);

    (void)state;
    park(&a);
    assert_true(csigd_waiting_has_room(w, &looking.waiter));
    csigd_waiting_begin(w, &looking.waiter);
    tell(2);
    csigd_waiting_stop(w);
    csigd_waiting_stop(w);
    tell(1);
    csigd_waiting_tick(w);
    assert_int_equal(a.woken, 1);
    assert_int_equal(a.to_look, 0);
    assert_int_equal(csigd_waiting_park(w, &looking.waiter, 0), CSIGD_WAIT_OVER);
    assert_int_equal(looking.woken, 0);
    assert_false(csigd_waiting_has_room(w, &late.waiter));
    csigd_waiting_leave(w, &a.waiter);
    csigd_waiting_leave(w, &looking.waiter);
    csigd_waiting_stop(NULL);
}

/* --- from many threads --- */

#define GUESTS 8
#define TIMES  2000

/* Parked and woken again and again, by two threads that tell and one that ticks. */
typedef struct crowd {
    guest guests[GUESTS];
    atomic_uint woken;
    atomic_bool over;
} crowd;

static crowd all;

static void park_again(csigd_waiter *waiter, bool look)
{
    csigd_parked parked = CSIGD_LOOK_AGAIN;

    assert_true(look);
    guest_of(waiter)->woken++;
    if (atomic_fetch_add(&all.woken, 1) >= TIMES) return;
    while (parked == CSIGD_LOOK_AGAIN) {
        csigd_waiting_begin(w, waiter);
        parked = csigd_waiting_park(w, waiter, 0);
    }
}

static void keep_telling(void *ctx)
{
    (void)ctx;
    while (!atomic_load(&all.over))
        tell(1);
}

static void keep_ticking(void *ctx)
{
    (void)ctx;
    while (!atomic_load(&all.over))
        csigd_waiting_tick(w);
}

static void nobody_is_woken_twice_or_lost(void **state)
{
    csigd_thread *threads[3];
    unsigned sum = 0;

    (void)state;
    atomic_store(&all.woken, 0);
    atomic_store(&all.over, false);
    for (unsigned i = 0; i < GUESTS; i++) {
        all.guests[i] = a_guest(1, 0, 60);
        all.guests[i].waiter.wake = park_again;
        park(&all.guests[i]);
    }
    threads[0] = csigd_thread_start(keep_telling, NULL);
    threads[1] = csigd_thread_start(keep_telling, NULL);
    threads[2] = csigd_thread_start(keep_ticking, NULL);
    while (atomic_load(&all.woken) < TIMES + GUESTS)
        usleep(1000);
    atomic_store(&all.over, true);
    for (unsigned i = 0; i < 3; i++)
        csigd_thread_join(threads[i]);
    assert_int_equal(csigd_waiting_count(w), 0);
    for (unsigned i = 0; i < GUESTS; i++) {
        sum += all.guests[i].woken;
        csigd_waiting_leave(w, &all.guests[i].waiter);
    }
    assert_int_equal(sum, TIMES + GUESTS);
}

/* --- Prefer --- */

static void patience_is_read(void **state)
{
    static const struct {
        const char *value;
        uint32_t seconds;
    } cases[] = {
        {"wait=1", 1},
        {"wait=60", 60},
        {"wait=100000000", 100000000},
        {" \twait = 5 ", 5},
        {"WAIT=5", 5},
        {"respond-async, wait=5", 5},
        {"return=minimal; foo=\"a,b;wait=9\", wait=5", 5},
        {"x=\"\\\",wait=9\",wait=5", 5},
        {"wait=5;x=y", 5},
        {"wait=5, wait=6", 5},
        {",,wait=5", 5},
        {"", 0},
        {"wait", 0},
        {"wait=", 0},
        {"wait=0", 0},
        {"wait=x", 0},
        {"wait=5x", 0},
        {"wait=5 6", 0},
        {"wait=-5", 0},
        {"wait=\"5\"", 0},
        {"waits=5", 0},
        {"await=5", 0},
        {"x=wait=5", 0},
        {"x=\"wait=5", 0},
        {"x=\"\\", 0},
        {"wait=x, wait=5", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (csigd_prefer_wait(cases[i].value) != cases[i].seconds) fail_msg("%s", cases[i].value);
    }
    assert_true(csigd_prefer_wait("wait=99999999999999999999999") >= 100000000);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(who_is_told_of_is_woken),
        WITH(nothing_is_missed_while_it_looks),
        WITH(time_has_its_end),
        WITH(room_is_limited),
        WITH(the_end_is_for_all),
        WITH(nobody_is_woken_twice_or_lost),
        cmocka_unit_test(patience_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
