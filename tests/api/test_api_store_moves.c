/* Conformance of a store: a device gives its place to another one. Device 1, of wallet 1, has the
 * key 11 with the roles 2 and 32 and the label "treasury". */
#include <string.h>

#include "api/records.h"

static csigd_store *s;

static csigd_key_row a_key(uint8_t key, uint8_t device, uint32_t roles)
{
    csigd_key_row row = {.has_device = true,
                         .roles = roles,
                         .key = {.algorithm = CSIGD_KEY_ED25519},
                         .owner = "somebody"};

    memcpy(row.id, octets(key), sizeof row.id);
    memcpy(row.device, octets(device), sizeof row.device);
    memset(row.key.octets, key, sizeof row.key.octets);
    return row;
}

static int setup(void **state)
{
    csigd_key_row key = a_key(11, 1, 2 | 32);

    (void)state;
    temp_folder();
    s = temp_store();
    store_with_wallet(s);
    key.per_minute = 7;
    memcpy(key.label, "treasury", 9);
    return s->key_put(s, &key) == CSIGD_STORED ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    s->close(s);
    temp_remove();
    return 0;
}

/* Of wallet 1, until 200. */
static csigd_move a_move(uint8_t device, uint8_t key, uint8_t token)
{
    csigd_move move = {.has_key = key != 0, .n_wallets = 1, .expires = 200};

    memcpy(move.device, octets(device), sizeof move.device);
    memcpy(move.key, octets(key), sizeof move.key);
    memset(move.token, token, sizeof move.token);
    memcpy(move.wallets[0], octets(1), sizeof move.wallets[0]);
    return move;
}

static csigd_stored announce(uint8_t device, uint8_t key, uint8_t token)
{
    csigd_move move = a_move(device, key, token);

    return s->moves.put(s, &move, 100);
}

static csigd_stored enrol(uint8_t device, uint8_t token, int64_t now, csigd_key_row *row)
{
    const csigd_device d = a_device(device);
    uint8_t hash[CSIGD_HASH_BYTES];

    *row = a_key((uint8_t)(device + 10), device, 32);
    memset(hash, token, sizeof hash);
    return s->enrol(s, &d, row, hash, now);
}

static csigd_stored joins(uint8_t device, uint8_t token, int64_t now)
{
    csigd_key_row row;

    return enrol(device, token, now, &row);
}

typedef struct wanted {
    uint8_t id;
    csigd_key_row row;
} wanted;

static void look(void *ctx, const csigd_key_row *row)
{
    wanted *w = ctx;

    if (row->id[0] == w->id) w->row = *row;
}

static csigd_key_row key_of(uint8_t device)
{
    wanted w = {.id = (uint8_t)(device + 10)};

    assert_int_equal(s->key_list(s, look, &w), CSIGD_STORED);
    return w.row;
}

/* Session n puts the device in the place of device 1, at this epoch. */
static void reshare(uint8_t n, uint64_t epoch, uint8_t device)
{
    csigd_wallet next = a_wallet(1, 2, (const uint8_t[]){device, 2}, 2);
    csigd_commit c = {.epoch = an_epoch(epoch, 1),
                      .record = {(uint8_t *)(uintptr_t) "record", 6},
                      .committee = &next};
    const csigd_effects effects = {.commit = &c, .reason = "", .when = 1};
    csigd_opening o = an_opening(n, CSIGD_KIND_RESHARE, (const uint8_t[]){1, 2}, 2);

    o.row.has_wallet = true;
    o.row.attempt = 1;
    o.row.epoch = epoch - 1;
    memcpy(o.row.wallet, octets(1), sizeof o.row.wallet);
    assert_int_equal(s->session_open(s, &o), CSIGD_STORED);
    store_stage(s, n, epoch, 1, "new share");
    assert_int_equal(store_answer(s, n, 2, CSIGD_SESSION_DONE, &effects), CSIGD_STORED);
}

/* --- enrolment --- */

static void its_token_brings_one_device_that_may_nearly_nothing(void **state)
{
    csigd_key_row row;
    csigd_device device;

    (void)state;
    assert_int_equal(announce(1, 11, 0xaa), CSIGD_STORED);
    assert_int_equal(joins(5, 0xbb, 150), CSIGD_STORE_NONE);
    assert_int_equal(joins(5, 0xaa, 201), CSIGD_STORE_NONE);
    assert_int_equal(s->device_get(s, octets(5), &device), CSIGD_STORE_NONE);
    assert_int_equal(enrol(5, 0xaa, 200, &row), CSIGD_STORED);
    assert_int_equal(row.roles, 32);
    assert_int_equal(key_of(5).roles, 32);
    assert_string_equal(key_of(5).label, "");
    assert_int_equal(key_of(5).per_minute, 7);
    /* Once; again for the same key, whose reply was lost. */
    assert_int_equal(joins(6, 0xaa, 200), CSIGD_STORE_NONE);
    assert_int_equal(s->device_get(s, octets(6), &device), CSIGD_STORE_NONE);
    assert_int_equal(joins(5, 0xaa, 200), CSIGD_STORED);
    assert_int_equal(peek("SELECT count(*) FROM successors"), 1);
}

/* Who is somebody here already comes by the operator's word alone. */
static void it_is_for_a_device_that_nobody_knows(void **state)
{
    csigd_key_row row;
    const csigd_device seven = a_device(7);

    (void)state;
    assert_int_equal(s->device_put(s, &seven), CSIGD_STORED);
    assert_int_equal(announce(1, 11, 0xaa), CSIGD_STORED);
    assert_int_equal(joins(7, 0xaa, 150), CSIGD_STORE_NONE);
    assert_int_equal(joins(2, 0xaa, 150), CSIGD_STORE_NONE);
    /* A party whose device has never enrolled. */
    assert_int_equal(peek("INSERT INTO wallet_devices (wallet, position, device) SELECT id, 9, "
                          "CAST(x'08' || zeroblob(31) AS BLOB) FROM wallets"),
                     -1);
    assert_int_equal(joins(8, 0xaa, 150), CSIGD_STORE_NONE);
    /* One with a key needs no token, and gets nothing for it. */
    row = a_key(17, 7, 32 | 1);
    assert_int_equal(s->key_put(s, &row), CSIGD_STORED);
    assert_int_equal(joins(7, 0xaa, 150), CSIGD_STORED);
    assert_int_equal(peek("SELECT count(*) FROM successors"), 0);
    assert_int_equal(joins(5, 0xaa, 150), CSIGD_STORED);
}

static void a_token_dies(void **state)
{
    (void)state;
    /* With the end of the move, */
    assert_int_equal(s->moves.drop(s, octets(1), 100), CSIGD_STORE_NONE);
    assert_int_equal(announce(1, 11, 0xaa), CSIGD_STORED);
    assert_int_equal(s->moves.drop(s, octets(1), 100), CSIGD_STORED);
    assert_int_equal(joins(5, 0xaa, 150), CSIGD_STORE_NONE);
    /* the next one of the device, */
    assert_int_equal(announce(1, 11, 0xab), CSIGD_STORED);
    assert_int_equal(announce(1, 11, 0xac), CSIGD_STORED);
    assert_int_equal(joins(5, 0xab, 150), CSIGD_STORE_NONE);
    /* a successor that needs none, */
    assert_int_equal(s->moves.begin(s, octets(1), octets(1), octets(2), 150), CSIGD_STORED);
    assert_int_equal(joins(5, 0xac, 150), CSIGD_STORE_NONE);
    /* a lock, */
    assert_int_equal(announce(1, 11, 0xad), CSIGD_STORED);
    assert_int_equal(peek("UPDATE pairs SET locked = 1"), -1);
    assert_int_equal(joins(5, 0xad, 150), CSIGD_STORE_NONE);
    assert_int_equal(announce(1, 11, 0xae), CSIGD_STORE_LOCKED);
    assert_int_equal(s->pair_unlock(s, octets(1)), CSIGD_STORED);
    /* and the key that asked for it. */
    assert_int_equal(s->key_revoke(s, octets(11), 120), CSIGD_STORED);
    assert_int_equal(joins(5, 0xad, 150), CSIGD_STORE_NONE);
    assert_int_equal(announce(1, 11, 0xae), CSIGD_STORE_NONE);
    assert_int_equal(announce(1, 0, 0xae), CSIGD_STORE_NONE);
}

static void a_device_has_one_move(void **state)
{
    csigd_move move = a_move(1, 11, 0xaa);
    const uint8_t token[CSIGD_HASH_BYTES] = {3};

    (void)state;
    assert_int_equal(s->moves.put(s, &move, 100), CSIGD_STORED);
    assert_false(move.has_successor);
    assert_int_equal(joins(5, 0xaa, 150), CSIGD_STORED);
    /* The same again is the same, as it is by then. */
    move = a_move(1, 11, 0xaa);
    move.expires = 900;
    assert_int_equal(s->moves.put(s, &move, 150), CSIGD_STORED);
    assert_true(move.has_successor && move.expires == 200);
    assert_memory_equal(move.successor, octets(5), sizeof move.successor);
    /* Nobody else's token. */
    assert_int_equal(announce(5, 15, 0xaa), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->token_put(s, token, 0, "", 100, 200), CSIGD_STORED);
    move = a_move(1, 11, 0);
    memcpy(move.token, token, sizeof token);
    assert_int_equal(s->moves.put(s, &move, 150), CSIGD_STORE_CONFLICT);
}

static void successors_without_a_wallet_are_few(void **state)
{
    (void)state;
    for (uint8_t i = 0; i < CSIGD_SUCCESSORS_MAX; i++) {
        assert_int_equal(announce(1, 11, (uint8_t)(0xa0 + i)), CSIGD_STORED);
        assert_int_equal(joins((uint8_t)(20 + i), (uint8_t)(0xa0 + i), 150), CSIGD_STORED);
    }
    assert_int_equal(announce(1, 11, 0xf0), CSIGD_STORE_SPENT);
}

/* --- resharing --- */

static void a_move_is_to_one_device_and_of_its_wallets(void **state)
{
    (void)state;
    /* Without one, a device that an operator has enrolled. */
    assert_int_equal(s->moves.begin(s, octets(1), octets(1), octets(9), 150), CSIGD_STORED);
    assert_int_equal(announce(1, 11, 0xaa), CSIGD_STORED);
    assert_int_equal(joins(5, 0xaa, 150), CSIGD_STORED);
    assert_int_equal(s->moves.begin(s, octets(1), octets(1), octets(6), 150), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->moves.begin(s, octets(1), octets(3), octets(5), 150), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->moves.begin(s, octets(1), octets(1), octets(5), 150), CSIGD_STORED);
    assert_int_equal(s->moves.begin(s, octets(1), octets(1), octets(5), 150), CSIGD_STORED);
    assert_int_equal(s->moves.begin(s, octets(1), octets(1), octets(6), 201), CSIGD_STORED);
}

/* With its first wallet a successor has what the one had in whose place it is; and nobody else
 * has. */
static void a_successor_inherits_with_its_first_wallet(void **state)
{
    csigd_key_row mine = a_key(12, 2, 32);
    uint64_t events;

    (void)state;
    assert_int_equal(s->key_put(s, &mine), CSIGD_STORED);
    assert_int_equal(announce(1, 11, 0xaa), CSIGD_STORED);
    assert_int_equal(joins(5, 0xaa, 150), CSIGD_STORED);
    assert_int_equal(announce(1, 11, 0xab), CSIGD_STORED);
    assert_int_equal(joins(6, 0xab, 150), CSIGD_STORED);
    assert_int_equal(s->events.last(s, &events), CSIGD_STORED);
    reshare(30, 1, 5);
    assert_int_equal(key_of(5).roles, 2 | 32);
    assert_string_equal(key_of(5).label, "treasury");
    assert_int_equal(key_of(6).roles, 32);
    assert_int_equal(key_of(2).roles, 32);
    assert_int_equal(key_of(1).roles, 2 | 32);
    assert_int_equal(peek("SELECT count(*) FROM successors"), 1);
    assert_int_equal(peek("SELECT count(*) FROM events WHERE kind = 'device.left' AND device = "
                          "CAST(x'01' || zeroblob(31) AS BLOB) AND wallet IS NOT NULL"),
                     1);
    assert_int_equal(peek("SELECT count(*) FROM events WHERE kind = 'device.left'"), 1);
    /* Who has left sees nothing of the wallet; what became of an epoch it hears for good. */
    assert_int_equal(s->party_ask(s, octets(1), octets(1)), CSIGD_STORE_NONE);
    assert_int_equal(peek("DELETE FROM session_devices"), -1);
    assert_int_equal(s->resharer_ask(s, octets(1), octets(1)), CSIGD_STORED);
    assert_int_equal(s->resharer_ask(s, octets(1), octets(9)), CSIGD_STORE_NONE);
}

static void what_was_taken_from_a_device_nobody_inherits(void **state)
{
    (void)state;
    assert_int_equal(announce(1, 11, 0xaa), CSIGD_STORED);
    assert_int_equal(joins(5, 0xaa, 150), CSIGD_STORED);
    assert_int_equal(s->key_revoke(s, octets(11), 160), CSIGD_STORED);
    reshare(30, 1, 5);
    assert_int_equal(key_of(5).roles, 32);
    assert_string_equal(key_of(5).label, "");
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(its_token_brings_one_device_that_may_nearly_nothing),
        WITH(it_is_for_a_device_that_nobody_knows),
        WITH(a_token_dies),
        WITH(a_device_has_one_move),
        WITH(successors_without_a_wallet_are_few),
        WITH(a_move_is_to_one_device_and_of_its_wallets),
        WITH(a_successor_inherits_with_its_first_wallet),
        WITH(what_was_taken_from_a_device_nobody_inherits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
