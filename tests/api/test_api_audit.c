/* The audit log: how an entry is written, that it grows and never changes, that it and what it
 * tells of are there together or not at all; refusals; traces. */
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/records.h"
#include "service/audit.h"
#include "store/audit_text.h"

static csigd_store *s;
static char why[256];
static bool is_sealing;

static bool seal(void *ctx, const char *entry, uint8_t hash[32], uint8_t signature[64])
{
    (void)ctx;
    memset(hash, (int)(strlen(entry) & 0xff), 32);
    memset(signature, 7, 64);
    return is_sealing;
}

static int setup(void **state)
{
    (void)state;
    temp_folder();
    is_sealing = true;
    s = csigd_sqlite_open(temp_path("store.db"), 112, why, sizeof why);
    return s != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    s->close(s);
    temp_remove();
    return 0;
}

/* --- the text --- */

static void an_entry_is_canonical_json(void **state)
{
    static const uint8_t octets[32] = {0xab, 1};
    const csigd_log_field fields[] = {
        CSIGD_TEXT("name", "a \"b\" \\ \b\f\n\r\t\x01 \xc3\xa9"),
        CSIGD_NUMBER("count", -5),
        CSIGD_HEX("alpha", octets, 2),
    };
    csigd_context by = {.by = CSIGD_BY_KEY,
                        .roles = CSIGD_ROLE_BIT(CSIGD_ROLE_SIGN) | CSIGD_ROLE_BIT(CSIGD_ROLE_READ),
                        .has_device = true,
                        .has_trace = true,
                        .trace = {.id = "4bf92f3577b34da6a3ce929d0e0e4736"}};
    const csigd_audit_entry e = {.sequence = 3,
                                 .time = 1767225599,
                                 .previous = octets,
                                 .kind = "key.added",
                                 .about = CSIGD_OF_REQUEST(octets, octets),
                                 .context = &by,
                                 .fields = fields,
                                 .n = 3};
    char text[CSIGD_AUDIT_ENTRY_BYTES], *again;
    json_t *j;

    (void)state;
    assert_true(csigd_audit_text_is_made(text, &e));
    j = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(j);
    again = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(again, text);
    assert_non_null(strstr(text, "\"detail\":{\"alpha\":\"ab01\",\"count\":-5,\"name\":"));
    assert_non_null(strstr(text, "\"time\":\"2025-12-31T23:59:59Z\",\"trace\":\"4bf92f"));
    assert_non_null(strstr(text, "\"who\":{\"by\":\"key\",\"device\":\"0000"));
    assert_non_null(strstr(text, "\"roles\":[\"sign\",\"read\"]}}"));
    free(again);
    json_decref(j);
}

static void an_entry_is_never_cut(void **state)
{
    static const uint8_t zeros[32];
    char name[CSIGD_AUDIT_ENTRY_BYTES];
    const csigd_log_field field = CSIGD_TEXT("name", name);
    csigd_log_field many[CSIGD_AUDIT_FIELDS_MAX + 1];
    csigd_audit_entry e = {.sequence = 1,
                           .previous = zeros,
                           .kind = "k",
                           .context = csigd_context_now(),
                           .fields = &field,
                           .n = 1};
    char text[CSIGD_AUDIT_ENTRY_BYTES];

    (void)state;
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_false(csigd_audit_text_is_made(text, &e));
    name[1000] = '\0';
    assert_true(csigd_audit_text_is_made(text, &e));
    for (size_t i = 0; i < CSIGD_AUDIT_FIELDS_MAX + 1; i++)
        many[i] = CSIGD_NUMBER("n", i);
    e.fields = many;
    e.n = CSIGD_AUDIT_FIELDS_MAX + 1;
    assert_false(csigd_audit_text_is_made(text, &e));
}

/* --- the store --- */

static uint64_t entries(void)
{
    csigd_audit_row row;
    const csigd_stored stored = s->audit.newest(s, &row);

    assert_true(stored == CSIGD_STORED || stored == CSIGD_STORE_NONE);
    return stored == CSIGD_STORED ? row.sequence : 0;
}

static void a_change_and_its_entry_are_there_together(void **state)
{
    csigd_device device = a_device(1), other = a_device(2);
    csigd_device found;

    (void)state;
    s->audit.seal_with(s, seal, NULL);
    assert_int_equal(s->device_put(s, &device), CSIGD_STORED);
    assert_int_equal(entries(), 1);
    assert_int_equal(s->device_put(s, &device), CSIGD_STORE_CONFLICT);
    assert_int_equal(entries(), 1);
    /* No entry, no change. */
    is_sealing = false;
    assert_int_equal(s->device_put(s, &other), CSIGD_STORE_FAILED);
    assert_int_equal(s->device_get(s, other.identity, &found), CSIGD_STORE_NONE);
    assert_int_equal(entries(), 1);
    is_sealing = true;
    assert_int_equal(s->device_put(s, &other), CSIGD_STORED);
    assert_int_equal(entries(), 2);
}

static void count(void *ctx, const csigd_audit_row *row)
{
    uint64_t *next = ctx;

    assert_int_equal(row->sequence, *next);
    (*next)++;
}

static void entries_follow_each_other_page_by_page(void **state)
{
    uint64_t next = 1;

    (void)state;
    s->audit.seal_with(s, seal, NULL);
    for (unsigned i = 0; i < CSIGD_AUDIT_PAGE + 2; i++)
        assert_int_equal(s->audit.append(s, "k", CSIGD_OF_NOTHING, NULL, 0), CSIGD_STORED);
    assert_int_equal(s->audit.page(s, 0, count, &next), CSIGD_STORED);
    assert_int_equal(next, CSIGD_AUDIT_PAGE + 1);
    assert_int_equal(s->audit.page(s, next - 1, count, &next), CSIGD_STORED);
    assert_int_equal(next, CSIGD_AUDIT_PAGE + 3);
    assert_int_equal(s->audit.page(s, next, count, &next), CSIGD_STORED);
}

static void the_table_only_grows(void **state)
{
    static const char *const refused[] = {
        "UPDATE audit SET entry = 'x' WHERE sequence = 1",
        "UPDATE audit SET sequence = 9",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE sequence = 2",
        "INSERT OR REPLACE INTO audit VALUES (1, 'x', zeroblob(32), zeroblob(64))",
        "INSERT INTO audit VALUES (9, 'x', zeroblob(32), zeroblob(64))",
        "INSERT INTO audit (entry, hash, signature) VALUES ('x', zeroblob(32), zeroblob(64))",
    };
    sqlite3 *db;

    (void)state;
    s->audit.seal_with(s, seal, NULL);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(s->audit.append(s, "k", CSIGD_OF_NOTHING, NULL, 0), CSIGD_STORED);
    assert_int_equal(sqlite3_open(temp_path("store.db"), &db), SQLITE_OK);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_int_equal(sqlite3_exec(db, refused[i], NULL, NULL, NULL), SQLITE_CONSTRAINT);
    sqlite3_close(db);
    assert_int_equal(entries(), 2);
}

/* --- refusals --- */

static unsigned count_refusals(csigd_service *service, uint64_t *times)
{
    unsigned n = 0;
    sqlite3_stmt *rows;
    sqlite3 *db;

    (void)service;
    *times = 0;
    assert_int_equal(sqlite3_open(temp_path("store.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT json_extract(entry, '$.detail.times') FROM audit "
                                        "WHERE json_extract(entry, '$.kind') = 'refused'",
                                        -1, &rows, NULL),
                     SQLITE_OK);
    for (; sqlite3_step(rows) == SQLITE_ROW; n++)
        *times += (uint64_t)sqlite3_column_int64(rows, 0);
    sqlite3_finalize(rows);
    sqlite3_close(db);
    return n;
}

static void nobody_fills_the_log_by_being_refused(void **state)
{
    csigd_context one = {.by = CSIGD_BY_KEY, .key = {1}}, two = {.by = CSIGD_BY_KEY, .key = {2}};
    csigd_service service;
    uint64_t times;

    (void)state;
    temp_folder();
    temp_service(&service, 1);
    csigd_context_enter(&one);
    for (unsigned i = 0; i < 100; i++)
        csigd_audit_refusal(&service, "GET", "/v1/keys", "forbidden");
    assert_int_equal(count_refusals(&service, &times), 1);
    csigd_context_enter(&two);
    csigd_audit_refusal(&service, "GET", "/v1/keys", "forbidden");
    csigd_context_leave();
    assert_int_equal(count_refusals(&service, &times), 2);
    /* The rest is told when the minute, or the service, is over. */
    csigd_audit_flush(&service);
    assert_int_equal(count_refusals(&service, &times), 3);
    assert_int_equal(times, 101);
    csigd_service_stop(&service);
    temp_remove();
}

/* --- traces --- */

static void a_trace_is_taken_exactly(void **state)
{
    static const char good[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    static const char *const bad[] = {
        "",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 ",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
        "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
    };
    char parent[CSIGD_TRACE_PARENT_BYTES];
    csigd_trace t, fresh;

    (void)state;
    assert_true(csigd_trace_is_continued(&t, good));
    csigd_trace_parent(&t, parent);
    assert_int_equal(strlen(parent), 55);
    assert_memory_equal(parent, good, 36);
    assert_memory_not_equal(parent + 36, good + 36, 16);
    assert_string_equal(parent + 52, "-01");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(csigd_trace_is_continued(&t, bad[i]));
    csigd_trace_new(&fresh);
    csigd_trace_parent(&fresh, parent);
    assert_true(csigd_trace_is_continued(&t, parent));
    assert_string_equal(t.id, fresh.id);
    assert_string_not_equal(t.span, fresh.span);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_is_canonical_json),
        cmocka_unit_test(an_entry_is_never_cut),
        cmocka_unit_test_setup_teardown(a_change_and_its_entry_are_there_together, setup, teardown),
        cmocka_unit_test_setup_teardown(entries_follow_each_other_page_by_page, setup, teardown),
        cmocka_unit_test_setup_teardown(the_table_only_grows, setup, teardown),
        cmocka_unit_test(nobody_fills_the_log_by_being_refused),
        cmocka_unit_test(a_trace_is_taken_exactly),
    };

    assert_int_equal(csig_init(), CSIG_OK);
    temp_quiet();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
