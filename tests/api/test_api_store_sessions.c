/* Conformance of a store: sessions, their answers, locks, presignatures; what hangs together. */
#include <stdlib.h>
#include <string.h>

#include "api/records.h"

static csigd_store *s;
static const uint8_t one[1] = {1};
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

static int unfinished(uint8_t device)
{
    return device == 1
               ? (int)peek("SELECT unfinished FROM pairs WHERE device >= x'01' AND device < x'02'")
               : (int)peek("SELECT unfinished FROM pairs WHERE device >= x'02' AND device < x'03'");
}

/* --- rounds --- */

static void rounds_are_answered_once_and_in_order(void **state)
{
    csigd_session_row row;
    csigd_answer a;

    (void)state;
    assert_int_equal(store_open_plain(s, 20, CSIGD_KIND_PRESIGN), CSIGD_STORED);
    assert_int_equal(store_open_plain(s, 20, CSIGD_KIND_PRESIGN),
                     CSIGD_STORE_FAILED); /* the id is taken */
    assert_int_equal(store_answer(s, 20, 2, CSIGD_SESSION_RUNNING, &nothing), CSIGD_STORE_CONFLICT);
    assert_int_equal(store_answer(s, 20, 1, CSIGD_SESSION_RUNNING, &nothing), CSIGD_STORED);
    assert_int_equal(store_answer(s, 20, 1, CSIGD_SESSION_RUNNING, &nothing), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->round_get(s, octets(20), 1, &a), CSIGD_STORED);
    assert_int_equal(a.status, 200);
    assert_int_equal(a.hash[0], 1);
    csigd_blob_free(&a.reply);
    assert_int_equal(s->round_get(s, octets(20), 2, &a), CSIGD_STORE_NONE);
    assert_int_equal(s->session_get(s, octets(20), &row), CSIGD_STORED);
    assert_int_equal(row.next_round, 2);
    assert_int_equal(row.state, CSIGD_SESSION_RUNNING);
    assert_int_equal(store_answer(s, 20, 2, CSIGD_SESSION_DONE, &nothing), CSIGD_STORED);
    assert_int_equal(store_answer(s, 20, 3, CSIGD_SESSION_RUNNING, &nothing), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->session_end(s, octets(20), CSIGD_SESSION_ABORTED), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->session_get(s, octets(99), &row), CSIGD_STORE_NONE);
    assert_int_equal(s->session_end(s, octets(99), CSIGD_SESSION_ABORTED), CSIGD_STORE_NONE);
}

static void old_answers_lose_their_octets(void **state)
{
    csigd_answer a;

    (void)state;
    assert_int_equal(store_open_plain(s, 20, CSIGD_KIND_PRESIGN), CSIGD_STORED);
    assert_int_equal(store_answer(s, 20, 1, CSIGD_SESSION_RUNNING, &nothing), CSIGD_STORED);
    assert_int_equal(store_answer(s, 20, 2, CSIGD_SESSION_RUNNING, &nothing), CSIGD_STORED);
    assert_int_equal(s->sweep(s, 5002), CSIGD_STORED);
    assert_int_equal(s->round_get(s, octets(20), 1, &a), CSIGD_STORED);
    assert_int_equal(a.reply.len, 0);
    assert_int_equal(a.hash[0], 1);
    csigd_blob_free(&a.reply);
    assert_int_equal(s->round_get(s, octets(20), 2, &a), CSIGD_STORED);
    assert_int_equal(a.reply.len, 6);
    csigd_blob_free(&a.reply);
    assert_int_equal(s->sweep(s, 5002), CSIGD_STORED);
}

/* An effect that cannot be stored takes the answer with it. */
static void an_answer_and_its_effects_are_one(void **state)
{
    csigd_presig_move ready = {.to = CSIGD_PRESIG_READY};
    const csigd_effects effects = {.moves = &ready, .n_moves = 1, .reason = "", .when = 1};
    csigd_answer a;

    (void)state;
    assert_int_equal(store_open_plain(s, 20, CSIGD_KIND_PRESIGN), CSIGD_STORED);
    assert_int_equal(store_answer(s, 20, 1, CSIGD_SESSION_RUNNING, &effects), CSIGD_STORE_CONFLICT);
    assert_int_equal(s->round_get(s, octets(20), 1, &a), CSIGD_STORE_NONE);
    assert_int_equal(store_answer(s, 20, 1, CSIGD_SESSION_RUNNING, &nothing), CSIGD_STORED);
}

/* --- key generation --- */

static void a_wallet_without_birth_goes_with_its_session(void **state)
{
    const csigd_session_state ends[] = {CSIGD_SESSION_ABORTED, CSIGD_SESSION_EXPIRED,
                                        CSIGD_SESSION_FAILED, CSIGD_SESSION_LOST};
    const csigd_share_row share = a_share("pending");
    const csigd_effects effects = {.pending_share = &share, .reason = "", .when = 1};

    (void)state;
    for (uint8_t i = 0; i < 4; i++) {
        const csigd_wallet pending = a_wallet((uint8_t)(30 + i), 2, one, 1);
        csigd_opening o = an_opening((uint8_t)(30 + i), CSIGD_KIND_KEYGEN, one, 1);
        csigd_wallet w;

        o.wallet = &pending;
        o.row.has_wallet = true;
        memcpy(o.row.wallet, pending.id, sizeof pending.id);
        assert_int_equal(s->session_open(s, &o), CSIGD_STORED);
        assert_int_equal(store_answer(s, (uint8_t)(30 + i), 1, CSIGD_SESSION_RUNNING, &effects),
                         CSIGD_STORED);
        assert_int_equal(peek("SELECT count(*) FROM shares"), 2);
        assert_int_equal(s->wallet_get(s, pending.id, 1, &w), CSIGD_STORED);
        assert_int_equal(s->session_end(s, octets((uint8_t)(30 + i)), ends[i]), CSIGD_STORED);
        assert_int_equal(s->wallet_get(s, pending.id, 1, &w), CSIGD_STORE_NONE);
        assert_int_equal(peek("SELECT count(*) FROM shares"), 1);
        assert_int_equal(peek("SELECT count(*) FROM share_keys"), 1);
    }
    /* Those that were born stay. */
    assert_int_equal(peek("SELECT count(*) FROM wallets"), 1);
}

/* --- requests --- */

static void a_request_has_one_session_at_a_time_and_eight_in_all(void **state)
{
    uint8_t running[CSIGD_ID_BYTES];

    (void)state;
    store_with_request(s, 5);
    assert_int_equal(s->session_of(s, octets(5), running), CSIGD_STORE_NONE);
    for (uint8_t i = 0; i < CSIGD_SESSIONS_PER_INPUT; i++) {
        assert_int_equal(store_request_state(s, 5), CSIGD_APPROVED);
        assert_int_equal(store_open_sign(s, (uint8_t)(40 + i), 5), CSIGD_STORED);
        assert_int_equal(store_request_state(s, 5), CSIGD_SIGNING);
        assert_int_equal(store_open_sign(s, 60, 5), CSIGD_STORE_CONFLICT);
        assert_int_equal(s->session_of(s, octets(5), running), CSIGD_STORED);
        assert_int_equal(running[0], 40 + i);
        assert_int_equal(s->session_end(s, octets((uint8_t)(40 + i)), CSIGD_SESSION_EXPIRED),
                         CSIGD_STORED);
    }
    assert_int_equal(store_request_state(s, 5), CSIGD_REQUEST_FAILED);
    assert_int_equal(store_open_sign(s, 60, 5), CSIGD_STORE_CONFLICT);
}

static void a_signature_ends_the_request(void **state)
{
    const csig_signature sig = a_signature();
    const csigd_effects out = {.released = true, .reason = "", .when = 77};
    const csigd_effects done = {.signature = &sig, .released = true, .reason = "", .when = 88};
    csigd_request r;

    (void)state;
    store_with_request(s, 5);
    assert_int_equal(store_open_sign(s, 40, 5), CSIGD_STORED);
    assert_int_equal(store_answer(s, 40, 1, CSIGD_SESSION_RUNNING, &out), CSIGD_STORED);
    assert_int_equal(store_answer(s, 40, 2, CSIGD_SESSION_DONE, &done), CSIGD_STORED);
    assert_int_equal(s->requests.get(s, octets(5), 0, &r), CSIGD_STORED);
    assert_int_equal(r.state, CSIGD_SIGNED);
    assert_int_equal(r.input.released, 77);
    assert_memory_equal(&r.input.signature, &sig, sizeof sig);
    assert_int_equal(store_open_sign(s, 41, 5), CSIGD_STORE_CONFLICT);
    /* What was released stays so, whatever becomes of the session. */
    store_with_request(s, 6);
    assert_int_equal(store_open_sign(s, 42, 6), CSIGD_STORED);
    assert_int_equal(store_answer(s, 42, 1, CSIGD_SESSION_RUNNING, &out), CSIGD_STORED);
    assert_int_equal(s->session_end(s, octets(42), CSIGD_SESSION_EXPIRED), CSIGD_STORED);
    assert_int_equal(s->requests.get(s, octets(6), 0, &r), CSIGD_STORED);
    assert_int_equal(r.state, CSIGD_APPROVED);
    assert_int_equal(r.input.released, 77);
}

/* --- counters and locks --- */

static void unfinished_sessions_are_budgeted(void **state)
{
    (void)state;
    /* Done, or over before anything of ours left: not counted. */
    assert_int_equal(store_open_plain(s, 10, CSIGD_KIND_PRESIGN), CSIGD_STORED);
    assert_int_equal(unfinished(1), 1);
    assert_int_equal(s->session_end(s, octets(10), CSIGD_SESSION_ABORTED), CSIGD_STORED);
    assert_int_equal(unfinished(1), 0);
    assert_int_equal(store_open_plain(s, 11, CSIGD_KIND_PRESIGN), CSIGD_STORED);
    assert_int_equal(store_answer(s, 11, 1, CSIGD_SESSION_DONE, &nothing), CSIGD_STORED);
    assert_int_equal(unfinished(1), 0);
    for (uint8_t i = 0; i < CSIGD_UNFINISHED_MAX; i++) {
        const uint8_t id = (uint8_t)(20 + i);

        assert_int_equal(store_open_plain(s, id, CSIGD_KIND_PRESIGN), CSIGD_STORED);
        assert_int_equal(store_answer(s, id, 1, CSIGD_SESSION_RUNNING, &nothing), CSIGD_STORED);
        if (i > 0)
            assert_int_equal(s->session_end(s, octets(id), CSIGD_SESSION_EXPIRED), CSIGD_STORED);
    }
    assert_int_equal(unfinished(1), CSIGD_UNFINISHED_MAX);
    assert_int_equal(store_open_plain(s, 90, CSIGD_KIND_PRESIGN), CSIGD_STORE_SPENT);
    assert_int_equal(store_open_plain(s, 90, CSIGD_KIND_AUX), CSIGD_STORED); /* not of that kind */
    /* The operator forgives; the one that runs keeps its place. */
    assert_int_equal(s->pair_unlock(s, octets(1)), CSIGD_STORED);
    assert_int_equal(unfinished(1), 1);
    assert_int_equal(store_open_plain(s, 91, CSIGD_KIND_PRESIGN), CSIGD_STORED);
    assert_int_equal(s->pair_unlock(s, octets(2)), CSIGD_STORED);
}

/* A counted session of device 1. */
static csigd_stored open_with_own(uint8_t id, uint64_t own)
{
    csigd_opening o = an_opening(id, CSIGD_KIND_PRESIGN, (const uint8_t[]){1}, 1);

    o.row.own_generation = own;
    return s->session_open(s, &o);
}

static csigd_effects blame(const uint8_t (*devices)[CSIG_IDENTITY_BYTES], size_t n, bool named)
{
    return (csigd_effects){
        .blamed = devices, .n_blamed = n, .named = named, .reason = "E_PROOF here", .when = 99};
}

static void a_lock_comes_with_the_failed_answer(void **state)
{
    uint8_t first[1][CSIG_IDENTITY_BYTES];
    csigd_effects effects;
    csigd_wallet w;

    (void)state;
    memcpy(first[0], octets(1), sizeof first[0]);
    effects = blame((const uint8_t(*)[CSIG_IDENTITY_BYTES])first, 1, true);
    store_with_request(s, 5);
    assert_int_equal(store_open_sign(s, 40, 5), CSIGD_STORED);
    assert_int_equal(store_open_plain(s, 41, CSIGD_KIND_PRESIGN), CSIGD_STORED);
    assert_int_equal(store_answer(s, 40, 1, CSIGD_SESSION_FAILED, &effects), CSIGD_STORED);
    assert_int_equal(s->wallet_get(s, octets(1), 1, &w), CSIGD_STORED);
    assert_true(w.locked[0]);
    assert_false(w.locked[1]);
    assert_int_equal(peek("SELECT locked FROM pairs WHERE reason = 'E_PROOF here'"), 99);
    /* For every session of the device: new ones, and answers of running ones. */
    assert_int_equal(store_open_sign(s, 42, 5), CSIGD_STORE_LOCKED);
    assert_int_equal(store_open_plain(s, 43, CSIGD_KIND_AUX), CSIGD_STORE_LOCKED);
    assert_int_equal(store_answer(s, 41, 1, CSIGD_SESSION_RUNNING, &nothing), CSIGD_STORE_LOCKED);
    assert_int_equal(store_answer(s, 41, 1, CSIGD_SESSION_FAILED, &nothing), CSIGD_STORED);
    /* A newer own generation does not set it free, an operator does. */
    assert_int_equal(s->wallet_get(s, octets(1), 2, &w), CSIGD_STORED);
    assert_true(w.locked[0]);
    assert_int_equal(open_with_own(44, 2), CSIGD_STORE_LOCKED);
    assert_int_equal(s->pair_unlock(s, octets(1)), CSIGD_STORED);
    assert_int_equal(open_with_own(44, 2), CSIGD_STORED);
    assert_int_equal(store_open_sign(s, 42, 5), CSIGD_STORED);
}

static void nobody_named_locks_at_the_third_time(void **state)
{
    uint8_t all[2][CSIG_IDENTITY_BYTES];
    csigd_effects effects;

    (void)state;
    memcpy(all[0], octets(1), sizeof all[0]);
    memcpy(all[1], octets(2), sizeof all[1]);
    effects = blame((const uint8_t(*)[CSIG_IDENTITY_BYTES])all, 2, false);
    store_with_request(s, 5);
    for (uint8_t i = 0; i < CSIGD_SUSPICIONS_MAX; i++) {
        assert_int_equal(store_open_sign(s, (uint8_t)(40 + i), 5), CSIGD_STORED);
        assert_int_equal(s->session_fail(s, octets((uint8_t)(40 + i)), &effects), CSIGD_STORED);
    }
    assert_int_equal(store_open_sign(s, 50, 5), CSIGD_STORE_LOCKED);
    assert_int_equal(peek("SELECT count(*) FROM pairs WHERE locked = 99"), 2);
    assert_int_equal(s->session_fail(s, octets(40), &effects), CSIGD_STORE_CONFLICT);
}

/* With the answer or without one; of one session one, the last. */
static void evidence_is_kept_with_the_failure(void **state)
{
    uint8_t shown[16] = {7};
    csigd_blob kept = {shown, sizeof shown}, got;
    csigd_effects effects = {.reason = "", .evidence = &kept, .when = 1};

    (void)state;
    assert_int_equal(store_open_plain(s, 20, CSIGD_KIND_PRESIGN), CSIGD_STORED);
    assert_int_equal(s->evidence_get(s, octets(20), &got), CSIGD_STORE_NONE);
    assert_int_equal(store_answer(s, 20, 1, CSIGD_SESSION_FAILED, &effects), CSIGD_STORED);
    assert_int_equal(s->evidence_get(s, octets(20), &got), CSIGD_STORED);
    assert_int_equal(got.len, 16);
    assert_memory_equal(got.p, kept.p, 16);
    csigd_blob_free(&got);

    assert_int_equal(store_open_plain(s, 21, CSIGD_KIND_PRESIGN), CSIGD_STORED);
    assert_int_equal(s->session_fail(s, octets(21), &effects), CSIGD_STORED);
    assert_int_equal(s->evidence_get(s, octets(21), &got), CSIGD_STORED);
    csigd_blob_free(&got);

    assert_int_equal(store_open_plain(s, 22, CSIGD_KIND_PRESIGN), CSIGD_STORED);
    kept.len = 0;
    assert_int_equal(s->session_fail(s, octets(22), &effects), CSIGD_STORED);
    assert_int_equal(s->evidence_get(s, octets(22), &got), CSIGD_STORE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rounds_are_answered_once_and_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(old_answers_lose_their_octets, setup, teardown),
        cmocka_unit_test_setup_teardown(an_answer_and_its_effects_are_one, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wallet_without_birth_goes_with_its_session, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_request_has_one_session_at_a_time_and_eight_in_all, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_signature_ends_the_request, setup, teardown),
        cmocka_unit_test_setup_teardown(unfinished_sessions_are_budgeted, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lock_comes_with_the_failed_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(nobody_named_locks_at_the_third_time, setup, teardown),
        cmocka_unit_test_setup_teardown(evidence_is_kept_with_the_failure, setup, teardown),
    };

    temp_quiet();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
