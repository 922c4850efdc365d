/* The acceptance matrix of resharing: the old phone leaves, the server stays, a new phone joins;
 * each of them cheats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "matrix/matrix.h"
#include "proto/reshare_group.h"
#include "share/device.h"
#include "support/sign_alone.h"

enum { LEAVES, STAYS, JOINS, MEMBERS };

static const reshare_case migration = {
    "migration", 2, 2, 2, 2, false, {{1, 0}, {2, 2}, {0, 1}},
};

static reshare_group g;
static csig_rng rng;

static void renew(void *ctx)
{
    (void)ctx;
    for (int i = 0; i < MEMBERS; i++)
        csig_rng_bytes(&rng, "nonce", g.member[i].nonce, sizeof g.member[i].nonce);
}

/* Who leaves leads nothing: the server does then. */
static csig_session *open_session(void *ctx, uint16_t self, uint16_t leader)
{
    csig_session *s;
    csig_reshare_params p;

    (void)ctx;
    g.commits = g.member[leader == LEAVES ? STAYS : leader].holds;
    p = reshare_group_params(&g, self);
    assert_int_equal(csig_reshare_session(&s, &p), CSIG_OK);
    return s;
}

static const csig_ed_key *key(void *ctx, uint16_t position)
{
    (void)ctx;
    return &reshare_group_identity(&g, position)->key;
}

static bool has_output(csig_session *s)
{
    csig_share *share;

    return csig_refresh_share(s, &share) != CSIG_E_STATE;
}

static void store(void *ctx, uint16_t position, csig_session *s)
{
    static const uint16_t positions[] = {0, 1};
    const uint8_t backup[CSIG_BACKUP_HASH_BYTES] = {(uint8_t)(position + 1)};
    uint8_t digest[CSIG_DIGEST_BYTES];
    csig_signature test;
    csig_scalar x;

    (void)ctx;
    if (position == LEAVES || csig_refresh_backup(s, backup) == CSIG_OK) return;
    assert_int_equal(csig_refresh_test_digest(s, digest), CSIG_OK);
    deal_combine(&x, (const csig_share *const *)g.old, positions, 2);
    sign_alone(&test, &x, digest, &rng);
    assert_int_equal(csig_refresh_tested(s, &test), CSIG_OK);
}

static void play(const char *name, uint16_t cheat, uint16_t victim, unsigned step)
{
    /* Commitment, mask and pad keys of who deals are used in round 2. With another key for what it
     * is dealt itself a member harms itself: it cannot read that. The pad between two that deal is
     * nobody's. A backup is its owner's. */
    static const matrix_late late[MEMBERS][4] = {
        [LEAVES] = {{1, LIAR_BCAST, 3, 3, MATRIX_OWN}, {1, LIAR_BCAST, 0, UINT8_MAX, 2}},
        [STAYS] = {{1, LIAR_BCAST, 1, 1, MATRIX_NEVER}, /* to who leaves, whom it deals nothing */
                   {1, LIAR_BCAST, 3, 3, MATRIX_OWN},
                   {1, LIAR_BCAST, 0, UINT8_MAX, 2},
                   {3, LIAR_BCAST, 1, 1, MATRIX_OWN}},
        [JOINS] = {{1, LIAR_BCAST, 1, UINT8_MAX, MATRIX_NEVER}, {3, LIAR_BCAST, 1, 1, MATRIX_OWN}},
    };
    static const unsigned most[MEMBERS] = {20, 40, 60}; /* harmless */
    const matrix_play it = {
        .name = name,
        .protocol = &csig_refresh_protocol,
        .n = MEMBERS,
        .liar = cheat,
        .victim = victim,
        .open = open_session,
        .renew = renew,
        .key = key,
        .has_output = has_output,
        .store = store,
        .late = late[cheat],
        .lates = CSIG_ARRAY_LEN(late[cheat]),
        .step = step,
    };
    matrix_tally tally;

    matrix_repeatable();
    csig_rng_init(&rng, NULL, NULL);
    reshare_group_init(&g, &migration);
    matrix_run(&it, &tally);
    reshare_group_free(&g);
    assert_int_equal(tally.bad, 0);
    assert_true(tally.harmless <= most[cheat] && tally.cases > 500 / step);
}

static void who_leaves_cheats(void **state)
{
    (void)state;
    play("reshare, who leaves", LEAVES, JOINS, 4);
}

static void who_stays_cheats(void **state)
{
    (void)state;
    play("reshare, who stays", STAYS, JOINS, 4);
}

static void who_joins_cheats(void **state)
{
    (void)state;
    play("reshare, who joins", JOINS, STAYS, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_leaves_cheats),
        cmocka_unit_test(who_stays_cheats),
        cmocka_unit_test(who_joins_cheats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
