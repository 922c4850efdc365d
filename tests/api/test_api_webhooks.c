/* Which events a webhook is told of, and what becomes of it after each attempt. */
#include <string.h>

#include "api/records.h"
#include "service/webhooks.h"

#define NOW 1000000

static csigd_event_row an_event(csigd_event_kind kind, uint8_t wallet, const char *label)
{
    csigd_event_row e = {.number = 9, .kind = kind, .has_wallet = wallet != 0};

    memcpy(e.wallet, octets(wallet), sizeof e.wallet);
    memcpy(e.label, label, strlen(label) + 1);
    return e;
}

static bool has(const csigd_webhook *w, csigd_event_kind kind, uint8_t wallet, const char *label)
{
    const csigd_event_row e = an_event(kind, wallet, label);

    return csigd_webhook_has_event(w, &e);
}

static void selections_are_kept(void **state)
{
    csigd_webhook all = {.kinds = CSIGD_EVENT_BIT(CSIGD_EVENT_WALLET_BORN), .all_wallets = true};
    csigd_webhook list = {.kinds = CSIGD_EVENTS_ALL, .n_wallets = 2}, label = list;
    csigd_event_row test = an_event(CSIGD_EVENT_TEST, 0, "");

    (void)state;
    assert_true(has(&all, CSIGD_EVENT_WALLET_BORN, 1, ""));
    assert_true(has(&all, CSIGD_EVENT_WALLET_BORN, 0, ""));
    assert_false(has(&all, CSIGD_EVENT_EPOCH_COMMITTED, 1, ""));
    memcpy(list.wallets[0], octets(1), 16);
    memcpy(list.wallets[1], octets(3), 16);
    assert_true(has(&list, CSIGD_EVENT_WALLET_BORN, 1, "a"));
    assert_true(has(&list, CSIGD_EVENT_WALLET_BORN, 3, ""));
    assert_false(has(&list, CSIGD_EVENT_WALLET_BORN, 2, ""));
    assert_false(has(&list, CSIGD_EVENT_DEVICE_LOCKED, 0, ""));
    label.n_wallets = 0;
    memcpy(label.label, "treasury/eu", 12);
    assert_true(has(&label, CSIGD_EVENT_WALLET_BORN, 1, "treasury/eu"));
    assert_true(has(&label, CSIGD_EVENT_WALLET_BORN, 1, "treasury/eu/hot"));
    assert_false(has(&label, CSIGD_EVENT_WALLET_BORN, 1, "treasury/europe"));
    assert_false(has(&label, CSIGD_EVENT_WALLET_BORN, 1, ""));
    assert_false(has(&label, CSIGD_EVENT_DEVICE_LOCKED, 0, ""));
    /* A test is for one, whatever it wants. */
    assert_false(csigd_webhook_has_event(&all, &test));
    test.has_webhook = true;
    memcpy(test.webhook, octets(5), sizeof test.webhook);
    assert_false(csigd_webhook_has_event(&all, &test));
    memcpy(all.id, octets(5), sizeof all.id);
    assert_true(csigd_webhook_has_event(&all, &test));
}

static void pauses_grow_to_an_hour(void **state)
{
    csigd_webhook w = {.state = CSIGD_WEBHOOK_ACTIVE, .delivered = 3};
    int64_t now = NOW, pause = 1;

    (void)state;
    for (uint32_t i = 1; i <= 40; i++) {
        csigd_webhook_note(&w, 4, i % 2 == 0 ? 500 : 0, now);
        assert_int_equal(w.attempts, i);
        assert_int_equal(w.failures, i);
        assert_int_equal(w.since, NOW);
        assert_int_equal(w.due, now + pause);
        assert_int_equal(w.last_try, now);
        assert_int_equal(w.last_status, i % 2 == 0 ? 500 : 0);
        assert_int_equal(w.delivered, 3);
        assert_int_equal(w.state, CSIGD_WEBHOOK_ACTIVE);
        now = w.due;
        pause = 2 * pause < CSIGD_WEBHOOK_PAUSE_MAX ? 2 * pause : CSIGD_WEBHOOK_PAUSE_MAX;
    }
}

static void after_three_days_it_is_failing(void **state)
{
    csigd_webhook w = {.state = CSIGD_WEBHOOK_ACTIVE};

    (void)state;
    csigd_webhook_note(&w, 4, 0, NOW);
    csigd_webhook_note(&w, 4, 0, NOW + CSIGD_WEBHOOK_GIVE_UP - 1);
    assert_int_equal(w.state, CSIGD_WEBHOOK_ACTIVE);
    csigd_webhook_note(&w, 4, 0, NOW + CSIGD_WEBHOOK_GIVE_UP);
    assert_int_equal(w.state, CSIGD_WEBHOOK_FAILING);
    assert_int_equal(w.failures, 3);
}

static void an_answer_of_2xx_ends_it(void **state)
{
    static const struct {
        unsigned status;
        bool good;
    } answers[] = {{0, false},  {100, false}, {199, false}, {200, true}, {204, true},
                   {299, true}, {300, false}, {302, false}, {410, false}};

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        csigd_webhook w = {.state = CSIGD_WEBHOOK_ACTIVE, .attempts = 5, .since = 3, .due = 9};

        csigd_webhook_note(&w, 4, answers[i].status, NOW);
        assert_int_equal(w.deliveries, answers[i].good);
        assert_int_equal(w.delivered, answers[i].good ? 4 : 0);
        assert_int_equal(w.attempts, answers[i].good ? 0 : 6);
        assert_int_equal(w.since, answers[i].good ? 0 : 3);
        assert_int_equal(w.last_status, answers[i].status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selections_are_kept),
        cmocka_unit_test(pauses_grow_to_an_hour),
        cmocka_unit_test(after_three_days_it_is_failing),
        cmocka_unit_test(an_answer_of_2xx_ends_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
