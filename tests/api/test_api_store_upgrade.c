/* A store from before limits, labels and generations of the server's key is taken over as it is. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "api/records.h"
#include "store/schema.h"

#define FORMAT 5 /* the last one that had one key of the server's */

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail_msg("%s", sqlite3_errmsg(db));
}

static void fill(void)
{
    char sql[160];
    sqlite3 *db;

    assert_int_equal(sqlite3_open(temp_path("store.db"), &db), SQLITE_OK);
    for (unsigned i = 0; i < FORMAT; i++)
        run(db, csigd_schema[i]);
    snprintf(sql, sizeof sql,
             "INSERT INTO meta (one, kind, level) VALUES (1, 'countersignd', %u);"
             "PRAGMA user_version = %d;",
             csig_level(), FORMAT);
    run(db, sql);
    run(db, "INSERT INTO http_key (one, sealed) VALUES (1, CAST('sealed' AS BLOB));"
            "INSERT INTO http_keys (id, algorithm, octets, owner, device, roles, all_wallets, "
            "wallets, created) VALUES (zeroblob(32), 1, zeroblob(65), 'backend', NULL, 2, 1, x'', "
            "7);"
            "INSERT INTO tokens (hash, roles, expires) VALUES (zeroblob(32), 3, 900);"
            "INSERT INTO wallets (id, state, signers_required, parties, allow, created) VALUES "
            "(x'01000000000000000000000000000000', 1, 2, 2, 1, 5);");
    sqlite3_close(db);
}

static void check_server_key(void *ctx, uint64_t generation, int64_t since,
                             const csigd_blob *sealed)
{
    (*(int *)ctx)++;
    assert_int_equal(generation, 1);
    assert_int_equal(since, 0);
    assert_int_equal(sealed->len, 6);
    assert_memory_equal(sealed->p, "sealed", 6);
}

static void check_key(void *ctx, const csigd_key_row *key)
{
    (*(int *)ctx)++;
    assert_string_equal(key->owner, "backend");
    assert_true(key->all_wallets);
    assert_int_equal(key->per_minute, 0);
    assert_string_equal(key->label, "");
}

static void what_was_there_stays(void **state)
{
    csigd_device device = a_device(1);
    csigd_key_row row = {.id = {9}, .key.algorithm = CSIGD_KEY_ED25519, .has_device = true};
    const uint8_t token[CSIGD_HASH_BYTES] = {0};
    char label[CSIGD_LABEL_MAX + 1] = "none";
    int found = 0;
    csigd_store *s;

    (void)state;
    temp_folder();
    fill();
    s = temp_store();
    assert_int_equal(s->server_keys.list(s, check_server_key, &found), CSIGD_STORED);
    assert_int_equal(s->key_list(s, check_key, &found), CSIGD_STORED);
    assert_int_equal(found, 2);
    assert_int_equal(s->label_get(s, octets(1), label), CSIGD_STORED);
    assert_string_equal(label, "");
    assert_int_equal(s->label_get(s, octets(2), label), CSIGD_STORE_NONE);
    memcpy(row.device, device.identity, sizeof row.device);
    assert_int_equal(s->enrol(s, &device, &row, token, 800), CSIGD_STORED);
    assert_int_equal(row.roles, 3);
    assert_string_equal(row.label, "");
    s->close(s);
    temp_remove();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_there_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
