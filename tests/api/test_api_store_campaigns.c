/* Campaigns in the store: who is selected, their pace, pause, cancel and deadline. */
#include <string.h>

#include "api/fleet.h"

/* --- who is selected --- */

static void all_wallets_or_those_of_an_old_epoch(void **state)
{
    csigd_campaign c = fleet_campaign(50, CSIGD_CAMPAIGN_BEFORE);

    (void)state;
    fleet_begin(49);
    fleet_expect(49, 4, 0, 0, 0);
    c.before = 2001;
    assert_int_equal(fleet->campaigns.put(fleet, &c, NULL, 0), CSIGD_STORE_CONFLICT);
    assert_int_equal(fleet->campaigns.get(fleet, octets(50), &c), CSIGD_STORE_NONE);
    c = fleet_campaign(50, CSIGD_CAMPAIGN_BEFORE);
    c.before = 2004;
    assert_int_equal(fleet->campaigns.put(fleet, &c, NULL, 0), CSIGD_STORED);
    assert_int_equal(c.eligible, 2);
    /* What was refreshed is young again. */
    store_refresh(fleet, 20, 1, 1, 1);
    c = fleet_campaign(51, CSIGD_CAMPAIGN_BEFORE);
    c.before = 2004;
    assert_int_equal(fleet->campaigns.put(fleet, &c, NULL, 0), CSIGD_STORED);
    assert_int_equal(c.eligible, 1);
}

static void a_list_has_wallets_that_are_there_once_each(void **state)
{
    uint8_t list[3][16] = {{3}, {1}, {9}};
    csigd_campaign c = fleet_campaign(50, CSIGD_CAMPAIGN_LIST);

    (void)state;
    assert_int_equal(fleet->campaigns.put(fleet, &c, (const uint8_t(*)[16])list, 3),
                     CSIGD_STORE_NONE);
    list[2][0] = 1;
    assert_int_equal(fleet->campaigns.put(fleet, &c, (const uint8_t(*)[16])list, 3),
                     CSIGD_STORE_NONE);
    assert_int_equal(peek("SELECT count(*) FROM campaigns"), 0);
    assert_int_equal(peek("SELECT count(*) FROM campaign_wallets"), 0);
    assert_int_equal(fleet->campaigns.put(fleet, &c, (const uint8_t(*)[16])list, 2), CSIGD_STORED);
    assert_int_equal(c.eligible, 2);
    fleet_expect(50, 2, 0, 0, 0);
    assert_int_equal(fleet_wanted_of(1, 4100, 50), CSIGD_STORED);
    assert_int_equal(fleet_wanted_of(2, 4100, 50), CSIGD_STORE_NONE);
}

static void count_wallet(void *ctx, const csigd_wallet *w)
{
    int *n = ctx;

    assert_int_equal(w->state, CSIGD_ACTIVE);
    ++*n;
}

static void pages_have_everything_once(void **state)
{
    static fleet_rows all;
    int listed = 0;

    (void)state;
    assert_int_equal(
        peek("WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 1205) "
             "INSERT INTO wallets (id, state, signers_required, parties, allow, created, key_id, "
             "public_key, epoch, commit_signature, record, epoch_attempt, epoch_state) "
             "SELECT CAST(printf('%016d', i) AS BLOB), state, signers_required, parties, allow, "
             "created, key_id, public_key, epoch, commit_signature, record, epoch_attempt, "
             "epoch_state FROM n JOIN wallets WHERE created = 2001 RETURNING 1"),
        1);
    assert_int_equal(fleet->wallet_list(fleet, 1, NULL, count_wallet, &listed), CSIGD_STORED);
    assert_int_equal(listed, 1200);
    fleet_begin(50);
    for (uint32_t n = 1; n <= 4; n++) {
        all.n = 0;
        assert_int_equal(fleet->campaigns.page(fleet, octets(50), n, fleet_keep, &all),
                         CSIGD_STORED);
        assert_int_equal(all.n, n < 3 ? 500 : n == 3 ? 200 : 0);
    }
    /* Nobody can refresh what has no device. */
    fleet_expect(50, 4, 0, 0, 1196);
    assert_int_equal(peek("SELECT count(DISTINCT wallet) FROM campaign_wallets"), 1200);
    assert_int_equal(fleet->campaigns.page(fleet, octets(51), 1, fleet_keep, &all),
                     CSIGD_STORE_NONE);
}

/* --- the pace --- */

static void so_many_at_once(void **state)
{
    csigd_campaign c = fleet_campaign(50, CSIGD_CAMPAIGN_ALL);

    (void)state;
    c.at_once = 2;
    assert_int_equal(fleet->campaigns.put(fleet, &c, NULL, 0), CSIGD_STORED);
    assert_int_equal(fleet_refresh_at(20, 1, 50, 1, 4100), CSIGD_STORED);
    assert_int_equal(fleet_wanted_of(3, 4100, 50), CSIGD_STORED);
    assert_int_equal(fleet_refresh_at(21, 2, 0, 1, 4100), CSIGD_STORED);
    assert_int_equal(fleet_wanted_of(3, 4100, 50), CSIGD_STORE_NONE);
    assert_int_equal(fleet_refresh_at(22, 3, 50, 1, 4100), CSIGD_STORE_LATER);
    /* Nothing of it has happened. */
    assert_int_equal(peek("SELECT count(*) FROM sessions WHERE kind = 6"), 2);
    assert_int_equal(peek("SELECT sum(refresh_attempts) FROM wallets"), 2);
    assert_int_equal(peek("SELECT unfinished FROM pairs LIMIT 1"), 2);
    fleet_expect(50, 2, 2, 0, 0);
    /* By hand there is no pace. */
    assert_int_equal(fleet_refresh_at(22, 3, 0, 1, 4100), CSIGD_STORED);
    fleet_expect(50, 1, 3, 0, 0);
    assert_int_equal(fleet->session_end(fleet, octets(20), CSIGD_SESSION_ABORTED), CSIGD_STORED);
    assert_int_equal(fleet_refresh_at(23, 4, 50, 1, 4100), CSIGD_STORE_LATER);
    assert_int_equal(fleet->session_end(fleet, octets(21), CSIGD_SESSION_ABORTED), CSIGD_STORED);
    assert_int_equal(fleet_refresh_at(23, 4, 50, 1, 4100), CSIGD_STORED);
}

static void so_many_a_minute(void **state)
{
    csigd_campaign c = fleet_campaign(50, CSIGD_CAMPAIGN_ALL);

    (void)state;
    c.per_minute = 2;
    assert_int_equal(fleet->campaigns.put(fleet, &c, NULL, 0), CSIGD_STORED);
    for (uint8_t i = 0; i < 2; i++) {
        assert_int_equal(fleet_refresh_at((uint8_t)(20 + i), 1, 50, i + 1U, 4100 + 30 * i),
                         CSIGD_STORED);
        assert_int_equal(
            fleet->session_end(fleet, octets((uint8_t)(20 + i)), CSIGD_SESSION_ABORTED),
            CSIGD_STORED);
    }
    assert_int_equal(fleet_refresh_at(23, 2, 50, 1, 4159), CSIGD_STORE_LATER);
    assert_int_equal(fleet_wanted_of(2, 4159, 50), CSIGD_STORE_NONE);
    assert_int_equal(fleet_wanted_of(2, 4160, 50), CSIGD_STORED);
    assert_int_equal(fleet_refresh_at(23, 2, 50, 1, 4160), CSIGD_STORED);
    assert_int_equal(fleet_refresh_at(24, 3, 50, 1, 4161), CSIGD_STORE_LATER);
    assert_int_equal(peek("SELECT count(*) FROM campaign_starts"), 2);
}

static void only_what_is_wanted_starts(void **state)
{
    uint8_t list[1][16] = {{2}};
    csigd_campaign c = fleet_campaign(50, CSIGD_CAMPAIGN_LIST);

    (void)state;
    assert_int_equal(fleet->campaigns.put(fleet, &c, (const uint8_t(*)[16])list, 1), CSIGD_STORED);
    assert_int_equal(fleet_refresh_at(20, 1, 50, 1, 4100), CSIGD_STORE_LATER);
    assert_int_equal(fleet_refresh_at(20, 1, 51, 1, 4100), CSIGD_STORE_LATER);
    assert_int_equal(fleet->campaigns.move(fleet, octets(50), CSIGD_CAMPAIGN_PAUSED, 4100),
                     CSIGD_STORED);
    assert_int_equal(fleet_refresh_at(20, 2, 50, 1, 4100), CSIGD_STORE_LATER);
}

/* --- pause, resume, cancel, deadline --- */

static void cancelled_is_for_good_and_knows_nothing_new(void **state)
{
    (void)state;
    fleet_begin(50);
    fleet_begin(51);
    assert_int_equal(fleet_refresh_at(20, 2, 50, 1, 4100), CSIGD_STORED);
    assert_int_equal(fleet->campaigns.move(fleet, octets(50), CSIGD_CAMPAIGN_CANCELLED, 1),
                     CSIGD_STORED);
    assert_int_equal(fleet->campaigns.move(fleet, octets(50), CSIGD_CAMPAIGN_CANCELLED, 1),
                     CSIGD_STORED);
    assert_int_equal(fleet->campaigns.move(fleet, octets(50), CSIGD_CAMPAIGN_RUNNING, 1),
                     CSIGD_STORE_CONFLICT);
    assert_int_equal(fleet->campaigns.move(fleet, octets(52), CSIGD_CAMPAIGN_RUNNING, 1),
                     CSIGD_STORE_NONE);
    /* What ran ends; everything else stays as it was. */
    assert_int_equal(fleet->session_end(fleet, octets(20), CSIGD_SESSION_ABORTED), CSIGD_STORED);
    store_refresh(fleet, 21, 1, 1, 1);
    fleet_lock_device(30, 1);
    fleet_expect(50, 4, 0, 0, 0);
    fleet_expect(51, 0, 0, 1, 3);
    assert_int_equal(fleet_missed_of(2, FLEET_DEADLINE), CSIGD_STORED);
    assert_int_equal(fleet->campaigns.move(fleet, octets(51), CSIGD_CAMPAIGN_CANCELLED, 1),
                     CSIGD_STORED);
    assert_int_equal(fleet_missed_of(2, FLEET_DEADLINE), CSIGD_STORE_NONE);
}

static void who_misses_the_deadline_is_locked(void **state)
{
    csigd_campaign c = fleet_campaign(51, CSIGD_CAMPAIGN_ALL);

    (void)state;
    c.on_miss = CSIGD_MISS_WARN;
    assert_int_equal(fleet->campaigns.put(fleet, &c, NULL, 0), CSIGD_STORED);
    assert_int_equal(fleet_missed_of(1, FLEET_DEADLINE), CSIGD_STORE_NONE);
    fleet_begin(50);
    assert_int_equal(fleet_missed_of(1, FLEET_DEADLINE - 1), CSIGD_STORE_NONE);
    assert_int_equal(fleet_missed_of(1, FLEET_DEADLINE), CSIGD_STORED);
    assert_int_equal(fleet_wanted_of(1, FLEET_DEADLINE, 50), CSIGD_STORED);
    assert_int_equal(fleet->campaigns.move(fleet, octets(50), CSIGD_CAMPAIGN_PAUSED, 1),
                     CSIGD_STORED);
    assert_int_equal(fleet_missed_of(1, FLEET_DEADLINE), CSIGD_STORE_NONE);
    assert_int_equal(fleet->campaigns.move(fleet, octets(50), CSIGD_CAMPAIGN_RUNNING, 1),
                     CSIGD_STORED);
    store_refresh(fleet, 20, 1, 1, 1);
    assert_int_equal(fleet_missed_of(1, FLEET_DEADLINE), CSIGD_STORE_NONE);
    assert_int_equal(fleet_missed_of(2, FLEET_DEADLINE), CSIGD_STORED);
    fleet_lock_device(30, 1);
    assert_int_equal(fleet_missed_of(2, FLEET_DEADLINE), CSIGD_STORED);
}

static void add_id(void *ctx, const csigd_campaign *c)
{
    char *ids = ctx;

    ids[strlen(ids)] = (char)c->id[0];
}

static void all_are_listed(void **state)
{
    char ids[8] = "";

    (void)state;
    fleet_begin(51);
    fleet_begin(50);
    assert_int_equal(fleet->campaigns.list(fleet, add_id, ids), CSIGD_STORED);
    assert_string_equal(ids, "23"); /* 50, 51 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, fleet_setup, fleet_teardown)
        T(all_wallets_or_those_of_an_old_epoch),
        T(a_list_has_wallets_that_are_there_once_each),
        T(pages_have_everything_once),
        T(so_many_at_once),
        T(so_many_a_minute),
        T(only_what_is_wanted_starts),
        T(cancelled_is_for_good_and_knows_nothing_new),
        T(who_misses_the_deadline_is_locked),
        T(all_are_listed),
#undef T
    };

    temp_quiet();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
