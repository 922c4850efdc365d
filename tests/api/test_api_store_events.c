/* Events come with what they tell of and stay; webhooks are remembered with how far they are. */
#include <stdio.h>
#include <string.h>

#include "api/records.h"

static csigd_store *s;
static unsigned n_told;

static void told(void *ctx)
{
    (void)ctx;
    n_told++;
}

static int setup(void **state)
{
    (void)state;
    temp_folder();
    s = temp_store();
    store_with_wallet(s);
    n_told = 0;
    s->events.listen(s, told, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    s->close(s);
    temp_remove();
    return 0;
}

/* --- what is told --- */

typedef struct heard {
    char text[600];
    uint64_t last;
    size_t n;
    unsigned parties;
} heard;

static void hear(void *ctx, const csigd_event_row *e)
{
    heard *h = ctx;
    const size_t at = strlen(h->text);

    /* Numbers have no gap. */
    if (h->last != 0) assert_int_equal(e->number, h->last + 1);
    h->last = e->number;
    h->n++;
    h->parties += e->is_party;
    snprintf(h->text + at, sizeof h->text - at, "%s%s", at > 0 ? " " : "",
             csigd_event_kind_name(e->kind));
}

static heard after(uint64_t number, size_t n, const uint8_t *device)
{
    heard h = {.n = 0};

    assert_int_equal(s->events.read(s, number, n, device, hear, &h), CSIGD_STORED);
    return h;
}

static uint64_t newest(void)
{
    uint64_t number;

    assert_int_equal(s->events.last(s, &number), CSIGD_STORED);
    return number;
}

static void expect(uint64_t number, const char *words)
{
    const heard h = after(number, 100, NULL);

    assert_string_equal(h.text, words);
}

static csigd_stored signed_in_round(uint8_t session, uint32_t n)
{
    const csig_signature sig = a_signature();
    const csigd_effects done = {.signature = &sig, .released = true, .reason = "", .when = 88};

    return store_answer(s, session, n, CSIGD_SESSION_DONE, &done);
}

static csigd_stored signed_in(uint8_t session)
{
    return signed_in_round(session, 1);
}

static void a_request_is_told_of_from_its_beginning_to_its_end(void **state)
{
    uint64_t from;

    (void)state;
    expect(0, "wallet.born");
    from = newest();
    store_with_request(s, 5);
    expect(from, "request.created request.approved");
    /* An attempt that comes to nothing changes nothing that is told. */
    assert_int_equal(store_open_sign(s, 40, 5), CSIGD_STORED);
    assert_int_equal(s->session_end(s, octets(40), CSIGD_SESSION_ABORTED), CSIGD_STORED);
    assert_int_equal(store_open_sign(s, 41, 5), CSIGD_STORED);
    assert_int_equal(newest(), from + 2);
    assert_int_equal(signed_in(41), CSIGD_STORED);
    expect(from, "request.created request.approved request.signed");
    assert_int_equal(n_told, 2);
}

static void the_last_attempt_is_a_failure(void **state)
{
    uint64_t from;

    (void)state;
    store_with_request(s, 5);
    from = newest();
    for (uint8_t i = 0; i < CSIGD_SESSIONS_PER_INPUT; i++) {
        expect(from, "");
        assert_int_equal(store_open_sign(s, (uint8_t)(40 + i), 5), CSIGD_STORED);
        assert_int_equal(s->session_end(s, octets((uint8_t)(40 + i)), CSIGD_SESSION_ABORTED),
                         CSIGD_STORED);
    }
    expect(from, "request.failed");
}

static void an_epoch_is_told_of_with_its_number(void **state)
{
    const uint64_t from = newest();

    (void)state;
    store_refresh(s, 20, 1, 1, 1);
    expect(from, "epoch.committed");
    assert_int_equal(peek("SELECT epoch FROM events WHERE kind = 'epoch.committed'"), 1);
    assert_int_equal(peek("SELECT count(*) FROM events WHERE wallet IS NULL"), 0);
}

static void a_lock_is_told_of_once_for_each_wallet(void **state)
{
    const csigd_effects effects = {.blamed = (const uint8_t(*)[CSIG_IDENTITY_BYTES])octets(1),
                                   .n_blamed = 1,
                                   .named = true,
                                   .reason = "E_PROOF",
                                   .when = 99};
    const csigd_device three = a_device(3);
    const csigd_opening aux = an_opening(60, CSIGD_KIND_AUX, (const uint8_t[]){3}, 1);
    csigd_opening newer = an_opening(51, CSIGD_KIND_PRESIGN, (const uint8_t[]){1}, 1);
    csigd_effects other = effects;
    uint64_t from;

    (void)state;
    from = newest();
    assert_int_equal(store_open_plain(s, 50, CSIGD_KIND_PRESIGN), CSIGD_STORED);
    newer.row.own_generation = 2;
    assert_int_equal(s->session_open(s, &newer), CSIGD_STORED);
    assert_int_equal(s->session_fail(s, octets(50), &effects), CSIGD_STORED);
    assert_int_equal(s->session_fail(s, octets(51), &effects), CSIGD_STORED);
    expect(from, "device.locked");
    assert_int_equal(peek("SELECT count(*) FROM events WHERE kind = 'device.locked' AND wallet "
                          "IS NOT NULL AND device IS NOT NULL"),
                     1);
    /* Locked again after it was unlocked is news. */
    assert_int_equal(s->pair_unlock(s, octets(1)), CSIGD_STORED);
    assert_int_equal(store_open_plain(s, 52, CSIGD_KIND_PRESIGN), CSIGD_STORED);
    assert_int_equal(s->session_fail(s, octets(52), &effects), CSIGD_STORED);
    expect(from, "device.locked device.locked");
    /* A device without a wallet: without one. */
    assert_int_equal(s->device_put(s, &three), CSIGD_STORED);
    assert_int_equal(s->session_open(s, &aux), CSIGD_STORED);
    other.blamed = (const uint8_t(*)[CSIG_IDENTITY_BYTES])octets(3);
    assert_int_equal(s->session_fail(s, octets(60), &other), CSIGD_STORED);
    expect(from, "device.locked device.locked device.locked");
    assert_int_equal(peek("SELECT count(*) FROM events WHERE wallet IS NULL"), 1);
}

static void what_is_denied_is_told_of_with_the_request_if_there_is_one(void **state)
{
    const uint64_t from = newest();

    (void)state;
    n_told = 0;
    assert_int_equal(s->events.deny(s, octets(1), octets(5), NULL, 0), CSIGD_STORED);
    expect(from, "request.denied");
    assert_int_equal(peek("SELECT count(*) FROM events WHERE request IS NULL AND kind = "
                          "'request.denied' AND wallet IS NOT NULL"),
                     1);
    store_with_request(s, 5);
    assert_int_equal(s->events.deny(s, octets(1), octets(5), NULL, 0), CSIGD_STORED);
    assert_int_equal(peek("SELECT count(*) FROM events WHERE request IS NOT NULL AND kind = "
                          "'request.denied'"),
                     1);
    assert_int_equal(n_told, 3);
}

static void what_did_not_happen_is_told_to_nobody(void **state)
{
    uint64_t from;

    (void)state;
    store_with_request(s, 5);
    assert_int_equal(store_open_sign(s, 40, 5), CSIGD_STORED);
    from = newest();
    n_told = 0;
    assert_int_equal(store_open_sign(s, 41, 5), CSIGD_STORE_CONFLICT);
    /* The request is signed, and then the round is not the next one. */
    assert_int_equal(signed_in_round(40, 7), CSIGD_STORE_CONFLICT);
    assert_int_equal(newest(), from);
    assert_int_equal(n_told, 0);
    s->events.listen(s, NULL, NULL);
    store_with_request(s, 6);
    assert_int_equal(n_told, 0);
    assert_int_equal(newest(), from + 2);
}

static void events_are_read_in_parts(void **state)
{
    heard h;

    (void)state;
    for (uint8_t i = 5; i < 10; i++)
        store_with_request(s, i);
    h = after(0, 4, octets(1));
    assert_int_equal(h.n, 4);
    assert_int_equal(h.last, 4);
    assert_int_equal(h.parties, 4);
    h = after(h.last, 100, octets(9));
    assert_int_equal(h.n, 7);
    assert_int_equal(h.parties, 0);
    assert_int_equal(after(newest(), 100, NULL).n, 0);
}

/* --- webhooks --- */

static csigd_webhook a_webhook(uint8_t n)
{
    csigd_webhook w = {.url = "https://localhost/", .kinds = 6, .created = n, .n_wallets = 1};

    memcpy(w.id, octets(n), sizeof w.id);
    memcpy(w.wallets[0], octets(1), sizeof w.wallets[0]);
    return w;
}

static void count_webhook(void *ctx, const csigd_webhook *w)
{
    unsigned *n = ctx;

    assert_int_equal(w->created, ++*n);
}

static void webhooks_are_remembered(void **state)
{
    csigd_webhook w = a_webhook(1), have;
    unsigned n = 0;

    (void)state;
    store_with_request(s, 5);
    assert_int_equal(s->events.webhook_put(s, &w), CSIGD_STORED);
    assert_int_equal(w.delivered, newest());
    w.attempts = 7;
    w.since = 8;
    w.due = 9;
    w.deliveries = 10;
    w.failures = 11;
    w.last_try = 12;
    w.last_status = 500;
    w.state = CSIGD_WEBHOOK_FAILING;
    assert_int_equal(s->events.webhook_move(s, &w), CSIGD_STORED);
    s->close(s);
    s = temp_store();
    assert_int_equal(s->events.webhook_get(s, octets(1), &have), CSIGD_STORED);
    assert_memory_equal(&have, &w, sizeof w);
    for (uint8_t i = 2; i <= CSIGD_WEBHOOKS_MAX + 1; i++) {
        w = a_webhook(i);
        assert_int_equal(s->events.webhook_put(s, &w),
                         i <= CSIGD_WEBHOOKS_MAX ? CSIGD_STORED : CSIGD_STORE_CONFLICT);
    }
    assert_int_equal(s->events.webhook_list(s, count_webhook, &n), CSIGD_STORED);
    assert_int_equal(n, CSIGD_WEBHOOKS_MAX);
    assert_int_equal(s->events.webhook_drop(s, octets(1)), CSIGD_STORED);
    assert_int_equal(s->events.webhook_drop(s, octets(1)), CSIGD_STORE_NONE);
    assert_int_equal(s->events.webhook_get(s, octets(1), &have), CSIGD_STORE_NONE);
    assert_int_equal(s->events.webhook_move(s, &have), CSIGD_STORE_NONE);
}

static void a_test_is_an_event_and_a_new_beginning(void **state)
{
    csigd_webhook w = a_webhook(1);
    uint64_t from;

    (void)state;
    assert_int_equal(s->events.webhook_test(s, octets(1), 77), CSIGD_STORE_NONE);
    assert_int_equal(s->events.webhook_put(s, &w), CSIGD_STORED);
    from = newest();
    w.attempts = 7;
    w.since = 8;
    w.failures = 9;
    w.state = CSIGD_WEBHOOK_FAILING;
    assert_int_equal(s->events.webhook_move(s, &w), CSIGD_STORED);
    assert_int_equal(s->events.webhook_test(s, octets(1), 77), CSIGD_STORED);
    expect(from, "webhook.test");
    assert_int_equal(s->events.webhook_get(s, octets(1), &w), CSIGD_STORED);
    assert_int_equal(w.state, CSIGD_WEBHOOK_ACTIVE);
    assert_int_equal(w.attempts, 0);
    assert_int_equal(w.since, 0);
    assert_int_equal(w.due, 77);
    assert_int_equal(w.failures, 9);
    assert_int_equal(w.delivered, from);
}

static void kinds_have_names(void **state)
{
    csigd_event_kind kind;

    (void)state;
    for (unsigned i = 0; i < CSIGD_EVENT_KIND_COUNT; i++) {
        assert_true(csigd_event_kind_is_read(&kind, csigd_event_kind_name((csigd_event_kind)i)));
        assert_int_equal(kind, i);
    }
    assert_false(csigd_event_kind_is_read(&kind, "request"));
    assert_false(csigd_event_kind_is_read(&kind, ""));
}

/* What the schema writes is known here. */
static void every_state_of_a_request_has_its_event(void **state)
{
    (void)state;
    for (int i = CSIGD_APPROVED; i <= CSIGD_REQUEST_REJECTED; i++) {
        char sql[100];

        snprintf(sql, sizeof sql, "SELECT count(*) FROM request_events WHERE state = %d", i);
        assert_int_equal(peek(sql), 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_request_is_told_of_from_its_beginning_to_its_end, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_last_attempt_is_a_failure, setup, teardown),
        cmocka_unit_test_setup_teardown(an_epoch_is_told_of_with_its_number, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lock_is_told_of_once_for_each_wallet, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_denied_is_told_of_with_the_request_if_there_is_one,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(what_did_not_happen_is_told_to_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(events_are_read_in_parts, setup, teardown),
        cmocka_unit_test_setup_teardown(webhooks_are_remembered, setup, teardown),
        cmocka_unit_test_setup_teardown(a_test_is_an_event_and_a_new_beginning, setup, teardown),
        cmocka_unit_test(kinds_have_names),
        cmocka_unit_test_setup_teardown(every_state_of_a_request_has_its_event, setup, teardown),
    };

    temp_quiet();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
