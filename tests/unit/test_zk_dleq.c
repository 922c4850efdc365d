/* Pi-dleq: honest proofs, and everything that must not pass for one. */
#include "zk/dleq.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/random.h"
#include "support/zk.h"

#define USE         CSIG_LABEL_ZK_DLEQ_MASK
#define PROOF_BYTES (2 * CSIG_POINT_BYTES + CSIG_SCALAR_BYTES)

/* One statement with an honest proof. */
typedef struct sample {
    csig_scalar y;
    csig_point Y, P, D;
    csig_zk_dleq proof;
    csig_zk_dleq_stmt stmt;
    csig_transcript tr;
} sample;

static void make(sample *s, zk_world *w)
{
    csig_scalar p;

    zk_random_point(&s->Y, &s->y, w);
    zk_random_point(&s->P, &p, w);
    assert_true(csig_point_has_mul_var(&s->D, &s->y, &s->P));
    s->stmt = (csig_zk_dleq_stmt){.Y = &s->Y, .P = &s->P, .D = &s->D};
    zk_transcript(&s->tr, USE);
    assert_int_equal(csig_zk_dleq_prove(&s->proof, &w->env, &s->tr, &s->stmt, &s->y), CSIG_OK);
}

static csig_err judge(void *ctx, const uint8_t *in, size_t len)
{
    const sample *s = ctx;
    csig_zk_dleq p;

    CSIG_TRY(csig_wire_read(csig_zk_dleq_wire, &p, in, len));
    return csig_zk_dleq_verify(&p, &s->tr, &s->stmt);
}

static void honest_proofs_are_accepted(void **state)
{
    for (uint64_t seed = 0; seed < 8; seed++) {
        sample s;

        random_seed(seed);
        make(&s, *state);
        assert_int_equal(csig_zk_dleq_verify(&s.proof, &s.tr, &s.stmt), CSIG_OK);
    }
}

/* z P = B + e D, with e by hand: the order of the items. */
static void challenge_covers_statement(void **state)
{
    const csig_point *absorbed[4];
    csig_point G, zP, eD, sum;
    csig_transcript t;
    csig_scalar e;
    uint8_t first[2 * CSIG_POINT_BYTES];
    sample s;

    make(&s, *state);
    t = s.tr;
    csig_point_generator(&G);
    absorbed[0] = &G, absorbed[1] = &s.Y, absorbed[2] = &s.P, absorbed[3] = &s.D;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(absorbed); i++)
        csig_transcript_point(&t, absorbed[i]);
    csig_point_to_bytes(first, &s.proof.A);
    csig_point_to_bytes(first + CSIG_POINT_BYTES, &s.proof.B);
    csig_transcript_bytes(&t, first, sizeof first);
    csig_transcript_challenge_scalar(&t, &e);
    assert_true(csig_point_has_mul_var(&zP, &s.proof.z, &s.P));
    assert_true(csig_point_has_mul_var(&eD, &e, &s.D));
    assert_true(csig_point_has_add(&sum, &s.proof.B, &eD));
    assert_true(csig_point_is_eq(&zP, &sum));
}

static void altered_fields_are_refused(void **state)
{
    uint8_t octets[PROOF_BYTES];
    csig_scalar minus_one;
    csig_int q;
    sample s;

    make(&s, *state);
    assert_int_equal(csig_wire_size(csig_zk_dleq_wire), PROOF_BYTES);
    csig_wire_write(csig_zk_dleq_wire, &s.proof, octets, sizeof octets);
    csig_scalar_set_u32(&minus_one, 1);
    csig_scalar_neg(&minus_one, &minus_one);
    csig_scalar_to_int(&q, &minus_one);

    const zk_octets o = {csig_zk_dleq_wire, octets, sizeof octets, judge, &s, &q, 1};
    assert_int_equal(zk_field_count(csig_zk_dleq_wire), 3);
    assert_true(zk_refuses_altered_fields(&o, 0, 3) >= 7);
    zk_refuses_lengths_and_zeros(&o);
}

static void altered_statements_are_refused(void **state)
{
    csig_point other;
    csig_scalar x;
    sample s;

    make(&s, *state);
    zk_random_point(&other, &x, *state);
    const csig_zk_dleq_stmt wrong[] = {{.Y = &other, .P = &s.P, .D = &s.D},
                                       {.Y = &s.Y, .P = &other, .D = &s.D},
                                       {.Y = &s.Y, .P = &s.P, .D = &other},
                                       {.Y = &s.D, .P = &s.P, .D = &s.Y}};
    for (size_t i = 0; i < CSIG_ARRAY_LEN(wrong); i++)
        assert_int_equal(csig_zk_dleq_verify(&s.proof, &s.tr, &wrong[i]), CSIG_E_PROOF);
}

/* One equation without the other: y for G, another one for P, and the other way round. */
static void half_a_proof_is_refused(void **state)
{
    zk_world *w = *state;
    csig_scalar other;
    sample s;

    make(&s, w);
    csig_scalar_random(&other, &w->rng, "test");
    assert_true(csig_point_has_mul_var(&s.D, &other, &s.P));
    assert_int_equal(csig_zk_dleq_prove(&s.proof, &w->env, &s.tr, &s.stmt, &s.y), CSIG_OK);
    assert_int_equal(csig_zk_dleq_verify(&s.proof, &s.tr, &s.stmt), CSIG_E_PROOF);
    assert_int_equal(csig_zk_dleq_prove(&s.proof, &w->env, &s.tr, &s.stmt, &other), CSIG_OK);
    assert_int_equal(csig_zk_dleq_verify(&s.proof, &s.tr, &s.stmt), CSIG_E_PROOF);
}

static void A3_B5_proof_from_other_context_is_refused(void **state)
{
    csig_transcript other[ZK_OTHERS];
    sample s;

    make(&s, *state);
    zk_other_transcripts(other, USE);
    for (size_t i = 0; i < ZK_OTHERS; i++)
        assert_int_equal(csig_zk_dleq_verify(&s.proof, &other[i], &s.stmt), CSIG_E_PROOF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_proofs_are_accepted),
        cmocka_unit_test(challenge_covers_statement),
        cmocka_unit_test(altered_fields_are_refused),
        cmocka_unit_test(altered_statements_are_refused),
        cmocka_unit_test(half_a_proof_is_refused),
        cmocka_unit_test(A3_B5_proof_from_other_context_is_refused),
    };

    return cmocka_run_group_tests(tests, zk_world_new, zk_world_free);
}
