/* The acceptance matrix of the refresh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "matrix/matrix.h"
#include "proto/refresh_group.h"
#include "share/device.h"
#include "support/sign_alone.h"

static refresh_group g;
static csig_rng rng;

static void renew(void *ctx)
{
    (void)ctx;
    csig_rng_bytes(&rng, "nonces", g.nonces[0], sizeof g.nonces);
}

static csig_session *open_session(void *ctx, uint16_t self, uint16_t leader)
{
    csig_session *s;
    csig_refresh_params p;

    (void)ctx;
    g.commits = g.index[leader];
    p = refresh_group_params(&g, self);
    assert_int_equal(csig_refresh_session(&s, &p), CSIG_OK);
    return s;
}

static const csig_ed_key *key(void *ctx, uint16_t position)
{
    (void)ctx;
    return &g.d->id[g.index[position] - 1]->key;
}

static bool has_output(csig_session *s)
{
    csig_share *share;

    return csig_refresh_share(s, &share) != CSIG_E_STATE;
}

/* A signature by who knows all shares: sessions that sign have a matrix of their own. */
static void sign(csig_signature *signature, const uint8_t digest[CSIG_DIGEST_BYTES])
{
    const uint16_t positions[] = {0, 1};
    csig_scalar x;

    deal_combine(&x, (const csig_share *const *)g.d->share, positions, g.d->t);
    sign_alone(signature, &x, digest, &rng);
}

static void store(void *ctx, uint16_t position, csig_session *s)
{
    const uint8_t backup[CSIG_BACKUP_HASH_BYTES] = {(uint8_t)(position + 1)};
    uint8_t digest[CSIG_DIGEST_BYTES];
    csig_signature test;

    (void)ctx;
    if (csig_refresh_backup(s, backup) == CSIG_OK) return;
    assert_int_equal(csig_refresh_test_digest(s, digest), CSIG_OK);
    sign(&test, digest);
    assert_int_equal(csig_refresh_tested(s, &test), CSIG_OK);
}

/* In round 2, of one escrow: rid, two points, u, bits and 128 rows of three are before it. */
#define BOX 389

/* Two of three; these are online; last: the index of who moves last. */
static void play(const char *name, const uint16_t *online, uint16_t count, uint16_t cheat,
                 uint16_t victim, uint16_t last, unsigned step)
{
    /* Commitment and mask keys are used in round 2; what the chain code's box behind the escrow of
     * the one who is not online holds only its owner sees; a backup is its owner's. */
    static const matrix_late late[] = {
        {1, LIAR_BCAST, 0, UINT8_MAX, 2},
        {2, LIAR_BCAST, BOX, BOX, MATRIX_OWN},
        {3, LIAR_BCAST, 1, 1, MATRIX_OWN},
    };
    const matrix_play it = {
        .name = name,
        .protocol = &csig_refresh_protocol,
        .n = count,
        .liar = cheat,
        .victim = victim,
        .open = open_session,
        .renew = renew,
        .key = key,
        .has_output = has_output,
        .store = store,
        .late = late,
        .lates = CSIG_ARRAY_LEN(late),
        .step = step,
    };
    matrix_tally tally;

    matrix_repeatable();
    csig_rng_init(&rng, NULL, NULL);
    refresh_group_init(&g, 2, 3, online, count);
    g.last = last;
    matrix_run(&it, &tally);
    refresh_group_free(&g);
    assert_int_equal(tally.bad, 0);
    assert_true(tally.harmless < 40 && tally.cases > 500 / step);
}

static const uint16_t two[] = {1, 3}, three[] = {1, 2, 3};

static void two_online_and_the_phone_cheats(void **state)
{
    (void)state;
    play("refresh, two of three online, phone", two, 2, 0, 1, 3, 8);
}

static void two_online_and_the_server_cheats(void **state)
{
    (void)state;
    play("refresh, two of three online, server", two, 2, 1, 0, 3, 12);
}

static void three_online_and_one_cheats(void **state)
{
    (void)state;
    if (CSIG_LEVEL == 112) play("refresh, three online", three, 3, 0, 1, 0, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_online_and_the_phone_cheats),
        cmocka_unit_test(two_online_and_the_server_cheats),
        cmocka_unit_test(three_online_and_one_cheats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
