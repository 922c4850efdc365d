/* Conformance of a store: generations of own auxiliary info, and which devices are paired with
 * which. */
#include <stdio.h>
#include <string.h>

#include "api/records.h"
#include "store/sqlite.h"

static csigd_store *s;
static const uint8_t one[1] = {1};
static uint8_t both[2][CSIG_IDENTITY_BYTES];

/* Generation 1 is there, and wallet 1 of devices 1 and 2. */
static int setup(void **state)
{
    const csigd_own_aux first = {1, {(uint8_t *)(uintptr_t) "aux of generation one", 21}};

    (void)state;
    temp_folder();
    s = temp_store();
    store_with_wallet(s);
    assert_int_equal(s->aux_put(s, &first), CSIGD_STORED);
    memcpy(both[0], octets(1), sizeof both[0]);
    memcpy(both[1], octets(2), sizeof both[1]);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    s->close(s);
    temp_remove();
    return 0;
}

static void put_second(void)
{
    const csigd_own_aux second = {2, {(uint8_t *)(uintptr_t) "aux of generation two", 21}};

    assert_int_equal(s->aux_put(s, &second), CSIGD_STORED);
}

/* Device n shows this generation of its own to this one of ours. */
static void pair(uint8_t session, uint8_t n, uint64_t own, uint64_t generation)
{
    csigd_opening o = an_opening(session, CSIGD_KIND_AUX, &n, 1);
    csigd_peer_row peer = {.own_generation = own,
                           .generation = generation,
                           .sealed = {(uint8_t *)(uintptr_t) "peer", 4}};
    const csigd_effects effects = {.peer = &peer, .reason = "", .when = 1};
    const csigd_answer a = an_answer(session, 1, CSIGD_SESSION_DONE);

    o.row.own_generation = own;
    memcpy(peer.device, octets(n), sizeof peer.device);
    assert_int_equal(s->session_open(s, &o), CSIGD_STORED);
    assert_int_equal(s->round_put(s, &a, &effects), CSIGD_STORED);
}

static uint64_t chosen(size_t first, size_t n)
{
    const uint8_t(*devices)[CSIG_IDENTITY_BYTES] =
        (const uint8_t(*)[CSIG_IDENTITY_BYTES])(both + first);
    uint64_t generation = 0;
    const csigd_stored stored = s->aux_choose(s, devices, n, &generation);

    assert_true(stored == CSIGD_STORED || stored == CSIGD_STORE_NONE);
    return stored == CSIGD_STORED ? generation : 0;
}

static uint64_t to_come(uint64_t generation)
{
    uint64_t devices = 99;

    assert_int_equal(s->aux_to_come(s, generation, &devices), CSIGD_STORED);
    return devices;
}

static uint64_t shown(uint8_t device)
{
    uint64_t generation = 99;

    assert_int_equal(s->device_generation(s, octets(device), &generation), CSIGD_STORED);
    return generation;
}

/* --- what is there --- */

static void generations_are_read_from_the_newest(void **state)
{
    csigd_own_aux aux;

    (void)state;
    put_second();
    assert_int_equal(s->aux_before(s, 3, &aux), CSIGD_STORED);
    assert_int_equal(aux.generation, 2);
    csigd_blob_free(&aux.sealed);
    assert_int_equal(s->aux_before(s, 2, &aux), CSIGD_STORED);
    assert_int_equal(aux.generation, 1);
    assert_memory_equal(aux.sealed.p, "aux of generation one", 21);
    csigd_blob_free(&aux.sealed);
    assert_int_equal(s->aux_before(s, 1, &aux), CSIGD_STORE_NONE);
}

/* --- which one a session uses --- */

static void a_session_uses_the_newest_that_all_are_paired_with(void **state)
{
    (void)state;
    assert_int_equal(chosen(0, 2), 0);
    pair(10, 1, 1, 1);
    assert_int_equal(chosen(0, 1), 1);
    assert_int_equal(chosen(0, 2), 0);
    pair(11, 2, 1, 1);
    assert_int_equal(chosen(0, 2), 1);
    put_second();
    assert_int_equal(chosen(0, 2), 1);
    pair(12, 1, 2, 1);
    assert_int_equal(chosen(0, 1), 2);
    assert_int_equal(chosen(1, 1), 1);
    assert_int_equal(chosen(0, 2), 1);
    pair(13, 2, 2, 1);
    assert_int_equal(chosen(0, 2), 2);
}

/* What it showed before is worth nothing any more, with whichever generation of ours. */
static void a_device_that_rotates_is_paired_with_the_newest_alone(void **state)
{
    (void)state;
    pair(10, 1, 1, 1);
    pair(11, 2, 1, 1);
    put_second();
    pair(12, 1, 2, 1);
    assert_int_equal(chosen(0, 2), 1);
    pair(13, 1, 2, 2);
    assert_int_equal(chosen(0, 2), 0);
    assert_int_equal(chosen(1, 1), 1);
    assert_int_equal(shown(1), 2);
    assert_int_equal(shown(2), 1);
    assert_int_equal(shown(3), 0);
}

/* --- who has still to come --- */

static void those_of_active_wallets_that_were_paired_have_to_come(void **state)
{
    const csigd_device stranger = a_device(3);

    (void)state;
    assert_int_equal(s->device_put(s, &stranger), CSIGD_STORED);
    pair(9, 3, 1, 1);
    assert_int_equal(to_come(1), 0);
    put_second();
    assert_int_equal(to_come(2), 0);
    pair(10, 1, 1, 1);
    pair(11, 2, 1, 1);
    assert_int_equal(to_come(2), 2);
    pair(12, 1, 2, 1);
    assert_int_equal(to_come(2), 1);
    pair(13, 2, 2, 1);
    assert_int_equal(to_come(2), 0);
}

/* --- the end of one --- */

static void an_older_one_goes_when_all_have_come(void **state)
{
    (void)state;
    assert_int_equal(s->aux_drop(s, 1, false), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->aux_drop(s, 1, true), CSIGD_STORE_CONFLICT);
    pair(10, 1, 1, 1);
    pair(11, 2, 1, 1);
    put_second();
    pair(12, 1, 2, 1);
    assert_int_equal(s->aux_drop(s, 1, false), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->aux_drop(s, 2, true), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->aux_drop(s, 3, true), CSIGD_STORE_NONE);
    pair(13, 2, 2, 1);
    assert_int_equal(s->aux_drop(s, 1, false), CSIGD_STORED);
    assert_int_equal(s->aux_drop(s, 1, false), CSIGD_STORE_NONE);
    assert_int_equal(peek("SELECT count(*) FROM own_aux"), 1);
    assert_int_equal(peek("SELECT count(*) FROM peers"), 2);
    assert_int_equal(chosen(0, 2), 2);
}

/* Nobody waits for who never comes; what he showed last is known all the same. */
static void the_operator_waits_for_nobody(void **state)
{
    (void)state;
    pair(10, 1, 1, 1);
    pair(11, 2, 1, 4);
    put_second();
    pair(12, 1, 2, 1);
    assert_int_equal(s->aux_drop(s, 1, true), CSIGD_STORED);
    assert_int_equal(chosen(0, 1), 2);
    assert_int_equal(chosen(1, 1), 0);
    assert_int_equal(to_come(2), 1);
    assert_int_equal(shown(2), 4);
    pair(13, 2, 2, 4);
    assert_int_equal(chosen(0, 2), 2);
    assert_int_equal(to_come(2), 0);
}

/* Not in the file and not in its log: both are read as octets. */
static bool file_has(const char *name, const char *words)
{
    static uint8_t octets_of[1 << 20];
    const size_t len = strlen(words);
    FILE *f = fopen(temp_path(name), "rb");
    size_t n;

    if (f == NULL) return false;
    n = fread(octets_of, 1, sizeof octets_of, f);
    fclose(f);
    assert_true(n < sizeof octets_of);
    for (size_t i = 0; i + len <= n; i++) {
        if (memcmp(octets_of + i, words, len) == 0) return true;
    }
    return false;
}

static void nothing_of_it_is_left_in_the_files(void **state)
{
    (void)state;
    put_second();
    assert_true(file_has("store.db", "aux of generation one") ||
                file_has("store.db-wal", "aux of generation one"));
    assert_int_equal(s->aux_drop(s, 1, false), CSIGD_STORED);
    assert_false(file_has("store.db", "aux of generation one"));
    assert_false(file_has("store.db-wal", "aux of generation one"));
    assert_true(file_has("store.db", "aux of generation two"));
}

/* --- budget and suspicions --- */

static csigd_stored open_with_own(uint8_t id, uint64_t own)
{
    csigd_opening o = an_opening(id, CSIGD_KIND_PRESIGN, one, 1);

    o.row.own_generation = own;
    return s->session_open(s, &o);
}

/* The budget is that of a device with one own generation. */
static void a_new_generation_has_a_budget_of_its_own(void **state)
{
    const csigd_effects nothing = {.reason = "", .when = 1};

    (void)state;
    for (int i = 0; i < CSIGD_UNFINISHED_MAX; i++) {
        const uint8_t id = (uint8_t)(20 + i);

        assert_int_equal(open_with_own(id, 1), CSIGD_STORED);
        assert_int_equal(store_answer(s, id, 1, CSIGD_SESSION_RUNNING, &nothing), CSIGD_STORED);
        assert_int_equal(s->session_end(s, octets(id), CSIGD_SESSION_EXPIRED), CSIGD_STORED);
    }
    assert_int_equal(open_with_own(100, 1), CSIGD_STORE_SPENT);
    assert_int_equal(open_with_own(100, 2), CSIGD_STORED);
    assert_int_equal(open_with_own(101, 1), CSIGD_STORE_SPENT);
    assert_int_equal(peek("SELECT unfinished FROM pairs WHERE own_generation = 2"), 1);
    assert_int_equal(s->pair_unlock(s, octets(1)), CSIGD_STORED);
    assert_int_equal(open_with_own(101, 1), CSIGD_STORED);
    assert_int_equal(peek("SELECT unfinished FROM pairs WHERE own_generation = 2"), 1);
}

static csigd_stored fail_unnamed(uint8_t id, uint64_t own)
{
    const csigd_effects effects = {.blamed = (const uint8_t(*)[CSIG_IDENTITY_BYTES])both,
                                   .n_blamed = 1,
                                   .reason = "E_PROOF somewhere",
                                   .when = 7};

    assert_int_equal(open_with_own(id, own), CSIGD_STORED);
    return store_answer(s, id, 1, CSIGD_SESSION_FAILED, &effects);
}

/* Failures that name nobody are counted on; so a device does not begin anew with a generation. */
static void suspicions_and_locks_outlast_a_generation(void **state)
{
    csigd_wallet w;

    (void)state;
    assert_int_equal(fail_unnamed(30, 1), CSIGD_STORED);
    assert_int_equal(fail_unnamed(31, 1), CSIGD_STORED);
    assert_int_equal(fail_unnamed(32, 2), CSIGD_STORED);
    assert_int_equal(open_with_own(33, 2), CSIGD_STORE_LOCKED);
    assert_int_equal(open_with_own(33, 1), CSIGD_STORE_LOCKED);
    assert_int_equal(open_with_own(33, 3), CSIGD_STORE_LOCKED);
    assert_int_equal(s->wallet_get(s, octets(1), 3, &w), CSIGD_STORED);
    assert_true(w.locked[0]);
    assert_int_equal(s->pair_unlock(s, octets(1)), CSIGD_STORED);
    assert_int_equal(open_with_own(33, 3), CSIGD_STORED);
}

static int count_work(void *work)
{
    ++*(unsigned *)work;
    return 0;
}

/* Everybody may ask, and does, however many there are. */
static void who_has_come_is_not_looked_at(void **state)
{
    sqlite3 *db = ((csigd_medium *)s->medium)->counter->db;
    unsigned work = 0;

    (void)state;
    (void)peek("WITH RECURSIVE n (i) AS (SELECT 11 UNION ALL SELECT i + 1 FROM n WHERE i < 5010) "
               "INSERT INTO wallet_devices (wallet, position, device) "
               "SELECT id, i, CAST(printf('%032d', i) AS BLOB) FROM n, wallets");
    (void)peek("INSERT INTO peers SELECT device, 2, 1, zeroblob(32), x'' FROM wallet_devices "
               "WHERE position > 10");
    assert_int_equal(peek("SELECT count(*) FROM peers"), 5000);
    sqlite3_progress_handler(db, 10, count_work, &work);
    assert_int_equal(to_come(2), 0);
    /* in tens of the steps of SQLite's machine */
    assert_in_range(work, 1, 500);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    assert_int_equal(to_come(3), 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(generations_are_read_from_the_newest, setup, teardown),
        cmocka_unit_test_setup_teardown(a_session_uses_the_newest_that_all_are_paired_with, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_device_that_rotates_is_paired_with_the_newest_alone,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(those_of_active_wallets_that_were_paired_have_to_come,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(an_older_one_goes_when_all_have_come, setup, teardown),
        cmocka_unit_test_setup_teardown(the_operator_waits_for_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_of_it_is_left_in_the_files, setup, teardown),
        cmocka_unit_test_setup_teardown(a_new_generation_has_a_budget_of_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(suspicions_and_locks_outlast_a_generation, setup, teardown),
        cmocka_unit_test_setup_teardown(who_has_come_is_not_looked_at, setup, teardown),
    };

    temp_quiet();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
