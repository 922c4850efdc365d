/* The life of a session: honest runs over a bad network, what can be started, the holds, what is
 * wiped when. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/net.h"
#include "proto/toy.h"
#include "support/trap.h"

static toy_group g;

static int teardown(void **state)
{
    (void)state;
    toy_group_free(&g);
    return 0;
}

/* --- honest runs --- */

static void expect_agreement(void)
{
    csig_scalar zero;

    csig_scalar_set_u32(&zero, 0);
    for (uint16_t j = 0; j < g.n; j++) {
        assert_int_equal(csig_session_output(g.s[j], &toy_protocol), CSIG_OK);
        assert_true(csig_point_is_eq(&toy_state_of(g.s[j])->sum, &toy_state_of(g.s[0])->sum));
        assert_false(csig_scalar_is_eq(&toy_secret_of(g.s[j])->received, &zero));
        for (int i = 0; i < 4; i++)
            assert_int_equal(toy_state_of(g.s[j])->checks[i], 1);
    }
}

static void run_honest(uint16_t n, uint16_t last, uint64_t seed)
{
    network *net;

    toy_group_init(&g, n, (uint8_t)seed);
    toy_group_start(&g, &toy_protocol, last);
    net = net_new(g.s, n, seed);
    net->in_order = seed == 1;
    net->duplicate = (unsigned)(seed % 3) * 30;
    net->lose = (unsigned)(seed % 5) * 15;
    net_run(net);
    assert_true(net_is_all(net, CSIG_DONE));
    for (uint16_t j = 0; j < n; j++) {
        assert_int_equal(net->err[j], CSIG_OK);
        assert_int_equal(net->stores[j], j == n - 1 ? 2 : 1);
    }
    expect_agreement();
    net_free(net);
    toy_group_free(&g);
}

static void honest_parties_agree_over_a_bad_network(void **state)
{
    const uint16_t sizes[] = {2, 3, 5, 16};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(sizes); i++) {
        for (uint64_t seed = 1; seed <= (sizes[i] > 5 ? 2 : 20); seed++)
            run_honest(sizes[i], (uint16_t)(seed % 2 == 0 ? TOY_NOBODY : seed % sizes[i]), seed);
    }
}

static void the_one_who_moves_last_says_nothing_before_all_others(void **state)
{
    toy_mail first, second;

    (void)state;
    toy_group_init(&g, 3, 1);
    toy_group_start(&g, &toy_protocol, 2);
    first = toy_take(g.s[0]);
    second = toy_take(g.s[1]);
    assert_int_equal(csig_session_pending(g.s[2]), 0);
    assert_int_equal(toy_give(g.s[2], &first), CSIG_OK);
    assert_int_equal(csig_session_pending(g.s[2]), 0);
    assert_int_equal(toy_give(g.s[2], &second), CSIG_OK);
    assert_true(csig_session_pending(g.s[2]) > 0);
}

/* --- what can be started --- */

static void expect_parties_error(void)
{
    assert_int_equal(toy_session(&g, &toy_protocol, 0, false), CSIG_E_PARTIES);
    assert_null(g.s[0]);
    toy_group_init(&g, 3, 1);
}

static void impossible_sets_of_parties_are_refused(void **state)
{
    (void)state;
    toy_group_init(&g, 3, 1);
    g.n = 1;
    expect_parties_error();
    g.n = CSIG_MAX_PARTIES + 1;
    expect_parties_error();
    g.index[0] = 0;
    expect_parties_error();
    g.index[2] = CSIG_MAX_PARTIES + 1;
    expect_parties_error();
    g.index[1] = g.index[0];
    expect_parties_error();
    g.index[1] = g.index[2] + 1;
    expect_parties_error();
    memcpy(g.identity[2], g.identity[1], CSIG_ID_BYTES);
    expect_parties_error();
    g.key[0] = g.key[1];
    expect_parties_error();
    assert_int_equal(toy_session(&g, &toy_protocol, 3, false), CSIG_E_PARTIES);
    g.index[2] = CSIG_MAX_PARTIES;
    assert_int_equal(toy_session(&g, &toy_protocol, 0, false), CSIG_OK);
}

static void nothing_happens_before_the_start(void **state)
{
    toy_mail m;

    (void)state;
    toy_group_init(&g, 2, 1);
    assert_int_equal(toy_session(&g, &toy_protocol, 0, false), CSIG_OK);
    assert_int_equal(toy_session(&g, &toy_protocol, 1, false), CSIG_OK);
    assert_int_equal(csig_session_start(g.s[1]), CSIG_OK);
    m = toy_take(g.s[1]);
    assert_int_equal(toy_give(g.s[0], &m), CSIG_E_STATE);
    assert_int_equal(csig_session_pending(g.s[0]), 0);
    assert_int_equal(csig_session_start(g.s[0]), CSIG_OK);
    assert_int_equal(toy_give(g.s[0], &m), CSIG_OK);
    assert_int_equal(csig_session_start(g.s[0]), CSIG_E_STATE);
}

static void the_id_is_that_of_the_inputs(void **state)
{
    uint8_t id[32];

    (void)state;
    toy_group_init(&g, 2, 1);
    toy_group_start(&g, &toy_protocol, TOY_NOBODY);
    csig_session_id(g.s[0], id);
    assert_memory_equal(id, g.ssid[0].id, sizeof id);
}

static bool is_never(const csig_run *run, uint16_t from)
{
    (void)run, (void)from;
    return false;
}

static void start_table(void *round)
{
    const csig_round *const rounds[] = {round};
    csig_protocol p = toy_protocol;

    p.rounds = rounds;
    p.count = 1;
    (void)toy_session(&g, &p, 0, false);
}

static void a_table_that_cannot_work_is_our_own_bug(void **state)
{
    csig_round round = *toy_protocol.rounds[0];

    (void)state;
    toy_group_init(&g, 2, 1);
    assert_false(trap_is_hit(start_table, &round));
    round.due = is_never;
    assert_true(trap_is_hit(start_table, &round));
    round = *toy_protocol.rounds[1]; /* nobody has a key to encrypt to in round 1 */
    assert_true(trap_is_hit(start_table, &round));
}

/* --- the holds --- */

static void reach_store(uint16_t n)
{
    toy_group_init(&g, n, 1);
    toy_group_start(&g, &toy_protocol, TOY_NOBODY);
    assert_int_equal(csig_session_confirm(g.s[0]), CSIG_E_STATE);
    assert_int_equal(csig_session_output(g.s[0], &toy_protocol), CSIG_E_STATE);
    for (int i = 0; i < (n == 2 ? 2 : 4); i++)
        toy_sweep(&g);
    for (uint16_t j = 0; j < n; j++)
        assert_int_equal(csig_session_phase(g.s[j]), CSIG_STORE);
}

static void a_held_message_leaves_when_the_host_has_stored(void **state)
{
    const csig_protocol other = toy_protocol;

    (void)state;
    reach_store(3);
    assert_int_equal(csig_session_output(g.s[0], &toy_protocol), CSIG_OK);
    assert_int_equal(csig_session_output(g.s[0], &other), CSIG_E_STATE);
    assert_int_equal(csig_session_pending(g.s[0]), 0);
    assert_int_equal(csig_session_confirm(g.s[0]), CSIG_OK);
    assert_int_equal(csig_session_phase(g.s[0]), CSIG_RUNNING);
    assert_int_equal(csig_session_output(g.s[0], &toy_protocol), CSIG_E_STATE);
    assert_true(csig_session_pending(g.s[0]) > 0);
    assert_int_equal(csig_session_confirm(g.s[0]), CSIG_E_STATE);
}

static void messages_that_arrive_during_a_hold_wait(void **state)
{
    toy_mail ack;

    (void)state;
    reach_store(2);
    assert_int_equal(csig_session_confirm(g.s[1]), CSIG_OK);
    ack = toy_take(g.s[1]);
    assert_int_equal(toy_give(g.s[0], &ack), CSIG_OK);
    assert_int_equal(csig_session_phase(g.s[0]), CSIG_STORE);
    assert_int_equal(toy_state_of(g.s[0])->checks[2], 0);
    assert_int_equal(csig_session_confirm(g.s[0]), CSIG_OK);
    assert_int_equal(toy_state_of(g.s[0])->checks[2], 1);
    ack = toy_take(g.s[0]);
    assert_int_equal(toy_give(g.s[1], &ack), CSIG_OK);
    /* the committer holds again, the other has nothing to store and waits for it */
    assert_int_equal(csig_session_phase(g.s[0]), CSIG_RUNNING);
    assert_int_equal(csig_session_phase(g.s[1]), CSIG_STORE);
    assert_int_equal(csig_session_output(g.s[1], &toy_protocol), CSIG_OK);
    assert_int_equal(csig_session_confirm(g.s[1]), CSIG_OK);
    assert_int_equal(csig_session_phase(g.s[1]), CSIG_DONE);
    ack = toy_take(g.s[1]);
    assert_int_equal(toy_give(g.s[0], &ack), CSIG_OK);
    assert_int_equal(csig_session_phase(g.s[0]), CSIG_DONE);
}

static void a_cheat_is_seen_during_a_hold(void **state)
{
    csig_header h;
    toy_mail ack;

    (void)state;
    reach_store(2);
    assert_int_equal(csig_session_confirm(g.s[1]), CSIG_OK);
    ack = toy_take(g.s[1]);
    assert_int_equal(toy_give(g.s[0], &ack), CSIG_OK);
    toy_header(&h, &ack);
    ack.bytes[CSIG_HEADER_BYTES] ^= 1;
    toy_resign(&ack, &h, &g.key[1]);
    assert_int_equal(toy_give(g.s[0], &ack), CSIG_E_EQUIVOCATE);
    assert_int_equal(csig_session_phase(g.s[0]), CSIG_FAILED);
    assert_int_equal(csig_session_confirm(g.s[0]), CSIG_E_STATE);
    assert_int_equal(csig_session_output(g.s[0], &toy_protocol), CSIG_E_STATE);
}

/* --- what is wiped --- */

static bool is_zero(const void *p, size_t len)
{
    const uint8_t *b = p;

    for (size_t i = 0; i < len; i++) {
        if (b[i] != 0) return false;
    }
    return true;
}

static void failure_wipes_every_secret_at_once(void **state)
{
    toy_mail m = {.len = 0};
    csig_header h;

    (void)state;
    toy_group_init(&g, 2, 1);
    toy_group_start(&g, &toy_protocol, TOY_NOBODY);
    toy_sweep(&g);
    m = toy_take(g.s[1]);
    assert_false(is_zero(g.s[0]->secrets, g.s[0]->secrets_len));
    assert_true(csig_session_pending(g.s[0]) > 0);
    toy_header(&h, &m);
    m.bytes[CSIG_HEADER_BYTES + 40] ^= 1; /* u: the opening does not match */
    toy_resign(&m, &h, &g.key[1]);
    assert_int_equal(toy_give(g.s[0], &m), CSIG_OK);
    m = toy_take(g.s[1]);
    assert_int_equal(toy_give(g.s[0], &m), CSIG_E_COMMIT);
    assert_int_equal(csig_session_phase(g.s[0]), CSIG_FAILED);
    assert_true(is_zero(g.s[0]->secrets, g.s[0]->secrets_len));
    assert_int_equal(csig_session_pending(g.s[0]), 0);
    assert_null(g.s[0]->out);
    for (int i = 0; i < 2; i++)
        assert_true(is_zero(g.s[0]->slot[i], sizeof g.s[0]->slot[i]));
}

static void success_leaves_only_the_output(void **state)
{
    network *net;

    (void)state;
    toy_group_init(&g, 3, 1);
    toy_group_start(&g, &toy_protocol, TOY_NOBODY);
    net = net_new(g.s, 3, 1);
    net_run(net);
    assert_true(net_is_all(net, CSIG_DONE));
    net_free(net);
    for (uint16_t j = 0; j < 3; j++) {
        const csig_session *s = g.s[j];

        assert_true(is_zero(&s->secrets->key, sizeof s->secrets->key));
        assert_true(is_zero(&s->secrets->eph, sizeof s->secrets->eph));
        assert_true(is_zero(&s->secrets->rng, sizeof s->secrets->rng));
        assert_true(is_zero(s->p2p, s->run.n * s->p2p_stride + s->plain_len));
        assert_false(is_zero(s->run.secret, sizeof(toy_secret)));
    }
}

static void freeing_nothing_is_allowed(void **state)
{
    (void)state;
    csig_session_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(honest_parties_agree_over_a_bad_network, teardown),
        cmocka_unit_test_teardown(the_one_who_moves_last_says_nothing_before_all_others, teardown),
        cmocka_unit_test_teardown(impossible_sets_of_parties_are_refused, teardown),
        cmocka_unit_test_teardown(nothing_happens_before_the_start, teardown),
        cmocka_unit_test_teardown(the_id_is_that_of_the_inputs, teardown),
        cmocka_unit_test_teardown(a_table_that_cannot_work_is_our_own_bug, teardown),
        cmocka_unit_test_teardown(a_held_message_leaves_when_the_host_has_stored, teardown),
        cmocka_unit_test_teardown(messages_that_arrive_during_a_hold_wait, teardown),
        cmocka_unit_test_teardown(a_cheat_is_seen_during_a_hold, teardown),
        cmocka_unit_test_teardown(failure_wipes_every_secret_at_once, teardown),
        cmocka_unit_test_teardown(success_leaves_only_the_output, teardown),
        cmocka_unit_test_teardown(freeing_nothing_is_allowed, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
