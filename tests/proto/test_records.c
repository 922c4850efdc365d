/* Records: kept by every member alike, and verified by somebody who was not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/records.h"

static keygen_group kg;
static reshare_group rg;
static csig_record_info info;
static csig_blame blame;

/* --- honest --- */

static void expect_epoch(const csig_share *share, uint16_t commits)
{
    uint8_t epoch[CSIG_EPOCH_BYTES];

    assert_int_equal(csig_share_epoch(share, epoch), CSIG_OK);
    assert_memory_equal(epoch, info.epoch, sizeof epoch);
    assert_int_equal(info.commits, commits);
    assert_int_equal(csig_epoch_commit_verify(info.epoch, commits, info.commit), CSIG_OK);
}

static void key_generation(void **state)
{
    static const struct {
        uint16_t t, n, count, online[5], last;
    } rows[] = {{2, 2, 2, {1, 2}, 0}, {2, 2, 2, {1, 2}, 2},       {2, 3, 3, {1, 2, 3}, 2},
                {2, 3, 2, {1, 2}, 2}, {3, 5, 4, {1, 2, 3, 5}, 2}, {3, 5, 5, {1, 2, 3, 4, 5}, 0}};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(rows); i++) {
        csig_share *share;
        octets o;

        keygen_group_init(&kg, rows[i].t, rows[i].n);
        keygen_group_online(&kg, rows[i].online, rows[i].count);
        o = records_keygen(&kg, rows[i].last);
        assert_int_equal(csig_record_verify(o.p, o.len, &info, &blame), CSIG_OK);
        assert_int_equal(blame.err, CSIG_OK);
        assert_int_equal(csig_keygen_share(kg.s[0], &share), CSIG_OK);
        expect_epoch(share, kg.commits);
        csig_share_free(share);
        assert_int_equal(info.changes, 0);
        assert_int_equal(info.members, rows[i].count);
        assert_int_equal(info.recoveries, rows[i].n - rows[i].count);
        for (uint16_t j = 0; j < info.members; j++) {
            assert_int_equal(info.member[j].holds, rows[i].online[j]);
            assert_memory_equal(info.member[j].identity, kg.identities[rows[i].online[j] - 1],
                                CSIG_IDENTITY_BYTES);
        }
        free(o.p);
        keygen_group_free(&kg);
    }
}

static void expect_change(const reshare_case *c)
{
    uint8_t epoch[CSIG_EPOCH_BYTES];

    expect_epoch(rg.staged[rg.commits - 1], rg.commits);
    assert_int_equal(info.changes, 1);
    assert_int_equal(csig_share_epoch(rg.old[0], epoch), CSIG_OK);
    assert_memory_equal(info.epoch_before, epoch, sizeof epoch);
    assert_memory_equal(info.before.public_key, info.after.public_key, CSIG_PUBKEY_BYTES);
    assert_int_equal(info.after.epoch, info.before.epoch + 1);
    assert_int_equal(csig_signature_verify(&info.test, info.test_digest), CSIG_OK);
    for (uint16_t j = 0; j < info.members; j++) {
        const csig_record_member *m = &info.member[j];
        const uint8_t backup[32] = {(uint8_t)m->holds};

        assert_true(m->deals == c->move[j].deals && m->holds == c->move[j].holds);
        assert_memory_equal(m->backup, backup, sizeof backup);
    }
}

static void changes(void **state)
{
    const reshare_case *const cases[] = {&records_two_of_two, &records_three_of_five,
                                         &records_replaced};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(cases); i++) {
        const octets o = records_reshare(&rg, cases[i]);

        assert_int_equal(csig_record_verify(o.p, o.len, &info, &blame), CSIG_OK);
        expect_change(cases[i]);
        free(o.p);
        reshare_group_free(&rg);
    }
}

/* --- who may keep one --- */

static void too_late(void **state)
{
    size_t len = 0;
    network *net;

    (void)state;
    keygen_group_init(&kg, 2, 2);
    keygen_group_start(&kg, KEYGEN_HONEST, NULL);
    net = keygen_group_net(&kg, 3);
    net_run(net);
    assert_int_equal(csig_session_keep_record(kg.s[0]), CSIG_E_STATE);
    assert_int_equal(csig_session_record(kg.s[0], NULL, &len), CSIG_E_STATE);
    assert_int_equal(csig_session_keep_record(NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_session_record(NULL, NULL, &len), CSIG_E_ARGUMENT);
    assert_int_equal(csig_session_record(kg.s[0], NULL, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_record_verify(NULL, 1, &info, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_record_verify((const uint8_t *)"", 0, NULL, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_record_verify(NULL, 0, &info, NULL), CSIG_E_LENGTH);
    net_free(net);
    keygen_group_free(&kg);
}

/* A first message that has left is not in a record that begins after it. */
static void after_the_first_message(void **state)
{
    uint8_t first[4096];
    size_t len;

    (void)state;
    keygen_group_init(&kg, 2, 2);
    keygen_group_start(&kg, KEYGEN_HONEST, NULL);
    assert_int_equal(csig_session_send(kg.s[0], first, sizeof first, &len), CSIG_OK);
    assert_int_equal(csig_session_keep_record(kg.s[0]), CSIG_E_STATE);
    assert_int_equal(csig_session_recv(kg.s[1], first, len), CSIG_OK);
    assert_int_equal(csig_session_keep_record(kg.s[1]), CSIG_E_STATE);
    keygen_group_free(&kg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_generation),
        cmocka_unit_test(changes),
        cmocka_unit_test(too_late),
        cmocka_unit_test(after_the_first_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
