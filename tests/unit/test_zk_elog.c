/* Pi-elog: honest proofs of both uses, and everything that must not pass for one. */
#include "zk/elog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/random.h"
#include "support/zk.h"

#define USE         CSIG_LABEL_ZK_ELOG_GAMMA
#define PROOF_BYTES (3 * CSIG_POINT_BYTES + 2 * CSIG_SCALAR_BYTES)
#define FIRST_BYTES (3 * CSIG_POINT_BYTES) /* the first message */
#define POINTS      5                      /* of a statement */

/* One statement with an honest proof: L = lambda G, M = yG + lambda X, Y = yH, X = xG. */
typedef struct sample {
    csig_scalar y, lambda, x;
    csig_point L, M, X, Y, H;
    csig_zk_elog proof;
    csig_zk_elog_stmt stmt;
    csig_zk_elog_wit wit;
    csig_transcript tr;
} sample;

static void make(sample *s, zk_world *w, bool base_is_generator)
{
    csig_point yG, lambdaX;
    csig_scalar h;

    zk_random_point(&s->L, &s->lambda, w);
    zk_random_point(&s->X, &s->x, w);
    zk_random_point(&yG, &s->y, w);
    zk_random_point(&s->H, &h, w);
    if (base_is_generator) csig_point_generator(&s->H);
    assert_true(csig_point_has_mul_var(&lambdaX, &s->lambda, &s->X));
    assert_true(csig_point_has_add(&s->M, &yG, &lambdaX));
    assert_true(csig_point_has_mul_var(&s->Y, &s->y, &s->H));
    s->stmt = (csig_zk_elog_stmt){.L = &s->L, .M = &s->M, .X = &s->X, .Y = &s->Y, .H = &s->H};
    s->wit = (csig_zk_elog_wit){.y = &s->y, .lambda = &s->lambda, .x = &s->x};
    zk_transcript(&s->tr, USE);
    assert_int_equal(csig_zk_elog_prove(&s->proof, &w->env, &s->tr, &s->stmt, &s->wit), CSIG_OK);
}

static csig_err judge(void *ctx, const uint8_t *in, size_t len)
{
    const sample *s = ctx;
    csig_zk_elog p;

    CSIG_TRY(csig_wire_read(csig_zk_elog_wire, &p, in, len));
    return csig_zk_elog_verify(&p, &s->tr, &s->stmt);
}

static void honest_proofs_are_accepted(void **state)
{
    for (uint64_t seed = 0; seed < 8; seed++) {
        sample s;

        random_seed(seed);
        make(&s, *state, seed % 2 == 0);
        assert_int_equal(csig_zk_elog_verify(&s.proof, &s.tr, &s.stmt), CSIG_OK);
    }
}

/* The three equations of the paper with the challenge by hand. */
static void challenge_covers_statement(void **state)
{
    csig_point G, left, right;
    uint8_t octets[PROOF_BYTES];
    csig_scalar e, one;
    csig_transcript t;
    sample s;

    make(&s, *state, false);
    csig_point_generator(&G);
    csig_scalar_set_u32(&one, 1);
    csig_wire_write(csig_zk_elog_wire, &s.proof, octets, sizeof octets);
    t = s.tr;
    csig_transcript_point(&t, &G);
    csig_transcript_point(&t, &s.H);
    csig_transcript_point(&t, &s.L);
    csig_transcript_point(&t, &s.M);
    csig_transcript_point(&t, &s.X);
    csig_transcript_point(&t, &s.Y);
    csig_transcript_bytes(&t, octets, FIRST_BYTES);
    csig_transcript_challenge_scalar(&t, &e);

    assert_true(csig_point_has_mul_var(&left, &s.proof.z, &G));
    zk_combine(&right, &one, &s.proof.A, &e, &s.L);
    assert_true(csig_point_is_eq(&left, &right));
    zk_combine(&left, &s.proof.u, &G, &s.proof.z, &s.X);
    zk_combine(&right, &one, &s.proof.N, &e, &s.M);
    assert_true(csig_point_is_eq(&left, &right));
    assert_true(csig_point_has_mul_var(&left, &s.proof.u, &s.H));
    zk_combine(&right, &one, &s.proof.B, &e, &s.Y);
    assert_true(csig_point_is_eq(&left, &right));
}

static void altered_fields_are_refused(void **state)
{
    uint8_t octets[PROOF_BYTES];
    sample s;

    make(&s, *state, false);
    csig_wire_write(csig_zk_elog_wire, &s.proof, octets, sizeof octets);

    const zk_octets o = {csig_zk_elog_wire, octets, sizeof octets, judge, &s, NULL, 0};
    assert_int_equal(zk_field_count(csig_zk_elog_wire), 5);
    assert_true(zk_refuses_altered_fields(&o, 0, 1) >= 5 * 6);
    zk_refuses_lengths_and_zeros(&o);
}

/* Valid points and scalars in the place of the right ones: the equations themselves refuse. */
static void exchanged_fields_are_refused(void **state)
{
    sample s, o;

    make(&s, *state, false);
    make(&o, *state, false);
    const struct {
        void *field;
        const void *value;
        size_t len;
    } swap[] = {
        {&s.proof.A, &o.proof.A, sizeof(csig_point)},
        {&s.proof.N, &o.proof.N, sizeof(csig_point)},
        {&s.proof.B, &o.proof.B, sizeof(csig_point)},
        {&s.proof.A, &s.proof.B, sizeof(csig_point)},
        {&s.proof.z, &o.proof.z, sizeof(csig_scalar)},
        {&s.proof.u, &o.proof.u, sizeof(csig_scalar)},
        {&s.proof.z, &s.proof.u, sizeof(csig_scalar)},
    };
    for (size_t i = 0; i < CSIG_ARRAY_LEN(swap); i++) {
        const csig_zk_elog good = s.proof;

        memcpy(swap[i].field, swap[i].value, swap[i].len);
        assert_int_equal(csig_zk_elog_verify(&s.proof, &s.tr, &s.stmt), CSIG_E_PROOF);
        s.proof = good;
    }
    assert_int_equal(csig_zk_elog_verify(&s.proof, &s.tr, &s.stmt), CSIG_OK);
}

static void altered_statements_are_refused(void **state)
{
    csig_point other;
    csig_scalar x;
    sample s;

    make(&s, *state, false);
    zk_random_point(&other, &x, *state);
    for (size_t i = 0; i < POINTS; i++) {
        csig_zk_elog_stmt wrong = s.stmt;
        const csig_point **const item[POINTS] = {&wrong.L, &wrong.M, &wrong.X, &wrong.Y, &wrong.H};

        *item[i] = &other;
        assert_int_equal(csig_zk_elog_verify(&s.proof, &s.tr, &wrong), CSIG_E_PROOF);
    }
}

static void A3_B5_proof_from_other_context_is_refused(void **state)
{
    csig_transcript other[ZK_OTHERS];
    sample s;

    make(&s, *state, false);
    zk_other_transcripts(other, USE);
    for (size_t i = 0; i < ZK_OTHERS; i++)
        assert_int_equal(csig_zk_elog_verify(&s.proof, &other[i], &s.stmt), CSIG_E_PROOF);
}

/* D5: gamma changed after the commitment: an honest prover cannot prove a false statement. Each of
 * the three equations is the only one that fails in turn. */
static void D5_false_statements_cannot_be_proven(void **state)
{
    zk_world *w = *state;
    csig_scalar one, y, lambda;
    csig_point P;
    sample s;

    csig_scalar_set_u32(&one, 1);
    make(&s, w, false);
    csig_scalar_add(&y, &s.y, &one);
    csig_scalar_add(&lambda, &s.lambda, &one);

    /* Y is of y + 1, M of y; L is of lambda + 1; M is of another y. */
    assert_true(csig_point_has_mul_var(&P, &y, &s.H));
    csig_zk_elog_stmt wrong = s.stmt;
    wrong.Y = &P;
    assert_int_equal(csig_zk_elog_prove(&s.proof, &w->env, &s.tr, &wrong, &s.wit), CSIG_OK);
    assert_int_equal(csig_zk_elog_verify(&s.proof, &s.tr, &wrong), CSIG_E_PROOF);

    assert_true(csig_point_has_mul_g_var(&P, &lambda));
    wrong = s.stmt;
    wrong.L = &P;
    assert_int_equal(csig_zk_elog_prove(&s.proof, &w->env, &s.tr, &wrong, &s.wit), CSIG_OK);
    assert_int_equal(csig_zk_elog_verify(&s.proof, &s.tr, &wrong), CSIG_E_PROOF);

    csig_point_generator(&P);
    assert_true(csig_point_has_add(&P, &P, &s.M));
    wrong = s.stmt;
    wrong.M = &P;
    assert_int_equal(csig_zk_elog_prove(&s.proof, &w->env, &s.tr, &wrong, &s.wit), CSIG_OK);
    assert_int_equal(csig_zk_elog_verify(&s.proof, &s.tr, &wrong), CSIG_E_PROOF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_proofs_are_accepted),
        cmocka_unit_test(challenge_covers_statement),
        cmocka_unit_test(altered_fields_are_refused),
        cmocka_unit_test(exchanged_fields_are_refused),
        cmocka_unit_test(altered_statements_are_refused),
        cmocka_unit_test(A3_B5_proof_from_other_context_is_refused),
        cmocka_unit_test(D5_false_statements_cannot_be_proven),
    };

    return cmocka_run_group_tests(tests, zk_world_new, zk_world_free);
}
