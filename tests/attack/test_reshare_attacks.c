/* A cheating member in a resharing, be it one that stays, leaves or joins: it is refused and named
 * by its place, nothing is committed, and the old shares are as good as before. C9
 * lather-rinse-repeat, C12 other committees. The published failures of the commit are in
 * test_reshare_commit.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/liar.h"
#include "proto/reshare_group.h"
#include "share/device.h"

/* One of each kind, by position. */
enum { STAYS, CHEAT, LEAVES, JOINS };

static const reshare_case four = {
    "four", 2, 3, 2, 3, false, {{1, 1}, {2, 2}, {3, 0}, {0, 3}},
};

typedef struct lie {
    uint16_t by, part_for;
    uint8_t round;
    liar_piece piece;
    void (*edit)(void *group, void *msg);
    int resize;
    csig_err err;
} lie;

static reshare_group g;

static bool is_all_zero(const void *p, size_t len)
{
    const uint8_t *octet = p;
    uint8_t any = 0;

    for (size_t i = 0; i < len; i++)
        any |= octet[i];
    return any == 0;
}

/* Who has failed has done so for this, by this one's fault; nobody has a commit, and the old shares
 * are the key. */
static void expect_refused(uint16_t by, csig_err err, uint8_t round)
{
    static const uint16_t old[] = {0, 1};
    unsigned refused = 0;

    for (uint16_t j = 0; j < g.count; j++) {
        csig_blame blame;
        csig_share *share;
        uint8_t commit[64];

        if (j == by) continue;
        assert_int_not_equal(csig_refresh_commit(g.s[j], commit), CSIG_OK);
        if (csig_session_phase(g.s[j]) != CSIG_FAILED) continue;
        csig_session_blame(g.s[j], &blame);
        assert_int_equal(blame.err, err);
        assert_int_equal(blame.round, round);
        assert_int_equal(blame.culprit, by + 1);
        assert_int_equal(csig_err_class(err), CSIG_CLASS_CHEAT);
        assert_int_equal(csig_session_pending(g.s[j]), 0);
        assert_int_equal(csig_refresh_share(g.s[j], &share), CSIG_E_STATE);
        assert_true(is_all_zero(csig_session_run(g.s[j])->secret, sizeof(csig_refresh_secret)));
        refused++;
    }
    assert_true(refused > 0);
    assert_true(reshare_group_is_key(&g, g.old, old, 2));
}

static void tell(const lie *told)
{
    liar l;

    reshare_group_start(&g, 1);
    liar_init(&l, g.net, told->by, &reshare_group_identity(&g, told->by)->key);
    l.round = told->round, l.piece = told->piece, l.part_for = told->part_for;
    l.edit = told->edit, l.resize = told->resize;
    l.ctx = &g;
    net_run(g.net);
    assert_true(l.told > 0);
    expect_refused(told->by, told->err, told->round);
    reshare_group_stop(&g);
}

/* --- edits --- */

static void add_one(csig_scalar *a)
{
    csig_scalar one;

    csig_scalar_set_u32(&one, 1);
    csig_scalar_add(a, a, &one);
}

static void some_commitment(void *group, void *msg)
{
    (void)group;
    ((csig_keygen_commit_msg *)msg)->V[7] ^= 1;
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
    add_one(&((csig_refresh_part_msg *)msg)->c);
}

static void other_chain_code(void *group, void *msg)
{
    (void)group;
    ((csig_refresh_part_msg *)msg)->cc[31] ^= 1;
}

static void other_output(void *group, void *msg)
{
    (void)group;
    ((csig_refresh_receipt_msg *)msg)->hash[63] ^= 1;
}

static void some_backup(void *group, void *msg)
{
    (void)group;
    ((csig_refresh_receipt_msg *)msg)->backup[0] ^= 1;
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
    {CHEAT, LIAR_ALL, 1, LIAR_BCAST, NULL, CSIG_POINT_BYTES, CSIG_E_MESSAGE},
    {JOINS, LIAR_ALL, 1, LIAR_BCAST, some_commitment, 0, CSIG_E_MESSAGE},
    {CHEAT, LIAR_ALL, 2, LIAR_BCAST, other_rid, 0, CSIG_E_COMMIT},
    {LEAVES, LIAR_ALL, 2, LIAR_BCAST, other_rid, 0, CSIG_E_COMMIT},
    {CHEAT, LIAR_ALL, 2, LIAR_BCAST, other_coefficient, 0, CSIG_E_COMMIT},
    {CHEAT, LIAR_ALL, 2, LIAR_BCAST, NULL, CSIG_POINT_BYTES, CSIG_E_MESSAGE}, /* C1 */
    {CHEAT, LIAR_ALL, 2, LIAR_BCAST, NULL, -CSIG_POINT_BYTES, CSIG_E_MESSAGE},
    {CHEAT, STAYS, 2, LIAR_PART, other_share, 0, CSIG_E_SHARE},
    {CHEAT, JOINS, 2, LIAR_PART, other_share, 0, CSIG_E_SHARE},
    {LEAVES, JOINS, 2, LIAR_PART, other_share, 0, CSIG_E_SHARE},
    {CHEAT, LEAVES, 2, LIAR_PART, other_share, 0, CSIG_E_MESSAGE},
    {CHEAT, JOINS, 2, LIAR_PART, other_chain_code, 0, CSIG_E_COMMIT},
    {CHEAT, LEAVES, 2, LIAR_PART, other_chain_code, 0, CSIG_E_MESSAGE},
    {CHEAT, LIAR_ALL, 3, LIAR_BCAST, other_output, 0, CSIG_E_ACK},
    {LEAVES, LIAR_ALL, 3, LIAR_BCAST, other_output, 0, CSIG_E_ACK},
    {LEAVES, LIAR_ALL, 3, LIAR_BCAST, some_backup, 0, CSIG_E_MESSAGE},
    {JOINS, LIAR_ALL, 3, LIAR_BCAST, other_output, 0, CSIG_E_ACK},
    {CHEAT, LIAR_ALL, 4, LIAR_BCAST, other_test, 0, CSIG_E_OUTPUT},
    {CHEAT, LIAR_ALL, 4, LIAR_BCAST, other_signature, 0, CSIG_E_ACK},
};

static void lies_of_all_kinds_of_members(void **state)
{
    (void)state;
    reshare_group_init(&g, &four);
    g.commits = 2; /* the cheat */
    for (size_t i = 0; i < CSIG_ARRAY_LEN(lies); i++)
        tell(&lies[i]);
    reshare_group_free(&g);
}

/* C9: sub-shares of another number, with commitments and all that fit it, to whoever there is. */
static void lather_rinse_repeat(void **state)
{
    (void)state;
    for (uint16_t by = CHEAT; by <= LEAVES; by++) {
        reshare_group_init(&g, &four);
        add_one(&g.old[g.member[by].deals - 1]->x);
        reshare_group_start(&g, 3);
        net_run(g.net);
        for (uint16_t j = 0; j < g.count; j++) {
            csig_blame blame;

            if (j == by) continue;
            csig_session_blame(g.s[j], &blame);
            assert_int_equal(csig_session_phase(g.s[j]), CSIG_FAILED);
            assert_true(blame.err == CSIG_E_SHARE && blame.culprit == by + 1 && blame.round == 2);
        }
        reshare_group_free(&g);
    }
}

/* Who speaks as the new owner of an index without its share: as C9. */
static void a_new_identity_without_the_share(void **state)
{
    static const reshare_case renamed = {"renamed", 2, 2, 2, 2, true, {{1, 1}, {2, 2}}};
    csig_blame blame;
    csig_rng rng;

    (void)state;
    reshare_group_init(&g, &renamed);
    csig_rng_init(&rng, NULL, NULL);
    csig_scalar_random(&g.old[0]->x, &rng, "nobody's");
    reshare_group_start(&g, 4);
    g.net->in_order = true;
    net_run(g.net);
    csig_session_blame(g.s[1], &blame);
    assert_true(blame.err == CSIG_E_SHARE && blame.culprit == 1 && blame.round == 2);
    reshare_group_free(&g);
}

/* --- C12 and C10 --- */

static csig_err try(const csig_reshare_params *p)
{
    csig_session *s = NULL;
    const csig_err err = csig_reshare_session(&s, p);

    assert_true((err == CSIG_OK) == (s != NULL));
    csig_session_free(s);
    return err;
}

static const struct {
    uint16_t at, deals, holds;
} bad_members[] = {
    {CHEAT, 1, 2},      /* deals twice for one index */
    {CHEAT, 2, 1},      /* two hold one index */
    {CHEAT, 4, 2},      /* of no old member */
    {CHEAT, 2, 4},      /* of no new one */
    {CHEAT, 0, 0},      /* what for */
    {STAYS, 2, 1},      /* not its own share's index */
    {STAYS, 0, 1},      /* has one and does not say so */
    {LEAVES, 65535, 0}, /* far out */
};

static void C12_impossible_committees(void **state)
{
    csig_reshare_params good, p;
    csig_reshare_member was;

    (void)state;
    reshare_group_init(&g, &four);
    for (int i = 0; i < 4; i++)
        memset(g.member[i].nonce, i + 1, CSIG_NONCE_BYTES);
    good = reshare_group_params(&g, STAYS);
    assert_int_equal(try(&good), CSIG_OK);
#define REFUSED(change, err)                                                                       \
    p = good, p.change;                                                                            \
    assert_int_equal(try(&p), err)
    REFUSED(signers_required = 1, CSIG_E_PARTIES);
    REFUSED(signers_required = 0, CSIG_E_PARTIES);
    REFUSED(signers_required = 4, CSIG_E_PARTIES);
    REFUSED(parties = 1, CSIG_E_PARTIES);
    REFUSED(parties = 2, CSIG_E_PARTIES); /* one holds the third */
    REFUSED(parties = 17, CSIG_E_PARTIES);
    REFUSED(count = 1, CSIG_E_PARTIES); /* fewer than signers_required deal */
    REFUSED(count = 0, CSIG_E_PARTIES);
    REFUSED(count = 17, CSIG_E_PARTIES);
    REFUSED(count = 2, CSIG_E_PARTIES); /* nobody for the third, and no recovery key */
    REFUSED(self = 0, CSIG_E_PARTIES);
    REFUSED(self = 5, CSIG_E_PARTIES);
    REFUSED(self = 2, CSIG_E_PARTIES); /* whose share it is not */
    REFUSED(self = 4, CSIG_E_PARTIES);
    REFUSED(commits = 0, CSIG_E_PARTIES);
    REFUSED(commits = 4, CSIG_E_PARTIES);
    REFUSED(attempt = 0, CSIG_E_ARGUMENT);
    REFUSED(share = NULL, CSIG_E_ARGUMENT);
    REFUSED(members = NULL, CSIG_E_ARGUMENT);
    REFUSED(identities = NULL, CSIG_E_ARGUMENT);
    REFUSED(identity = NULL, CSIG_E_ARGUMENT);
    REFUSED(identity = g.old_id[1], CSIG_E_PARTIES);
    REFUSED(recovery = ((csig_recovery_keys){NULL, NULL, 1}), CSIG_E_ARGUMENT);
#undef REFUSED
    for (size_t i = 0; i < CSIG_ARRAY_LEN(bad_members); i++) {
        was = g.member[bad_members[i].at];
        g.member[bad_members[i].at].deals = bad_members[i].deals;
        g.member[bad_members[i].at].holds = bad_members[i].holds;
        assert_int_equal(try(&good), CSIG_E_PARTIES);
        g.member[bad_members[i].at] = was;
    }
    p = good, p.count = 5; /* one more, who does nothing */
    memset(g.member[4].nonce, 5, CSIG_NONCE_BYTES);
    assert_int_equal(try(&p), CSIG_E_PARTIES);
    memset(g.member[2].nonce, 0, CSIG_NONCE_BYTES);
    assert_int_equal(try(&good), CSIG_E_ARGUMENT);
    g.member[2].nonce[0] = 1;
    memcpy(g.identities[1], g.identities[0], CSIG_IDENTITY_BYTES);
    assert_int_equal(try(&good), CSIG_E_PARTIES);
    assert_int_equal(csig_reshare_session(NULL, &good), CSIG_E_ARGUMENT);
    assert_int_equal(try(NULL), CSIG_E_ARGUMENT);
    reshare_group_free(&g);
}

/* A quorum of the next committee, and none of the current one. */
static void C12_too_few_deal(void **state)
{
    static const reshare_case lowered = {"lowered", 3, 4, 2, 3, false, {{1, 1}, {2, 2}, {0, 3}}};
    csig_reshare_params p;

    (void)state;
    reshare_group_init(&g, &lowered);
    for (int i = 0; i < 3; i++)
        memset(g.member[i].nonce, i + 1, CSIG_NONCE_BYTES);
    p = reshare_group_params(&g, STAYS);
    assert_int_equal(try(&p), CSIG_E_PARTIES);
    g.member[2].deals = 4;
    assert_int_equal(try(&p), CSIG_OK);
    reshare_group_free(&g);
}

/* Enough to hold, not enough to sign the test. */
static void C12_too_few_of_the_next_are_online(void **state)
{
    static const reshare_case raised = {"raised", 2, 3, 3, 4, false, {{1, 1}, {2, 2}, {3, 0}}};
    csig_reshare_params p;

    (void)state;
    reshare_group_init(&g, &raised);
    for (int i = 0; i < 3; i++)
        memset(g.member[i].nonce, i + 1, CSIG_NONCE_BYTES);
    p = reshare_group_params(&g, STAYS);
    assert_int_equal(try(&p), CSIG_E_PARTIES);
    g.member[2].holds = 3; /* with three it is possible */
    p.recovery.indices++, p.recovery.keys += CSIG_RECOVERY_KEY_BYTES, p.recovery.count--;
    assert_int_equal(try(&p), CSIG_OK);
    reshare_group_free(&g);
}

/* Who joins is given the public state of another wallet, or of another epoch: it is in no session
 * with the others, and it is said which input it is. */
static void another_public_state(void **state)
{
    static uint8_t bytes[8192];
    static const char *const where[] = {"key_id", "epoch", "epoch_attempt", "chain_code"};
    csig_share *other = csig_share_alloc();

    (void)state;
    reshare_group_init(&g, &four);
    for (size_t what = 0; what < CSIG_ARRAY_LEN(where); what++) {
        csig_reshare_params p;
        csig_blame blame;
        size_t len;

        *other = *g.old[0];
        if (what == 0) other->key_id[0] ^= 1;
        if (what == 1) other->epoch++;
        if (what == 2) other->attempt++;
        csig_share_derive(other);
        if (what == 3) other->cc_hash[0] ^= 1;
        reshare_group_start(&g, 5);
        assert_int_equal(csig_share_epoch(other, g.epoch), CSIG_OK);
        p = reshare_group_params(&g, JOINS);
        csig_session_free(g.s[JOINS]);
        assert_int_equal(csig_reshare_session(&g.s[JOINS], &p), CSIG_OK);
        assert_int_equal(csig_session_send(g.s[STAYS], bytes, sizeof bytes, &len), CSIG_OK);
        assert_int_equal(csig_session_recv(g.s[JOINS], bytes, len), CSIG_E_SSID);
        csig_session_blame(g.s[JOINS], &blame);
        assert_string_equal(blame.where, where[what]);
        reshare_group_stop(&g);
    }
    g.epoch[300] ^= 1; /* and octets that fit nothing */
    csig_reshare_params p = reshare_group_params(&g, JOINS);

    assert_int_equal(try(&p), CSIG_E_FORMAT);
    csig_share_free(other);
    reshare_group_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lies_of_all_kinds_of_members),
        cmocka_unit_test(lather_rinse_repeat),
        cmocka_unit_test(a_new_identity_without_the_share),
        cmocka_unit_test(C12_impossible_committees),
        cmocka_unit_test(C12_too_few_deal),
        cmocka_unit_test(C12_too_few_of_the_next_are_online),
        cmocka_unit_test(another_public_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
