/* Conformance of a store: presignatures never come back, and a restart voids what was running. */
#include <stdlib.h>
#include <string.h>

#include "api/records.h"

static csigd_store *s;
static const uint8_t one[1] = {1};

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

/* --- presignatures --- */

static int presig_state(void)
{
    return (int)peek("SELECT max(state) FROM presignatures");
}

static void a_presignature_goes_one_way(void **state)
{
    const csig_signature sig = a_signature();
    const csigd_effects done = {.signature = &sig, .reason = "", .when = 88};

    (void)state;
    store_with_request(s, 5);
    store_with_request(s, 6);
    store_with_presig(s, 3);
    assert_int_equal(presig_state(), CSIGD_PRESIG_READY);
    assert_int_equal(store_open_online(s, 60, 5, 4), CSIGD_STORE_CONFLICT); /* no such one */
    assert_int_equal(store_request_state(s, 5), CSIGD_APPROVED);
    assert_int_equal(store_open_online(s, 60, 5, 3), CSIGD_STORED);
    assert_int_equal(presig_state(), CSIGD_PRESIG_ASSIGNED);
    assert_int_equal(peek("SELECT path = 'm/0/1' AND digest = (SELECT digest FROM requests WHERE "
                          "id = request) FROM presignatures"),
                     1);
    assert_int_equal(peek("SELECT reveal = CAST('reveal' AS BLOB) FROM presignatures"), 1);
    assert_int_equal(store_open_online(s, 61, 6, 3), CSIGD_STORE_CONFLICT);
    assert_int_equal(store_request_state(s, 6), CSIGD_APPROVED);
    assert_int_equal(store_answer(s, 60, 1, CSIGD_SESSION_DONE, &done), CSIGD_STORED);
    assert_int_equal(presig_state(), CSIGD_PRESIG_SPENT);
    assert_int_equal(s->presig_destroy(s, octets(3)), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->recover(s), CSIGD_STORED);
    assert_int_equal(presig_state(), CSIGD_PRESIG_SPENT);
}

static void what_is_not_used_is_destroyed(void **state)
{
    csigd_presig_move kept = {.id = {8}, .to = CSIGD_PRESIG_KEPT};
    const csigd_effects effects = {.moves = &kept, .n_moves = 1, .reason = "", .when = 1};
    csigd_opening o = an_opening(62, CSIGD_KIND_PRESIGN, one, 1);

    (void)state;
    store_with_request(s, 5);
    store_with_presig(s, 3);
    assert_int_equal(store_open_online(s, 60, 5, 3), CSIGD_STORED);
    assert_int_equal(s->session_end(s, octets(60), CSIGD_SESSION_ABORTED), CSIGD_STORED);
    assert_int_equal(presig_state(), CSIGD_PRESIG_DESTROYED);
    o.row.has_wallet = true;
    memcpy(o.row.wallet, octets(1), sizeof o.row.wallet);
    assert_int_equal(s->session_open(s, &o), CSIGD_STORED);
    assert_int_equal(store_answer(s, 62, 1, CSIGD_SESSION_RUNNING, &effects), CSIGD_STORED);
    assert_int_equal(peek("SELECT min(state) FROM presignatures"), CSIGD_PRESIG_KEPT);
    assert_int_equal(s->session_end(s, octets(62), CSIGD_SESSION_EXPIRED), CSIGD_STORED);
    assert_int_equal(peek("SELECT min(state) FROM presignatures"), CSIGD_PRESIG_DESTROYED);
    store_with_presig(s, 9);
    assert_int_equal(s->presig_destroy(s, octets(9)), CSIGD_STORED);
    assert_int_equal(peek("SELECT min(state) FROM presignatures"), CSIGD_PRESIG_DESTROYED);
}

/* Whoever writes the file by hand is held to it, too. */
static void no_state_ever_goes_back(void **state)
{
    static const char *const wrong[] = {
        "UPDATE presignatures SET state = 2 WHERE state = 5 RETURNING 7",
        "UPDATE presignatures SET state = 2 WHERE state = 3 RETURNING 7",
        "UPDATE presignatures SET state = 3 WHERE state = 4 RETURNING 7",
        "UPDATE presignatures SET state = 5 WHERE state = 4 RETURNING 7",
        "UPDATE presignatures SET state = 1 WHERE state = 2 RETURNING 7",
        "UPDATE presignatures SET state = 4 WHERE state = 2 RETURNING 7",
    };
    const csig_signature sig = a_signature();
    const csigd_effects done = {.signature = &sig, .reason = "", .when = 88};

    (void)state;
    for (uint8_t i = 1; i <= 4; i++)
        store_with_presig(s, i);
    store_with_request(s, 5);
    store_with_request(s, 6);
    assert_int_equal(s->presig_destroy(s, octets(1)), CSIGD_STORED);
    assert_int_equal(store_open_online(s, 60, 5, 2), CSIGD_STORED);
    assert_int_equal(store_open_online(s, 61, 6, 3), CSIGD_STORED);
    assert_int_equal(store_answer(s, 61, 1, CSIGD_SESSION_DONE, &done), CSIGD_STORED);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(peek(wrong[i]), -1);
    assert_int_equal(peek("SELECT count(*) FROM (SELECT DISTINCT state FROM presignatures)"), 4);
}

/* --- restart --- */

static void a_restart_loses_what_was_running(void **state)
{
    csigd_session_row row;

    (void)state;
    store_with_request(s, 5);
    store_with_request(s, 6);
    store_with_presig(s, 3);
    store_with_presig(s, 4);
    assert_int_equal(store_open_sign(s, 40, 5), CSIGD_STORED);
    assert_int_equal(store_open_online(s, 60, 6, 3), CSIGD_STORED);
    assert_int_equal(peek("SELECT max(unfinished) FROM pairs"), 1);
    assert_int_equal(s->recover(s), CSIGD_STORED);
    assert_int_equal(s->session_get(s, octets(40), &row), CSIGD_STORED);
    assert_int_equal(row.state, CSIGD_SESSION_LOST);
    assert_int_equal(store_request_state(s, 5), CSIGD_APPROVED);
    assert_int_equal(store_request_state(s, 6), CSIGD_APPROVED);
    assert_int_equal(peek("SELECT max(unfinished) FROM pairs"), 0);
    assert_int_equal(peek("SELECT min(state) FROM presignatures"), CSIGD_PRESIG_DESTROYED);
    assert_int_equal(peek("SELECT count(*) FROM wallets WHERE state = 2"), 1);
    assert_int_equal(s->recover(s), CSIGD_STORED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_presignature_goes_one_way, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_used_is_destroyed, setup, teardown),
        cmocka_unit_test_setup_teardown(no_state_ever_goes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(a_restart_loses_what_was_running, setup, teardown),
    };

    temp_quiet();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
