/* The acceptance matrix of full signing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "matrix/signers.h"

static csig_session *open_session(void *ctx, uint16_t self, uint16_t leader)
{
    signers *who = ctx;
    csig_session *s;

    assert_int_equal(
        csig_sign_session(&s, &who->g.signers[self], &who->intent, who->g.index[leader]), CSIG_OK);
    return s;
}

static void play(const char *name, uint16_t n, uint16_t cheat, uint16_t victim, uint16_t last,
                 unsigned step)
{
    static signers who;
    matrix_tally tally;

    signers_init(&who, n, last);
    matrix_play it = signers_play(&who, name, cheat, victim);
    it.protocol = &csig_sign_protocol;
    it.open = open_session;
    it.step = step;
    matrix_run(&it, &tally);
    signers_free(&who);
    assert_int_equal(tally.bad, 0);
    assert_true(tally.harmless == 0 && tally.cases > 1000 / step);
}

static void two_and_the_server_cheats(void **state)
{
    (void)state;
    /* Its first three rounds are those of presigning, which has every case of two. */
    play("sign (2,2), server", 2, 1, 0, 1, 12);
}

static void three_and_one_cheats(void **state)
{
    (void)state;
    if (CSIG_LEVEL == 112) play("sign (3,3)", 3, 0, 2, 1, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_and_the_server_cheats),
        cmocka_unit_test(three_and_one_cheats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
