/* Conformance of a store: what is staged, what is told of epochs, backups, and what comes from a
 * store of format 1. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "api/records.h"
#include "store/schema.h"

static csigd_store *s;
static const csigd_effects nothing = {.reason = "", .when = 1};

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

static csigd_wallet wallet_now(void)
{
    csigd_wallet w;

    assert_int_equal(s->wallet_get(s, octets(1), 1, &w), CSIGD_STORED);
    return w;
}

static void expect_share(const char *words)
{
    csigd_share_row row;

    assert_int_equal(s->share_get(s, octets(1), &row), CSIGD_STORED);
    assert_int_equal(row.sealed.len, strlen(words));
    assert_memory_equal(row.sealed.p, words, row.sealed.len);
    assert_memory_equal(row.key.p, "key", 3);
    csigd_share_row_free(&row);
}

static csigd_epoch_fate fate_of(uint64_t number, uint64_t attempt)
{
    const csigd_epoch epoch = an_epoch(number, attempt);
    csigd_epoch_answer answer;

    assert_int_equal(s->epoch_ask(s, octets(1), epoch.state, &answer), CSIGD_STORED);
    assert_int_equal(answer.current.number, wallet_now().epoch);
    return answer.fate;
}

/* --- opening --- */

static void one_refresh_of_a_wallet_runs(void **state)
{
    uint8_t id[CSIGD_ID_BYTES];

    (void)state;
    assert_int_equal(s->refresh_of(s, octets(1), id), CSIGD_STORE_NONE);
    assert_int_equal(store_open_refresh(s, 20, 0, 1), CSIGD_STORED);
    assert_int_equal(store_open_refresh(s, 21, 0, 2), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->refresh_of(s, octets(1), id), CSIGD_STORED);
    assert_memory_equal(id, octets(20), sizeof id);
    /* The file itself says so, too. */
    assert_int_equal(peek("INSERT INTO sessions (id, kind, state, wallet, own_generation, epoch, "
                          "created, deadline) SELECT x'00112233445566778899aabbccddeeff', kind, "
                          "1, wallet, 1, 0, 0, 0 FROM sessions WHERE kind = 6 RETURNING 7"),
                     -1);
    assert_int_equal(s->session_end(s, octets(20), CSIGD_SESSION_ABORTED), CSIGD_STORED);
    assert_int_equal(store_open_refresh(s, 21, 0, 2), CSIGD_STORED);
}

static void an_attempt_is_never_given_twice(void **state)
{
    csigd_session_row row;

    (void)state;
    assert_int_equal(wallet_now().refresh_attempts, 0);
    assert_int_equal(store_open_refresh(s, 20, 0, 2), CSIGD_STORE_CONFLICT);
    assert_int_equal(store_open_refresh(s, 20, 0, 0), CSIGD_STORE_CONFLICT);
    assert_int_equal(store_open_refresh(s, 20, 0, 1), CSIGD_STORED);
    assert_int_equal(s->session_get(s, octets(20), &row), CSIGD_STORED);
    assert_int_equal(row.attempt, 1);
    assert_int_equal(s->session_end(s, octets(20), CSIGD_SESSION_ABORTED), CSIGD_STORED);
    assert_int_equal(wallet_now().refresh_attempts, 1);
    assert_int_equal(store_open_refresh(s, 21, 0, 1), CSIGD_STORE_CONFLICT);
    assert_int_equal(store_open_refresh(s, 21, 0, 2), CSIGD_STORED);
    store_stage(s, 21, 1, 2, "new share");
    assert_int_equal(store_commit(s, 21, 1, 2, 1, 1), CSIGD_STORED);
    /* The next epoch has its own. */
    assert_int_equal(wallet_now().refresh_attempts, 0);
    assert_int_equal(store_open_refresh(s, 22, 1, 1), CSIGD_STORED);
}

static void nothing_begins_at_another_epoch(void **state)
{
    (void)state;
    store_with_request(s, 5);
    store_refresh(s, 20, 1, 1, 1);
    assert_int_equal(store_open_sign(s, 30, 5), CSIGD_STORE_EPOCH);
    assert_int_equal(store_request_state(s, 5), CSIGD_APPROVED);
    assert_int_equal(store_open_refresh(s, 31, 0, 1), CSIGD_STORE_EPOCH);
    assert_int_equal(store_open_refresh(s, 31, 2, 1), CSIGD_STORE_EPOCH);
    assert_int_equal(store_open_refresh(s, 31, 1, 1), CSIGD_STORED);
}

/* --- staged --- */

static void what_is_staged_goes_with_its_session(void **state)
{
    const csigd_session_state ends[] = {CSIGD_SESSION_ABORTED, CSIGD_SESSION_EXPIRED,
                                        CSIGD_SESSION_FAILED, CSIGD_SESSION_LOST};

    (void)state;
    for (uint8_t i = 0; i < 4; i++) {
        const uint8_t id = (uint8_t)(20 + i);

        assert_int_equal(store_open_refresh(s, id, 0, i + 1U), CSIGD_STORED);
        assert_int_equal(fate_of(1, i + 1U), CSIGD_EPOCH_UNDECIDED);
        store_stage(s, id, 1, i + 1U, "new share");
        assert_int_equal(peek("SELECT count(*) FROM shares"), 2);
        assert_int_equal(peek("SELECT count(*) FROM share_keys"), 2);
        assert_int_equal(peek("SELECT count(*) FROM backups"), 2);
        expect_share("share");
        assert_int_equal(fate_of(1, i + 1U), CSIGD_EPOCH_UNDECIDED);
        assert_int_equal(fate_of(0, 0), CSIGD_EPOCH_CURRENT);
        assert_int_equal(s->session_end(s, octets(id), ends[i]), CSIGD_STORED);
        assert_int_equal(peek("SELECT count(*) FROM shares"), 1);
        assert_int_equal(peek("SELECT count(*) FROM share_keys"), 1);
        assert_int_equal(peek("SELECT count(*) FROM backups"), 0);
        assert_int_equal(fate_of(1, i + 1U), CSIGD_EPOCH_DEAD);
        assert_int_equal(fate_of(0, 0), CSIGD_EPOCH_CURRENT);
        expect_share("share");
    }
    assert_int_equal(store_open_refresh(s, 30, 0, 5), CSIGD_STORED);
    store_stage(s, 30, 1, 5, "new share");
    assert_int_equal(s->recover(s), CSIGD_STORED);
    assert_int_equal(peek("SELECT count(*) FROM shares"), 1);
    assert_int_equal(fate_of(1, 5), CSIGD_EPOCH_DEAD);
}

static void a_failed_round_unstages_as_well(void **state)
{
    (void)state;
    assert_int_equal(store_open_refresh(s, 20, 0, 1), CSIGD_STORED);
    store_stage(s, 20, 1, 1, "new share");
    assert_int_equal(store_answer(s, 20, 2, CSIGD_SESSION_FAILED, &nothing), CSIGD_STORED);
    assert_int_equal(peek("SELECT count(*) FROM shares"), 1);
    assert_int_equal(fate_of(1, 1), CSIGD_EPOCH_DEAD);
}

/* --- what is asked --- */

static void an_unborn_wallet_has_no_epoch(void **state)
{
    const uint8_t one[1] = {1};
    const csigd_wallet pending = a_wallet(9, 2, one, 1);
    csigd_opening o = an_opening(30, CSIGD_KIND_KEYGEN, one, 1);
    csigd_epoch_answer answer;

    (void)state;
    assert_int_equal(s->epoch_ask(s, octets(9), octets(1), &answer), CSIGD_STORE_NONE);
    o.wallet = &pending;
    o.row.has_wallet = true;
    memcpy(o.row.wallet, pending.id, sizeof pending.id);
    assert_int_equal(s->session_open(s, &o), CSIGD_STORED);
    assert_int_equal(s->epoch_ask(s, octets(9), octets(1), &answer), CSIGD_STORE_CONFLICT);
}

static void an_answer_names_the_running_refresh(void **state)
{
    csigd_epoch_answer answer;

    (void)state;
    assert_int_equal(store_open_refresh(s, 20, 0, 1), CSIGD_STORED);
    assert_int_equal(s->epoch_ask(s, octets(1), an_epoch(1, 1).state, &answer), CSIGD_STORED);
    assert_int_equal(answer.fate, CSIGD_EPOCH_UNDECIDED);
    assert_memory_equal(answer.session, octets(20), sizeof answer.session);
}

/* --- backups --- */

static csigd_stored put_backup(uint16_t party, uint64_t number, const char *words)
{
    const csigd_backup_row row = {party, {(uint8_t *)(uintptr_t)words, strlen(words)}};
    const csigd_epoch epoch = an_epoch(number, number > 0);

    return s->backup_put(s, octets(1), epoch.state, &row);
}

static void expect_counts(uint64_t active, uint64_t without)
{
    csigd_wallet_counts counts;

    assert_int_equal(s->wallet_count(s, &counts), CSIGD_STORED);
    assert_int_equal(counts.active, active);
    assert_int_equal(counts.without_backup, without);
}

static void backups_are_of_the_current_epoch(void **state)
{
    csigd_blob sealed;

    (void)state;
    expect_counts(1, 1);
    assert_int_equal(s->backup_get(s, octets(1), 1, &sealed), CSIGD_STORE_NONE);
    assert_int_equal(put_backup(1, 1, "of another epoch"), CSIGD_STORE_EPOCH);
    assert_int_equal(put_backup(1, 0, "first"), CSIGD_STORED);
    expect_counts(1, 1);
    assert_int_equal(put_backup(3, 0, "third"), CSIGD_STORED);
    expect_counts(1, 0);
    assert_int_equal(put_backup(1, 0, "again"), CSIGD_STORED);
    assert_int_equal(s->backup_get(s, octets(1), 1, &sealed), CSIGD_STORED);
    assert_memory_equal(sealed.p, "again", 5);
    csigd_blob_free(&sealed);
    /* A commit without backups leaves the new epoch without. */
    assert_int_equal(store_open_refresh(s, 20, 0, 1), CSIGD_STORED);
    store_stage(s, 20, 1, 1, "new share");
    (void)peek("DELETE FROM backups WHERE slot = 3 AND party = 3 RETURNING 7");
    assert_int_equal(store_commit(s, 20, 1, 1, 1, 1), CSIGD_STORED);
    assert_int_equal(s->backup_get(s, octets(1), 1, &sealed), CSIGD_STORED);
    assert_memory_equal(sealed.p, "backup one", 10);
    csigd_blob_free(&sealed);
    assert_int_equal(s->backup_get(s, octets(1), 3, &sealed), CSIGD_STORE_NONE);
    assert_int_equal(put_backup(3, 0, "late"), CSIGD_STORE_EPOCH);
    expect_counts(1, 1);
    assert_int_equal(put_backup(3, 1, "in time"), CSIGD_STORED);
    expect_counts(1, 0);
}

/* --- format 1 --- */

static void fill_format_1(void)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(temp_path("store.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, csigd_schema[0], NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db,
                     "PRAGMA user_version = 1;"
                     "INSERT INTO wallets (id, state, signers_required, parties, allow, created, "
                     "key_id, public_key, epoch, commit_signature, acks) VALUES "
                     "(x'01000000000000000000000000000000', 2, 2, 2, 1, 5, zeroblob(32), "
                     "zeroblob(33), 0, zeroblob(64), x'00'),"
                     "(x'02000000000000000000000000000000', 1, 2, 2, 1, 5, NULL, NULL, NULL, NULL, "
                     "NULL);"
                     "INSERT INTO shares (wallet, epoch, current, sealed) VALUES "
                     "(x'01000000000000000000000000000000', 0, 1, CAST('one' AS BLOB)),"
                     "(x'02000000000000000000000000000000', 0, 0, CAST('two' AS BLOB));",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
}

static void add_level(void)
{
    char sql[128];

    snprintf(sql, sizeof sql,
             "INSERT INTO meta (one, kind, level) VALUES (1, 'countersignd', %u) RETURNING 7",
             csig_level());
    assert_int_equal(peek(sql), 7);
}

static void a_store_of_format_1_is_taken_over(void **state)
{
    const csigd_epoch known = an_epoch(0, 0);
    csigd_epoch_answer answer;
    csigd_share_row row;
    csigd_wallet w;

    (void)state;
    s->close(s);
    temp_remove();
    temp_folder();
    fill_format_1();
    add_level();
    s = temp_store();
    assert_int_equal(peek("PRAGMA user_version"), csigd_schema_count);
    assert_int_equal(s->share_get(s, octets(1), &row), CSIGD_STORED);
    assert_memory_equal(row.sealed.p, "one", 3);
    assert_int_equal(row.key.len, 0);
    csigd_share_row_free(&row);
    assert_int_equal(peek("SELECT slot FROM shares WHERE sealed = CAST('two' AS BLOB)"), 1);
    w = wallet_now();
    assert_false(w.has_epoch_state);
    assert_int_equal(w.refreshed, CSIGD_REFRESHED_NEVER);
    /* What is not known is not called dead. */
    assert_int_equal(s->epoch_ask(s, octets(1), octets(9), &answer), CSIGD_STORE_CONFLICT);
    assert_int_equal(put_backup(1, 0, "backup"), CSIGD_STORE_EPOCH);
    assert_int_equal(s->epoch_learn(s, octets(2), &known), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->epoch_learn(s, octets(1), &known), CSIGD_STORED);
    assert_int_equal(s->epoch_learn(s, octets(1), &known), CSIGD_STORE_CONFLICT);
    assert_true(wallet_now().has_epoch_state);
    assert_int_equal(fate_of(0, 0), CSIGD_EPOCH_CURRENT);
    assert_int_equal(fate_of(1, 1), CSIGD_EPOCH_DEAD);
    assert_int_equal(peek("SELECT count(*) FROM sqlite_schema WHERE name LIKE '%format_1%'"), 0);
    assert_int_equal(peek("SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(one_refresh_of_a_wallet_runs),        CASE(an_attempt_is_never_given_twice),
        CASE(nothing_begins_at_another_epoch),     CASE(what_is_staged_goes_with_its_session),
        CASE(a_failed_round_unstages_as_well),     CASE(an_unborn_wallet_has_no_epoch),
        CASE(an_answer_names_the_running_refresh), CASE(backups_are_of_the_current_epoch),
        CASE(a_store_of_format_1_is_taken_over),
    };

    temp_quiet();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
