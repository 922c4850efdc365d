/* Presigning by any set: halves that fit together, ids that agree, and one copy of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "proto/signing.h"
#include "support/random.h"

/* What the halves hold, seen from outside: sum k~ is the inverse of Gamma's logarithm, and sum chi~
 * is that times the key. */
static void expect_halves(const signing *g)
{
    csig_scalar k, chi;
    csig_point R, X;

    csig_scalar_set_u32(&k, 0);
    csig_scalar_set_u32(&chi, 0);
    for (uint16_t i = 0; i < g->count; i++) {
        const csig_presig *half = g->half[i];

        csig_scalar_add(&k, &k, &half->k);
        csig_scalar_add(&chi, &chi, &half->chi);
        for (uint16_t j = 0; j < g->count; j++) {
            assert_true(csig_point_is_eq(&half->Delta[j], &g->half[0]->Delta[j]));
            assert_true(csig_point_is_eq(&half->S[j], &g->half[0]->S[j]));
        }
        assert_true(csig_point_has_mul_var(&R, &half->k, &half->Gamma));
        assert_true(csig_point_is_eq(&R, &half->Delta[i]));
        assert_true(csig_point_has_mul_var(&R, &half->chi, &half->Gamma));
        assert_true(csig_point_is_eq(&R, &half->S[i]));
    }
    csig_point_generator(&X);
    assert_true(csig_point_has_mul_var(&R, &k, &g->half[0]->Gamma));
    assert_true(csig_point_is_eq(&R, &X));
    assert_true(csig_point_has_mul_var(&R, &chi, &g->half[0]->Gamma));
    assert_true(csig_point_is_eq(&R, &g->d->share[0]->pk));
}

static void expect_names(const signing *g)
{
    uint8_t first[CSIG_PRESIG_ID_BYTES];

    csig_presig_id(g->half[0], first);
    for (uint16_t i = 0; i < g->count; i++) {
        uint8_t id[CSIG_PRESIG_ID_BYTES], key[CSIG_KEY_ID_BYTES];
        uint64_t epoch = 1;

        csig_presig_id(g->half[i], id);
        csig_presig_key(g->half[i], key, &epoch);
        assert_memory_equal(id, first, sizeof id);
        assert_memory_equal(key, g->d->share[0]->key_id, sizeof key);
        assert_int_equal(epoch, 0);
        assert_int_equal(g->net->stores[i], 1);
    }
}

static void presign_with(dealer *d, const uint16_t *index, uint16_t assigner)
{
    signing g;

    signing_init(&g, d, index);
    signing_presign(&g, assigner, index[0], NULL);
    g.net->duplicate = 30;
    g.net->lose = 20;
    signing_run(&g);
    assert_true(net_is_all(g.net, CSIG_DONE));
    expect_halves(&g);
    expect_names(&g);
    signing_expect_none(&g);
    signing_free(&g);
}

static void two_of_two(void **state)
{
    dealer *d = dealer_new(2, 2, true);
    const uint16_t both[] = {1, 2};

    (void)state;
    presign_with(d, both, 2);
    dealer_free(d);
}

static void two_of_three_any_pair(void **state)
{
    dealer *d = dealer_new(2, 3, true);
    const uint16_t pairs[][2] = {{1, 2}, {1, 3}, {2, 3}};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(pairs); i++)
        presign_with(d, pairs[i], pairs[i][1]);
    dealer_free(d);
}

static void three_of_five(void **state)
{
    dealer *d = dealer_new(3, 5, true);
    const uint16_t set[] = {1, 3, 4};

    (void)state;
    presign_with(d, set, 3);
    dealer_free(d);
}

/* A batch shares its nonces: the number makes the sessions, and what comes out, different. */
static void a_batch_by_number(void **state)
{
    dealer *d = dealer_new(2, 2, true);
    const uint16_t both[] = {1, 2};
    uint8_t id[2][CSIG_PRESIG_ID_BYTES], session[2][32];
    signing g;

    (void)state;
    signing_init(&g, d, both);
    for (uint32_t i = 0; i < 2; i++) {
        signing_presign(&g, 2, i, NULL);
        csig_session_id(g.s[0], session[i]);
        signing_run(&g);
        csig_presig_id(g.half[1], id[i]);
        signing_close(&g);
        signing_drop(&g);
    }
    assert_memory_not_equal(session[0], session[1], sizeof session[0]);
    assert_memory_not_equal(id[0], id[1], sizeof id[0]);
    signing_free(&g);
    dealer_free(d);
}

/* Until a party has confirmed, nobody else is through; a half that was not taken dies with its
 * session. */
static void not_good_before_all_have_stored(void **state)
{
    dealer *d = dealer_new(2, 2, true);
    const uint16_t both[] = {1, 2};
    csig_presig *half = NULL;
    signing g;

    (void)state;
    signing_init(&g, d, both);
    signing_presign(&g, 2, 0, NULL);
    g.never_stores = 1 << 0;
    signing_run(&g);
    assert_int_equal(csig_session_phase(g.s[0]), CSIG_STORE);
    assert_int_equal(csig_session_phase(g.s[1]), CSIG_RUNNING);
    assert_int_equal(csig_session_pending(g.s[0]), 0);
    assert_int_equal(csig_presign_result(g.s[1], &half), CSIG_E_STATE);
    assert_null(half);
    signing_free(&g);
    dealer_free(d);
}

static int setup(void **state)
{
    (void)state;
    random_seed(32);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_of_two),
        cmocka_unit_test(two_of_three_any_pair),
        cmocka_unit_test(three_of_five),
        cmocka_unit_test(a_batch_by_number),
        cmocka_unit_test(not_good_before_all_have_stored),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
