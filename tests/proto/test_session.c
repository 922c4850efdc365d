/* The life of a session: honest runs over a bad network, the holds, what is wiped when. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/net.h"
#include "proto/toy.h"

static toy_group g;

static void expect_agreement(void)
{
    csig_scalar zero;

    csig_scalar_set_u32(&zero, 0);
    for (uint16_t j = 0; j < g.n; j++) {
        assert_int_equal(csig_session_output(g.s[j], &toy_protocol), CSIG_OK);
        assert_true(csig_point_is_eq(&toy_state_of(g.s[j])->sum, &toy_state_of(g.s[0])->sum));
        assert_false(csig_scalar_is_eq(&toy_secret_of(g.s[j])->received, &zero));
        for (int i = 0; i < 4; i++)
            assert_int_equal(toy_state_of(g.s[j])->checks[i], 1);
    }
}

static void run_honest(uint16_t n, uint16_t last, uint64_t seed)
{
    network *net;

    toy_group_init(&g, n, (uint8_t)seed);
    toy_group_start(&g, &toy_protocol, last);
    net = net_new(g.s, n, seed);
    net->in_order = seed == 1;
    net->duplicate = (unsigned)(seed % 3) * 30;
    net->lose = (unsigned)(seed % 5) * 15;
    net_run(net);
    assert_true(net_is_all(net, CSIG_DONE));
    for (uint16_t j = 0; j < n; j++) {
        assert_int_equal(net->err[j], CSIG_OK);
        assert_int_equal(net->stores[j], j == n - 1 ? 2 : 1);
    }
    expect_agreement();
    net_free(net);
    toy_group_free(&g);
}

static void honest_parties_agree_over_a_bad_network(void **state)
{
    const uint16_t sizes[] = {2, 3, 5, 16};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(sizes); i++) {
        for (uint64_t seed = 1; seed <= (sizes[i] > 5 ? 2 : 20); seed++)
            run_honest(sizes[i], seed % 2 == 0 ? TOY_NOBODY : (uint16_t)(seed % sizes[i]), seed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_parties_agree_over_a_bad_network),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
