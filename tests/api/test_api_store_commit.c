/* Conformance of a store: the commit of a refresh. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "api/records.h"

static csigd_store *s;
static const csigd_effects nothing = {.reason = "", .when = 1};

static int setup(void **state)
{
    (void)state;
    temp_folder();
    s = temp_store();
    store_with_wallet(s);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    s->close(s);
    temp_remove();
    return 0;
}

static csigd_wallet wallet_now(void)
{
    csigd_wallet w;

    assert_int_equal(s->wallet_get(s, octets(1), 1, &w), CSIGD_STORED);
    return w;
}

static void expect_share(const char *words)
{
    csigd_share_row row;

    assert_int_equal(s->share_get(s, octets(1), &row), CSIGD_STORED);
    assert_int_equal(row.sealed.len, strlen(words));
    assert_memory_equal(row.sealed.p, words, row.sealed.len);
    assert_memory_equal(row.key.p, "key", 3);
    csigd_share_row_free(&row);
}

static csigd_epoch_fate fate_of(uint64_t number, uint64_t attempt)
{
    const csigd_epoch epoch = an_epoch(number, attempt);
    csigd_epoch_answer answer;

    assert_int_equal(s->epoch_ask(s, octets(1), epoch.state, &answer), CSIGD_STORED);
    assert_int_equal(answer.current.number, wallet_now().epoch);
    return answer.fate;
}

static void a_commit_makes_the_staged_epoch_the_only_one(void **state)
{
    csigd_wallet w;
    uint8_t sig[64];

    (void)state;
    assert_int_equal(store_open_refresh(s, 20, 0, 1), CSIGD_STORED);
    store_stage(s, 20, 1, 1, "new share");
    assert_int_equal(store_commit(s, 20, 1, 1, 1, 1), CSIGD_STORED);
    expect_share("new share");
    assert_int_equal(peek("SELECT count(*) FROM shares"), 1);
    assert_int_equal(peek("SELECT count(*) FROM share_keys"), 1);
    w = wallet_now();
    assert_int_equal(w.epoch, 1);
    assert_int_equal(w.epoch_attempt, 1);
    assert_true(w.has_epoch_state);
    assert_memory_equal(w.epoch_state, an_epoch(1, 1).state, sizeof w.epoch_state);
    memset(sig, 1, sizeof sig);
    assert_memory_equal(w.commit, sig, sizeof sig);
    assert_int_equal(w.refreshed, CSIGD_REFRESHED_SHARES);
    assert_int_equal(peek("SELECT record = CAST('record 1' AS BLOB) FROM wallets"), 1);
    assert_true(w.has_backup[0] && !w.has_backup[1] && w.has_backup[2]);
    assert_int_equal(fate_of(1, 1), CSIGD_EPOCH_CURRENT);
    assert_int_equal(fate_of(0, 0), CSIGD_EPOCH_DEAD);
    assert_int_equal(peek("SELECT count(*) FROM pairs WHERE unfinished != 0"), 0);
}

/* Only what was staged, only the next epoch; and a commit that cannot be stored changes nothing. */
static void another_epoch_is_not_committed(void **state)
{
    (void)state;
    assert_int_equal(store_open_refresh(s, 20, 0, 1), CSIGD_STORED);
    assert_int_equal(store_answer(s, 20, 1, CSIGD_SESSION_RUNNING, &nothing), CSIGD_STORED);
    assert_int_equal(store_commit(s, 20, 1, 1, 1, 1), CSIGD_STORE_CONFLICT); /* nothing is staged */
    assert_int_equal(s->session_end(s, octets(20), CSIGD_SESSION_ABORTED), CSIGD_STORED);
    assert_int_equal(store_open_refresh(s, 21, 0, 2), CSIGD_STORED);
    store_stage(s, 21, 2, 2, "new share");
    assert_int_equal(store_commit(s, 21, 1, 2, 1, 1), CSIGD_STORE_CONFLICT); /* another state is */
    assert_int_equal(store_commit(s, 21, 2, 2, 1, 1),
                     CSIGD_STORE_CONFLICT); /* it is not the next */
    expect_share("share");
    assert_int_equal(peek("SELECT count(*) FROM shares"), 2);
    assert_int_equal(peek("SELECT count(*) FROM backups WHERE slot = 3"), 2);
    assert_int_equal(wallet_now().epoch, 0);
}

static void the_old_epoch_ends_with_a_commit(void **state)
{
    csigd_session_row row;

    (void)state;
    for (uint8_t i = 3; i <= 5; i++)
        store_with_presig(s, i);
    for (uint8_t i = 10; i <= 12; i++)
        store_with_request(s, i);
    assert_int_equal(store_open_online(s, 60, 10, 3), CSIGD_STORED);
    assert_int_equal(store_open_sign(s, 61, 11), CSIGD_STORED);
    assert_int_equal(store_open_plain(s, 62, CSIGD_KIND_AUX), CSIGD_STORED);
    store_refresh(s, 20, 1, 1, 1);
    for (uint8_t i = 60; i <= 61; i++) {
        assert_int_equal(s->session_get(s, octets(i), &row), CSIGD_STORED);
        assert_int_equal(row.state, CSIGD_SESSION_OUTDATED);
        assert_int_equal(store_answer(s, i, 1, CSIGD_SESSION_RUNNING, &nothing),
                         CSIGD_STORE_CONFLICT);
    }
    assert_int_equal(store_request_state(s, 10), CSIGD_APPROVED);
    assert_int_equal(store_request_state(s, 11), CSIGD_APPROVED);
    assert_int_equal(peek("SELECT min(state) FROM presignatures"), CSIGD_PRESIG_DESTROYED);
    /* What has no wallet goes on. */
    assert_int_equal(s->session_get(s, octets(62), &row), CSIGD_STORED);
    assert_int_equal(row.state, CSIGD_SESSION_RUNNING);
}

static void only_newer_generations_heal(void **state)
{
    static const struct {
        uint64_t own, phone;
        csigd_refreshed refreshed;
    } steps[] = {
        {1, 1, CSIGD_REFRESHED_SHARES},  {2, 1, CSIGD_REFRESHED_SHARES},
        {3, 2, CSIGD_REFRESHED_HEALING}, {3, 3, CSIGD_REFRESHED_SHARES},
        {4, 4, CSIGD_REFRESHED_HEALING}, {4, 4, CSIGD_REFRESHED_SHARES},
    };

    (void)state;
    assert_int_equal(wallet_now().refreshed, CSIGD_REFRESHED_NEVER);
    for (uint8_t i = 0; i < 6; i++) {
        store_refresh(s, (uint8_t)(20 + i), i + 1U, steps[i].own, steps[i].phone);
        assert_int_equal(wallet_now().refreshed, steps[i].refreshed);
    }
}

/* Presigning by device 1, which shows this generation to this one of ours. */
static void use(uint8_t session, uint64_t own, uint64_t phone)
{
    const uint8_t one[1] = {1};
    csigd_opening pairing = an_opening(session, CSIGD_KIND_AUX, one, 1),
                  presigning = an_opening((uint8_t)(session + 1), CSIGD_KIND_PRESIGN, one, 1);
    csigd_peer_row peer = {
        .own_generation = own, .generation = phone, .sealed = {(uint8_t *)(uintptr_t) "peer", 4}};
    const csigd_effects effects = {.peer = &peer, .reason = "", .when = 1};

    memcpy(peer.device, octets(1), sizeof peer.device);
    pairing.row.own_generation = presigning.row.own_generation = own;
    assert_int_equal(s->session_open(s, &pairing), CSIGD_STORED);
    assert_int_equal(store_answer(s, session, 1, CSIGD_SESSION_DONE, &effects), CSIGD_STORED);
    presigning.row.has_wallet = true;
    presigning.row.epoch = wallet_now().epoch;
    memcpy(presigning.row.wallet, octets(1), sizeof presigning.row.wallet);
    assert_int_equal(s->session_open(s, &presigning), CSIGD_STORED);
    assert_int_equal(s->session_end(s, octets((uint8_t)(session + 1)), CSIGD_SESSION_ABORTED),
                     CSIGD_STORED);
}

/* What was signed with the old shares under new moduli opens them to whoever gets these later. */
static void what_the_old_epoch_used_does_not_heal(void **state)
{
    static const struct {
        uint64_t used_own, used_phone, own, phone;
        csigd_refreshed refreshed;
    } steps[] = {
        {2, 2, 2, 2, CSIGD_REFRESHED_SHARES},  {2, 2, 3, 3, CSIGD_REFRESHED_HEALING},
        {4, 3, 4, 4, CSIGD_REFRESHED_SHARES},  {4, 5, 5, 5, CSIGD_REFRESHED_SHARES},
        {4, 5, 6, 6, CSIGD_REFRESHED_HEALING}, {6, 6, 7, 7, CSIGD_REFRESHED_HEALING},
    };

    (void)state;
    for (uint8_t i = 0; i < 6; i++) {
        use((uint8_t)(40 + 2 * i), steps[i].used_own, steps[i].used_phone);
        store_refresh(s, (uint8_t)(20 + i), i + 1U, steps[i].own, steps[i].phone);
        assert_int_equal(wallet_now().refreshed, steps[i].refreshed);
    }
}

/* Another committee comes with its epoch: threshold, devices, recovery keys, and no generation of
 * those who were there before. */
static void a_commit_may_bring_another_committee(void **state)
{
    csigd_wallet next = a_wallet(1, 2, (const uint8_t[]){9, 2, 7}, 3), w;
    csigd_commit c = {.epoch = an_epoch(1, 1),
                      .record = {(uint8_t *)(uintptr_t) "record 1", 8},
                      .n_generations = 1,
                      .generations = {{2, 5}},
                      .committee = &next};
    const csigd_effects effects = {.commit = &c, .reason = "", .when = 1};
    csigd_opening o = an_opening(20, CSIGD_KIND_RESHARE, (const uint8_t[]){1, 2}, 2);
    uint8_t id[CSIGD_ID_BYTES];

    (void)state;
    o.row.has_wallet = true;
    o.row.attempt = 1;
    memcpy(o.row.wallet, octets(1), sizeof o.row.wallet);
    next.signers_required = 3;
    next.n_recovery = 1;
    next.recovery[0] = (csigd_recovery_key){.index = 4, .offline = true, .key = {44}};
    assert_int_equal(s->session_open(s, &o), CSIGD_STORED);
    assert_int_equal(store_open_refresh(s, 21, 0, 2), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->refresh_of(s, octets(1), id), CSIGD_STORED);
    assert_memory_equal(id, octets(20), sizeof id);
    store_stage(s, 20, 1, 1, "new share");
    w = wallet_now();
    assert_int_equal(w.parties, 3);
    assert_int_equal(store_answer(s, 20, 2, CSIGD_SESSION_DONE, &effects), CSIGD_STORED);
    w = wallet_now();
    assert_int_equal(w.epoch, 1);
    assert_int_equal(w.signers_required, 3);
    assert_int_equal(w.parties, 4);
    assert_int_equal(w.n_devices, 3);
    assert_memory_equal(w.devices, next.devices, 3 * sizeof w.devices[0]);
    assert_int_equal(w.n_recovery, 1);
    assert_int_equal(w.recovery[0].index, 4);
    assert_true(w.recovery[0].offline);
    assert_int_equal(w.refreshed, CSIGD_REFRESHED_SHARES);
    assert_int_equal(peek("SELECT count(*) FROM generations"), 1);
    assert_int_equal(peek("SELECT generation FROM generations WHERE party = 2"), 5);
    expect_share("new share");
    /* One that ends leaves the committee as it was. */
    o.row.epoch = 1;
    memcpy(o.row.id, octets(22), sizeof o.row.id);
    assert_int_equal(s->session_open(s, &o), CSIGD_STORED);
    assert_int_equal(s->session_end(s, octets(22), CSIGD_SESSION_ABORTED), CSIGD_STORED);
    assert_int_equal(wallet_now().parties, 4);
}

/* Is this word anywhere in a file of the store? */
static bool file_has(const char *name, const char *word)
{
    static char content[1 << 22];
    const size_t len = strlen(word);
    const int fd = open(temp_path(name), O_RDONLY);
    ssize_t n;

    if (fd < 0) return false;
    n = read(fd, content, sizeof content);
    close(fd);
    for (ssize_t i = 0; i + (ssize_t)len <= n; i++) {
        if (memcmp(content + i, word, len) == 0) return true;
    }
    return false;
}

static void an_old_share_leaves_no_trace(void **state)
{
    static const char first[] = "the sealed octets of the first share";

    (void)state;
    assert_int_equal(store_open_refresh(s, 20, 0, 1), CSIGD_STORED);
    store_stage(s, 20, 1, 1, first);
    assert_int_equal(store_commit(s, 20, 1, 1, 1, 1), CSIGD_STORED);
    assert_true(file_has("store.db", first));
    store_refresh(s, 21, 2, 1, 1);
    assert_false(file_has("store.db", first));
    assert_false(file_has("store.db-wal", first));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_commit_makes_the_staged_epoch_the_only_one),
        CASE(another_epoch_is_not_committed),
        CASE(the_old_epoch_ends_with_a_commit),
        CASE(only_newer_generations_heal),
        CASE(what_the_old_epoch_used_does_not_heal),
        CASE(a_commit_may_bring_another_committee),
        CASE(an_old_share_leaves_no_trace),
    };

    temp_quiet();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
