/* Conformance of a store: what belongs to the daemon, devices, wallets, requests, and the file. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "api/records.h"
#include "store/schema.h"

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
    if (s != NULL) s->close(s);
    temp_remove();
    return 0;
}

static csigd_blob text(const char *words)
{
    return (csigd_blob){(uint8_t *)(uintptr_t)words, strlen(words)};
}

static void expect_blob(csigd_blob *blob, const char *words)
{
    assert_int_equal(blob->len, strlen(words));
    assert_memory_equal(blob->p, words, blob->len);
    csigd_blob_free(blob);
}

/* --- the daemon --- */

static void a_start_is_the_first_only_once(void **state)
{
    const csigd_boot first = {text("wrap"), text("identity")}, second = {text("x"), text("y")};
    csigd_boot boot;

    (void)state;
    assert_int_equal(s->boot_get(s, &boot), CSIGD_STORE_NONE);
    assert_int_equal(s->boot_put(s, &first), CSIGD_STORED);
    assert_int_equal(s->boot_put(s, &second), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->boot_get(s, &boot), CSIGD_STORED);
    expect_blob(&boot.wrap, "wrap");
    expect_blob(&boot.identity, "identity");
}

static void auxiliary_info_ends_the_search(void **state)
{
    const csigd_own_aux one = {1, text("aux one")}, two = {2, text("aux two")};
    const csigd_blob search = text("search"), later = text("later");
    csigd_own_aux aux;
    csigd_blob sealed;

    (void)state;
    assert_int_equal(s->aux_get(s, &aux), CSIGD_STORE_NONE);
    assert_int_equal(s->primes_get(s, &sealed), CSIGD_STORE_NONE);
    assert_int_equal(s->primes_put(s, &search), CSIGD_STORED);
    assert_int_equal(s->primes_put(s, &later), CSIGD_STORED);
    assert_int_equal(s->primes_get(s, &sealed), CSIGD_STORED);
    expect_blob(&sealed, "later");
    assert_int_equal(s->aux_put(s, &one), CSIGD_STORED);
    assert_int_equal(s->primes_get(s, &sealed), CSIGD_STORE_NONE);
    assert_int_equal(s->aux_put(s, &one), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->aux_put(s, &two), CSIGD_STORED);
    assert_int_equal(s->aux_get(s, &aux), CSIGD_STORED);
    assert_int_equal(aux.generation, 2);
    expect_blob(&aux.sealed, "aux two");
}

/* --- devices --- */

static void a_device_is_pinned_once(void **state)
{
    csigd_device first = a_device(7), second = a_device(7), found;

    (void)state;
    strcpy(second.name, "another name");
    assert_int_equal(s->device_get(s, first.identity, &found), CSIGD_STORE_NONE);
    assert_int_equal(s->device_put(s, &first), CSIGD_STORED);
    assert_int_equal(s->device_put(s, &second), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->device_get(s, first.identity, &found), CSIGD_STORED);
    assert_string_equal(found.name, "phone");
    assert_int_equal(found.created, 1007);
}

/* Opens and ends an auxiliary session that leaves this peer. */
static void put_peer(uint8_t session, uint64_t own, uint64_t generation, const char *sealed)
{
    const uint8_t one[1] = {1};
    csigd_opening o = an_opening(session, CSIGD_KIND_AUX, one, 1);
    csigd_peer_row peer = {.own_generation = own, .generation = generation, .sealed = text(sealed)};
    const csigd_effects effects = {.peer = &peer, .reason = "", .when = 1};
    const csigd_answer a = an_answer(session, 1, CSIGD_SESSION_DONE);

    memcpy(peer.device, octets(1), sizeof peer.device);
    assert_int_equal(s->session_open(s, &o), CSIGD_STORED);
    assert_int_equal(s->round_put(s, &a, &effects), CSIGD_STORED);
}

static void a_peer_belongs_to_a_pair_of_generations(void **state)
{
    const csigd_device d = a_device(1);
    csigd_peer_row peer;

    (void)state;
    assert_int_equal(s->device_put(s, &d), CSIGD_STORED);
    assert_int_equal(s->peer_get(s, d.identity, 1, &peer), CSIGD_STORE_NONE);
    put_peer(10, 1, 4, "first");
    put_peer(11, 1, 5, "second");
    put_peer(12, 3, 5, "third");
    assert_int_equal(s->peer_get(s, d.identity, 1, &peer), CSIGD_STORED);
    assert_int_equal(peer.own_generation, 1);
    assert_int_equal(peer.generation, 5);
    expect_blob(&peer.sealed, "second");
    assert_int_equal(s->peer_get(s, d.identity, 2, &peer), CSIGD_STORED);
    assert_int_equal(peer.own_generation, 1);
    csigd_blob_free(&peer.sealed);
    assert_int_equal(s->peer_get(s, d.identity, 4, &peer), CSIGD_STORED);
    expect_blob(&peer.sealed, "third");
}

/* --- wallets and requests --- */

static void count_wallet(void *ctx, const csigd_wallet *wallet)
{
    assert_int_equal(wallet->state, CSIGD_ACTIVE);
    ++*(int *)ctx;
}

static void a_wallet_is_listed_from_its_birth(void **state)
{
    const uint8_t both[2] = {1, 2};
    csigd_wallet wallet, pending = a_wallet(9, 2, both, 2);
    csigd_opening o = an_opening(201, CSIGD_KIND_KEYGEN, both, 2);
    csigd_share_row share;
    int listed = 0;

    (void)state;
    store_with_wallet(s);
    o.wallet = &pending;
    o.row.has_wallet = true;
    memcpy(o.row.wallet, pending.id, sizeof pending.id);
    assert_int_equal(s->session_open(s, &o), CSIGD_STORED);
    assert_int_equal(s->wallet_list(s, 1, NULL, count_wallet, &listed), CSIGD_STORED);
    assert_int_equal(listed, 1);
    /* Of a device its own alone; there are parties 1 and 2, and nobody else. */
    assert_int_equal(
        s->wallet_list(s, 1, &(csigd_look){.device = octets(2)}, count_wallet, &listed),
        CSIGD_STORED);
    assert_int_equal(listed, 2);
    assert_int_equal(
        s->wallet_list(s, 1, &(csigd_look){.device = octets(3)}, count_wallet, &listed),
        CSIGD_STORED);
    assert_int_equal(listed, 2);
    assert_int_equal(s->wallet_get(s, octets(9), 1, &wallet), CSIGD_STORED);
    assert_int_equal(wallet.state, CSIGD_PENDING);
    assert_int_equal(s->wallet_get(s, octets(1), 1, &wallet), CSIGD_STORED);
    assert_int_equal(wallet.state, CSIGD_ACTIVE);
    assert_int_equal(wallet.signers_required, 2);
    assert_int_equal(wallet.parties, 3);
    assert_int_equal(wallet.n_devices, 2);
    assert_memory_equal(wallet.devices[1], octets(2), 32);
    assert_int_equal(s->share_get(s, octets(1), &share), CSIGD_STORED);
    expect_blob(&share.sealed, "share");
    expect_blob(&share.key, "key");
    assert_int_equal(s->share_get(s, octets(9), &share), CSIGD_STORE_NONE);
    assert_int_equal(s->wallet_get(s, octets(77), 1, &wallet), CSIGD_STORE_NONE);
}

static void a_request_is_as_it_was_made(void **state)
{
    csigd_request r;

    (void)state;
    store_with_wallet(s);
    store_with_request(s, 5);
    assert_int_equal(s->requests.get(s, octets(5), 0, &r), CSIGD_STORED);
    assert_int_equal(r.state, CSIGD_APPROVED);
    assert_string_equal(r.path, "m/0/1");
    assert_int_equal(r.input.digest[31], 5);
    assert_int_equal(r.mode, CSIGD_MODE_PHONE);
    assert_false(r.presigned);
    assert_int_equal(r.input.released, 0);
    assert_int_equal(s->requests.get(s, octets(6), 0, &r), CSIGD_STORE_NONE);
    r = a_request(6, 66);
    assert_int_equal(store_make(s, &r), CSIGD_STORE_FAILED); /* no such wallet */
}

/* --- the file --- */

static void everything_is_there_after_a_restart(void **state)
{
    csigd_wallet wallet;
    csigd_answer answer;

    (void)state;
    store_with_wallet(s);
    s->close(s);
    s = temp_store();
    assert_int_equal(s->wallet_get(s, octets(1), 1, &wallet), CSIGD_STORED);
    assert_int_equal(wallet.state, CSIGD_ACTIVE);
    assert_int_equal(s->round_get(s, octets(200), 1, &answer), CSIGD_STORED);
    expect_blob(&answer.reply, "sealed");
}

static void the_file_keeps_its_promises(void **state)
{
    struct stat st;

    (void)state;
    assert_int_equal(peek("PRAGMA user_version"), csigd_schema_count);
    assert_int_equal(peek("SELECT level FROM meta WHERE kind = 'countersignd'"), csig_level());
    assert_int_equal(peek("SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"),
                     1);
    /* Every table is strict. */
    assert_int_equal(peek("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' "
                          "AND name NOT LIKE 'sqlite_%' AND strict = 0"),
                     0);
    assert_int_equal(stat(temp_path("store.db"), &st), 0);
}

static void refused_to_open(const char *change, unsigned level, const char *word)
{
    char why[256] = "";

    if (s != NULL) s->close(s);
    s = NULL;
    if (change != NULL) (void)peek(change);
    assert_null(csigd_sqlite_open(temp_path("store.db"), level, why, sizeof why));
    if (strstr(why, word) == NULL) fail_msg("%s: %s", word, why);
}

static void stores_of_others_are_refused(void **state)
{
    char want[32];

    (void)state;
    snprintf(want, sizeof want, "level %u", csig_level());
    refused_to_open(NULL, csig_level() == 128 ? 112 : 128, want);
    refused_to_open("UPDATE meta SET kind = 'something'", csig_level(), "not one of countersignd");
    refused_to_open("PRAGMA user_version = 99", csig_level(), "format 99");
    refused_to_open("PRAGMA user_version = 0", csig_level(), "format 0");
}

static void damaged_stores_are_refused(void **state)
{
    static const char junk[5000] = "this is not a database";

    (void)state;
    store_with_wallet(s);
    s->close(s);
    s = NULL;
    temp_write("store.db", junk, sizeof junk, 0600);
    refused_to_open(NULL, csig_level(), "store");
    /* Not taken for a first start: this server would be another one from now on. */
    temp_write("store.db", "", 0, 0600);
    refused_to_open(NULL, csig_level(), "empty");
}

static void a_damaged_page_is_noticed(void **state)
{
    FILE *f;
    char junk[4096];

    (void)state;
    store_with_wallet(s);
    s->close(s); /* and the log is folded in */
    s = NULL;
    memset(junk, 0x5a, sizeof junk);
    f = fopen(temp_path("store.db"), "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, 5L * 4096, SEEK_SET), 0);
    assert_int_equal(fwrite(junk, 1, sizeof junk, f), sizeof junk);
    fclose(f);
    refused_to_open(NULL, csig_level(), "damaged");
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    char why[256] = "";

    (void)state;
    assert_null(csigd_sqlite_open(temp_path("no/store.db"), csig_level(), why, sizeof why));
    assert_non_null(strstr(why, "no/store.db"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_start_is_the_first_only_once, setup, teardown),
        cmocka_unit_test_setup_teardown(auxiliary_info_ends_the_search, setup, teardown),
        cmocka_unit_test_setup_teardown(a_device_is_pinned_once, setup, teardown),
        cmocka_unit_test_setup_teardown(a_peer_belongs_to_a_pair_of_generations, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wallet_is_listed_from_its_birth, setup, teardown),
        cmocka_unit_test_setup_teardown(a_request_is_as_it_was_made, setup, teardown),
        cmocka_unit_test_setup_teardown(everything_is_there_after_a_restart, setup, teardown),
        cmocka_unit_test_setup_teardown(the_file_keeps_its_promises, setup, teardown),
        cmocka_unit_test_setup_teardown(stores_of_others_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(damaged_stores_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_damaged_page_is_noticed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_folder_that_is_not_there_is_named, setup, teardown),
    };

    temp_quiet();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
