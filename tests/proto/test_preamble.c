/* The front of the first broadcast: parties with different inputs learn which one differs (C10),
 * and keys to encrypt to are keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "proto/toy.h"

static toy_group g;

/* Everything that a session's id may hold, one input for each field there is. */
static const char *const names[] = {
    "purpose", "mode",   "key",  "epoch", "parties", "signers", "identities", "aux",
    "path",    "digest", "type", "nonce", "request", "input",   "threshold",  "public key",
};

/* Party `self` sees the inputs with `other` (or more of them) different. */
static void inputs(uint16_t self, int other, int more)
{
    csig_ssid *s = &g.ssid[self];

    csig_ssid_begin(s, CSIG_LABEL_TEST_A);
    for (int i = 0; i < (int)CSIG_ARRAY_LEN(names); i++)
        csig_ssid_add_u64(s, names[i], i == other ? 1 : 0);
    for (int i = 0; i < more; i++)
        csig_ssid_add_u64(s, "more", 1);
    csig_ssid_end(s);
}

static void start(void)
{
    toy_group_start(&g, &toy_protocol, TOY_NOBODY);
}

static int setup(void **state)
{
    (void)state;
    toy_group_init(&g, 2, 1);
    inputs(0, -1, 0);
    inputs(1, -1, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    toy_group_free(&g);
    return 0;
}

/* Both hear of it, nothing has changed, nobody is blamed; an envelope of this session is taken. */
static void expect_difference(const char *at_0, const char *at_1)
{
    const toy_mail m[2] = {toy_take(g.s[0]), toy_take(g.s[1])};
    const char *where[2] = {at_0, at_1};

    for (int i = 0; i < 2; i++) {
        csig_blame blame;

        assert_int_equal(toy_give(g.s[i], &m[1 - i]), CSIG_E_SSID);
        blame = toy_blame(g.s[i]);
        assert_int_equal(blame.err, CSIG_E_SSID);
        assert_int_equal(csig_err_class(blame.err), CSIG_CLASS_BENIGN);
        assert_string_equal(blame.where, where[i]);
        assert_int_equal(blame.culprit, 0);
        assert_int_equal(csig_session_phase(g.s[i]), CSIG_RUNNING);
        assert_int_equal(csig_session_pending(g.s[i]), 0);
        assert_false(g.s[i]->seen[0][1 - i][CSIG_CAST_ALL]);
    }
    toy_group_free(&g);
}

static void c10_every_input_that_differs_is_named(void **state)
{
    (void)state;
    for (int i = 0; i < (int)CSIG_ARRAY_LEN(names); i++) {
        inputs(1, i, 0);
        start();
        expect_difference(names[i], names[i]);
    }
}

static void c10_the_first_of_several_differences_is_named(void **state)
{
    (void)state;
    inputs(0, 9, 0);
    inputs(1, 3, 0);
    start();
    expect_difference("epoch", "epoch");
}

static void c10_one_party_has_more_inputs(void **state)
{
    (void)state;
    inputs(1, -1, 1);
    start();
    expect_difference("inputs", "more");
}

static void c10_other_parties_and_another_threshold(void **state)
{
    toy_mail m;

    (void)state;
    /* three parties think they are three, the fourth's session has four */
    toy_group_init(&g, 4, 1);
    for (uint16_t j = 0; j < 4; j++)
        inputs(j, j == 3 ? 4 : -1, 0);
    assert_int_equal(toy_session(&g, &toy_protocol, 3, false), CSIG_OK);
    assert_int_equal(csig_session_start(g.s[3]), CSIG_OK);
    m = toy_take(g.s[3]);
    g.n = 3;
    g.index[2] = g.index[3]; /* under the name of the third */
    memcpy(g.identity[2], g.identity[3], CSIG_ID_BYTES);
    assert_int_equal(toy_session(&g, &toy_protocol, 0, false), CSIG_OK);
    assert_int_equal(csig_session_start(g.s[0]), CSIG_OK);
    assert_int_equal(toy_give(g.s[0], &m), CSIG_E_SSID);
    assert_string_equal(toy_blame(g.s[0]).where, "parties");
    g.n = 4;
}

static void expect_other_session(const toy_mail *m)
{
    assert_int_equal(toy_give(g.s[0], m), CSIG_E_SESSION);
    assert_int_equal(toy_blame(g.s[0]).culprit, 0);
    assert_int_equal(csig_session_phase(g.s[0]), CSIG_RUNNING);
}

static void without_a_difference_it_is_another_session(void **state)
{
    toy_mail m;
    csig_header h;

    (void)state;
    start();
    m = toy_take(g.s[1]);
    toy_header(&h, &m);
    h.ssid[0] ^= 1;
    toy_resign(&m, &h, &g.key[1]);
    expect_other_session(&m);
}

static void only_a_signed_first_broadcast_tells_of_a_difference(void **state)
{
    toy_mail m, right;
    csig_header h;

    (void)state;
    inputs(1, 5, 0);
    start();
    right = m = toy_take(g.s[1]);
    m.bytes[m.len - 1] ^= 1; /* signature */
    expect_other_session(&m);
    m = right;
    toy_header(&h, &m);
    h.round = 2;
    toy_resign(&m, &h, &g.key[1]);
    expect_other_session(&m);
    h.round = 1;
    h.cast = CSIG_CAST_ECHO;
    toy_resign(&m, &h, &g.key[1]);
    expect_other_session(&m);
    h.cast = CSIG_CAST_ALL;
    h.body_len = (uint32_t)csig_preamble_bytes(g.s[0]) - 1; /* cut within the digests */
    toy_resign(&m, &h, &g.key[1]);
    expect_other_session(&m);
    h.protocol = CSIG_PROTOCOL_KEYGEN;
    h.version = csig_envelope_version(CSIG_PROTOCOL_KEYGEN);
    toy_resign(&m, &h, &g.key[1]);
    expect_other_session(&m);
    assert_int_equal(toy_give(g.s[0], &right), CSIG_E_SSID);
}

/* --- the same session, a lie in the preamble --- */

static void expect_lie(size_t at, const uint8_t *value, size_t len)
{
    toy_mail m;
    csig_header h;
    csig_blame blame;

    start();
    m = toy_take(g.s[1]);
    toy_header(&h, &m);
    memcpy(m.bytes + CSIG_HEADER_BYTES + at, value, len);
    toy_resign(&m, &h, &g.key[1]);
    assert_int_equal(toy_give(g.s[0], &m), CSIG_E_MESSAGE);
    blame = toy_blame(g.s[0]);
    assert_int_equal(blame.culprit, g.index[1]);
    assert_int_equal(blame.round, 1);
    toy_group_free(&g);
}

static void digests_of_the_same_session_are_the_same(void **state)
{
    const uint8_t other[CSIG_SSID_DIGEST_BYTES] = {1, 2, 3};

    (void)state;
    for (size_t i = 0; i < CSIG_SSID_FIELDS; i++)
        expect_lie(CSIG_EPH_BYTES + i * sizeof other, other, sizeof other);
}

static void keys_of_small_order_are_refused(void **state)
{
    /* order 1, 2 (X25519 ignores the top bit) and 8 */
    const uint8_t small[4][CSIG_EPH_BYTES] = {
        {0},
        {1},
        {[31] = 0x80},
        {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
         0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
         0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
    };

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(small); i++)
        expect_lie(0, small[i], CSIG_EPH_BYTES);
}

static void without_encryption_there_is_no_key(void **state)
{
    const csig_round *const rounds[] = {toy_protocol.rounds[0]};
    csig_protocol p = toy_protocol;
    toy_mail m[2];

    (void)state;
    p.encrypts = false;
    p.rounds = rounds;
    p.count = 1;
    toy_group_start(&g, &p, TOY_NOBODY);
    assert_int_equal(csig_preamble_bytes(g.s[0]), CSIG_SSID_FIELDS * CSIG_SSID_DIGEST_BYTES);
    m[0] = toy_take(g.s[0]);
    m[1] = toy_take(g.s[1]);
    assert_int_equal(m[0].len, CSIG_ENVELOPE_OVERHEAD + csig_preamble_bytes(g.s[0]) + 64);
    assert_memory_equal(m[0].bytes + CSIG_HEADER_BYTES, g.ssid[0].digest, sizeof g.ssid[0].digest);
    assert_int_equal(toy_give(g.s[0], &m[1]), CSIG_OK);
    assert_int_equal(csig_session_phase(g.s[0]), CSIG_DONE);
    toy_group_free(&g);
    /* and the difference is found in its place */
    inputs(1, 7, 0);
    toy_group_start(&g, &p, TOY_NOBODY);
    expect_difference("aux", "aux");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(c10_every_input_that_differs_is_named),
        TEST(c10_the_first_of_several_differences_is_named),
        TEST(c10_one_party_has_more_inputs),
        TEST(c10_other_parties_and_another_threshold),
        TEST(without_a_difference_it_is_another_session),
        TEST(only_a_signed_first_broadcast_tells_of_a_difference),
        TEST(digests_of_the_same_session_are_the_same),
        TEST(keys_of_small_order_are_refused),
        TEST(without_encryption_there_is_no_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
