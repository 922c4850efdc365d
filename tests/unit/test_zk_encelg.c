/* Pi-enc-elg: honest proofs, and everything that must not pass for one. */
#include "zk/encelg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/random.h"
#include "support/zk_party.h"

#define USE         CSIG_LABEL_ZK_ENCELG_K
#define FIRST_BYTES (2 * CSIG_N_BYTES + CSIG_NN_BYTES + 2 * CSIG_POINT_BYTES)
#define Z1_BITS     768 /* |z1| <= 2^768 */
#define Z3_BITS     769 /* |z3| <= 2^769 N^ */
#define PROOF_BYTES (FIRST_BYTES + 98 + 32 + CSIG_N_BYTES + 1 + 97 + CSIG_N_BYTES)

/* One statement, by party 0 for party 1, with an honest proof. */
typedef struct sample {
    zk_world *w;
    csig_int x, C;
    csig_scalar x_q, b, y;
    csig_sec rho;
    csig_point A, B, X;
    csig_zk_encelg proof;
    csig_zk_encelg_stmt stmt; /* as the verifier sees it */
    csig_transcript tr;
} sample;

/* C = enc(x), A = yG, B = bG, X = bA + xG */
static void make_statement(sample *s, zk_world *w, const csig_int *x)
{
    s->w = w;
    s->x = *x;
    zk_encrypt(&s->C, &s->rho, w, &w->party[0].own_key, x);
    zk_random_point(&s->A, &s->y, w);
    zk_random_point(&s->B, &s->b, w);
    csig_scalar_from_int(&s->x_q, x);
    assert_true(csig_point_has_mul_var(&s->X, &s->b, &s->A));
    if (!csig_scalar_is_zero(&s->x_q)) {
        csig_point xG;

        assert_true(csig_point_has_mul_g_var(&xG, &s->x_q));
        assert_true(csig_point_has_add(&s->X, &s->X, &xG));
    }
    s->stmt = (csig_zk_encelg_stmt){.prover = &w->party[0].key,
                                    .verifier = &w->party[1].own_ring,
                                    .C = &s->C,
                                    .A = &s->A,
                                    .B = &s->B,
                                    .X = &s->X};
    zk_transcript(&s->tr, USE);
}

static csig_err verify(const sample *s)
{
    return csig_zk_encelg_verify(&s->proof, &s->w->env, &s->tr, &s->stmt);
}

static void prove(sample *s, const csig_pedersen *verifier)
{
    csig_zk_encelg_stmt mine = s->stmt;
    const csig_zk_encelg_wit wit = {.x = &s->x_q, .rho = &s->rho, .b = &s->b, .y = &s->y};

    mine.prover = &s->w->party[0].own_key;
    mine.verifier = verifier;
    assert_int_equal(csig_zk_encelg_prove(&s->proof, &s->w->env, &s->tr, &mine, &wit), CSIG_OK);
}

static void make(sample *s, zk_world *w)
{
    csig_scalar k;
    csig_int x;

    csig_scalar_random(&k, &w->rng, "test");
    csig_scalar_to_int(&x, &k);
    make_statement(s, w, &x);
    prove(s, &w->party[1].ring);
}

static csig_err judge(void *ctx, const uint8_t *in, size_t len)
{
    sample *s = ctx;

    CSIG_TRY(csig_wire_read(csig_zk_encelg_wire, &s->proof, in, len));
    return verify(s);
}

static void challenge(csig_int *e, const sample *s)
{
    uint8_t octets[PROOF_BYTES];
    csig_transcript t = s->tr;
    csig_point G;

    csig_point_generator(&G);
    csig_wire_write(csig_zk_encelg_wire, &s->proof, octets, sizeof octets);
    csig_transcript_nat(&t, &s->stmt.prover->ring.n, CSIG_N_BYTES);
    csig_transcript_nat(&t, &s->stmt.verifier->ring.n, CSIG_N_BYTES);
    csig_transcript_nat(&t, &s->stmt.verifier->s, CSIG_N_BYTES);
    csig_transcript_nat(&t, &s->stmt.verifier->t, CSIG_N_BYTES);
    csig_transcript_point(&t, &G);
    csig_transcript_nat(&t, s->stmt.C, CSIG_NN_BYTES);
    csig_transcript_point(&t, s->stmt.A);
    csig_transcript_point(&t, s->stmt.B);
    csig_transcript_point(&t, s->stmt.X);
    csig_transcript_bytes(&t, octets, FIRST_BYTES);
    csig_transcript_challenge(&t, e);
}

/* A prover that follows the paper with the masks it is told: S = RP(x, mu), T = RP(alpha, gamma).
 */
static void prove_with(sample *s, const csig_int *alpha, const csig_int *mu, const csig_int *gamma)
{
    const csig_pedersen *v = s->stmt.verifier;
    csig_zk_encelg *p = &s->proof;
    csig_scalar a, beta, e_q;
    csig_point alphaG;
    csig_int e;
    csig_sec r;

    memset(p, 0, sizeof *p);
    zk_encrypt(&p->D, &r, s->w, s->stmt.prover, alpha);
    zk_commit(&p->S, v, &s->x, mu);
    zk_commit(&p->T, v, alpha, gamma);
    zk_random_point(&p->Z, &beta, s->w);
    csig_scalar_from_int(&a, alpha);
    assert_true(csig_point_has_mul_g_var(&alphaG, &a));
    assert_true(csig_point_has_mul_var(&p->Y, &beta, &s->A));
    assert_true(csig_point_has_add(&p->Y, &p->Y, &alphaG));

    challenge(&e, s);
    csig_scalar_from_int(&e_q, &e);
    zk_response(&p->z1, alpha, &e, &s->x);
    csig_scalar_response(&p->w, &beta, &e_q, &s->b);
    zk_unit_response(&p->z2, &r, &e, &s->rho, &s->stmt.prover->ring.n);
    zk_response(&p->z3, gamma, &e, mu);
}

static void honest_proofs_are_accepted(void **state)
{
    sample s;

    for (uint64_t seed = 0; seed < 4; seed++) {
        random_seed(seed);
        make(&s, *state);
        assert_int_equal(verify(&s), CSIG_OK);
    }
    assert_int_equal(csig_wire_size(csig_zk_encelg_wire), PROOF_BYTES);

    /* By a third party, who knows no factor. */
    s.stmt.verifier = &s.w->party[1].ring;
    assert_int_equal(verify(&s), CSIG_OK);

    /* Without tables; the smallest x and the largest. */
    csig_pedersen plain = s.w->party[1].ring;
    csig_int x;

    plain.s_comb = plain.t_comb = NULL;
    for (int i = 0; i < 2; i++) {
        csig_scalar k;

        csig_scalar_set_u32(&k, 1);
        if (i == 1) csig_scalar_neg(&k, &k);
        csig_scalar_to_int(&x, &k);
        make_statement(&s, *state, &x);
        prove(&s, &plain);
        assert_int_equal(verify(&s), CSIG_OK);
    }
}

static void altered_fields_are_refused(void **state)
{
    uint8_t octets[PROOF_BYTES];
    csig_int special[8], one;
    sample s;

    make(&s, *state);
    csig_wire_write(csig_zk_encelg_wire, &s.proof, octets, sizeof octets);
    csig_int_set_u64(&one, 1);
    special[0] = s.stmt.prover->ring.n;
    special[1] = s.stmt.prover->ring.nn;
    special[2] = s.stmt.verifier->ring.n;
    csig_int_sub(&special[3], &special[0], &one);
    csig_int_sub(&special[4], &special[1], &one);
    csig_int_sub(&special[5], &special[2], &one);
    csig_sec_reveal(&special[6], &s.w->party[0].n_factors.p);
    csig_sec_reveal(&special[7], &s.w->party[1].hat_factors.p);

    const zk_octets o = {csig_zk_encelg_wire, octets, sizeof octets, judge, &s, special, 8};
    assert_int_equal(zk_field_count(csig_zk_encelg_wire), 9);
    assert_true(zk_refuses_altered_fields(&o, 0, 1) >= 9 * 6 + 25);
    zk_refuses_lengths_and_zeros(&o);
}

/* B2: ciphertexts that solve the equations of nothing. */
static void B2_ciphertext_outside_the_group_is_refused(void **state)
{
    csig_int bad[6], one;
    sample s;

    make(&s, *state);
    csig_int_set_u64(&one, 1);
    csig_int_set_u64(&bad[0], 0);
    bad[1] = one;
    bad[2] = s.stmt.prover->ring.nn;
    csig_int_add(&bad[3], &s.C, &s.stmt.prover->ring.nn); /* the same class, not reduced */
    bad[4] = s.stmt.prover->ring.n;
    csig_sec_reveal(&bad[5], &s.w->party[0].n_factors.p);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(bad); i++) {
        const csig_zk_encelg good = s.proof;

        s.stmt.C = &bad[i];
        assert_int_equal(verify(&s), CSIG_E_PROOF);
        memset(&s.proof.S, 0, sizeof s.proof.S); /* zeros throughout, the points apart */
        memset(&s.proof.T, 0, sizeof s.proof.T);
        memset(&s.proof.D, 0, sizeof s.proof.D);
        memset(&s.proof.z2, 0, sizeof s.proof.z2);
        assert_int_equal(verify(&s), CSIG_E_PROOF);
        s.proof = good;
    }
}

static void altered_statements_are_refused(void **state)
{
    zk_world *w = *state;
    csig_pedersen other_s, other_t;
    csig_point P;
    csig_scalar p;
    csig_int C;
    sample s;

    make(&s, w);
    zk_random_point(&P, &p, w);
    csig_int_mulm(&C, &s.C, &s.C, &s.stmt.prover->ring.nn);
    other_s = other_t = w->party[1].ring;
    other_s.s = other_s.t;
    other_t.t = other_t.s;
    other_s.s_comb = other_t.t_comb = NULL;

    csig_zk_encelg_stmt wrong[8];
    for (size_t i = 0; i < CSIG_ARRAY_LEN(wrong); i++)
        wrong[i] = s.stmt;
    wrong[0].prover = &w->party[2].key;
    wrong[1].verifier = &w->party[2].own_ring;
    wrong[2].verifier = &other_s;
    wrong[3].verifier = &other_t;
    wrong[4].C = &C;
    wrong[5].A = &P;
    wrong[6].B = &P;
    wrong[7].X = &P;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(wrong); i++) {
        s.stmt = wrong[i];
        assert_int_equal(verify(&s), CSIG_E_PROOF);
    }
}

static void A3_B5_proof_from_other_context_is_refused(void **state)
{
    csig_transcript other[ZK_OTHERS];
    sample s;

    make(&s, *state);
    zk_other_transcripts(other, USE);
    for (size_t i = 0; i < ZK_OTHERS; i++) {
        s.tr = other[i];
        assert_int_equal(verify(&s), CSIG_E_PROOF);
    }
    zk_transcript(&s.tr, CSIG_LABEL_ZK_ENCELG_G); /* the proof of K shown for G */
    assert_int_equal(verify(&s), CSIG_E_PROOF);
}

/* An honest prover of a false statement: each equation fails alone. */
static void false_statements_cannot_be_proven(void **state)
{
    const csig_int one = {.limbs = 1, .d = {1}};
    sample s, o;

    make(&s, *state);
    make(&o, *state);
    for (int i = 0; i < 3; i++) {
        const sample good = s;

        if (i == 0) s.rho = o.rho;              /* enc(z1; z2) = D C^e */
        if (i == 1) csig_point_neg(&s.X, &s.X); /* wA + z1 G = Y + eX */
        if (i == 2) csig_point_neg(&s.B, &s.B); /* wG = Z + eB */
        prove(&s, &s.w->party[1].ring);
        assert_int_equal(verify(&s), CSIG_E_PROOF);
        s = good;
        s.stmt.C = &s.C, s.stmt.A = &s.A, s.stmt.B = &s.B, s.stmt.X = &s.X;
    }
    csig_int_add(&s.proof.z3, &s.proof.z3, &one); /* RP(z1, z3) = T S^e */
    assert_int_equal(verify(&s), CSIG_E_PROOF);
    csig_int_sub(&s.proof.z3, &s.proof.z3, &one);
    csig_int_add(&s.proof.z2, &s.proof.z2, &s.stmt.prover->ring.n); /* not reduced */
    assert_int_equal(verify(&s), CSIG_E_PROOF);
    csig_int_sub(&s.proof.z2, &s.proof.z2, &s.stmt.prover->ring.n);
    assert_int_equal(verify(&s), CSIG_OK);
}

/* With x = 0 and mu = 0 the responses are the masks, so that they land where we want them. */
static void B1_ranges_are_exact(void **state)
{
    zk_world *w = *state;
    const csig_int zero = {0}, one = {.limbs = 1, .d = {1}};
    const csig_int *Nh = &w->party[1].ring.ring.n;
    csig_int alpha, gamma;
    sample s;

    make_statement(&s, w, &zero);
    zk_random_below(&gamma, w, Nh);
    for (int sign = -1; sign <= 1; sign += 2)
        for (int add = 0; add <= 1; add++) {
            zk_bound(&alpha, sign, Z1_BITS, &one, add);
            prove_with(&s, &alpha, &zero, &gamma);
            assert_true(csig_int_is_eq(&s.proof.z1, &alpha));
            assert_int_equal(verify(&s), add == 0 ? CSIG_OK : CSIG_E_PROOF);
        }
    csig_int_set_u64(&alpha, 12345);
    for (int sign = -1; sign <= 1; sign += 2)
        for (int add = 0; add <= 1; add++) {
            zk_bound(&gamma, sign, Z3_BITS, Nh, add);
            prove_with(&s, &alpha, &zero, &gamma);
            assert_true(csig_int_is_eq(&s.proof.z3, &gamma));
            assert_int_equal(verify(&s), add == 0 ? CSIG_OK : CSIG_E_PROOF);
        }
}

/* An otherwise honest prover: what the slack of 2^eps allows passes (2^400: the masks of MtA are
 * sized for |x| up to 2^(l + eps)), what is beyond it does not. */
static void B1_large_secrets_are_refused(void **state)
{
    static const struct {
        uint32_t bits;
        csig_err want;
    } x[] = {{256, CSIG_OK},      {400, CSIG_OK},      {520, CSIG_E_PROOF},
             {767, CSIG_E_PROOF}, {768, CSIG_E_PROOF}, {1700, CSIG_E_PROOF}};
    zk_world *w = *state;
    csig_sec mask;
    csig_int alpha, mu, gamma, secret;
    sample s;

    for (size_t i = 0; i < CSIG_ARRAY_LEN(x); i++) {
        csig_int_pow2(&secret, x[i].bits);
        make_statement(&s, w, &secret);
        csig_sec_random_pm(&mask, &w->rng, Z1_BITS);
        csig_sec_reveal(&alpha, &mask);
        zk_random_below(&mu, w, &s.stmt.verifier->ring.n);
        csig_sec_random_pm_times(&mask, &w->rng, Z1_BITS, &s.stmt.verifier->ring.n);
        csig_sec_reveal(&gamma, &mask);
        prove_with(&s, &alpha, &mu, &gamma);
        assert_int_equal(verify(&s), x[i].want);
    }
}

/* B6 for this proof: masks have their whole length, so responses do. */
static void B6_masks_have_full_length(void **state)
{
    uint32_t z1 = 0, z3 = 0;
    csig_int first = {0};
    sample s;

    for (int i = 0; i < 12; i++) {
        make(&s, *state);
        z1 = csig_int_bits(&s.proof.z1) > z1 ? csig_int_bits(&s.proof.z1) : z1;
        z3 = csig_int_bits(&s.proof.z3) > z3 ? csig_int_bits(&s.proof.z3) : z3;
        assert_false(csig_int_is_eq(&s.proof.T, &first)); /* C7: fresh for every proof */
        first = s.proof.T;
    }
    assert_in_range(z1, Z1_BITS - 7, Z1_BITS);
    assert_in_range(z3, Z1_BITS + CSIG_N_BITS - 7, Z1_BITS + CSIG_N_BITS);
}

static void a_failing_engine_is_no_cheat(void **state)
{
    sample s;

    make(&s, *state);
    const csig_env env = {.engine = &zk_failing_engine};
    assert_int_equal(csig_zk_encelg_verify(&s.proof, &env, &s.tr, &s.stmt), CSIG_E_ENGINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_proofs_are_accepted),
        cmocka_unit_test(altered_fields_are_refused),
        cmocka_unit_test(B2_ciphertext_outside_the_group_is_refused),
        cmocka_unit_test(altered_statements_are_refused),
        cmocka_unit_test(A3_B5_proof_from_other_context_is_refused),
        cmocka_unit_test(false_statements_cannot_be_proven),
        cmocka_unit_test(B1_ranges_are_exact),
        cmocka_unit_test(B1_large_secrets_are_refused),
        cmocka_unit_test(B6_masks_have_full_length),
        cmocka_unit_test(a_failing_engine_is_no_cheat),
    };

    return cmocka_run_group_tests(tests, zk_parties_new, zk_parties_free);
}
