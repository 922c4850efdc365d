/* Pi-sch: honest proofs, and everything that must not pass for one. */
#include "zk/sch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/random.h"
#include "support/trap.h"
#include "support/zk.h"

#define USE CSIG_LABEL_ZK_SCH_SHARE

/* One statement with an honest proof. */
typedef struct sample {
    csig_scalar x;
    csig_point X, A;
    csig_zk_sch proof;
    csig_zk_sch_stmt stmt;
    csig_transcript tr;
} sample;

static void make(sample *s, zk_world *w)
{
    csig_scalar alpha;

    zk_random_point(&s->X, &s->x, w);
    assert_int_equal(csig_zk_sch_commit(&alpha, &s->A, &w->env), CSIG_OK);
    s->stmt = (csig_zk_sch_stmt){.X = &s->X, .A = &s->A};
    zk_transcript(&s->tr, USE);
    csig_zk_sch_prove(&s->proof, &s->tr, &s->stmt, &alpha, &s->x);
    assert_true(csig_scalar_is_zero(&alpha)); /* wiped */
}

/* A second challenge for one nonce would give x away. */
static void prove_again(void *arg)
{
    sample *s = arg;
    csig_scalar wiped = {{0}};

    csig_zk_sch_prove(&s->proof, &s->tr, &s->stmt, &wiped, &s->x);
}

static void a_nonce_serves_once(void **state)
{
    sample s;

    make(&s, *state);
    assert_true(trap_is_hit(prove_again, &s));
}

static csig_err judge(void *ctx, const uint8_t *in, size_t len)
{
    const sample *s = ctx;
    csig_zk_sch p;

    CSIG_TRY(csig_wire_read(csig_zk_sch_wire, &p, in, len));
    return csig_zk_sch_verify(&p, &s->tr, &s->stmt);
}

static void honest_proofs_are_accepted(void **state)
{
    for (uint64_t seed = 0; seed < 8; seed++) {
        sample s;

        random_seed(seed);
        make(&s, *state);
        assert_int_equal(csig_zk_sch_verify(&s.proof, &s.tr, &s.stmt), CSIG_OK);
    }
}

/* The challenge by hand: the paper's equation, and the order of the items. */
static void challenge_covers_statement(void **state)
{
    csig_transcript t;
    csig_point G, zG, eX, sum;
    csig_scalar e;
    sample s;

    make(&s, *state);
    t = s.tr;
    csig_point_generator(&G);
    csig_transcript_point(&t, &G);
    csig_transcript_point(&t, &s.X);
    csig_transcript_point(&t, &s.A);
    csig_transcript_challenge_scalar(&t, &e);
    assert_true(csig_point_has_mul_g_var(&zG, &s.proof.z));
    assert_true(csig_point_has_mul_var(&eX, &e, &s.X));
    assert_true(csig_point_has_add(&sum, &s.A, &eX));
    assert_true(csig_point_is_eq(&zG, &sum));
}

static void altered_fields_are_refused(void **state)
{
    uint8_t octets[CSIG_SCALAR_BYTES];
    csig_scalar minus_one;
    csig_int q;
    sample s;

    make(&s, *state);
    csig_wire_write(csig_zk_sch_wire, &s.proof, octets, sizeof octets);
    csig_scalar_set_u32(&minus_one, 1);
    csig_scalar_neg(&minus_one, &minus_one);
    csig_scalar_to_int(&q, &minus_one); /* q - 1; the largest and q itself are no scalars */

    const zk_octets o = {csig_zk_sch_wire, octets, sizeof octets, judge, &s, &q, 1};
    assert_int_equal(zk_field_count(csig_zk_sch_wire), 1);
    assert_true(zk_refuses_altered_fields(&o, 0, 1) >= 7);
    zk_refuses_lengths_and_zeros(&o);
    memset(octets, 0xff, sizeof octets);
    assert_int_equal(judge(&s, octets, sizeof octets), CSIG_E_FORMAT);
}

static void altered_statements_are_refused(void **state)
{
    csig_point other;
    csig_scalar x;
    sample s;

    make(&s, *state);
    zk_random_point(&other, &x, *state);
    const csig_zk_sch_stmt wrong[] = {
        {.X = &other, .A = &s.A}, {.X = &s.X, .A = &other}, {.X = &s.A, .A = &s.X}};
    for (size_t i = 0; i < CSIG_ARRAY_LEN(wrong); i++)
        assert_int_equal(csig_zk_sch_verify(&s.proof, &s.tr, &wrong[i]), CSIG_E_PROOF);

    csig_point_neg(&other, &s.X);
    assert_int_equal(csig_zk_sch_verify(&s.proof, &s.tr, &wrong[0]), CSIG_E_PROOF);
}

static void A3_B5_proof_from_other_context_is_refused(void **state)
{
    csig_transcript other[ZK_OTHERS];
    sample s;

    make(&s, *state);
    zk_other_transcripts(other, USE);
    for (size_t i = 0; i < ZK_OTHERS; i++)
        assert_int_equal(csig_zk_sch_verify(&s.proof, &other[i], &s.stmt), CSIG_E_PROOF);
}

/* A = zG - gX answers the challenge g that was guessed, and no other. */
static void guessed_challenge_is_refused(void **state)
{
    csig_scalar z, g;
    csig_point zG, gX;
    sample s;

    make(&s, *state);
    csig_scalar_random(&z, &((zk_world *)*state)->rng, "test");
    csig_scalar_random(&g, &((zk_world *)*state)->rng, "test");
    assert_true(csig_point_has_mul_g_var(&zG, &z));
    assert_true(csig_point_has_mul_var(&gX, &g, &s.X));
    csig_point_neg(&gX, &gX);
    assert_true(csig_point_has_add(&s.A, &zG, &gX));
    s.proof.z = z;
    assert_int_equal(csig_zk_sch_verify(&s.proof, &s.tr, &s.stmt), CSIG_E_PROOF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_proofs_are_accepted),
        cmocka_unit_test(a_nonce_serves_once),
        cmocka_unit_test(challenge_covers_statement),
        cmocka_unit_test(altered_fields_are_refused),
        cmocka_unit_test(altered_statements_are_refused),
        cmocka_unit_test(A3_B5_proof_from_other_context_is_refused),
        cmocka_unit_test(guessed_challenge_is_refused),
    };

    return cmocka_run_group_tests(tests, zk_world_new, zk_world_free);
}
