/* What follows from what is there: echoes before anything is opened (C4), checks that name the
 * culprit (C5), steps, and failures of every class in every place. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "proto/liar.h"
#include "proto/toy.h"

static toy_group g;
static network *net;

static int setup(void **state)
{
    (void)state;
    toy_group_init(&g, 3, 1);
    net = NULL;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    net_free(net);
    net = NULL;
    toy_group_free(&g);
    return 0;
}

static void start(uint16_t n, uint64_t seed)
{
    net_free(net);
    toy_group_free(&g);
    toy_group_init(&g, n, (uint8_t)seed);
    toy_group_start(&g, &toy_protocol, TOY_NOBODY);
    net = net_new(g.s, n, seed);
}

static void expect_blame(uint16_t at, csig_err err, uint16_t culprit, uint8_t round)
{
    const csig_blame blame = toy_blame(g.s[at]);

    assert_int_equal(csig_session_phase(g.s[at]), CSIG_FAILED);
    assert_int_equal(blame.err, err);
    assert_int_equal(blame.culprit, culprit);
    assert_int_equal(blame.round, round);
    assert_int_equal(csig_session_pending(g.s[at]), 0);
}

/* Whoever failed says this. Others may wait for ever for an echo: who fails sends nothing more.
 * Returns how many failed. */
static unsigned expect_verdict(uint16_t cheat, csig_err err, uint16_t culprit, uint8_t round)
{
    unsigned failed = 0;

    for (uint16_t j = 0; j < g.n; j++) {
        const csig_phase phase = csig_session_phase(g.s[j]);

        if (j == cheat) continue;
        assert_true(g.s[j]->round < round);
        if (phase == CSIG_RUNNING) continue;
        expect_blame(j, err, culprit, round);
        failed++;
    }
    return failed;
}

/* --- echo --- */

static void other_commitment(void *ctx, void *msg)
{
    toy_commit *m = msg;

    (void)ctx;
    m->V[0] ^= 1;
}

static void c4_a_two_faced_broadcast_ends_before_anything_is_opened(void **state)
{
    unsigned failed = 0;
    liar l;

    (void)state;
    for (uint16_t n = 3; n <= 5; n++) {
        for (uint64_t seed = 1; seed <= 10; seed++) {
            start(n, seed);
            liar_init(&l, net, 1, &g.key[1]);
            l.round = 1, l.piece = LIAR_BCAST, l.edit = other_commitment;
            l.to = seed % 2 == 0 ? 0 : 2;
            net_run(net);
            assert_int_equal(l.told, 1);
            failed += expect_verdict(1, CSIG_E_ECHO, 0, 1);
            for (uint16_t j = 0; j < n; j++)
                assert_true(j == 1 || toy_state_of(g.s[j])->checks[0] == 0);
        }
    }
    /* the liar's own session ends too, sometimes before its echo leaves: then all wait */
    assert_true(failed > 30);
}

static void other_opening(void *ctx, void *msg)
{
    toy_open *m = msg;

    (void)ctx;
    m->u[0] ^= 1;
}

static void c4_a_two_faced_opening_is_not_blamed_on_its_content(void **state)
{
    liar l;

    (void)state;
    start(3, 1);
    liar_init(&l, net, 0, &g.key[0]);
    l.round = 2, l.piece = LIAR_BCAST, l.edit = other_opening, l.to = 1;
    net_run(net);
    expect_blame(1, CSIG_E_ECHO, 0, 2);
    expect_blame(2, CSIG_E_ECHO, 0, 2);
}

static void other_echo(void *ctx, uint8_t *piece, size_t len)
{
    (void)ctx;
    piece[len - 1] ^= 0x80;
}

static void a_false_echo_names_nobody(void **state)
{
    liar l;

    (void)state;
    for (uint8_t round = 1; round <= 3; round++) {
        start(3, round);
        liar_init(&l, net, 2, &g.key[2]);
        l.round = round, l.piece = LIAR_ECHO, l.edit_raw = other_echo;
        net_run(net);
        expect_blame(0, CSIG_E_ECHO, 0, round);
        expect_blame(1, CSIG_E_ECHO, 0, round);
    }
}

static void nothing_is_checked_before_every_echo_is_there(void **state)
{
    liar l;

    (void)state;
    start(3, 1);
    liar_init(&l, net, 2, &g.key[2]);
    l.round = 1, l.piece = LIAR_ECHO, l.silent = true;
    net_run(net);
    assert_int_equal(l.told, 2);
    for (uint16_t j = 0; j < 2; j++) {
        assert_int_equal(csig_session_phase(g.s[j]), CSIG_RUNNING);
        assert_int_equal(toy_state_of(g.s[j])->checks[0], 0);
    }
}

static void count_echoes(void *ctx, network *w, net_packet *p)
{
    csig_header h;

    (void)w;
    liar_header_read(&h, p);
    if (h.cast == CSIG_CAST_ECHO) ++*(unsigned *)ctx;
}

static void echoes_are_for_more_than_two(void **state)
{
    (void)state;
    for (uint16_t n = 2; n <= 4; n++) {
        unsigned echoes = 0;

        start(n, 1);
        net->tap = count_echoes;
        net->tap_ctx = &echoes;
        net_run(net);
        assert_true(net_is_all(net, CSIG_DONE));
        /* in the three rounds that echo, from each to each */
        assert_int_equal(echoes, n == 2 ? 0 : 3 * n * (n - 1));
    }
}

/* --- checks --- */

/* Party 1 repeats party 0's commitment, and later its opening. Two parties: no echo helps. */
static void c5_a_mirrored_commitment_does_not_open(void **state)
{
    toy_mail m, mine, p2p;
    csig_header h;

    (void)state;
    start(2, 1);
    m = toy_take(g.s[0]);
    assert_int_equal(toy_give(g.s[1], &m), CSIG_OK);
    mine = toy_take(g.s[1]);
    toy_header(&h, &mine);
    memcpy(mine.bytes + mine.len - CSIG_ED_SIG_BYTES - 64, m.bytes + m.len - CSIG_ED_SIG_BYTES - 64,
           64);
    toy_resign(&mine, &h, &g.key[1]);
    assert_int_equal(toy_give(g.s[0], &mine), CSIG_OK);
    m = toy_take(g.s[0]); /* the victim opens */
    mine = toy_take(g.s[1]);
    p2p = toy_take(g.s[1]);
    toy_header(&h, &mine);
    memcpy(mine.bytes + CSIG_HEADER_BYTES, m.bytes + CSIG_HEADER_BYTES, 33 + 32);
    toy_resign(&mine, &h, &g.key[1]);
    assert_int_equal(toy_give(g.s[0], &mine), CSIG_OK);
    assert_int_equal(toy_give(g.s[0], &p2p), CSIG_E_COMMIT);
    expect_blame(0, CSIG_E_COMMIT, g.index[1], 2);
    assert_string_equal(toy_blame(g.s[0]).where, "toy/2 open");
}

static void all_honest_parties_name_the_same_culprit(void **state)
{
    liar l;

    (void)state;
    for (uint16_t n = 2; n <= 5; n++) {
        for (uint16_t who = 0; who < n; who++) {
            start(n, who + 1U);
            liar_init(&l, net, who, &g.key[who]);
            l.round = 2, l.piece = LIAR_BCAST, l.edit = other_opening;
            net_run(net);
            assert_int_equal(l.told, n - 1);
            assert_true(expect_verdict(who, CSIG_E_COMMIT, g.index[who], 2) > 0);
        }
    }
}

/* --- failures of every class in every place --- */

static void fail_at(uint8_t round, int where, csig_err err, uint16_t culprit)
{
    toy_state *st;

    net_free(net);
    toy_group_free(&g);
    toy_group_init(&g, 3, 1);
    for (uint16_t j = 0; j < 3; j++) {
        assert_int_equal(toy_session(&g, &toy_protocol, j, false), CSIG_OK);
        if (j == 2) {
            st = toy_state_of(g.s[2]);
            st->fault.round = round;
            st->fault.where = (unsigned char)where;
            st->fault.err = err;
            st->fault.culprit = culprit;
        }
        assert_int_equal(csig_session_start(g.s[j]),
                         j == 2 && round == 1 && where == TOY_MAKE ? err : CSIG_OK);
    }
    net = net_new(g.s, 3, 1);
    net_run(net);
}

/* Party 2 is the committer too: it makes a message in all four rounds. */
static void a_failing_make_is_nobodys_fault(void **state)
{
    const csig_err errs[] = {CSIG_E_ENGINE,   CSIG_E_MEMORY, CSIG_E_RANGE,
                             CSIG_E_ARGUMENT, CSIG_E_EPOCH,  CSIG_E_PROOF};

    (void)state;
    for (uint8_t round = 1; round <= 4; round++) {
        for (size_t i = 0; i < CSIG_ARRAY_LEN(errs); i++) {
            fail_at(round, TOY_MAKE, errs[i], 3);
            expect_blame(2, errs[i], 0, round);
            assert_int_equal(csig_session_phase(g.s[0]), CSIG_RUNNING);
        }
    }
}

static void a_failing_check_is_the_senders_fault(void **state)
{
    const struct {
        csig_err err, blamed;
        bool cheat;
    } cases[] = {
        {CSIG_E_PROOF, CSIG_E_PROOF, true},    {CSIG_E_MODULUS, CSIG_E_MODULUS, true},
        {CSIG_E_FORMAT, CSIG_E_MESSAGE, true}, /* malformed within: signed by the sender */
        {CSIG_E_POINT, CSIG_E_MESSAGE, true},  {CSIG_E_RANGE, CSIG_E_MESSAGE, true},
        {CSIG_E_ENGINE, CSIG_E_ENGINE, false}, {CSIG_E_MEMORY, CSIG_E_MEMORY, false},
        {CSIG_E_EPOCH, CSIG_E_EPOCH, false},   {CSIG_E_ARGUMENT, CSIG_E_ARGUMENT, false},
    };

    (void)state;
    for (uint8_t round = 1; round <= 3; round++) {
        for (size_t i = 0; i < CSIG_ARRAY_LEN(cases); i++) {
            fail_at(round, TOY_CHECK, cases[i].err, 3);
            expect_blame(2, cases[i].blamed, cases[i].cheat ? g.index[0] : 0, round);
        }
    }
}

static void a_failing_step_names_whom_it_can(void **state)
{
    (void)state;
    for (uint8_t round = 1; round <= 2; round++) {
        fail_at(round, TOY_STEP, CSIG_E_SUM, 1);
        expect_blame(2, CSIG_E_SUM, g.index[1], round);
        fail_at(round, TOY_STEP, CSIG_E_SUM, 3);
        expect_blame(2, CSIG_E_SUM, 0, round);
        /* not a cheat: nobody is to blame, whatever it says */
        fail_at(round, TOY_STEP, CSIG_E_ENGINE, 1);
        expect_blame(2, CSIG_E_ENGINE, 0, round);
        fail_at(round, TOY_STEP, CSIG_E_FORMAT, 1);
        expect_blame(2, CSIG_E_FORMAT, 0, round);
    }
    fail_at(4, TOY_STEP, CSIG_E_OUTPUT, 3);
    expect_blame(2, CSIG_E_OUTPUT, 0, 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(c4_a_two_faced_broadcast_ends_before_anything_is_opened),
        TEST(c4_a_two_faced_opening_is_not_blamed_on_its_content),
        TEST(a_false_echo_names_nobody),
        TEST(nothing_is_checked_before_every_echo_is_there),
        TEST(echoes_are_for_more_than_two),
        TEST(c5_a_mirrored_commitment_does_not_open),
        TEST(all_honest_parties_name_the_same_culprit),
        TEST(a_failing_make_is_nobodys_fault),
        TEST(a_failing_check_is_the_senders_fault),
        TEST(a_failing_step_names_whom_it_can),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
