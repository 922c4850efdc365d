/* The acceptance matrix of presigning. */
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
        csig_presign_session(&s, &who->g.signers[self], who->g.index[leader], who->intent.input),
        CSIG_OK);
    return s;
}

/* Half a presignature is not to be had of a run that failed. */
static bool has_half(csig_session *s)
{
    csig_presig *half;
    const csig_err err = csig_presign_result(s, &half);

    csig_presig_free(half);
    return err != CSIG_E_STATE;
}

static void play(const char *name, uint16_t n, uint16_t cheat, uint16_t victim, uint16_t last,
                 unsigned step)
{
    /* A nonce's commitment may be any; but all must have seen the same. */
    static const matrix_late late[] = {{1, LIAR_BCAST, 7, 7, 4}};
    static signers who;
    matrix_tally tally;

    signers_init(&who, n, last);
    matrix_play it = signers_play(&who, name, cheat, victim);
    it.protocol = &csig_presign_protocol;
    it.open = open_session;
    it.has_output = has_half;
    it.late = late;
    it.lates = CSIG_ARRAY_LEN(late);
    it.step = step;
    matrix_run(&it, &tally);
    signers_free(&who);
    assert_int_equal(tally.bad, 0);
    assert_true(tally.harmless == 0 && tally.cases > 1000 / step);
}

static void two_and_the_phone_cheats(void **state)
{
    (void)state;
    play("presign (2,2), phone", 2, 0, 1, 1, 8);
}

static void three_and_one_cheats(void **state)
{
    (void)state;
    if (CSIG_LEVEL == 112) play("presign (3,3)", 3, 0, 1, 2, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_and_the_phone_cheats),
        cmocka_unit_test(three_and_one_cheats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
