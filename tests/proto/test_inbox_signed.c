/* Validly signed envelopes: repeated, different from before, early, late, not due, of wrong length.
 * What is wrong with them is their sender's fault. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/toy.h"

static toy_group g;
static toy_mail first[3]; /* everybody's broadcast of round 1 */

static int setup(void **state)
{
    (void)state;
    toy_group_init(&g, 3, 1);
    toy_group_start(&g, &toy_protocol, TOY_NOBODY);
    for (uint16_t j = 0; j < 3; j++)
        first[j] = toy_take(g.s[j]);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    toy_group_free(&g);
    return 0;
}

/* --- repeated --- */

static void expect_ignored(const toy_mail *m)
{
    static csig_session before;
    static csig_rng rng;

    memcpy(&before, g.s[0], sizeof before);
    rng = g.s[0]->secrets->rng;
    assert_int_equal(toy_give(g.s[0], m), CSIG_OK);
    assert_memory_equal(&before, g.s[0], sizeof before);
    assert_memory_equal(&rng, &g.s[0]->secrets->rng, sizeof rng);
}

static void the_same_octets_again_change_nothing(void **state)
{
    (void)state;
    assert_int_equal(toy_give(g.s[0], &first[1]), CSIG_OK);
    expect_ignored(&first[1]);
    assert_int_equal(toy_give(g.s[0], &first[2]), CSIG_OK);
    expect_ignored(&first[1]); /* while the echoes are under way */
    assert_int_equal(toy_give(g.s[1], &first[0]), CSIG_OK);
    assert_int_equal(toy_give(g.s[1], &first[2]), CSIG_OK);
    assert_int_equal(toy_give(g.s[2], &first[0]), CSIG_OK);
    assert_int_equal(toy_give(g.s[2], &first[1]), CSIG_OK);
    toy_sweep(&g);
    assert_int_equal(g.s[0]->round, 1);
    expect_ignored(&first[2]); /* late */
}

static void expect_failed(csig_err err, uint16_t culprit, uint8_t round)
{
    const csig_blame blame = toy_blame(g.s[0]);
    const char *names[] = {"toy/1 commit", "toy/2 open", "toy/3 ack", "toy/4 born"};
    csig_blame later;

    assert_int_equal(csig_session_phase(g.s[0]), CSIG_FAILED);
    assert_int_equal(blame.err, err);
    assert_int_equal(blame.culprit, culprit);
    assert_int_equal(blame.round, round);
    assert_string_equal(blame.where, names[round - 1]);
    /* nothing leaves, nothing is taken, the blame stays */
    assert_int_equal(csig_session_pending(g.s[0]), 0);
    assert_int_equal(toy_give(g.s[0], &first[2]), CSIG_E_STATE);
    later = toy_blame(g.s[0]);
    assert_memory_equal(&blame, &later, sizeof blame);
}

static void give_twice_differently(toy_mail m)
{
    csig_header h;

    toy_header(&h, &m);
    assert_int_equal(toy_give(g.s[0], &m), CSIG_OK);
    m.bytes[CSIG_HEADER_BYTES] ^= 1;
    toy_resign(&m, &h, &g.key[1]);
    assert_int_equal(toy_give(g.s[0], &m), CSIG_E_EQUIVOCATE);
    expect_failed(CSIG_E_EQUIVOCATE, g.index[1], h.round);
}

static void two_different_broadcasts_name_the_sender(void **state)
{
    (void)state;
    give_twice_differently(first[1]);
}

/* Round 1 over, its broadcasts and echoes delivered; everybody's messages of round 2 wait. */
static void reach_round_2(void)
{
    for (uint16_t i = 0; i < 3; i++) {
        for (uint16_t j = 0; j < 3; j++) {
            if (i != j) assert_int_equal(toy_give(g.s[i], &first[j]), CSIG_OK);
        }
    }
    toy_sweep(&g);
    assert_int_equal(g.s[0]->round, 1);
}

static void two_different_broadcasts_are_seen_even_later(void **state)
{
    toy_mail m = first[1];
    csig_header h;

    (void)state;
    reach_round_2();
    toy_header(&h, &m);
    m.bytes[CSIG_HEADER_BYTES] ^= 1;
    toy_resign(&m, &h, &g.key[1]);
    assert_int_equal(toy_give(g.s[0], &m), CSIG_E_EQUIVOCATE);
    expect_failed(CSIG_E_EQUIVOCATE, g.index[1], 1);
}

static void two_different_p2p_messages_name_the_sender(void **state)
{
    (void)state;
    reach_round_2();
    (void)toy_take(g.s[1]);
    give_twice_differently(toy_take(g.s[1]));
}

static void two_different_echoes_name_the_sender(void **state)
{
    (void)state;
    assert_int_equal(toy_give(g.s[1], &first[0]), CSIG_OK);
    assert_int_equal(toy_give(g.s[1], &first[2]), CSIG_OK);
    give_twice_differently(toy_take(g.s[1]));
}

/* --- early and late --- */

static void what_is_taken_goes_into_the_randomness(void **state)
{
    uint8_t heard[64];

    (void)state;
    memcpy(heard, g.s[0]->secrets->rng.heard, sizeof heard);
    assert_int_equal(toy_give(g.s[0], &first[1]), CSIG_OK);
    assert_memory_not_equal(heard, g.s[0]->secrets->rng.heard, sizeof heard);
}

static void one_round_ahead_is_kept(void **state)
{
    toy_mail open, p2p, echo[3];

    (void)state;
    for (uint16_t i = 1; i < 3; i++) {
        for (uint16_t j = 0; j < 3; j++) {
            if (i != j) assert_int_equal(toy_give(g.s[i], &first[j]), CSIG_OK);
        }
        echo[i] = toy_take(g.s[i]);
    }
    assert_int_equal(toy_give(g.s[0], &first[1]), CSIG_OK);
    assert_int_equal(toy_give(g.s[0], &first[2]), CSIG_OK);
    echo[0] = toy_take(g.s[0]);
    assert_int_equal(toy_give(g.s[1], &echo[0]), CSIG_OK);
    assert_int_equal(toy_give(g.s[1], &echo[2]), CSIG_OK);
    open = toy_take(g.s[1]);
    p2p = toy_take(g.s[1]);
    assert_int_equal(g.s[0]->round, 0);
    assert_int_equal(toy_give(g.s[0], &open), CSIG_OK);
    assert_int_equal(toy_give(g.s[0], &p2p), CSIG_OK);
    expect_ignored(&open);
    assert_int_equal(toy_give(g.s[0], &echo[1]), CSIG_OK);
    assert_int_equal(toy_give(g.s[0], &echo[2]), CSIG_OK);
    assert_int_equal(g.s[0]->round, 1);
    expect_ignored(&open);
    expect_ignored(&p2p);
    assert_true(g.s[0]->seen[1][1][CSIG_CAST_ALL]);
}

static void there_is_no_round_after_the_last(void **state)
{
    csig_header h;

    (void)state;
    reach_round_2();
    for (int i = 0; i < 3; i++)
        toy_sweep(&g);
    assert_int_equal(g.s[0]->round + 1, 3);
    toy_header(&h, &first[1]);
    h.round = 5;
    h.body_len = 4;
    toy_resign(&first[1], &h, &g.key[1]);
    assert_int_equal(toy_give(g.s[0], &first[1]), CSIG_E_ROUND);
    assert_int_equal(csig_session_phase(g.s[0]), CSIG_STORE);
}

static void early_messages_can_equivocate_too(void **state)
{
    csig_header h;

    (void)state;
    toy_header(&h, &first[1]);
    h.round = 2;
    h.cast = CSIG_CAST_ECHO;
    h.body_len = CSIG_HASH_BYTES;
    toy_resign(&first[1], &h, &g.key[1]);
    give_twice_differently(first[1]);
}

static void too_early_can_come_again_in_time(void **state)
{
    toy_mail m = first[2];
    csig_header h;

    (void)state;
    toy_header(&h, &m);
    h.round = 2 + CSIG_ROUNDS_AHEAD;
    h.body_len = 4;
    toy_resign(&m, &h, &g.key[2]);
    assert_int_equal(toy_give(g.s[0], &m), CSIG_E_ROUND);
    assert_int_equal(csig_session_phase(g.s[0]), CSIG_RUNNING);
    reach_round_2();
    assert_int_equal(toy_give(g.s[0], &m), CSIG_OK);
}

/* --- signed, but not what is due --- */

static void expect_not_due(uint8_t round, csig_cast cast, uint32_t body_len)
{
    toy_mail m = first[1];
    csig_header h;

    toy_header(&h, &m);
    h.round = round;
    h.cast = (uint8_t)cast;
    h.to = cast == CSIG_CAST_ONE ? g.index[0] : CSIG_TO_ALL;
    h.body_len = body_len;
    toy_resign(&m, &h, &g.key[1]);
    assert_int_equal(toy_give(g.s[0], &m), CSIG_E_MESSAGE);
    expect_failed(CSIG_E_MESSAGE, g.index[1], round);
    teardown(NULL);
    setup(NULL);
}

static void a_signed_message_of_wrong_length_is_cheating(void **state)
{
    const uint32_t right = (uint32_t)(first[1].len - CSIG_ENVELOPE_OVERHEAD);

    (void)state;
    expect_not_due(1, CSIG_CAST_ALL, 0);
    expect_not_due(1, CSIG_CAST_ALL, right - 1);
    expect_not_due(1, CSIG_CAST_ALL, right + 1);
    expect_not_due(2, CSIG_CAST_ALL, right);
    expect_not_due(1, CSIG_CAST_ECHO, CSIG_HASH_BYTES - 1);
    expect_not_due(2, CSIG_CAST_ONE, 32 + CSIG_BOX_TAG_BYTES + 1);
}

static void a_signed_message_that_is_not_due_is_cheating(void **state)
{
    (void)state;
    expect_not_due(1, CSIG_CAST_ONE, 0);
    expect_not_due(1, CSIG_CAST_ONE, 32 + CSIG_BOX_TAG_BYTES);
}

static void with_two_parties_an_echo_is_not_due(void **state)
{
    csig_header h;

    (void)state;
    teardown(NULL);
    toy_group_init(&g, 2, 1);
    toy_group_start(&g, &toy_protocol, TOY_NOBODY);
    first[1] = toy_take(g.s[1]);
    toy_header(&h, &first[1]);
    h.cast = CSIG_CAST_ECHO;
    h.body_len = CSIG_HASH_BYTES;
    toy_resign(&first[1], &h, &g.key[1]);
    assert_int_equal(toy_give(g.s[0], &first[1]), CSIG_E_MESSAGE);
    expect_failed(CSIG_E_MESSAGE, g.index[1], 1);
}

static void a_party_that_is_not_due_may_not_speak(void **state)
{
    toy_mail m = first[1];
    csig_header h;

    (void)state;
    reach_round_2();
    for (int i = 0; i < 3; i++)
        toy_sweep(&g);
    assert_int_equal(csig_session_phase(g.s[0]), CSIG_STORE);
    toy_header(&h, &m);
    h.round = 4;
    h.body_len = 4;
    toy_resign(&m, &h, &g.key[1]);
    assert_int_equal(toy_give(g.s[0], &m), CSIG_E_MESSAGE);
    expect_failed(CSIG_E_MESSAGE, g.index[1], 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_same_octets_again_change_nothing),
        TEST(two_different_broadcasts_name_the_sender),
        TEST(two_different_broadcasts_are_seen_even_later),
        TEST(two_different_p2p_messages_name_the_sender),
        TEST(two_different_echoes_name_the_sender),
        TEST(what_is_taken_goes_into_the_randomness),
        TEST(one_round_ahead_is_kept),
        TEST(there_is_no_round_after_the_last),
        TEST(early_messages_can_equivocate_too),
        TEST(too_early_can_come_again_in_time),
        TEST(a_signed_message_of_wrong_length_is_cheating),
        TEST(a_signed_message_that_is_not_due_is_cheating),
        TEST(with_two_parties_an_echo_is_not_due),
        TEST(a_party_that_is_not_due_may_not_speak),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
