/* Conformance of a store: whose mailboxes somebody is a member of. */
#include <string.h>

#include "api/records.h"

#define NOW 5000

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

/* Devices from this one on, up to 5. */
static void enrol(uint8_t first)
{
    for (uint8_t n = first; n <= 5; n++) {
        const csigd_device d = a_device(n);

        assert_int_equal(s->device_put(s, &d), CSIGD_STORED);
    }
}

/* The opener: a digit; '0': the operator. */
static csigd_stored make_by(char opener, uint8_t id, const char *members)
{
    csigd_mailbox b = {.created = NOW, .expires = NOW + 100, .n_members = strlen(members)};
    uint8_t who[CSIG_IDENTITY_BYTES];

    memcpy(who, octets((uint8_t)(opener - '0')), sizeof who);
    if (opener != '0') b.opener = who;

    memcpy(b.id, octets(id), sizeof b.id);
    for (size_t i = 0; i < b.n_members; i++)
        memcpy(b.members[i], octets((uint8_t)(members[i] - '0')), sizeof b.members[i]);
    return s->mailboxes.make(s, &b);
}

/* Whom one has no wallet with takes half of one's mailboxes at most, one of them a quarter; whose
 * place one is about to take counts for nobody else. */
static void strangers_leave_room(void **state)
{
    const char *const successor = "INSERT INTO moves (device, token, wallets, expires, successor) "
                                  "SELECT a.identity, zeroblob(32), zeroblob(16), 5000, b.identity "
                                  "FROM devices AS a JOIN devices AS b WHERE hex(a.identity) LIKE "
                                  "'01%' AND hex(b.identity) LIKE '05%'";
    uint8_t id = 1;

    (void)state;
    enrol(1);
    for (unsigned i = 0; i < CSIGD_MAILBOXES_OF_STRANGER; i++) {
        assert_int_equal(make_by('2', id++, "21"), CSIGD_STORED);
        assert_int_equal(make_by('3', id++, "13"), CSIGD_STORED);
    }
    assert_int_equal(make_by('2', id, "21"), CSIGD_STORE_CONFLICT);
    assert_int_equal(make_by('4', id, "43"), CSIGD_STORED);
    assert_int_equal(make_by('4', ++id, "41"), CSIGD_STORE_CONFLICT);
    assert_int_equal(make_by('4', id, "431"), CSIGD_STORE_CONFLICT);
    /* Its own, the operator's, of whom it knows, of whom it waits for. */
    assert_int_equal(make_by('1', id++, "14"), CSIGD_STORED);
    assert_int_equal(make_by('0', id++, "14"), CSIGD_STORED);
    assert_int_equal(peek(successor), -1);
    assert_int_equal(make_by('4', id, "41"), CSIGD_STORE_CONFLICT);
    for (unsigned i = 0; i < CSIGD_MAILBOXES_OF_STRANGER; i++)
        assert_int_equal(make_by('5', id++, "51"), CSIGD_STORED);
    assert_int_equal(make_by('5', id, "51"), CSIGD_STORE_CONFLICT);
    /* When theirs have gone they may again. */
    assert_int_equal(s->mailboxes.drop(s, octets(1), NOW), CSIGD_STORED);
    assert_int_equal(make_by('4', id, "41"), CSIGD_STORED);
}

static void who_has_a_wallet_with_one_is_no_stranger(void **state)
{
    uint8_t id = 1;

    (void)state;
    enrol(3);
    store_with_wallet(s);
    for (unsigned i = 0; i < CSIGD_MAILBOXES_OF_STRANGERS + 2; i++)
        assert_int_equal(make_by('2', id++, "21"), CSIGD_STORED);
    assert_int_equal(peek("UPDATE wallets SET rehearsal = 1"), -1);
    for (unsigned i = 0; i < CSIGD_MAILBOXES_OF_STRANGER; i++)
        assert_int_equal(make_by('2', id++, "21"), CSIGD_STORED);
    assert_int_equal(make_by('2', id, "21"), CSIGD_STORE_CONFLICT);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(strangers_leave_room),
        WITH(who_has_a_wallet_with_one_is_no_stranger),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
