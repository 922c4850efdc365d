/* An engine that fails, at each of its calls: the session ends, nobody is blamed, and nothing that
 * was not computed leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/aux_pair.h"
#include "proto/signing.h"
#include "support/engine.h"
#include "support/random.h"

#define NOBODY CSIG_MAX_PARTIES

static dealer *d;
static const uint16_t both[] = {1, 2};

/* Full signing; position 1 has the engine, and it fails at this call. False: it never came to it.
 */
static bool signing_fails(size_t fail_at)
{
    const csig_intent intent = signing_intent(fail_at, NULL, 0);
    test_engine e;
    signing g;
    bool failed;

    test_engine_init(&e);
    e.fail_at = fail_at;
    signing_init(&g, d, both);
    g.signers[1].engine = &e.engine;
    signing_sign(&g, &intent, 1, NULL);
    signing_run(&g);
    failed = e.calls >= fail_at;
    if (failed) {
        signing_expect_failed(&g, 1, CSIG_E_ENGINE, NOBODY);
        assert_int_equal(e.calls, fail_at);
        signing_expect_none(&g);
    } else {
        signing_expect_signature(&g, &intent);
    }
    signing_free(&g);
    return failed;
}

static void in_full_signing(void **state)
{
    size_t calls = 0;

    (void)state;
    random_seed(77);
    while (signing_fails(calls + 1))
        calls++;
    assert_true(calls > 8);
}

static bool pairing_fails(aux_pair *p, size_t fail_at)
{
    csig_blame blame;
    test_engine e;
    network *net;
    bool failed;

    test_engine_init(&e);
    e.fail_at = fail_at;
    for (int side = 0; side < 2; side++) {
        csig_aux_params params = aux_pair_params(p, side);

        if (side == 1) params.engine = &e.engine;
        assert_int_equal(csig_aux_session(&p->s[side], &params), CSIG_OK);
    }
    net = net_new(p->s, 2, fail_at);
    net_run(net);
    failed = e.calls >= fail_at;
    assert_int_equal(csig_session_phase(p->s[1]), failed ? CSIG_FAILED : CSIG_DONE);
    csig_session_blame(p->s[1], &blame);
    if (failed) {
        assert_int_equal(blame.err, CSIG_E_ENGINE);
        assert_int_equal(blame.culprit, 0);
        assert_int_equal(csig_session_pending(p->s[1]), 0);
    }
    net_free(net);
    aux_pair_stop(p);
    return failed;
}

static void between_two_devices(void **state)
{
    static aux_pair p;
    size_t calls = 0;

    (void)state;
    aux_pair_init(&p);
    while (pairing_fails(&p, calls + 1))
        calls++;
    assert_true(calls >= 4);
    aux_pair_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_full_signing),
        cmocka_unit_test(between_two_devices),
    };
    int failed;

    d = dealer_new(2, 2, true);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    dealer_free(d);
    return failed;
}
