/* The walk's gift: every field of every piece of the toy protocol is altered in every way of the
 * acceptance matrix, signed by the liar. Nothing crashes, no honest party is ever blamed, and what
 * the protocol checks is refused with the liar's name. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "proto/liar.h"
#include "proto/toy.h"

#define LIAR 1

static toy_group g;
static network *net;
static unsigned cases;

static int teardown(void **state)
{
    (void)state;
    net_free(net);
    net = NULL;
    toy_group_free(&g);
    return 0;
}

/* A session told one lie. part_for and to are positions or LIAR_ALL. */
static void run(liar *l, uint16_t n, uint8_t round, liar_piece piece, liar_twist *twist)
{
    teardown(NULL);
    toy_group_init(&g, n, 1);
    toy_group_start(&g, &toy_protocol, TOY_NOBODY);
    net = net_new(g.s, n, 1);
    liar_init(l, net, LIAR, &g.key[LIAR]);
    l->round = round;
    l->piece = piece;
    if (twist != NULL) {
        l->edit_raw = liar_twist_field;
        l->ctx = twist;
        net_run(net);
        cases++;
    }
}

static bool is_honest_blamed(uint16_t at)
{
    const csig_blame blame = toy_blame(g.s[at]);

    return blame.culprit != 0 && blame.culprit != g.index[LIAR];
}

static void expect_named(uint16_t n, const liar_twist *twist, csig_err err, uint8_t round)
{
    unsigned failed = 0;

    for (uint16_t j = 0; j < n; j++) {
        const csig_blame blame = toy_blame(g.s[j]);

        if (j == LIAR) continue;
        assert_false(is_honest_blamed(j));
        assert_true(twist->same || g.s[j]->round < round);
        /* who fails first sends nothing more, not even the echo that others wait for */
        if (twist->same || csig_session_phase(g.s[j]) == CSIG_RUNNING) continue;
        failed++;
        assert_int_equal(csig_session_phase(g.s[j]), CSIG_FAILED);
        assert_int_equal(csig_err_class(blame.err), CSIG_CLASS_CHEAT);
        if (err != CSIG_OK) assert_int_equal(blame.err, err);
        assert_int_equal(blame.culprit, g.index[LIAR]);
        assert_int_equal(blame.round, round);
    }
    assert_true(twist->same || failed > 0);
}

/* Every field and change of one piece; all honest parties must name the liar in `blamed_in`. */
static void flip_all(uint16_t n, uint8_t round, liar_piece piece, uint8_t blamed_in)
{
    liar_field field[64];
    size_t fields;
    liar l;

    run(&l, n, round, piece, NULL);
    fields = liar_fields(&l, field, CSIG_ARRAY_LEN(field));
    assert_true(fields > 0);
    for (size_t i = 0; i < fields; i++) {
        for (liar_change change = 0; change < LIAR_CHANGES; change++) {
            liar_twist twist = {.field = field[i], .change = change};

            if (change == LIAR_VALUE) continue; /* has a test of its own */
            run(&l, n, round, piece, &twist);
            assert_true(l.told > 0);
            expect_named(n, &twist, CSIG_OK, blamed_in);
        }
    }
}

static void every_field_of_a_broadcast(void **state)
{
    (void)state;
    for (uint16_t n = 2; n <= 3; n++) {
        flip_all(n, 1, LIAR_BCAST, 2); /* a commitment is looked at when it is opened */
        flip_all(n, 2, LIAR_BCAST, 2);
        flip_all(n, 3, LIAR_BCAST, 3);
    }
}

static void every_field_of_parts_and_encrypted_pieces(void **state)
{
    (void)state;
    for (uint16_t n = 2; n <= 3; n++) {
        flip_all(n, 2, LIAR_PART, 2);
        flip_all(n, 2, LIAR_P2P, 2);
    }
}

/* The committer of two is party 1. */
static void the_last_word(void **state)
{
    (void)state;
    flip_all(2, 4, LIAR_BCAST, 4);
}

static void every_field_of_the_preamble(void **state)
{
    liar_field field[64];
    size_t fields;
    liar l;

    (void)state;
    run(&l, 3, 1, LIAR_PREAMBLE, NULL);
    fields = liar_fields(&l, field, CSIG_ARRAY_LEN(field));
    assert_int_equal(fields, 1 + CSIG_SSID_FIELDS);
    for (size_t i = 0; i < fields; i++) {
        for (liar_change change = 0; change < LIAR_VALUE; change++) {
            liar_twist twist = {.field = field[i], .change = change};
            const bool small = i == 0 && (change == LIAR_ZERO || change == LIAR_ONE);
            const uint8_t round = i > 0 || small ? 1 : 2;

            run(&l, 3, 1, LIAR_PREAMBLE, &twist);
            /* another X25519 key: what was encrypted under the first does not open. An X25519 key
             * of 1 is big-endian here: 2^248, not of small order. */
            if (i == 0 && change == LIAR_ONE) continue;
            expect_named(3, &twist, CSIG_E_MESSAGE, round);
        }
    }
}

/* Headers that are signed as they stand: nothing crashes, no honest party is blamed. */
static void every_field_of_every_header(void **state)
{
    const csig_cast casts[] = {CSIG_CAST_ALL, CSIG_CAST_ONE, CSIG_CAST_ECHO};
    liar_field field[16];
    liar l;

    (void)state;
    run(&l, 3, 2, LIAR_HEADER, NULL);
    const size_t fields = liar_fields(&l, field, CSIG_ARRAY_LEN(field));
    assert_int_equal(fields, 10);
    /* body_len, the last field, is what liar_sign goes by: see the test of lengths */
    for (size_t i = 0; i < (fields - 1) * 3 * LIAR_VALUE; i++) {
        const size_t at = i / 3 / LIAR_VALUE;
        liar_twist twist = {.field = field[at], .change = (liar_change)(i % LIAR_VALUE)};

        run(&l, 3, (uint8_t)(1 + i % 2), LIAR_HEADER, NULL);
        l.cast = casts[i / LIAR_VALUE % 3];
        if (l.cast == CSIG_CAST_ONE) l.round = 2;
        l.edit_raw = liar_twist_field;
        l.ctx = &twist;
        net_run(net);
        cases++;
        for (uint16_t j = 0; j < 3; j++) {
            if (j == LIAR) continue;
            assert_false(is_honest_blamed(j));
            if (!twist.same) assert_int_not_equal(csig_session_phase(g.s[j]), CSIG_DONE);
        }
    }
}

static void a_part_for_one_is_refused_by_that_one(void **state)
{
    const csig_field kind = CSIG_FIELD_POINT;
    liar_twist twist = {.field = {kind, 0, 33}, .change = LIAR_FLIP_LAST};
    liar l;

    (void)state;
    run(&l, 3, 2, LIAR_PART, NULL);
    l.part_for = 2;
    l.edit_raw = liar_twist_field;
    l.ctx = &twist;
    net_run(net);
    assert_int_equal(csig_session_phase(g.s[2]), CSIG_FAILED);
    assert_int_equal(toy_blame(g.s[2]).culprit, g.index[LIAR]);
    assert_int_not_equal(csig_session_phase(g.s[0]), CSIG_FAILED);
}

/* Another session's value, another party's value: both are well-formed. */
static uint8_t stolen[256];

static void steal(void *ctx, network *w, net_packet *p)
{
    const liar *l = ctx;

    (void)w;
    (void)liar_piece_read(l, p, stolen, sizeof stolen);
}

static void expect_stolen_refused(uint8_t round, liar_piece piece, size_t width, uint16_t owner,
                                  uint8_t blamed_in)
{
    liar_twist twist = {
        .field = {CSIG_FIELD_BYTES, 0, width}, .change = LIAR_VALUE, .value = stolen};
    liar l, thief;

    run(&l, 3, round, piece, NULL);
    liar_init(&thief, net, owner, &g.key[owner]);
    thief.round = round;
    thief.piece = piece;
    net->tap = steal;
    net_run(net);
    assert_true(net_is_all(net, CSIG_DONE));
    run(&l, 3, round, piece, &twist);
    assert_false(twist.same);
    expect_named(3, &twist, CSIG_OK, blamed_in);
}

static void well_formed_values_of_elsewhere(void **state)
{
    (void)state;
    for (uint16_t owner = 0; owner < 2; owner++) {
        expect_stolen_refused(1, LIAR_BCAST, 64, owner, 2);
        expect_stolen_refused(2, LIAR_BCAST, 33, owner, 2);
        expect_stolen_refused(2, LIAR_PART, 33, owner, 2);
        expect_stolen_refused(2, LIAR_P2P, 32, owner, 2);
    }
}

static void bodies_of_other_lengths(void **state)
{
    const int by[] = {-1, 1, -7, 33, 100};
    liar l;

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(by); i++) {
        for (uint8_t round = 1; round <= 3; round++) {
            liar_twist twist = {.same = false};

            run(&l, 3, round, LIAR_HEADER, NULL);
            l.resize = by[i];
            net_run(net);
            expect_named(3, &twist, CSIG_E_MESSAGE, round);
        }
    }
}

static void lies_that_are_not_signed_change_nothing(void **state)
{
    liar_twist twist = {.field = {CSIG_FIELD_BYTES, 0, 32}, .change = LIAR_FLIP_LAST};
    liar l;

    (void)state;
    run(&l, 3, 2, LIAR_BCAST, NULL);
    l.key = NULL;
    l.edit_raw = liar_twist_field;
    l.ctx = &twist;
    net_run(net);
    for (uint16_t j = 0; j < 3; j++) {
        if (j == LIAR) continue;
        assert_int_equal(net->err[j], CSIG_E_SIGNATURE);
        assert_int_equal(csig_session_phase(g.s[j]), CSIG_RUNNING);
        assert_int_equal(toy_blame(g.s[j]).culprit, 0);
    }
}

static void there_were_many(void **state)
{
    (void)state;
    assert_true(cases > 600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_field_of_a_broadcast, teardown),
        cmocka_unit_test_teardown(every_field_of_parts_and_encrypted_pieces, teardown),
        cmocka_unit_test_teardown(the_last_word, teardown),
        cmocka_unit_test_teardown(every_field_of_the_preamble, teardown),
        cmocka_unit_test_teardown(every_field_of_every_header, teardown),
        cmocka_unit_test_teardown(a_part_for_one_is_refused_by_that_one, teardown),
        cmocka_unit_test_teardown(well_formed_values_of_elsewhere, teardown),
        cmocka_unit_test_teardown(bodies_of_other_lengths, teardown),
        cmocka_unit_test_teardown(lies_that_are_not_signed_change_nothing, teardown),
        cmocka_unit_test_teardown(there_were_many, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
