/* A cheating party in key generation, through the messages: it is refused and named, nothing more
 * leaves, nothing secret stays, and a fresh run works. The letters are those of the catalogue of
 * attacks: C1 threshold raise, C3 zero and infinity, C5 mirroring, C6 rogue key, C7 sub-shares in
 * the wrong hands. What concerns parameters and circumstances is in test_keygen_misuse.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/keygen_group.h"
#include "proto/liar.h"
#include "share/device.h"

#define CHEAT 1 /* position of the liar; the others are honest */

typedef struct lie {
    uint8_t round;
    liar_piece piece;
    void (*edit)(void *group, void *msg);
    int resize;
    csig_err err;
    uint8_t found; /* in this round */
} lie;

static keygen_group g;

/* Whoever looks at the lie refuses it. */
static void expect_all_refuse(const lie *told)
{
    for (uint16_t j = 0; j < g.n; j++) {
        csig_share *share;

        if (j == CHEAT) continue;
        assert_int_equal(csig_keygen_share(g.s[j], &share), CSIG_E_STATE);
        keygen_group_refused(&g, j, told->err, told->found, CHEAT + 1);
    }
}

/* The liar tells its lie to everybody. */
static void tell(const lie *told)
{
    network *net;
    liar l;

    keygen_group_start(&g, KEYGEN_HONEST, NULL);
    net = keygen_group_net(&g, 1);
    net->in_order = true; /* the liar's own session does not fail first */
    liar_init(&l, net, CHEAT, &g.id[CHEAT]->key);
    l.round = told->round;
    l.piece = told->piece;
    l.edit = told->edit;
    l.resize = told->resize;
    l.ctx = &g;
    net_run(net);
    assert_true(l.told > 0);
    expect_all_refuse(told);
    net_free(net);
    keygen_group_stop(&g);
}

static void expect_a_fresh_run_works(void)
{
    network *net;

    keygen_group_start(&g, KEYGEN_HONEST, NULL);
    net = keygen_group_net(&g, 2);
    net_run(net);
    assert_true(net_is_all(net, CSIG_DONE));
    net_free(net);
    keygen_group_stop(&g);
}

/* For two parties, where nothing is echoed, and for three. */
static void tell_all(const lie *lies, size_t count)
{
    for (uint16_t n = 2; n <= 3; n++) {
        keygen_group_init(&g, 2, n);
        for (size_t i = 0; i < count; i++)
            tell(&lies[i]);
        expect_a_fresh_run_works();
        keygen_group_free(&g);
    }
}

/* --- edits --- */

static void add_one(csig_scalar *a)
{
    csig_scalar one;

    csig_scalar_set_u32(&one, 1);
    csig_scalar_add(a, a, &one);
}

static void share_plus_one(void *group, void *msg)
{
    (void)group;
    add_one(&((csig_keygen_masked_msg *)msg)->c);
}

static void share_of_zero(void *group, void *msg)
{
    (void)group;
    csig_scalar_set_u32(&((csig_keygen_masked_msg *)msg)->c, 0);
}

static void other_chain_code(void *group, void *msg)
{
    (void)group;
    ((csig_keygen_masked_msg *)msg)->cc[0] ^= 1;
}

static void other_chain_code_hash(void *group, void *msg)
{
    (void)group;
    ((csig_keygen_open_msg *)msg)->cc_hash[31] ^= 1;
}

static void other_rid(void *group, void *msg)
{
    (void)group;
    ((csig_keygen_open_msg *)msg)->rid[0] ^= 1;
}

static void other_nonce_of_proof(void *group, void *msg)
{
    (void)group;
    csig_point_generator(&((csig_keygen_open_msg *)msg)->A);
}

static void other_opening_key(void *group, void *msg)
{
    (void)group;
    ((csig_keygen_open_msg *)msg)->u[0] ^= 1;
}

static void other_top_coefficient(void *group, void *msg)
{
    const keygen_group *of = group;

    csig_point_generator(&((csig_keygen_open_msg *)msg)->S[of->t - 1]);
}

/* After having seen the victim's: the key would be the liar's own. */
static void minus_the_victims_key(void *group, void *msg)
{
    const csig_run *victim = csig_session_run(((keygen_group *)group)->s[0]);

    csig_point_neg(&((csig_keygen_open_msg *)msg)->S[0], &csig_keygen_secret_of(victim)->own.S[0]);
}

static void other_commitment(void *group, void *msg)
{
    (void)group;
    ((csig_keygen_commit_msg *)msg)->V[0] ^= 1;
}

static void other_mask_keys(void *group, void *msg)
{
    const keygen_group *of = group;

    for (uint16_t k = 0; k + 1 < of->n; k++)
        csig_point_generator(&((csig_keygen_commit_msg *)msg)->Y[k]);
}

static void other_proof(void *group, void *msg)
{
    (void)group;
    add_one(&((csig_zk_sch *)msg)->z);
}

static void other_output(void *group, void *msg)
{
    (void)group;
    ((csig_keygen_ack_msg *)msg)->hash[63] ^= 1;
}

/* --- the attacks --- */

static void sub_shares_that_do_not_fit(void **state)
{
    static const lie lies[] = {
        {2, LIAR_PART, share_plus_one, 0, CSIG_E_SHARE, 2},
        {2, LIAR_PART, share_of_zero, 0, CSIG_E_SHARE, 2},
        {1, LIAR_BCAST, other_mask_keys, 0, CSIG_E_SHARE, 2},
        {2, LIAR_PART, other_chain_code, 0, CSIG_E_COMMIT, 2},
    };

    (void)state;
    tell_all(lies, CSIG_ARRAY_LEN(lies));
}

/* C3, C6: nothing that V_i fixed can be chosen later. */
static void C3_C6_openings_that_are_not_the_commitments(void **state)
{
    static const lie lies[] = {
        {2, LIAR_BCAST, minus_the_victims_key, 0, CSIG_E_COMMIT, 2},
        {2, LIAR_BCAST, other_top_coefficient, 0, CSIG_E_COMMIT, 2},
        {2, LIAR_BCAST, other_rid, 0, CSIG_E_COMMIT, 2},
        {2, LIAR_BCAST, other_chain_code_hash, 0, CSIG_E_COMMIT, 2},
        {2, LIAR_BCAST, other_nonce_of_proof, 0, CSIG_E_COMMIT, 2},
        {2, LIAR_BCAST, other_opening_key, 0, CSIG_E_COMMIT, 2},
        {1, LIAR_BCAST, other_commitment, 0, CSIG_E_COMMIT, 2},
    };

    (void)state;
    tell_all(lies, CSIG_ARRAY_LEN(lies));
}

static void proofs_and_acknowledgements(void **state)
{
    static const lie lies[] = {
        {3, LIAR_BCAST, other_proof, 0, CSIG_E_PROOF, 3},
        {4, LIAR_BCAST, other_output, 0, CSIG_E_ACK, 4},
    };

    (void)state;
    tell_all(lies, CSIG_ARRAY_LEN(lies));
}

/* C1: t + 1, t + 2, t - 1 and no commitments to coefficients, validly signed. A message of key
 * generation has one length. E4: an octet more, an octet less, in every round. */
static void C1_E4_other_numbers_of_coefficients(void **state)
{
    static const lie lies[] = {
        {2, LIAR_BCAST, NULL, CSIG_POINT_BYTES, CSIG_E_MESSAGE, 2},
        {2, LIAR_BCAST, NULL, 2 * CSIG_POINT_BYTES, CSIG_E_MESSAGE, 2},
        {2, LIAR_BCAST, NULL, -CSIG_POINT_BYTES, CSIG_E_MESSAGE, 2},
        {2, LIAR_BCAST, NULL, -2 * CSIG_POINT_BYTES, CSIG_E_MESSAGE, 2},
        {1, LIAR_BCAST, NULL, 1, CSIG_E_MESSAGE, 1},
        {1, LIAR_BCAST, NULL, -1, CSIG_E_MESSAGE, 1},
        {2, LIAR_PART, NULL, 64, CSIG_E_MESSAGE, 2},
        {2, LIAR_PART, NULL, -64, CSIG_E_MESSAGE, 2},
        {3, LIAR_BCAST, NULL, 1, CSIG_E_MESSAGE, 3},
        {4, LIAR_BCAST, NULL, -1, CSIG_E_MESSAGE, 4},
    };

    (void)state;
    tell_all(lies, CSIG_ARRAY_LEN(lies));
}

/* The birth is the committer's word alone: here the liar is the committer. */
static void a_birth_that_is_not_signed(void **state)
{
    (void)state;
    for (uint16_t n = 2; n <= 3; n++) {
        network *net;
        liar l;
        liar_twist flip = {.field = {.width = CSIG_ED_SIG_BYTES}, .change = LIAR_FLIP_LAST};

        keygen_group_init(&g, 2, n);
        g.commits = CHEAT + 1;
        keygen_group_start(&g, KEYGEN_HONEST, NULL);
        net = keygen_group_net(&g, 1);
        liar_init(&l, net, CHEAT, &g.id[CHEAT]->key);
        l.round = 5;
        l.piece = LIAR_BCAST;
        l.edit_raw = liar_twist_field;
        l.ctx = &flip;
        net_run(net);
        for (uint16_t j = 0; j < n; j++) {
            if (j != CHEAT) keygen_group_refused(&g, j, CSIG_E_ACK, 5, CHEAT + 1);
        }
        net_free(net);
        keygen_group_free(&g);
    }
}

/* --- C5 --- */

static void both_taps(void *two, network *net, net_packet *p)
{
    liar *l = two;

    liar_tap(&l[0], net, p);
    liar_tap(&l[1], net, p);
}

static void the_victims_commitment(void *group, void *msg)
{
    const csig_run *victim = csig_session_run(((keygen_group *)group)->s[0]);

    csig_keygen_commitment(((csig_keygen_commit_msg *)msg)->V, victim, 0,
                           &csig_keygen_secret_of(victim)->own);
}

static void the_victims_opening(void *group, void *msg)
{
    const csig_run *victim = csig_session_run(((keygen_group *)group)->s[0]);

    memcpy(msg, &csig_keygen_secret_of(victim)->own, sizeof(csig_keygen_open_msg));
}

/* V verbatim, later the same opening: the committer's index is in V. */
static void C5_mirrored_commitment(void **state)
{
    (void)state;
    for (uint16_t n = 2; n <= 3; n++) {
        network *net;
        liar l[2];

        keygen_group_init(&g, 2, n);
        keygen_group_start(&g, KEYGEN_HONEST, NULL);
        net = keygen_group_net(&g, 1);
        liar_init(&l[0], net, CHEAT, &g.id[CHEAT]->key);
        l[0].piece = LIAR_BCAST;
        l[0].ctx = &g;
        l[1] = l[0];
        l[0].round = 1;
        l[0].edit = the_victims_commitment;
        l[1].round = 2;
        l[1].edit = the_victims_opening;
        net->tap = both_taps;
        net->tap_ctx = l;
        net_run(net);
        assert_true(l[0].told > 0 && l[1].told > 0);
        for (uint16_t j = 0; j < n; j++) {
            if (j != CHEAT) keygen_group_refused(&g, j, CSIG_E_COMMIT, 2, CHEAT + 1);
        }
        net_free(net);
        keygen_group_free(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sub_shares_that_do_not_fit),
        cmocka_unit_test(C3_C6_openings_that_are_not_the_commitments),
        cmocka_unit_test(proofs_and_acknowledgements),
        cmocka_unit_test(C1_E4_other_numbers_of_coefficients),
        cmocka_unit_test(a_birth_that_is_not_signed),
        cmocka_unit_test(C5_mirrored_commitment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
