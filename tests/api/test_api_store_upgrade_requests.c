/* A store in which requests had one digest each is taken over: what is asked for, signed, and under
 * way stays so. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "api/records.h"
#include "store/schema.h"

#define FORMAT 9 /* the last one that had one digest for each request */

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail_msg("%s", sqlite3_errmsg(db));
}

#define WALLET  "x'01000000000000000000000000000000'"
#define ID(n)   "x'" n "00000000000000000000000000000000000000000000000000000000000000'"
#define SESSION "x'28000000000000000000000000000000'"

static void fill(void)
{
    char sql[160];
    sqlite3 *db;

    assert_int_equal(sqlite3_open(temp_path("store.db"), &db), SQLITE_OK);
    run(db, "PRAGMA foreign_keys = ON");
    for (unsigned i = 0; i < FORMAT; i++)
        run(db, csigd_schema[i]);
    snprintf(sql, sizeof sql,
             "INSERT INTO meta (one, kind, level) VALUES (1, 'countersignd', %u);"
             "PRAGMA user_version = %d;",
             csig_level(), FORMAT);
    run(db, sql);
    run(db,
        "INSERT INTO wallets (id, state, signers_required, parties, allow, created) VALUES "
        "(" WALLET ", 1, 2, 2, 1, 5);"
        "INSERT INTO requests (id, wallet, state, type, digest, path, mode, presigned, created, "
        "released, sessions, signature) VALUES "
        "(" ID("05") ", " WALLET ", 1, 1, " ID(
            "aa") ", 'm/1', 1, 0, 100, 0, 7, NULL),"
                  "(" ID("06") ", " WALLET ", 3, 1, " ID(
                      "bb") ", 'm', 2, 1, 90, 77, 1, zeroblob(98));"
                            "INSERT INTO sessions (id, kind, state, wallet, request, "
                            "own_generation, epoch, "
                            "created, deadline) VALUES "
                            "(" SESSION ", 5, 2, " WALLET
                            ", " ID("06") ", 1, 0, 90, 99);"
                                          "INSERT INTO presignatures (id, wallet, session, state, "
                                          "used_by, request, digest, path, "
                                          "reveal) VALUES (" ID(
                                              "07") ", " WALLET ", " SESSION ", 4, " SESSION
                                                    ", " ID("06") ", "
                                                                  "" ID("bb") ", 'm', x'01');");
    sqlite3_close(db);
}

static void check_requests(csigd_store *s)
{
    csigd_request r;
    csigd_blob text;

    assert_int_equal(s->requests.get(s, octets(5), 0, &r), CSIGD_STORED);
    assert_int_equal(r.state, CSIGD_APPROVED);
    assert_int_equal(r.number, 2);
    assert_int_equal(r.n_inputs, 1);
    assert_int_equal(r.input.digest[0], 0xaa);
    assert_string_equal(r.input.path, "m/1");
    assert_int_equal(r.expires, 100 + 604800);
    assert_int_equal(s->requests.get(s, octets(6), 0, &r), CSIGD_STORED);
    assert_int_equal(r.state, CSIGD_SIGNED);
    assert_int_equal(r.number, 1);
    assert_int_equal(r.input.released, 77);
    assert_true(r.input.is_signed);
    assert_true(r.presigned);
    assert_int_equal(s->requests.payload(s, octets(6), &text), CSIGD_STORED);
    assert_int_equal(text.len, 93);
    assert_memory_equal(text.p, "{\"digest\":\"bb00", 15);
    assert_memory_equal(text.p + 75, "\",\"type\":\"digest\"}", 18);
    csigd_blob_free(&text);
}

static void what_was_asked_for_stays(void **state)
{
    csigd_session_row row;
    csigd_store *s;

    (void)state;
    temp_folder();
    fill();
    s = temp_store();
    check_requests(s);
    assert_int_equal(s->session_get(s, octets(40), &row), CSIGD_STORED);
    assert_memory_equal(row.request, octets(6), sizeof row.request);
    assert_int_equal(row.input, 0);
    /* What refers to requests refers to those there are. */
    assert_int_equal(peek("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_int_equal(peek("SELECT count(*) FROM pragma_foreign_key_list('sessions') "
                          "WHERE \"table\" = 'requests'"),
                     1);
    assert_int_equal(peek("SELECT sessions FROM request_inputs WHERE released = 0"), 7);
    s->close(s);
    temp_remove();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_asked_for_stays),
    };

    temp_quiet();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
