/* Key generation among honest parties: the shares are of one key, whatever the network does; what
 * is stored when; what the committer's word is worth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "countersign/share.h"
#include "proto/keygen_group.h"
#include "support/deal.h"

static keygen_group g;
static csig_share *shares[CSIG_MAX_PARTIES];

static void take_shares(void)
{
    for (uint16_t i = 0; i < g.n; i++)
        assert_int_equal(csig_keygen_share(g.s[i], &shares[i]), CSIG_OK);
}

static void free_shares(void)
{
    for (uint16_t i = 0; i < g.n; i++)
        csig_share_free(shares[i]);
}

/* `count` of the positions 0 .. n-1 */
static void draw_set(network *net, uint16_t *set, uint16_t count)
{
    uint16_t all[CSIG_MAX_PARTIES];

    for (uint16_t i = 0; i < g.n; i++)
        all[i] = i;
    for (uint16_t k = 0; k < count; k++) {
        const uint16_t i = (uint16_t)(k + net_random(net, (uint64_t)(g.n - k)));

        set[k] = all[i];
        all[i] = all[k];
    }
}

/* Any t shares give the key, t - 1 do not. */
static void expect_one_key(network *net)
{
    uint16_t set[CSIG_MAX_PARTIES];
    csig_scalar key;
    csig_point pk;

    for (int times = 0; times < 4; times++) {
        draw_set(net, set, g.t);
        deal_combine(&key, (const csig_share *const *)shares, set, g.t);
        assert_true(csig_point_has_mul_g_var(&pk, &key));
        assert_true(csig_point_is_eq(&pk, &shares[0]->pk));
        deal_combine(&key, (const csig_share *const *)shares, set, (uint16_t)(g.t - 1));
        assert_true(csig_point_has_mul_g_var(&pk, &key));
        assert_false(csig_point_is_eq(&pk, &shares[0]->pk));
    }
}

static void expect_same_public_output(void)
{
    uint8_t first[CSIG_HASH_BYTES], other[CSIG_HASH_BYTES], id[CSIG_IDENTITY_BYTES];
    csig_rng rng;
    csig_curve curve;

    csig_rng_init(&rng, NULL, NULL);
    assert_int_equal(csig_curve_init(&curve, &rng), CSIG_OK);
    csig_share_public_hash(shares[0], first);
    for (uint16_t i = 0; i < g.n; i++) {
        csig_share_public_hash(shares[i], other);
        assert_memory_equal(first, other, sizeof first);
        assert_memory_equal(shares[0]->cc, shares[i]->cc, sizeof shares[0]->cc);
        assert_int_equal(csig_share_check(shares[i], &curve), CSIG_OK);
        assert_int_equal(shares[i]->self, i + 1);
        csig_identity_public(g.id[i], id);
        assert_memory_equal(shares[0]->identity[i], id, sizeof id);
    }
    csig_curve_wipe(&curve);
}

static void expect_born(void)
{
    uint8_t first[64], other[64];

    assert_int_equal(csig_keygen_commit(g.s[0], first), CSIG_OK);
    for (uint16_t i = 0; i < g.n; i++) {
        assert_int_equal(csig_keygen_commit(g.s[i], other), CSIG_OK);
        assert_memory_equal(first, other, sizeof first);
        assert_int_equal(csig_keygen_commit_verify(shares[i], g.commits, first), CSIG_OK);
        for (uint16_t other_index = 0; other_index <= g.n + 2; other_index++)
            if (other_index != g.commits)
                assert_int_equal(csig_keygen_commit_verify(shares[i], other_index, first),
                                 CSIG_E_SIGNATURE);
        assert_int_equal(csig_keygen_commit_verify(shares[i], UINT16_MAX, first), CSIG_E_SIGNATURE);
    }
}

static void run_honest(uint64_t seed)
{
    network *net;

    keygen_group_start(&g, KEYGEN_HONEST, NULL);
    net = keygen_group_net(&g, seed);
    net->in_order = seed == 1;
    net->duplicate = (unsigned)(seed % 3) * 30;
    net->lose = (unsigned)(seed % 4) * 15;
    net_run(net);
    assert_true(net_is_all(net, CSIG_DONE));
    for (uint16_t i = 0; i < g.n; i++) {
        assert_int_equal(net->err[i], CSIG_OK);
        assert_int_equal(net->stores[i], i + 1 == g.commits ? 2 : 1);
    }
    take_shares();
    expect_same_public_output();
    expect_one_key(net);
    expect_born();
    free_shares();
    net_free(net);
    keygen_group_stop(&g);
}

static void honest_parties_share_one_key(void **state)
{
    static const struct {
        uint16_t t, n, times;
    } sizes[] = {{2, 2, 8}, {2, 3, 6}, {3, 3, 4}, {3, 5, 4}, {9, 16, 1}, {16, 16, 1}};

    (void)state;
    for (size_t k = 0; k < CSIG_ARRAY_LEN(sizes); k++) {
        keygen_group_init(&g, sizes[k].t, sizes[k].n);
        for (uint16_t seed = 1; seed <= sizes[k].times; seed++) {
            g.last = seed % 2 == 0 ? g.n : 0;
            g.commits = (uint16_t)(seed % g.n + 1);
            run_honest(seed);
        }
        keygen_group_free(&g);
    }
}

/* Two runs of the same parties: nothing repeats. */
static void keys_are_fresh(void **state)
{
    csig_share *first, *second;
    network *net;

    (void)state;
    keygen_group_init(&g, 2, 2);
    for (int i = 0; i < 2; i++) {
        keygen_group_start(&g, KEYGEN_HONEST, NULL);
        net = keygen_group_net(&g, 1);
        net_run(net);
        assert_int_equal(csig_keygen_share(g.s[0], i == 0 ? &first : &second), CSIG_OK);
        net_free(net);
        keygen_group_stop(&g);
    }
    assert_false(csig_point_is_eq(&first->pk, &second->pk));
    assert_memory_not_equal(first->cc, second->cc, sizeof first->cc);
    assert_memory_not_equal(first->rid, second->rid, sizeof first->rid);
    assert_memory_not_equal(first->key_id, second->key_id, sizeof first->key_id);
    csig_share_free(first);
    csig_share_free(second);
    keygen_group_free(&g);
}

/* Everything that `from` has to say, said. Returns how many envelopes. */
static unsigned say(csig_session *from, csig_session *to)
{
    static uint8_t bytes[8192];
    unsigned said = 0;
    size_t len;

    while (csig_session_pending(from) > 0) {
        assert_int_equal(csig_session_send(from, bytes, sizeof bytes, &len), CSIG_OK);
        assert_int_equal(csig_session_recv(to, bytes, len), CSIG_OK);
        said++;
    }
    return said;
}

/* protocol.md 7.3: V -> V, open; open, prove -> prove, ack; ack -> born. */
static void two_parties_need_three_exchanges(void **state)
{
    csig_session *phone, *server;

    (void)state;
    keygen_group_init(&g, 2, 2);
    g.last = 2;
    keygen_group_start(&g, KEYGEN_HONEST, NULL);
    phone = g.s[0];
    server = g.s[1];
    assert_int_equal(csig_session_pending(server), 0);

    assert_int_equal(say(phone, server), 1); /* V */
    assert_int_equal(say(server, phone), 2); /* V, open */
    assert_int_equal(say(phone, server), 2); /* open, prove */
    assert_int_equal(csig_session_phase(server), CSIG_STORE);
    assert_int_equal(say(server, phone), 1); /* prove; the ack is held */
    assert_int_equal(csig_session_phase(phone), CSIG_STORE);
    assert_int_equal(say(phone, server), 0);

    assert_int_equal(csig_session_confirm(server), CSIG_OK);
    assert_int_equal(say(server, phone), 1); /* ack */
    assert_int_equal(csig_session_confirm(phone), CSIG_OK);
    assert_int_equal(say(phone, server), 1);                  /* ack */
    assert_int_equal(csig_session_phase(server), CSIG_STORE); /* the birth */
    assert_int_equal(csig_session_phase(phone), CSIG_RUNNING);
    assert_int_equal(say(server, phone), 0);
    assert_int_equal(csig_session_confirm(server), CSIG_OK);
    assert_int_equal(csig_session_phase(server), CSIG_DONE);
    assert_int_equal(say(server, phone), 1); /* born */
    assert_int_equal(csig_session_phase(phone), CSIG_DONE);
    keygen_group_free(&g);
}

/* Output exists in STORE and DONE only; the commit from the birth on. */
static void outputs_have_their_time(void **state)
{
    csig_session *phone, *server;
    csig_share *share;
    uint8_t commit[64];

    (void)state;
    keygen_group_init(&g, 2, 2);
    g.last = 2;
    keygen_group_start(&g, KEYGEN_HONEST, NULL);
    phone = g.s[0];
    server = g.s[1];
    assert_int_equal(csig_keygen_share(phone, &share), CSIG_E_STATE);
    assert_null(share);
    assert_int_equal(csig_session_confirm(phone), CSIG_E_STATE);
    say(phone, server), say(server, phone), say(phone, server), say(server, phone);

    assert_int_equal(csig_keygen_share(server, &share), CSIG_OK);
    assert_int_equal(csig_keygen_commit(server, commit), CSIG_E_STATE); /* not born yet */
    csig_share_free(share);
    assert_int_equal(csig_session_confirm(server), CSIG_OK);
    assert_int_equal(csig_keygen_share(server, &share), CSIG_E_STATE); /* running again */
    assert_int_equal(csig_session_confirm(phone), CSIG_OK);
    say(server, phone), say(phone, server);
    assert_int_equal(csig_keygen_commit(phone, commit), CSIG_E_STATE);
    assert_int_equal(csig_keygen_commit(server, commit), CSIG_OK);
    assert_int_equal(csig_keygen_share(server, &share), CSIG_OK);
    assert_int_equal(csig_keygen_commit_verify(share, 2, commit), CSIG_OK);
    csig_share_free(share);
    assert_int_equal(csig_session_confirm(server), CSIG_OK);
    say(server, phone);
    assert_int_equal(csig_keygen_commit(phone, commit), CSIG_OK);
    keygen_group_free(&g);
}

static csig_err never(void *ctx, uint16_t position, csig_session *s)
{
    (void)s;
    return position == *(uint16_t *)ctx ? CSIG_E_HOST : CSIG_OK;
}

/* One party that never stores: no key is born, nobody is done. */
static void no_birth_without_every_store(void **state)
{
    (void)state;
    for (uint16_t lazy = 0; lazy < 3; lazy++) {
        network *net;

        keygen_group_init(&g, 2, 3);
        keygen_group_start(&g, KEYGEN_HONEST, NULL);
        net = keygen_group_net(&g, 5);
        net->store = never;
        net->store_ctx = &lazy;
        net_run(net);
        for (uint16_t i = 0; i < 3; i++)
            assert_int_equal(csig_session_phase(g.s[i]), i == lazy ? CSIG_STORE : CSIG_RUNNING);
        net_free(net);
        keygen_group_free(&g);
    }
}

static void the_commit_is_of_one_key(void **state)
{
    csig_share *share;
    network *net;
    uint8_t commit[64];

    (void)state;
    keygen_group_init(&g, 2, 3);
    keygen_group_start(&g, KEYGEN_HONEST, NULL);
    net = keygen_group_net(&g, 2);
    net_run(net);
    assert_int_equal(csig_keygen_share(g.s[0], &share), CSIG_OK);
    assert_int_equal(csig_keygen_commit(g.s[0], commit), CSIG_OK);
    assert_int_equal(csig_keygen_commit_verify(share, 3, commit), CSIG_OK);
    assert_int_equal(csig_keygen_commit_verify(share, 1, commit), CSIG_E_SIGNATURE);
    assert_int_equal(csig_keygen_commit_verify(share, 0, commit), CSIG_E_SIGNATURE);
    assert_int_equal(csig_keygen_commit_verify(share, 4, commit), CSIG_E_SIGNATURE);
    commit[5] ^= 1;
    assert_int_equal(csig_keygen_commit_verify(share, 3, commit), CSIG_E_SIGNATURE);
    commit[5] ^= 1;
    share->rid[0] ^= 1;
    assert_int_equal(csig_keygen_commit_verify(share, 3, commit), CSIG_E_SIGNATURE);
    share->rid[0] ^= 1;
    share->key_id[0] ^= 1;
    assert_int_equal(csig_keygen_commit_verify(share, 3, commit), CSIG_E_SIGNATURE);
    csig_share_free(share);
    net_free(net);
    keygen_group_free(&g);
}

static void shares_survive_rest(void **state)
{
    static const uint8_t key[32] = {1};
    const csig_sealer sealer = csig_sealer_from_key(key);
    static uint8_t out[4096];
    network *net;

    (void)state;
    keygen_group_init(&g, 2, 3);
    keygen_group_start(&g, KEYGEN_HONEST, NULL);
    net = keygen_group_net(&g, 3);
    net_run(net);
    for (uint16_t i = 0; i < g.n; i++) {
        csig_share *share;
        size_t len = sizeof out;

        assert_int_equal(csig_keygen_share(g.s[i], &share), CSIG_OK);
        assert_int_equal(csig_share_export(share, &sealer, out, &len), CSIG_OK);
        csig_share_free(share);
        assert_int_equal(csig_share_import(&shares[i], &sealer, out, len), CSIG_OK);
    }
    expect_same_public_output();
    expect_one_key(net);
    free_shares();
    net_free(net);
    keygen_group_free(&g);
}

/* As README.md says. */
static void sizes_of_messages(void **state)
{
    (void)state;
    for (uint16_t n = 2; n <= CSIG_MAX_PARTIES; n++) {
        for (uint16_t t = 2; t <= n; t++) {
            const csig_wire_shape shape = {.n = n, .t = t};

            assert_int_equal(csig_wire_size_shaped(csig_keygen_commit_wire, &shape),
                             64 + 33 * (n - 1));
            assert_int_equal(csig_wire_size_shaped(csig_keygen_open_wire, &shape), 129 + 33 * t);
        }
    }
    assert_int_equal(csig_wire_size(csig_keygen_masked_wire), 64);
    assert_int_equal(csig_wire_size(csig_zk_sch_wire), 32);
    assert_int_equal(csig_wire_size(csig_keygen_ack_wire), 64);
    assert_int_equal(csig_wire_size(csig_keygen_born_wire), 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_parties_share_one_key),
        cmocka_unit_test(keys_are_fresh),
        cmocka_unit_test(two_parties_need_three_exchanges),
        cmocka_unit_test(outputs_have_their_time),
        cmocka_unit_test(no_birth_without_every_store),
        cmocka_unit_test(the_commit_is_of_one_key),
        cmocka_unit_test(shares_survive_rest),
        cmocka_unit_test(sizes_of_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
