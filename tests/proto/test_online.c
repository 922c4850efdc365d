/* Signing with presignatures: by any set, for any path, over a network that misbehaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "proto/signing.h"
#include "support/random.h"

static const uint32_t path[] = {44, 60, 0};

static void make_halves(signing *g, dealer *d, const uint16_t *index, uint16_t assigner)
{
    signing_init(g, d, index);
    signing_presign(g, assigner, 0, NULL);
    signing_run(g);
    signing_close(g);
}

static void online_with(dealer *d, const uint16_t *index, uint16_t assigner, size_t depth)
{
    const csig_intent intent = signing_intent(index[0] * 77U + assigner, path, depth);
    signing g;

    make_halves(&g, d, index, assigner);
    signing_online(&g, &intent, NULL);
    g.net->duplicate = 30;
    g.net->lose = 20;
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

static void two_of_three_any_pair(void **state)
{
    dealer *d = dealer_new(2, 3, true);
    const uint16_t pairs[][2] = {{1, 2}, {1, 3}, {2, 3}};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(pairs); i++)
        online_with(d, pairs[i], pairs[i][1], i);
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

static void three_of_five(void **state)
{
    dealer *d = dealer_new(3, 5, true);
    const uint16_t set[] = {2, 3, 5};

    (void)state;
    online_with(d, set, 2, 1);
    dealer_free(d);
}

/* What the phone does: seal, forget, come back, open, sign. */
static void through_a_sealed_file(void **state)
{
    static const uint8_t key[32] = {7};
    const csig_sealer sealer = csig_sealer_from_key(key);
    dealer *d = dealer_new(2, 2, true);
    const uint16_t both[] = {1, 2};
    const csig_intent intent = signing_intent(5, path, 2);
    uint8_t before[32], after[32], file[8192];
    size_t len = sizeof file;
    signing g;

    (void)state;
    make_halves(&g, d, both, 2);
    csig_presig_id(g.half[0], before);
    assert_int_equal(csig_presig_export(g.half[0], &sealer, file, &len), CSIG_OK);
    csig_presig_free(g.half[0]);
    assert_int_equal(csig_presig_import(&g.half[0], &sealer, file, len), CSIG_OK);
    csig_presig_id(g.half[0], after);
    assert_memory_equal(before, after, sizeof before);
    signing_online(&g, &intent, NULL);
    signing_run(&g);
    signing_expect_signature(&g, &intent);
    signing_free(&g);
    dealer_free(d);
}

/* One exchange: the assigner's n; n_P and sigma_P after one durable write; the signature. The reply
 * that was stored is what leaves. */
static void one_exchange_after_one_write(void **state)
{
    dealer *d = dealer_new(2, 2, true);
    const uint16_t both[] = {1, 2};
    const csig_intent intent = signing_intent(6, NULL, 0);
    uint8_t bytes[4096], reply[4096];
    size_t len, reply_len = sizeof reply, at = 0;
    signing g;

    (void)state;
    make_halves(&g, d, both, 2);
    signing_online(&g, &intent, NULL);
    assert_int_equal(csig_session_pending(g.s[0]), 0);
    assert_int_equal(csig_session_send(g.s[1], bytes, sizeof bytes, &len), CSIG_OK);
    assert_int_equal(csig_online_reply(g.s[0], reply, &reply_len), CSIG_E_STATE);
    assert_int_equal(csig_session_recv(g.s[0], bytes, len), CSIG_OK);

    assert_int_equal(csig_session_phase(g.s[0]), CSIG_STORE);
    assert_int_equal(csig_session_pending(g.s[0]), 0);
    reply_len = 0;
    assert_int_equal(csig_online_reply(g.s[0], NULL, &reply_len), CSIG_E_BUFFER);
    assert_int_equal(csig_online_reply(g.s[0], reply, &reply_len), CSIG_OK);
    assert_int_equal(csig_session_confirm(g.s[0]), CSIG_OK);
    while (csig_session_pending(g.s[0]) > 0) {
        assert_int_equal(csig_session_send(g.s[0], bytes, sizeof bytes, &len), CSIG_OK);
        assert_memory_equal(bytes, reply + at, len);
        assert_int_equal(csig_session_recv(g.s[1], reply + at, len), CSIG_OK);
        at += len;
    }
    assert_int_equal(at, reply_len);
    assert_int_equal(csig_session_phase(g.s[1]), CSIG_DONE);
    assert_int_equal(csig_session_send(g.s[1], bytes, sizeof bytes, &len), CSIG_OK);
    assert_int_equal(csig_session_recv(g.s[0], bytes, len), CSIG_OK);
    signing_expect_signature(&g, &intent);
    signing_free(&g);
    dealer_free(d);
}

static int setup(void **state)
{
    (void)state;
    random_seed(33);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_of_two),
        cmocka_unit_test(two_of_three_any_pair),
        cmocka_unit_test(three_of_three),
        cmocka_unit_test(three_of_five),
        cmocka_unit_test(through_a_sealed_file),
        cmocka_unit_test(one_exchange_after_one_write),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
