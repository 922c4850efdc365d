/* Campaigns in the store: how wallets move with what happens to them; every count adds up. */
#include <string.h>

#include "api/fleet.h"

/* --- wallets move --- */

static void a_refresh_runs_and_is_done_or_not(void **state)
{
    const csigd_session_state ends[] = {CSIGD_SESSION_ABORTED, CSIGD_SESSION_EXPIRED,
                                        CSIGD_SESSION_FAILED};

    (void)state;
    fleet_begin(50);
    for (uint8_t i = 0; i < 3; i++) {
        assert_int_equal(fleet_refresh_at((uint8_t)(20 + i), 1, 50, i + 1U, 4100), CSIGD_STORED);
        fleet_expect(50, 3, 1, 0, 0);
        assert_int_equal(fleet_wanted_of(1, 4100, 50), CSIGD_STORE_NONE);
        assert_int_equal(fleet->session_end(fleet, octets((uint8_t)(20 + i)), ends[i]),
                         CSIGD_STORED);
        fleet_expect(50, 4, 0, 0, 0);
        assert_int_equal(fleet_row_of(50, 1).reason, CSIGD_REASON_CUT_OFF);
    }
    assert_int_equal(fleet_refresh_at(23, 1, 50, 4, 4100), CSIGD_STORED);
    assert_int_equal(fleet->recover(fleet), CSIGD_STORED);
    fleet_expect(50, 4, 0, 0, 0);
    /* By hand, without a word of the campaign: done is done. */
    assert_int_equal(store_open_refresh(fleet, 24, 0, 5), CSIGD_STORED);
    fleet_expect(50, 3, 1, 0, 0);
    store_stage(fleet, 24, 1, 5, "new share");
    assert_int_equal(store_commit(fleet, 24, 1, 5, 1, 1), CSIGD_STORED);
    fleet_expect(50, 3, 0, 1, 0);
    assert_int_equal(fleet_row_of(50, 1).epoch_before, 0);
    assert_int_equal(fleet_row_of(50, 1).epoch_after, 1);
    assert_int_equal(fleet_row_of(50, 1).reason, CSIGD_REASON_NONE);
    assert_int_equal(fleet_row_of(50, 2).state, CSIGD_STANDING_WAITING);
    /* And stays so, whatever happens later. */
    store_refresh(fleet, 25, 2, 1, 1);
    assert_int_equal(fleet_row_of(50, 1).epoch_after, 1);
    fleet_lock_device(30, 1);
    fleet_expect(50, 0, 0, 1, 3);
}

static void the_store_keeps_it(void **state)
{
    (void)state;
    fleet_begin(50);
    store_refresh(fleet, 20, 1, 1, 1);
    assert_int_equal(fleet->campaigns.move(fleet, octets(50), CSIGD_CAMPAIGN_PAUSED, 4200),
                     CSIGD_STORED);
    fleet->close(fleet);
    fleet = temp_store();
    fleet_expect(50, 3, 0, 1, 0);
    assert_int_equal(fleet_wanted_of(2, 4300, 50), CSIGD_STORE_NONE);
    assert_int_equal(fleet->campaigns.move(fleet, octets(50), CSIGD_CAMPAIGN_RUNNING, 4200),
                     CSIGD_STORED);
    assert_int_equal(fleet_wanted_of(2, 4300, 50), CSIGD_STORED);
}

static void one_that_runs_when_the_campaign_begins_counts(void **state)
{
    (void)state;
    assert_int_equal(store_open_refresh(fleet, 20, 0, 1), CSIGD_STORED);
    fleet_begin(50);
    fleet_expect(50, 3, 1, 0, 0);
    store_stage(fleet, 20, 1, 1, "new share");
    assert_int_equal(store_commit(fleet, 20, 1, 1, 1, 1), CSIGD_STORED);
    fleet_expect(50, 3, 0, 1, 0);
}

static void locked_devices_fail_until_unlocked(void **state)
{
    (void)state;
    fleet_begin(50);
    fleet_lock_device(20, 1);
    fleet_expect(50, 0, 0, 0, 4);
    assert_int_equal(fleet_row_of(50, 3).reason, CSIGD_REASON_LOCKED);
    assert_int_equal(fleet_wanted_of(3, 4100, 50), CSIGD_STORE_NONE);
    fleet_begin(51);
    fleet_expect(51, 0, 0, 0, 4);
    assert_int_equal(fleet->pair_unlock(fleet, octets(1)), CSIGD_STORED);
    fleet_expect(50, 4, 0, 0, 0);
    fleet_expect(51, 4, 0, 0, 0);
    assert_int_equal(fleet_row_of(50, 3).reason, CSIGD_REASON_NONE);
    /* Two of three: with a recovery key for its index the other two can. */
    assert_int_equal(peek("INSERT INTO recovery SELECT id, 3, zeroblob(32), 0 FROM wallets WHERE "
                          "created = 2001 RETURNING 1"),
                     1);
    fleet_lock_device(21, 2);
    fleet_expect(50, 1, 0, 0, 3);
    assert_int_equal(fleet_row_of(50, 1).state, CSIGD_STANDING_WAITING);
    fleet_lock_device(22, 1);
    fleet_expect(50, 0, 0, 0, 4);
}

static void a_refresh_that_cheats_fails(void **state)
{
    const csigd_effects effects = {.blamed = (const uint8_t(*)[CSIG_IDENTITY_BYTES])octets(1),
                                   .n_blamed = 1,
                                   .named = true,
                                   .reason = "a lie",
                                   .when = 7};

    (void)state;
    fleet_begin(50);
    assert_int_equal(fleet_refresh_at(20, 2, 50, 1, 4100), CSIGD_STORED);
    assert_int_equal(store_answer(fleet, 20, 1, CSIGD_SESSION_FAILED, &effects), CSIGD_STORED);
    fleet_expect(50, 0, 0, 0, 4);
    assert_int_equal(fleet_row_of(50, 2).reason, CSIGD_REASON_LOCKED);
}

static void devices_that_come_later_can_refresh(void **state)
{
    const csigd_device d = a_device(7);

    (void)state;
    assert_int_equal(peek("UPDATE wallet_devices SET device = x'0700000000000000000000000000000000"
                          "000000000000000000000000000000' WHERE position = 1 RETURNING 1"),
                     1);
    fleet_begin(50);
    fleet_expect(50, 0, 0, 0, 4);
    assert_int_equal(fleet_row_of(50, 1).reason, CSIGD_REASON_ABSENT);
    assert_int_equal(fleet->device_put(fleet, &d), CSIGD_STORED);
    fleet_expect(50, 4, 0, 0, 0);
    assert_int_equal(fleet->device_put(fleet, &d), CSIGD_STORE_CONFLICT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, fleet_setup, fleet_teardown)
        T(a_refresh_runs_and_is_done_or_not),
        T(the_store_keeps_it),
        T(one_that_runs_when_the_campaign_begins_counts),
        T(locked_devices_fail_until_unlocked),
        T(a_refresh_that_cheats_fails),
        T(devices_that_come_later_can_refresh),
#undef T
    };

    temp_quiet();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
