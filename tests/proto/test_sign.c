/* Full signing by any set, to any collector, over a network that shuffles, duplicates and loses. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "proto/signing.h"
#include "proto/state.h"
#include "support/random.h"

static const uint32_t path[] = {0, 7, 2147483647};

static void sign_with(dealer *d, const uint16_t *index, uint16_t collector, size_t depth)
{
    const csig_intent intent = signing_intent(index[0] * 1000U + collector, path, depth);
    signing g;

    signing_init(&g, d, index);
    signing_sign(&g, &intent, collector, NULL);
    g.net->duplicate = 30;
    g.net->lose = 20;
    signing_run(&g);
    signing_expect_signature(&g, &intent);
    signing_free(&g);
}

static void two_of_two_to_either_collector(void **state)
{
    dealer *d = dealer_new(2, 2, true);
    const uint16_t both[] = {1, 2};

    (void)state;
    sign_with(d, both, 1, 0);
    sign_with(d, both, 2, 3);
    dealer_free(d);
}

static void two_of_three_any_pair(void **state)
{
    dealer *d = dealer_new(2, 3, true);
    const uint16_t pairs[][2] = {{1, 2}, {1, 3}, {2, 3}};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(pairs); i++)
        sign_with(d, pairs[i], pairs[i][i % 2], i);
    dealer_free(d);
}

static void three_of_three(void **state)
{
    dealer *d = dealer_new(3, 3, true);
    const uint16_t all[] = {1, 2, 3};

    (void)state;
    sign_with(d, all, 2, 1);
    dealer_free(d);
}

static void three_of_five(void **state)
{
    dealer *d = dealer_new(3, 5, true);
    const uint16_t sets[][3] = {{1, 2, 5}, {2, 4, 5}};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(sets); i++)
        sign_with(d, sets[i], sets[i][2 * i], 2 * i);
    dealer_free(d);
}

/* Without tables the same comes out, only slower. */
static void peers_without_tables(void **state)
{
    dealer *d = dealer_new(2, 2, false);
    const uint16_t both[] = {1, 2};

    (void)state;
    sign_with(d, both, 1, 1);
    dealer_free(d);
}

/* What travels in flow 7.1: two exchanges and the report; with mode server, the other way round. */
static void exchanges(uint16_t collector, size_t expected)
{
    dealer *d = dealer_new(2, 2, true);
    const uint16_t both[] = {1, 2};
    const csig_intent intent = signing_intent(1, NULL, 0);
    size_t turns = 0;
    signing g;

    signing_init(&g, d, both);
    signing_sign(&g, &intent, collector, NULL);
    /* The phone says all it can, then the server does. */
    for (int who = 0; csig_session_pending(g.s[who]) > 0; who = 1 - who) {
        turns++;
        for (size_t len; (len = csig_session_pending(g.s[who])) > 0;) {
            static uint8_t bytes[1 << 16];

            assert_int_equal(csig_session_send(g.s[who], bytes, sizeof bytes, &len), CSIG_OK);
            assert_int_equal(csig_session_recv(g.s[1 - who], bytes, len), CSIG_OK);
        }
    }
    assert_int_equal(turns, expected);
    signing_expect_signature(&g, &intent);
    signing_free(&g);
    dealer_free(d);
}

static void two_exchanges_and_a_report(void **state)
{
    (void)state;
    exchanges(1, 5); /* P, S, P, S; the report */
    exchanges(2, 6); /* P, S, P, S; sigma, signature */
}

/* Sessions over one share at the same time do not disturb each other. */
static void concurrent_sessions(void **state)
{
    dealer *d = dealer_new(2, 2, true);
    const uint16_t both[] = {1, 2};
    const csig_intent one = signing_intent(1, path, 1), two = signing_intent(2, path, 2);
    signing a, b;

    (void)state;
    signing_init(&a, d, both);
    signing_init(&b, d, both);
    signing_sign(&a, &one, 1, NULL);
    signing_sign(&b, &two, 2, NULL);
    signing_run(&a);
    signing_run(&b);
    signing_expect_signature(&a, &one);
    signing_expect_signature(&b, &two);
    signing_free(&a);
    signing_free(&b);
    dealer_free(d);
}

static bool is_zero(const void *p, size_t len)
{
    const uint8_t *b = p;

    for (size_t i = 0; i < len; i++) {
        if (b[i] != 0) return false;
    }
    return true;
}

/* What a session must have forgotten when this round's message is made. */
static void expect_forgotten(const csig_session *s, uint8_t made)
{
    const csig_presign_secret *secret = s->run.secret;

    if (made >= 2) {
        assert_true(is_zero(&secret->gamma, sizeof secret->gamma));
        assert_true(is_zero(&secret->b, sizeof secret->b));
        assert_true(is_zero(&secret->w, sizeof secret->w));
        assert_true(is_zero(secret->masks, s->run.n * sizeof secret->masks[0]));
    } else {
        assert_false(is_zero(&secret->gamma, sizeof secret->gamma));
    }
    if (made >= 3) {
        assert_true(is_zero(&secret->a, sizeof secret->a));
        assert_true(is_zero(&secret->y, sizeof secret->y));
        assert_true(is_zero(&secret->delta, sizeof secret->delta));
    } else {
        assert_false(is_zero(&secret->a, sizeof secret->a));
    }
    if (made < 4) {
        assert_false(is_zero(&secret->k, sizeof secret->k));
        return;
    }
    assert_true(is_zero(&secret->k, sizeof secret->k));
    assert_true(is_zero(&secret->chi, sizeof secret->chi));
    assert_true(is_zero(&secret->half.k, sizeof secret->half.k));
    assert_true(is_zero(&secret->half.chi, sizeof secret->half.chi));
}

/* Secrets go with their last use, long before the session ends. */
static void secrets_are_forgotten_on_the_way(void **state)
{
    dealer *d = dealer_new(2, 2, true);
    const uint16_t both[] = {1, 2};
    const csig_intent intent = signing_intent(4, NULL, 0);
    static uint8_t bytes[1 << 16];
    signing g;
    size_t len;

    (void)state;
    signing_init(&g, d, both);
    signing_sign(&g, &intent, 1, NULL);
    for (int who = 0; csig_session_pending(g.s[who]) > 0; who = 1 - who) {
        while (csig_session_pending(g.s[who]) > 0) {
            uint8_t made = 0;

            for (uint8_t round = 1; round <= csig_sign_protocol.count; round++) {
                static const uint8_t none[32];
                const uint8_t *hash = g.s[who]->seen_hash[round - 1][who][CSIG_CAST_ALL];

                if (memcmp(hash, none, sizeof none) != 0) made = round;
            }
            expect_forgotten(g.s[who], made);
            assert_int_equal(csig_session_send(g.s[who], bytes, sizeof bytes, &len), CSIG_OK);
            assert_int_equal(csig_session_recv(g.s[1 - who], bytes, len), CSIG_OK);
        }
    }
    for (int who = 0; who < 2; who++) {
        assert_int_equal(csig_session_phase(g.s[who]), CSIG_DONE);
        expect_forgotten(g.s[who], 5);
    }
    signing_free(&g);
    dealer_free(d);
}

static int setup(void **state)
{
    (void)state;
    random_seed(31);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_of_two_to_either_collector),
        cmocka_unit_test(two_of_three_any_pair),
        cmocka_unit_test(three_of_three),
        cmocka_unit_test(three_of_five),
        cmocka_unit_test(peers_without_tables),
        cmocka_unit_test(two_exchanges_and_a_report),
        cmocka_unit_test(concurrent_sessions),
        cmocka_unit_test(secrets_are_forgotten_on_the_way),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
