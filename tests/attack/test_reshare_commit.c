/* The published failures of the commit of refresh and resharing, and what becomes of them here: C8
 * forget-and-forgive, a split view of the acknowledgements, a member who never stores, a commit
 * that is lost, a removed member who comes back, a backup from before and one from after; and D12.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/liar.h"
#include "proto/reshare_group.h"
#include "share/device.h"

enum { FIRST, SECOND, LEAVES, JOINS };

static const reshare_case four = {
    "four", 2, 3, 2, 3, false, {{1, 1}, {2, 2}, {3, 0}, {0, 3}},
};

static const uint16_t pair[] = {0, 1};

static reshare_group g;

/* Everything of this round from one to one other, or to all, is lost for ever. */
typedef struct loss {
    uint16_t from, to;
    uint8_t round;
    unsigned lost;
} loss;

static void lose(void *ctx, network *net, net_packet *p)
{
    loss *l = ctx;
    csig_header h;

    (void)net;
    liar_header_read(&h, p);
    if (p->from != l->from || h.round != l->round) return;
    if (l->to != LIAR_ALL && p->to != l->to) return;
    p->dropped = true;
    l->lost++;
}

static void run_losing(loss *l)
{
    reshare_group_start(&g, 1);
    g.net->tap = lose, g.net->tap_ctx = l;
    net_run(g.net);
    assert_true(l->lost > 0);
}

static void expect_no_commit(void)
{
    for (uint16_t j = 0; j < g.count; j++) {
        uint8_t commit[64];

        assert_int_not_equal(csig_session_phase(g.s[j]), CSIG_DONE);
        assert_int_not_equal(csig_refresh_commit(g.s[j], commit), CSIG_OK);
    }
    assert_true(reshare_group_is_key(&g, g.old, pair, 2));
}

/* C8: the commit does not reach one member. It keeps both shares; the commit that any other one has
 * says, outside of the session, that the staged one is the share, and not the current one. */
static void C8_forget_and_forgive(void **state)
{
    (void)state;
    for (uint16_t late = FIRST; late <= LEAVES; late++) {
        loss l = {JOINS, late, 4, 0};
        uint8_t commit[64], digest[CSIG_DIGEST_BYTES] = {8}, epoch[CSIG_EPOCH_BYTES];
        static const uint16_t indices[][2] = {{1, 2}, {2, 3}, {1, 3}};
        csig_signature signature;

        reshare_group_init(&g, &four);
        run_losing(&l);
        for (uint16_t j = 0; j < g.count; j++)
            assert_int_equal(csig_session_phase(g.s[j]), j == late ? CSIG_RUNNING : CSIG_DONE);
        assert_int_equal(csig_refresh_commit(g.s[late], commit), CSIG_E_STATE);
        assert_int_equal(csig_refresh_commit(g.s[JOINS], commit), CSIG_OK);
        assert_int_equal(csig_share_epoch(g.staged[2], epoch), CSIG_OK);
        assert_int_equal(csig_epoch_commit_verify(epoch, g.commits, commit), CSIG_OK);
        if (late != LEAVES) {
            assert_int_equal(csig_refresh_commit_verify(g.staged[late], g.commits, commit),
                             CSIG_OK);
            assert_int_equal(csig_refresh_commit_verify(g.old[late], g.commits, commit),
                             CSIG_E_SIGNATURE);
        }
        for (size_t k = 0; k < 3; k++)
            reshare_group_sign(&g, indices[k], digest, &signature);
        reshare_group_free(&g);
    }
}

/* One receipt does not arrive, at the committer or at another one: nobody commits, nobody deletes,
 * and another attempt succeeds. */
static void a_lost_receipt(void **state)
{
    (void)state;
    for (uint16_t from = FIRST; from <= LEAVES; from++) {
        loss l = {from, JOINS, 3, 0};

        reshare_group_init(&g, &four);
        run_losing(&l);
        expect_no_commit();
        reshare_group_stop(&g);
        g.attempt++;
        reshare_group_start(&g, 2);
        net_run(g.net);
        assert_true(net_is_all(g.net, CSIG_DONE));
        reshare_group_free(&g);
    }
}

static csig_err all_but_one(void *ctx, uint16_t position, csig_session *s)
{
    return position == JOINS ? CSIG_E_HOST : reshare_group_store(ctx, position, s);
}

/* Who joins has not stored: who leaves is not through, and deletes nothing. */
static void who_leaves_waits_for_who_joins(void **state)
{
    (void)state;
    reshare_group_init(&g, &four);
    g.commits = 2;
    reshare_group_start(&g, 3);
    g.net->store = all_but_one;
    net_run(g.net);
    assert_int_equal(csig_session_phase(g.s[JOINS]), CSIG_STORE);
    assert_int_equal(csig_session_phase(g.s[LEAVES]), CSIG_RUNNING);
    expect_no_commit();
    reshare_group_free(&g);
}

static void other_output(void *group, void *msg)
{
    (void)group;
    ((csig_refresh_receipt_msg *)msg)->hash[9] ^= 1;
}

static void other_backup(void *group, void *msg)
{
    (void)group;
    ((csig_refresh_receipt_msg *)msg)->backup[9] ^= 1;
}

/* An acknowledgement that is told differently to one member: seen by the echo before anything is
 * committed, whoever tells it and whoever it is told to. */
static void split_view_of_the_acknowledgements(void **state)
{
    (void)state;
    for (uint16_t to = FIRST; to <= JOINS; to++) {
        liar l;

        if (to == SECOND) continue;
        reshare_group_init(&g, &four);
        reshare_group_start(&g, 4);
        liar_init(&l, g.net, SECOND, &reshare_group_identity(&g, SECOND)->key);
        l.round = 3, l.piece = LIAR_BCAST, l.to = to;
        l.edit = to == FIRST ? other_backup : other_output;
        net_run(g.net);
        assert_int_equal(l.told, 1);
        for (uint16_t j = 0; j < g.count; j++) {
            csig_blame blame;

            if (j == SECOND) continue;
            assert_int_equal(csig_session_phase(g.s[j]), CSIG_FAILED);
            csig_session_blame(g.s[j], &blame);
            assert_int_equal(blame.err, CSIG_E_EQUIVOCATE);
            assert_int_equal(blame.culprit, SECOND + 1);
            assert_int_equal(blame.round, 3);
        }
        expect_no_commit();
        reshare_group_free(&g);
    }
}

/* --- who is not a member any more --- */

/* The first message of a refresh by the holders of these indices of an epoch, as `self` makes it.
 */
static csig_session *refresh(const csig_share *share, const csig_identity *id,
                             const uint8_t *nonces)
{
    static const uint16_t online[] = {1, 2};
    static const uint16_t third = 3;
    csig_session *s;
    const csig_refresh_params p = {
        .identity = id,
        .share = share,
        .indices = online,
        .count = 2,
        .nonces = nonces,
        .recovery = {&third, g.ek[0], 1},
        .attempt = 1,
        .commits = 2,
    };

    assert_int_equal(csig_refresh_session(&s, &p), CSIG_OK);
    return s;
}

/* One who was replaced, and one who restored a share from before: neither is in a session with the
 * others, and their shares are of no use with new ones. */
static void a_stale_member(void **state)
{
    static const reshare_case replaced = {"replaced", 2, 3, 2, 3, false, {{2, 2}, {0, 1}, {3, 3}}};
    static uint8_t bytes[8192];
    static const uint8_t nonces[64] = {1, [32] = 2};
    csig_share *mixed[CSIG_MAX_PARTIES];
    csig_session *now, *stale;
    csig_recovery *key;
    csig_blame blame;
    size_t len;

    (void)state;
    reshare_group_init(&g, &replaced);
    assert_int_equal(csig_recovery_new(&key), CSIG_OK);
    csig_recovery_public(key, g.ek[0]);
    csig_recovery_free(key);
    reshare_group_start(&g, 5);
    net_run(g.net);
    assert_true(net_is_all(g.net, CSIG_DONE));
    /* removed: index 1 of the old epoch, which another device holds now */
    now = refresh(g.staged[1], g.next->id[1], nonces);
    stale = refresh(g.old[0], g.old_id[0], nonces);
    assert_int_equal(csig_session_send(stale, bytes, sizeof bytes, &len), CSIG_OK);
    assert_int_equal(csig_session_recv(now, bytes, len), CSIG_E_SESSION);
    assert_int_equal(csig_session_phase(now), CSIG_RUNNING);
    csig_session_free(now), csig_session_free(stale);
    /* stale: index 2 with the share that it had before */
    now = refresh(g.staged[0], g.next->id[0], nonces);
    stale = refresh(g.old[1], g.old_id[1], nonces);
    assert_int_equal(csig_session_send(stale, bytes, sizeof bytes, &len), CSIG_OK);
    assert_int_equal(csig_session_recv(now, bytes, len), CSIG_E_SSID);
    csig_session_blame(now, &blame);
    assert_string_equal(blame.where, "identities");
    csig_session_free(now), csig_session_free(stale);
    /* one from before and one from after */
    for (uint16_t k = 0; k < 2; k++) {
        memcpy(mixed, g.staged, sizeof mixed);
        mixed[k] = g.old[k];
        assert_false(reshare_group_is_key(&g, mixed, pair, 2));
    }
    assert_true(reshare_group_is_key(&g, g.staged, pair, 2));
    reshare_group_free(&g);
}

/* D12: a session that has failed opens nothing afterwards: no share, no test, no receipt, no
 * commit; and what it still holds is zero. */
static void D12_a_failed_session_gives_nothing(void **state)
{
    static uint8_t octets[CSIG_ESCROW_BYTES];
    csig_signature signature = {.recovery_id = 0};
    csig_session *s;
    csig_share *share;
    liar l;

    (void)state;
    reshare_group_init(&g, &four);
    reshare_group_start(&g, 6);
    liar_init(&l, g.net, SECOND, &reshare_group_identity(&g, SECOND)->key);
    l.round = 3, l.piece = LIAR_BCAST, l.edit = other_output;
    net_run(g.net);
    s = g.s[FIRST];
    assert_int_equal(csig_session_phase(s), CSIG_FAILED);
    assert_int_equal(csig_refresh_share(s, &share), CSIG_E_STATE);
    assert_int_equal(csig_refresh_backup(s, octets), CSIG_E_STATE);
    assert_int_equal(csig_refresh_backup_of(s, 1, octets), CSIG_E_STATE);
    assert_int_equal(csig_refresh_test_digest(s, octets), CSIG_E_STATE);
    assert_int_equal(csig_refresh_tested(s, &signature), CSIG_E_STATE);
    assert_int_equal(csig_refresh_escrow(s, 1, 1, octets), CSIG_E_STATE);
    assert_int_equal(csig_refresh_commit(s, octets), CSIG_E_STATE);
    assert_int_equal(csig_session_confirm(s), CSIG_E_STATE);
    assert_int_equal(csig_session_recv(s, octets, sizeof octets), CSIG_E_STATE);
    assert_int_equal(csig_session_pending(s), 0);
    for (size_t i = 0; i < sizeof(csig_refresh_secret); i++)
        assert_int_equal(((const uint8_t *)csig_session_run(s)->secret)[i], 0);
    expect_no_commit();
    reshare_group_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(C8_forget_and_forgive),
        cmocka_unit_test(a_lost_receipt),
        cmocka_unit_test(who_leaves_waits_for_who_joins),
        cmocka_unit_test(split_view_of_the_acknowledgements),
        cmocka_unit_test(a_stale_member),
        cmocka_unit_test(D12_a_failed_session_gives_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
