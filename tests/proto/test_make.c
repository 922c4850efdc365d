/* Own messages: where the pieces stand, and what is for one is for nobody else (C7). */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "proto/toy.h"

static toy_group g;
static toy_mail open[3], p2p[3][3]; /* of round 2; p2p[from][to] */

/* Three parties, round 2 made by all and delivered to nobody. */
static int setup(void **state)
{
    (void)state;
    toy_group_init(&g, 3, 1);
    toy_group_start(&g, &toy_protocol, TOY_NOBODY);
    toy_sweep(&g);
    toy_sweep(&g);
    for (uint16_t i = 0; i < 3; i++) {
        open[i] = toy_take(g.s[i]);
        for (uint16_t j = 0; j < 3; j++) {
            if (i != j) p2p[i][j] = toy_take(g.s[i]);
        }
        assert_int_equal(csig_session_pending(g.s[i]), 0);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    toy_group_free(&g);
    return 0;
}

static void parts_stand_in_order_of_position(void **state)
{
    (void)state;
    for (uint16_t from = 0; from < 3; from++) {
        assert_int_equal(open[from].len, CSIG_ENVELOPE_OVERHEAD + 33 + 32 + 2 * 33);
        for (uint16_t to = 0; to < 3; to++) {
            const size_t nth = to < from ? to : to - 1U;
            const uint8_t *part = open[from].bytes + CSIG_HEADER_BYTES + 65 + nth * 33;
            const csig_slot *slot;

            if (from == to) continue;
            /* what the recipient keeps of it is its own part */
            assert_int_equal(toy_give(g.s[to], &open[from]), CSIG_OK);
            slot = csig_session_slot(g.s[to], 1, from);
            assert_memory_equal(slot->bcast, open[from].bytes + CSIG_HEADER_BYTES, 65);
            assert_memory_equal(slot->bcast + 65, part, 33);
        }
    }
}

static void decoded_messages_do_not_outlive_their_sending(void **state)
{
    (void)state;
    for (uint16_t j = 0; j < 3; j++) {
        const uint8_t *at = g.s[j]->p2p;

        for (size_t i = 0; i < 3 * g.s[j]->p2p_stride + g.s[j]->plain_len; i++)
            assert_int_equal(at[i], 0);
    }
}

/* Where nothing of its own follows, nothing is written over what was decrypted. */
static void decrypted_messages_do_not_outlive_their_round(void **state)
{
    const csig_round *const rounds[] = {toy_protocol.rounds[0], toy_protocol.rounds[1],
                                        toy_protocol.rounds[3]};
    csig_protocol p = toy_protocol;

    (void)state;
    toy_group_free(&g);
    p.rounds = rounds;
    p.count = 3;
    toy_group_init(&g, 2, 1);
    toy_group_start(&g, &p, TOY_NOBODY);
    toy_sweep(&g);
    toy_sweep(&g);
    assert_int_equal(g.s[0]->round, 2);
    assert_int_equal(csig_session_phase(g.s[0]), CSIG_RUNNING);
    for (size_t i = 0; i < 2 * g.s[0]->p2p_stride + g.s[0]->plain_len; i++)
        assert_int_equal(g.s[0]->p2p[i], 0);
    toy_group_free(&g);
}

/* H(ECHO, ssid, round, then index and H(BROADCAST, header and body) of each) */
static void the_echo_is_a_hash_of_what_all_have_signed(void **state)
{
    uint8_t hash[CSIG_HASH_BYTES], got[CSIG_HASH_BYTES];
    csig_transcript echo, one;

    (void)state;
    assert_int_equal(toy_give(g.s[0], &open[1]), CSIG_OK);
    assert_int_equal(toy_give(g.s[0], &open[2]), CSIG_OK);
    csig_transcript_init(&echo, CSIG_LABEL_ECHO);
    csig_transcript_bytes(&echo, g.ssid[0].id, CSIG_SSID_BYTES);
    csig_transcript_u32(&echo, 2);
    for (uint16_t j = 0; j < 3; j++) {
        csig_transcript_init(&one, CSIG_LABEL_BROADCAST);
        csig_transcript_bytes(&one, open[j].bytes, open[j].len - CSIG_ED_SIG_BYTES);
        csig_transcript_hash32(&one, hash);
        csig_transcript_party(&echo, g.index[j]);
        csig_transcript_bytes(&echo, hash, 32);
    }
    csig_transcript_hash(&echo, hash);
    csig_echo_hash(g.s[0], 1, got);
    assert_memory_equal(got, hash, sizeof hash);
    /* and that is what is sent */
    assert_memory_equal(toy_take(g.s[0]).bytes + CSIG_HEADER_BYTES, hash, sizeof hash);
}

/* The key that a third party, who sees everything that was sent, does not have. */
static void p2p_pieces_are_encrypted_for_their_recipient(void **state)
{
    const size_t len = 32;
    uint8_t plain[32];
    csig_peer_key key;

    (void)state;
    for (uint16_t from = 0; from < 3; from++) {
        for (uint16_t to = 0; to < 3; to++) {
            const toy_mail *m = &p2p[from][to];
            const uint8_t *body = m->bytes + CSIG_HEADER_BYTES;
            const uint16_t third = (uint16_t)(3 - from - to);

            if (from == to) continue;
            assert_int_equal(m->len, CSIG_ENVELOPE_OVERHEAD + len + CSIG_BOX_TAG_BYTES);
            assert_int_equal(csig_peer_key_agree(&key, g.s[to], from, false), CSIG_OK);
            assert_int_equal(csig_box_open(plain, body, len + CSIG_BOX_TAG_BYTES, m->bytes,
                                           CSIG_HEADER_BYTES, key.b, 2),
                             CSIG_OK);
            assert_memory_not_equal(plain, body, len);
            assert_int_equal(csig_peer_key_agree(&key, g.s[third], from, false), CSIG_OK);
            assert_int_equal(csig_box_open(plain, body, len + CSIG_BOX_TAG_BYTES, m->bytes,
                                           CSIG_HEADER_BYTES, key.b, 2),
                             CSIG_E_MESSAGE);
        }
    }
}

/* Give party 0 everything of round 2 but the p2p message of party 1, which is m. */
static csig_err give_all_but(const toy_mail *m)
{
    csig_err err;

    for (uint16_t j = 1; j < 3; j++) {
        for (uint16_t i = 0; i < 3; i++) {
            if (i != j) assert_int_equal(toy_give(g.s[i], &open[j]), CSIG_OK);
        }
    }
    for (uint16_t i = 1; i < 3; i++)
        assert_int_equal(toy_give(g.s[i], &open[0]), CSIG_OK);
    for (uint16_t i = 1; i < 3; i++) {
        toy_mail echo = toy_take(g.s[i]);

        assert_int_equal(toy_give(g.s[0], &echo), CSIG_OK);
    }
    assert_int_equal(toy_give(g.s[0], &p2p[2][0]), CSIG_OK);
    err = toy_give(g.s[0], m);
    if (err != CSIG_OK) {
        assert_int_equal(toy_state_of(g.s[0])->checks[1], 0);
    }
    return err;
}

static void expect_blame(csig_err err, uint16_t culprit)
{
    const csig_blame blame = toy_blame(g.s[0]);

    assert_int_equal(csig_session_phase(g.s[0]), CSIG_FAILED);
    assert_int_equal(blame.err, err);
    assert_int_equal(blame.culprit, culprit);
    assert_int_equal(blame.round, 2);
}

static void the_right_message_passes(void **state)
{
    (void)state;
    assert_int_equal(give_all_but(&p2p[1][0]), CSIG_OK);
    assert_int_equal(csig_session_phase(g.s[0]), CSIG_STORE);
}

static void c7_a_message_for_another_is_not_taken(void **state)
{
    (void)state;
    assert_int_equal(toy_give(g.s[0], &p2p[1][2]), CSIG_E_SENDER);
    assert_int_equal(csig_session_phase(g.s[0]), CSIG_RUNNING);
    assert_int_equal(give_all_but(&p2p[1][0]), CSIG_OK);
}

static void c7_a_message_for_another_does_not_open(void **state)
{
    toy_mail m = p2p[1][2];
    csig_header h;

    (void)state;
    toy_header(&h, &m);
    h.to = g.index[0];
    toy_resign(&m, &h, &g.key[1]);
    assert_int_equal(give_all_but(&m), CSIG_E_MESSAGE);
    expect_blame(CSIG_E_MESSAGE, g.index[1]);
}

static void c7_another_senders_message_does_not_open(void **state)
{
    toy_mail m = p2p[2][0];
    csig_header h;

    (void)state;
    toy_header(&h, &m);
    h.from = g.index[1];
    toy_resign(&m, &h, &g.key[2]); /* spoofed: signed by whom it is from */
    assert_int_equal(toy_give(g.s[0], &m), CSIG_E_SIGNATURE);
    assert_int_equal(csig_session_phase(g.s[0]), CSIG_RUNNING);
    toy_resign(&m, &h, &g.key[1]); /* copied */
    assert_int_equal(give_all_but(&m), CSIG_E_MESSAGE);
    expect_blame(CSIG_E_MESSAGE, g.index[1]);
}

static void c7_a_message_in_clear_does_not_open(void **state)
{
    toy_mail m = p2p[1][0];
    csig_header h;

    (void)state;
    toy_header(&h, &m);
    memset(m.bytes + CSIG_HEADER_BYTES, 0, 48);
    m.bytes[CSIG_HEADER_BYTES + 31] = 1; /* a share in clear, where the tag would be zeros */
    toy_resign(&m, &h, &g.key[1]);
    assert_int_equal(give_all_but(&m), CSIG_E_MESSAGE);
    expect_blame(CSIG_E_MESSAGE, g.index[1]);
}

static void c7_a_message_of_another_round_does_not_open(void **state)
{
    csig_peer_key key;
    uint8_t plain[32];

    (void)state;
    assert_int_equal(csig_peer_key_agree(&key, g.s[0], 1, false), CSIG_OK);
    for (uint64_t round = 0; round < 5; round++) {
        const csig_err err = csig_box_open(plain, p2p[1][0].bytes + CSIG_HEADER_BYTES, 48,
                                           p2p[1][0].bytes, CSIG_HEADER_BYTES, key.b, round);

        assert_int_equal(err, round == 2 ? CSIG_OK : CSIG_E_MESSAGE);
    }
}

/* The same parties, the same ephemeral keys would be needed too; here only the ssid is another. */
static void c7_the_key_is_bound_to_session_and_direction(void **state)
{
    csig_peer_key there, back, elsewhere;

    (void)state;
    assert_int_equal(csig_peer_key_agree(&there, g.s[0], 1, true), CSIG_OK);
    assert_int_equal(csig_peer_key_agree(&back, g.s[0], 1, false), CSIG_OK);
    g.s[0]->run.ssid[0] ^= 1;
    assert_int_equal(csig_peer_key_agree(&elsewhere, g.s[0], 1, true), CSIG_OK);
    assert_memory_not_equal(&there, &back, sizeof there);
    assert_memory_not_equal(&there, &elsewhere, sizeof there);
}

static void keys_are_wiped_when_they_go_out_of_scope(void **state)
{
    const csig_peer_key none = {0};
    csig_peer_key key;

    (void)state;
    assert_int_equal(csig_peer_key_agree(&key, g.s[0], 1, true), CSIG_OK);
    assert_memory_not_equal(&key, &none, sizeof none);
    csig_peer_key_wipe(&key);
    assert_memory_equal(&key, &none, sizeof none);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(parts_stand_in_order_of_position),
        TEST(decoded_messages_do_not_outlive_their_sending),
        TEST(decrypted_messages_do_not_outlive_their_round),
        TEST(the_echo_is_a_hash_of_what_all_have_signed),
        TEST(p2p_pieces_are_encrypted_for_their_recipient),
        TEST(the_right_message_passes),
        TEST(c7_a_message_for_another_is_not_taken),
        TEST(c7_a_message_for_another_does_not_open),
        TEST(c7_another_senders_message_does_not_open),
        TEST(c7_a_message_in_clear_does_not_open),
        TEST(c7_a_message_of_another_round_does_not_open),
        TEST(c7_the_key_is_bound_to_session_and_direction),
        TEST(keys_are_wiped_when_they_go_out_of_scope),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
