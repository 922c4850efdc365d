/* Who may ask, in the store: spent signatures, keys, tokens, enrolments, parties. */
#include <stdio.h>
#include <string.h>

#include "api/records.h"
#include "api/replay_rules.h"

static csigd_store *s;
static char why[256];
static unsigned stores;

static csigd_store *open_at(const char *name)
{
    csigd_store *store = csigd_sqlite_open(temp_path(name), 112, why, sizeof why);

    if (store == NULL) fail_msg("%s", why);
    return store;
}

static int setup(void **state)
{
    (void)state;
    temp_folder();
    s = open_at("store.db");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    s->close(s);
    temp_remove();
    return 0;
}

/* --- the contract of spent signatures --- */

static replay_disk disk;
static csigd_store *replays;
static char replays_name[32];

static void restart(replay_disk *d)
{
    replays->close(replays);
    replays = open_at(replays_name);
    d->store = replays->replay;
}

static replay_disk *fresh(void)
{
    if (replays != NULL) replays->close(replays);
    snprintf(replays_name, sizeof replays_name, "replays%u.db", stores++);
    replays = open_at(replays_name);
    disk = (replay_disk){.store = replays->replay, .restart = restart};
    return &disk;
}

static void spent_signatures_keep_the_rules(void **state)
{
    (void)state;
    replay_rules_check(fresh);
    replays->close(replays);
    replays = NULL;
}

/* --- keys --- */

static csigd_key_row a_key(uint8_t n)
{
    csigd_key_row row = {.key = {.algorithm = CSIGD_KEY_P256}, .roles = 3, .created = 1000 + n};

    memcpy(row.id, octets(n), 1);
    memset(row.key.octets, n, sizeof row.key.octets);
    snprintf(row.owner, sizeof row.owner, "owner %u", n);
    row.n_wallets = 2;
    memset(row.wallets[0], n, CSIGD_ID_BYTES);
    memset(row.wallets[1], n + 1, CSIGD_ID_BYTES);
    return row;
}

typedef struct found {
    size_t n;
    csigd_key_row row[8];
} found;

static void add(void *ctx, const csigd_key_row *row)
{
    found *f = ctx;

    assert_true(f->n < 8);
    f->row[f->n++] = *row;
}

static found list(void)
{
    found f = {.n = 0};

    assert_int_equal(s->key_list(s, add, &f), CSIGD_STORED);
    return f;
}

static void keys_are_kept_and_revoked_once(void **state)
{
    csigd_key_row one = a_key(1), two = a_key(2);
    found f;

    (void)state;
    two.n_wallets = 0;
    two.all_wallets = true;
    one.per_minute = 77;
    memcpy(two.label, "a/b", 4);
    assert_int_equal(s->key_put(s, &one), CSIGD_STORED);
    assert_int_equal(s->key_put(s, &two), CSIGD_STORED);
    assert_int_equal(s->key_put(s, &one), CSIGD_STORE_CONFLICT);
    s->close(s);
    s = open_at("store.db");
    f = list();
    assert_int_equal(f.n, 2);
    assert_memory_equal(f.row[0].key.octets, one.key.octets, sizeof one.key.octets);
    assert_int_equal(f.row[0].key.algorithm, CSIGD_KEY_P256);
    assert_string_equal(f.row[0].owner, "owner 1");
    assert_int_equal(f.row[0].roles, 3);
    assert_int_equal(f.row[0].per_minute, 77);
    assert_int_equal(f.row[1].per_minute, 0);
    assert_string_equal(f.row[0].label, "");
    assert_string_equal(f.row[1].label, "a/b");
    assert_int_equal(f.row[0].n_wallets, 2);
    assert_memory_equal(f.row[0].wallets, one.wallets, 2 * CSIGD_ID_BYTES);
    assert_false(f.row[0].all_wallets || f.row[0].has_device || f.row[0].revoked != 0);
    assert_true(f.row[1].all_wallets && f.row[1].n_wallets == 0);
    assert_int_equal(s->key_revoke(s, one.id, 77), CSIGD_STORED);
    assert_int_equal(s->key_revoke(s, one.id, 78), CSIGD_STORE_NONE);
    assert_int_equal(s->key_revoke(s, octets(9), 78), CSIGD_STORE_NONE);
    assert_int_equal(list().row[0].revoked, 77);
    /* It never comes back. */
    assert_int_equal(s->key_put(s, &one), CSIGD_STORE_CONFLICT);
}

/* --- tokens and enrolments --- */

static csigd_key_row a_device_key(uint8_t n, uint8_t device)
{
    csigd_key_row row = a_key(n);

    row.has_device = true;
    row.n_wallets = 0;
    row.roles = 32;
    memcpy(row.device, octets(device), sizeof row.device);
    return row;
}

static csigd_stored enrol(uint8_t key, uint8_t device, const uint8_t *token, int64_t now,
                          uint32_t *roles)
{
    csigd_key_row row = a_device_key(key, device);
    const csigd_device d = a_device(device);
    const csigd_stored stored = s->enrol(s, &d, &row, token, now);

    *roles = row.roles;
    return stored;
}

static void a_token_is_good_for_one_key(void **state)
{
    uint8_t token[CSIGD_HASH_BYTES], other[CSIGD_HASH_BYTES];
    csigd_device device;
    uint32_t roles;

    (void)state;
    memset(token, 1, sizeof token);
    memset(other, 2, sizeof other);
    assert_int_equal(s->token_put(s, token, 3, "treasury/eu", 100, 200), CSIGD_STORED);
    assert_int_equal(enrol(1, 1, other, 150, &roles), CSIGD_STORE_NONE);
    assert_int_equal(enrol(1, 1, token, 201, &roles), CSIGD_STORE_NONE);
    /* What was refused left no device and no key, and spent nothing. */
    assert_int_equal(s->device_get(s, octets(1), &device), CSIGD_STORE_NONE);
    assert_int_equal(list().n, 0);
    assert_int_equal(enrol(1, 1, token, 200, &roles), CSIGD_STORED);
    assert_int_equal(roles, 32 | 3);
    assert_int_equal(s->device_get(s, octets(1), &device), CSIGD_STORED);
    assert_int_equal(list().row[0].roles, 32 | 3);
    assert_true(list().row[0].has_device);
    assert_string_equal(list().row[0].label, "treasury/eu");
    /* Another key does not get it; the same, whose reply was lost, does. */
    assert_int_equal(enrol(2, 2, token, 200, &roles), CSIGD_STORE_NONE);
    assert_int_equal(s->device_get(s, octets(2), &device), CSIGD_STORE_NONE);
    assert_int_equal(enrol(1, 1, token, 200, &roles), CSIGD_STORED);
    assert_int_equal(list().n, 1);
}

static void a_key_is_of_one_device(void **state)
{
    csigd_key_row one = a_device_key(1, 1);
    csigd_device device;
    uint32_t roles;

    (void)state;
    assert_int_equal(enrol(1, 1, NULL, 1, &roles), CSIGD_STORED);
    assert_int_equal(enrol(1, 2, NULL, 1, &roles), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->device_get(s, octets(2), &device), CSIGD_STORE_NONE);
    assert_int_equal(enrol(3, 1, NULL, 1, &roles), CSIGD_STORED);
    assert_int_equal(list().n, 2);
    assert_int_equal(s->key_revoke(s, one.id, 5), CSIGD_STORED);
    assert_int_equal(enrol(1, 1, NULL, 6, &roles), CSIGD_STORE_CONFLICT);
}

static void tokens_that_are_over_go(void **state)
{
    uint8_t token[CSIGD_HASH_BYTES] = {1}, other[CSIGD_HASH_BYTES] = {2};
    uint32_t roles;

    (void)state;
    assert_int_equal(s->token_put(s, token, 0, "", 100, 200), CSIGD_STORED);
    assert_int_equal(s->token_put(s, other, 0, "", 300, 400), CSIGD_STORED);
    /* A clock that was set back revives nothing. */
    assert_int_equal(enrol(1, 1, token, 150, &roles), CSIGD_STORE_NONE);
    assert_int_equal(enrol(1, 1, other, 350, &roles), CSIGD_STORED);
}

/* --- parties --- */

static void parties_are_those_of_the_wallet(void **state)
{
    const csigd_device stranger = a_device(9);

    (void)state;
    store_with_wallet(s);
    assert_int_equal(s->device_put(s, &stranger), CSIGD_STORED);
    assert_int_equal(s->party_ask(s, octets(1), octets(1)), CSIGD_STORED);
    assert_int_equal(s->party_ask(s, octets(1), octets(2)), CSIGD_STORED);
    assert_int_equal(s->party_ask(s, octets(1), octets(9)), CSIGD_STORE_NONE);
    assert_int_equal(s->party_ask(s, octets(7), octets(1)), CSIGD_STORE_NONE);
    /* Who was there at the birth and has been replaced is none any more. */
    assert_int_equal(peek("UPDATE wallet_devices SET device = CAST(x'09' || zeroblob(31) AS BLOB) "
                          "WHERE device = CAST(x'01' || zeroblob(31) AS BLOB)"),
                     -1);
    assert_int_equal(s->party_ask(s, octets(1), octets(1)), CSIGD_STORE_NONE);
    assert_int_equal(s->party_ask(s, octets(1), octets(9)), CSIGD_STORED);
    assert_int_equal(s->member_ask(s, octets(200), octets(1)), CSIGD_STORED);
    assert_int_equal(s->member_ask(s, octets(200), octets(1)), CSIGD_STORED);
    assert_int_equal(s->member_ask(s, octets(200), octets(9)), CSIGD_STORE_NONE);
    assert_int_equal(s->member_ask(s, octets(201), octets(1)), CSIGD_STORE_NONE);
}

/* It may ask what became of it. */
static void so_are_those_of_a_birth_that_failed(void **state)
{
    const csigd_device one = a_device(1), two = a_device(2);
    csigd_opening opening = an_opening(50, CSIGD_KIND_KEYGEN, octets(1), 1);
    csigd_wallet wallet = a_wallet(5, 2, octets(1), 1);

    (void)state;
    assert_int_equal(s->device_put(s, &one), CSIGD_STORED);
    assert_int_equal(s->device_put(s, &two), CSIGD_STORED);
    opening.wallet = &wallet;
    opening.row.has_wallet = true;
    memcpy(opening.row.wallet, wallet.id, sizeof wallet.id);
    assert_int_equal(s->session_open(s, &opening), CSIGD_STORED);
    assert_int_equal(s->session_end(s, opening.row.id, CSIGD_SESSION_ABORTED), CSIGD_STORED);
    assert_int_equal(s->wallet_get(s, wallet.id, 1, &wallet), CSIGD_STORE_NONE);
    assert_int_equal(s->party_ask(s, octets(5), octets(1)), CSIGD_STORED);
    assert_int_equal(s->party_ask(s, octets(5), octets(2)), CSIGD_STORE_NONE);
}

/* --- the server's own keys --- */

typedef struct own {
    size_t n;
    uint64_t generation[4];
    int64_t since[4];
    char sealed[4][16];
} own;

static void add_own(void *ctx, uint64_t generation, int64_t since, const csigd_blob *sealed)
{
    own *o = ctx;

    assert_true(o->n < 4 && sealed->len < 16);
    o->generation[o->n] = generation;
    o->since[o->n] = since;
    memcpy(o->sealed[o->n++], sealed->p, sealed->len);
}

static own list_own(void)
{
    own o = {.n = 0};

    assert_int_equal(s->server_keys.list(s, add_own, &o), CSIGD_STORED);
    return o;
}

static void the_server_s_keys_are_generations(void **state)
{
    const csigd_blob one = {(uint8_t *)(uintptr_t) "one", 3},
                     two = {(uint8_t *)(uintptr_t) "two", 3};
    own o;

    (void)state;
    assert_int_equal(list_own().n, 0);
    assert_int_equal(s->server_keys.put(s, 2, 500, &two), CSIGD_STORED);
    assert_int_equal(s->server_keys.put(s, 1, 0, &one), CSIGD_STORED);
    assert_int_equal(s->server_keys.put(s, 2, 600, &one), CSIGD_STORE_CONFLICT);
    s->close(s);
    s = open_at("store.db");
    o = list_own();
    assert_int_equal(o.n, 2);
    assert_true(o.generation[0] == 1 && o.generation[1] == 2 && o.since[1] == 500);
    assert_string_equal(o.sealed[0], "one");
    assert_string_equal(o.sealed[1], "two");
    assert_int_equal(s->server_keys.drop(s, 2), CSIGD_STORED);
    assert_int_equal(s->server_keys.drop(s, 2), CSIGD_STORED);
    o = list_own();
    assert_int_equal(o.n, 1);
    assert_int_equal(o.generation[0], 2);
}

/* --- another key in the place of one --- */

static csigd_key_row a_device_s(uint8_t key, uint8_t device, uint32_t roles)
{
    csigd_key_row row = a_key(key);

    row.n_wallets = 0;
    row.has_device = true;
    row.roles = roles;
    memcpy(row.device, octets(device), sizeof row.device);
    return row;
}

static void a_key_takes_the_place_of_another(void **state)
{
    const csigd_device one = a_device(1), two = a_device(2);
    csigd_key_row old = a_device_s(1, 1, 1), more = a_device_s(2, 1, 4),
                  other = a_device_s(3, 2, 2);
    csigd_key_row fresh = a_device_s(4, 1, 0), last = a_device_s(5, 1, 0);
    found f;

    (void)state;
    assert_int_equal(s->device_put(s, &one), CSIGD_STORED);
    assert_int_equal(s->device_put(s, &two), CSIGD_STORED);
    old.per_minute = 9;
    memcpy(old.label, "x", 2);
    assert_int_equal(s->key_put(s, &old), CSIGD_STORED);
    assert_int_equal(s->key_put(s, &more), CSIGD_STORED);
    assert_int_equal(s->key_put(s, &other), CSIGD_STORED);
    /* Whose is it? Nothing has changed by asking. */
    assert_int_equal(s->key_replace(s, &fresh, other.id, 50), CSIGD_STORE_NONE);
    assert_int_equal(list().n, 3);
    for (int again = 0; again < 2; again++) {
        memset(fresh.owner, 0, sizeof fresh.owner);
        assert_int_equal(s->key_replace(s, &fresh, old.id, 50), CSIGD_STORED);
        assert_int_equal(fresh.roles, 1);
        assert_int_equal(fresh.per_minute, 9);
        assert_string_equal(fresh.label, "x");
        assert_string_equal(fresh.owner, "owner 1");
    }
    f = list();
    assert_int_equal(f.n, 4);
    assert_int_equal(f.row[0].revoked, 50);
    assert_int_equal(f.row[1].revoked + f.row[2].revoked + f.row[3].revoked, 0);
    /* Neither one that is revoked, nor somebody else's. */
    assert_int_equal(s->key_replace(s, &old, fresh.id, 60), CSIGD_STORE_NONE);
    other.device[0] = 1;
    assert_int_equal(s->key_replace(s, &other, fresh.id, 60), CSIGD_STORE_NONE);
    /* All of the device. */
    assert_int_equal(s->key_replace(s, &last, NULL, 70), CSIGD_STORED);
    assert_int_equal(last.roles, 5);
    f = list();
    assert_int_equal(f.n, 5);
    assert_int_equal(f.row[1].revoked, 70);
    assert_int_equal(f.row[2].revoked, 0);
    assert_int_equal(f.row[3].revoked, 70);
    assert_int_equal(f.row[4].revoked, 0);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(spent_signatures_keep_the_rules),
        WITH(keys_are_kept_and_revoked_once),
        WITH(a_token_is_good_for_one_key),
        WITH(a_key_is_of_one_device),
        WITH(tokens_that_are_over_go),
        WITH(parties_are_those_of_the_wallet),
        WITH(so_are_those_of_a_birth_that_failed),
        WITH(the_server_s_keys_are_generations),
        WITH(a_key_takes_the_place_of_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
