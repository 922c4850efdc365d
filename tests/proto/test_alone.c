/* Held messages of rounds that go on without anybody else: one confirm covers all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "proto/net.h"
#include "proto/toy.h"

/* 1 hello, all; 2 and 3, all but the first, held; 4, the first. Each message is a number that
 * counts up. */
typedef struct number {
    uint32_t v;
} number;

static void number_wire(csig_wire *w, void *msg)
{
    number *m = msg;

    csig_u32_wire(w, &m->v);
}

static bool is_first(const csig_run *run, uint16_t from)
{
    (void)run;
    return from == 0;
}

static bool is_other(const csig_run *run, uint16_t from)
{
    return !is_first(run, from);
}

static csig_err make(csig_run *run, csig_out *out)
{
    uint32_t *count = run->open;
    number *m = out->bcast;

    m->v = (*count)++;
    return CSIG_OK;
}

#define NUMBER_ROUND(...)                                                                          \
    {                                                                                              \
        .name = "number", .bcast = number_wire, .bcast_size = sizeof(number), .make = make,        \
        __VA_ARGS__                                                                                \
    }
static const csig_round hello = NUMBER_ROUND(.echo = true);
static const csig_round assign = NUMBER_ROUND(.echo = true, .due = is_first);
static const csig_round held = NUMBER_ROUND(.hold = true, .due = is_other);
static const csig_round last = NUMBER_ROUND(.due = is_first);
static const csig_round held_last = NUMBER_ROUND(.hold = true, .due = is_other);

static size_t open_bytes(uint16_t n)
{
    (void)n;
    return sizeof(uint32_t);
}

static const csig_round *const answered[] = {&hello, &held, &held, &last};
static const csig_protocol answered_protocol = {
    .id = CSIG_PROTOCOL_TEST,
    .name = "answered",
    .rounds = answered,
    .count = CSIG_ARRAY_LEN(answered),
    .open_bytes = open_bytes,
};

static const csig_round *const final[] = {&hello, &held, &held_last};
static const csig_protocol final_protocol = {
    .id = CSIG_PROTOCOL_TEST,
    .name = "final",
    .rounds = final,
    .count = CSIG_ARRAY_LEN(final),
    .open_bytes = open_bytes,
};

/* Only the first speaks in round 1. */
static const csig_round *const assigned[] = {&assign, &held, &held, &last};
static const csig_protocol assigned_protocol = {
    .id = CSIG_PROTOCOL_TEST,
    .name = "assigned",
    .rounds = assigned,
    .count = CSIG_ARRAY_LEN(assigned),
    .open_bytes = open_bytes,
};

/* The held message of one who speaks alone is not passed over: when it is made late there is
 * nothing yet that could leave, and when it is echoed others must have seen it. */
static bool is_last(const csig_run *run, uint16_t from)
{
    return from == run->n - 1;
}

static const csig_round held_late = NUMBER_ROUND(.hold = true, .late = true, .due = is_last);
static const csig_round held_echo = NUMBER_ROUND(.hold = true, .echo = true, .due = is_last);
static const csig_round *const made_late[] = {&hello, &held_late, &last};
static const csig_round *const echoed[] = {&hello, &held_echo, &last};
static const csig_protocol alone_protocols[] = {
    {
        .id = CSIG_PROTOCOL_TEST,
        .name = "made late",
        .rounds = made_late,
        .count = CSIG_ARRAY_LEN(made_late),
        .open_bytes = open_bytes,
    },
    {
        .id = CSIG_PROTOCOL_TEST,
        .name = "echoed",
        .rounds = echoed,
        .count = CSIG_ARRAY_LEN(echoed),
        .open_bytes = open_bytes,
    },
};

static void run_all(const csig_protocol *protocol, uint16_t n, unsigned stores, uint64_t seed)
{
    toy_group g;
    network *net;

    toy_group_init(&g, n, 7);
    toy_group_start(&g, protocol, TOY_NOBODY);
    net = net_new(g.s, n, seed);
    net->duplicate = 30;
    net->lose = 20;
    net_run(net);
    assert_true(net_is_all(net, CSIG_DONE));
    assert_int_equal(net->stores[0], 0);
    for (uint16_t j = 1; j < n; j++)
        assert_int_equal(net->stores[j], stores);
    net_free(net);
    toy_group_free(&g);
}

static void one_confirm_for_two_parties(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 20; seed++) {
        run_all(&answered_protocol, 2, 1, seed);
        run_all(&final_protocol, 2, 1, seed);
        run_all(&assigned_protocol, 2, 1, seed);
    }
}

static void one_for_each_round_for_three(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 20; seed++) {
        run_all(&answered_protocol, 3, 2, seed);
        run_all(&final_protocol, 3, 2, seed);
        run_all(&assigned_protocol, 3, 2, seed);
    }
}

static void late_and_echoed_messages_of_one_are_not_passed_over(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(alone_protocols); i++) {
        for (uint64_t seed = 1; seed < 10; seed++) {
            toy_group g;
            network *net;

            toy_group_init(&g, 3, 7);
            toy_group_start(&g, &alone_protocols[i], TOY_NOBODY);
            net = net_new(g.s, 3, seed);
            net_run(net);
            assert_true(net_is_all(net, CSIG_DONE));
            assert_int_equal(net->stores[2], 1);
            net_free(net);
            toy_group_free(&g);
        }
    }
}

/* Nothing of the two leaves before the confirm, and the session is not through before it. */
static void nothing_leaves_early(void **state)
{
    uint8_t bytes[1024];
    toy_group g;
    size_t len;

    (void)state;
    toy_group_init(&g, 2, 9);
    toy_group_start(&g, &final_protocol, TOY_NOBODY);
    assert_int_equal(csig_session_send(g.s[1], bytes, sizeof bytes, &len), CSIG_OK);
    assert_int_equal(csig_session_send(g.s[0], bytes, sizeof bytes, &len), CSIG_OK);
    assert_int_equal(csig_session_recv(g.s[1], bytes, len), CSIG_OK);
    assert_int_equal(csig_session_phase(g.s[1]), CSIG_STORE);
    assert_int_equal(csig_session_pending(g.s[1]), 0);
    len = sizeof bytes;
    assert_int_equal(csig_session_unsent(g.s[1], bytes, &len), CSIG_OK);
    assert_int_equal(len, 2 * (CSIG_ENVELOPE_OVERHEAD + 4));
    assert_int_equal(csig_session_confirm(g.s[1]), CSIG_OK);
    assert_int_equal(csig_session_phase(g.s[1]), CSIG_DONE);
    assert_int_equal(csig_session_pending(g.s[1]), CSIG_ENVELOPE_OVERHEAD + 4);
    toy_group_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_confirm_for_two_parties),
        cmocka_unit_test(one_for_each_round_for_three),
        cmocka_unit_test(late_and_echoed_messages_of_one_are_not_passed_over),
        cmocka_unit_test(nothing_leaves_early),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
