/* Conformance of a store: throw-away wallets. */
#include <string.h>

#include "api/records.h"

static csigd_store *s;

static int setup(void **state)
{
    (void)state;
    temp_folder();
    s = temp_store();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    s->close(s);
    temp_remove();
    return 0;
}

/* Wallet 7 of device 1, to be thrown away: pending in session 70. */
static void begin(void)
{
    csigd_wallet w = a_wallet(7, 2, (const uint8_t[]){1}, 1);
    csigd_opening o = an_opening(70, CSIGD_KIND_KEYGEN, (const uint8_t[]){1}, 1);

    store_with_wallet(s);
    w.rehearsal = true;
    o.wallet = &w;
    o.row.has_wallet = true;
    memcpy(o.row.wallet, w.id, sizeof w.id);
    assert_int_equal(s->session_open(s, &o), CSIGD_STORED);
}

static void bear(void)
{
    const csigd_birth birth = {.share = a_share("share"),
                               .epoch = an_epoch(0, 0),
                               .commit = {'c'},
                               .record = {(uint8_t *)(uintptr_t) "record", 6}};
    const csigd_effects effects = {.birth = &birth, .reason = "", .when = 1};

    assert_int_equal(store_answer(s, 70, 1, CSIGD_SESSION_DONE, &effects), CSIGD_STORED);
}

static void count(void *ctx, const csigd_wallet *w)
{
    assert_false(w->rehearsal);
    ++*(int *)ctx;
}

static void it_is_in_no_list_and_in_no_count(void **state)
{
    csigd_wallet_counts counts;
    csigd_wallet w;
    int listed = 0;

    (void)state;
    begin();
    bear();
    assert_int_equal(s->wallet_get(s, octets(7), 1, &w), CSIGD_STORED);
    assert_true(w.rehearsal);
    assert_int_equal(w.state, CSIGD_ACTIVE);
    assert_int_equal(s->wallet_list(s, 1, NULL, count, &listed), CSIGD_STORED);
    assert_int_equal(listed, 1);
    assert_int_equal(s->wallet_count(s, &counts), CSIGD_STORED);
    assert_int_equal(counts.active, 1);
    /* Of the other one it is told. */
    assert_int_equal(peek("SELECT count(*) FROM events"), 1);
}

static void it_is_deleted_and_no_other(void **state)
{
    csigd_wallet w;
    csigd_share_row share;

    (void)state;
    begin();
    /* Its session runs. */
    assert_int_equal(s->rehearsal_drop(s, octets(7)), CSIGD_STORE_CONFLICT);
    bear();
    assert_int_equal(s->rehearsal_drop(s, octets(1)), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->rehearsal_drop(s, octets(7)), CSIGD_STORED);
    assert_int_equal(s->rehearsal_drop(s, octets(7)), CSIGD_STORE_NONE);
    assert_int_equal(s->wallet_get(s, octets(7), 1, &w), CSIGD_STORE_NONE);
    assert_int_equal(s->share_get(s, octets(7), &share), CSIGD_STORE_NONE);
    assert_int_equal(peek("SELECT count(*) FROM share_keys WHERE wallet >= x'07'"), 0);
    assert_int_equal(s->wallet_get(s, octets(1), 1, &w), CSIGD_STORED);
}

static void it_goes_when_it_is_old(void **state)
{
    csigd_wallet w;

    (void)state;
    begin();
    bear();
    assert_int_equal(s->wallet_get(s, octets(7), 1, &w), CSIGD_STORED);
    assert_int_equal(s->sweep(s, w.created), CSIGD_STORED);
    assert_int_equal(s->wallet_get(s, octets(7), 1, &w), CSIGD_STORED);
    assert_int_equal(s->sweep(s, w.created + 1), CSIGD_STORED);
    assert_int_equal(s->wallet_get(s, octets(7), 1, &w), CSIGD_STORE_NONE);
    assert_int_equal(s->wallet_get(s, octets(1), 1, &w), CSIGD_STORED);
}

static void the_next_start_deletes_it(void **state)
{
    csigd_wallet w;

    (void)state;
    begin();
    bear();
    assert_int_equal(s->recover(s), CSIGD_STORED);
    assert_int_equal(s->wallet_get(s, octets(7), 1, &w), CSIGD_STORE_NONE);
    assert_int_equal(s->wallet_get(s, octets(1), 1, &w), CSIGD_STORED);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(it_is_in_no_list_and_in_no_count),
        CASE(it_is_deleted_and_no_other),
        CASE(it_goes_when_it_is_old),
        CASE(the_next_start_deletes_it),
    };

    temp_quiet();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
