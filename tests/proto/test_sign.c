/* Full signing by any set, to either collector, over a network that misbehaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/signing.h"

static const uint32_t path[] = {0, 7, 2147483647};

static void sign_with(dealer *d, const uint16_t *index, uint16_t collector, size_t depth)
{
    const csig_intent intent = signing_intent(index[0] * 1000U + collector, path, depth);
    signing g;

    signing_init(&g, d, index);
    signing_sign(&g, &intent, collector, NULL);
    signing_run(&g);
    signing_expect_signature(&g, &intent);
    signing_free(&g);
}

static void two_of_two_to_either_collector(void **state)
{
    dealer *d = dealer_new(2, 2, true);
    const uint16_t both[] = {1, 2};

    (void)state;
    sign_with(d, both, 1, 0);
    sign_with(d, both, 2, 3);
    dealer_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_of_two_to_either_collector),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
