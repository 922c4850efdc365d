/* Buckets: what they hold, when they fill, who shares one; a clock that the test moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>

#include "http/metered.h"
#include "http/router.h"
#include "service/service.h"

static int64_t ticks;
static csigd_meter *meter;
static uint32_t seconds;
static csigd_problem why;

int64_t __wrap_csigd_clock_ticks(void);

int64_t __wrap_csigd_clock_ticks(void)
{
    return ticks;
}

static int setup(void **state)
{
    (void)state;
    ticks = 1000000;
    meter = csigd_meter_new();
    assert_non_null(meter);
    csigd_meter_set(meter, &(csigd_meter_plan){.key = 60, .wallet = 6, .address = 10});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    csigd_meter_free(meter);
    return 0;
}

static csigd_metered_id named(csigd_metered kind, uint8_t n)
{
    return csigd_metered_as(kind, &n, 1);
}

static bool is_taken(csigd_metered_id what, uint32_t n)
{
    return csigd_meter_has_taken(meter, &what, n, &seconds);
}

/* How many go at once. */
static unsigned all_of(csigd_metered_id what)
{
    unsigned n = 0;

    while (is_taken(what, 1))
        n++;
    return n;
}

static void a_bucket_fills_in_a_minute_from_the_start_on(void **state)
{
    const csigd_metered_id key = named(CSIGD_METER_KEY, 1);

    (void)state;
    assert_false(is_taken(key, 1));
    assert_int_equal(seconds, 1);
    ticks += 1000;
    assert_int_equal(all_of(key), 1);
    ticks += 999;
    assert_int_equal(all_of(key), 0);
    ticks += 1;
    assert_int_equal(all_of(key), 1);
    ticks += 30000;
    assert_int_equal(all_of(key), 30);
    ticks += 3600000;
    assert_int_equal(all_of(key), 60);
    /* One that is touched late is not fuller than one that was there all the time. */
    assert_int_equal(all_of(named(CSIGD_METER_KEY, 2)), 60);
}

/* Whatever is asked for and however often it starts again: in any minute at most twice the limit
 * (what was saved, and what comes), over a long time the limit. */
static void starting_again_gives_nothing(void **state)
{
    const csigd_metered_id wallet = named(CSIGD_METER_REQUESTS, 1);
    unsigned taken = 0;

    (void)state;
    for (unsigned i = 0; i < 600; i++) {
        ticks += 700;
        taken += all_of(wallet);
        if (i % 3 != 0) continue;
        csigd_meter_free(meter);
        meter = csigd_meter_new();
        csigd_meter_set(meter, &(csigd_meter_plan){.wallet = 6});
    }
    assert_true(taken <= 600 * 700 / 10000);
}

static void what_is_to_be_waited_is_said(void **state)
{
    const csigd_metered_id wallet = named(CSIGD_METER_SESSIONS, 1);

    (void)state;
    assert_false(is_taken(wallet, 1));
    assert_int_equal(seconds, 10);
    assert_false(is_taken(wallet, 3));
    assert_int_equal(seconds, 30);
    ticks += 9500;
    assert_false(is_taken(wallet, 1));
    assert_int_equal(seconds, 1);
    ticks += 500;
    assert_true(csigd_meter_has_room(meter, &wallet, 1, &seconds));
    assert_true(csigd_meter_has_room(meter, &wallet, 1, &seconds));
    assert_true(is_taken(wallet, 1));
    assert_false(csigd_meter_has_room(meter, &wallet, 1, &seconds));
    assert_int_equal(seconds, 10);
    /* More than it holds: when it is full. */
    ticks += 59999;
    assert_false(is_taken(wallet, 1000));
    assert_int_equal(seconds, 1);
    ticks += 1;
    assert_true(is_taken(wallet, 1000));
    assert_int_equal(all_of(wallet), 0);
}

static void nobody_spends_another_s(void **state)
{
    (void)state;
    ticks += 60000;
    assert_int_equal(all_of(named(CSIGD_METER_KEY, 1)), 60);
    assert_int_equal(all_of(named(CSIGD_METER_KEY, 2)), 60);
    assert_int_equal(all_of(named(CSIGD_METER_REQUESTS, 1)), 6);
    assert_int_equal(all_of(named(CSIGD_METER_SESSIONS, 1)), 6);
    assert_int_equal(all_of(named(CSIGD_METER_ADDRESS, 1)), 10);
    assert_int_equal(all_of(named(CSIGD_METER_REQUESTS, 1)), 0);
}

static void a_key_may_have_a_limit_of_its_own(void **state)
{
    csigd_metered_id key = named(CSIGD_METER_KEY, 1);

    (void)state;
    key.per_minute = 5;
    ticks += 3600000;
    assert_int_equal(all_of(key), 5);
    ticks += 12000;
    assert_int_equal(all_of(key), 1);
}

static void what_was_taken_for_nothing_comes_back(void **state)
{
    const csigd_metered_id key = named(CSIGD_METER_KEY, 1);

    (void)state;
    ticks += 60000;
    assert_int_equal(all_of(key), 60);
    csigd_meter_return(meter, &key, 2);
    assert_int_equal(all_of(key), 2);
    csigd_meter_return(meter, &key, 1000);
    assert_int_equal(all_of(key), 60);
    csigd_meter_return(meter, &key, 1);
    csigd_meter_return(meter, &key, 1000);
    assert_int_equal(all_of(key), 60);
}

static void what_nobody_needs_is_forgotten(void **state)
{
    (void)state;
    ticks += 60000;
    for (uint8_t i = 0; i < 100; i++)
        assert_true(is_taken(named(CSIGD_METER_KEY, i), 1));
    assert_int_equal(csigd_meter_count(meter), 100);
    csigd_meter_tidy(meter);
    assert_int_equal(csigd_meter_count(meter), 100);
    assert_int_equal(all_of(named(CSIGD_METER_KEY, 5)), 59);
    ticks += 1000;
    csigd_meter_tidy(meter);
    assert_int_equal(csigd_meter_count(meter), 1);
    assert_int_equal(all_of(named(CSIGD_METER_KEY, 5)), 1);
    ticks += 60000;
    csigd_meter_tidy(meter);
    assert_int_equal(csigd_meter_count(meter), 0);
}

static void a_key_has_so_many_octets_under_way(void **state)
{
    const csigd_metered_id key = named(CSIGD_METER_KEY, 1), other = named(CSIGD_METER_KEY, 2);

    (void)state;
    assert_true(csigd_meter_has_held(meter, &key, CSIGD_KEY_OCTETS_MAX - 1));
    assert_true(csigd_meter_has_held(meter, &key, 1));
    assert_false(csigd_meter_has_held(meter, &key, 1));
    assert_true(csigd_meter_has_held(meter, &other, CSIGD_KEY_OCTETS_MAX));
    ticks += 600000;
    csigd_meter_tidy(meter);
    assert_int_equal(csigd_meter_count(meter), 2);
    assert_false(csigd_meter_has_held(meter, &key, 1));
    csigd_meter_release(meter, &key, 5);
    assert_true(csigd_meter_has_held(meter, &key, 5));
    csigd_meter_release(meter, &key, CSIGD_KEY_OCTETS_MAX);
    csigd_meter_tidy(meter);
    assert_int_equal(csigd_meter_count(meter), 1);
    assert_false(csigd_meter_has_held(meter, &key, SIZE_MAX));
}

/* However many addresses somebody has, what is remembered of them has an end. */
static void too_many_addresses_are_one(void **state)
{
    unsigned taken = 0;

    (void)state;
    for (unsigned i = 1; i <= CSIGD_METER_ADDRESSES; i++)
        assert_true(is_taken(csigd_metered_as(CSIGD_METER_ADDRESS, (uint8_t *)&i, sizeof i), 1));
    for (unsigned i = 1u << 20; i < (1u << 20) + 1000; i++)
        taken += is_taken(csigd_metered_as(CSIGD_METER_ADDRESS, (uint8_t *)&i, sizeof i), 1);
    assert_int_equal(taken, 10);
    assert_int_equal(csigd_meter_count(meter), CSIGD_METER_ADDRESSES + 1);
}

/* --- connections --- */

static csigd_guest guest_at(const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return csigd_guest_at((const struct sockaddr *)(const void *)&v4);
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    return csigd_guest_at((const struct sockaddr *)(const void *)&v6);
}

static bool is_one_address(const char *a, const char *b)
{
    const csigd_guest x = guest_at(a), y = guest_at(b);

    return memcmp(&x.address, &y.address, sizeof x.address) == 0;
}

static void addresses_are_told_apart(void **state)
{
    const csigd_guest nobody = csigd_guest_at(NULL);

    (void)state;
    assert_true(is_one_address("192.0.2.1", "192.0.2.1"));
    assert_false(is_one_address("192.0.2.1", "192.0.2.2"));
    assert_true(is_one_address("192.0.2.1", "::ffff:192.0.2.1"));
    assert_true(is_one_address("2001:db8::1", "2001:db8::2:3"));
    assert_false(is_one_address("2001:db8::1", "2001:db8:0:1::1"));
    assert_int_equal(nobody.address.kind, CSIGD_METER_ADDRESS);
}

static void strangers_pay_with_their_address(void **state)
{
    csigd_guest guest = guest_at("192.0.2.1"), again = guest_at("192.0.2.1");
    const csigd_caller stranger = {.is_stranger = true}, known = {.key = {.id = {7}}};

    (void)state;
    ticks += 60000;
    for (unsigned i = 0; i < 10; i++)
        csigd_guest_blame(meter, &guest, CSIGD_BAD_SIGNATURE);
    assert_int_equal(csigd_guest_admit(meter, &again, &why), CSIGD_RATE_LIMITED);
    assert_string_equal(why.field, "address");
    assert_int_equal(why.retry_after, 6);
    assert_int_equal(csigd_metered_head(meter, &again, &stranger, &why), CSIGD_RATE_LIMITED);
    /* Who shows a good signature where that is possible goes on. */
    assert_int_equal(csigd_metered_head(meter, &guest, &known, &why), CSIGD_OK);
    assert_int_equal(csigd_guest_admit(meter, &guest, &why), CSIGD_OK);
    assert_int_equal(csigd_metered_key(meter, &known, 0, &why), CSIGD_OK);
    assert_int_equal(all_of(csigd_metered_caller(&known)), 59);
    /* What cost nothing is not counted twice. */
    ticks += 6000;
    csigd_guest_blame(meter, &again, CSIGD_RATE_LIMITED);
    assert_int_equal(csigd_guest_admit(meter, &again, &why), CSIGD_OK);
    assert_int_equal(csigd_metered_head(meter, &again, &stranger, &why), CSIGD_OK);
    assert_int_equal(csigd_guest_admit(meter, &again, &why), CSIGD_RATE_LIMITED);
    csigd_metered_return(meter, &again, &stranger, 0);
    assert_int_equal(csigd_guest_admit(meter, &again, &why), CSIGD_OK);
}

static void a_connection_of_nothing_but_refusals_ends(void **state)
{
    csigd_guest guest = guest_at("192.0.2.1");
    const csigd_caller known = {.key = {.id = {7}}};

    (void)state;
    ticks += 60000;
    for (unsigned i = 0; i < CSIGD_REFUSALS_MAX; i++) {
        assert_false(csigd_guest_is_out(&guest));
        csigd_guest_blame(meter, &guest, CSIGD_RATE_LIMITED);
    }
    assert_true(csigd_guest_is_out(&guest));
    assert_int_equal(csigd_metered_head(meter, &guest, &known, &why), CSIGD_OK);
    assert_false(csigd_guest_is_out(&guest));
}

static void large_bodies_cost_more(void **state)
{
    const csigd_caller c = {.key = {.id = {7}}};
    const csigd_guest nobody = csigd_guest_at(NULL);

    (void)state;
    ticks += 60000;
    assert_int_equal(csigd_metered_key(meter, &c, 0, &why), CSIGD_OK);
    assert_int_equal(csigd_metered_key(meter, &c, 64u << 10, &why), CSIGD_OK);
    assert_int_equal(csigd_metered_key(meter, &c, (64u << 10) + 1, &why), CSIGD_OK);
    assert_int_equal(all_of(csigd_metered_caller(&c)), 56);
    csigd_metered_return(meter, &nobody, &c, (64u << 10) + 1);
    assert_int_equal(all_of(csigd_metered_caller(&c)), 2);
    assert_int_equal(csigd_metered_key(meter, &c, 1, &why), CSIGD_RATE_LIMITED);
    assert_string_equal(why.field, "key");
    assert_int_equal(why.retry_after, 1);
    ticks += 60000;
    assert_int_equal(csigd_metered_key(meter, &c, 8u << 20, &why), CSIGD_OK);
    assert_int_equal(csigd_metered_head(meter, &(csigd_guest){.refused = 0}, &c, &why),
                     CSIGD_RATE_LIMITED);
}

/* How many of these the wallet has left. */
static unsigned left_for(const char *path)
{
    csigd_service service = {.meter = meter};
    csigd_call call = {.service = &service};
    const csigd_route *route;
    const char *allow;
    unsigned n = 0;

    assert_int_equal(csigd_route_find(&route, &call, &allow, "POST", path), CSIGD_OK);
    while (csigd_metered_wallet(&service, route, &call, &why) == CSIGD_OK)
        n++;
    assert_string_equal(why.field, "wallet");
    return n;
}

/* Each kind has a bucket of its own: who may only read keeps nobody from signing. */
static void questions_take_nothing_from_those_who_sign(void **state)
{
#define OF_WALLET "/v1/wallets/00112233445566778899aabbccddeeff/"
    (void)state;
    ticks += 60000;
    assert_int_equal(left_for(OF_WALLET "describe"), 6);
    assert_int_equal(left_for(OF_WALLET "requests"), 6);
    assert_int_equal(left_for(OF_WALLET "sessions"), 6);
    assert_int_equal(left_for(OF_WALLET "describe"), 0);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(a_bucket_fills_in_a_minute_from_the_start_on),
        WITH(starting_again_gives_nothing),
        WITH(what_is_to_be_waited_is_said),
        WITH(nobody_spends_another_s),
        WITH(a_key_may_have_a_limit_of_its_own),
        WITH(what_was_taken_for_nothing_comes_back),
        WITH(what_nobody_needs_is_forgotten),
        WITH(a_key_has_so_many_octets_under_way),
        WITH(too_many_addresses_are_one),
        WITH(addresses_are_told_apart),
        WITH(strangers_pay_with_their_address),
        WITH(a_connection_of_nothing_but_refusals_ends),
        WITH(large_bodies_cost_more),
        WITH(questions_take_nothing_from_those_who_sign),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
