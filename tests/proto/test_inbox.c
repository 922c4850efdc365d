/* The order of the checks, and junk: what is not validly signed changes nothing at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/toy.h"

static toy_group g;
static toy_mail first[3]; /* everybody's broadcast of round 1 */

static int setup(void **state)
{
    (void)state;
    toy_group_init(&g, 3, 1);
    toy_group_start(&g, &toy_protocol, TOY_NOBODY);
    for (uint16_t j = 0; j < 3; j++)
        first[j] = toy_take(g.s[j]);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    toy_group_free(&g);
    return 0;
}

/* --- refusals: nothing changes but what can be asked --- */

static void expect_refused(csig_session *s, const uint8_t *in, size_t len, csig_err err)
{
    static csig_session before;
    static csig_rng rng;

    memcpy(&before, s, sizeof before);
    rng = s->secrets->rng;
    assert_int_equal(csig_session_recv(s, in, len), err);
    assert_int_equal(s->blame.err, err);
    assert_int_equal(s->blame.culprit, 0);
    assert_int_equal(s->blame.round, s->round + 1);
    memcpy(&before.blame, &s->blame, sizeof before.blame);
    assert_memory_equal(&before, s, sizeof before);
    assert_memory_equal(&rng, &s->secrets->rng, sizeof rng);
}

static void expect_mail_refused(const toy_mail *m, csig_err err)
{
    expect_refused(g.s[0], m->bytes, m->len, err);
}

static void truncated_and_extended_envelopes_are_refused(void **state)
{
    toy_mail m = first[1];

    (void)state;
    for (size_t len = 0; len < m.len; len++)
        expect_refused(g.s[0], m.bytes, len, CSIG_E_LENGTH);
    expect_refused(g.s[0], m.bytes, m.len + 1, CSIG_E_LENGTH);
    assert_int_equal(toy_give(g.s[0], &m), CSIG_OK);
}

/* One wrong thing in an otherwise right header, signed by the sender. Where two things are wrong
 * the one that is looked at first is named. */
static void the_header_is_checked_in_order(void **state)
{
    const struct {
        csig_err err;
        size_t at;
        uint8_t value;
    } wrong[] = {
        /* each line leaves the lines above it right and every line below it wrong */
        {CSIG_E_KIND, 0, 2},      {CSIG_E_VERSION, 1, 2}, {CSIG_E_LEVEL, 2, 1},
        {CSIG_E_FORMAT, 5, 3},    {CSIG_E_SESSION, 3, 1}, {CSIG_E_SENDER, 7, 99},
        {CSIG_E_SESSION, 10, 77}, /* and with a signature of nobody */
    };
    const size_t n = CSIG_ARRAY_LEN(wrong);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        toy_mail m = first[1];

        for (size_t k = i; k < n; k++)
            m.bytes[wrong[k].at] = wrong[k].value;
        memset(m.bytes + m.len - CSIG_ED_SIG_BYTES, 0, CSIG_ED_SIG_BYTES);
        expect_mail_refused(&m, wrong[i].err);
    }
}

static void only_parties_of_the_session_may_speak_and_only_to_this_one(void **state)
{
    const uint16_t strangers[] = {0, 2, 5, 99, UINT16_MAX};
    csig_header h;

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(strangers); i++) {
        toy_mail m = first[1];

        toy_header(&h, &m);
        h.from = strangers[i];
        toy_resign(&m, &h, &g.key[1]);
        expect_mail_refused(&m, CSIG_E_SENDER);
    }
    expect_mail_refused(&first[0], CSIG_E_SENDER); /* its own broadcast comes back */
    toy_header(&h, &first[1]);
    h.cast = CSIG_CAST_ONE;
    h.to = g.index[2];
    toy_resign(&first[1], &h, &g.key[1]);
    expect_mail_refused(&first[1], CSIG_E_SENDER);
}

static void what_the_sender_did_not_sign_is_refused(void **state)
{
    toy_mail m = first[1];
    csig_header h;

    (void)state;
    memset(m.bytes + m.len - CSIG_ED_SIG_BYTES, 0, CSIG_ED_SIG_BYTES);
    expect_mail_refused(&m, CSIG_E_SIGNATURE);
    for (size_t i = CSIG_HEADER_BYTES; i < m.len; i += 7) {
        m = first[1];
        m.bytes[i] ^= 0x10;
        expect_mail_refused(&m, CSIG_E_SIGNATURE);
    }
    /* in another's name */
    m = first[1];
    toy_header(&h, &m);
    h.from = g.index[2];
    toy_resign(&m, &h, &g.key[1]);
    expect_mail_refused(&m, CSIG_E_SIGNATURE);
}

static void other_rounds_are_refused(void **state)
{
    /* rounds 2 and 3 may be early */
    const uint8_t rounds[] = {0, 2 + CSIG_ROUNDS_AHEAD, 5, 255};
    csig_header h;

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(rounds); i++) {
        toy_mail m = first[1];

        toy_header(&h, &m);
        h.round = rounds[i];
        toy_resign(&m, &h, &g.key[1]);
        expect_mail_refused(&m, CSIG_E_ROUND);
    }
}

static void an_envelope_of_another_session_is_refused(void **state)
{
    static toy_group other;
    toy_mail m;

    (void)state;
    toy_group_init(&other, 3, 2);
    toy_group_start(&other, &toy_protocol, TOY_NOBODY);
    for (int i = 0; i < 2; i++)
        toy_sweep(&other);
    m = toy_take(other.s[1]); /* round 2: says nothing about the inputs */
    assert_true(m.len > 0);
    expect_mail_refused(&m, CSIG_E_SESSION);
    m = toy_take(other.s[1]); /* p2p, for party 0 */
    expect_mail_refused(&m, CSIG_E_SESSION);
    toy_group_free(&other);
}

static uint64_t noise = 1;

static uint8_t next_noise(void)
{
    noise = noise * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return (uint8_t)(noise >> 56);
}

static void junk_changes_nothing(void **state)
{
    toy_mail m;

    (void)state;
    for (int i = 0; i < 3000; i++) {
        const bool plausible = i % 2 == 0;

        m = first[1];
        if (!plausible) m.len = (size_t)next_noise() * 3;
        for (size_t k = 0; k < m.len; k++) {
            if (!plausible || next_noise() < 4) m.bytes[k] = next_noise();
        }
        if (m.len == first[1].len && memcmp(m.bytes, first[1].bytes, m.len) == 0) continue;
        assert_int_not_equal(toy_give(g.s[0], &m), CSIG_OK);
        assert_int_equal(csig_session_phase(g.s[0]), CSIG_RUNNING);
        assert_int_equal(csig_err_class(toy_blame(g.s[0]).err), CSIG_CLASS_INPUT);
        assert_false(g.s[0]->seen[0][1][CSIG_CAST_ALL]);
    }
    assert_int_equal(toy_give(g.s[0], &first[1]), CSIG_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(truncated_and_extended_envelopes_are_refused),
        TEST(the_header_is_checked_in_order),
        TEST(only_parties_of_the_session_may_speak_and_only_to_this_one),
        TEST(what_the_sender_did_not_sign_is_refused),
        TEST(other_rounds_are_refused),
        TEST(an_envelope_of_another_session_is_refused),
        TEST(junk_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
