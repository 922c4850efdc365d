/* Conformance of a store: what goes of sessions that ended long ago, and what stays. Sessions open
 * at 5000 and end by 5120 or so. */
#include <string.h>

#include "api/records.h"

#define DAY (INT64_C(24) * 3600)

static csigd_store *s;
static const csigd_effects nothing = {.reason = "", .when = 1};
static const uint8_t one[] = {1};

static int setup(void **state)
{
    (void)state;
    temp_folder();
    s = temp_store();
    store_with_wallet(s);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    s->close(s);
    temp_remove();
    return 0;
}

static bool is_there(uint8_t session)
{
    csigd_session_row row;
    const csigd_stored stored = s->session_get(s, octets(session), &row);

    assert_true(stored == CSIGD_STORED || stored == CSIGD_STORE_NONE);
    return stored == CSIGD_STORED;
}

/* A month and a day later, and no answers of the last day go. */
static void a_month_later(void)
{
    assert_int_equal(s->sweep(s, 6000 + 30 * DAY), CSIGD_STORED);
}

static void a_session_goes_with_all_that_hangs_on_it(void **state)
{
    csigd_answer a;

    (void)state;
    assert_int_equal(store_open_plain(s, 20, CSIGD_KIND_AUX), CSIGD_STORED);
    assert_int_equal(store_answer(s, 20, 1, CSIGD_SESSION_DONE, &nothing), CSIGD_STORED);
    assert_int_equal(store_open_plain(s, 21, CSIGD_KIND_PRESIGN), CSIGD_STORED);
    assert_int_equal(s->sweep(s, 6000 + 28 * DAY), CSIGD_STORED);
    assert_true(is_there(20));
    a_month_later();
    assert_false(is_there(20));
    assert_int_equal(s->round_get(s, octets(20), 1, &a), CSIGD_STORE_NONE);
    assert_int_equal(s->member_ask(s, octets(20), octets(1)), CSIGD_STORE_NONE);
    /* Whatever its deadline, one that runs is there; and that the wallet was born is all it needs.
     */
    assert_true(is_there(21));
    assert_false(is_there(200));
    assert_int_equal(s->party_ask(s, octets(1), octets(1)), CSIGD_STORED);
    assert_int_equal(peek("SELECT count(*) FROM sessions"), 1);
    assert_int_equal(peek("SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

static void what_may_still_be_asked_for_stays(void **state)
{
    const csigd_blob proof = {(uint8_t *)(uintptr_t) "proof", 5};
    const uint8_t blamed[1][CSIG_IDENTITY_BYTES] = {{1}};
    const csigd_effects cheat = {.blamed = blamed,
                                 .n_blamed = 1,
                                 .named = true,
                                 .reason = "x",
                                 .evidence = &proof,
                                 .when = 1};
    const csigd_wallet pending = a_wallet(5, 2, one, 1);
    csigd_opening birth = an_opening(30, CSIGD_KIND_KEYGEN, one, 1),
                  move = an_opening(31, CSIGD_KIND_RESHARE, one, 1);
    csigd_blob kept;

    (void)state;
    /* A birth that came to nothing: the device has a share that waits for this word. */
    birth.wallet = &pending;
    birth.row.has_wallet = true;
    memcpy(birth.row.wallet, pending.id, sizeof pending.id);
    assert_int_equal(s->session_open(s, &birth), CSIGD_STORED);
    assert_int_equal(s->session_end(s, birth.row.id, CSIGD_SESSION_LOST), CSIGD_STORED);
    /* A resharing, whatever came of it. */
    move.row.has_wallet = true;
    move.row.attempt = 1;
    memcpy(move.row.wallet, octets(1), sizeof move.row.wallet);
    assert_int_equal(s->session_open(s, &move), CSIGD_STORED);
    assert_int_equal(s->session_end(s, move.row.id, CSIGD_SESSION_ABORTED), CSIGD_STORED);
    /* Evidence. */
    assert_int_equal(store_open_plain(s, 32, CSIGD_KIND_PRESIGN), CSIGD_STORED);
    assert_int_equal(s->session_fail(s, octets(32), &cheat), CSIGD_STORED);
    a_month_later();
    assert_int_equal(s->party_ask(s, octets(5), octets(1)), CSIGD_STORED);
    assert_int_equal(s->resharer_ask(s, octets(1), octets(1)), CSIGD_STORED);
    assert_int_equal(s->evidence_get(s, octets(32), &kept), CSIGD_STORED);
    csigd_blob_free(&kept);
}

/* One that is ready is not touched; one that is over goes with the later of its two sessions. */
static void presignatures_go_when_they_are_over(void **state)
{
    (void)state;
    store_with_request(s, 3);
    store_with_presig(s, 1);
    store_with_presig(s, 2);
    a_month_later();
    assert_int_equal(peek("SELECT count(*) FROM presignatures WHERE state = 2"), 2);
    assert_true(is_there(101) && is_there(102));
    assert_int_equal(store_open_online(s, 20, 3, 1), CSIGD_STORED);
    a_month_later();
    assert_true(is_there(101));
    assert_int_equal(s->session_end(s, octets(20), CSIGD_SESSION_ABORTED), CSIGD_STORED);
    assert_int_equal(peek("UPDATE sessions SET deadline = 4000000000 WHERE id = "
                          "CAST(x'14' || zeroblob(15) AS BLOB)"),
                     -1);
    a_month_later();
    assert_true(is_there(101));
    assert_int_equal(peek("UPDATE sessions SET deadline = 5000"), -1);
    a_month_later();
    assert_false(is_there(101) || is_there(20));
    assert_true(is_there(102));
    assert_int_equal(peek("SELECT count(*) FROM presignatures"), 1);
    assert_int_equal(peek("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    /* Its request stays for good, and signs. */
    assert_int_equal(store_request_state(s, 3), CSIGD_APPROVED);
    assert_int_equal(store_open_online(s, 21, 3, 2), CSIGD_STORED);
}

/* In more than one batch. */
static void many_go_at_once(void **state)
{
    (void)state;
    assert_int_equal(peek("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i "
                          "< 1500) INSERT INTO sessions (id, kind, state, own_generation, epoch, "
                          "created, deadline) SELECT randomblob(16), 1, 2, 1, 0, 5000, 5100 + i "
                          "FROM n"),
                     -1);
    assert_int_equal(peek("SELECT count(*) FROM sessions"), 1501);
    a_month_later();
    assert_int_equal(peek("SELECT count(*) FROM sessions"), 0);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(a_session_goes_with_all_that_hangs_on_it),
        WITH(what_may_still_be_asked_for_stays),
        WITH(presignatures_go_when_they_are_over),
        WITH(many_go_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
