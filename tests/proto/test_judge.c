/* Evidence, seen by somebody who was not there: it names the culprit, and altered evidence names
 * nobody else. What sessions say of it. */
#include "proto/evidence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/evidence_sample.h"
#include "proto/sign_attack.h"
#include "proto/state.h"
#include "support/random.h"

static struct {
    uint8_t *p;
    size_t len;
    uint8_t cheat[CSIG_IDENTITY_BYTES];
} sample[EVIDENCE_SORTS];

static int setup(void **state)
{
    (void)state;
    random_seed(74);
    for (evidence_sort i = 0; i < EVIDENCE_SORTS; i++)
        sample[i].p = evidence_sample(i, &sample[i].len, sample[i].cheat);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (evidence_sort i = 0; i < EVIDENCE_SORTS; i++)
        free(sample[i].p);
    return 0;
}

static void evidence_names_the_culprit(void **state)
{
    (void)state;
    for (evidence_sort i = 0; i < EVIDENCE_SORTS; i++) {
        csig_verdict v;

        assert_int_equal(csig_evidence_verify(sample[i].p, sample[i].len, &v), CSIG_OK);
        assert_memory_equal(v.identity, sample[i].cheat, sizeof v.identity);
        assert_int_equal(v.blame.err, evidence_sample_err(i));
        assert_int_equal(v.blame.round, evidence_sample_round(i));
        assert_string_equal(v.protocol, i >= EVIDENCE_SHARE ? "keygen" : "sign");
    }
}

/* Whatever is altered, nobody else is convicted; where anything signed or hashed is, nobody. */
static void altered_evidence_convicts_nobody_else(void **state)
{
    (void)state;
    for (evidence_sort i = 0; i < EVIDENCE_SORTS; i++) {
        const size_t step = 1 + sample[i].len / 150;
        unsigned held = 0, tried = 0;

        for (size_t at = 0; at < sample[i].len; at += at < 400 ? 1 : step) {
            csig_verdict v;
            csig_err err;

            sample[i].p[at] ^= 1;
            err = csig_evidence_verify(sample[i].p, sample[i].len, &v);
            sample[i].p[at] ^= 1;
            tried++;
            if (err != CSIG_OK) {
                assert_int_equal(csig_err_class(err), CSIG_CLASS_INPUT);
                continue;
            }
            held++;
            assert_memory_equal(v.identity, sample[i].cheat, sizeof v.identity);
            /* only who accuses is bound by nothing, as it matters to nobody */
            if (at != 9 && at != 10) fail_msg("sort %d: octet %zu", (int)i, at);
        }
        assert_true(tried > 200 && held <= 2);
    }
}

static void lengths(void **state)
{
    (void)state;
    for (evidence_sort i = 0; i < EVIDENCE_SORTS; i++) {
        const size_t len = sample[i].len;
        const size_t some[] = {0, 1, 2, 3, 14, 15, 16, 100, len / 2, len - 100, len - 1};
        uint8_t *longer = malloc(len + 1);
        csig_verdict v;

        assert_non_null(longer);
        memcpy(longer, sample[i].p, len);
        longer[len] = 0;
        for (size_t k = 0; k < CSIG_ARRAY_LEN(some); k++) {
            const csig_err err = csig_evidence_verify(longer, some[k], &v);

            assert_int_equal(csig_err_class(err), CSIG_CLASS_INPUT);
            assert_int_equal(v.blame.err, CSIG_OK);
        }
        assert_int_equal(csig_evidence_verify(longer, len + 1, &v), CSIG_E_EVIDENCE);
        free(longer);
    }
}

static void front(void **state)
{
    static const csig_err errors[] = {CSIG_E_KIND, CSIG_E_VERSION, CSIG_E_LEVEL};
    csig_verdict v;

    (void)state;
    for (size_t at = 0; at < CSIG_ARRAY_LEN(errors); at++) {
        sample[0].p[at]++;
        assert_int_equal(csig_evidence_verify(sample[0].p, sample[0].len, &v), errors[at]);
        sample[0].p[at]--;
    }
    assert_int_equal(csig_evidence_verify(NULL, 10, &v), CSIG_E_ARGUMENT);
    assert_int_equal(csig_evidence_verify(sample[0].p, sample[0].len, NULL), CSIG_E_ARGUMENT);
}

/* The envelopes of one session in the evidence of another. */
static void of_another_session(void **state)
{
    uint8_t cheat[CSIG_IDENTITY_BYTES], *other;
    const size_t inputs = CSIG_CLAIM_BYTES;
    csig_verdict v;
    size_t len;

    (void)state;
    other = evidence_sample(EVIDENCE_FIRST, &len, cheat);
    assert_int_equal(len, sample[EVIDENCE_FIRST].len);
    memcpy(other + inputs + 36, sample[EVIDENCE_FIRST].p + inputs + 36, 500);
    assert_int_equal(csig_err_class(csig_evidence_verify(other, len, &v)), CSIG_CLASS_INPUT);
    free(other);
}

/* A session that has not failed, or of two, has none; and it says whom it waits for. */
static void sessions_without_evidence(void **state)
{
    dealer *d = dealer_new(2, 2, true);
    uint16_t missing[CSIG_PARTIES_MAX];
    size_t len = 5;
    attack a;

    (void)state;
    attack_init(&a, d);
    attack_open_sign(&a, VICTIM);
    assert_int_equal(csig_session_missing(a.g.s[0], missing), 1);
    assert_int_equal(missing[0], 2);
    assert_int_equal(csig_session_evidence(a.g.s[0], NULL, &len), CSIG_E_STATE);
    assert_int_equal(len, 0);
    assert_int_equal(csig_session_evidence(NULL, NULL, &len), CSIG_E_ARGUMENT);
    assert_int_equal(csig_session_evidence(a.g.s[0], NULL, NULL), CSIG_E_ARGUMENT);
    assert_null(a.g.net->party[0]->inputs.p); /* nor anything for it */
    signing_run(&a.g);
    assert_int_equal(csig_session_missing(a.g.s[0], missing), 0);
    assert_null(a.g.s[0]->log[0][0].p);
    attack_free(&a);
}

/* Honest sessions of three: nothing more leaves than before, and nobody can show anything. */
static void honest_sessions_keep_to_themselves(void **state)
{
    size_t len = 0;
    attack a;

    (void)state;
    attack_init(&a, dealer_new(3, 3, true));
    attack_sign(&a, VICTIM);
    signing_expect_signature(&a.g, &a.intent);
    for (uint16_t j = 0; j < 3; j++) {
        assert_int_equal(csig_session_evidence(a.g.s[j], NULL, &len), CSIG_E_STATE);
        assert_int_equal(csig_session_pending(a.g.s[j]), 0);
    }
    assert_int_equal(a.g.net->delivered, 2 * (3 * 6 + 2 + 1));
    attack_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evidence_names_the_culprit),
        cmocka_unit_test(altered_evidence_convicts_nobody_else),
        cmocka_unit_test(lengths),
        cmocka_unit_test(front),
        cmocka_unit_test(of_another_session),
        cmocka_unit_test(sessions_without_evidence),
        cmocka_unit_test(honest_sessions_keep_to_themselves),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
