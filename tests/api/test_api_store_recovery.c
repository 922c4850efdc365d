/* Conformance of a store: recovery keys, escrows of the current epoch, and what comes from a store
 * of format 2. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "api/records.h"
#include "store/schema.h"

#define WORDS(text) ((csigd_blob){(uint8_t *)(uintptr_t)(text), sizeof(text) - 1})

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

/* Wallet 1 of device 1 and of 9, which nobody has enrolled; keys for both. */
static csigd_stored begin(void)
{
    const csigd_device d = a_device(1);
    csigd_wallet w = a_wallet(1, 2, (const uint8_t[]){1, 9}, 2);
    csigd_opening o = an_opening(200, CSIGD_KIND_KEYGEN, (const uint8_t[]){1}, 1);

    (void)s->device_put(s, &d);
    w.n_recovery = 2;
    w.recovery[0] = (csigd_recovery_key){.index = 1, .key = {11}};
    w.recovery[1] = (csigd_recovery_key){.index = 3, .offline = true, .key = {33}};
    o.wallet = &w;
    o.row.has_wallet = true;
    memcpy(o.row.wallet, w.id, sizeof w.id);
    return s->session_open(s, &o);
}

static void bear(void)
{
    const csigd_birth birth = {.share = a_share("share"),
                               .epoch = an_epoch(0, 0),
                               .commit = {'c', 'c'},
                               .record = WORDS("record 0"),
                               .recoverable = {WORDS("epoch 0 "), WORDS(" escrows 0")}};
    const csigd_effects effects = {.birth = &birth, .reason = "", .when = 1};

    assert_int_equal(store_answer(s, 200, 1, CSIGD_SESSION_DONE, &effects), CSIGD_STORED);
}

static void give_birth(void)
{
    assert_int_equal(begin(), CSIGD_STORED);
    bear();
}

/* Epoch, 64 octets of commit, escrows. */
static void expect_escrows(const char *epoch, uint8_t commit, const char *escrows)
{
    const size_t front = strlen(epoch), back = strlen(escrows);
    csigd_blob all;

    assert_int_equal(s->escrows_get(s, octets(1), &all), CSIGD_STORED);
    assert_int_equal(all.len, front + 64 + back);
    assert_memory_equal(all.p, epoch, front);
    assert_int_equal(all.p[front], commit);
    assert_memory_equal(all.p + front + 64, escrows, back);
    csigd_blob_free(&all);
}

static csigd_stored refresh(uint8_t session, uint64_t number, const csigd_recoverable *fresh)
{
    csigd_opening o = an_opening(session, CSIGD_KIND_REFRESH, (const uint8_t[]){1}, 1);
    const csigd_commit c = {.epoch = an_epoch(number, 1),
                            .commit = {(uint8_t)number},
                            .record = WORDS("record 1"),
                            .recoverable = *fresh};
    const csigd_effects effects = {.commit = &c, .reason = "", .when = 1};

    o.row.has_wallet = true;
    o.row.epoch = number - 1;
    o.row.attempt = 1;
    memcpy(o.row.wallet, octets(1), sizeof o.row.wallet);
    assert_int_equal(s->session_open(s, &o), CSIGD_STORED);
    store_stage(s, session, number, 1, "new share");
    return store_answer(s, session, 2, CSIGD_SESSION_DONE, &effects);
}

static void keys_are_kept(void **state)
{
    csigd_wallet w;

    (void)state;
    assert_int_equal(begin(), CSIGD_STORED);
    assert_int_equal(s->wallet_get(s, octets(1), 1, &w), CSIGD_STORED);
    assert_int_equal(w.n_devices, 2);
    assert_memory_equal(w.devices[1], octets(9), CSIG_IDENTITY_BYTES);
    assert_int_equal(w.n_recovery, 2);
    assert_true(w.recovery[0].index == 1 && !w.recovery[0].offline && w.recovery[0].key[0] == 11);
    assert_true(w.recovery[1].index == 3 && w.recovery[1].offline && w.recovery[1].key[0] == 33);
    /* They go with a wallet that is never born. */
    assert_int_equal(s->session_end(s, octets(200), CSIGD_SESSION_ABORTED), CSIGD_STORED);
    assert_int_equal(peek("SELECT count(*) FROM recovery"), 0);
    assert_int_equal(peek("SELECT count(*) FROM wallet_devices"), 0);
}

static void count_wallet(void *ctx, const csigd_wallet *w)
{
    *(size_t *)ctx += w->n_recovery;
}

static void escrows_are_of_the_current_epoch(void **state)
{
    const csigd_recoverable next = {WORDS("epoch 1 is longer"), WORDS("escrows 1")};
    csigd_blob all;
    size_t listed = 0;

    (void)state;
    assert_int_equal(s->escrows_get(s, octets(1), &all), CSIGD_STORE_NONE);
    give_birth();
    assert_int_equal(s->wallet_list(s, 1, NULL, count_wallet, &listed), CSIGD_STORED);
    assert_int_equal(listed, 2);
    expect_escrows("epoch 0 ", 'c', " escrows 0");
    assert_int_equal(refresh(20, 1, &next), CSIGD_STORED);
    expect_escrows("epoch 1 is longer", 1, "escrows 1");
    assert_int_equal(peek("SELECT count(*) FROM escrows"), 1);
}

/* A commit that is refused changes nothing of them. */
static void escrows_change_with_the_commit_alone(void **state)
{
    const csigd_recoverable next = {WORDS("epoch 1"), WORDS("escrows 1")};

    (void)state;
    give_birth();
    assert_int_equal(peek("UPDATE wallets SET epoch = 5 RETURNING 7"), 7);
    assert_int_equal(peek("CREATE TRIGGER stop BEFORE UPDATE OF epoch ON wallets BEGIN "
                          "SELECT RAISE(ABORT, 'full'); END"),
                     -1);
    assert_int_equal(refresh(20, 6, &next), CSIGD_STORE_FAILED);
    expect_escrows("epoch 0 ", 'c', " escrows 0");
}

static void expect_record(const char *words)
{
    csigd_blob record;

    assert_int_equal(s->record_get(s, octets(1), &record), CSIGD_STORED);
    assert_int_equal(record.len, strlen(words));
    assert_memory_equal(record.p, words, record.len);
    csigd_blob_free(&record);
}

/* Written with what it is the record of, and with nothing else. */
static void the_record_is_of_the_current_epoch(void **state)
{
    const csigd_recoverable next = {WORDS("epoch 1"), WORDS("escrows 1")};
    csigd_blob record;

    (void)state;
    assert_int_equal(s->record_get(s, octets(1), &record), CSIGD_STORE_NONE);
    assert_int_equal(begin(), CSIGD_STORED);
    assert_int_equal(s->record_get(s, octets(1), &record), CSIGD_STORE_CONFLICT);
    bear();
    expect_record("record 0");
    assert_int_equal(refresh(20, 1, &next), CSIGD_STORED);
    expect_record("record 1");
    /* Of an epoch that was made before stores kept it. */
    assert_int_equal(peek("UPDATE wallets SET record = x'' RETURNING 7"), 7);
    assert_int_equal(s->record_get(s, octets(1), &record), CSIGD_STORE_CONFLICT);
}

static void a_wallet_without_keys_has_none(void **state)
{
    csigd_blob all;
    csigd_wallet w;

    (void)state;
    store_with_wallet(s);
    assert_int_equal(s->wallet_get(s, octets(1), 1, &w), CSIGD_STORED);
    assert_int_equal(w.n_recovery, 0);
    assert_int_equal(s->escrows_get(s, octets(1), &all), CSIGD_STORE_CONFLICT);
    store_refresh(s, 20, 1, 1, 1);
    assert_int_equal(s->escrows_get(s, octets(1), &all), CSIGD_STORE_CONFLICT);
}

/* An index is backed up by its backup or by an escrow, and by both only once. */
static void escrows_count_as_backups(void **state)
{
    const csigd_epoch epoch = an_epoch(0, 0);
    const csigd_backup_row row = {1, WORDS("backup")};
    csigd_wallet_counts counts;

    (void)state;
    give_birth();
    assert_int_equal(s->wallet_count(s, &counts), CSIGD_STORED);
    assert_true(counts.active == 1 && counts.without_backup == 0);
    assert_int_equal(peek("DELETE FROM recovery WHERE party = 1 RETURNING 7"), 7);
    assert_int_equal(s->wallet_count(s, &counts), CSIGD_STORED);
    assert_int_equal(counts.without_backup, 1);
    assert_int_equal(s->backup_put(s, octets(1), epoch.state, &row), CSIGD_STORED);
    assert_int_equal(s->wallet_count(s, &counts), CSIGD_STORED);
    assert_int_equal(counts.without_backup, 0);
    /* The server's own does not count for a client's. */
    assert_int_equal(peek("UPDATE recovery SET party = 2 RETURNING 7"), 7);
    assert_int_equal(s->wallet_count(s, &counts), CSIGD_STORED);
    assert_int_equal(counts.without_backup, 1);
    /* Keys without escrows are no backup. */
    assert_int_equal(peek("UPDATE recovery SET party = 3 RETURNING 7"), 7);
    assert_int_equal(peek("DELETE FROM escrows RETURNING 7"), 7);
    assert_int_equal(s->wallet_count(s, &counts), CSIGD_STORED);
    assert_int_equal(counts.without_backup, 1);
}

/* --- format 2 --- */

static void fill_format_2(void)
{
    char sql[512];
    sqlite3 *db;

    assert_int_equal(sqlite3_open(temp_path("store.db"), &db), SQLITE_OK);
    snprintf(sql, sizeof sql,
             "PRAGMA user_version = 2;"
             "INSERT INTO meta (one, kind, level) VALUES (1, 'countersignd', %u);"
             "INSERT INTO devices VALUES (zeroblob(32), 'phone', 1);"
             "INSERT INTO wallets (id, state, signers_required, parties, allow, created) VALUES "
             "(x'01000000000000000000000000000000', 1, 2, 2, 1, 5);"
             "INSERT INTO wallet_devices VALUES "
             "(x'01000000000000000000000000000000', 0, zeroblob(32));",
             csig_level());
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(sqlite3_exec(db, csigd_schema[i], NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void a_store_of_format_2_is_taken_over(void **state)
{
    csigd_wallet w;

    (void)state;
    s->close(s);
    temp_remove();
    temp_folder();
    fill_format_2();
    s = temp_store();
    assert_int_equal(peek("PRAGMA user_version"), csigd_schema_count);
    assert_int_equal(s->wallet_get(s, octets(1), 1, &w), CSIGD_STORED);
    assert_int_equal(w.n_devices, 1);
    assert_int_equal(w.n_recovery, 0);
    assert_int_equal(peek("SELECT count(*) FROM sqlite_schema WHERE name LIKE '%format_2%'"), 0);
    assert_int_equal(peek("SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(keys_are_kept),
        CASE(escrows_are_of_the_current_epoch),
        CASE(escrows_change_with_the_commit_alone),
        CASE(the_record_is_of_the_current_epoch),
        CASE(a_wallet_without_keys_has_none),
        CASE(escrows_count_as_backups),
        CASE(a_store_of_format_2_is_taken_over),
    };

    temp_quiet();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
