/* One signature, one request: a clock that is ours to turn, a memory that survives restarts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "auth/replay.h"

#define T     INT64_C(1790000000)
#define ALICE "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define BOB   "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* What a database keeps: the memory store's own slots, which outlive the process. */
typedef struct disk {
    csigd_replay_slot slots[64];
    csigd_replay_memory memory;
    csigd_replay_store store;
} disk;

static void format(disk *d, size_t slots)
{
    memset(d, 0, sizeof *d);
    d->memory = (csigd_replay_memory){.slots = d->slots, .n_slots = slots};
    d->store = csigd_replay_in_memory(&d->memory);
}

/* The process ends and another begins with what was written. */
static void restart(disk *after, const disk *before)
{
    *after = *before;
    after->memory.slots = after->slots;
    after->store = csigd_replay_in_memory(&after->memory);
}

static csigd_auth admit(const disk *d, const char *key, const char *nonce, int64_t expires,
                        int64_t now)
{
    csigd_refusal why = {.error = CSIGD_AUTH_OK};
    const csigd_auth error = csigd_replay_admit(&d->store, key, nonce, expires, now, &why);

    assert_int_equal(why.error, error);
    return error;
}

static void a_signature_is_good_once(void **state)
{
    disk d;

    (void)state;
    format(&d, 64);
    assert_int_equal(admit(&d, ALICE, "nonce 1", T + 60, T), CSIGD_AUTH_OK);
    assert_int_equal(admit(&d, ALICE, "nonce 1", T + 60, T), CSIGD_AUTH_REPLAY);
    assert_int_equal(admit(&d, ALICE, "nonce 1", T + 60, T + 60), CSIGD_AUTH_REPLAY);
    /* Nor with another window: the nonce is spent. */
    assert_int_equal(admit(&d, ALICE, "nonce 1", T + 90, T + 60), CSIGD_AUTH_REPLAY);
    assert_int_equal(admit(&d, ALICE, "nonce 2", T + 60, T), CSIGD_AUTH_OK);
    assert_int_equal(admit(&d, BOB, "nonce 1", T + 60, T), CSIGD_AUTH_OK);
    /* Key and nonce are not run together. */
    assert_int_equal(admit(&d, "k", "1x", T + 60, T), CSIGD_AUTH_OK);
    assert_int_equal(admit(&d, "k1", "x", T + 60, T), CSIGD_AUTH_OK);
}

static void an_expired_one_is_not_even_remembered(void **state)
{
    disk d;

    (void)state;
    format(&d, 64);
    assert_int_equal(admit(&d, ALICE, "n", T - 1, T), CSIGD_AUTH_EXPIRED);
    assert_int_equal(d.slots[0].expires, 0);
    assert_int_equal(d.slots[63].expires, 0);
    assert_int_equal(admit(&d, ALICE, "n", T, T), CSIGD_AUTH_OK);
}

static void what_may_still_come_again_is_never_forgotten(void **state)
{
    disk d;

    (void)state;
    format(&d, 64);
    assert_int_equal(admit(&d, ALICE, "n", T + 60, T), CSIGD_AUTH_OK);
    for (int64_t now = T; now <= T + 60; now++) {
        assert_int_equal(csigd_replay_sweep(&d.store, now), CSIGD_AUTH_OK);
        assert_int_equal(admit(&d, ALICE, "n", T + 60, now), CSIGD_AUTH_REPLAY);
    }
    assert_int_equal(csigd_replay_sweep(&d.store, T + 61), CSIGD_AUTH_OK);
    assert_int_equal(admit(&d, ALICE, "n", T + 60, T + 61), CSIGD_AUTH_EXPIRED);
    assert_int_equal(d.memory.horizon, T + 60);
}

static void a_restart_forgets_nothing(void **state)
{
    disk before, after;

    (void)state;
    format(&before, 64);
    assert_int_equal(admit(&before, ALICE, "n", T + 60, T), CSIGD_AUTH_OK);
    restart(&after, &before);
    assert_int_equal(admit(&after, ALICE, "n", T + 60, T + 1), CSIGD_AUTH_REPLAY);
    assert_int_equal(csigd_replay_sweep(&after.store, T + 61), CSIGD_AUTH_OK);
    restart(&before, &after);
    assert_int_equal(admit(&before, ALICE, "n", T + 60, T + 59), CSIGD_AUTH_EXPIRED);
}

/* The clock ran ahead, everything was swept, the clock is put right: the old ones stay dead, and
 * honest clients wait no longer than their own windows. */
static void a_clock_that_jumps_revives_nothing(void **state)
{
    disk d;

    (void)state;
    format(&d, 64);
    assert_int_equal(admit(&d, ALICE, "n", T + 60, T), CSIGD_AUTH_OK);
    assert_int_equal(csigd_replay_sweep(&d.store, T + 86400), CSIGD_AUTH_OK);
    assert_int_equal(admit(&d, ALICE, "n", T + 60, T), CSIGD_AUTH_EXPIRED);
    assert_int_equal(admit(&d, ALICE, "n", T + 60, T - 3600), CSIGD_AUTH_EXPIRED);
    assert_int_equal(admit(&d, ALICE, "m", T + 60, T), CSIGD_AUTH_EXPIRED);
    assert_int_equal(admit(&d, ALICE, "m", T + 61, T + 1), CSIGD_AUTH_OK);
    /* The horizon goes forward only, to the latest of all. */
    assert_int_equal(csigd_replay_sweep(&d.store, T - 100), CSIGD_AUTH_OK);
    assert_int_equal(d.memory.horizon, T + 60);
    for (int64_t i = 0; i < 4; i++)
        assert_int_equal(admit(&d, BOB, &"a\0b\0c\0d"[2 * i], T + 80 + (i ^ 2), T + 30),
                         CSIGD_AUTH_OK);
    assert_int_equal(csigd_replay_sweep(&d.store, T + 200), CSIGD_AUTH_OK);
    assert_int_equal(d.memory.horizon, T + 83);
}

/* Two replicas, one store; the other's clock is behind and it never swept. */
static void a_replica_whose_clock_is_behind_revives_nothing(void **state)
{
    const int64_t behind = 30;
    disk d;

    (void)state;
    format(&d, 64);
    assert_int_equal(admit(&d, ALICE, "n", T + 60, T), CSIGD_AUTH_OK);
    assert_int_equal(csigd_replay_sweep(&d.store, T + 61), CSIGD_AUTH_OK);
    assert_int_equal(admit(&d, ALICE, "n", T + 60, T + 61 - behind), CSIGD_AUTH_EXPIRED);
}

static void a_full_memory_refuses(void **state)
{
    char nonce[8];
    disk d;

    (void)state;
    format(&d, 4);
    for (int i = 0; i < 4; i++) {
        (void)snprintf(nonce, sizeof nonce, "%d", i);
        assert_int_equal(admit(&d, ALICE, nonce, T + 60, T), CSIGD_AUTH_OK);
    }
    assert_int_equal(admit(&d, ALICE, "4", T + 60, T), CSIGD_AUTH_OVERLOADED);
    assert_int_equal(admit(&d, ALICE, "3", T + 60, T), CSIGD_AUTH_REPLAY);
    assert_int_equal(csigd_replay_sweep(&d.store, T + 61), CSIGD_AUTH_OK);
    assert_int_equal(admit(&d, ALICE, "4", T + 120, T + 61), CSIGD_AUTH_OK);
}

static csigd_auth cannot_write(void *context, const uint8_t *id, int64_t expires)
{
    (void)context;
    (void)id;
    (void)expires;
    return CSIGD_AUTH_STORE;
}

static void what_cannot_be_remembered_is_not_admitted(void **state)
{
    disk d;

    (void)state;
    format(&d, 4);
    d.store.remember = cannot_write;
    assert_int_equal(admit(&d, ALICE, "n", T + 60, T), CSIGD_AUTH_STORE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature_is_good_once),
        cmocka_unit_test(an_expired_one_is_not_even_remembered),
        cmocka_unit_test(what_may_still_come_again_is_never_forgotten),
        cmocka_unit_test(a_restart_forgets_nothing),
        cmocka_unit_test(a_clock_that_jumps_revives_nothing),
        cmocka_unit_test(a_replica_whose_clock_is_behind_revives_nothing),
        cmocka_unit_test(a_full_memory_refuses),
        cmocka_unit_test(what_cannot_be_remembered_is_not_admitted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
