/* The acceptance matrix of signing with a presignature. A presignature's halves are copied here for
 * every session, which nothing outside of tests can do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "matrix/office.h"
#include "matrix/signers.h"

static void make_halves(signers *who, uint16_t leader)
{
    static office o;

    o = (office){.n = who->g.count, .ahead = OFFICE_NOBODY};
    signers_renew(who);
    for (uint16_t j = 0; j < o.n; j++)
        assert_int_equal(csig_presign_session(&o.s[j], &who->g.signers[j], who->g.index[leader], 0),
                         CSIG_OK);
    office_run(&o);
    assert_true(office_is_done(&o));
    for (uint16_t j = 0; j < o.n; j++)
        assert_int_equal(csig_presign_result(o.s[j], &who->half[leader][j]), CSIG_OK);
    office_close(&o);
}

static csig_session *open_session(void *ctx, uint16_t self, uint16_t leader)
{
    signers *who = ctx;
    csig_presig *half = csig_secret_alloc(sizeof *half);
    csig_session *s;

    assert_non_null(half);
    *half = *who->half[leader][self];
    assert_int_equal(csig_online_session(&s, &who->g.signers[self], &half, &who->intent), CSIG_OK);
    return s;
}

static void play(const char *name, uint16_t n, uint16_t cheat, uint16_t victim, uint16_t last)
{
    /* The assigner draws what it likes; the others' nonces were fixed before. */
    static const matrix_late late[] = {{1, LIAR_BCAST, 0, 0, MATRIX_NEVER}};
    static signers who;
    matrix_tally tally;

    signers_init(&who, n, last);
    matrix_play it = signers_play(&who, name, cheat, victim);
    make_halves(&who, cheat);
    make_halves(&who, victim);
    it.protocol = &csig_online_protocol;
    it.open = open_session;
    it.late = late;
    it.lates = CSIG_ARRAY_LEN(late);
    matrix_run(&it, &tally);
    signers_free(&who);
    assert_int_equal(tally.bad, 0);
    assert_true(tally.harmless < 20 && tally.cases > 500 / it.step);
}

static void two_and_the_phone_cheats(void **state)
{
    (void)state;
    play("online (2,2), phone", 2, 0, 1, 1);
}

static void two_and_the_server_cheats(void **state)
{
    (void)state;
    play("online (2,2), server", 2, 1, 0, 1);
}

static void three_and_one_cheats(void **state)
{
    (void)state;
    if (CSIG_LEVEL == 112) play("online (3,3)", 3, 1, 0, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_and_the_phone_cheats),
        cmocka_unit_test(two_and_the_server_cheats),
        cmocka_unit_test(three_and_one_cheats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
