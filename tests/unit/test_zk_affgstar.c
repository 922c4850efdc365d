/* Pi-aff-g*: honest proofs, and everything that must not pass for one. */
#include "zk/affgstar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/random.h"
#include "support/zk_rows.h"

static const csig_int one = {.limbs = 1, .d = {1}};
static affgstar_sample s, o; /* large */

static void make(zk_world *w)
{
    affgstar_random_statement(&s, w);
    affgstar_prove(&s);
}

static csig_err judge(void *ctx, const uint8_t *in, size_t len)
{
    (void)ctx;
    CSIG_TRY(csig_wire_read(csig_zk_affgstar_wire, &s.proof, in, len));
    return affgstar_verify(&s);
}

static void honest_proofs_are_accepted(void **state)
{
    zk_world *w = *state;
    csig_int y;

    random_seed(1);
    make(w);
    assert_int_equal(affgstar_verify(&s), CSIG_OK);
    assert_int_equal(csig_wire_size(csig_zk_affgstar_wire), AFFGSTAR_PROOF_BYTES);

    /* By those who know one of the keys; and the paper's prover speaks the same language. */
    s.stmt.receiver = &w->party[1].own_key;
    assert_int_equal(affgstar_verify(&s), CSIG_OK);
    affgstar_prove_with(&s, 0, &one, &one);
    assert_int_equal(affgstar_verify(&s), CSIG_OK);

    /* The ends of y's range. */
    for (int sign = -1; sign <= 1; sign += 2) {
        csig_int_pow2(&y, CSIG_ELL_P);
        if (sign < 0) csig_int_neg(&y, &y);
        affgstar_statement(&s, w, &one, &y);
        affgstar_prove(&s);
        assert_int_equal(affgstar_verify(&s), CSIG_OK);
    }
}

/* Every field of some rounds, in first messages and responses; of all others one octet. */
static void altered_fields_are_refused(void **state)
{
    uint8_t *octets = malloc(AFFGSTAR_PROOF_BYTES);
    zk_world *w = *state;
    csig_int special[5];

    make(w);
    assert_non_null(octets);
    csig_wire_write(csig_zk_affgstar_wire, &s.proof, octets, AFFGSTAR_PROOF_BYTES);
    special[0] = w->party[0].key.ring.n;
    special[1] = w->party[0].key.ring.nn;
    special[2] = w->party[1].key.ring.n;
    special[3] = w->party[1].key.ring.nn;
    csig_sec_reveal(&special[4], &w->party[1].n_factors.p);

    const zk_octets all = {
        csig_zk_affgstar_wire, octets, AFFGSTAR_PROOF_BYTES, judge, NULL, special, 5};
    assert_int_equal(zk_field_count(csig_zk_affgstar_wire), 7 * 128);
    assert_true(zk_refuses_altered_fields(&all, 0, 128 + 1) >= 7 * 5);
    assert_true(zk_refuses_altered_fields(&all, 3 * 128 + 2, 171) >= 3 * 5);
    zk_refuses_lengths_and_zeros(&all);
    for (size_t i = 0; i < 128; i += 18) { /* each chunk */
        csig_int *field = i % 4 == 0 ? &s.proof.row[i].u : &s.proof.row[i].lambda;

        csig_int_add(field, field, &one);
        assert_int_equal(affgstar_verify(&s), CSIG_E_PROOF);
        csig_int_sub(field, field, &one);
    }
    free(octets);
}

static void B2_ciphertexts_outside_the_group_are_refused(void **state)
{
    zk_world *w = *state;
    csig_int bad[6];

    make(w);
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
            assert_int_equal(affgstar_verify(&s), CSIG_E_PROOF);
        }
        *item[place] = good[place];
    }
    assert_int_equal(affgstar_verify(&s), CSIG_OK);
}

/* Zero solves the equations mod N^2: all of them at once, the points apart. */
static void B2_zeros_are_refused(void **state)
{
    make(*state);
    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        const csig_point R = s.proof.row[i].R;

        memset(&s.proof.row[i], 0, sizeof s.proof.row[i]);
        s.proof.row[i].R = R;
    }
    assert_int_equal(affgstar_verify(&s), CSIG_E_PROOF);
}

static void altered_statements_are_refused(void **state)
{
    zk_world *w = *state;
    csig_zk_affgstar_stmt wrong[6];
    csig_int C, D, Y;
    csig_scalar p;
    csig_point P;

    make(w);
    zk_random_point(&P, &p, w);
    csig_int_mulm(&C, &s.C, &s.C, &s.stmt.receiver->ring.nn);
    csig_int_mulm(&D, &s.D, &s.D, &s.stmt.receiver->ring.nn);
    csig_int_mulm(&Y, &s.Y, &s.Y, &s.stmt.prover->ring.nn);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(wrong); i++)
        wrong[i] = s.stmt;
    wrong[0].prover = &w->party[2].key;
    wrong[1].receiver = &w->party[2].key;
    wrong[2].C = &C;
    wrong[3].D = &D;
    wrong[4].Y = &Y;
    wrong[5].X = &P;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(wrong); i++) {
        s.stmt = wrong[i];
        assert_int_equal(affgstar_verify(&s), CSIG_E_PROOF);
    }
}

static void A3_B5_proof_from_other_context_is_refused(void **state)
{
    csig_transcript other[ZK_OTHERS];

    make(*state);
    zk_other_transcripts(other, CSIG_LABEL_ZK_AFFGSTAR_GAMMA);
    for (size_t i = 0; i < ZK_OTHERS; i++) {
        s.tr = other[i];
        assert_int_equal(affgstar_verify(&s), CSIG_E_PROOF);
    }
    zk_transcript(&s.tr, CSIG_LABEL_ZK_AFFGSTAR_X); /* the proof of gamma shown for x */
    assert_int_equal(affgstar_verify(&s), CSIG_E_PROOF);
}

/* An honest prover of a false statement; each equation fails alone. */
static void B3_false_statements_cannot_be_proven(void **state)
{
    zk_world *w = *state;
    csig_int x, y;

    affgstar_random_statement(&s, w);
    csig_int_add(&x, &s.x, &one);
    csig_int_add(&y, &s.y, &one);

    affgstar_statement(&o, w, &x, &s.y); /* D of gamma + 1 */
    o.x_q = s.x_q, o.X = s.X;
    affgstar_prove(&o);
    assert_int_equal(affgstar_verify(&o), CSIG_E_PROOF);

    affgstar_statement(&o, w, &s.x, &s.y); /* X of another party */
    csig_point_neg(&o.X, &o.X);
    affgstar_prove(&o);
    assert_int_equal(affgstar_verify(&o), CSIG_E_PROOF);

    affgstar_statement(&o, w, &s.x, &s.y); /* D and Y of different y */
    zk_encrypt(&o.Y, &o.rho_y, w, &w->party[0].own_key, &y);
    affgstar_prove(&o);
    assert_int_equal(affgstar_verify(&o), CSIG_E_PROOF);
}

/* With x = 1 and y = 0 the responses are the masks, or one more, and land where we want them. */
static void B1_ranges_are_exact(void **state)
{
    const csig_env cut = {.engine = &zk_failing_engine};
    const csig_int zero = {.limbs = 0};
    csig_int alpha = one, beta = one;

    affgstar_statement(&s, *state, &one, &zero);
    for (int sign = -1; sign <= 1; sign += 2)
        for (int add = 0; add <= 1; add++) {
            zk_bound(&alpha, sign, ROWS_Z_BITS, &one, add);
            if ((sign > 0) == (add == 0)) csig_int_sub(&alpha, &alpha, &one);
            zk_bound(&beta, sign, ROWS_AFFG_W_BITS, &one, 0);
            affgstar_prove_with(&s, 7, &alpha, &beta);
            assert_true(csig_int_is_eq(&s.proof.row[7].w, &beta));
            assert_int_equal(affgstar_verify(&s), add == 0 ? CSIG_OK : CSIG_E_PROOF);

            /* An engine that fails tells who got past the ranges. */
            for (size_t i = 0; i < CSIG_REPEAT; i += 127) {
                csig_zk_affgstar_row *row = &s.proof.row[i];
                const csig_zk_affgstar_row was = *row;

                s.proof.row[7].z = zero;
                zk_bound(&row->z, sign, ROWS_Z_BITS, &one, add);
                assert_int_equal(csig_zk_affgstar_verify(&s.proof, &cut, &s.tr, &s.stmt),
                                 add == 0 ? CSIG_E_ENGINE : CSIG_E_PROOF);
                *row = was;
                zk_bound(&row->w, sign, ROWS_AFFG_W_BITS, &one, add);
                assert_int_equal(csig_zk_affgstar_verify(&s.proof, &cut, &s.tr, &s.stmt),
                                 add == 0 ? CSIG_E_ENGINE : CSIG_E_PROOF);
                *row = was;
            }
        }
}

static void B1_large_secrets_are_refused(void **state)
{
    static const struct {
        uint32_t x, y;
        csig_err want;
    } bits[] = {{256, 1280, CSIG_OK}, {768, 1280, CSIG_E_PROOF}, {256, 1792, CSIG_E_PROOF}};
    csig_int x, y;

    for (size_t i = 0; i < CSIG_ARRAY_LEN(bits); i++) {
        csig_int_pow2(&x, bits[i].x);
        csig_int_pow2(&y, bits[i].y);
        affgstar_statement(&s, *state, &x, &y);
        affgstar_prove_with(&s, 0, &one, &one);
        assert_int_equal(affgstar_verify(&s), bits[i].want);
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
