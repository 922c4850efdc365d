/* How refreshes of others have failed, by the names they were published under: whatever message is
 * lost, for whomever, all are at one epoch once they have asked the committer (C8
 * forget-and-forgive); a receipt that is one thing to one and another to the other commits nothing
 * (split view); shares of before and after are worth nothing together, from backups or from a
 * member that was left behind; a session that has failed helps nobody (D12). C9 and C12 are in
 * test_refresh_attacks.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "countersign/backup.h"
#include "proto/liar.h"
#include "proto/refresh_group.h"
#include "proto/signing.h"

#define SERVER 2 /* position and the last index but one: commits */

static const uint16_t all[] = {1, 2, 3}, pairs[][2] = {{1, 2}, {1, 3}, {2, 3}};
static refresh_group g;

/* --- what must hold --- */

static bool is_key(csig_share *const *shares, uint16_t a, uint16_t b)
{
    const csig_share *const both[2] = {shares[a - 1], shares[b - 1]};
    static const uint16_t positions[2] = {0, 1};
    csig_scalar key;
    csig_point pk;

    deal_combine(&key, both, positions, 2);
    return csig_point_has_mul_g_var(&pk, &key) && csig_point_is_eq(&pk, &both[0]->pk);
}

/* Signing with these shares of two indices; is there a signature? Different epochs are different
 * inputs: benign, and seen before anything secret is used. */
static bool is_signed(csig_share *const *shares, const uint16_t pair[2])
{
    csig_share *current[CSIG_MAX_PARTIES];
    const csig_intent intent = signing_intent(7, NULL, 0);
    signing sg;
    csig_phase phase;

    memcpy(current, g.d->share, sizeof current);
    memcpy(g.d->share, shares, 3 * sizeof shares[0]);
    signing_init(&sg, g.d, pair);
    signing_sign(&sg, &intent, pair[0], NULL);
    signing_run(&sg);
    phase = csig_session_phase(sg.s[0]);
    if (phase == CSIG_DONE) {
        signing_expect_signature(&sg, &intent);
    } else {
        assert_int_equal(phase, CSIG_RUNNING);
        assert_true(sg.net->err[0] == CSIG_E_SSID || sg.net->err[1] == CSIG_E_SSID);
        signing_expect_none(&sg);
    }
    signing_free(&sg);
    memcpy(g.d->share, current, sizeof current);
    return phase == CSIG_DONE;
}

/* These are the shares of one epoch. */
static void expect_one_epoch(csig_share *const *shares)
{
    for (size_t i = 0; i < CSIG_ARRAY_LEN(pairs); i++)
        assert_true(is_key(shares, pairs[i][0], pairs[i][1]));
}

/* One share of before among those of after. */
static void expect_worthless(uint16_t before, uint16_t after)
{
    csig_share *mixed[3] = {g.staged[0], g.staged[1], g.staged[2]};
    const uint16_t pair[2] = {before < after ? before : after, before < after ? after : before};

    mixed[before - 1] = g.d->share[before - 1];
    assert_false(is_key(mixed, pair[0], pair[1]));
    assert_false(is_signed(mixed, pair));
}

/* --- C8: a message is lost for good --- */

typedef struct loss {
    uint8_t round;
    uint16_t from, to; /* positions */
    unsigned lost;
} loss;

static void lose(void *ctx, network *net, net_packet *p)
{
    loss *l = ctx;
    csig_header h;

    (void)net;
    liar_header_read(&h, p);
    if (h.round != l->round || p->from != l->from || p->to != l->to) return;
    p->dropped = true;
    l->lost++;
}

/* Everybody asks the committer: with its commit all follow, without it nobody does. */
static void expect_agreement(const loss *l)
{
    uint8_t commit[64], own[64];
    const bool committed = csig_session_phase(g.s[SERVER]) == CSIG_DONE;

    for (uint16_t i = 0; i < 3; i++) {
        /* Nobody deletes the old share on less than the commit. */
        const bool forgets = csig_session_phase(g.s[i]) == CSIG_DONE;

        assert_false(forgets && !committed);
        assert_int_equal(csig_refresh_commit(g.s[i], own), forgets ? CSIG_OK : CSIG_E_STATE);
    }
    if (!committed) {
        expect_one_epoch(g.d->share);
        return;
    }
    assert_int_equal(l->round, 4);
    assert_int_equal(csig_refresh_commit(g.s[SERVER], commit), CSIG_OK);
    for (uint16_t i = 0; i < 3; i++) {
        assert_non_null(g.staged[i]);
        assert_int_equal(csig_refresh_commit_verify(g.staged[i], 3, commit), CSIG_OK);
        assert_int_equal(csig_refresh_commit_verify(g.d->share[i], 3, commit), CSIG_E_SIGNATURE);
    }
    expect_one_epoch(g.staged);
}

static void C8_forget_and_forgive(void **state)
{
    unsigned messages = 0;

    (void)state;
    refresh_group_init(&g, 2, 3, all, 3);
    for (uint8_t round = 1; round <= 4; round++) {
        for (uint16_t way = 0; way < 9; way++) {
            loss l = {.round = round, .from = way / 3, .to = way % 3};

            if (l.from == l.to || (round == 4 && l.from != SERVER)) continue;
            refresh_group_start(&g, 100 + way);
            g.net->tap = lose, g.net->tap_ctx = &l;
            net_run(g.net);
            assert_true(l.lost > 0);
            expect_agreement(&l);
            messages++;
            refresh_group_stop(&g);
        }
    }
    assert_int_equal(messages, 3 * 6 + 2);
    refresh_group_free(&g);
}

/* The one that did not hear of it: with its old share it signs with nobody, with the new one it
 * does. */
static void C8_who_was_not_told_follows(void **state)
{
    loss l = {.round = 4, .from = SERVER, .to = 0};

    (void)state;
    refresh_group_init(&g, 2, 3, all, 3);
    refresh_group_start(&g, 1);
    g.net->tap = lose, g.net->tap_ctx = &l;
    net_run(g.net);
    expect_agreement(&l);
    expect_worthless(1, 2);
    expect_worthless(1, 3);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(pairs); i++)
        assert_true(is_signed(g.staged, pairs[i]));
    refresh_group_free(&g);
}

/* --- receipts --- */

static void other_output(void *group, void *msg)
{
    (void)group;
    ((csig_refresh_receipt_msg *)msg)->hash[0] ^= 1;
}

static void other_backup(void *group, void *msg)
{
    (void)group;
    ((csig_refresh_receipt_msg *)msg)->backup[0] ^= 1;
}

/* A member acknowledges to one and to the other something else, with signatures that are good. */
static void C4_split_view_acknowledgement(void **state)
{
    static void (*const edit[])(void *, void *) = {other_output, other_backup};

    (void)state;
    refresh_group_init(&g, 2, 3, all, 3);
    for (uint16_t i = 0; i < 4; i++) {
        liar l;

        refresh_group_start(&g, 30 + i);
        liar_init(&l, g.net, 1, &g.d->id[1]->key);
        l.round = 3, l.piece = LIAR_BCAST, l.to = i % 2 == 0 ? 0 : SERVER, l.edit = edit[i / 2];
        l.ctx = &g;
        net_run(g.net);
        assert_int_equal(l.told, 1);
        /* The committer never came to its second stop: there is no commit, and none can be. */
        assert_int_equal(g.net->stores[SERVER], 1);
        for (uint16_t j = 0; j < 3; j++)
            assert_int_not_equal(csig_session_phase(g.s[j]), CSIG_DONE);
        expect_one_epoch(g.d->share);
        assert_true(is_signed(g.d->share, pairs[i % 3]));
        refresh_group_stop(&g);
    }
    refresh_group_free(&g);
}

/* --- before and after --- */

static void backup_of(uint8_t backup[CSIG_BACKUP_BYTES], const csig_share *share, uint16_t index)
{
    const csig_backup_params p = {
        .share = share,
        .identity = g.d->id[index - 1],
        .generation = 1,
        .label = "w",
        .passphrase = (const uint8_t *)"p",
        .passphrase_len = 1,
        .ops = 1,
        .memory = CSIG_BACKUP_MEMORY_LEAST,
    };

    assert_int_equal(csig_backup_make(backup, &p), CSIG_OK);
}

/* Into g.d->share or g.staged, where it came from. */
static void restore(const uint8_t backup[CSIG_BACKUP_BYTES], csig_share **share)
{
    csig_identity *owner;

    csig_share_free(*share);
    assert_int_equal(
        csig_backup_open(backup, CSIG_BACKUP_BYTES, (const uint8_t *)"p", 1, share, &owner),
        CSIG_OK);
    csig_identity_free(owner);
}

static void C8_one_backup_from_before_and_one_from_after(void **state)
{
    static uint8_t before[CSIG_BACKUP_BYTES], after[CSIG_BACKUP_BYTES], with[CSIG_BACKUP_BYTES];
    csig_backup_info a, b, c;

    (void)state;
    refresh_group_init(&g, 2, 3, all, 3);
    refresh_group_start(&g, 50);
    net_run(g.net);
    backup_of(before, g.d->share[0], 1);
    backup_of(after, g.staged[1], 2);
    backup_of(with, g.staged[0], 1);
    assert_int_equal(csig_backup_describe(before, sizeof before, &a), CSIG_OK);
    assert_int_equal(csig_backup_describe(after, sizeof after, &b), CSIG_OK);
    assert_int_equal(csig_backup_describe(with, sizeof with, &c), CSIG_OK);
    assert_int_equal(csig_backups_belong(&a, &b), CSIG_E_EPOCH);
    assert_int_equal(csig_backups_belong(&c, &b), CSIG_OK);
    restore(before, &g.d->share[0]);
    restore(after, &g.staged[1]);
    expect_worthless(1, 2);
    restore(with, &g.staged[0]);
    assert_true(is_key(g.staged, 1, 2));
    assert_true(is_signed(g.staged, pairs[0]));
    refresh_group_free(&g);
}

/* Left out, and its index given to another device by its escrow. */
static void C8_stale_removed_member(void **state)
{
    static const uint16_t online[] = {2, 3};

    (void)state;
    refresh_group_init(&g, 2, 3, online, 2);
    refresh_group_start(&g, 60);
    net_run(g.net);
    assert_true(net_is_all(g.net, CSIG_DONE));
    refresh_group_recover(&g, 1);
    expect_worthless(1, 2);
    expect_worthless(1, 3);
    expect_one_epoch(g.staged);
    assert_true(is_signed(g.staged, pairs[0]));
    assert_true(is_signed(g.staged, pairs[1]));
    refresh_group_free(&g);
}

/* --- D12 --- */

/* Staged, and then somebody lied: nothing of that session can become a signature or a commit. */
static void D12_a_failed_session_signs_nothing(void **state)
{
    static const uint16_t both[] = {1, 2};
    uint8_t octets[64];
    csig_signature none = {0};
    csig_share *share;
    liar l;

    (void)state;
    refresh_group_init(&g, 2, 2, both, 2);
    refresh_group_start(&g, 70);
    liar_init(&l, g.net, 0, &g.d->id[0]->key);
    l.round = 3, l.piece = LIAR_BCAST, l.edit = other_output;
    net_run(g.net);
    assert_int_equal(csig_session_phase(g.s[1]), CSIG_FAILED);
    assert_non_null(g.staged[1]);
    assert_int_equal(csig_refresh_test_digest(g.s[1], octets), CSIG_E_STATE);
    assert_int_equal(csig_refresh_share(g.s[1], &share), CSIG_E_STATE);
    assert_int_equal(csig_refresh_backup(g.s[1], octets), CSIG_E_STATE);
    assert_int_equal(csig_refresh_tested(g.s[1], &none), CSIG_E_STATE);
    assert_int_equal(csig_refresh_commit(g.s[1], octets), CSIG_E_STATE);
    assert_int_equal(csig_session_confirm(g.s[1]), CSIG_E_STATE);
    assert_int_equal(csig_session_pending(g.s[1]), 0);
    assert_true(is_key(g.d->share, 1, 2));
    refresh_group_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(C8_forget_and_forgive),
        cmocka_unit_test(C8_who_was_not_told_follows),
        cmocka_unit_test(C4_split_view_acknowledgement),
        cmocka_unit_test(C8_one_backup_from_before_and_one_from_after),
        cmocka_unit_test(C8_stale_removed_member),
        cmocka_unit_test(D12_a_failed_session_signs_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
