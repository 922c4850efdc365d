/* Key generation in circumstances that should not be: impossible parameters (C2), parties that see
 * different inputs (C10), messages in the wrong hands (C7), two faces (C4), and every field of
 * every message altered (E2, E4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/keygen_group.h"
#include "proto/liar.h"
#include "share/device.h"

#define CHEAT 1

static keygen_group g;

static csig_err try(const csig_keygen_params *p)
{
    csig_session *s = NULL;
    const csig_err err = csig_keygen_session(&s, p);

    assert_true((err == CSIG_OK) == (s != NULL));
    csig_session_free(s);
    return err;
}

static void C2_impossible_parties(void **state)
{
    static const struct {
        uint16_t signers_required, parties, self, commits;
        csig_err err;
    } counts[] = {
        {2, 3, 1, 3, CSIG_OK},
        {3, 3, 3, 1, CSIG_OK},
        {0, 3, 1, 3, CSIG_E_PARTIES},
        {1, 3, 1, 3, CSIG_E_PARTIES},
        {4, 3, 1, 3, CSIG_E_PARTIES},
        {2, 0, 1, 1, CSIG_E_PARTIES},
        {1, 1, 1, 1, CSIG_E_PARTIES},
        {2, 1, 1, 1, CSIG_E_PARTIES},
        {2, 17, 1, 3, CSIG_E_PARTIES},
        {2, 3, 0, 3, CSIG_E_PARTIES},
        {2, 3, 4, 3, CSIG_E_PARTIES},
        {2, 3, 1, 0, CSIG_E_PARTIES},
        {2, 3, 1, 4, CSIG_E_PARTIES},
        {2, 3, 2, 3, CSIG_OK},
        {2, 65535, 1, 1, CSIG_E_PARTIES},
    };

    (void)state;
    keygen_group_init(&g, 2, 3);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(counts); i++) {
        const uint16_t self = counts[i].self;
        csig_keygen_params p = keygen_group_params(&g, 0);

        if (self >= 1 && self <= 3) p.identity = g.id[self - 1];
        p.signers_required = counts[i].signers_required;
        p.parties = counts[i].parties;
        p.self = self;
        p.commits = counts[i].commits;
        assert_int_equal(try(&p), counts[i].err);
    }
    keygen_group_free(&g);
}

static void C2_identities_and_nonces(void **state)
{
    csig_keygen_params p;

    (void)state;
    keygen_group_init(&g, 2, 3);
    p = keygen_group_params(&g, 0);
    p.identity = g.id[1]; /* not the one at its own index */
    assert_int_equal(try(&p), CSIG_E_PARTIES);
    p = keygen_group_params(&g, 0);
    memcpy(g.identities[2], g.identities[1], CSIG_IDENTITY_BYTES);
    assert_int_equal(try(&p), CSIG_E_PARTIES);
    csig_identity_public(g.id[2], g.identities[2]);
    assert_int_equal(try(&p), CSIG_OK);
    memset(g.nonces[1], 0, CSIG_NONCE_BYTES);
    assert_int_equal(try(&p), CSIG_E_ARGUMENT);
    g.nonces[1][31] = 1;
    p.identities = NULL;
    assert_int_equal(try(&p), CSIG_E_ARGUMENT);
    p = keygen_group_params(&g, 0);
    p.nonces = NULL;
    assert_int_equal(try(&p), CSIG_E_ARGUMENT);
    p = keygen_group_params(&g, 0);
    p.identity = NULL;
    assert_int_equal(try(&p), CSIG_E_ARGUMENT);
    keygen_group_free(&g);
}

/* --- C10 --- */

/* Party 1 gets party 2's first message, made under other inputs. */
static void expect_difference(const csig_keygen_params *one, const csig_keygen_params *two,
                              const char *where)
{
    static uint8_t bytes[4096];
    csig_session *a, *b;
    csig_blame blame;
    size_t len;

    assert_int_equal(csig_keygen_session(&a, one), CSIG_OK);
    assert_int_equal(csig_keygen_session(&b, two), CSIG_OK);
    assert_int_equal(csig_session_send(b, bytes, sizeof bytes, &len), CSIG_OK);
    assert_int_equal(csig_session_recv(a, bytes, len), CSIG_E_SSID);
    assert_int_equal(csig_session_phase(a), CSIG_RUNNING);
    csig_session_blame(a, &blame);
    assert_string_equal(blame.where, where);
    assert_int_equal(blame.culprit, 0);
    assert_int_equal(csig_err_class(blame.err), CSIG_CLASS_BENIGN);
    csig_session_free(a);
    csig_session_free(b);
}

static void C10_other_inputs_are_named(void **state)
{
    keygen_group other;
    csig_keygen_params one, two;

    (void)state;
    keygen_group_init(&g, 2, 3);
    one = keygen_group_params(&g, 0);
    two = keygen_group_params(&g, 1);
    two.signers_required = 3;
    expect_difference(&one, &two, "signers_required");
    two = keygen_group_params(&g, 1);
    two.parties = 2;
    two.commits = 1;
    expect_difference(&one, &two, "parties");
    two = keygen_group_params(&g, 1);
    two.commits = 1;
    expect_difference(&one, &two, "committer");

    other = g;
    other.nonces[2][0] ^= 1;
    two = keygen_group_params(&other, 1);
    expect_difference(&one, &two, "nonces");
    other = g;
    other.identities[2][0] ^= 1;
    two = keygen_group_params(&other, 1);
    expect_difference(&one, &two, "identities");
    keygen_group_free(&g);
}

/* --- C7 --- */

/* The part for party 0 handed to party 2, by its dealer. */
static void the_part_before(void *ctx, uint8_t *piece, size_t len)
{
    (void)ctx;
    memcpy(piece, piece - len, len);
}

static void C7_what_is_for_one_is_for_no_other(void **state)
{
    network *net;
    liar l;

    (void)state;
    keygen_group_init(&g, 2, 3);
    keygen_group_start(&g, KEYGEN_HONEST, NULL);
    net = keygen_group_net(&g, 1);
    liar_init(&l, net, CHEAT, &g.id[CHEAT]->key);
    l.round = 2;
    l.piece = LIAR_PART;
    l.part_for = 2;
    l.edit_raw = the_part_before;
    net_run(net);
    assert_true(l.told > 0);
    for (uint16_t j = 0; j < 3; j += 2)
        keygen_group_refused(&g, j, CSIG_E_SHARE, 2, CHEAT + 1);
    net_free(net);
    keygen_group_free(&g);
}

static void expect_spoof(csig_cast cast, size_t at, size_t width, bool sign, csig_err err)
{
    network *net;
    liar l;
    liar_twist twist = {.field = {.at = at, .width = width}, .change = LIAR_FLIP_LAST};

    keygen_group_init(&g, 2, 3);
    keygen_group_start(&g, KEYGEN_HONEST, NULL);
    net = keygen_group_net(&g, 1);
    liar_init(&l, net, CHEAT, sign ? &g.id[CHEAT]->key : NULL);
    l.round = 2;
    l.piece = LIAR_HEADER;
    l.cast = cast;
    l.to = 0;
    l.edit_raw = liar_twist_field;
    l.ctx = &twist;
    net_run(net);
    assert_true(l.told > 0);
    assert_int_equal(net->err[0], err);
    assert_int_equal(csig_session_phase(g.s[0]), CSIG_RUNNING);
    net_free(net);
    keygen_group_free(&g);
}

/* The sender's index is the one whose key signed: index 2 becomes 3, an honest party's. */
static void C7_another_senders_name(void **state)
{
    (void)state;
    expect_spoof(CSIG_CAST_ALL, 6, 2, true, CSIG_E_SIGNATURE);
    expect_spoof(CSIG_CAST_ECHO, 6, 2, true, CSIG_E_SIGNATURE);
    expect_spoof(CSIG_CAST_ALL, 6, 2, false, CSIG_E_SIGNATURE);
}

static void in_the_clear(void *ctx, void *msg)
{
    (void)ctx;
    memcpy(((csig_keygen_masked_msg *)msg)->cc,
           csig_keygen_secret_of(csig_session_run(g.s[CHEAT]))->cc, 32);
}

static void C7_not_masked(void **state)
{
    network *net;
    liar l;

    (void)state;
    keygen_group_init(&g, 2, 2);
    keygen_group_start(&g, KEYGEN_HONEST, NULL);
    net = keygen_group_net(&g, 1);
    liar_init(&l, net, CHEAT, &g.id[CHEAT]->key);
    l.round = 2;
    l.piece = LIAR_PART;
    l.edit = in_the_clear;
    net_run(net);
    assert_int_equal(l.told, 1);
    keygen_group_refused(&g, 0, CSIG_E_COMMIT, 2, CHEAT + 1);
    net_free(net);
    keygen_group_free(&g);
}

/* --- C4 --- */

static void C4_two_faces(void **state)
{
    (void)state;
    for (uint8_t round = 1; round <= 4; round++) {
        liar_twist flip = {.field = {.width = 32}, .change = LIAR_FLIP_LAST};
        network *net;
        liar l;

        keygen_group_init(&g, 2, 3);
        keygen_group_start(&g, KEYGEN_HONEST, NULL);
        net = keygen_group_net(&g, 1);
        liar_init(&l, net, CHEAT, &g.id[CHEAT]->key);
        l.round = round;
        l.piece = LIAR_BCAST;
        l.to = 0;
        l.edit_raw = liar_twist_field;
        l.ctx = &flip;
        net_run(net);
        assert_true(l.told > 0);
        /* Found by the echo, before anything in it is looked at; who finds it shows what it got. */
        for (uint16_t j = 0; j < 3; j += 2)
            keygen_group_refused(&g, j, CSIG_E_EQUIVOCATE, round, CHEAT + 1);
        net_free(net);
        keygen_group_free(&g);
    }
}

/* --- every field --- */

static unsigned twist_one(uint8_t round, liar_piece piece, liar_twist *twist)
{
    network *net;
    liar l;
    unsigned altered;

    keygen_group_start(&g, KEYGEN_HONEST, NULL);
    net = keygen_group_net(&g, 1);
    net->in_order = true; /* the liar's own session does not fail first */
    liar_init(&l, net, CHEAT, &g.id[CHEAT]->key);
    l.round = round;
    l.piece = piece;
    l.edit_raw = liar_twist_field;
    l.ctx = twist;
    net_run(net);
    assert_true(l.told > 0);
    altered = twist->same ? 0 : 1;
    if (altered > 0) {
        csig_blame blame;

        assert_int_equal(csig_session_phase(g.s[0]), CSIG_FAILED);
        csig_session_blame(g.s[0], &blame);
        assert_int_equal(csig_err_class(blame.err), CSIG_CLASS_CHEAT);
        assert_int_equal(blame.culprit, CHEAT + 1);
        assert_int_equal(csig_session_pending(g.s[0]), 0);
    } else {
        assert_int_equal(csig_session_phase(g.s[0]), CSIG_DONE);
    }
    net_free(net);
    keygen_group_stop(&g);
    return altered;
}

static void E2_E4_E8_every_field_of_every_message(void **state)
{
    static const liar_piece pieces[] = {LIAR_BCAST, LIAR_PART};
    liar_field fields[64];
    unsigned cases = 0;

    (void)state;
    keygen_group_init(&g, 2, 2);
    g.commits = CHEAT + 1;
    for (uint8_t round = 1; round <= 5; round++) {
        for (size_t k = 0; k < CSIG_ARRAY_LEN(pieces); k++) {
            liar l = {.round = round, .piece = pieces[k]};
            size_t count;

            keygen_group_start(&g, KEYGEN_HONEST, NULL);
            l.session = g.s[CHEAT];
            count = liar_fields(&l, fields, CSIG_ARRAY_LEN(fields));
            keygen_group_stop(&g);
            for (size_t f = 0; f < count; f++) {
                for (int change = 0; change < LIAR_VALUE; change++) {
                    liar_twist twist = {.field = fields[f], .change = (liar_change)change};

                    cases += twist_one(round, pieces[k], &twist);
                }
            }
        }
    }
    assert_true(cases >= 100);
    keygen_group_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(C2_impossible_parties),
        cmocka_unit_test(C2_identities_and_nonces),
        cmocka_unit_test(C10_other_inputs_are_named),
        cmocka_unit_test(C7_what_is_for_one_is_for_no_other),
        cmocka_unit_test(C7_another_senders_name),
        cmocka_unit_test(C7_not_masked),
        cmocka_unit_test(C4_two_faces),
        cmocka_unit_test(E2_E4_E8_every_field_of_every_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
