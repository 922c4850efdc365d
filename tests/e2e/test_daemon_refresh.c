/* Refresh by a real daemon: the shares change, the key does not, and signing never stops. */
#include <stdio.h>
#include <string.h>

#include "e2e/fixture.h"

/* One refresh of a wallet to its end. */
static void refresh(wallet *w)
{
    const uint64_t before = wallet_epoch(&server, w);
    run r = run_refresh(&server, w);

    run_finish(&server, &r);
    assert_int_equal(wallet_epoch(&server, w), before + 1);
    assert_int_equal(epoch_ask(&server, w, w->share[0]), EPOCH_DEAD);
    run_refresh_adopt(&r, w);
    for (size_t i = 0; i < w->n; i++)
        assert_int_equal(epoch_ask(&server, w, w->share[i]), EPOCH_CURRENT);
    run_free(&r);
}

static void sign_with(const wallet *w)
{
    csig_signature signature;
    char request[65];
    run r;

    fixture_new_digest();
    request_make(&server, w, digest, "m/1", NULL, false, request);
    r = run_sign(&server, w, request, digest, "m/1", NULL);
    run_finish(&server, &r);
    run_check_signature(&r, w, "m/1", digest);
    assert_true(request_is_signed(&server, request, digest, &signature));
    run_free(&r);
}

static void two_of_two_in_four_exchanges(void **state)
{
    run r;

    (void)state;
    sign_with(&two);
    r = run_refresh(&server, &two);
    assert_int_equal(r.attempt, 1);
    for (unsigned i = 1; i <= 4; i++) {
        assert_false(r.done);
        run_step(&server, &r);
    }
    assert_true(r.done);
    run_refresh_adopt(&r, &two);
    run_free(&r);
    assert_int_equal(epoch_ask(&server, &two, two.share[0]), EPOCH_CURRENT);
    sign_with(&two);
    refresh(&two);
    sign_with(&two);
}

static void two_of_three(void **state)
{
    (void)state;
    sign_with(&three);
    refresh(&three);
    sign_with(&three);
    refresh(&three);
    sign_with(&three);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_of_two_in_four_exchanges),
        cmocka_unit_test(two_of_three),
    };

    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
