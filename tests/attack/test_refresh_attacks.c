/* A cheating member in refresh, through the messages: it is refused and named, nothing more leaves,
 * nothing secret stays, and the shares of the current epoch are as good as before. The letters are
 * those of the catalogue of attacks: C4 two-faced broadcast, C9 lather-rinse-repeat, C12 other
 * thresholds and members. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/liar.h"
#include "proto/refresh_group.h"
#include "share/device.h"

#define CHEAT 1 /* position of the liar */

typedef struct lie {
    uint8_t round;
    liar_piece piece;
    void (*edit)(void *group, void *msg);
    int resize;
    csig_err err;
} lie;

static refresh_group g;

static bool is_all_zero(const void *p, size_t len)
{
    const uint8_t *octet = p;
    uint8_t any = 0;

    for (size_t i = 0; i < len; i++)
        any |= octet[i];
    return any == 0;
}

static void expect_refused(uint16_t position, csig_err err, uint8_t round, uint16_t culprit)
{
    csig_session *s = g.s[position];
    csig_share *share;
    csig_blame blame;

    assert_int_equal(csig_session_phase(s), CSIG_FAILED);
    csig_session_blame(s, &blame);
    assert_int_equal(blame.err, err);
    assert_int_equal(blame.round, round);
    assert_int_equal(blame.culprit, culprit);
    assert_int_equal(csig_err_class(err), CSIG_CLASS_CHEAT);
    assert_int_equal(csig_session_pending(s), 0);
    assert_int_equal(csig_refresh_share(s, &share), CSIG_E_STATE);
    assert_true(is_all_zero(csig_session_run(s)->secret, sizeof(csig_refresh_secret)));
}

static void expect_all_refuse(csig_err err, uint8_t round, uint16_t culprit)
{
    for (uint16_t j = 0; j < g.count; j++) {
        uint8_t commit[64];

        if (j == CHEAT) continue;
        assert_int_not_equal(csig_refresh_commit(g.s[j], commit), CSIG_OK);
        expect_refused(j, err, round, culprit);
    }
}

static void tell(const lie *told)
{
    liar l;

    refresh_group_start(&g, 1);
    liar_init(&l, g.net, CHEAT, &g.d->id[g.index[CHEAT] - 1]->key);
    l.round = told->round, l.piece = told->piece;
    l.edit = told->edit, l.resize = told->resize;
    l.ctx = &g;
    net_run(g.net);
    assert_true(l.told > 0);
    expect_all_refuse(told->err, told->round, g.index[CHEAT]);
    refresh_group_stop(&g);
}

/* --- edits --- */

static void add_one(csig_scalar *a)
{
    csig_scalar one;

    csig_scalar_set_u32(&one, 1);
    csig_scalar_add(a, a, &one);
}

static void other_commitment(void *group, void *msg)
{
    (void)group;
    ((csig_keygen_commit_msg *)msg)->V[0] ^= 1;
}

static void other_rid(void *group, void *msg)
{
    (void)group;
    ((csig_refresh_open_msg *)msg)->opening.rid[0] ^= 1;
}

static void other_coefficient(void *group, void *msg)
{
    (void)group;
    csig_point_generator(&((csig_refresh_open_msg *)msg)->opening.C[1]);
}

static void other_share(void *group, void *msg)
{
    (void)group;
    add_one(&((csig_keygen_masked_msg *)msg)->c);
}

static void other_box(void *group, void *msg)
{
    (void)group;
    ((csig_refresh_open_msg *)msg)->escrow[0].escrow.row[100].c[40] ^= 1;
}

static void other_bit(void *group, void *msg)
{
    (void)group;
    ((csig_refresh_open_msg *)msg)->escrow[0].escrow.row[3].seed[0] ^= 1;
}

static void other_output(void *group, void *msg)
{
    (void)group;
    ((csig_refresh_receipt_msg *)msg)->hash[63] ^= 1;
}

static void other_test(void *group, void *msg)
{
    (void)group;
    ((csig_refresh_commit_msg *)msg)->test.r[5] ^= 1;
}

static void other_signature(void *group, void *msg)
{
    (void)group;
    ((csig_refresh_commit_msg *)msg)->signature[5] ^= 1;
}

static const lie lies[] = {
    {1, LIAR_BCAST, NULL, CSIG_POINT_BYTES, CSIG_E_MESSAGE},
    {2, LIAR_BCAST, other_rid, 0, CSIG_E_COMMIT},
    {2, LIAR_BCAST, other_coefficient, 0, CSIG_E_COMMIT},
    {2, LIAR_PART, other_share, 0, CSIG_E_SHARE},
    {2, LIAR_BCAST, other_box, 0, CSIG_E_PROOF},
    {2, LIAR_BCAST, other_bit, 0, CSIG_E_PROOF},
    {2, LIAR_BCAST, NULL, CSIG_POINT_BYTES, CSIG_E_MESSAGE}, /* C1: one coefficient more */
    {2, LIAR_BCAST, NULL, -CSIG_POINT_BYTES, CSIG_E_MESSAGE},
    {2, LIAR_BCAST, NULL, -CSIG_ESCROW_WIRE_BYTES - CSIG_ESCROW_BOX_BYTES,
     CSIG_E_MESSAGE}, /* no escrow */
    {3, LIAR_BCAST, other_output, 0, CSIG_E_ACK},
    {3, LIAR_BCAST, NULL, 32, CSIG_E_MESSAGE},
    {4, LIAR_BCAST, other_test, 0, CSIG_E_OUTPUT},
    {4, LIAR_BCAST, other_signature, 0, CSIG_E_ACK},
};

static const uint16_t two[] = {1, 2}, three[] = {1, 2, 4};

static void lies_of_a_committer_among_two(void **state)
{
    (void)state;
    refresh_group_init(&g, 2, 3, two, 2);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(lies); i++)
        tell(&lies[i]);
    refresh_group_free(&g);
}

static void lies_among_three(void **state)
{
    (void)state;
    refresh_group_init(&g, 3, 5, three, 3);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(lies); i++) {
        if (lies[i].round < 4) tell(&lies[i]);
    }
    refresh_group_free(&g);
}

/* Another commitment is one that the opening does not fit: found a round later. */
static void another_commitment(void **state)
{
    liar l;

    (void)state;
    refresh_group_init(&g, 2, 2, two, 2);
    refresh_group_start(&g, 2);
    liar_init(&l, g.net, CHEAT, &g.d->id[CHEAT]->key);
    l.round = 1, l.piece = LIAR_BCAST, l.edit = other_commitment;
    net_run(g.net);
    assert_true(l.told > 0);
    expect_all_refuse(CSIG_E_COMMIT, 2, 2);
    refresh_group_free(&g);
}

/* C9: sub-shares of another number, with commitments, escrows and all that fit it. */
static void C9_lather_rinse_repeat(void **state)
{
    csig_share *cheat;

    (void)state;
    for (int n = 2; n <= 3; n++) {
        refresh_group_init(&g, (uint16_t)n, 5, n == 2 ? two : three, (uint16_t)n);
        cheat = g.d->share[g.index[CHEAT] - 1];
        add_one(&cheat->x);
        refresh_group_start(&g, 3);
        net_run(g.net);
        expect_all_refuse(CSIG_E_SHARE, 2, g.index[CHEAT]);
        refresh_group_free(&g);
    }
}

/* Whoever sees first that the echoes differ shows what it got: then all know who has said two
 * things. */
static void expect_two_faces_refused(uint8_t round)
{
    for (uint16_t j = 0; j < g.count; j++) {
        assert_int_equal(g.net->stores[j], round == 3);
        if (j != CHEAT) expect_refused(j, CSIG_E_EQUIVOCATE, round, g.index[CHEAT]);
    }
}

/* C4: what one is told is not what the other is told. */
static void C4_two_faces(void **state)
{
    static void (*const edit[])(void *, void *) = {other_commitment, other_rid, other_output};

    (void)state;
    refresh_group_init(&g, 3, 5, three, 3);
    for (uint8_t round = 1; round <= 3; round++) {
        liar l;

        refresh_group_start(&g, 4);
        liar_init(&l, g.net, CHEAT, &g.d->id[g.index[CHEAT] - 1]->key);
        l.round = round, l.piece = LIAR_BCAST, l.to = 0, l.edit = edit[round - 1];
        net_run(g.net);
        assert_int_equal(l.told, 1);
        expect_two_faces_refused(round);
        refresh_group_stop(&g);
    }
    refresh_group_free(&g);
}

/* C12 and C10: members who see another threshold, epoch, attempt, recovery key or other members
 * are in no session together; nobody gets anywhere. */
static void C12_C10_other_circumstances(void **state)
{
    (void)state;
    for (int what = 0; what < 4; what++) {
        csig_share *other;
        csig_refresh_params p;

        refresh_group_init(&g, 2, 3, two, 2);
        refresh_group_start(&g, 5);
        other = g.d->share[CHEAT];
        if (what == 0) other->t = 3, other->S.t = 3, other->S.S[2] = other->S.S[1];
        if (what == 0) g.index[2] = 3, g.count = 3;
        if (what == 1) other->epoch++;
        if (what == 2) g.attempt++;
        if (what == 3) g.ek[0][0] ^= 2;
        memset(g.nonces[2], 1, sizeof g.nonces[2]);
        p = refresh_group_params(&g, CHEAT);
        g.count = 2;
        csig_session_free(g.s[CHEAT]);
        assert_int_equal(csig_refresh_session(&g.s[CHEAT], &p), CSIG_OK);
        g.net->party[CHEAT] = g.s[CHEAT];
        net_run(g.net);
        assert_int_equal(g.net->err[0], CSIG_E_SSID);
        assert_int_equal(csig_session_phase(g.s[0]), CSIG_RUNNING);
        assert_int_equal(csig_session_phase(g.s[CHEAT]), CSIG_RUNNING);
        if (what == 0) other->t = 2;
        refresh_group_free(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lies_of_a_committer_among_two),
        cmocka_unit_test(lies_among_three),
        cmocka_unit_test(another_commitment),
        cmocka_unit_test(C9_lather_rinse_repeat),
        cmocka_unit_test(C4_two_faces),
        cmocka_unit_test(C12_C10_other_circumstances),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
