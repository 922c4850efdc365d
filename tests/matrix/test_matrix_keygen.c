/* The acceptance matrix of key generation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "matrix/matrix.h"
#include "proto/keygen_group.h"
#include "share/device.h"

static keygen_group g;

static void renew(void *ctx)
{
    csig_rng rng;

    (void)ctx;
    csig_rng_init(&rng, NULL, NULL);
    csig_rng_bytes(&rng, "nonces", g.nonces[0], sizeof g.nonces);
}

static csig_session *open_session(void *ctx, uint16_t self, uint16_t leader)
{
    csig_session *s;
    csig_keygen_params p;

    (void)ctx;
    g.commits = (uint16_t)(leader + 1);
    p = keygen_group_params(&g, self);
    assert_int_equal(csig_keygen_session(&s, &p), CSIG_OK);
    return s;
}

static const csig_ed_key *key(void *ctx, uint16_t position)
{
    (void)ctx;
    return &g.id[position]->key;
}

static bool has_output(csig_session *s)
{
    csig_share *share;

    return csig_keygen_share(s, &share) != CSIG_E_STATE;
}

/* In round 3, of one escrow: the proof, bits and 128 rows of three are before it. What it holds
 * only the owner of the recovery key sees. */
#define BOX 386

/* last: the index of who moves last; with: the third is not online. */
static void play(const char *name, uint16_t t, uint16_t n, uint16_t cheat, uint16_t victim,
                 uint16_t last, bool with)
{
    /* The commitment and the mask keys are not looked at before round 2 opens and uses them. */
    static const uint16_t online[] = {1, 2};
    static const matrix_late late[] = {
        {1, LIAR_BCAST, 0, UINT8_MAX, 2},
        {3, LIAR_BCAST, BOX, BOX, MATRIX_OWN},
    };
    const matrix_play it = {
        .name = name,
        .protocol = &csig_keygen_protocol,
        .n = with ? 2 : n,
        .liar = cheat,
        .victim = victim,
        .open = open_session,
        .renew = renew,
        .key = key,
        .has_output = has_output,
        .late = late,
        .lates = CSIG_ARRAY_LEN(late),
        .step = 6,
    };
    matrix_tally tally;

    matrix_repeatable();
    keygen_group_init(&g, t, n);
    if (with) keygen_group_online(&g, online, 2);
    g.last = last;
    matrix_run(&it, &tally);
    keygen_group_free(&g);
    assert_int_equal(tally.bad, 0);
    assert_true(tally.harmless <= (with ? 20 : 0) && tally.cases > 500 / it.step);
}

static void two_and_the_phone_cheats(void **state)
{
    (void)state;
    play("keygen (2,2), phone", 2, 2, 0, 1, 2, false);
}

static void two_and_the_server_cheats(void **state)
{
    (void)state;
    play("keygen (2,2), server", 2, 2, 1, 0, 2, false);
}

static void three_and_one_cheats(void **state)
{
    (void)state;
    if (CSIG_LEVEL == 112) play("keygen (2,3)", 2, 3, 0, 1, 0, false);
}

static void one_is_not_online_and_the_phone_cheats(void **state)
{
    (void)state;
    play("keygen (2,3), two online, phone", 2, 3, 0, 1, 2, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_and_the_phone_cheats),
        cmocka_unit_test(two_and_the_server_cheats),
        cmocka_unit_test(three_and_one_cheats),
        cmocka_unit_test(one_is_not_online_and_the_phone_cheats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
