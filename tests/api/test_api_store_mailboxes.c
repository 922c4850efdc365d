/* Conformance of a store: mailboxes, their messages in order and once, their limits and their end,
 * and what comes from a store of format 5. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "api/records.h"
#include "store/schema.h"

#define NOW 5000

static csigd_store *s;

static int setup(void **state)
{
    (void)state;
    temp_folder();
    s = temp_store();
    for (uint8_t n = 1; n <= 4; n++) {
        const csigd_device d = a_device(n);

        assert_int_equal(s->device_put(s, &d), CSIGD_STORED);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    s->close(s);
    temp_remove();
    return 0;
}

static void reopen(void)
{
    s->close(s);
    s = temp_store();
}

static csigd_stored make(uint8_t id, const char *members, int64_t expires)
{
    csigd_mailbox b = {.created = NOW, .expires = expires, .n_members = strlen(members)};

    memcpy(b.id, octets(id), sizeof b.id);
    for (size_t i = 0; i < b.n_members; i++)
        memcpy(b.members[i], octets((uint8_t)(members[i] - '0')), sizeof b.members[i]);
    return s->mailboxes.make(s, &b);
}

static csigd_delivering a_message(uint8_t id, uint8_t device, uint32_t number, const char *words)
{
    return (csigd_delivering){.mailbox = octets(id),
                              .device = octets(device),
                              .number = number,
                              .octets = (const uint8_t *)words,
                              .len = strlen(words),
                              .now = NOW + 1};
}

static csigd_delivery put(uint8_t id, uint8_t device, uint32_t number, const char *words)
{
    csigd_delivering d = a_message(id, device, number, words);

    assert_int_equal(s->mailboxes.put(s, &d), CSIGD_STORED);
    return d.became;
}

/* Messages as text: position, place and number before each. */
typedef struct heard {
    char text[512];
    unsigned enough; /* stop after so many */
} heard;

static bool hear(void *ctx, const csigd_mailbox_message *m)
{
    heard *h = ctx;
    const size_t at = strlen(h->text);

    if (h->enough == 0) return false;
    h->enough--;
    snprintf(h->text + at, sizeof h->text - at, "%u.%u.%u %.*s|", (unsigned)m->position,
             (unsigned)m->place, (unsigned)m->number, (int)m->len, (const char *)m->octets);
    return true;
}

static void expect_read(uint8_t id, uint32_t after, unsigned enough, const char *text)
{
    heard h = {.enough = enough};
    int64_t expires = 0;

    assert_int_equal(s->mailboxes.read(s, octets(id), after, NOW, &expires, hear, &h),
                     CSIGD_STORED);
    assert_string_equal(h.text, text);
    assert_int_equal(expires, NOW + 100);
}

static void messages_have_one_order(void **state)
{
    (void)state;
    assert_int_equal(make(7, "21", NOW + 100), CSIGD_STORED);
    expect_read(7, 0, 9, "");
    assert_int_equal(put(7, 1, 1, "one"), CSIGD_DELIVERED);
    assert_int_equal(put(7, 2, 1, "two"), CSIGD_DELIVERED);
    assert_int_equal(put(7, 1, 2, "three"), CSIGD_DELIVERED);
    reopen();
    expect_read(7, 0, 9, "1.1.1 one|2.0.1 two|3.1.2 three|");
    expect_read(7, 0, 2, "1.1.1 one|2.0.1 two|");
    expect_read(7, 2, 9, "3.1.2 three|");
    expect_read(7, 3, 9, "");
    expect_read(7, 999999999, 9, "");
}

static void a_message_is_there_once(void **state)
{
    csigd_delivering d;

    (void)state;
    assert_int_equal(make(7, "12", NOW + 100), CSIGD_STORED);
    assert_int_equal(put(7, 1, 1, "one"), CSIGD_DELIVERED);
    assert_int_equal(put(7, 1, 1, "one"), CSIGD_DELIVERED);
    assert_int_equal(put(7, 1, 1, "onf"), CSIGD_DELIVERY_OTHER);
    assert_int_equal(put(7, 1, 1, "on"), CSIGD_DELIVERY_OTHER);
    d = a_message(7, 1, 3, "three");
    assert_int_equal(s->mailboxes.put(s, &d), CSIGD_STORED);
    assert_int_equal(d.became, CSIGD_DELIVERY_EARLY);
    assert_int_equal(d.next, 2);
    expect_read(7, 0, 9, "1.0.1 one|");
    d = a_message(7, 3, 1, "not a member's");
    assert_int_equal(s->mailboxes.put(s, &d), CSIGD_STORE_NONE);
    d = a_message(8, 1, 1, "nowhere");
    assert_int_equal(s->mailboxes.put(s, &d), CSIGD_STORE_NONE);
}

static void limits_are_kept(void **state)
{
    char sql[128];
    static const struct {
        const char *table, *column;
        size_t value; /* one more octet or message is too much */
        csigd_delivery became;
    } full[] = {
        {"mailboxes", "last", CSIGD_MAILBOX_MESSAGES, CSIGD_DELIVERY_MANY},
        {"mailboxes", "octets", CSIGD_MAILBOX_OCTETS - 3, CSIGD_DELIVERY_MAILBOX_FULL},
        {"mailbox_members", "octets", CSIGD_WRITER_OCTETS - 3, CSIGD_DELIVERY_WRITER_FULL},
    };

    (void)state;
    assert_int_equal(make(7, "12", NOW + 100), CSIGD_STORED);
    assert_int_equal(make(8, "12", NOW + 100), CSIGD_STORED);
    for (size_t i = 0; i < sizeof full / sizeof full[0]; i++) {
        snprintf(sql, sizeof sql, "UPDATE %s SET %s = %zu RETURNING 1", full[i].table,
                 full[i].column, full[i].value);
        (void)peek(sql);
        assert_int_equal(put(7, 1, 1, "four"), full[i].became);
        snprintf(sql, sizeof sql, "UPDATE %s SET %s = 0 RETURNING 1", full[i].table,
                 full[i].column);
        (void)peek(sql);
    }
    snprintf(sql, sizeof sql, "UPDATE mailboxes SET octets = %zu WHERE id = x'08%030d' RETURNING 1",
             CSIGD_ALL_OCTETS - 3, 0);
    (void)peek(sql);
    assert_int_equal(put(7, 1, 1, "four"), CSIGD_DELIVERY_ALL_FULL);
    assert_int_equal(put(7, 1, 1, "all"), CSIGD_DELIVERED);
    assert_int_equal(peek("SELECT count(*) FROM mailbox_messages"), 1);
}

static void a_member_has_so_many(void **state)
{
    (void)state;
    for (uint8_t i = 0; i < CSIGD_MAILBOXES_OF_MEMBER; i++)
        assert_int_equal(make((uint8_t)(100 + i), i % 2 == 0 ? "12" : "31", NOW + 100),
                         CSIGD_STORED);
    assert_int_equal(make(7, "41", NOW + 100), CSIGD_STORE_CONFLICT);
    assert_int_equal(make(7, "42", NOW + 100), CSIGD_STORED);
    assert_int_equal(s->mailboxes.drop(s, octets(100), NOW), CSIGD_STORED);
    assert_int_equal(make(8, "41", NOW + 100), CSIGD_STORED);
    /* What was refused has left nothing. */
    assert_int_equal(peek("SELECT mailboxes FROM devices WHERE name = 'phone' AND created = 1004"),
                     2);
    assert_int_equal(make(9, "25", NOW + 100), CSIGD_STORE_NONE);
    assert_int_equal(peek("SELECT count(*) FROM mailboxes"), CSIGD_MAILBOXES_OF_MEMBER + 1);
}

/* --- looking --- */

typedef struct listed {
    uint8_t ids[8];
    uint32_t numbers[8];
    size_t n;
} listed;

static void add(void *ctx, const csigd_mailbox *mailbox)
{
    listed *l = ctx;

    assert_true(l->n < 8);
    l->ids[l->n] = mailbox->id[0];
    l->numbers[l->n++] = mailbox->number;
}

static listed list(uint8_t device, uint32_t after, int64_t now)
{
    listed l = {.n = 0};

    assert_int_equal(s->mailboxes.list(s, octets(device), after, now, add, &l), CSIGD_STORED);
    return l;
}

static void a_device_has_its_list(void **state)
{
    listed l;

    (void)state;
    assert_int_equal(list(1, 0, NOW).n, 0);
    assert_int_equal(make(9, "12", NOW + 100), CSIGD_STORED);
    assert_int_equal(make(8, "23", NOW + 100), CSIGD_STORED);
    assert_int_equal(make(7, "321", NOW + 10), CSIGD_STORED);
    l = list(1, 0, NOW);
    assert_int_equal(l.n, 2);
    assert_int_equal(l.ids[0], 9);
    assert_int_equal(l.ids[1], 7);
    assert_int_equal(l.numbers[0], 1);
    assert_int_equal(l.numbers[1], 2);
    assert_int_equal(list(2, 1, NOW).n, 2);
    assert_int_equal(list(2, 3, NOW).n, 0);
    assert_int_equal(list(1, 0, NOW + 10).n, 1);
    assert_int_equal(s->mailboxes.drop(s, octets(7), NOW), CSIGD_STORED);
    assert_int_equal(make(6, "12", NOW + 100), CSIGD_STORED);
    l = list(1, 1, NOW);
    assert_int_equal(l.n, 1);
    assert_int_equal(l.numbers[0], 3);
    assert_int_equal(s->mailboxes.list(s, octets(9), 0, NOW, add, &l), CSIGD_STORE_NONE);
}

static void it_says_who_was_there(void **state)
{
    csigd_mailbox b;

    (void)state;
    assert_int_equal(make(7, "312", NOW + 100), CSIGD_STORED);
    assert_int_equal(s->mailboxes.get(s, octets(7), NOW, &b), CSIGD_STORED);
    assert_int_equal(b.n_members, 3);
    assert_memory_equal(b.members[0], octets(3), 32);
    assert_memory_equal(b.members[2], octets(2), 32);
    assert_int_equal(b.created, NOW);
    assert_int_equal(b.expires, NOW + 100);
    assert_int_equal(b.last, 0);
    assert_int_equal(b.seen[0], 0);
    assert_int_equal(put(7, 1, 1, "x"), CSIGD_DELIVERED);
    assert_int_equal(s->mailboxes.see(s, octets(7), octets(2), NOW + 5), CSIGD_STORED);
    assert_int_equal(s->mailboxes.see(s, octets(7), octets(2), NOW + 4), CSIGD_STORED);
    assert_int_equal(s->mailboxes.see(s, octets(7), octets(4), NOW + 4), CSIGD_STORED);
    assert_int_equal(s->mailboxes.get(s, octets(7), NOW, &b), CSIGD_STORED);
    assert_int_equal(b.seen[0], 0);
    assert_int_equal(b.seen[1], NOW + 1);
    assert_int_equal(b.seen[2], NOW + 5);
    assert_int_equal(b.last, 1);
    assert_int_equal(s->mailboxes.ask(s, octets(7), octets(1), NOW), CSIGD_STORED);
    assert_int_equal(s->mailboxes.ask(s, octets(7), octets(4), NOW), CSIGD_STORE_NONE);
    assert_int_equal(s->mailboxes.ask(s, octets(8), octets(1), NOW), CSIGD_STORE_NONE);
}

/* --- the end --- */

/* What has expired is not there, even while it is. */
static void what_has_expired_is_not_there(void **state)
{
    const int64_t end = NOW + 100;
    csigd_delivering d = a_message(7, 1, 2, "late");
    heard h = {.enough = 9};
    csigd_mailbox b;
    int64_t expires;

    (void)state;
    assert_int_equal(make(7, "12", end), CSIGD_STORED);
    assert_int_equal(put(7, 1, 1, "x"), CSIGD_DELIVERED);
    assert_int_equal(s->mailboxes.get(s, octets(7), end - 1, &b), CSIGD_STORED);
    assert_int_equal(s->mailboxes.get(s, octets(7), end, &b), CSIGD_STORE_NONE);
    assert_int_equal(s->mailboxes.ask(s, octets(7), octets(1), end), CSIGD_STORE_NONE);
    assert_int_equal(s->mailboxes.read(s, octets(7), 0, end, &expires, hear, &h), CSIGD_STORE_NONE);
    assert_int_equal(list(1, 0, end).n, 0);
    assert_int_equal(s->mailboxes.drop(s, octets(7), end), CSIGD_STORE_NONE);
    d.now = end;
    assert_int_equal(s->mailboxes.put(s, &d), CSIGD_STORE_NONE);
    assert_int_equal(s->mailboxes.sweep(s, end - 1), CSIGD_STORED);
    assert_int_equal(peek("SELECT count(*) FROM mailbox_messages"), 1);
    assert_int_equal(s->mailboxes.sweep(s, end), CSIGD_STORED);
    assert_int_equal(peek("SELECT (SELECT count(*) FROM mailboxes) + (SELECT count(*) FROM "
                          "mailbox_members) + (SELECT count(*) FROM mailbox_messages)"),
                     0);
}

static void a_deleted_one_leaves_nothing(void **state)
{
    (void)state;
    assert_int_equal(make(7, "12", NOW + 100), CSIGD_STORED);
    assert_int_equal(put(7, 1, 1, "x"), CSIGD_DELIVERED);
    assert_int_equal(s->mailboxes.drop(s, octets(7), NOW), CSIGD_STORED);
    assert_int_equal(s->mailboxes.drop(s, octets(7), NOW), CSIGD_STORE_NONE);
    assert_int_equal(peek("SELECT count(*) FROM mailbox_messages"), 0);
    assert_int_equal(peek("SELECT count(*) FROM mailbox_members"), 0);
}

static void fill_format_5(void)
{
    char sql[512];
    sqlite3 *db;

    assert_int_equal(sqlite3_open(temp_path("store.db"), &db), SQLITE_OK);
    snprintf(sql, sizeof sql,
             "PRAGMA user_version = 5;"
             "INSERT INTO meta (one, kind, level) VALUES (1, 'countersignd', %u);"
             "INSERT INTO devices VALUES (x'01%062d', 'a', 1), (x'02%062d', 'b', 2);",
             csig_level(), 0, 0);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(sqlite3_exec(db, csigd_schema[i], NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void a_store_of_format_5_is_taken_over(void **state)
{
    (void)state;
    s->close(s);
    temp_remove();
    temp_folder();
    fill_format_5();
    s = temp_store();
    assert_int_equal(peek("PRAGMA user_version"), csigd_schema_count);
    assert_int_equal(make(7, "12", NOW + 100), CSIGD_STORED);
    assert_int_equal(list(2, 0, NOW).numbers[0], 1);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(messages_have_one_order),
        WITH(a_message_is_there_once),
        WITH(limits_are_kept),
        WITH(a_member_has_so_many),
        WITH(a_device_has_its_list),
        WITH(it_says_who_was_there),
        WITH(what_has_expired_is_not_there),
        WITH(a_deleted_one_leaves_nothing),
        WITH(a_store_of_format_5_is_taken_over),
    };

    temp_quiet();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
