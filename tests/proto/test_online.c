/* Signing with presignatures: by any set, for any path, over a network that misbehaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "proto/signing.h"

static const uint32_t path[] = {44, 60, 0};

static void online_with(dealer *d, const uint16_t *index, uint16_t assigner, size_t depth)
{
    const csig_intent intent = signing_intent(index[0] * 77U + assigner, path, depth);
    signing g;

    signing_init(&g, d, index);
    signing_presign(&g, assigner, 0, NULL);
    signing_run(&g);
    signing_close(&g);
    signing_online(&g, &intent, NULL);
    signing_run(&g);
    signing_expect_signature(&g, &intent);
    for (uint16_t i = 0; i < g.count; i++) {
        const unsigned stores = g.index[i] == assigner ? 0 : g.count == 2 ? 1 : 2;

        assert_int_equal(g.replies[i], stores);
    }
    signing_free(&g);
}

static void two_of_two(void **state)
{
    dealer *d = dealer_new(2, 2, true);
    const uint16_t both[] = {1, 2};

    (void)state;
    online_with(d, both, 2, 0);
    online_with(d, both, 1, 3);
    dealer_free(d);
}

static void three_of_three(void **state)
{
    dealer *d = dealer_new(3, 3, true);
    const uint16_t all[] = {1, 2, 3};

    (void)state;
    online_with(d, all, 2, 2);
    dealer_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_of_two),
        cmocka_unit_test(three_of_three),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
