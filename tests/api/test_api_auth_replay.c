/* One signature, one request: the rules on the store in memory, and what goes wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/replay_rules.h"

#define T REPLAY_NOW

static csigd_replay_slot slots[16];
static csigd_replay_memory memory;
static replay_disk disk;

/* The slots are what is written; of the rest nothing is left but the horizon. */
static void restart(replay_disk *d)
{
    const int64_t horizon = memory.horizon;

    memset(&memory, 0xff, sizeof memory);
    memory = (csigd_replay_memory){.slots = slots, .n_slots = 16, .horizon = horizon};
    d->store = csigd_replay_in_memory(&memory);
}

static replay_disk *fresh(void)
{
    memset(slots, 0, sizeof slots);
    memory = (csigd_replay_memory){.slots = slots, .n_slots = 16};
    disk = (replay_disk){.store = csigd_replay_in_memory(&memory), .restart = restart};
    return &disk;
}

static void the_rules_are_kept(void **state)
{
    (void)state;
    replay_rules_check(fresh);
}

static void a_full_memory_refuses(void **state)
{
    replay_disk *d = fresh();
    char nonce[8];

    (void)state;
    memory.n_slots = 4;
    for (int i = 0; i < 4; i++) {
        (void)snprintf(nonce, sizeof nonce, "%d", i);
        assert_int_equal(replay_admit(d, REPLAY_KEY, nonce, T + 60, T), CSIGD_AUTH_OK);
    }
    assert_int_equal(replay_admit(d, REPLAY_KEY, "4", T + 60, T), CSIGD_AUTH_OVERLOADED);
    assert_int_equal(replay_admit(d, REPLAY_KEY, "3", T + 60, T), CSIGD_AUTH_REPLAY);
    assert_int_equal(csigd_replay_sweep(&d->store, T + 61), CSIGD_AUTH_OK);
    assert_int_equal(replay_admit(d, REPLAY_KEY, "4", T + 120, T + 61), CSIGD_AUTH_OK);
}

static csigd_auth cannot_write(void *context, const uint8_t *id, int64_t expires)
{
    (void)context;
    (void)id;
    (void)expires;
    return CSIGD_AUTH_STORE;
}

static csigd_auth cannot_forget(void *context, int64_t until)
{
    (void)context;
    (void)until;
    return CSIGD_AUTH_STORE;
}

static void what_cannot_be_remembered_is_not_admitted(void **state)
{
    replay_disk *d = fresh();

    (void)state;
    d->store.remember = cannot_write;
    assert_int_equal(replay_admit(d, REPLAY_KEY, "n", T + 60, T), CSIGD_AUTH_STORE);
    d->store.forget = cannot_forget;
    assert_int_equal(csigd_replay_sweep(&d->store, T), CSIGD_AUTH_STORE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rules_are_kept),
        cmocka_unit_test(a_full_memory_refuses),
        cmocka_unit_test(what_cannot_be_remembered_is_not_admitted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
