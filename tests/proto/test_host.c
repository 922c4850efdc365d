/* What a session has from its host: an engine, and what a late message waits for. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "proto/toy.h"

static toy_group g;

static int teardown(void **state)
{
    (void)state;
    toy_group_free(&g);
    return 0;
}

/* Rounds see the host's engine, and it need not outlive the call. */
static void the_host_s_engine_is_the_session_s(void **state)
{
    int host = 0;
    csig_engine engine = {.ctx = &host};
    csig_session_setup what;

    (void)state;
    toy_group_init(&g, 2, 1);
    what = (csig_session_setup){
        .protocol = &toy_protocol,
        .ssid = &g.ssid[0],
        .n = g.n,
        .index = g.index,
        .identity = g.identity,
        .key = &g.key[0],
        .seed = g.seed,
        .engine = &engine,
    };
    assert_int_equal(csig_session_new(&g.s[0], &what), CSIG_OK);
    engine.ctx = NULL;
    assert_non_null(csig_session_run(g.s[0])->env.engine);
    assert_ptr_equal(csig_session_run(g.s[0])->env.engine->ctx, &host);
    csig_session_free(g.s[0]);
    what.engine = NULL;
    assert_int_equal(csig_session_new(&g.s[0], &what), CSIG_OK);
    assert_null(csig_session_run(g.s[0])->env.engine);
}

/* --- messages that wait for the host --- */

static csig_err host_says; /* what the late make returns; CSIG_OK: it goes on to the toy's */

static csig_err make_late(csig_run *run, csig_out *out)
{
    CSIG_TRY(host_says);
    return toy_protocol.rounds[2]->make(run, out);
}

/* The toy's third round, made when the host confirms. */
static const csig_protocol *late_protocol(void)
{
    static csig_round late;
    static const csig_round *rounds[4];
    static csig_protocol p;

    late = *toy_protocol.rounds[2];
    late.late = true;
    late.make = make_late;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(rounds); i++)
        rounds[i] = i == 2 ? &late : toy_protocol.rounds[i];
    p = toy_protocol;
    p.rounds = rounds;
    return &p;
}

static void a_late_message_waits_for_what_the_host_gives(void **state)
{
    (void)state;
    for (int fails = 0; fails < 2; fails++) {
        host_says = CSIG_E_STATE;
        toy_group_init(&g, 3, 1);
        toy_group_start(&g, late_protocol(), TOY_NOBODY);
        for (int sweeps = 0; sweeps < 4; sweeps++)
            toy_sweep(&g);
        for (uint16_t j = 0; j < 3; j++) {
            assert_int_equal(csig_session_phase(g.s[j]), CSIG_STORE);
            /* as often as it likes: nothing changes */
            host_says = CSIG_E_STATE;
            for (int times = 0; times < 2; times++) {
                assert_int_equal(csig_session_confirm(g.s[j]), CSIG_E_STATE);
                assert_int_equal(csig_session_phase(g.s[j]), CSIG_STORE);
                assert_int_equal(csig_session_pending(g.s[j]), 0);
            }
            host_says = fails ? CSIG_E_ENGINE : CSIG_OK;
            assert_int_equal(csig_session_confirm(g.s[j]), host_says);
            assert_int_equal(csig_session_phase(g.s[j]), fails ? CSIG_FAILED : CSIG_RUNNING);
            assert_int_equal(csig_session_pending(g.s[j]) > 0, !fails);
            /* one message, made once */
            assert_true(fails || g.s[j]->out->next == NULL);
        }
        toy_sweep(&g), toy_sweep(&g);
        if (!fails) assert_int_equal(csig_session_phase(g.s[2]), CSIG_STORE);
        toy_group_free(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_host_s_engine_is_the_session_s, teardown),
        cmocka_unit_test_teardown(a_late_message_waits_for_what_the_host_gives, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
