/* Pi-dec: honest proofs, and everything that must not pass for one. */
#include "zk/dec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/random.h"
#include "support/zk_rows.h"

static const csig_int one = {.limbs = 1, .d = {1}};
static const csig_int zero = {.limbs = 0};
static dec_sample s, o; /* large */

static void make(zk_world *w)
{
    dec_random_statement(&s, w);
    dec_prove(&s);
}

static csig_err judge(void *ctx, const uint8_t *in, size_t len)
{
    (void)ctx;
    CSIG_TRY(csig_wire_read(csig_zk_dec_wire, &s.proof, in, len));
    return dec_verify(&s);
}

/* rho, by the owner of the key alone. */
static void expect_root(zk_world *w)
{
    csig_int got, want;
    csig_sec rho;

    assert_int_equal(csig_zk_dec_root(&rho, &w->env, &w->party[0].own_key, &s.K, &s.x_q, &s.D),
                     CSIG_OK);
    csig_sec_reveal(&got, &rho);
    csig_sec_reveal(&want, &s.rho);
    assert_true(csig_int_is_eq(&got, &want));
}

static void honest_proofs_are_accepted(void **state)
{
    zk_world *w = *state;
    csig_int d, k;

    random_seed(1);
    for (int i = 0; i < 3; i++) {
        make(w);
        expect_root(w);
        assert_int_equal(dec_verify(&s), CSIG_OK);
    }
    assert_int_equal(csig_wire_size(csig_zk_dec_wire), DEC_PROOF_BYTES);

    /* The paper's prover speaks the same language. */
    dec_prove_with(&s, 0, &one, &one);
    assert_int_equal(dec_verify(&s), CSIG_OK);

    /* The ends of y's range: what proven answers of 15 peers can add up to. */
    for (int sign = -1; sign <= 1; sign += 2) {
        csig_int_pow2(&d, CSIG_ZK_DEC_Y_BITS);
        csig_int_sub(&d, &d, &one);
        if (sign < 0) csig_int_neg(&d, &d);
        csig_int_pow2(&k, 255);
        if (sign > 0) csig_int_neg(&k, &k);
        dec_statement(&s, w, &k, &one, &d);
        dec_prove(&s);
        assert_int_equal(dec_verify(&s), CSIG_OK);
    }
}

/* Every field of some rounds, in first messages and responses. */
static void altered_fields_are_refused(void **state)
{
    uint8_t *octets = malloc(DEC_PROOF_BYTES);
    zk_world *w = *state;
    csig_int special[4];

    make(w);
    assert_non_null(octets);
    csig_wire_write(csig_zk_dec_wire, &s.proof, octets, DEC_PROOF_BYTES);
    special[0] = w->party[0].key.ring.n;
    special[1] = w->party[0].key.ring.nn;
    special[2] = w->party[1].key.ring.nn;
    csig_sec_reveal(&special[3], &w->party[0].n_factors.p);

    const zk_octets all = {csig_zk_dec_wire, octets, DEC_PROOF_BYTES, judge, NULL, special, 4};
    assert_int_equal(zk_field_count(csig_zk_dec_wire), 6 * 128);
    assert_true(zk_refuses_altered_fields(&all, 0, 61) >= 12 * 5);
    zk_refuses_lengths_and_zeros(&all);
    dec_prove(&s);
    for (size_t i = 0; i < 128; i += 18) { /* each chunk */
        csig_int_add(&s.proof.row[i].nu, &s.proof.row[i].nu, &one);
        assert_int_equal(dec_verify(&s), CSIG_E_PROOF);
        csig_int_sub(&s.proof.row[i].nu, &s.proof.row[i].nu, &one);
    }
    free(octets);
}

static void B2_ciphertexts_outside_the_group_are_refused(void **state)
{
    zk_world *w = *state;
    const csig_paillier *k = &w->party[0].key;
    csig_int bad[6];

    make(w);
    for (int place = 0; place < 2; place++) {
        const csig_int *good[2] = {&s.K, &s.D};
        const csig_int **const item[2] = {&s.stmt.K, &s.stmt.D};

        bad[0] = zero;
        bad[1] = one;
        bad[2] = k->ring.n;
        bad[3] = k->ring.nn;
        csig_int_add(&bad[4], good[place], &k->ring.nn);
        csig_sec_reveal(&bad[5], &w->party[0].n_factors.p);
        for (size_t i = 0; i < CSIG_ARRAY_LEN(bad); i++) {
            *item[place] = &bad[i];
            assert_int_equal(dec_verify(&s), CSIG_E_PROOF);
        }
        *item[place] = good[place];
    }
    assert_int_equal(dec_verify(&s), CSIG_OK);
}

/* Zero solves the equation mod N^2: all of them at once, the points apart. */
static void B2_zeros_are_refused(void **state)
{
    make(*state);
    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        const csig_point B = s.proof.row[i].B, C = s.proof.row[i].C;

        memset(&s.proof.row[i], 0, sizeof s.proof.row[i]);
        s.proof.row[i].B = B;
        s.proof.row[i].C = C;
    }
    assert_int_equal(dec_verify(&s), CSIG_E_PROOF);
}

static void altered_statements_are_refused(void **state)
{
    zk_world *w = *state;
    csig_zk_dec_stmt wrong[6];
    csig_int K, D;
    csig_scalar p;
    csig_point P;

    make(w);
    zk_random_point(&P, &p, w);
    csig_int_mulm(&K, &s.K, &s.K, &s.stmt.prover->ring.nn);
    csig_int_mulm(&D, &s.D, &s.D, &s.stmt.prover->ring.nn);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(wrong); i++)
        wrong[i] = s.stmt;
    wrong[0].prover = &w->party[1].key;
    wrong[1].K = &K;
    wrong[2].D = &D;
    wrong[3].X = &P;
    wrong[4].S = &P;
    wrong[5].base = &P;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(wrong); i++) {
        s.stmt = wrong[i];
        assert_int_equal(dec_verify(&s), CSIG_E_PROOF);
    }
}

static void A3_B5_proof_from_other_context_is_refused(void **state)
{
    csig_transcript other[ZK_OTHERS];

    make(*state);
    zk_other_transcripts(other, CSIG_LABEL_ZK_DEC_DELTA);
    for (size_t i = 0; i < ZK_OTHERS; i++) {
        s.tr = other[i];
        assert_int_equal(dec_verify(&s), CSIG_E_PROOF);
    }
    zk_transcript(&s.tr, CSIG_LABEL_ZK_DEC_CHI); /* the proof of delta shown for chi */
    assert_int_equal(dec_verify(&s), CSIG_E_PROOF);
}

/* An honest prover of a false statement; each equation fails alone. */
static void B3_false_statements_cannot_be_proven(void **state)
{
    zk_world *w = *state;
    csig_int k, d, other;
    csig_scalar y_q;

    csig_int_pow2(&k, 200);
    csig_int_pow2(&d, 1280);

    dec_statement(&o, w, &k, &k, &d); /* delta + 1: S is not of the plaintext */
    csig_int_add(&other, &o.y, &one);
    csig_scalar_from_int(&y_q, &other);
    assert_true(csig_point_has_mul_var(&o.S, &y_q, &o.base));
    dec_prove(&o);
    assert_int_equal(dec_verify(&o), CSIG_E_PROOF);

    dec_statement(&o, w, &k, &k, &d); /* X of another x */
    csig_point_neg(&o.X, &o.X);
    dec_prove(&o);
    assert_int_equal(dec_verify(&o), CSIG_E_PROOF);

    dec_statement(&o, w, &k, &k, &d); /* y + 1, and S of it: not what K^x D holds */
    csig_int_add(&o.y, &o.y, &one);
    zk_sec(&o.y_sec, &o.y);
    csig_scalar_from_int(&y_q, &o.y);
    assert_true(csig_point_has_mul_var(&o.S, &y_q, &o.base));
    dec_prove(&o);
    assert_int_equal(dec_verify(&o), CSIG_E_PROOF);
}

static void B1_ranges_are_exact(void **state)
{
    const csig_env cut = {.engine = &zk_failing_engine};
    csig_int alpha = one, beta = one;

    /* An engine that fails tells who got past the ranges. */
    dec_random_statement(&s, *state);
    dec_prove(&s);
    for (int sign = -1; sign <= 1; sign += 2)
        for (int add = 0; add <= 1; add++)
            for (size_t i = 0; i < CSIG_REPEAT; i += 127) {
                csig_zk_dec_row *row = &s.proof.row[i];
                const csig_zk_dec_row was = *row;

                zk_bound(&row->z, sign, ROWS_Z_BITS, &one, add);
                assert_int_equal(csig_zk_dec_verify(&s.proof, &cut, &s.tr, &s.stmt),
                                 add == 0 ? CSIG_E_ENGINE : CSIG_E_PROOF);
                *row = was;
                zk_bound(&row->w, sign, ROWS_DEC_W_BITS, &one, add);
                assert_int_equal(csig_zk_dec_verify(&s.proof, &cut, &s.tr, &s.stmt),
                                 add == 0 ? CSIG_E_ENGINE : CSIG_E_PROOF);
                *row = was;
            }
    /* With x = y = 1 the masks are as close to the bound as any challenge allows. */
    dec_statement(&s, *state, &one, &one, &zero);
    for (int sign = -1; sign <= 1; sign += 2)
        for (int add = 0; add <= 1; add++) {
            zk_bound(&alpha, sign, ROWS_Z_BITS, &one, add);
            zk_bound(&beta, sign, ROWS_DEC_W_BITS, &one, add);
            if ((sign > 0) == (add == 0)) {
                csig_int_sub(&alpha, &alpha, &one);
                csig_int_sub(&beta, &beta, &one);
            }
            dec_prove_with(&s, 77, sign < 0 || add == 0 ? &alpha : &one, &beta);
            assert_int_equal(dec_verify(&s), add == 0 ? CSIG_OK : CSIG_E_PROOF);
        }
}

static void B1_large_secrets_are_refused(void **state)
{
    static const struct {
        uint32_t x, y;
        csig_err want;
    } bits[] = {
        {256, 1797, CSIG_OK}, {768, 1280, CSIG_E_PROOF}, {256, ROWS_DEC_W_BITS, CSIG_E_PROOF}};
    csig_int x, d;

    for (size_t i = 0; i < CSIG_ARRAY_LEN(bits); i++) {
        csig_int_pow2(&x, bits[i].x);
        csig_int_pow2(&d, bits[i].y);
        dec_statement(&s, *state, &one, &x, &d);
        dec_prove_with(&s, 0, &one, &one);
        assert_int_equal(dec_verify(&s), bits[i].want);
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
        cmocka_unit_test(B1_ranges_are_exact),
        cmocka_unit_test(B1_large_secrets_are_refused),
    };

    return cmocka_run_group_tests(tests, zk_parties_new, zk_parties_free);
}
