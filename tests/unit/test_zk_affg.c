/* Pi-aff-g: honest proofs, and everything that must not pass for one. */
#include "zk/affg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/random.h"
#include "support/zk_affg.h"

static const csig_int one = {.limbs = 1, .d = {1}};

static void make(affg_sample *s, zk_world *w)
{
    affg_random_statement(s, w);
    affg_prove(s);
}

static csig_err judge(void *ctx, const uint8_t *in, size_t len)
{
    affg_sample *s = ctx;

    CSIG_TRY(csig_wire_read(csig_zk_affg_wire, &s->proof, in, len));
    return affg_verify(s);
}

static void honest_proofs_are_accepted(void **state)
{
    zk_world *w = *state;
    affg_masks k;
    affg_sample s;
    csig_int y;

    for (uint64_t seed = 0; seed < 3; seed++) {
        random_seed(seed);
        make(&s, w);
        assert_int_equal(affg_verify(&s), CSIG_OK);
    }
    assert_int_equal(csig_wire_size(csig_zk_affg_wire), AFFG_PROOF_BYTES);

    /* By a third party, who knows no factor. */
    s.stmt.receiver = &w->party[1].key;
    s.stmt.verifier = &w->party[1].ring;
    assert_int_equal(affg_verify(&s), CSIG_OK);

    /* The paper's prover speaks the same language. */
    affg_random_masks(&k, &s);
    affg_prove_with(&s, &k);
    assert_int_equal(affg_verify(&s), CSIG_OK);

    /* The ends of y's range, and y = 0. */
    for (int sign = -1; sign <= 1; sign++) {
        csig_int_pow2(&y, CSIG_ELL_P);
        if (sign == 0) csig_int_sub(&y, &y, &y);
        if (sign < 0) csig_int_neg(&y, &y);
        affg_statement(&s, w, &one, &y);
        affg_prove(&s);
        assert_int_equal(affg_verify(&s), CSIG_OK);
    }
}

static void altered_fields_are_refused(void **state)
{
    uint8_t octets[AFFG_PROOF_BYTES];
    zk_world *w = *state;
    csig_int special[9];
    affg_sample s;

    make(&s, w);
    csig_wire_write(csig_zk_affg_wire, &s.proof, octets, sizeof octets);
    special[0] = w->party[0].key.ring.n;
    special[1] = w->party[0].key.ring.nn;
    special[2] = w->party[1].key.ring.n;
    special[3] = w->party[1].key.ring.nn;
    special[4] = w->party[1].ring.ring.n;
    csig_int_sub(&special[5], &special[2], &one);
    csig_int_sub(&special[6], &special[4], &one);
    csig_sec_reveal(&special[7], &w->party[1].n_factors.p);
    csig_sec_reveal(&special[8], &w->party[1].hat_factors.p);

    const zk_octets o = {csig_zk_affg_wire, octets, sizeof octets, judge, &s, special, 9};
    assert_int_equal(zk_field_count(csig_zk_affg_wire), 13);
    assert_true(zk_refuses_altered_fields(&o, 0, 1) >= 13 * 6 + 50);
    zk_refuses_lengths_and_zeros(&o);
}

/* B2: numbers outside the groups, in each place of the statement. */
static void B2_ciphertexts_outside_the_group_are_refused(void **state)
{
    zk_world *w = *state;
    csig_int bad[6];
    affg_sample s;

    make(&s, w);
    for (int place = 0; place < 3; place++) {
        const csig_paillier *k = place == 2 ? s.stmt.prover : &w->party[1].key;
        const csig_int *good[3] = {&s.C, &s.D, &s.Y};
        const csig_int **const item[3] = {&s.stmt.C, &s.stmt.D, &s.stmt.Y};

        csig_int_sub(&bad[0], &one, &one);
        bad[1] = one;
        bad[2] = k->ring.n;
        bad[3] = k->ring.nn;
        csig_int_add(&bad[4], good[place], &k->ring.nn);
        csig_sec_reveal(&bad[5], &w->party[place == 2 ? 0 : 1].n_factors.p);
        for (size_t i = 0; i < CSIG_ARRAY_LEN(bad); i++) {
            *item[place] = &bad[i];
            assert_int_equal(affg_verify(&s), CSIG_E_PROOF);
        }
        *item[place] = good[place];
    }
    assert_int_equal(affg_verify(&s), CSIG_OK);
}

/* B2: zero solves the equations mod N, N^2 and N^: all of them at once, the points apart. */
static void B2_zeros_are_refused(void **state)
{
    affg_sample s;
    csig_point Bx;

    make(&s, *state);
    Bx = s.proof.Bx;
    memset(&s.proof, 0, sizeof s.proof);
    s.proof.Bx = Bx;
    assert_int_equal(affg_verify(&s), CSIG_E_PROOF);
}

static void altered_statements_are_refused(void **state)
{
    zk_world *w = *state;
    csig_pedersen other_s, other_t;
    csig_int C, D, Y;
    csig_scalar p;
    csig_point P;
    affg_sample s;

    make(&s, w);
    zk_random_point(&P, &p, w);
    csig_int_mulm(&C, &s.C, &s.C, &s.stmt.receiver->ring.nn);
    csig_int_mulm(&D, &s.D, &s.D, &s.stmt.receiver->ring.nn);
    csig_int_mulm(&Y, &s.Y, &s.Y, &s.stmt.prover->ring.nn);
    other_s = other_t = w->party[1].ring;
    other_s.s = other_s.t;
    other_t.t = other_t.s;
    other_s.s_comb = other_t.t_comb = NULL;

    csig_zk_affg_stmt wrong[9];
    for (size_t i = 0; i < CSIG_ARRAY_LEN(wrong); i++)
        wrong[i] = s.stmt;
    wrong[0].prover = &w->party[2].key;
    wrong[1].receiver = &w->party[2].key;
    wrong[2].verifier = &w->party[2].own_ring;
    wrong[3].verifier = &other_s;
    wrong[4].verifier = &other_t;
    wrong[5].C = &C;
    wrong[6].D = &D;
    wrong[7].Y = &Y;
    wrong[8].X = &P;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(wrong); i++) {
        s.stmt = wrong[i];
        assert_int_equal(affg_verify(&s), CSIG_E_PROOF);
    }
}

static void A3_B5_proof_from_other_context_is_refused(void **state)
{
    csig_transcript other[ZK_OTHERS];
    affg_sample s;

    make(&s, *state);
    zk_other_transcripts(other, CSIG_LABEL_ZK_AFFG_GAMMA);
    for (size_t i = 0; i < ZK_OTHERS; i++) {
        s.tr = other[i];
        assert_int_equal(affg_verify(&s), CSIG_E_PROOF);
    }
    zk_transcript(&s.tr, CSIG_LABEL_ZK_AFFG_X); /* the proof of gamma shown for x */
    assert_int_equal(affg_verify(&s), CSIG_E_PROOF);
}

/* B3: an honest prover of a false statement; each equation fails alone. */
static void B3_false_statements_cannot_be_proven(void **state)
{
    zk_world *w = *state;
    csig_int x, y;
    csig_sec unused;
    affg_sample s, o;

    affg_random_statement(&s, w);
    csig_int_add(&x, &s.x, &one);
    csig_int_add(&y, &s.y, &one);

    affg_statement(&o, w, &x, &s.y); /* D of gamma + 1, or of x + 1 */
    o.x_q = s.x_q, o.X = s.X;
    affg_prove(&o);
    assert_int_equal(affg_verify(&o), CSIG_E_PROOF);

    affg_statement(&o, w, &s.x, &s.y); /* X of another party */
    csig_point_neg(&o.X, &o.X);
    affg_prove(&o);
    assert_int_equal(affg_verify(&o), CSIG_E_PROOF);

    affg_statement(&o, w, &s.x, &s.y); /* D and Y of different y */
    zk_encrypt(&o.Y, &o.rho_y, w, &w->party[0].own_key, &y);
    affg_prove(&o);
    assert_int_equal(affg_verify(&o), CSIG_E_PROOF);

    affg_statement(&o, w, &s.x, &s.y); /* Y under the receiver's key instead of the prover's */
    zk_encrypt(&o.Y, &unused, w, &w->party[1].own_key, &s.y);
    csig_int_mod(&o.Y, &o.Y, &w->party[0].key.ring.nn);
    affg_prove(&o);
    assert_int_equal(affg_verify(&o), CSIG_E_PROOF);
}

/* RP(z1, z3) and RP(z2, z4): responses of another mask fail their equation alone. And w, wy that
 * are right but not reduced. */
static void wrong_responses_are_refused(void **state)
{
    affg_sample s;

    make(&s, *state);
    const struct {
        csig_int *z;
        const csig_int *add;
    } wrong[] = {{&s.proof.z3, &one},
                 {&s.proof.z4, &one},
                 {&s.proof.w, &s.stmt.receiver->ring.n},
                 {&s.proof.wy, &s.stmt.prover->ring.n}};
    for (size_t i = 0; i < CSIG_ARRAY_LEN(wrong); i++) {
        csig_int_add(wrong[i].z, wrong[i].z, wrong[i].add);
        assert_int_equal(affg_verify(&s), CSIG_E_PROOF);
        csig_int_sub(wrong[i].z, wrong[i].z, wrong[i].add);
    }
    assert_int_equal(affg_verify(&s), CSIG_OK);
}

/* With y, m and mu zero the responses z2, z3 and z4 are the masks and land where we want them. */
static void B1_ranges_of_masks_are_exact(void **state)
{
    zk_world *w = *state;
    const csig_int zero = {.limbs = 0};
    const csig_int *Nh = &w->party[1].ring.ring.n;
    affg_masks honest;
    affg_sample s;

    affg_statement(&s, w, &one, &zero);
    affg_random_masks(&honest, &s);
    honest.m = honest.mu = zero;
    for (int sign = -1; sign <= 1; sign += 2)
        for (int add = 0; add <= 1; add++)
            for (int field = 0; field < 3; field++) {
                affg_masks k = honest;

                if (field == 0) zk_bound(&k.beta, sign, AFFG_Z2_BITS, &one, add);
                if (field == 1) zk_bound(&k.gamma, sign, AFFG_Z3_BITS, Nh, add);
                if (field == 2) zk_bound(&k.delta, sign, AFFG_Z3_BITS, Nh, add);
                affg_prove_with(&s, &k);
                assert_true(csig_int_is_eq(&s.proof.z2, &k.beta));
                assert_true(csig_int_is_eq(&s.proof.z3, &k.gamma));
                assert_true(csig_int_is_eq(&s.proof.z4, &k.delta));
                assert_int_equal(affg_verify(&s), add == 0 ? CSIG_OK : CSIG_E_PROOF);
            }
}

/* z1 = alpha + e x cannot be steered, as x = 0 has no X. So: with x = 1 the mask is put as close to
 * the bound as any challenge allows; and who gets past the range check is told by an engine that
 * fails, since equations come after it. */
static void B1_range_of_z1_is_exact(void **state)
{
    zk_world *w = *state;
    const csig_env env = {.engine = &zk_failing_engine};
    affg_masks k;
    affg_sample s;
    csig_int y, q;

    csig_int_pow2(&y, 100);
    affg_statement(&s, w, &one, &y);
    affg_random_masks(&k, &s);
    csig_int_pow2(&q, 256);
    for (int sign = -1; sign <= 1; sign += 2)
        for (int add = 0; add <= 1; add++) {
            zk_bound(&k.alpha, sign, AFFG_Z1_BITS, &one, add);
            if ((sign > 0) == (add == 0)) csig_int_sub(&k.alpha, &k.alpha, &q);
            affg_prove_with(&s, &k);
            assert_int_equal(affg_verify(&s), add == 0 ? CSIG_OK : CSIG_E_PROOF);

            zk_bound(&s.proof.z1, sign, AFFG_Z1_BITS, &one, add);
            assert_int_equal(csig_zk_affg_verify(&s.proof, &env, &s.tr, &s.stmt),
                             add == 0 ? CSIG_E_ENGINE : CSIG_E_PROOF);
        }
}

/* An otherwise honest prover. 2^400 for x is within the slack that the masks of MtA are sized for.
 */
static void B1_large_secrets_are_refused(void **state)
{
    static const struct {
        uint32_t x, y;
        csig_err want;
    } bits[] = {{256, 1280, CSIG_OK},      {400, 1280, CSIG_OK},      {520, 1280, CSIG_E_PROOF},
                {768, 1280, CSIG_E_PROOF}, {256, 1500, CSIG_OK},      {256, 1545, CSIG_E_PROOF},
                {256, 1700, CSIG_E_PROOF}, {256, 1792, CSIG_E_PROOF}, {400, 1700, CSIG_E_PROOF}};
    affg_masks k;
    affg_sample s;
    csig_int x, y;

    for (size_t i = 0; i < CSIG_ARRAY_LEN(bits); i++) {
        csig_int_pow2(&x, bits[i].x);
        csig_int_pow2(&y, bits[i].y);
        affg_statement(&s, *state, &x, &y);
        affg_random_masks(&k, &s);
        affg_prove_with(&s, &k);
        assert_int_equal(affg_verify(&s), bits[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_proofs_are_accepted),
        cmocka_unit_test(altered_fields_are_refused),
        cmocka_unit_test(B2_ciphertexts_outside_the_group_are_refused),
        cmocka_unit_test(B2_zeros_are_refused),
        cmocka_unit_test(altered_statements_are_refused),
        cmocka_unit_test(A3_B5_proof_from_other_context_is_refused),
        cmocka_unit_test(B3_false_statements_cannot_be_proven),
        cmocka_unit_test(wrong_responses_are_refused),
        cmocka_unit_test(B1_ranges_of_masks_are_exact),
        cmocka_unit_test(B1_range_of_z1_is_exact),
        cmocka_unit_test(B1_large_secrets_are_refused),
    };

    return cmocka_run_group_tests(tests, zk_parties_new, zk_parties_free);
}
