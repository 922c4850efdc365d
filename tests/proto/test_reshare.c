/* Resharing among honest members: from many committees to many others the key stays, new shares
 * sign, old and new ones say nothing together, who joins knows what the others know, and who leaves
 * has nothing new. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/reshare_group.h"

static reshare_group g;

static const reshare_case cases[] = {
    {"a lost phone is replaced", 2, 3, 2, 3, false, {{2, 2}, {3, 3}, {0, 1}}},
    {"the old phone is there too", 2, 2, 2, 2, false, {{1, 0}, {2, 2}, {0, 1}}},
    {"one joins", 2, 2, 2, 3, false, {{1, 1}, {2, 2}, {0, 3}}},
    {"one joins who is not online", 2, 2, 2, 3, false, {{1, 1}, {2, 2}}},
    {"one leaves who is online", 2, 3, 2, 2, false, {{1, 1}, {2, 2}, {3, 0}}},
    {"one leaves who is not", 2, 3, 2, 2, false, {{1, 1}, {2, 2}}},
    {"the threshold is raised", 2, 3, 3, 3, false, {{1, 1}, {2, 2}, {3, 3}}},
    {"and lowered", 3, 3, 2, 3, false, {{1, 1}, {2, 2}, {3, 3}}},
    {"two of three become three of five", 2, 3, 3, 5, false, {{1, 1}, {2, 2}, {0, 4}, {0, 5}}},
    {"three of five become two of three", 3, 5, 2, 3, false, {{1, 1}, {4, 0}, {5, 2}, {0, 3}}},
    {"everybody but the server",
     3,
     5,
     3,
     5,
     false,
     {{5, 5}, {1, 0}, {2, 0}, {0, 1}, {0, 2}, {0, 4}}},
    {"everybody", 2, 2, 2, 2, false, {{1, 0}, {2, 0}, {0, 1}, {0, 2}}},
    {"indices change", 2, 3, 2, 3, false, {{1, 2}, {2, 3}, {3, 1}}},
    {"identities change", 2, 3, 2, 3, true, {{1, 1}, {3, 3}}},
    {"nothing changes", 2, 3, 2, 3, false, {{1, 1}, {2, 2}, {3, 3}}},
    {"many", 5, 9, 4, 7, false, {{1, 7}, {2, 0}, {9, 1}, {4, 4}, {0, 2}, {7, 0}, {0, 5}, {8, 6}}},
    {"as many as there can be",
     8,
     16,
     9,
     16,
     false,
     {{1, 1},
      {2, 2},
      {3, 3},
      {4, 4},
      {5, 5},
      {6, 6},
      {7, 7},
      {8, 8},
      {0, 9},
      {0, 10},
      {0, 11},
      {0, 12},
      {0, 13},
      {0, 14},
      {0, 16}}},
};

/* The first of next_t new ones are the key; with one old share for one of them they are not. */
static void expect_epochs_apart(void)
{
    uint16_t positions[CSIG_MAX_PARTIES] = {0}, count = 0;
    csig_share *mixed[CSIG_MAX_PARTIES];

    for (uint16_t i = 0; i < g.c->next_n && count < g.c->next_t; i++)
        if (g.staged[i] != NULL) positions[count++] = i;
    assert_true(reshare_group_is_key(&g, g.staged, positions, count));
    assert_false(reshare_group_is_key(&g, g.staged, positions, (uint16_t)(count - 1)));
    for (uint16_t k = 0; k < count; k++) {
        if (positions[k] >= g.c->n) continue;
        memcpy(mixed, g.staged, sizeof mixed);
        mixed[positions[k]] = g.old[positions[k]];
        assert_false(reshare_group_is_key(&g, mixed, positions, count));
    }
    for (uint16_t k = 0; k < g.c->t; k++)
        positions[k] = k;
    assert_true(reshare_group_is_key(&g, g.old, positions, g.c->t));
}

static void expect_next(const csig_share *now, const uint8_t hash[CSIG_HASH_BYTES])
{
    const csig_share *was = g.old[0];
    uint8_t other[CSIG_HASH_BYTES];
    csig_curve curve;
    csig_rng rng;

    csig_share_public_hash(now, other);
    assert_memory_equal(hash, other, sizeof other);
    assert_true(now->t == g.c->next_t && now->n == g.c->next_n);
    assert_true(now->epoch == was->epoch + 1 && now->attempt == g.attempt);
    assert_memory_equal(now->key_id, was->key_id, sizeof now->key_id);
    assert_memory_equal(now->cc, was->cc, sizeof now->cc);
    assert_memory_equal(now->identity, g.identities, sizeof now->identity);
    assert_true(csig_point_is_eq(&now->pk, &was->pk));
    csig_rng_init(&rng, NULL, NULL);
    assert_int_equal(csig_curve_init(&curve, &rng), CSIG_OK);
    assert_int_equal(csig_share_check(now, &curve), CSIG_OK);
    csig_curve_wipe(&curve);
}

static void expect_committed(void)
{
    uint8_t commit[64], again[64], backup[32], hash[CSIG_HASH_BYTES], epoch[CSIG_EPOCH_BYTES];

    csig_share_public_hash(g.staged[g.commits - 1], hash);
    assert_int_equal(csig_share_epoch(g.staged[g.commits - 1], epoch), CSIG_OK);
    assert_int_equal(csig_refresh_commit(g.s[0], commit), CSIG_OK);
    assert_int_equal(csig_epoch_commit_verify(epoch, g.commits, commit), CSIG_OK);
    assert_int_equal(csig_epoch_commit_verify(g.epoch, g.commits, commit), CSIG_E_SIGNATURE);
    for (uint16_t i = 0; i < g.count; i++) {
        const uint16_t holds = g.member[i].holds;
        csig_share *share;

        assert_int_equal(csig_refresh_commit(g.s[i], again), CSIG_OK);
        assert_memory_equal(commit, again, sizeof commit);
        if (holds == 0) {
            assert_int_equal(csig_refresh_share(g.s[i], &share), CSIG_E_STATE);
            continue;
        }
        expect_next(g.staged[holds - 1], hash);
        assert_int_equal(g.staged[holds - 1]->self, holds);
        assert_int_equal(csig_refresh_commit_verify(g.staged[holds - 1], g.commits, commit),
                         CSIG_OK);
        assert_int_equal(csig_refresh_backup_of(g.s[0], holds, backup), CSIG_OK);
        assert_int_equal(backup[0], holds);
    }
    assert_int_equal(csig_refresh_backup_of(g.s[0], 0, backup), CSIG_E_ARGUMENT);
}

static bool is_all_zero(const void *p, size_t len)
{
    const uint8_t *octet = p;
    uint8_t any = 0;

    for (size_t i = 0; i < len; i++)
        any |= octet[i];
    return any == 0;
}

/* Of who leaves nothing secret is left in its session. */
static void expect_forgotten(void)
{
    for (uint16_t i = 0; i < g.count; i++) {
        const csig_refresh_secret *st = csig_refresh_secret_of(csig_session_run(g.s[i]));

        if (g.member[i].holds != 0) continue;
        assert_true(is_all_zero(st, offsetof(csig_refresh_secret, own)));
        assert_true(is_all_zero(&st->share.x, sizeof st->share.x));
        assert_true(is_all_zero(st->share.cc, sizeof st->share.cc));
    }
}

static void run(uint64_t seed)
{
    reshare_group_start(&g, seed);
    g.net->duplicate = 20, g.net->lose = 20;
    net_run(g.net);
    for (uint16_t i = 0; i < g.count; i++) {
        assert_int_equal(g.net->err[i], CSIG_OK);
        assert_int_equal(g.net->stores[i], g.member[i].holds == g.commits ? 2 : 1);
    }
    assert_true(net_is_all(g.net, CSIG_DONE));
    expect_committed();
    expect_epochs_apart();
    expect_forgotten();
    for (uint16_t k = 0; k < g.rk_count; k++)
        reshare_group_recover(&g, g.rk_index[k]);
    expect_epochs_apart();
}

/* The level is a matter of the size of keys: all of them at one level, some at the other. */
#define EVERY (CSIG_LEVEL == 112 ? 1 : 5)

static void from_many_committees_to_many(void **state)
{
    (void)state;
    for (size_t k = 0; k < CSIG_ARRAY_LEN(cases); k += EVERY) {
        reshare_group_init(&g, &cases[k]);
        run(k + 1);
        if (k < 3) { /* the server moves last, and others commit */
            reshare_group_stop(&g);
            g.last = 2, g.attempt = 3;
            g.commits = g.member[2].holds;
            run(k + 100);
        }
        reshare_group_free(&g);
    }
}

/* Any new ones sign, what was recovered among them; every signature is under the old key. */
static void new_shares_sign(void **state)
{
    static const uint16_t pairs[][2] = {{1, 2}, {1, 3}, {2, 3}};
    uint8_t digest[CSIG_DIGEST_BYTES] = {9}, pk[CSIG_PUBKEY_BYTES];
    csig_signature signature;

    (void)state;
    reshare_group_init(&g, &cases[3]);
    run(1);
    csig_point_to_bytes(pk, &g.old[0]->pk);
    for (size_t k = 0; k < CSIG_ARRAY_LEN(pairs); k++) {
        reshare_group_sign(&g, pairs[k], digest, &signature);
        assert_memory_equal(signature.public_key, pk, sizeof pk);
    }
    reshare_group_free(&g);
}

/* Whose share was recovered deals as the new owner of its index: a phone is lost, and two parties
 * who never had more than their own go on. */
static void a_recovered_share_deals(void **state)
{
    static const reshare_case lost = {"lost", 2, 2, 2, 2, true, {{1, 1}, {2, 2}}};
    csig_share *recovered;

    (void)state;
    reshare_group_init(&g, &lost);
    recovered = csig_share_alloc();
    *recovered = *g.old[0]; /* as csig_recovery_share gives it: without any identity */
    csig_share_free(g.old[0]);
    g.old[0] = recovered;
    run(1);
    reshare_group_free(&g);
}

/* As the table in keygen/README.md says. */
static void octets(void **state)
{
    const csig_wire_shape shape = {.n = 3, .t = 2, .joins = 1};

    (void)state;
    assert_int_equal(csig_wire_size_shaped(csig_refresh_part_wire, &shape), 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_many_committees_to_many),
        cmocka_unit_test(new_shares_sign),
        cmocka_unit_test(a_recovered_share_deals),
        cmocka_unit_test(octets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
