/* What stands behind the checks of key generation's round 2, tried apart: the honest party runs a
 * copy of the table in which that check is missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/keygen_group.h"
#include "proto/liar.h"
#include "share/device.h"

#define CHEAT 1

static keygen_group g;

/* The table without round 2's check. */
static const csig_protocol *unchecked(void)
{
    static const csig_round *rounds[CSIG_MAX_ROUNDS];
    static csig_round r2;
    static csig_protocol p;

    r2 = csig_keygen_r2;
    r2.check = NULL;
    p = csig_keygen_protocol;
    memcpy(rounds, p.rounds, p.count * sizeof rounds[0]);
    rounds[1] = &r2;
    p.rounds = rounds;
    return &p;
}

static void expect_next_layer(void (*edit)(void *, void *), csig_err err, uint8_t round,
                              uint16_t culprit)
{
    network *net;
    liar l;

    keygen_group_init(&g, 2, 2);
    keygen_group_start(&g, 0, unchecked());
    net = keygen_group_net(&g, 1);
    liar_init(&l, net, CHEAT, &g.id[CHEAT]->key);
    l.round = 2;
    l.piece = LIAR_BCAST;
    l.edit = edit;
    l.ctx = &g;
    net_run(net);
    assert_true(l.told > 0);
    keygen_group_refused(&g, 0, err, round, culprit);
    net_free(net);
    keygen_group_free(&g);
}

static void minus_the_victims_key(void *group, void *msg)
{
    const csig_run *victim = csig_session_run(((keygen_group *)group)->s[0]);

    csig_point_neg(&((csig_keygen_open_msg *)msg)->S[0], &csig_keygen_secret_of(victim)->own.S[0]);
}

static void top_coefficient_to_infinity(void *group, void *msg)
{
    const csig_run *victim = csig_session_run(((keygen_group *)group)->s[0]);

    csig_point_neg(&((csig_keygen_open_msg *)msg)->S[1], &csig_keygen_secret_of(victim)->own.S[1]);
}

/* The sum polynomial is zero at the victim's index: X_1 = O. */
static void no_share_for_the_victim(void *group, void *msg)
{
    const csig_keygen_open_msg *own =
        &csig_keygen_secret_of(csig_session_run(((keygen_group *)group)->s[0]))->own;
    csig_keygen_open_msg *m = msg;
    csig_point sum;

    /* S_0 + S'_0 = -(S_1 + S'_1) at index 1 */
    assert_true(csig_point_has_add(&sum, &own->S[0], &own->S[1]));
    assert_true(csig_point_has_add(&sum, &sum, &m->S[1]));
    csig_point_neg(&m->S[0], &sum);
}

static void another_key(void *group, void *msg)
{
    (void)group;
    csig_point_generator(&((csig_keygen_open_msg *)msg)->S[0]);
}

static void another_nonce(void *group, void *msg)
{
    (void)group;
    csig_point_generator(&((csig_keygen_open_msg *)msg)->A);
}

static void another_rid(void *group, void *msg)
{
    (void)group;
    ((csig_keygen_open_msg *)msg)->rid[0] ^= 1;
}

static void C3_infinity_is_no_key(void **state)
{
    (void)state;
    expect_next_layer(minus_the_victims_key, CSIG_E_SHARE, 2, 0);
    expect_next_layer(top_coefficient_to_infinity, CSIG_E_SHARE, 2, 0);
    expect_next_layer(no_share_for_the_victim, CSIG_E_SHARE, 2, 0);
}

/* Who does not know the share that belongs to the public key does not get past the proof, nor does
 * a proof made for another randomiser or nonce. */
static void C6_an_unknown_share_is_not_proven(void **state)
{
    (void)state;
    expect_next_layer(another_key, CSIG_E_PROOF, 3, CHEAT + 1);
    expect_next_layer(another_nonce, CSIG_E_PROOF, 3, CHEAT + 1);
    expect_next_layer(another_rid, CSIG_E_PROOF, 3, CHEAT + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(C3_infinity_is_no_key),
        cmocka_unit_test(C6_an_unknown_share_is_not_proven),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
