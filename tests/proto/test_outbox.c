/* Envelopes waiting to leave: order, room, what is held, what is listed. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "proto/toy.h"

static toy_group g;

static int setup(void **state)
{
    (void)state;
    toy_group_init(&g, 2, 1);
    toy_group_start(&g, &toy_protocol, TOY_NOBODY);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    toy_group_free(&g);
    return 0;
}

static void too_little_room_loses_nothing(void **state)
{
    const size_t len = csig_session_pending(g.s[0]);
    uint8_t out[2048];
    size_t got = 0;

    (void)state;
    assert_true(len > 0);
    assert_int_equal(csig_session_send(g.s[0], out, len - 1, &got), CSIG_E_BUFFER);
    assert_int_equal(csig_session_send(g.s[0], NULL, sizeof out, &got), CSIG_E_BUFFER);
    assert_int_equal(csig_session_send(g.s[0], out, sizeof out, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_session_send(NULL, out, sizeof out, &got), CSIG_E_ARGUMENT);
    assert_int_equal(csig_session_pending(g.s[0]), len);
    assert_int_equal(csig_session_send(g.s[0], out, len, &got), CSIG_OK);
    assert_int_equal(got, len);
    assert_int_equal(csig_session_pending(g.s[0]), 0);
    assert_int_equal(csig_session_send(g.s[0], out, sizeof out, &got), CSIG_E_STATE);
}

static void envelopes_leave_in_the_order_they_were_made(void **state)
{
    const uint8_t casts[] = {CSIG_CAST_ALL, CSIG_CAST_ALL, CSIG_CAST_ONE};
    const uint8_t rounds[] = {1, 2, 2};
    toy_mail m = toy_take(g.s[1]);
    csig_header h;

    (void)state;
    assert_int_equal(toy_give(g.s[0], &m), CSIG_OK);
    for (size_t i = 0; i < 3; i++) {
        m = toy_take(g.s[0]);
        toy_header(&h, &m);
        assert_int_equal(h.cast, casts[i]);
        assert_int_equal(h.round, rounds[i]);
        assert_int_equal(h.from, g.index[0]);
        assert_int_equal(h.to, casts[i] == CSIG_CAST_ONE ? g.index[1] : CSIG_TO_ALL);
        assert_int_equal(m.len, CSIG_ENVELOPE_OVERHEAD + h.body_len);
        assert_int_equal(csig_envelope_verify(m.bytes, m.len, g.identity[0]), CSIG_OK);
    }
    assert_int_equal(csig_session_pending(g.s[0]), 0);
}

/* What a host stores before it confirms, to send the same octets for ever. */
static void what_is_held_can_be_listed(void **state)
{
    uint8_t list[2048];
    size_t len = 0, first = 0;
    toy_mail m;

    (void)state;
    toy_sweep(&g);
    toy_sweep(&g);
    assert_int_equal(csig_session_phase(g.s[0]), CSIG_STORE);
    assert_int_equal(csig_session_pending(g.s[0]), 0);
    assert_int_equal(csig_session_unsent(g.s[0], NULL, &len), CSIG_E_BUFFER);
    assert_true(len > 0);
    first = len;
    assert_int_equal(csig_session_unsent(g.s[0], NULL, &first), CSIG_E_BUFFER);
    first = len - 1;
    assert_int_equal(csig_session_unsent(g.s[0], list, &first), CSIG_E_BUFFER);
    assert_int_equal(first, len);
    first = sizeof list;
    assert_int_equal(csig_session_unsent(g.s[0], list, &first), CSIG_OK);
    assert_int_equal(first, len);
    assert_int_equal(csig_session_confirm(g.s[0]), CSIG_OK);
    m = toy_take(g.s[0]);
    assert_int_equal(m.len, len);
    assert_memory_equal(m.bytes, list, len);
    /* the stored octets are as good as the sent ones */
    assert_int_equal(csig_session_recv(g.s[1], list, len), CSIG_OK);
}

static void the_list_has_unsent_envelopes_before_held_ones(void **state)
{
    uint8_t list[2048];
    size_t len = sizeof list, at = 0, n = 0;
    toy_mail m[3] = {toy_take(g.s[1])};

    (void)state;
    assert_int_equal(toy_give(g.s[0], &m[0]), CSIG_OK);
    m[0] = toy_take(g.s[0]);
    assert_int_equal(toy_give(g.s[1], &m[0]), CSIG_OK);
    m[1] = toy_take(g.s[1]);
    m[2] = toy_take(g.s[1]);
    assert_int_equal(toy_give(g.s[0], &m[1]), CSIG_OK);
    assert_int_equal(toy_give(g.s[0], &m[2]), CSIG_OK);
    assert_int_equal(csig_session_phase(g.s[0]), CSIG_STORE);
    assert_int_equal(csig_session_unsent(g.s[0], list, &len), CSIG_OK);
    while (at < len) {
        size_t one = 0;

        assert_int_equal(csig_envelope_length(list + at, len - at, &one), CSIG_OK);
        at += one;
        n++;
    }
    assert_int_equal(at, len);
    assert_int_equal(n, 3); /* open, p2p, and the held ack */
    assert_true(toy_take(g.s[0]).len > 0);
    assert_true(toy_take(g.s[0]).len > 0);
    assert_int_equal(csig_session_pending(g.s[0]), 0);
}

static void nothing_to_list(void **state)
{
    size_t len = 7;
    uint8_t out[1];

    (void)state;
    (void)toy_take(g.s[0]);
    len = sizeof out;
    assert_int_equal(csig_session_unsent(g.s[0], out, &len), CSIG_OK);
    assert_int_equal(len, 0);
}

static csig_err make_p2p(csig_run *run, csig_out *out)
{
    for (uint16_t j = 0; j < run->n; j++) {
        if (out->p2p[j] != NULL) csig_scalar_set_u32(&((toy_p2p *)out->p2p[j])->s, 7);
    }
    return CSIG_OK;
}

/* Such a round is complete without a broadcast, and none is sent. */
static void a_round_of_pieces_for_one_has_no_broadcast(void **state)
{
    const csig_round only = {
        .name = "for one",
        .p2p = toy_protocol.rounds[1]->p2p,
        .p2p_size = sizeof(toy_p2p),
        .make = make_p2p,
    };
    const csig_round *const rounds[] = {toy_protocol.rounds[0], &only};
    csig_protocol p = toy_protocol;
    csig_header h;
    toy_mail m;

    (void)state;
    toy_group_free(&g);
    p.rounds = rounds;
    p.count = CSIG_ARRAY_LEN(rounds);
    toy_group_init(&g, 2, 1);
    toy_group_start(&g, &p, TOY_NOBODY);
    toy_sweep(&g);
    for (uint16_t j = 0; j < 2; j++) {
        m = toy_take(g.s[j]);
        toy_header(&h, &m);
        assert_int_equal(h.cast, CSIG_CAST_ONE);
        assert_int_equal(csig_session_pending(g.s[j]), 0);
        assert_int_equal(toy_give(g.s[1 - j], &m), CSIG_OK);
        assert_int_equal(csig_session_phase(g.s[1 - j]), CSIG_DONE);
    }
    toy_group_free(&g); /* while the tables are there */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(too_little_room_loses_nothing),
        TEST(envelopes_leave_in_the_order_they_were_made),
        TEST(what_is_held_can_be_listed),
        TEST(the_list_has_unsent_envelopes_before_held_ones),
        TEST(nothing_to_list),
        TEST(a_round_of_pieces_for_one_has_no_broadcast),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
