/* The decision in front of the routes: roles, the wallets of a key, the wallets of a device. */
#include <string.h>

#include "api/records.h"
#include "service/access.h"
#include "service/moves.h"

static csigd_service s;
static csigd_problem why;

static int setup(void **state)
{
    (void)state;
    temp_folder();
    temp_service(&s, 7);
    store_with_wallet(s.store);
    store_with_request(s.store, 3);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    csigd_service_stop(&s);
    temp_remove();
    return 0;
}

static csigd_caller a_device_caller(uint8_t device)
{
    csigd_caller c = {
        .key = {.has_device = true,
                .roles = CSIGD_ROLE_BIT(CSIGD_ROLE_DEVICE) | CSIGD_ROLE_BIT(CSIGD_ROLE_SIGN)}};

    memcpy(c.key.device, octets(device), CSIG_IDENTITY_BYTES);
    return c;
}

static csigd_caller a_backend(uint8_t wallet)
{
    csigd_caller c = {.key = {.roles = CSIGD_ROLE_BIT(CSIGD_ROLE_SIGN), .n_wallets = 1}};

    memcpy(c.key.wallets[0], octets(wallet), CSIGD_ID_BYTES);
    return c;
}

static csigd_code ask(const csigd_caller *c, csigd_act act, csigd_about about, uint8_t id)
{
    return csigd_access_decide(&s, c, act, about, octets(id), &why);
}

static void a_device_has_the_wallets_it_is_a_party_of(void **state)
{
    const csigd_caller mine = a_device_caller(1), not_mine = a_device_caller(9);

    (void)state;
    assert_int_equal(ask(&mine, CSIGD_ACT_SESSION_JOIN, CSIGD_ABOUT_WALLET, 1), CSIGD_OK);
    assert_int_equal(ask(&mine, CSIGD_ACT_REQUEST_READ, CSIGD_ABOUT_REQUEST, 3), CSIGD_OK);
    assert_int_equal(ask(&mine, CSIGD_ACT_SESSION_JOIN, CSIGD_ABOUT_SESSION, 200), CSIGD_OK);
    assert_int_equal(ask(&mine, CSIGD_ACT_SESSION_JOIN, CSIGD_ABOUT_DEVICE, 1), CSIGD_OK);
    assert_int_equal(ask(&mine, CSIGD_ACT_SESSION_JOIN, CSIGD_ABOUT_DEVICE, 2), CSIGD_NOT_FOUND);
    assert_int_equal(ask(&mine, CSIGD_ACT_WALLET_READ, CSIGD_ABOUT_WALLET, 8), CSIGD_NOT_FOUND);
    assert_int_equal(ask(&not_mine, CSIGD_ACT_WALLET_READ, CSIGD_ABOUT_WALLET, 1), CSIGD_NOT_FOUND);
    assert_int_equal(ask(&not_mine, CSIGD_ACT_REQUEST_CREATE, CSIGD_ABOUT_WALLET, 1),
                     CSIGD_NOT_FOUND);
    assert_int_equal(ask(&not_mine, CSIGD_ACT_REQUEST_READ, CSIGD_ABOUT_REQUEST, 3),
                     CSIGD_NOT_FOUND);
    assert_int_equal(ask(&not_mine, CSIGD_ACT_SESSION_JOIN, CSIGD_ABOUT_SESSION, 200),
                     CSIGD_NOT_FOUND);
    assert_int_equal(ask(&mine, CSIGD_ACT_WALLET_CREATE, CSIGD_ABOUT_NOTHING, 0), CSIGD_FORBIDDEN);
    assert_int_equal(ask(&mine, CSIGD_ACT_KEY_MANAGE, CSIGD_ABOUT_NOTHING, 0), CSIGD_FORBIDDEN);
}

/* Who was to join, whatever came of it: it has to know whether it did. */
static void who_was_in_a_resharing_hears_what_became_of_the_epoch(void **state)
{
    const csigd_caller joins = a_device_caller(9), mine = a_device_caller(1),
                       stranger = a_device_caller(8);
    const csigd_device nine = a_device(9), eight = a_device(8);
    csigd_opening o = an_opening(20, CSIGD_KIND_RESHARE, (const uint8_t[]){1, 9}, 2);

    (void)state;
    o.row.has_wallet = true;
    o.row.attempt = 1;
    memcpy(o.row.wallet, octets(1), sizeof o.row.wallet);
    assert_int_equal(s.store->device_put(s.store, &nine), CSIGD_STORED);
    assert_int_equal(s.store->device_put(s.store, &eight), CSIGD_STORED);
    assert_int_equal(ask(&joins, CSIGD_ACT_WALLET_READ, CSIGD_ABOUT_EPOCH, 1), CSIGD_NOT_FOUND);
    assert_int_equal(s.store->session_open(s.store, &o), CSIGD_STORED);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(ask(&joins, CSIGD_ACT_WALLET_READ, CSIGD_ABOUT_EPOCH, 1), CSIGD_OK);
        assert_int_equal(ask(&mine, CSIGD_ACT_WALLET_READ, CSIGD_ABOUT_EPOCH, 1), CSIGD_OK);
        assert_int_equal(ask(&stranger, CSIGD_ACT_WALLET_READ, CSIGD_ABOUT_EPOCH, 1),
                         CSIGD_NOT_FOUND);
        assert_int_equal(ask(&joins, CSIGD_ACT_WALLET_READ, CSIGD_ABOUT_EPOCH, 2), CSIGD_NOT_FOUND);
        assert_int_equal(ask(&joins, CSIGD_ACT_WALLET_READ, CSIGD_ABOUT_WALLET, 1),
                         CSIGD_NOT_FOUND);
        (void)s.store->session_end(s.store, o.row.id, CSIGD_SESSION_ABORTED);
    }
}

static csigd_code announce(const csigd_caller *c, uint8_t wallet, uint8_t token)
{
    csigd_move move = {.device = {1}, .token = {token}, .n_wallets = 1};

    memcpy(move.wallets[0], octets(wallet), sizeof move.wallets[0]);
    return csigd_move_begin(&s, c, &move, 60, &why);
}

/* Wallet 1 is "treasury/eu". */
static void a_device_moves_what_its_label_has(void **state)
{
    csigd_caller mine = a_device_caller(1), not_mine;

    (void)state;
    mine.key.id[0] = 11;
    mine.key.key.algorithm = CSIGD_KEY_ED25519;
    assert_int_equal(s.store->key_put(s.store, &mine.key), CSIGD_STORED);
    assert_int_equal(announce(&mine, 1, 1), CSIGD_FORBIDDEN);
    assert_string_equal(why.field, "wallets");
    memcpy(mine.key.label, "treasury", 9);
    assert_int_equal(announce(&mine, 1, 1), CSIGD_OK);
    assert_int_equal(announce(&mine, 8, 2), CSIGD_NOT_FOUND);
    assert_string_equal(why.field, "wallets");
    /* The operator may say so for a device: of its wallets, and while it has a key. */
    assert_int_equal(announce(NULL, 1, 3), CSIGD_OK);
    not_mine = mine;
    not_mine.key.id[0] = 12;
    assert_int_equal(announce(&not_mine, 1, 5), CSIGD_STATE_CONFLICT);
    assert_int_equal(csigd_move_check(&s, octets(1), octets(2), octets(5), &why),
                     CSIGD_STATE_CONFLICT);
    assert_int_equal(csigd_move_end(&s, octets(1), &why), CSIGD_OK);
    assert_int_equal(csigd_move_end(&s, octets(1), &why), CSIGD_NOT_FOUND);
    assert_int_equal(s.store->key_revoke(s.store, mine.key.id, 1), CSIGD_STORED);
    assert_int_equal(announce(NULL, 1, 4), CSIGD_STATE_CONFLICT);
}

static void a_backend_has_its_list(void **state)
{
    const csigd_caller mine = a_backend(1), other = a_backend(2);

    (void)state;
    assert_int_equal(ask(&mine, CSIGD_ACT_REQUEST_CREATE, CSIGD_ABOUT_WALLET, 1), CSIGD_OK);
    assert_int_equal(ask(&mine, CSIGD_ACT_REQUEST_READ, CSIGD_ABOUT_REQUEST, 3), CSIGD_OK);
    assert_int_equal(ask(&mine, CSIGD_ACT_WALLET_READ, CSIGD_ABOUT_SESSION, 200), CSIGD_OK);
    assert_int_equal(ask(&other, CSIGD_ACT_REQUEST_CREATE, CSIGD_ABOUT_WALLET, 1), CSIGD_NOT_FOUND);
    assert_int_equal(ask(&other, CSIGD_ACT_REQUEST_READ, CSIGD_ABOUT_REQUEST, 3), CSIGD_NOT_FOUND);
    assert_int_equal(ask(&other, CSIGD_ACT_WALLET_READ, CSIGD_ABOUT_SESSION, 200), CSIGD_NOT_FOUND);
    assert_int_equal(ask(&mine, CSIGD_ACT_SESSION_JOIN, CSIGD_ABOUT_WALLET, 1), CSIGD_FORBIDDEN);
    assert_int_equal(ask(&mine, CSIGD_ACT_SESSION_JOIN, CSIGD_ABOUT_DEVICE, 1), CSIGD_FORBIDDEN);
}

static csigd_caller a_labelled(const char *label, unsigned role)
{
    csigd_caller c = {.key = {.roles = CSIGD_ROLE_BIT(role)}};

    memcpy(c.key.label, label, strlen(label) + 1);
    return c;
}

/* Wallet 1 is "treasury/eu". */
static void a_label_has_the_wallets_below_it(void **state)
{
    static const struct {
        const char *label;
        csigd_code code;
    } cases[] = {{"treasury", CSIGD_OK},
                 {"treasury/eu", CSIGD_OK},
                 {"treasury/eu/hot", CSIGD_NOT_FOUND},
                 {"treasury/e", CSIGD_NOT_FOUND},
                 {"treasury/us", CSIGD_NOT_FOUND}};
    csigd_wallet wallet;

    (void)state;
    assert_int_equal(s.store->wallet_get(s.store, octets(1), 1, &wallet), CSIGD_STORED);
    assert_string_equal(wallet.label, "treasury/eu");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const csigd_caller c = a_labelled(cases[i].label, CSIGD_ROLE_SIGN);

        assert_int_equal(ask(&c, CSIGD_ACT_REQUEST_CREATE, CSIGD_ABOUT_WALLET, 1), cases[i].code);
        assert_int_equal(ask(&c, CSIGD_ACT_REQUEST_READ, CSIGD_ABOUT_REQUEST, 3), cases[i].code);
        assert_int_equal(ask(&c, CSIGD_ACT_WALLET_READ, CSIGD_ABOUT_SESSION, 200), cases[i].code);
        assert_int_equal(ask(&c, CSIGD_ACT_WALLET_READ, CSIGD_ABOUT_WALLET, 8), CSIGD_NOT_FOUND);
        assert_int_equal(csigd_caller_has_wallet(&c, &wallet), cases[i].code == CSIGD_OK);
    }
}

static void labels_are_given_by_who_has_them(void **state)
{
    const csigd_caller maker = a_labelled("treasury", CSIGD_ROLE_CREATE);
    const csigd_caller signer = a_labelled("treasury", CSIGD_ROLE_SIGN);
    csigd_caller phone = a_device_caller(1), all = {.key = {.all_wallets = true}};

    (void)state;
    assert_int_equal(ask(&maker, CSIGD_ACT_WALLET_CREATE, CSIGD_ABOUT_NOTHING, 0), CSIGD_OK);
    assert_int_equal(ask(&signer, CSIGD_ACT_WALLET_CREATE, CSIGD_ABOUT_NOTHING, 0),
                     CSIGD_FORBIDDEN);
    assert_int_equal(ask(&maker, CSIGD_ACT_KEY_MANAGE, CSIGD_ABOUT_NOTHING, 0), CSIGD_FORBIDDEN);
    assert_true(csigd_caller_has_label(&maker, "treasury/eu"));
    assert_false(csigd_caller_has_label(&maker, "treasuries"));
    assert_false(csigd_caller_has_label(&maker, ""));
    assert_true(csigd_caller_has_label(&phone, ""));
    assert_false(csigd_caller_has_label(&phone, "treasury"));
    memcpy(phone.key.label, "team", 5);
    assert_true(csigd_caller_has_label(&phone, ""));
    assert_true(csigd_caller_has_label(&phone, "team/a"));
    assert_false(csigd_caller_has_label(&phone, "treasury"));
    assert_true(csigd_caller_has_label(&all, "anything") && csigd_caller_has_label(&all, ""));
    assert_true(csigd_caller_has_label(NULL, "anything"));
}

static void strangers_have_nothing_and_the_operator_everything(void **state)
{
    csigd_caller stranger = a_device_caller(1);

    (void)state;
    stranger.is_stranger = true;
    for (unsigned act = 0; act < CSIGD_ACT_COUNT; act++) {
        assert_int_equal(ask(&stranger, (csigd_act)act, CSIGD_ABOUT_WALLET, 1), CSIGD_FORBIDDEN);
        assert_int_equal(ask(NULL, (csigd_act)act, CSIGD_ABOUT_WALLET, 1), CSIGD_OK);
    }
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(a_device_moves_what_its_label_has),
        WITH(a_device_has_the_wallets_it_is_a_party_of),
        WITH(who_was_in_a_resharing_hears_what_became_of_the_epoch),
        WITH(a_backend_has_its_list),
        WITH(a_label_has_the_wallets_below_it),
        WITH(labels_are_given_by_who_has_them),
        WITH(strangers_have_nothing_and_the_operator_everything),
    };

    return csig_init() == CSIG_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
